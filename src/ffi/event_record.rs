//! From the library's events to the records of C.

use super::event::{
    tf_account_event, tf_depth, tf_event, tf_event_body, tf_event_kind, tf_fill_event, tf_gap, tf_hub,
    tf_link, tf_link_state, tf_malformed, tf_order_event, tf_position_event, tf_quote, tf_subscription,
    tf_trade,
};
use super::status::tf_status;
use crate::clock::Timestamp;
use crate::model::{
    AccountEvent, Depth, Event, EventBody, FillEvent, Hub, Link, LinkState, Malformed, OrderEvent, OrderId,
    PositionEvent, Quote, SubscriptionEvent, Symbol, Trade, Volume,
};
use crate::price::{Money, Price};

fn price(price: Option<Price>) -> i64 {
    price.map_or(i64::MAX, Price::units)
}

fn money(amount: Option<Money>) -> i64 {
    amount.map_or(i64::MAX, Money::units)
}

fn time(time: Option<Timestamp>) -> i64 {
    time.map_or(i64::MAX, Timestamp::nanos)
}

fn volume(volume: Option<Volume>) -> i64 {
    volume.map_or(i64::MAX, Volume::get)
}

fn symbol(symbol: Option<Symbol>) -> u32 {
    symbol.map_or(0, Symbol::get)
}

fn narrow(number: i32) -> i16 {
    number.clamp(i32::from(i16::MIN) + 1, i32::from(i16::MAX)) as i16
}

impl From<&Event> for tf_event {
    fn from(event: &Event) -> tf_event {
        // The shorter bodies leave the rest of the record zero.
        let mut body = tf_event_body { reserved: [0; 12] };
        let kind = match &event.body {
            EventBody::Quote(quote) => {
                body.quote = quote_body(quote);
                tf_event_kind::Quote
            }
            EventBody::Trade(trade) => {
                body.trade = trade_body(trade);
                tf_event_kind::Trade
            }
            EventBody::Depth(depth) => {
                body.depth = depth_body(depth);
                tf_event_kind::Depth
            }
            EventBody::Order(order) => {
                body.order = order_body(order);
                tf_event_kind::Order
            }
            EventBody::Position(position) => {
                body.position = position_body(position);
                tf_event_kind::Position
            }
            EventBody::Fill(fill) => {
                body.fill = fill_body(fill);
                tf_event_kind::Fill
            }
            EventBody::Account(account) => {
                body.account = account_body(account);
                tf_event_kind::Account
            }
            EventBody::Link(link) => {
                body.link = link_body(link);
                tf_event_kind::Link
            }
            EventBody::Gap(gap) => {
                body.gap = tf_gap { dropped: gap.dropped, first_seq: gap.first_seq };
                tf_event_kind::Gap
            }
            EventBody::Subscription(subscription) => {
                body.subscription = subscription_body(subscription);
                tf_event_kind::Subscription
            }
            EventBody::Malformed(malformed) => {
                body.malformed = malformed_body(malformed);
                tf_event_kind::Malformed
            }
        };
        tf_event {
            kind: kind as u16,
            flags: event.flags.0,
            instrument: symbol(event.instrument),
            seq: event.seq,
            ts_recv_ns: event.received.nanos(),
            ts_event_ns: time(event.at),
            body,
        }
    }
}

pub(super) fn quote_body(quote: &Quote) -> tf_quote {
    tf_quote {
        bid: price(quote.bid),
        ask: price(quote.ask),
        last: price(quote.last),
        open: price(quote.open),
        high: price(quote.high),
        low: price(quote.low),
        change: price(quote.change),
        change_percent: price(quote.change_percent),
        volume: volume(quote.volume),
        last_updated_ns: time(quote.last_updated),
        changed: quote.changed.0,
        conflated: quote.conflated,
        reserved: [0; 2],
    }
}

fn trade_body(trade: &Trade) -> tf_trade {
    tf_trade {
        price: trade.price.units(),
        volume: trade.volume.get(),
        side: trade.aggressor.map_or(-1, |side| side.code()),
        reserved: 0,
    }
}

fn depth_body(depth: &Depth) -> tf_depth {
    tf_depth {
        price: depth.price.units(),
        volume: depth.volume.get(),
        current_volume: volume(depth.current_volume),
        r#type: depth.kind.code(),
        reserved: 0,
    }
}

fn order_body(order: &OrderEvent) -> tf_order_event {
    let id = |id: Option<OrderId>| id.map_or(i64::MAX, OrderId::get);
    tf_order_event {
        id: order.id.get(),
        account: order.account.get(),
        parent: id(order.parent),
        linked: id(order.linked),
        limit_price: price(order.limit_price),
        stop_price: price(order.stop_price),
        filled_price: price(order.filled_price),
        trail_price: price(order.trail_price),
        created_ns: time(order.created),
        quantity: order.size,
        fill_volume: order.fill_volume.unwrap_or(i32::MIN),
        trail_distance: order.trail_distance.unwrap_or(i32::MIN),
        client_tag: symbol(order.client_tag),
        status: narrow(order.status.code()),
        order_type: narrow(order.order_type.code()),
        side: narrow(order.side.code()),
        action: order.action.map_or(i16::MIN, narrow),
    }
}

fn position_body(position: &PositionEvent) -> tf_position_event {
    tf_position_event {
        id: position.id.get(),
        account: position.account.get(),
        average_price: position.average_price.units(),
        created_ns: time(position.created),
        quantity: position.size,
        side: position.side.code(),
        display_name: symbol(position.display_name),
        action: position.action.unwrap_or(i32::MIN),
    }
}

fn fill_body(fill: &FillEvent) -> tf_fill_event {
    tf_fill_event {
        id: fill.id.get(),
        order: fill.order.get(),
        account: fill.account.get(),
        price: fill.price.units(),
        profit_and_loss: money(fill.profit_and_loss),
        fees: fill.fees.units(),
        commissions: money(fill.commissions),
        quantity: fill.size,
        side: fill.side.code(),
        action: fill.action.unwrap_or(i32::MIN),
        voided: u8::from(fill.voided),
        reserved: [0; 3],
    }
}

fn account_body(account: &AccountEvent) -> tf_account_event {
    tf_account_event {
        id: account.id.get(),
        balance: money(account.balance),
        name: account.name.get(),
        action: account.action.unwrap_or(i32::MIN),
        can_trade: u8::from(account.can_trade),
        is_visible: u8::from(account.is_visible),
        simulated: account.simulated.map_or(-1, i8::from),
        reserved: [0; 5],
    }
}

fn hub(hub: Hub) -> u32 {
    match hub {
        Hub::Market => tf_hub::Market as u32,
        Hub::User => tf_hub::User as u32,
    }
}

fn malformed_body(malformed: &Malformed) -> tf_malformed {
    tf_malformed { count: malformed.count, hub: hub(malformed.hub), target: symbol(malformed.target) }
}

fn link_body(link: &Link) -> tf_link {
    let state = match link.state {
        LinkState::Connecting => tf_link_state::Connecting,
        LinkState::Connected => tf_link_state::Connected,
        LinkState::Reconnecting => tf_link_state::Reconnecting,
        LinkState::Failed => tf_link_state::Failed,
        LinkState::Closed => tf_link_state::Closed,
        LinkState::Resyncing => tf_link_state::Resyncing,
    };
    tf_link {
        hub: hub(link.hub),
        state: state as u32,
        attempt: link.attempt,
        delay_ms: link.delay_ms,
        reason: link.reason.map_or(tf_status::Ok, tf_status::from) as i32,
        message: symbol(link.message),
    }
}

fn subscription_body(subscription: &SubscriptionEvent) -> tf_subscription {
    tf_subscription {
        account: subscription.account.map_or(i64::MAX, |account| account.get()),
        kinds: subscription.kinds.bits(),
        status: subscription.refused.map_or(tf_status::Ok, tf_status::from) as i32,
        message: symbol(subscription.message),
        reserved: 0,
    }
}
