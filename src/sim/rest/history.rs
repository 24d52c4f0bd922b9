//! `History/…`.

use super::routes::{Answer, Call, failure, success};
use crate::clock::Timestamp;
use crate::price::Price;
use crate::sim::market::bars::{Bar, BarQuery};
use crate::sim::market::calendar::{Period, Span, Unit};
use crate::sim::wire::json::{Json, Null, Value};

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Most bars that one request gives.
const MAX_BARS: i32 = 20_000;

/// RetrieveBarsErrorCode.
const CONTRACT_NOT_FOUND: i32 = 1;
const UNIT_INVALID: i32 = 2;
const UNIT_NUMBER_INVALID: i32 = 3;
const LIMIT_INVALID: i32 = 4;

/// `History/retrieveBars`, newest first. The live tier has none here, as for practice accounts.
pub(super) fn retrieve_bars(call: &Call<'_>) -> Answer {
    let body = &call.body;
    let contract_id = body.text("contractId")?;
    let live = body.boolean("live")?;
    let span = Span { start: second(body.time("startTime")?), end: second(body.time("endTime")?) };
    let (unit, unit_number) = (body.int32("unit")?, body.int32("unitNumber")?);
    let limit = body.int32("limit")?;
    let with_partial = body.boolean("includePartialBar")?;

    let style = call.gateway.style();
    let refused = |code| {
        failure(style, code, None, |answer| {
            answer.member("bars", Null);
        })
    };
    let found = call.gateway.read(|exchange| {
        let contract = exchange.catalog.by_id(&contract_id).ok_or(CONTRACT_NOT_FOUND)?;
        let period = period(unit, unit_number)?;
        let limit = usize::try_from(limit).ok().filter(|_| (1..=MAX_BARS).contains(&limit));
        let query = BarQuery { period, span, limit: limit.ok_or(LIMIT_INVALID)?, with_partial };
        let bars = match &call.gateway.player {
            _ if live => Vec::new(),
            Some(player) => player.survey.bars.answer(&contract.id, query, exchange.sessions),
            None => exchange.bars(contract, query),
        };
        Ok((bars, contract.product.tick_size))
    });
    Ok(match found {
        Ok((bars, tick)) => success(style, |answer| {
            answer.array("bars", bars.into_iter().map(|bar| Row { bar, tick }));
        }),
        Err(code) => refused(code),
    })
}

/// The length of bars, or the code that refuses it.
fn period(unit: i32, number: i32) -> Result<Period, i32> {
    // Bars shorter than a day are no longer than one, and longer ones no longer than a year.
    let (unit, most) = match unit {
        1 => (Unit::Second, 86_400),
        2 => (Unit::Minute, 1_440),
        3 => (Unit::Hour, 24),
        4 => (Unit::Day, 365),
        5 => (Unit::Week, 52),
        6 => (Unit::Month, 12),
        _ => return Err(UNIT_INVALID),
    };
    match (1..=most).contains(&number) {
        true => Ok(Period { unit, number: i64::from(number) }),
        false => Err(UNIT_NUMBER_INVALID),
    }
}

/// The first whole second at or after a time: a bar begins in a window exactly when its second does.
fn second(time: Timestamp) -> i64 {
    time.nanos().saturating_add(NANOS_PER_SECOND - 1).div_euclid(NANOS_PER_SECOND)
}

/// A bar with its tick size.
struct Row {
    bar: Bar,
    tick: Price,
}

impl Value for Row {
    fn write(&self, json: &mut Json) {
        let price = |ticks| self.tick.checked_mul(ticks).unwrap_or(Price::ZERO);
        json.object(|object| {
            object
                .member("t", Timestamp::from_seconds(self.bar.start))
                .member("o", price(self.bar.open))
                .member("h", price(self.bar.high))
                .member("l", price(self.bar.low))
                .member("c", price(self.bar.close))
                .member("v", self.bar.volume);
        });
    }
}
