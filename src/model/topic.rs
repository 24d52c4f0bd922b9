//! What can be subscribed.

use std::ops::BitOr;

use super::event::Hub;
use super::id::{AccountId, ContractId};

/// One thing that a hub can be asked to send.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Quotes of a contract.
    Quotes(ContractId),
    /// Trades of a contract.
    Trades(ContractId),
    /// Depth of a contract.
    Depth(ContractId),
    /// Orders of an account.
    Orders(AccountId),
    /// Positions of an account.
    Positions(AccountId),
    /// Fills of an account.
    Fills(AccountId),
    /// All accounts of the user: balance and permissions.
    Accounts,
}

impl Topic {
    /// The hub that sends it.
    pub fn hub(&self) -> Hub {
        match self {
            Topic::Quotes(_) | Topic::Trades(_) | Topic::Depth(_) => Hub::Market,
            Topic::Orders(_) | Topic::Positions(_) | Topic::Fills(_) | Topic::Accounts => Hub::User,
        }
    }

    /// The kind of events it brings.
    pub fn kind(&self) -> Kinds {
        match self {
            Topic::Quotes(_) => Kinds::QUOTES,
            Topic::Trades(_) => Kinds::TRADES,
            Topic::Depth(_) => Kinds::DEPTH,
            Topic::Orders(_) => Kinds::ORDERS,
            Topic::Positions(_) => Kinds::POSITIONS,
            Topic::Fills(_) => Kinds::FILLS,
            Topic::Accounts => Kinds::ACCOUNTS,
        }
    }

    /// The market topics of `contract` that are among `kinds`.
    pub fn of_contract(contract: &ContractId, kinds: Kinds) -> Vec<Topic> {
        let all = [Topic::Quotes, Topic::Trades, Topic::Depth].map(|topic| topic(contract.clone()));
        all.into_iter().filter(|topic| kinds.contains(topic.kind())).collect()
    }

    /// The user topics of `account` that are among `kinds`.
    pub fn of_account(account: AccountId, kinds: Kinds) -> Vec<Topic> {
        let all = [Topic::Accounts, Topic::Orders(account), Topic::Positions(account), Topic::Fills(account)];
        all.into_iter().filter(|topic| kinds.contains(topic.kind())).collect()
    }
}

/// A set of event kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Kinds(u32);

impl Kinds {
    /// Quotes.
    pub const QUOTES: Kinds = Kinds(1);
    /// Trades of the market.
    pub const TRADES: Kinds = Kinds(1 << 1);
    /// Depth of market.
    pub const DEPTH: Kinds = Kinds(1 << 2);
    /// Orders of an account.
    pub const ORDERS: Kinds = Kinds(1 << 3);
    /// Positions of an account.
    pub const POSITIONS: Kinds = Kinds(1 << 4);
    /// Fills of an account.
    pub const FILLS: Kinds = Kinds(1 << 5);
    /// Balance and permissions of an account.
    pub const ACCOUNTS: Kinds = Kinds(1 << 6);
    /// Everything about a contract.
    pub const MARKET: Kinds = Kinds(0b111);
    /// Everything about an account.
    pub const USER: Kinds = Kinds(0b111_1000);

    /// The set with these bits; `None` when a bit means nothing.
    pub const fn from_bits(bits: u32) -> Option<Kinds> {
        if bits & !(Kinds::MARKET.0 | Kinds::USER.0) == 0 { Some(Kinds(bits)) } else { None }
    }

    /// The bits.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of `kinds` are in.
    pub const fn contains(self, kinds: Kinds) -> bool {
        self.0 & kinds.0 == kinds.0
    }

    /// Whether none is in.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Kinds {
    type Output = Kinds;

    fn bitor(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }
}
