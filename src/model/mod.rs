//! What the library talks about: accounts, contracts, orders, positions, fills, market data, events.
//!
//! Plain data in the field's own terms. Nothing here knows how a provider spells it on the wire.

mod account;
mod bar;
mod book;
mod codes;
mod contract;
mod credentials;
mod date;
mod event;
mod fill;
mod id;
mod live;
mod market;
mod order;
mod outcome;
mod position;
mod query;
mod rate_limit;
mod request;
mod symbol;
mod timing;
mod topic;
mod user_event;

pub use account::Account;
pub use bar::{Bar, BarPage, BarProgress, BarRequest};
pub use book::{Book, BookState, LastQuote, Level};
pub use codes::{BarUnit, DepthKind, OrderStatus, OrderType, PositionSide, Side};
pub use contract::Contract;
pub use credentials::AppLogin;
pub(crate) use credentials::Credentials;
pub use date::Date;
pub use event::{
    AccountEvent, Event, EventBody, EventFlags, FillEvent, Gap, Hub, Link, LinkState, Malformed, OrderEvent,
    PositionEvent, SubscriptionEvent,
};
pub use fill::Fill;
pub use id::{AccountId, ContractId, FillId, OrderId, PositionId};
pub use live::Live;
pub use market::{Depth, Quote, QuoteFields, Trade, Volume};
pub use order::{Order, Placed};
pub use outcome::{CancelOutcome, CancelReport, Resolution};
pub use position::Position;
pub use query::{OrderPage, OrderQuery, OrderSort, TimeRange};
pub use rate_limit::{RateLimit, RateLimits};
pub use request::{BracketPrice, OrderChange, OrderRequest, StopLoss};
pub(crate) use symbol::SymbolMap;
pub use symbol::{Symbol, SymbolTable};
pub use timing::HubTiming;
pub use topic::{Kinds, Topic};
