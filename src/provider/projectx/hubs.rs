//! The two live connections.

use std::sync::Arc;
use std::time::Duration;

use super::decode::{MarketDecoder, contract_of, decode_user};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::model::{
    Event, EventBody, EventFlags, Hub, HubTiming, Kinds, Link, LinkState, Malformed, SubscriptionEvent,
    Symbol, SymbolTable, Topic,
};
use crate::net::Tls;
use crate::provider::{Confirmation, EventSink, Feed};
use crate::recording::{self, HubTap, Tap};
use crate::signalr::{
    Call, Handler, Heard, HubRemote, HubSettings, HubThread, Message, Readiness, Seam, TokenSource,
};
use crate::sync::StopToken;

/// What a hub connection works with.
pub(crate) struct HubFeedSettings {
    pub(crate) hub: Hub,
    pub(crate) url: String,
    pub(crate) tls: Arc<Tls>,
    pub(crate) tokens: Arc<dyn TokenSource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timing: HubTiming,
    pub(crate) symbols: Arc<SymbolTable>,
    pub(crate) sink: Arc<dyn EventSink>,
    pub(crate) tap: Arc<Tap>,
    pub(crate) stop: StopToken,
}

/// One hub connection with its thread.
pub(crate) struct HubFeed(HubThread);

impl HubFeed {
    /// Starts the thread, which connects at once.
    ///
    /// # Errors
    /// When the system has no thread or descriptor left.
    pub(crate) fn start(settings: HubFeedSettings) -> Result<HubFeed> {
        let (name, decoder) = match settings.hub {
            Hub::Market => ("tf-hub-market", Decoder::Market(MarketDecoder::new(settings.symbols.clone()))),
            Hub::User => ("tf-hub-user", Decoder::User),
        };
        let tapped = match settings.hub {
            Hub::Market => recording::Hub::Market,
            Hub::User => recording::Hub::User,
        };
        let room = settings.sink.clone();
        let (symbols, clock, sink) = (settings.symbols, settings.clock.clone(), settings.sink);
        let handler = |remote| {
            let hub = settings.hub;
            Box::new(HubHandler { hub, decoder, symbols, clock, sink, remote, malformed: 0 }) as Box<_>
        };
        let hub = HubSettings {
            name,
            url: settings.url,
            tls: settings.tls,
            tokens: settings.tokens,
            tap: HubTap { tap: settings.tap, hub: tapped, clock: settings.clock.clone() },
            clock: settings.clock,
            timing: settings.timing,
            stop: settings.stop,
        };
        let thread = HubThread::start(hub, handler)?;
        if settings.hub == Hub::Market {
            let remote = thread.remote();
            room.on_room(Box::new(move || remote.wake()));
        }
        Ok(HubFeed(thread))
    }

    /// Waits for the thread, which ends when its stop token stops.
    pub(crate) fn join(&self) {
        self.0.join();
    }
}

impl Feed for HubFeed {
    fn subscribe(&self, topic: &Topic) -> Result<Confirmation> {
        let asked = self.0.subscribe(call(topic))?;
        Ok(Box::new(move |deadline| asked.wait(deadline)))
    }

    fn subscribe_later(&self, topic: &Topic) -> Result<()> {
        self.0.want(call(topic))
    }

    fn unsubscribe(&self, topic: &Topic) {
        self.0.unsubscribe(topic);
    }
}

/// How the gateway spells a subscription. Accounts are numbers: as text they are refused.
pub(super) fn call(topic: &Topic) -> Call {
    let (subscribe, unsubscribe, arguments) = match topic {
        Topic::Quotes(contract) => {
            ("SubscribeContractQuotes", "UnsubscribeContractQuotes", json_text(contract.as_str()))
        }
        Topic::Trades(contract) => {
            ("SubscribeContractTrades", "UnsubscribeContractTrades", json_text(contract.as_str()))
        }
        Topic::Depth(contract) => {
            ("SubscribeContractMarketDepth", "UnsubscribeContractMarketDepth", json_text(contract.as_str()))
        }
        Topic::Orders(account) => ("SubscribeOrders", "UnsubscribeOrders", account.to_string()),
        Topic::Positions(account) => ("SubscribePositions", "UnsubscribePositions", account.to_string()),
        Topic::Fills(account) => ("SubscribeTrades", "UnsubscribeTrades", account.to_string()),
        Topic::Accounts => ("SubscribeAccounts", "UnsubscribeAccounts", String::new()),
    };
    Call { topic: topic.clone(), subscribe, unsubscribe, arguments: format!("[{arguments}]") }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

enum Decoder {
    Market(MarketDecoder),
    User,
}

struct HubHandler {
    hub: Hub,
    decoder: Decoder,
    symbols: Arc<SymbolTable>,
    clock: Arc<dyn Clock>,
    sink: Arc<dyn EventSink>,
    remote: HubRemote,
    /// Records that could not be read.
    malformed: u64,
}

/// Why, with the first of the gateway's own words.
fn in_words(error: &Error) -> String {
    match error.gateway_text() {
        Some(text) => format!("{}: {}", error.message(), text.chars().take(200).collect::<String>()),
        None => error.message().to_owned(),
    }
}

/// So many malformed records are told one by one, then every one of so many.
const TOLD_ONE_BY_ONE: u64 = 100;

impl HubHandler {
    /// What a record that could not be read means: quotes mend themselves, a book with its next reset, the user's
    /// state does not.
    fn damage(&mut self, target: Option<&str>, contract: Option<Symbol>) -> Heard {
        self.malformed += 1;
        let kinds = match (self.hub, target) {
            (Hub::User, _) => Kinds::USER,
            (Hub::Market, Some("GatewayQuote")) => Kinds::QUOTES,
            (Hub::Market, Some("GatewayTrade")) => Kinds::TRADES,
            (Hub::Market, Some("GatewayDepth")) => Kinds::DEPTH,
            (Hub::Market, _) => Kinds::MARKET,
        };
        self.sink.skipped(self.hub, kinds, contract);
        if self.malformed <= TOLD_ONE_BY_ONE || self.malformed.is_multiple_of(TOLD_ONE_BY_ONE) {
            let target = target.map(|target| self.symbols.intern(target));
            self.tell(EventBody::Malformed(Malformed { hub: self.hub, target, count: self.malformed }));
        }
        match self.hub {
            Hub::Market => Heard::Fine,
            Hub::User => Heard::Damaged,
        }
    }

    fn tell(&self, body: EventBody) {
        let received = self.clock.now();
        let flags = EventFlags::NONE;
        self.sink.publish(Event { seq: 0, received, at: None, instrument: None, flags, body });
    }
}

impl Handler for HubHandler {
    fn known(&mut self, received: Timestamp, target: &[u8], arguments: &[u8]) -> bool {
        let sink = &self.sink;
        match &mut self.decoder {
            Decoder::Market(decoder) => {
                decoder.decode_known(received, target, arguments, |event| sink.publish(event))
            }
            Decoder::User => false,
        }
    }

    fn invocation(&mut self, received: Timestamp, target: &str, arguments: &str) -> Heard {
        let sink = &self.sink;
        let known = match &mut self.decoder {
            Decoder::Market(decoder) => {
                decoder.decode(received, target, arguments, |event| sink.publish(event))
            }
            Decoder::User => decode_user(&self.symbols, received, target, arguments)
                .map(|event| event.map(|event| sink.publish(event)).is_some()),
        };
        match known {
            Ok(true) => Heard::Fine,
            Ok(false) if target.eq_ignore_ascii_case("GatewayLogout") => {
                log::warn!("the gateway logs this connection out; it will be opened again");
                Heard::LoggedOut
            }
            Ok(false) => {
                log::debug!("event {} is not known and passed over", target.escape_debug());
                Heard::Fine
            }
            Err(error) => {
                log::warn!("{target}: {error}");
                let contract = match self.hub {
                    Hub::Market => contract_of(&self.symbols, arguments),
                    Hub::User => None,
                };
                self.damage(Some(target), contract)
            }
        }
    }

    fn unreadable(&mut self, _received: Timestamp, error: &Error) -> Heard {
        log::warn!("{error}; the record is passed over");
        self.damage(None, None)
    }

    fn restored(&mut self, again: bool) -> Readiness {
        self.sink.restored(again, &self.remote)
    }

    fn seam<'a>(&self, target: &str, arguments: &'a str) -> Seam<'a> {
        match target {
            // Parts, of which a later one is newer; the first one of a connection may be whole.
            "GatewayQuote" => Seam::Latest(arguments.split(',').next().unwrap_or_default()),
            // A reset and a snapshot.
            "GatewayDepth" => Seam::Anew,
            _ => Seam::Each,
        }
    }

    fn command(&mut self, message: Message) -> Readiness {
        self.sink.command(message)
    }

    fn link(&mut self, state: LinkState, attempt: u32, delay: Duration, reason: Option<&Error>) {
        // Further states of a connection may come after its first quotes, which must stay.
        if state == LinkState::Reconnecting
            && let Decoder::Market(decoder) = &mut self.decoder
        {
            decoder.reset();
        }
        self.tell(EventBody::Link(Link {
            hub: self.hub,
            state,
            attempt,
            delay_ms: u32::try_from(delay.as_millis()).unwrap_or(u32::MAX),
            reason: reason.map(Error::kind),
            message: reason.map(|error| self.symbols.intern(&in_words(error))),
        }));
    }

    fn begins(&mut self, topic: &Topic) {
        if let (Topic::Quotes(contract), Decoder::Market(decoder)) = (topic, &mut self.decoder) {
            decoder.forget(contract.as_str());
        }
    }

    fn subscribed(&mut self, topic: &Topic, result: Result<()>, is_told: bool) {
        self.sink.subscribed(topic, result.as_ref().err(), is_told);
        if !is_told {
            return;
        }
        let (contract, account) = match topic {
            Topic::Quotes(contract) | Topic::Trades(contract) | Topic::Depth(contract) => {
                (Some(contract), None)
            }
            Topic::Orders(account) | Topic::Positions(account) | Topic::Fills(account) => {
                (None, Some(*account))
            }
            Topic::Accounts => (None, None),
        };
        let refusal = result.err();
        let words = refusal.as_ref().map(|error| error.gateway_text().unwrap_or(error.message()));
        let body = EventBody::Subscription(SubscriptionEvent {
            kinds: topic.kind(),
            account,
            refused: refusal.as_ref().map(Error::kind),
            message: words.map(|words| self.symbols.intern(words)),
        });
        let instrument = contract.map(|contract| self.symbols.intern(contract.as_str()));
        let received = self.clock.now();
        self.sink.publish(Event { seq: 0, received, at: None, instrument, flags: EventFlags::NONE, body });
    }

    fn flush(&mut self) {
        self.sink.flush();
    }

    fn has_room(&self) -> bool {
        // The user's events are never held back.
        self.hub == Hub::User || self.sink.has_room()
    }
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;
    use crate::clock::ManualClock;
    use crate::model::AccountId;

    #[derive(Default)]
    struct Published(Mutex<Vec<Event>>, Mutex<Vec<(Kinds, Option<Symbol>)>>);

    impl EventSink for Published {
        fn publish(&self, event: Event) {
            self.0.lock().push(event);
        }

        fn skipped(&self, _hub: Hub, kinds: Kinds, contract: Option<Symbol>) {
            self.1.lock().push((kinds, contract));
        }
    }

    impl Published {
        /// Of each quote, whether the last price is known.
        fn last_known(&self) -> Vec<bool> {
            let last_known = |event: &Event| match event.body {
                EventBody::Quote(quote) => Some(quote.last.is_some()),
                _ => None,
            };
            self.0.lock().iter().filter_map(last_known).collect()
        }
    }

    fn market_handler(sink: Arc<Published>) -> HubHandler {
        let symbols = Arc::<SymbolTable>::default();
        HubHandler {
            hub: Hub::Market,
            decoder: Decoder::Market(MarketDecoder::new(symbols.clone())),
            symbols,
            clock: Arc::new(ManualClock::new(Timestamp::from_nanos(0))),
            sink,
            remote: HubRemote::nowhere(),
            malformed: 0,
        }
    }

    #[test]
    fn a_quote_is_whole_across_connected_and_starts_anew_after_a_loss() {
        let published = Arc::<Published>::default();
        let mut handler = market_handler(published.clone());
        let now = Timestamp::from_nanos(0);
        let link = |handler: &mut HubHandler, state| handler.link(state, 0, Duration::ZERO, None);
        link(&mut handler, LinkState::Connecting);
        handler.invocation(now, "GatewayQuote", "[\"C\",{\"lastPrice\":5,\"bestBid\":4}]");
        link(&mut handler, LinkState::Connected);
        handler.invocation(now, "GatewayQuote", "[\"C\",{\"bestBid\":3}]");
        link(&mut handler, LinkState::Reconnecting);
        handler.invocation(now, "GatewayQuote", "[\"C\",{\"bestBid\":2}]");
        assert_eq!(published.last_known(), [true, true, false]);
    }

    #[test]
    fn a_quote_starts_anew_with_a_subscription() {
        let published = Arc::<Published>::default();
        let mut handler = market_handler(published.clone());
        let now = Timestamp::from_nanos(0);
        handler.invocation(now, "GatewayQuote", "[\"C\",{\"lastPrice\":5,\"bestBid\":4}]");
        handler.invocation(now, "GatewayQuote", "[\"D\",{\"lastPrice\":5,\"bestBid\":4}]");
        handler.begins(&Topic::Trades("C".into()));
        handler.begins(&Topic::Quotes("D".into()));
        for contract in ["C", "D"] {
            handler.invocation(now, "GatewayQuote", &format!("[\"{contract}\",{{\"bestBid\":3}}]"));
        }
        assert_eq!(published.last_known(), [true, true, true, false]);
    }

    #[test]
    fn what_is_skipped_is_told_as_far_as_it_is_known() {
        let published = Arc::<Published>::default();
        let mut handler = market_handler(published.clone());
        let contract = Some(handler.symbols.intern("C"));
        let now = Timestamp::from_nanos(0);
        for target in ["GatewayQuote", "GatewayTrade", "GatewayDepth"] {
            handler.invocation(now, target, "[\"C\",[7]]");
        }
        handler.invocation(now, "GatewayDepth", "[[7]]");
        handler.unreadable(now, &Error::new(crate::error::Kind::Protocol, "no record"));
        let expected = [
            (Kinds::QUOTES, contract),
            (Kinds::TRADES, contract),
            (Kinds::DEPTH, contract),
            (Kinds::DEPTH, None),
            (Kinds::MARKET, None),
        ];
        assert_eq!(*published.1.lock(), expected);
    }

    #[test]
    fn accounts_are_numbers_and_contracts_are_texts() {
        let orders = call(&Topic::Orders(AccountId::new(20000004)));
        assert_eq!((orders.subscribe, orders.arguments.as_str()), ("SubscribeOrders", "[20000004]"));
        let quotes = call(&Topic::Quotes("CON\"x".into()));
        assert_eq!(quotes.arguments, "[\"CON\\\"x\"]");
        assert_eq!(call(&Topic::Accounts).arguments, "[]");
    }
}
