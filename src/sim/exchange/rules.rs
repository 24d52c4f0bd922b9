//! The rules of accounts: who may trade, and how much may be lost.

use crate::price::Money;
use crate::sim::exchange::account::{Account, Violation};
use crate::sim::exchange::order::OrderStatus;
use crate::sim::exchange::state::Exchange;

impl Exchange {
    /// Lets an account trade, or takes that from it; false when there is no such account. What it holds and
    /// its orders stay.
    pub(in crate::sim) fn set_can_trade(&mut self, account_id: i32, can_trade: bool) -> bool {
        let Some(account) = self.account_mut(account_id) else { return false };
        account.can_trade = can_trade;
        if can_trade && account.violation.take().is_some() {
            // It begins anew, or the next move of the market would lock it again.
            account.set_balance(account.balance);
        }
        self.publish_account(account_id);
        true
    }

    /// Gives an account another balance; false when there is no such account.
    pub(in crate::sim) fn set_balance(&mut self, account_id: i32, balance: Money) -> bool {
        let Some(account) = self.account_mut(account_id) else { return false };
        account.set_balance(balance);
        self.publish_account(account_id);
        true
    }

    /// Locks the accounts that have lost too much.
    pub(in crate::sim) fn watch_losses(&mut self) {
        let rules = self.settings.rules;
        if rules.max_loss.is_none() && rules.daily_loss.is_none() {
            return;
        }
        let is_reached = |from: Money, worth: Money, limit: Option<Money>| {
            limit.is_some_and(|limit| from.units().saturating_sub(worth.units()) >= limit.units())
        };
        let trading = self.accounts.iter().filter(|account| account.can_trade);
        let broken: Vec<(i32, Violation)> = trading
            .filter_map(|account| {
                let worth = self.worth(account);
                if is_reached(account.start_balance, worth, rules.max_loss) {
                    Some((account.id, Violation::MaxLoss))
                } else if is_reached(account.day_balance, worth, rules.daily_loss) {
                    Some((account.id, Violation::DailyLoss))
                } else {
                    None
                }
            })
            .collect();
        for (account_id, violation) in broken {
            self.lock(account_id, violation);
        }
    }

    /// The balance of an account, were everything closed at the best prices.
    fn worth(&self, account: &Account) -> Money {
        let open = account.positions.values().map(|position| {
            let quote = self.market(&position.contract).quote();
            position.open_profit_and_loss(if position.net < 0 { quote.ask } else { quote.bid }).units()
        });
        Money::from_units(open.fold(account.balance.units(), i64::saturating_add))
    }

    /// Takes an account out of the market for having broken a rule.
    fn lock(&mut self, account_id: i32, violation: Violation) {
        self.end_orders(account_id);
        if let Some(account) = self.account_mut(account_id) {
            account.can_trade = false;
            account.violation = Some(violation);
        }
        self.publish_account(account_id);
        self.flatten(account_id);
    }

    /// Cancels every working order of an account.
    pub(in crate::sim) fn end_orders(&mut self, account_id: i32) {
        let working: Vec<i64> = self
            .orders_at_work()
            .filter(|order| order.account_id == account_id)
            .map(|order| order.id)
            .collect();
        for order_id in working {
            self.end(order_id, OrderStatus::Cancelled);
        }
    }
}
