//! How the events of a stream are shown.

use std::fmt::{Display, Write};
use std::sync::Arc;

use tradeforge::model::{
    AccountEvent, Depth, FillEvent, Gap, Hub, Link, OrderEvent, PositionEvent, Quote, SubscriptionEvent,
    Symbol, Trade,
};
use tradeforge::{Client, Event, EventBody, Kind, Kinds};

use crate::json::Object;
use crate::text::{self, optional, printable, words};

/// Shows events; knows the texts that their symbols stand for.
pub struct Printer<'a> {
    client: &'a Client,
}

impl<'a> Printer<'a> {
    /// A printer for the events of this client.
    pub fn new(client: &'a Client) -> Printer<'a> {
        Printer { client }
    }

    fn text(&self, symbol: Option<Symbol>) -> Option<Arc<str>> {
        self.client.symbol(symbol?)
    }

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

    /// The event as a line for people. Its time is the gateway's, or else that of its arrival.
    pub fn line(&self, event: &Event) -> String {
        let mut line = Line::new(event);
        match &event.body {
            EventBody::Quote(quote) => {
                line.name("quote").word(self.text(event.instrument));
                line.pair("bid", quote.bid).pair("ask", quote.ask).pair("last", quote.last);
                line.pair("volume", quote.volume);
            }
            EventBody::Trade(trade) => {
                line.name("trade").word(self.text(event.instrument));
                line.pair("price", Some(trade.price)).pair("size", Some(trade.volume));
                line.word(trade.aggressor.map(text::side));
            }
            EventBody::Depth(depth) => {
                line.name("depth").word(self.text(event.instrument));
                line.word(Some(words(depth.kind.name(), depth.kind.code())));
                line.pair("price", Some(depth.price)).pair("size", Some(depth.volume));
            }
            EventBody::Order(order) => {
                line.name("order").word(self.text(event.instrument)).word(Some(order.id));
                line.word(Some(words(order.status.name(), order.status.code())));
                line.word(Some(text::side(order.side))).word(Some(order.size));
                line.word(Some(words(order.order_type.name(), order.order_type.code())));
                line.pair("limit", order.limit_price).pair("stop", order.stop_price);
                line.pair("filled", order.fill_volume).pair("at", order.filled_price);
                line.pair("tag", self.text(order.client_tag));
            }
            EventBody::Position(position) => {
                line.name("position").word(self.text(event.instrument));
                line.word(Some(words(position.side.name(), position.side.code())));
                line.word(Some(position.size)).pair("average", Some(position.average_price));
            }
            EventBody::Fill(fill) => {
                line.name("fill").word(self.text(event.instrument)).pair("order", Some(fill.order));
                line.word(Some(text::side(fill.side))).word(Some(fill.size)).pair("at", Some(fill.price));
                line.pair("result", fill.profit_and_loss).pair("fees", Some(fill.fees));
                line.word(fill.voided.then_some("voided"));
            }
            EventBody::Account(account) => {
                line.name("account").word(self.text(Some(account.name)));
                line.pair("balance", account.balance);
                line.word((!account.can_trade).then_some("locked"));
            }
            EventBody::Link(link) => {
                line.name("link").word(Some(hub(link.hub))).word(Some(spelled(link.state)));
                line.pair("next attempt in ms", (link.delay_ms > 0).then_some(link.delay_ms));
                line.word(self.text(link.message));
            }
            EventBody::Gap(gap) => {
                line.name("gap").pair("events lost because they were not read in time", Some(gap.dropped));
            }
            EventBody::Subscription(news) => {
                line.name("subscription").word(Some(kind(news.kinds)));
                line.word(self.text(event.instrument)).word(news.account);
                line.word(Some(if news.refused.is_none() { "confirmed" } else { "refused" }));
                line.word(self.text(news.message));
            }
            _ => {
                line.name("event").word(Some("of a new kind"));
            }
        }
        line.0
    }
}

/// Whether the event is the market's or the account's own, and not news of the connection.
pub fn is_data(event: &Event) -> bool {
    !event.body.kinds().is_empty()
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

fn hub(hub: Hub) -> &'static str {
    match hub {
        Hub::Market => "market",
        Hub::User => "user",
    }
}

/// The only kind in a set, as the options of `watch` call it.
fn kind(kinds: Kinds) -> &'static str {
    const NAMES: [(Kinds, &str); 7] = [
        (Kinds::QUOTES, "quotes"),
        (Kinds::TRADES, "trades"),
        (Kinds::DEPTH, "depth"),
        (Kinds::ORDERS, "orders"),
        (Kinds::POSITIONS, "positions"),
        (Kinds::FILLS, "fills"),
        (Kinds::ACCOUNTS, "accounts"),
    ];
    NAMES.iter().find(|(known, _)| *known == kinds).map_or("several", |(_, name)| name)
}

/// The name of a state or of a kind of error, in small letters.
fn spelled(name: impl std::fmt::Debug) -> String {
    format!("{name:?}").to_lowercase()
}

/// Why a connection was given up, for the line that ends the program.
pub fn given_up(link: &Link, message: Option<&str>) -> String {
    let reason = message.map_or_else(|| spelled(link.reason.unwrap_or(Kind::Network)), printable);
    format!("the {} connection was given up: {reason}", hub(link.hub))
}

/// A line that grows word by word. What is absent is left out.
struct Line(String);

impl Line {
    fn new(event: &Event) -> Line {
        Line(text::time(event.at.unwrap_or(event.received)))
    }

    fn name(&mut self, name: &str) -> &mut Line {
        self.append(format_args!("  {name:<8}"))
    }

    fn word(&mut self, word: Option<impl Display>) -> &mut Line {
        if word.is_some() {
            self.append(format_args!("  {}", printable(&optional(word))));
        }
        self
    }

    fn pair(&mut self, name: &str, value: Option<impl Display>) -> &mut Line {
        if value.is_some() {
            self.append(format_args!("  {name} {}", printable(&optional(value))));
        }
        self
    }

    fn append(&mut self, text: std::fmt::Arguments<'_>) -> &mut Line {
        // Writing to a String cannot fail.
        let _ = self.0.write_fmt(text);
        self
    }
}

#[cfg(test)]
mod tests {
    use tradeforge::model::{DepthKind, EventFlags, LinkState, PositionSide, QuoteFields, Side, Volume};
    use tradeforge::{Config, Money, OrderStatus, OrderType, Price, Timestamp};

    use super::*;

    fn client() -> Client {
        let mut config = Config::new();
        config.set("user_name", "jane").unwrap();
        config.set("api_key", "key").unwrap();
        Client::new(&config).unwrap()
    }

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    /// An event of the contract `C` at a fixed time.
    fn event(client: &Client, body: EventBody) -> Event {
        let moment = Timestamp::parse("2026-08-19T20:51:31.348Z").unwrap();
        let instrument = Some(client.symbol_of("C"));
        Event { seq: 0, received: moment, at: Some(moment), instrument, flags: EventFlags::NONE, body }
    }

    fn check(body: impl FnOnce(&Client) -> EventBody, json: &str, line: &str) {
        let client = client();
        let event = event(&client, body(&client));
        let printer = Printer::new(&client);
        assert_eq!(printer.json(&event).to_string(), json);
        assert_eq!(printer.line(&event), format!("2026-08-19 20:51:31.348  {line}"));
    }

    #[test]
    fn market_data() {
        let quote = Quote {
            bid: Some(price("29547")),
            ask: Some(price("29547.50")),
            volume: Some(Volume::new(9_007_199_254_740_993)),
            changed: QuoteFields::BID,
            ..Quote::default()
        };
        check(
            |_| EventBody::Quote(quote),
            r#"{"event":"quote","contractId":"C","bestBid":"29547","bestAsk":"29547.5","volume":9007199254740993,"timestamp":"2026-08-19T20:51:31.348Z"}"#,
            "quote     C  bid 29547  ask 29547.5  volume 9007199254740993",
        );
        let trade = Trade { price: price("7730.5"), volume: Volume::new(2), aggressor: Some(Side::Sell) };
        check(
            |_| EventBody::Trade(trade),
            r#"{"event":"trade","contractId":"C","price":"7730.5","timestamp":"2026-08-19T20:51:31.348Z","type":1,"volume":2}"#,
            "trade     C  price 7730.5  size 2  sell",
        );
        let depth = Depth {
            kind: DepthKind::BestBid,
            price: price("29547"),
            volume: Volume::new(2),
            current_volume: Some(Volume::new(0)),
        };
        check(
            |_| EventBody::Depth(depth),
            r#"{"event":"depth","contractId":"C","timestamp":"2026-08-19T20:51:31.348Z","type":4,"price":"29547","volume":2,"currentVolume":0}"#,
            "depth     C  best bid  price 29547  size 2",
        );
    }

    #[test]
    fn news_of_the_account() {
        let order = |client: &Client| OrderEvent {
            id: 2_934_939_764.into(),
            account: 2.into(),
            status: OrderStatus::PendingCancellation,
            order_type: OrderType::Limit,
            side: Side::Buy,
            size: 15,
            fill_volume: Some(0),
            limit_price: Some(price("-37.63")),
            stop_price: None,
            filled_price: None,
            trail_distance: None,
            trail_price: None,
            parent: None,
            linked: None,
            client_tag: Some(client.symbol_of("a\nb")),
            created: None,
            action: Some(1),
        };
        check(
            |client| EventBody::Order(order(client)),
            r#"{"event":"order","action":1,"id":2934939764,"accountId":2,"contractId":"C","updateTimestamp":"2026-08-19T20:51:31.348Z","status":7,"type":1,"side":0,"size":15,"limitPrice":"-37.63","fillVolume":0,"customTag":"a\u000ab"}"#,
            "order     C  2934939764  pending cancellation  buy  15  limit  limit -37.63  filled 0  tag a\\nb",
        );
        let position = PositionEvent {
            id: 7.into(),
            account: 2.into(),
            side: PositionSide::Flat,
            size: 0,
            average_price: price("49909.0"),
            created: None,
            display_name: None,
            action: None,
        };
        check(
            |_| EventBody::Position(position),
            r#"{"event":"position","id":7,"accountId":2,"contractId":"C","type":0,"size":0,"averagePrice":"49909"}"#,
            "position  C  flat  0  average 49909",
        );
        let fill = FillEvent {
            id: 2_555_492_505.into(),
            order: 2_934_939_816.into(),
            account: 2.into(),
            price: price("49909"),
            profit_and_loss: None,
            fees: Money::parse("5.55").unwrap(),
            commissions: Money::parse("3.75").ok(),
            side: Side::Buy,
            size: 15,
            voided: false,
            action: Some(0),
        };
        check(
            |_| EventBody::Fill(fill),
            r#"{"event":"fill","action":0,"id":2555492505,"accountId":2,"contractId":"C","creationTimestamp":"2026-08-19T20:51:31.348Z","price":"49909","fees":"5.55","commissions":"3.75","side":0,"size":15,"voided":false,"orderId":2934939816}"#,
            "fill      C  order 2934939816  buy  15  at 49909  fees 5.55",
        );
        let account = |client: &Client| AccountEvent {
            id: 2.into(),
            name: client.symbol_of("PRAC"),
            balance: Money::parse("150175.38").ok(),
            can_trade: false,
            is_visible: true,
            simulated: None,
            action: None,
        };
        check(
            |client| EventBody::Account(account(client)),
            r#"{"event":"account","id":2,"name":"PRAC","balance":"150175.38","canTrade":false,"isVisible":true}"#,
            "account   PRAC  balance 150175.38  locked",
        );
    }

    #[test]
    fn news_of_the_connection() {
        let link = |client: &Client| Link {
            hub: Hub::Market,
            state: LinkState::Reconnecting,
            attempt: 1,
            delay_ms: 500,
            reason: Some(Kind::RateLimit),
            message: Some(client.symbol_of("slow down")),
        };
        check(
            |client| EventBody::Link(link(client)),
            r#"{"event":"link","hub":"market","state":"reconnecting","attempt":1,"delayMs":500,"reason":"ratelimit","message":"slow down"}"#,
            "link      market  reconnecting  next attempt in ms 500  slow down",
        );
        let gap = Gap { dropped: 12, first_seq: 900 };
        check(
            |_| EventBody::Gap(gap),
            r#"{"event":"gap","dropped":12,"firstSeq":900}"#,
            "gap       events lost because they were not read in time 12",
        );
        let refused = SubscriptionEvent {
            kinds: Kinds::TRADES,
            account: None,
            refused: Some(Kind::Rejected),
            message: None,
        };
        check(
            |_| EventBody::Subscription(refused),
            r#"{"event":"subscription","contractId":"C","kind":"trades","confirmed":false,"reason":"rejected"}"#,
            "subscription  trades  C  refused",
        );
    }
}
