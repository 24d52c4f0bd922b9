//! Events as JSON objects, with the gateway's names.

use tradeforge::model::{
    AccountEvent, Depth, FillEvent, Gap, Link, OrderEvent, PositionEvent, Quote, SubscriptionEvent, Trade,
};
use tradeforge::{Event, EventBody};

use super::{Printer, hub, kind, spelled};
use crate::json::Object;

impl Printer<'_> {
    /// The event as a JSON object with the gateway's names.
    pub fn json(&self, event: &Event) -> Object {
        match &event.body {
            EventBody::Quote(quote) => quote_json(self.of("quote", event), quote, event),
            EventBody::Trade(trade) => trade_json(self.of("trade", event), trade, event),
            EventBody::Depth(depth) => depth_json(self.of("depth", event), depth, event),
            EventBody::Order(order) => self.order_json(order, event),
            EventBody::Position(position) => self.position_json(position, event),
            EventBody::Fill(fill) => self.fill_json(fill, event),
            EventBody::Account(account) => self.account_json(account),
            EventBody::Link(link) => self.link_json(link),
            EventBody::Gap(gap) => gap_json(gap),
            EventBody::Subscription(news) => self.subscription_json(news, event),
            EventBody::Malformed(news) => Object::event("malformed")
                .with("hub", hub(news.hub))
                .with("target", self.text(news.target).as_deref())
                .with("count", news.count),
            _ => Object::event("other"),
        }
    }

    /// An object that starts with the name of the event and its contract.
    fn of(&self, name: &str, event: &Event) -> Object {
        Object::event(name).with("contractId", self.text(event.instrument).as_deref())
    }

    fn order_json(&self, order: &OrderEvent, event: &Event) -> Object {
        Object::event("order")
            .with("action", order.action)
            .with("id", order.id)
            .with("accountId", order.account)
            .with("contractId", self.text(event.instrument).as_deref())
            .with("creationTimestamp", order.created)
            .with("updateTimestamp", event.at)
            .with("status", order.status.code())
            .with("type", order.order_type.code())
            .with("side", order.side.code())
            .with("size", order.size)
            .with("limitPrice", order.limit_price)
            .with("stopPrice", order.stop_price)
            .with("fillVolume", order.fill_volume)
            .with("filledPrice", order.filled_price)
            .with("customTag", self.text(order.client_tag).as_deref())
            .with("trailDistance", order.trail_distance)
            .with("trailPrice", order.trail_price)
            .with("parentOrderId", order.parent)
            .with("linkedOrderId", order.linked)
    }

    fn position_json(&self, position: &PositionEvent, event: &Event) -> Object {
        Object::event("position")
            .with("action", position.action)
            .with("id", position.id)
            .with("accountId", position.account)
            .with("contractId", self.text(event.instrument).as_deref())
            .with("contractDisplayName", self.text(position.display_name).as_deref())
            .with("creationTimestamp", position.created)
            .with("type", position.side.code())
            .with("size", position.size)
            .with("averagePrice", position.average_price)
    }

    fn fill_json(&self, fill: &FillEvent, event: &Event) -> Object {
        Object::event("fill")
            .with("action", fill.action)
            .with("id", fill.id)
            .with("accountId", fill.account)
            .with("contractId", self.text(event.instrument).as_deref())
            .with("creationTimestamp", event.at)
            .with("price", fill.price)
            .with("profitAndLoss", fill.profit_and_loss)
            .with("fees", fill.fees)
            .with("commissions", fill.commissions)
            .with("side", fill.side.code())
            .with("size", fill.size)
            .with("voided", fill.voided)
            .with("orderId", fill.order)
    }

    fn account_json(&self, account: &AccountEvent) -> Object {
        Object::event("account")
            .with("action", account.action)
            .with("id", account.id)
            .with("name", self.text(Some(account.name)).as_deref())
            .with("balance", account.balance)
            .with("canTrade", account.can_trade)
            .with("isVisible", account.is_visible)
            .with("simulated", account.simulated)
    }

    fn link_json(&self, link: &Link) -> Object {
        let retry = (link.delay_ms > 0).then_some(link.delay_ms);
        Object::event("link")
            .with("hub", hub(link.hub))
            .with("state", spelled(link.state).as_str())
            .with("attempt", link.attempt)
            .with("delayMs", retry)
            .with("reason", link.reason.map(spelled).as_deref())
            .with("message", self.text(link.message).as_deref())
    }

    fn subscription_json(&self, news: &SubscriptionEvent, event: &Event) -> Object {
        self.of("subscription", event)
            .with("accountId", news.account)
            .with("kind", kind(news.kinds))
            .with("confirmed", news.refused.is_none())
            .with("reason", news.refused.map(spelled).as_deref())
            .with("message", self.text(news.message).as_deref())
    }
}

fn quote_json(object: Object, quote: &Quote, event: &Event) -> Object {
    object
        .with("lastPrice", quote.last)
        .with("bestBid", quote.bid)
        .with("bestAsk", quote.ask)
        .with("change", quote.change)
        .with("changePercent", quote.change_percent)
        .with("open", quote.open)
        .with("high", quote.high)
        .with("low", quote.low)
        .with("volume", quote.volume)
        .with("lastUpdated", quote.last_updated)
        .with("timestamp", event.at)
}

fn trade_json(object: Object, trade: &Trade, event: &Event) -> Object {
    object
        .with("price", trade.price)
        .with("timestamp", event.at)
        .with("type", trade.aggressor.map(|side| side.code()))
        .with("volume", trade.volume)
}

fn depth_json(object: Object, depth: &Depth, event: &Event) -> Object {
    object
        .with("timestamp", event.at)
        .with("type", depth.kind.code())
        .with("price", depth.price)
        .with("volume", depth.volume)
        .with("currentVolume", depth.current_volume)
}

fn gap_json(gap: &Gap) -> Object {
    Object::event("gap").with("dropped", gap.dropped).with("firstSeq", gap.first_seq)
}
