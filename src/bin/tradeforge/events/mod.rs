//! How the events of a stream are shown.

mod json;
mod line;

use std::fmt::Debug;
use std::sync::Arc;

use tradeforge::model::{Hub, Link, Symbol};
use tradeforge::{Client, Event, Kinds};

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

    /// Why a connection was given up, for the line that ends the program.
    pub fn given_up(&self, link: &Link) -> String {
        let message = self.text(link.message);
        let reason = message.as_deref().unwrap_or("the gateway gave no reason");
        format!("the {} connection was given up: {reason}", hub(link.hub))
    }
}

/// Whether the event is the market's or the account's own, and not news of the connection.
pub fn is_data(event: &Event) -> bool {
    !event.body.kinds().is_empty()
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

/// The name of a state or of a kind of error, as JSON spells names.
fn spelled(name: impl Debug) -> String {
    let name = format!("{name:?}");
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use tradeforge::model::{
        AccountEvent, Depth, DepthKind, EventFlags, FillEvent, Gap, LinkState, Malformed, OrderEvent,
        PositionEvent, PositionSide, Quote, QuoteFields, Side, SubscriptionEvent, Trade, Volume,
    };
    use tradeforge::{Config, EventBody, Kind, Money, OrderStatus, OrderType, Price, Timestamp};

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
    fn a_connection_that_was_given_up_says_why() {
        let client = client();
        let link = Link {
            hub: Hub::User,
            state: LinkState::Failed,
            attempt: 3,
            delay_ms: 0,
            reason: Some(Kind::Auth),
            message: Some(client.symbol_of("check the key")),
        };
        let reason = Printer::new(&client).given_up(&link);
        assert_eq!(reason, "the user connection was given up: check the key");
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
            r#"{"event":"link","hub":"market","state":"reconnecting","attempt":1,"delayMs":500,"reason":"rateLimit","message":"slow down"}"#,
            "link      market  reconnecting  next attempt in 500 ms  slow down",
        );
        let gap = Gap { dropped: 12, first_seq: 900 };
        check(
            |_| EventBody::Gap(gap),
            r#"{"event":"gap","dropped":12,"firstSeq":900}"#,
            "gap       12 events lost because they were not read in time",
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
        let malformed = |client: &Client| Malformed {
            hub: Hub::User,
            target: Some(client.symbol_of("GatewayUserTrade")),
            count: 3,
        };
        check(
            |client| EventBody::Malformed(malformed(client)),
            r#"{"event":"malformed","hub":"user","target":"GatewayUserTrade","count":3}"#,
            "malformed  user  GatewayUserTrade  count 3",
        );
    }
}
