//! What the library talks about: accounts, contracts, orders, positions, fills, market data, events.
//!
//! Plain data in the field's own terms. Nothing here knows how a provider spells it on the wire.

mod account;
mod bar;
mod codes;
mod contract;
mod event;
mod fill;
mod id;
mod market;
mod order;
mod position;
mod symbol;
mod topic;

pub use account::Account;
pub use bar::{Bar, BarPage, BarProgress, BarRequest};
pub use codes::{BarUnit, DepthKind, OrderStatus, OrderType, PositionSide, Side};
pub use contract::Contract;
pub use event::{
    AccountEvent, Event, EventBody, EventFlags, FillEvent, Gap, Hub, Link, LinkState, OrderEvent,
    PositionEvent, SubscriptionEvent,
};
pub use fill::Fill;
pub use id::{AccountId, ContractId, FillId, OrderId, PositionId};
pub use market::{Depth, Quote, QuoteFields, Trade, Volume};
pub use order::{Order, OrderChange, OrderRequest, Placed};
pub use position::Position;
pub use symbol::{Symbol, SymbolTable};
pub use topic::{Kinds, Topic};
