//! The samples of the protocol and of the market hub: records as they come over the socket, and the documented
//! bare objects.

use std::sync::Arc;

use serde_json::Value;

use super::super::decode::{MarketDecoder, decode_user};
use super::super::hubs::call;
use super::{RECEIVED, checked, event, invocation, price, sample, time};
use crate::error::Result;
use crate::model::{
    AccountId, Depth, DepthKind, Event, EventBody, EventFlags, Quote, QuoteFields, Side, SymbolTable, Topic,
    Trade, Volume,
};
use crate::signalr::{HANDSHAKE, Record, encode_invocation, encode_ping, handshake_answer};

pub(super) const CHECKED: &[(&str, fn())] = checked![
    hub_close
    hub_completion_error
    hub_completion_result0
    hub_gatewaylogout
    hub_handshake_ok
    hub_handshake_request
    hub_market_depth_doc
    hub_market_depth_live_array
    hub_market_depth_reset
    hub_market_quote_doc
    hub_market_quote_live
    hub_market_trade_doc
    hub_market_trade_live_array
    hub_ping
    hub_subscribe_orders
];

/// A market decoder with the symbols that it numbers.
struct Market {
    symbols: Arc<SymbolTable>,
    decoder: MarketDecoder,
}

impl Market {
    fn new() -> Market {
        let symbols = Arc::new(SymbolTable::new());
        Market { decoder: MarketDecoder::new(symbols.clone()), symbols }
    }

    fn decode(&mut self, target: &str, arguments: &str) -> (Result<bool>, Vec<Event>) {
        let mut events = Vec::new();
        let result = self.decoder.decode(RECEIVED, target, arguments, |event| events.push(event));
        (result, events)
    }

    /// The only event of an invocation.
    fn event(&mut self, target: &str, arguments: &str) -> Event {
        let (result, events) = self.decode(target, arguments);
        assert!(result.unwrap(), "{target}");
        assert_eq!(events.len(), 1, "{events:?}");
        events[0]
    }

    fn record(&mut self, name: &str) -> Event {
        let (target, arguments) = invocation(name);
        self.event(&target, &arguments)
    }

    /// A documented bare object, which leaves the contract out.
    fn bare(&mut self, target: &str, name: &str) -> Event {
        self.event(target, &format!("[\"CON.F.US.EP.U25\",{}]", sample(name)))
    }

    fn event_of(&self, contract: &str, at: i64, body: EventBody) -> Event {
        event(at, &self.symbols, contract, body)
    }
}

#[test]
fn hub_handshake_request() {
    let (text, end) = HANDSHAKE.split_at(HANDSHAKE.len() - 1);
    assert_eq!(end, "\u{1e}");
    let expected: Value = serde_json::from_str(&sample("hub_handshake_request")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), expected);
}

#[test]
fn hub_handshake_ok() {
    handshake_answer(sample("hub_handshake_ok").as_bytes()).unwrap();
}

#[test]
fn hub_ping() {
    assert!(matches!(Record::parse(sample("hub_ping").as_bytes()), Ok(Record::Ping)));
    assert_eq!(encode_ping(), sample("hub_ping").trim_end().to_owned() + "\u{1e}");
}

#[test]
fn hub_close() {
    let text = sample("hub_close");
    let Ok(Record::Close { error, allow_reconnect }) = Record::parse(text.as_bytes()) else { panic!() };
    assert_eq!((error.as_deref(), allow_reconnect), (Some("Connection closed with an error."), true));
}

#[test]
fn hub_completion_result0() {
    let text = sample("hub_completion_result0");
    let Ok(Record::Completion(done)) = Record::parse(text.as_bytes()) else { panic!() };
    assert_eq!((&*done.invocation_id, done.error), ("1", None));
}

#[test]
fn hub_completion_error() {
    let text = sample("hub_completion_error");
    let Ok(Record::Completion(done)) = Record::parse(text.as_bytes()) else { panic!() };
    let reason = "Failed to invoke 'SubscribeOrders' due to an error on the server.";
    assert_eq!((&*done.invocation_id, done.error.as_deref()), ("2", Some(reason)));
}

#[test]
fn hub_gatewaylogout() {
    let (target, arguments) = invocation("hub_gatewaylogout");
    assert_eq!((target.as_str(), arguments.as_str()), ("GatewayLogout", "[\"<message>\"]"));
    assert!(!Market::new().decode(&target, &arguments).0.unwrap());
    assert_eq!(decode_user(&SymbolTable::new(), RECEIVED, &target, &arguments).unwrap(), None);
}

#[test]
fn hub_subscribe_orders() {
    let call = call(&Topic::Orders(AccountId::new(20_000_004)));
    let record = encode_invocation(1, call.subscribe, &call.arguments);
    let written: Value = serde_json::from_str(record.strip_suffix('\u{1e}').unwrap()).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(&sample("hub_subscribe_orders")).unwrap());
}

#[test]
fn hub_market_quote_doc() {
    let mut market = Market::new();
    let quote = Quote {
        bid: Some(price("2100")),
        ask: Some(price("2100.5")),
        last: Some(price("2100.25")),
        open: Some(price("2090")),
        high: Some(price("2110")),
        low: Some(price("2080")),
        change: Some(price("25.5")),
        change_percent: Some(price("0.14")),
        volume: Some(Volume::new(12_000)),
        last_updated: time(1_721_569_500_000_000_000),
        changed: QuoteFields(0b1_1111_1111),
        conflated: 0,
    };
    let event = market.bare("GatewayQuote", "hub_market_quote_doc");
    let expected = market.event_of("CON.F.US.EP.U25", 1_721_569_500_000_000_000, EventBody::Quote(quote));
    assert_eq!(event, expected);
}

/// What the live sample holds: bid and ask only.
fn live_quote() -> Quote {
    Quote {
        bid: Some(price("29547")),
        ask: Some(price("29547.5")),
        last_updated: time(1_787_172_691_434_753_400),
        changed: QuoteFields::BID | QuoteFields::ASK,
        ..Quote::default()
    }
}

#[test]
fn hub_market_quote_live() {
    let mut market = Market::new();
    let event = market.record("hub_market_quote_live");
    let body = EventBody::Quote(live_quote());
    assert_eq!(event, market.event_of("CON.F.US.MNQ.U26", 1_787_172_691_348_000_000, body));
}

#[test]
fn a_partial_quote_adds_to_what_was_told() {
    let mut market = Market::new();
    market.record("hub_market_quote_live");
    let part = "[\"CON.F.US.MNQ.U26\",{\"lastPrice\":29547.25,\"bestBid\":29547.25,\"volume\":12,\
                 \"timestamp\":\"2026-08-19T20:51:32Z\"}]";
    let merged = Quote {
        bid: Some(price("29547.25")),
        last: Some(price("29547.25")),
        volume: Some(Volume::new(12)),
        changed: QuoteFields::BID | QuoteFields::LAST | QuoteFields::VOLUME,
        ..live_quote()
    };
    let event = market.event("GatewayQuote", part);
    let body = EventBody::Quote(merged);
    assert_eq!(event, market.event_of("CON.F.US.MNQ.U26", 1_787_172_692_000_000_000, body));

    // Another contract has a quote of its own, and a member that is null is not told.
    let other = market.event("GatewayQuote", "[\"CON.F.US.MES.U26\",{\"bestAsk\":7730.5,\"bestBid\":null}]");
    let EventBody::Quote(quote) = other.body else { panic!("{other:?}") };
    let alone = Quote { ask: Some(price("7730.5")), changed: QuoteFields::ASK, ..Quote::default() };
    assert_eq!((quote, other.at), (alone, None));

    market.decoder.reset();
    let event = market.record("hub_market_quote_live");
    assert_eq!(event.body, EventBody::Quote(live_quote()), "a new connection starts from nothing");
}

#[test]
fn hub_market_trade_doc() {
    let mut market = Market::new();
    let trade = Trade { price: price("2100.25"), volume: Volume::new(2), aggressor: Some(Side::Buy) };
    let event = market.bare("GatewayTrade", "hub_market_trade_doc");
    let expected = market.event_of("CON.F.US.EP.U25", 1_721_569_500_000_000_000, EventBody::Trade(trade));
    assert_eq!(event, expected);
}

#[test]
fn hub_market_trade_live_array() {
    let mut market = Market::new();
    let trade = Trade { price: price("7730.5"), volume: Volume::new(1), aggressor: Some(Side::Sell) };
    let event = market.record("hub_market_trade_live_array");
    let expected = market.event_of("CON.F.US.MES.U26", 1_787_172_690_052_000_000, EventBody::Trade(trade));
    assert_eq!(event, expected);
}

fn depth(kind: DepthKind, at: &str, volume: i64, current: i64) -> EventBody {
    EventBody::Depth(Depth {
        kind,
        price: price(at),
        volume: Volume::new(volume),
        current_volume: Some(Volume::new(current)),
    })
}

#[test]
fn hub_market_depth_doc() {
    let mut market = Market::new();
    let event = market.bare("GatewayDepth", "hub_market_depth_doc");
    let body = depth(DepthKind::Ask, "2100", 10, 5);
    assert_eq!(event, market.event_of("CON.F.US.EP.U25", 1_721_569_500_000_000_000, body));
}

#[test]
fn hub_market_depth_live_array() {
    let mut market = Market::new();
    let event = market.record("hub_market_depth_live_array");
    let body = depth(DepthKind::BestBid, "29547", 2, 0);
    assert_eq!(event, market.event_of("CON.F.US.MNQ.U26", 1_787_172_691_417_369_300, body));
}

#[test]
fn hub_market_depth_reset() {
    let mut market = Market::new();
    let event = market.record("hub_market_depth_reset");
    let body = depth(DepthKind::Reset, "0", 0, 0);
    assert_eq!(event, market.event_of("CON.F.US.ENQ.H26", 1_772_118_000_000_000_000, body));
}

/// Prices and flags of the events of a depth message.
fn depth_prices(data: &str) -> (Result<bool>, Vec<(String, EventFlags)>) {
    let (result, events) = Market::new().decode("GatewayDepth", &format!("[\"CON\",{data}]"));
    let prices = events.iter().map(|event| match event.body {
        EventBody::Depth(depth) => (depth.price.to_string(), event.flags),
        other => panic!("{other:?}"),
    });
    (result, prices.collect())
}

#[test]
fn nulls_in_an_array_are_passed_over() {
    let level = |price: u32| format!("{{\"type\":1,\"price\":{price},\"volume\":1}}");
    let data = format!("[null,{},null,{},{},null]", level(1), level(2), level(3));
    let (result, prices) = depth_prices(&data);
    assert!(result.unwrap());
    let (more, none) = (EventFlags::MORE, EventFlags::NONE);
    assert_eq!(prices, [("1".to_owned(), more), ("2".to_owned(), more), ("3".to_owned(), none)]);
    for nothing in ["[]", "[null]", "null"] {
        let (_, prices) = depth_prices(nothing);
        assert_eq!(prices, [], "{nothing}");
    }
}

#[test]
fn a_bad_element_does_not_keep_the_others_back() {
    let good = |price: u32| format!("{{\"type\":1,\"price\":{price},\"volume\":1}}");
    for bad in [
        "{\"type\":1,\"volume\":1}",
        "{\"type\":1,\"price\":1e-12,\"volume\":1}",
        "{\"type\":1,\"price\":\"x\",\"volume\":1}",
        "{\"type\":1,\"price\":{},\"volume\":1}",
        "{\"type\":1,\"price\":9,\"volume\":1,\"timestamp\":5}",
        "{\"type\":1,\"price\":9,\"price\":9,\"volume\":1}",
        "17",
        "\"text\"",
        "[]",
    ] {
        let (result, prices) = depth_prices(&format!("[{},{bad},{},{bad}]", good(1), good(2)));
        result.expect_err(bad);
        let expected = [("1".to_owned(), EventFlags::MORE), ("2".to_owned(), EventFlags::NONE)];
        assert_eq!(prices, expected, "{bad}");
    }
}
