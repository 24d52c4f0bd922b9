//! What the market hub tells of a contract, read in one pass in the way in which the gateway is known to write it.
//!
//! Members come in any order; unknown ones are passed over. `None` leaves the matter to [`decode`](super::decode),
//! which asks serde, the only one to judge what is wrong.

use super::cursor::{Cursor, Name};
use crate::clock::{TimeReader, Timestamp};
use crate::model::{Depth, DepthKind, EventBody, Quote, QuoteFields, Side, Trade};

/// When it happened, and what.
pub(super) type Told = (Option<Timestamp>, EventBody);

/// Members of an object, one bit each.
#[derive(Default)]
struct Members {
    seen: u32,
    /// Those that were not null.
    told: u32,
}

impl Members {
    /// Keeps the value of a member, unless it is null. One that comes twice is for serde to refuse.
    #[inline]
    fn take<T>(&mut self, member: u32, value: Option<T>, slot: &mut Option<T>) -> Option<()> {
        if self.seen & member != 0 {
            return None;
        }
        self.seen |= member;
        if value.is_some() {
            self.told |= member;
            *slot = value;
        }
        Some(())
    }
}

/// The members of market data.
#[derive(Clone, Copy)]
enum Member {
    /// Not used.
    Passed,
    Ask,
    Bid,
    Change,
    ChangePercent,
    CurrentVolume,
    High,
    Last,
    LastUpdated,
    Low,
    Open,
    Price,
    Timestamp,
    Type,
    Volume,
}

/// Those of a quote, in the gateway's order.
const QUOTE: [(Name, Member); 13] = [
    (Name::new("symbol"), Member::Passed),
    (Name::new("symbolName"), Member::Passed),
    (Name::new("lastPrice"), Member::Last),
    (Name::new("bestBid"), Member::Bid),
    (Name::new("bestAsk"), Member::Ask),
    (Name::new("change"), Member::Change),
    (Name::new("changePercent"), Member::ChangePercent),
    (Name::new("open"), Member::Open),
    (Name::new("high"), Member::High),
    (Name::new("low"), Member::Low),
    (Name::new("volume"), Member::Volume),
    (Name::new("lastUpdated"), Member::LastUpdated),
    (Name::new("timestamp"), Member::Timestamp),
];

const TRADE: [(Name, Member); 5] = [
    (Name::new("symbolId"), Member::Passed),
    (Name::new("price"), Member::Price),
    (Name::new("timestamp"), Member::Timestamp),
    (Name::new("type"), Member::Type),
    (Name::new("volume"), Member::Volume),
];

const DEPTH: [(Name, Member); 5] = [
    (Name::new("timestamp"), Member::Timestamp),
    (Name::new("type"), Member::Type),
    (Name::new("price"), Member::Price),
    (Name::new("volume"), Member::Volume),
    (Name::new("currentVolume"), Member::CurrentVolume),
];

/// Merges a part of a quote into it. When that fails, the quote is of no use any more.
pub(super) fn quote(cursor: &mut Cursor<'_>, times: &mut TimeReader, quote: &mut Quote) -> Option<Told> {
    // The bits after those of the members that are noted as changed.
    const LAST_UPDATED: u32 = QuoteFields::ALL.0 + 1;
    const TIMESTAMP: u32 = LAST_UPDATED << 1;
    let (mut members, mut at) = (Members::default(), None);
    cursor.object(&QUOTE, |cursor, member| match member {
        Member::Last => members.take(QuoteFields::LAST.0, cursor.price()?, &mut quote.last),
        Member::Bid => members.take(QuoteFields::BID.0, cursor.price()?, &mut quote.bid),
        Member::Ask => members.take(QuoteFields::ASK.0, cursor.price()?, &mut quote.ask),
        Member::Change => members.take(QuoteFields::CHANGE.0, cursor.price()?, &mut quote.change),
        Member::ChangePercent => {
            members.take(QuoteFields::CHANGE_PERCENT.0, cursor.average()?, &mut quote.change_percent)
        }
        Member::Open => members.take(QuoteFields::OPEN.0, cursor.price()?, &mut quote.open),
        Member::High => members.take(QuoteFields::HIGH.0, cursor.price()?, &mut quote.high),
        Member::Low => members.take(QuoteFields::LOW.0, cursor.price()?, &mut quote.low),
        Member::Volume => members.take(QuoteFields::VOLUME.0, cursor.volume()?, &mut quote.volume),
        Member::LastUpdated => members.take(LAST_UPDATED, cursor.time(times)?, &mut quote.last_updated),
        Member::Timestamp => members.take(TIMESTAMP, cursor.time(times)?, &mut at),
        _ => cursor.skip(),
    })?;
    quote.changed = QuoteFields(members.told & QuoteFields::ALL.0);
    Some((at, EventBody::Quote(*quote)))
}

/// A trade of the market.
pub(super) fn trade(cursor: &mut Cursor<'_>, times: &mut TimeReader) -> Option<Told> {
    let (mut members, mut at) = (Members::default(), None);
    let (mut price, mut volume, mut aggressor) = (None, None, None);
    cursor.object(&TRADE, |cursor, member| match member {
        Member::Price => members.take(1, cursor.price()?, &mut price),
        Member::Timestamp => members.take(1 << 1, cursor.time(times)?, &mut at),
        Member::Type => members.take(1 << 2, cursor.small()?, &mut aggressor),
        Member::Volume => members.take(1 << 3, cursor.volume()?, &mut volume),
        _ => cursor.skip(),
    })?;
    let trade = Trade { price: price?, volume: volume?, aggressor: aggressor.map(Side::from) };
    Some((at, EventBody::Trade(trade)))
}

/// A record of the depth of market.
pub(super) fn depth(cursor: &mut Cursor<'_>, times: &mut TimeReader) -> Option<Told> {
    let (mut members, mut at) = (Members::default(), None);
    let (mut kind, mut price, mut volume, mut current_volume) = (None, None, None, None);
    cursor.object(&DEPTH, |cursor, member| match member {
        Member::Timestamp => members.take(1, cursor.time(times)?, &mut at),
        Member::Type => members.take(1 << 1, cursor.small()?, &mut kind),
        Member::Price => members.take(1 << 2, cursor.price()?, &mut price),
        Member::Volume => members.take(1 << 3, cursor.volume()?, &mut volume),
        Member::CurrentVolume => members.take(1 << 4, cursor.volume()?, &mut current_volume),
        _ => cursor.skip(),
    })?;
    let depth = Depth { kind: DepthKind::from(kind?), price: price?, volume: volume?, current_volume };
    Some((at, EventBody::Depth(depth)))
}
