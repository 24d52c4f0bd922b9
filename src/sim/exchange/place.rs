//! Placing orders: what the exchange accepts, and what it answers.

use std::borrow::Cow;

use crate::price::Price;
use crate::sim::config::BracketMode;
use crate::sim::exchange::brackets::Brackets;
use crate::sim::exchange::order::{Order, OrderStatus, OrderType, Side, Terms};
use crate::sim::exchange::prices;
use crate::sim::exchange::state::{Exchange, Task};
use crate::sim::exchange::status::TradingStatus;
use crate::sim::market::contract::Contract;

/// An order that a client wants to place.
#[derive(Debug, Default)]
pub(in crate::sim) struct NewOrder {
    pub(in crate::sim) account_id: i32,
    pub(in crate::sim) contract_id: String,
    pub(in crate::sim) order_type: i32,
    pub(in crate::sim) side: i32,
    pub(in crate::sim) size: i32,
    pub(in crate::sim) limit_price: Option<Price>,
    pub(in crate::sim) stop_price: Option<Price>,
    /// A level, not a distance.
    pub(in crate::sim) trail_price: Option<Price>,
    pub(in crate::sim) custom_tag: Option<String>,
    pub(in crate::sim) brackets: Brackets,
}

/// What speaks against an order.
pub(in crate::sim) type Refusal = Cow<'static, str>;

/// Why an order was not placed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) enum PlaceError {
    AccountNotFound,
    /// Recorded under `order_id` unless it has no side.
    Rejected {
        order_id: Option<i64>,
        message: Refusal,
    },
    /// The market takes no orders; recorded too.
    NotTrading {
        order_id: i64,
    },
    /// The account takes no orders until the next day; recorded too.
    DayOver {
        order_id: i64,
    },
    AccountViolation,
    ContractNotFound,
    ContractNotActive,
    AccountRejected,
}

impl Exchange {
    /// Places an order and gives its id. A rejected order is recorded too, and its tag is used up.
    pub(in crate::sim) fn place(&mut self, new: NewOrder) -> Result<i64, PlaceError> {
        let account = self.account(new.account_id).ok_or(PlaceError::AccountNotFound)?;
        if account.violation.is_some() {
            return Err(PlaceError::AccountViolation);
        }
        if !account.can_trade {
            return Err(PlaceError::AccountRejected);
        }
        let contract = self.catalog.by_id(&new.contract_id).ok_or(PlaceError::ContractNotFound)?.clone();
        if !contract.is_active {
            return Err(PlaceError::ContractNotActive);
        }
        let order_type = OrderType::from_number(new.order_type).unwrap_or(OrderType::Unknown);
        let unreadable = Cow::Borrowed("Invalid order side specified");
        let side = Side::from_number(new.side)
            .ok_or(PlaceError::Rejected { order_id: None, message: unreadable })?;

        let quote = self.market(&contract).quote();
        let terms = Terms { account_id: new.account_id, contract, order_type, side, size: new.size };
        let mut order = Order::new(self.ids.order(), terms, self.now());
        order.custom_tag = new.custom_tag.filter(|tag| !tag.is_empty());
        match order_type {
            OrderType::Limit => order.limit_price = new.limit_price,
            OrderType::JoinBid => order.limit_price = Some(quote.bid),
            OrderType::JoinAsk => order.limit_price = Some(quote.ask),
            OrderType::Stop => order.stop_price = new.stop_price,
            _ => {}
        }
        let refusal = self.refuse_outline(&order, &new.brackets);
        let refusal = refusal.or_else(|| self.refuse_prices(&mut order, new.trail_price));
        let refusal = refusal.or_else(|| self.refuse_size(&order));
        for tag in tags(&order, &Brackets::default()) {
            self.tags.insert((order.account_id, tag));
        }
        match refusal {
            Some(message) => {
                let order_id = Some(self.reject(order));
                Err(PlaceError::Rejected { order_id, message })
            }
            None if self.trading_status(order.contract.index) != TradingStatus::Open => {
                Err(PlaceError::NotTrading { order_id: self.reject(order) })
            }
            None if self.is_day_over() => Err(PlaceError::DayOver { order_id: self.reject(order) }),
            None => Ok(self.accept(order, &new.brackets)),
        }
    }

    /// What speaks against everything but the prices and how many contracts it is about.
    fn refuse_outline(&self, order: &Order, brackets: &Brackets) -> Option<Refusal> {
        if matches!(order.order_type, OrderType::StopLimit | OrderType::Unknown) {
            return Some("Invalid order type specified".into());
        }
        if order.size <= 0 {
            return Some("Invalid order size specified".into());
        }
        if !brackets.is_empty() {
            if self.settings.brackets == BracketMode::Position {
                return Some(
                    "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets."
                        .into(),
                );
            }
            let last = self.market(&order.contract).quote().last;
            if let Some(message) = brackets.refuse(order, last) {
                return Some(message);
            }
        }
        if tags(order, brackets).into_iter().any(|tag| self.tags.contains(&(order.account_id, tag))) {
            return Some(match self.recorder.shape().long_tag_message {
                true => {
                    "Specified custom tag is already in use: custom tag should be unique per account".into()
                }
                false => "Specified custom tag is already in use".into(),
            });
        }
        None
    }

    /// What speaks against the prices. Gives a trailing stop its distance and its first stop.
    fn refuse_prices(&self, order: &mut Order, trail_price: Option<Price>) -> Option<Refusal> {
        let last = self.market(&order.contract).quote().last;
        let refusal = match order.order_type {
            OrderType::Unknown | OrderType::Market | OrderType::StopLimit => None,
            OrderType::Limit | OrderType::JoinBid | OrderType::JoinAsk => match order.limit_price {
                Some(limit) => prices::refuse_limit(&order.contract, limit),
                None => Some("Limit price not set."),
            },
            OrderType::Stop => match order.stop_price {
                Some(stop) => prices::refuse_stop(&order.contract, order.side, stop, last),
                None => Some("Stop price not set."),
            },
            OrderType::TrailingStop => {
                let level = trail_price.ok_or("Trail Distance not set.");
                match level.and_then(|level| prices::trail_distance(&order.contract, level, last)) {
                    Ok(distance) => {
                        order.trail_distance = Some(distance);
                        order.stop_price = order.trailed_stop(last);
                        let too_far = prices::refuse_trail(distance);
                        too_far.or_else(|| prices::refuse_band(&order.contract, order.stop_price))
                    }
                    Err(message) => Some(message),
                }
            }
        };
        refusal.map(Refusal::from)
    }

    /// Whether the account may hold so many contracts.
    pub(in crate::sim) fn refuse_size(&self, order: &Order) -> Option<Refusal> {
        let exposure = self.exposure(order.account_id, &order.contract, order.side, order.id);
        let wanted = exposure + i64::from(order.remaining());
        (wanted > i64::from(self.settings.rules.max_contracts)).then_some("Not enough margin.".into())
    }

    /// Whether a leg may be so large.
    pub(in crate::sim) fn refuse_leg_size(&self, leg: &Order) -> Option<Refusal> {
        (leg.size > self.settings.rules.max_contracts).then_some("Not enough margin.".into())
    }

    /// How many contracts the account would hold on `side` once every working order there filled, leaving
    /// out the order `except` and the legs of brackets.
    fn exposure(&self, account_id: i32, contract: &Contract, side: Side, except: i64) -> i64 {
        let net = self.account(account_id).map_or(0, |account| account.net(contract));
        let working = self.working[contract.index].iter().filter_map(|id| self.orders.get(id));
        let working = working.filter(|order| {
            order.account_id == account_id && order.side == side && !order.is_leg() && order.id != except
        });
        i64::from(side.signed(net)) + working.map(|order| i64::from(order.remaining())).sum::<i64>()
    }

    /// Takes an order in, with the legs of its brackets.
    pub(in crate::sim) fn accept(&mut self, mut order: Order, brackets: &Brackets) -> i64 {
        let (id, account_id, index) = (order.id, order.account_id, order.contract.index);
        let is_market = order.order_type == OrderType::Market;
        if !is_market {
            order.status = OrderStatus::Open;
        }
        let (stop_loss, take_profit) = self.legs_of(&order, brackets);
        let order_ids: Vec<i64> = [stop_loss, Some(order), take_profit]
            .into_iter()
            .flatten()
            .map(|order| self.enter(order))
            .collect();
        self.want_market(index);
        // The stream shows the entry between its legs.
        for order_id in order_ids {
            self.publish_order(order_id);
        }
        if !is_market {
            self.publish_account(account_id);
        }
        self.schedule(Task::Arrive(id), 2_700, 8_500);
        id
    }

    /// Takes an order into the books.
    pub(in crate::sim) fn enter(&mut self, order: Order) -> i64 {
        let id = order.id;
        if let Some(tag) = &order.custom_tag {
            self.tags.insert((order.account_id, tag.clone()));
        }
        self.working[order.contract.index].push(id);
        self.orders.insert(id, order);
        id
    }

    /// Records an order that is refused and tells the stream.
    pub(in crate::sim) fn reject(&mut self, order: Order) -> i64 {
        let id = order.id;
        self.orders.insert(id, order);
        self.publish_order(id);
        if let Some(order) = self.orders.get_mut(&id) {
            order.status = OrderStatus::Rejected;
        }
        // REST knows at once; the stream tells it two milliseconds later, and that is when it is stamped.
        self.schedule(Task::TellRejected(id), 2_300, 2_400);
        id
    }

    /// Stamps the rejection of an order and tells the stream.
    pub(in crate::sim) fn tell_rejected(&mut self, order_id: i64) {
        let now = self.now();
        if let Some(order) = self.orders.get_mut(&order_id) {
            order.updated = now;
        }
        self.publish_order(order_id);
    }
}

/// The tags that an order and its legs use up.
fn tags(order: &Order, brackets: &Brackets) -> Vec<String> {
    let Some(tag) = &order.custom_tag else { return Vec::new() };
    let legs = brackets.suffixes().map(|suffix| format!("{tag}{suffix}"));
    std::iter::once(tag.clone()).chain(legs).collect()
}
