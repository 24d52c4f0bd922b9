//! The records that hubs send.

use crate::clock::Timestamp;
use crate::sim::config::SimConfig;
use crate::sim::exchange::account::Account;
use crate::sim::exchange::fill::Fill;
use crate::sim::exchange::order::Order;
use crate::sim::exchange::position::Position;
use crate::sim::hubs::outbox::Record;
use crate::sim::market::contract::Contract;
use crate::sim::market::tape::{DepthEntry, Print, Quote};
use crate::sim::shape::Shape;
use crate::sim::wire::json::{Json, Object, Style, Value};

/// Ends every record.
pub(in crate::sim) const MARK: char = '\u{1e}';

/// The `action` of a user event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Action {
    /// Fills.
    Create = 0,
    /// Accounts, orders and positions, new ones too.
    Update = 1,
    /// A position that became flat.
    Delete = 2,
}

/// Writes events as the settings ask for.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Recorder {
    style: Style,
    shape: Shape,
}

impl Recorder {
    /// A recorder with the shapes of `config`.
    pub(in crate::sim) fn new(config: &SimConfig) -> Recorder {
        Recorder { style: Style::hub(config.shape), shape: config.shape }
    }

    /// The shapes that it writes.
    pub(in crate::sim) fn shape(&self) -> Shape {
        self.shape
    }

    /// An account's state.
    pub(in crate::sim) fn account(&self, account: &Account) -> Record {
        self.user_event("GatewayUserAccount", Action::Update, account)
    }

    /// An order's state.
    pub(in crate::sim) fn order(&self, order: &Order) -> Record {
        self.user_event("GatewayUserOrder", Action::Update, order)
    }

    /// A position's state.
    pub(in crate::sim) fn position(&self, position: &Position) -> Record {
        let action = if position.net == 0 { Action::Delete } else { Action::Update };
        self.user_event("GatewayUserPosition", action, position)
    }

    /// A fill.
    pub(in crate::sim) fn fill(&self, fill: &Fill) -> Record {
        self.user_event("GatewayUserTrade", Action::Create, fill)
    }

    /// What of a quote changed since `before`; everything when there is no `before`.
    pub(in crate::sim) fn quote(
        &self,
        contract: &Contract,
        before: Option<&Quote>,
        quote: &Quote,
        now: Timestamp,
    ) -> Record {
        let before = before.filter(|_| self.shape.partial_quotes);
        let data = QuoteData { contract, before, quote, now };
        self.market_event("GatewayQuote", contract, [&data as &dyn Value])
    }

    /// Trades of the market: one record, or one each where single objects are asked for.
    pub(in crate::sim) fn prints(
        &self,
        contract: &Contract,
        prints: &[Print],
        now: Timestamp,
    ) -> Vec<Record> {
        let items: Vec<PrintData<'_>> =
            prints.iter().map(|&print| PrintData { contract, print, now }).collect();
        self.market_batch("GatewayTrade", contract, &items)
    }

    /// Changes of the book, with null entries.
    pub(in crate::sim) fn depth(
        &self,
        contract: &Contract,
        entries: &[Option<DepthEntry>],
        now: Timestamp,
    ) -> Vec<Record> {
        let items: Vec<Option<DepthData>> =
            entries.iter().map(|entry| entry.map(|entry| DepthData { entry, now })).collect();
        self.market_batch("GatewayDepth", contract, &items)
    }

    /// The order to leave.
    pub(in crate::sim) fn logout(&self, message: &str) -> Record {
        match self.shape.logout_argument {
            true => self.invocation("GatewayLogout", [&message as &dyn Value]),
            false => self.invocation("GatewayLogout", []),
        }
    }

    /// The answer to a call that worked.
    pub(in crate::sim) fn completed(&self, invocation_id: &str) -> Record {
        self.record(|record| {
            record.member("type", 3).member("invocationId", invocation_id);
            if self.shape.completion_result {
                record.member("result", 0);
            }
        })
    }

    /// The answer to a call that failed.
    pub(in crate::sim) fn failed(&self, invocation_id: &str, error: &str) -> Record {
        self.record(|record| {
            record.member("type", 3).member("invocationId", invocation_id).member("error", error);
        })
    }

    /// A sign of life.
    pub(in crate::sim) fn ping(&self) -> Record {
        self.record(|record| {
            record.member("type", 6);
        })
    }

    /// The announcement that the connection ends.
    pub(in crate::sim) fn close(&self, error: Option<&str>, allow_reconnect: bool) -> Record {
        self.record(|record| {
            record.member("type", 7).member("error", error);
            if allow_reconnect {
                record.member("allowReconnect", true);
            }
        })
    }

    /// The answer to a handshake.
    pub(in crate::sim) fn handshake(&self, error: Option<&str>) -> Record {
        self.record(|record| {
            record.member("error", error);
        })
    }

    fn user_event(&self, target: &str, action: Action, data: &dyn Value) -> Record {
        if self.shape.enveloped_events {
            self.invocation(target, [&Envelope { action, data } as &dyn Value])
        } else {
            self.invocation(target, [data])
        }
    }

    fn market_batch<T: Value>(&self, target: &str, contract: &Contract, items: &[T]) -> Vec<Record> {
        if self.shape.array_events {
            return vec![self.market_event(target, contract, [&Array(items) as &dyn Value])];
        }
        let items = items.iter().filter(|item| !item.is_null());
        items.map(|item| self.market_event(target, contract, [item as &dyn Value])).collect()
    }

    fn market_event(&self, target: &str, contract: &Contract, data: [&dyn Value; 1]) -> Record {
        self.invocation(target, [&contract.id as &dyn Value, data[0]])
    }

    fn invocation<const N: usize>(&self, target: &str, arguments: [&dyn Value; N]) -> Record {
        self.record(|record| {
            record.member("type", 1).member("target", target).array("arguments", arguments);
        })
    }

    fn record(&self, members: impl FnOnce(&mut Object<'_>)) -> Record {
        let mut text = Json::object_text(self.style, members);
        text.push(MARK);
        text.into()
    }
}

/// `{"action":1,"data":{…}}`.
struct Envelope<'a> {
    action: Action,
    data: &'a dyn Value,
}

impl Value for Envelope<'_> {
    fn write(&self, json: &mut Json) {
        json.object(|object| {
            object.member("action", self.action as i32).member("data", self.data);
        });
    }
}

/// Lets a slice stand where one value is wanted.
struct Array<'a, T>(&'a [T]);

impl<T: Value> Value for Array<'_, T> {
    fn write(&self, json: &mut Json) {
        self.0.write(json);
    }
}

struct QuoteData<'a> {
    contract: &'a Contract,
    before: Option<&'a Quote>,
    quote: &'a Quote,
    now: Timestamp,
}

impl Value for QuoteData<'_> {
    fn write(&self, json: &mut Json) {
        let quote = self.quote;
        let before = |price: fn(&Quote) -> crate::price::Price| self.before.map(price);
        let is_first = self.before.is_none();
        json.object(|object| {
            object.member("symbol", &self.contract.symbol_id);
            if is_first {
                object.member("symbolName", &self.contract.symbol_name);
            }
            if before(|quote| quote.last) != Some(quote.last) {
                object.member("lastPrice", quote.last);
            }
            if before(|quote| quote.bid) != Some(quote.bid) {
                object.member("bestBid", quote.bid);
            }
            if before(|quote| quote.ask) != Some(quote.ask) {
                object.member("bestAsk", quote.ask);
            }
            if before(Quote::change) != Some(quote.change()) {
                object.member("change", quote.change());
            }
            if before(Quote::change_percent) != Some(quote.change_percent()) {
                object.member("changePercent", quote.change_percent());
            }
            if before(|quote| quote.open) != Some(quote.open) {
                object.member("open", quote.open);
            }
            if before(|quote| quote.high) != Some(quote.high) {
                object.member("high", quote.high);
            }
            if before(|quote| quote.low) != Some(quote.low) {
                object.member("low", quote.low);
            }
            if self.before.map(|quote| quote.volume) != Some(quote.volume) {
                object.member("volume", quote.volume);
            }
            object.member("lastUpdated", self.now).member("timestamp", to_millis(self.now));
        });
    }
}

struct PrintData<'a> {
    contract: &'a Contract,
    print: Print,
    now: Timestamp,
}

impl Value for PrintData<'_> {
    fn write(&self, json: &mut Json) {
        json.object(|object| {
            object
                .member("symbolId", &self.contract.symbol_id)
                .member("price", self.print.price)
                .member("timestamp", to_millis(self.now))
                .member("type", self.print.aggressor as i32)
                .member("volume", self.print.volume);
        });
    }
}

struct DepthData {
    entry: DepthEntry,
    now: Timestamp,
}

impl Value for DepthData {
    fn write(&self, json: &mut Json) {
        json.object(|object| {
            let (mut volume, mut current) = (self.entry.volume, self.entry.current_volume);
            if self.entry.is_level() && !object.shape().depth_size_in_volume {
                std::mem::swap(&mut volume, &mut current);
            }
            object
                .member("timestamp", self.now)
                .member("type", self.entry.kind as i32)
                .member("price", self.entry.price)
                .member("volume", volume)
                .member("currentVolume", current);
        });
    }
}

/// The time as exchanges stamp it, in whole milliseconds.
fn to_millis(time: Timestamp) -> Timestamp {
    Timestamp::from_nanos(time.nanos() - time.nanos().rem_euclid(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::market::contract::Catalog;
    use crate::sim::market::tape::{Aggressor, DepthKind};

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T20:51:31.4347534Z").unwrap()
    }

    fn quote() -> Quote {
        let price = |text: &str| text.parse().unwrap();
        Quote {
            last: price("29547.25"),
            bid: price("29547"),
            ask: price("29547.5"),
            previous_close: price("29500"),
            open: price("29510"),
            high: price("29600"),
            low: price("29400"),
            volume: 12_000,
        }
    }

    #[test]
    fn a_first_quote_is_full_and_a_later_one_partial() {
        let catalog = Catalog::at(now());
        let contract = catalog.front("MNQ").unwrap();
        let recorder = Recorder::new(&SimConfig::default());
        let before = quote();
        assert_eq!(
            recorder.quote(contract, None, &before, now()).as_str(),
            "{\"type\":1,\"target\":\"GatewayQuote\",\"arguments\":[\"CON.F.US.MNQ.Z26\",{\"symbol\":\"F.US.MNQ\",\"symbolName\":\"/MNQ\",\"lastPrice\":29547.25,\"bestBid\":29547,\"bestAsk\":29547.5,\"change\":47.25,\"changePercent\":0.16,\"open\":29510,\"high\":29600,\"low\":29400,\"volume\":12000,\"lastUpdated\":\"2026-11-21T20:51:31.4347534+00:00\",\"timestamp\":\"2026-11-21T20:51:31.434+00:00\"}]}\u{1e}"
        );
        // A small change is the same in percent, and then only the change itself is told.
        let after = Quote { last: "29547.5".parse().unwrap(), ..before };
        let text = recorder.quote(contract, Some(&before), &after, now());
        assert!(text.contains(r#""lastPrice":29547.5,"change":47.5,"lastUpdated""#), "{}", text.as_str());
        let after = Quote { bid: before.ask, ..before };
        assert_eq!(
            recorder.quote(contract, Some(&before), &after, now()).as_str(),
            "{\"type\":1,\"target\":\"GatewayQuote\",\"arguments\":[\"CON.F.US.MNQ.Z26\",{\"symbol\":\"F.US.MNQ\",\"bestBid\":29547.5,\"lastUpdated\":\"2026-11-21T20:51:31.4347534+00:00\",\"timestamp\":\"2026-11-21T20:51:31.434+00:00\"}]}\u{1e}"
        );
    }

    #[test]
    fn trades_and_depth_are_arrays_unless_switched() {
        let catalog = Catalog::at(now());
        let contract = catalog.front("MES").unwrap();
        let price = "7730.5".parse().unwrap();
        let print = Print { price, aggressor: Aggressor::Seller, volume: 1 };
        let entry = DepthEntry { kind: DepthKind::BestBid, price, volume: 2, current_volume: 0 };
        let arrays = Recorder::new(&SimConfig::default());
        assert_eq!(
            arrays.prints(contract, &[print], now())[0].as_str(),
            "{\"type\":1,\"target\":\"GatewayTrade\",\"arguments\":[\"CON.F.US.MES.Z26\",[{\"symbolId\":\"F.US.MES\",\"price\":7730.5,\"timestamp\":\"2026-11-21T20:51:31.434+00:00\",\"type\":1,\"volume\":1}]]}\u{1e}"
        );
        assert_eq!(
            arrays.depth(contract, &[Some(entry), None], now())[0].as_str(),
            "{\"type\":1,\"target\":\"GatewayDepth\",\"arguments\":[\"CON.F.US.MES.Z26\",[{\"timestamp\":\"2026-11-21T20:51:31.4347534+00:00\",\"type\":4,\"price\":7730.5,\"volume\":2,\"currentVolume\":0},null]]}\u{1e}"
        );
        let objects = Recorder::new(&SimConfig {
            shape: Shape { array_events: false, ..Shape::default() },
            ..SimConfig::default()
        });
        assert_eq!(objects.prints(contract, &[print, print], now()).len(), 2);
        let records = objects.depth(contract, &[None, Some(entry)], now());
        assert!(records.len() == 1 && records[0].contains("\"CON.F.US.MES.Z26\",{\"timestamp\""));
    }

    #[test]
    fn control_records() {
        let recorder = Recorder::new(&SimConfig::default());
        for (record, text) in [
            (recorder.handshake(None), "{}"),
            (recorder.ping(), r#"{"type":6}"#),
            (recorder.completed("1"), r#"{"type":3,"invocationId":"1","result":0}"#),
            (recorder.failed("2", "no"), r#"{"type":3,"invocationId":"2","error":"no"}"#),
            (recorder.close(Some("bad"), true), r#"{"type":7,"error":"bad","allowReconnect":true}"#),
            (recorder.close(None, false), r#"{"type":7}"#),
            (recorder.logout("bye"), r#"{"type":1,"target":"GatewayLogout","arguments":["bye"]}"#),
        ] {
            assert_eq!(record.as_str(), format!("{text}{MARK}"));
        }
    }
}
