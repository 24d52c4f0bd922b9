//! # 18. Market state
//!
//! The last quote and the order book of what streams of the client subscribe, read without a queue. They are at
//! least as new as the newest event that was polled. Contracts are named by their symbol, the number in
//! tf_event.instrument.

use std::ffi::c_char;

use super::client::tf_client;
use super::error::tf_error;
use super::event::tf_quote;
use super::event_record::quote_body;
use super::guard::{Checked, Refusal, guard, guard_value, object, string};
use super::sized::{self, Sized32};
use super::status::tf_status;
use crate::clock::Timestamp;
use crate::error::{Error, Kind};
use crate::model::{Level, Side, Symbol};

/// The last quote of a contract. Set `size` to sizeof(tf_last_quote).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_last_quote {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// 1 when it is the market's state now: quotes are subscribed, and the connection that told it stands.
    pub is_current: u8,
    /// Zero.
    pub reserved: [u8; 3],
    /// When this machine received its last part.
    pub received_ns: i64,
    /// When the gateway says that part was made; TF_TIME_NONE when it does not say.
    pub at_ns: i64,
    /// The merged whole.
    pub quote: tf_quote,
}

// SAFETY: numbers only, the first of which is the size.
unsafe impl Sized32 for tf_last_quote {
    const FIRST: usize = 120;
}

/// One price of an order book.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_level {
    /// The price in units of 1e-9.
    pub price: i64,
    /// The contracts that wait there, one at least.
    pub volume: i64,
}

/// How an order book stands. Set `size` to sizeof(tf_book_state).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_book_state {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// 1 when it is the market's state now: depth is subscribed, and the connection that told it stands.
    pub is_current: u8,
    /// 1 when the gateway began it anew on this connection and no record was skipped since, so that no level can be
    /// missing.
    pub is_whole: u8,
    /// 1 when the best bid is at or above the best ask, which only the gateway can bring about.
    pub is_crossed: u8,
    /// Zero.
    pub reserved: u8,
    /// How many prices have bids.
    pub bid_count: u32,
    /// How many prices have asks.
    pub ask_count: u32,
    /// When this machine received the last change.
    pub received_ns: i64,
    /// When the gateway says it was made; TF_TIME_NONE when it does not say.
    pub at_ns: i64,
}

// SAFETY: numbers only, the first of which is the size.
unsafe impl Sized32 for tf_book_state {
    const FIRST: usize = 32;
}

fn time(time: Option<Timestamp>) -> i64 {
    time.map_or(i64::MAX, Timestamp::nanos)
}

fn symbol(instrument: u32) -> Checked<Symbol> {
    let none = || Error::new(Kind::Argument, "`instrument` is 0, which is no symbol");
    Ok(Symbol::from_number(instrument).ok_or_else(none)?)
}

fn nothing_yet(what: &str) -> Refusal {
    Error::new(Kind::NotFound, format!("no {what} of this contract has come; a stream must subscribe it"))
        .into()
}

/// An array of the caller that is being filled.
struct Levels {
    next: *mut tf_level,
    room: usize,
}

impl Levels {
    fn new(name: &'static str, pointer: *mut tf_level, capacity: usize) -> Checked<Levels> {
        if pointer.is_null() && capacity > 0 {
            return Err(Refusal::Null(name));
        }
        Ok(Levels { next: pointer, room: capacity })
    }

    /// Writes a level; false when there is no room.
    fn take(&mut self, level: Level) -> bool {
        if self.room == 0 {
            return false;
        }
        let value = tf_level { price: level.price.units(), volume: level.volume.get() };
        // SAFETY: by contract the array holds as many levels as its capacity says, and one of them is left.
        unsafe {
            self.next.write(value);
            self.next = self.next.add(1);
        }
        self.room -= 1;
        true
    }
}

/// The symbol of a text, such as a contract id; 0 for NULL, for what is not UTF-8 and for a dead handle. The
/// same text has the same number for the life of the client. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_symbol_of(client: *const tf_client, text: *const c_char) -> u32 {
    guard_value(0, || {
        let known = object("client", client).and_then(|object| Ok((object, string("text", text)?)));
        known.map_or(0, |(object, text)| object.client.symbol_of(&text).get())
    })
}

/// The last quote of a contract. ERR_NOT_FOUND before the first. Takes no lock that the connection's thread
/// could hold. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_last_quote(
    client: *const tf_client,
    instrument: u32,
    out_quote: *mut tf_last_quote,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let object = object("client", client)?;
        let last = object.client.last_quote(symbol(instrument)?).ok_or_else(|| nothing_yet("quote"))?;
        let value = tf_last_quote {
            size: 0,
            is_current: last.is_current.into(),
            reserved: [0; 3],
            received_ns: last.received.nanos(),
            at_ns: time(last.at),
            quote: quote_body(&last.quote),
        };
        sized::write("tf_last_quote", out_quote, &value)?;
        Ok(tf_status::Ok)
    })
}

/// The order book of a contract: how it stands, and the best levels of each side, as many as fit into the arrays
/// or are there. An array may be NULL when its capacity is 0. Never shows half of a message. ERR_NOT_FOUND
/// before the first record. Bids are records 2, 4 and 9 of the gateway, asks 1, 3 and 10; 6 empties both sides,
/// size 0 removes a level, and what is said to be the best (3, 4, 9, 10) removes what was better. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_book(
    client: *const tf_client,
    instrument: u32,
    out_state: *mut tf_book_state,
    out_bids: *mut tf_level,
    bid_capacity: usize,
    out_asks: *mut tf_level,
    ask_capacity: usize,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let object = object("client", client)?;
        let symbol = symbol(instrument)?;
        let mut bids = Levels::new("out_bids", out_bids, bid_capacity)?;
        let mut asks = Levels::new("out_asks", out_asks, ask_capacity)?;
        let state = object
            .client
            .walk_book(symbol, |side, level| match side {
                Side::Buy => bids.take(level),
                _ => asks.take(level),
            })
            .ok_or_else(|| nothing_yet("depth"))?;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let value = tf_book_state {
            size: 0,
            is_current: state.is_current.into(),
            is_whole: state.is_whole.into(),
            is_crossed: state.is_crossed.into(),
            reserved: 0,
            bid_count: count(state.bids),
            ask_count: count(state.asks),
            received_ns: state.received.nanos(),
            at_ns: time(state.at),
        };
        sized::write("tf_book_state", out_state, &value)?;
        Ok(tf_status::Ok)
    })
}
