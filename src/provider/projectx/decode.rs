//! From a hub's invocations to events.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::cursor::Cursor;
use super::dto::{self, Digits};
use super::{map, scan};
use crate::clock::{TimeReader, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::model::{
    Depth, Event, EventBody, EventFlags, Quote, QuoteFields, Side, Symbol, SymbolMap, SymbolTable, Trade,
};
use crate::price::Price;
use crate::signalr::{Text, value_end};

/// Decodes the market hub. Keeps the last quote of every contract, because quotes come in parts.
#[derive(Debug)]
pub(crate) struct MarketDecoder {
    symbols: Arc<SymbolTable>,
    contracts: SymbolMap<Box<[u8]>, Contract>,
    /// What the record tells that is being read. Kept for its memory.
    told: Vec<scan::Told>,
    times: TimeReader,
}

/// What is known of a contract.
#[derive(Debug)]
struct Contract {
    symbol: Symbol,
    quote: Quote,
}

impl MarketDecoder {
    pub(crate) fn new(symbols: Arc<SymbolTable>) -> MarketDecoder {
        MarketDecoder {
            symbols,
            contracts: SymbolMap::default(),
            told: Vec::new(),
            times: TimeReader::default(),
        }
    }

    /// Forgets the quotes: a new connection tells everything anew.
    pub(crate) fn reset(&mut self) {
        self.contracts.clear();
    }

    /// The short way for what is written as the gateway is known to write it, which is nearly everything. Hands the
    /// events to `sink`, as [`MarketDecoder::decode`] would; false when nothing was done and that is to be asked.
    pub(crate) fn decode_known(
        &mut self,
        received: Timestamp,
        target: &[u8],
        arguments: &[u8],
        mut sink: impl FnMut(Event),
    ) -> bool {
        self.told.clear();
        let Some(symbol) = self.scan(target, arguments) else { return false };
        let last = self.told.len().saturating_sub(1);
        for (index, (at, body)) in self.told.iter().enumerate() {
            let flags = if index < last { EventFlags::MORE } else { EventFlags::NONE };
            sink(Event { seq: 0, received, at: *at, instrument: Some(symbol), flags, body: *body });
        }
        true
    }

    /// Reads what all of the arguments tell; `None` when they are not understood, and nothing has changed.
    fn scan(&mut self, target: &[u8], arguments: &[u8]) -> Option<Symbol> {
        let (told, times) = (&mut self.told, &mut self.times);
        let mut cursor = Cursor::new(arguments);
        cursor.expect(b'[')?;
        // The first record of a contract takes the long way, which makes it known.
        let contract = self.contracts.get_mut(cursor.string()?)?;
        cursor.expect(b',')?;
        let mut quote = contract.quote;
        match target {
            b"GatewayQuote" => cursor.each(|cursor| {
                told.push(scan::quote(cursor, times, &mut quote)?);
                Some(())
            }),
            b"GatewayTrade" => cursor.each(|cursor| {
                told.push(scan::trade(cursor, times)?);
                Some(())
            }),
            b"GatewayDepth" => cursor.each(|cursor| {
                told.push(scan::depth(cursor, times)?);
                Some(())
            }),
            _ => None,
        }?;
        cursor.expect(b']')?;
        if !cursor.is_at_end() {
            return None;
        }
        contract.quote = quote;
        Some(contract.symbol)
    }

    /// Forgets the quote of a contract: nobody wanted it for a while.
    pub(super) fn forget(&mut self, contract: &str) {
        self.contracts.remove(contract.as_bytes());
    }

    /// Hands the events of one invocation to `sink`. False when the target is none of the market's.
    ///
    /// # Errors
    /// [`Kind::Protocol`] when an argument or an element of it cannot be read; the events of the others are
    /// out.
    pub(crate) fn decode(
        &mut self,
        received: Timestamp,
        target: &str,
        arguments: &str,
        mut sink: impl FnMut(Event),
    ) -> Result<bool> {
        if !matches!(target, "GatewayQuote" | "GatewayTrade" | "GatewayDepth") {
            return Ok(false);
        }
        let arguments = Arguments::read(arguments)?;
        let contract: Text<'_> = parse(arguments.first)?;
        let data = map::required("arguments[1]", arguments.second)?;
        if !self.contracts.contains_key(contract.as_bytes()) {
            let known = Contract { symbol: self.symbols.intern(&contract), quote: Quote::default() };
            self.contracts.insert(contract.as_bytes().into(), known);
        }
        let contract = map::required("arguments[0]", self.contracts.get_mut(contract.as_bytes()))?;
        let instrument = Some(contract.symbol);
        let event = |at: Option<&Text<'_>>, body| Event {
            seq: 0,
            received,
            at: map::time(at),
            instrument,
            flags: EventFlags::NONE,
            body,
        };
        // An event waits until it is known whether another one of the same message follows.
        let mut held: Option<Event> = None;
        let mut hold = |event: Event| {
            if let Some(mut earlier) = held.replace(event) {
                earlier.flags = EventFlags::MORE;
                sink(earlier);
            }
        };
        let result = match target {
            "GatewayQuote" => each(data, |part: dto::Quote<'_>| {
                contract.quote = merge(&contract.quote, &part)?;
                hold(event(part.timestamp.as_ref(), EventBody::Quote(contract.quote)));
                Ok(())
            }),
            "GatewayTrade" => each(data, |wire: dto::Trade<'_>| {
                let body = EventBody::Trade(trade(&wire)?);
                hold(event(wire.timestamp.as_ref(), body));
                Ok(())
            }),
            _ => each(data, |wire: dto::Depth<'_>| {
                let body = EventBody::Depth(depth(&wire)?);
                hold(event(wire.timestamp.as_ref(), body));
                Ok(())
            }),
        };
        if let Some(last) = held {
            sink(last);
        }
        result.map(|()| true)
    }
}

/// The contract that an invocation of the market hub is about, when that at least can be read and is known.
pub(super) fn contract_of(symbols: &SymbolTable, arguments: &str) -> Option<Symbol> {
    let contract: Text<'_> = parse(Arguments::read(arguments).ok()?.first).ok()?;
    symbols.find(&contract)
}

/// The quote after a part of it came. A part with a bad member changes nothing.
fn merge(before: &Quote, part: &dto::Quote<'_>) -> Result<Quote> {
    let mut quote = Quote { changed: QuoteFields::default(), ..*before };
    let changed = &mut quote.changed;
    let mut take = |field: QuoteFields, slot: &mut Option<Price>, name, raw: Digits<'_>| -> Result<()> {
        if let Some(price) = map::price(name, raw)? {
            *slot = Some(price);
            *changed |= field;
        }
        Ok(())
    };
    take(QuoteFields::BID, &mut quote.bid, "bestBid", part.best_bid)?;
    take(QuoteFields::ASK, &mut quote.ask, "bestAsk", part.best_ask)?;
    take(QuoteFields::LAST, &mut quote.last, "lastPrice", part.last_price)?;
    take(QuoteFields::OPEN, &mut quote.open, "open", part.open)?;
    take(QuoteFields::HIGH, &mut quote.high, "high", part.high)?;
    take(QuoteFields::LOW, &mut quote.low, "low", part.low)?;
    take(QuoteFields::CHANGE, &mut quote.change, "change", part.change)?;
    if let Some(percent) = map::average("changePercent", part.change_percent)? {
        quote.change_percent = Some(percent);
        quote.changed |= QuoteFields::CHANGE_PERCENT;
    }
    if let Some(volume) = map::volume("volume", part.volume)? {
        quote.volume = Some(volume);
        quote.changed |= QuoteFields::VOLUME;
    }
    if let Some(updated) = map::time(part.last_updated.as_ref()) {
        quote.last_updated = Some(updated);
    }
    Ok(quote)
}

fn trade(wire: &dto::Trade<'_>) -> Result<Trade> {
    Ok(Trade {
        price: map::required_price("price", wire.price)?,
        volume: map::required("volume", map::volume("volume", wire.volume)?)?,
        aggressor: map::small("type", wire.aggressor)?.map(Side::from),
    })
}

fn depth(wire: &dto::Depth<'_>) -> Result<Depth> {
    Ok(Depth {
        kind: map::depth_kind(wire.kind)?,
        price: map::required_price("price", wire.price)?,
        volume: map::required("volume", map::volume("volume", wire.volume)?)?,
        current_volume: map::volume("currentVolume", wire.current_volume)?,
    })
}

/// Decodes an invocation of the user hub; `None` when the target is none of the user's.
///
/// # Errors
/// [`Kind::Protocol`] when the argument cannot be read.
pub(super) fn decode_user(
    symbols: &SymbolTable,
    received: Timestamp,
    target: &str,
    arguments: &str,
) -> Result<Option<Event>> {
    if !matches!(
        target,
        "GatewayUserAccount" | "GatewayUserOrder" | "GatewayUserPosition" | "GatewayUserTrade"
    ) {
        return Ok(None);
    }
    let argument = Arguments::read(arguments)?.first;
    let envelope: dto::Action<'_> = parse(argument)?;
    let action = map::small("action", envelope.action)?;
    // Without an envelope the argument is the thing itself.
    let data = envelope.data.map_or(argument, RawValue::get);
    let event = match target {
        "GatewayUserAccount" => Event::of_account(symbols, received, &map::account(parse(data)?)?, action),
        "GatewayUserOrder" => Event::of_order(symbols, received, &map::order(parse(data)?)?, action),
        "GatewayUserPosition" => Event::of_position(symbols, received, &map::position(parse(data)?)?, action),
        _ => Event::of_fill(symbols, received, &map::fill(parse(data)?)?, action),
    };
    Ok(Some(event))
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T> {
    serde_json::from_str(json).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::new(Kind::Protocol, format!("the hub sent an event that cannot be read: {error}"))
}

/// The first two arguments of an invocation; further ones are passed over.
struct Arguments<'a> {
    first: &'a str,
    second: Option<&'a str>,
}

impl<'a> Arguments<'a> {
    /// Reads an array of arguments.
    ///
    /// # Errors
    /// [`Kind::Protocol`] when it is none, or empty.
    fn read(json: &'a str) -> Result<Arguments<'a>> {
        Arguments::usual(json).map_or_else(|| parse(json), Ok)
    }

    /// One or two arguments without spaces between them, as gateways write them; whether they are good JSON shows
    /// when they are read. `None` for everything else.
    fn usual(json: &'a str) -> Option<Arguments<'a>> {
        let bytes = json.as_bytes();
        if bytes.first() != Some(&b'[') || !matches!(bytes.get(1)?, b'"' | b'{' | b'[') {
            return None;
        }
        let end = value_end(bytes, 1)?;
        let first = json.get(1..end)?;
        if &bytes[end..] == b"]" {
            return Some(Arguments { first, second: None });
        }
        if bytes[end] != b',' {
            return None;
        }
        let second = json.get(end + 1..value_end(bytes, end + 1)?)?;
        (end + 2 + second.len() == json.len() && !second.is_empty() && json.ends_with(']'))
            .then_some(Arguments { first, second: Some(second) })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Arguments<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Arguments<'a>, D::Error> {
        struct AsArguments;

        impl<'de> Visitor<'de> for AsArguments {
            type Value = Arguments<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of arguments")
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> std::result::Result<Arguments<'de>, A::Error> {
                let missing = || serde::de::Error::invalid_length(0, &self);
                let first: &RawValue = seq.next_element()?.ok_or_else(missing)?;
                let second: Option<&RawValue> = seq.next_element()?;
                let (first, second) = (first.get(), second.map(RawValue::get));
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Arguments { first, second })
            }
        }

        deserializer.deserialize_seq(AsArguments)
    }
}

/// Hands one object, or each object of an array, to `take`, without collecting them. `null` is passed over.
/// What is malformed or what `take` refuses does not keep the others back; the first refusal is told.
fn each<'a, T: Deserialize<'a>>(data: &'a str, mut take: impl FnMut(T) -> Result<()>) -> Result<()> {
    struct AsItems<'t, T, F> {
        take: &'t mut F,
        refusal: &'t mut Result<()>,
        seen: &'t mut usize,
        item: PhantomData<T>,
    }

    impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Result<()>> Visitor<'de> for AsItems<'_, T, F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object or an array of objects")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<(), A::Error> {
            while let Some(item) = seq.next_element::<Option<T>>()? {
                *self.seen += 1;
                keep_first(self.refusal, item.map_or(Ok(()), &mut *self.take));
            }
            Ok(())
        }
    }

    if !data.starts_with('[') {
        return parse::<Option<T>>(data)?.map_or(Ok(()), take);
    }
    let (mut refusal, mut seen) = (Ok(()), 0);
    let items = AsItems { take: &mut take, refusal: &mut refusal, seen: &mut seen, item: PhantomData };
    if serde_json::Deserializer::from_str(data).deserialize_seq(items).is_err() {
        // An element of another shape ended the walk. It and those behind it are read one by one.
        for item in parse::<Vec<&RawValue>>(data)?.into_iter().skip(seen) {
            let taken = parse::<Option<T>>(item.get()).and_then(|item| item.map_or(Ok(()), &mut take));
            keep_first(&mut refusal, taken);
        }
    }
    refusal
}

fn keep_first(refusal: &mut Result<()>, result: Result<()>) {
    if refusal.is_ok() {
        *refusal = result;
    }
}
