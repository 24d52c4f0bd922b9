//! The trading day of accounts: when they must be flat, and when their losses count anew.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::sim::exchange::account::Violation;
use crate::sim::exchange::state::{Exchange, Task};

/// Chicago's time of day at which trading days begin and end.
const OPENING: Duration = Duration::from_secs(17 * 3_600);

impl Exchange {
    /// Plans what the rules want of the trading day that runs.
    pub(in crate::sim) fn plan_day(&mut self) {
        let rules = self.settings.rules;
        if rules.daily_loss.is_none() && rules.max_loss.is_none() && rules.flatten_at.is_none() {
            return;
        }
        self.schedule_at(self.day_end(), Task::OpenDay);
        if let Some(at) = self.flatten_time().filter(|at| *at > self.time.now()) {
            self.schedule_at(at, Task::Flatten);
        }
    }

    /// Whether accounts are past the time at which they must be flat, and the next day has not begun.
    pub(in crate::sim) fn is_day_over(&self) -> bool {
        self.flatten_time().is_some_and(|at| self.time.now() >= at)
    }

    /// Takes every account out of the market for the rest of the day.
    pub(in crate::sim) fn flatten_all(&mut self) {
        let trading = self.accounts.iter().filter(|account| account.can_trade);
        for account_id in trading.map(|account| account.id).collect::<Vec<_>>() {
            self.end_orders(account_id);
            self.flatten(account_id);
        }
    }

    /// A trading day begins.
    pub(in crate::sim) fn open_day(&mut self) {
        self.forget_day();
        self.plan_day();
    }

    /// Goes on from what was kept at `saved`.
    pub(in crate::sim) fn resume_day(&mut self, saved: Timestamp) {
        let day = self.sessions.day_of(saved.seconds());
        if day != self.sessions.day_of(self.second()) {
            self.forget_day();
        }
    }

    /// Losses count from here, and whoever lost too much on the day before may go on.
    fn forget_day(&mut self) {
        let mut unlocked = Vec::new();
        for account in &mut self.accounts {
            account.day_balance = account.balance;
            if account.violation == Some(Violation::DailyLoss) {
                account.violation = None;
                account.can_trade = true;
                unlocked.push(account.id);
            }
        }
        for account_id in unlocked {
            self.publish_account(account_id);
        }
        // A market that was closed took no order to close what broke a rule.
        if self.sessions.is_open(self.second()) {
            for account_id in self.overdue() {
                self.flatten(account_id);
            }
        }
    }

    /// The accounts that may hold nothing: they broke a rule, or their day is over.
    pub(in crate::sim) fn overdue(&self) -> Vec<i32> {
        let is_over = self.is_day_over();
        let overdue = self
            .accounts
            .iter()
            .filter(|account| account.violation.is_some() || (is_over && account.can_trade));
        overdue.map(|account| account.id).collect()
    }

    fn flatten_time(&self) -> Option<Timestamp> {
        let before = OPENING.saturating_sub(self.settings.rules.flatten_at?);
        let nanos = i64::try_from(before.as_nanos()).unwrap_or(0);
        Some(Timestamp::from_nanos(self.day_end().nanos().saturating_sub(nanos)))
    }

    /// When the trading day ends that runs now.
    fn day_end(&self) -> Timestamp {
        let opening = self.sessions.opening(self.sessions.day_of(self.second()) + 1);
        Timestamp::from_seconds(opening)
    }

    fn second(&self) -> i64 {
        self.time.now().seconds()
    }
}
