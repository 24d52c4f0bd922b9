//! Whether contracts trade: sessions by the calendar, and halts of single markets.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::sim::exchange::state::{Exchange, Task};
use crate::sim::market::walk::Market;

/// Whether orders are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum TradingStatus {
    /// Orders are taken and the market moves.
    Open,
    /// Between two sessions: quotes stand.
    Closed,
    /// The exchange pauses for some seconds: quotes stand.
    Halted,
}

impl Exchange {
    /// Whether orders of a contract are taken.
    pub(in crate::sim) fn trading_status(&self, index: usize) -> TradingStatus {
        if !self.is_in_session {
            TradingStatus::Closed
        } else if self.floors[index].is_halted {
            TradingStatus::Halted
        } else {
            TradingStatus::Open
        }
    }

    /// Looks up whether the market is open, and sees to it that it opens and closes on time.
    pub(super) fn follow_calendar(&mut self, now: Timestamp) {
        let second = now.seconds();
        self.is_in_session = self.sessions.is_open(second);
        if let Some(change) = self.sessions.next_change(second) {
            let due = Timestamp::from_seconds(change);
            self.schedule_at(due, Task::ChangeSession);
        }
    }

    /// Opens or closes the market.
    pub(super) fn change_session(&mut self, due: Timestamp) {
        self.follow_calendar(due);
        if !self.is_in_session {
            return;
        }
        let active: Vec<usize> = self.catalog.active().map(|contract| contract.index).collect();
        for index in active {
            self.step(index, Market::open_day);
            self.want_market(index);
        }
    }

    /// Halts a market for some time.
    pub(super) fn halt(&mut self, index: usize, duration: Duration) {
        if self.has_halts && !self.floors[index].is_halted {
            self.floors[index].is_halted = true;
            self.schedule_at(self.time.now().saturating_add(duration), Task::EndHalt(index));
        }
    }

    /// Lets a market trade again.
    pub(super) fn end_halt(&mut self, index: usize) {
        self.floors[index].is_halted = false;
        self.want_market(index);
        // What had to be closed meanwhile was refused.
        for account_id in self.overdue() {
            self.flatten_in(account_id, |contract| contract == index);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;

    use super::*;
    use crate::net::Waiter;
    use crate::sim::config::{Calendar, SimClock, SimConfig};
    use crate::sim::hubs::outbox::Outbox;
    use crate::sim::hubs::subscribers::Topic;
    use crate::sim::time::Time;

    /// Everything that listeners to several contracts get from Friday's last minutes to Sunday's first, and
    /// how often a market halted.
    fn recorded(seed: u64) -> (String, usize) {
        let start = Timestamp::parse("2026-11-20T21:59:35Z").unwrap();
        let config = SimConfig {
            clock: SimClock::Stepped(start),
            seed,
            speed: 30.0,
            calendar: Calendar::Cme,
            halts: true,
            ..SimConfig::default()
        };
        let waiter = Waiter::new().unwrap();
        let outbox = Outbox::new(1, waiter.waker());
        let mut exchange = Exchange::new(&config, Arc::new(Time::new(config.clock)));
        let index = |code| exchange.catalog.front(code).unwrap().index;
        let (mes, yen, gas) = (index("MES"), index("JY6"), index("NQG"));
        for topic in [Topic::Quotes(mes), Topic::MarketTrades(mes), Topic::Quotes(yen), Topic::Depth(gas)] {
            exchange.subscribe(topic, &outbox);
        }
        let until = Timestamp::parse("2026-11-22T23:00:10Z").unwrap();
        let (mut text, mut records) = (String::new(), VecDeque::new());
        let mut halts = 0;
        loop {
            let before = exchange.floors.iter().filter(|floor| floor.is_halted).count();
            let next = exchange.advance(until);
            let after = exchange.floors.iter().filter(|floor| floor.is_halted).count();
            halts += after.saturating_sub(before);
            assert!(outbox.take(&mut records).is_none());
            records.drain(..).for_each(|record| text.push_str(record.as_str()));
            if next.is_none_or(|due| due > until) {
                return (text, halts);
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (text, halts) = recorded(7);
        assert!(text.len() > 1_000_000 && halts > 0, "{} bytes, {halts} halts", text.len());
        assert!(text.contains("2026-11-22T23:00:09") && !text.contains("2026-11-21T"));
        assert!(recorded(7).0 == text, "the same seed gave something else");
    }

    #[test]
    fn who_lost_too_much_in_a_halt_is_closed_after_it() {
        use crate::sim::config::AccountRules;
        use crate::sim::exchange::desk::Desk;
        use crate::sim::exchange::order::{OrderType, Side};
        use crate::sim::exchange::state::TRADING_ACCOUNT;
        use crate::sim::market::tape::Step;

        let rules = AccountRules { max_loss: Some("50".parse().unwrap()), ..AccountRules::default() };
        let mut desk = Desk::with(SimConfig { halts: true, rules, ..SimConfig::default() });
        let buy = desk.new_order(OrderType::Market, Side::Buy, 3);
        desk.exchange.place(buy).unwrap();
        desk.run(10);
        // The price runs away, and the exchange pauses.
        desk.exchange.step(desk.index, |market| {
            market.place("6990", 10);
            Step { is_quoted: true, halt: Some(Duration::from_secs(5)), ..Step::default() }
        });
        desk.exchange.watch_losses();
        desk.run(4_900);
        assert!(desk.exchange.account(TRADING_ACCOUNT).unwrap().violation.is_some());
        assert_eq!(desk.net(), 3, "nothing fills in a halt");
        desk.run(200);
        assert_eq!(desk.net(), 0);
        // A halt that ends while the position is being closed does not close it twice.
        let account = desk.exchange.account_mut(TRADING_ACCOUNT).unwrap();
        account.violation = None;
        account.can_trade = true;
        account.set_balance(account.balance);
        let buy = desk.new_order(OrderType::Market, Side::Buy, 3);
        desk.exchange.place(buy).unwrap();
        desk.run(10);
        desk.exchange.step(desk.index, |market| {
            market.place("6980", 10);
            Step { is_quoted: true, ..Step::default() }
        });
        desk.exchange.watch_losses();
        desk.exchange.end_halt(desk.index);
        desk.run(20);
        assert_eq!(desk.net(), 0);
    }
}
