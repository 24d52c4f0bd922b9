//! Where a contract trades: its market, what orders took from it, and its past.

use crate::sim::config::SimConfig;
use crate::sim::market::bars::LiveBars;
use crate::sim::market::book::Book;
use crate::sim::market::calendar::{Sessions, day_of_date};
use crate::sim::market::contract::Contract;
use crate::sim::market::history::History;
use crate::sim::market::walk::Market;

/// Where a contract trades.
pub(in crate::sim) struct Floor {
    pub(in crate::sim) market: Market,
    pub(in crate::sim) book: Book,
    /// The time before the simulator started.
    pub(super) history: History,
    /// The time since.
    pub(super) bars: LiveBars,
    /// Whether a `Task::Move` waits for it; none does while nobody needs the market to move.
    pub(super) is_moving: bool,
    /// Whether the exchange has halted it.
    pub(super) is_halted: bool,
}

impl Floor {
    /// The market of a contract as it stands at the second `start`.
    pub(super) fn new(contract: &Contract, config: &SimConfig, start: i64) -> Floor {
        let product = contract.product;
        let sessions = Sessions(config.calendar);
        // An expired contract ends with the last day on which it was the front.
        let end = match contract.is_active {
            true => start,
            false => start.min(sessions.opening(day_of_date(contract.roll_day))),
        };
        let mut market = Market::new(product, &contract.id, config.seed);
        let history = History::new(product, config.seed, sessions, end, market.last_ticks());
        market.resume(history.previous_close(), history.unfinished_day());
        Floor {
            market,
            book: Book::default(),
            history,
            bars: LiveBars::new(),
            is_moving: false,
            is_halted: false,
        }
    }
}
