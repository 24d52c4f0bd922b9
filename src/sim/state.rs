//! What a simulator tells about itself.

use crate::clock::Timestamp;
use crate::sim::exchange::state::Exchange;

/// The state of a simulator in numbers, as [`Sim::inspect`](super::Sim::inspect) gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimState {
    /// What time it is for the simulator.
    pub now: Timestamp,
    /// Hub connections that are open.
    pub hub_connections: usize,
    /// Hub connections so far, those that have ended too.
    pub hub_connections_so_far: u64,
    /// Orders so far, rejected and final ones too.
    pub orders: usize,
    /// Orders that rest or wait for their fill.
    pub working_orders: usize,
    /// Fills so far.
    pub fills: usize,
    /// Positions that are open.
    pub positions: usize,
    /// How often a market left time out because the machine was too slow. Never with a stepped clock.
    pub skipped_moments: u64,
}

impl SimState {
    pub(in crate::sim) fn of(exchange: &Exchange, hub_connections: usize, so_far: u64) -> SimState {
        SimState {
            now: exchange.time.now(),
            hub_connections,
            hub_connections_so_far: so_far,
            orders: exchange.orders.len(),
            working_orders: exchange.working.iter().map(Vec::len).sum(),
            fills: exchange.fills.len(),
            positions: exchange.accounts.iter().map(|account| account.positions.len()).sum(),
            skipped_moments: exchange.skipped,
        }
    }
}
