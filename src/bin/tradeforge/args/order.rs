//! Options of `order`.

use clap::{Args, Subcommand, ValueEnum};
use tradeforge::{AccountId, ContractId, OrderId, OrderStatus, OrderType, Price, Side, Timestamp};

use super::{account_id, order_id, since};

/// What to do with orders.
#[derive(Debug, Subcommand)]
pub enum Order {
    /// Place an order, once. It is never sent again, whatever happens.
    Place(Place),
    /// Change a working order, once. What is not named stays as it is.
    Modify(Modify),
    /// Ask for the cancellation of an order, or of all, once.
    Cancel(Cancel),
    /// Tell what became of an order whose answer was lost. Nothing is sent again.
    Resolve(Resolve),
    /// Show one order.
    Show(Show),
    /// List the orders made since a time, oldest first.
    List(List),
}

/// Options of `order place`.
#[derive(Debug, Args)]
pub struct Place {
    /// The account that trades. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
    /// The contract to trade. [default: TS_CONTRACT]
    #[arg(long, value_name = "ID")]
    pub contract: Option<ContractId>,
    /// Buy or sell.
    #[arg(long)]
    pub side: OrderSide,
    /// The type of the order.
    #[arg(long = "type", value_name = "TYPE")]
    pub order_type: OrderKind,
    /// Contracts.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub size: i32,
    /// The worst price to trade at; limit orders need it.
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub limit: Option<Price>,
    /// The price that turns it into a market order; stop orders need it.
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub stop: Option<Price>,
    /// Where a trailing stop begins: a level, not a distance.
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub trail: Option<Price>,
    /// Ticks from the fill to a stop order that ends a loss; no sign, 4 at least. The account must be in the
    /// mode Auto OCO Brackets, and so for --take-profit.
    #[arg(long, value_name = "TICKS", allow_negative_numbers = true)]
    pub stop_loss: Option<i32>,
    /// Let that stop follow the market.
    #[arg(long, requires = "stop_loss")]
    pub trailing_stop_loss: bool,
    /// Ticks from the fill to a limit order that takes a profit; no sign, 4 at least.
    #[arg(long, value_name = "TICKS", allow_negative_numbers = true)]
    pub take_profit: Option<i32>,
    /// The key to find the order by; unique in the account, for ever. [default: a random one]
    #[arg(long, value_name = "TEXT")]
    pub tag: Option<String>,
}

/// Options of `order modify`.
#[derive(Debug, Args)]
pub struct Modify {
    /// The order's id.
    #[arg(long, value_name = "ID", value_parser = order_id)]
    pub id: OrderId,
    /// The account that placed it. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
    /// Contracts.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub size: Option<i32>,
    /// The limit price.
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub limit: Option<Price>,
    /// The stop price.
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub stop: Option<Price>,
    /// The new level of a trailing stop: a level, not a distance.
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub trail: Option<Price>,
}

/// Options of `order cancel`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["id", "all"]))]
pub struct Cancel {
    /// The order's id.
    #[arg(long, value_name = "ID", value_parser = order_id)]
    pub id: Option<OrderId>,
    /// Every order that is not final, legs that protect a position included; each is confirmed.
    #[arg(long)]
    pub all: bool,
    /// With --all, only the orders in this contract.
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub contract: Option<ContractId>,
    /// Read the order back until it is cancelled, or turns out to be filled first.
    #[arg(long)]
    pub confirm: bool,
    /// The account that placed it. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
}

/// Options of `order resolve`.
#[derive(Debug, Args)]
pub struct Resolve {
    /// The tag of the order.
    #[arg(long, value_name = "TEXT")]
    pub tag: String,
    /// When it was placed at the earliest: a time, or a span before now such as 90m, 24h or 7d.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = since)]
    pub since: Timestamp,
    /// The account that placed it. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
}

/// Options of `order show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The order's id.
    #[arg(long, value_name = "ID", value_parser = order_id)]
    pub id: OrderId,
    /// The account that placed it. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
}

/// Options of `order list`.
#[derive(Debug, Args)]
pub struct List {
    /// A time such as 2026-11-20T15:00:00Z, or a span before now such as 90m, 24h or 7d.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = since)]
    pub since: Timestamp,
    /// Orders made before this time. [default: no end]
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub until: Option<Timestamp>,
    /// Only orders in this state; may be repeated. Without it, those are left out that are pending or suspended.
    #[arg(long = "status", value_name = "STATUS", value_delimiter = ',')]
    pub statuses: Vec<Status>,
    /// Only orders in this contract, in any state.
    #[arg(long, value_name = "ID")]
    pub contract: Option<ContractId>,
    /// Only orders that are not final, whenever they were made; suspended legs of brackets too.
    #[arg(long, conflicts_with_all = ["since", "until", "statuses", "contract"])]
    pub open: bool,
    /// Only orders that work in the market, whenever they were made.
    #[arg(long, conflicts_with_all = ["since", "until", "statuses", "contract", "open"])]
    pub resting: bool,
    /// The account. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Status {
    /// Working in the market.
    Open,
    /// Filled completely.
    Filled,
    Cancelled,
    Expired,
    /// Refused.
    Rejected,
    /// On its way into the market.
    Pending,
    /// A cancel is on its way.
    PendingCancellation,
    /// Waits for its parent, as the legs of a bracket do.
    Suspended,
}

impl From<Status> for OrderStatus {
    fn from(status: Status) -> OrderStatus {
        match status {
            Status::Open => OrderStatus::Open,
            Status::Filled => OrderStatus::Filled,
            Status::Cancelled => OrderStatus::Cancelled,
            Status::Expired => OrderStatus::Expired,
            Status::Rejected => OrderStatus::Rejected,
            Status::Pending => OrderStatus::Pending,
            Status::PendingCancellation => OrderStatus::PendingCancellation,
            Status::Suspended => OrderStatus::Suspended,
        }
    }
}

/// The side of an order.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum OrderSide {
    Buy,
    Sell,
}

impl From<OrderSide> for Side {
    fn from(side: OrderSide) -> Side {
        match side {
            OrderSide::Buy => Side::Buy,
            OrderSide::Sell => Side::Sell,
        }
    }
}

/// The type of an order, as far as the gateway has one; the library tells which it can place.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum OrderKind {
    /// At once, at the market's price.
    Market,
    /// At the limit price or better.
    Limit,
    /// A market order once the stop price trades.
    Stop,
    /// A stop that follows the market.
    Trailing,
    /// A limit order at the best bid.
    JoinBid,
    /// A limit order at the best ask.
    JoinAsk,
}

impl From<OrderKind> for OrderType {
    fn from(kind: OrderKind) -> OrderType {
        match kind {
            OrderKind::Market => OrderType::Market,
            OrderKind::Limit => OrderType::Limit,
            OrderKind::Stop => OrderType::Stop,
            OrderKind::Trailing => OrderType::TrailingStop,
            OrderKind::JoinBid => OrderType::JoinBid,
            OrderKind::JoinAsk => OrderType::JoinAsk,
        }
    }
}
