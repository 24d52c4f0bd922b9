//! Bars of the recorded trades.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::price::Price;
use crate::sim::market::bars::{Bar, BarQuery};
use crate::sim::market::calendar::Sessions;
use crate::sim::market::contract::Contract;

/// The most bars that are kept: a dozen contracts over a day. They take about 100 MB.
const MOST_BARS: usize = 1_000_000;

/// The bars of one second each in which something was traded.
#[derive(Debug, Default)]
pub(in crate::sim) struct RecordedBars {
    by_contract: BTreeMap<String, Bars>,
    count: usize,
}

#[derive(Debug)]
struct Bars {
    tick: Price,
    by_second: BTreeMap<i64, Bar>,
}

#[derive(Deserialize)]
struct Trade<'a> {
    #[serde(borrow)]
    price: &'a RawValue,
    volume: i64,
    timestamp: Option<String>,
}

impl RecordedBars {
    /// Adds the second argument of a `GatewayTrade`: an array of trades, or one trade. What cannot be read is passed
    /// over, and so are contracts of no known product. A trade without a time counts where it was received.
    pub(super) fn add(&mut self, contract: &str, received: Timestamp, trades: &str) {
        if !self.by_contract.contains_key(contract) {
            let Some(named) = Contract::named(contract) else { return };
            let bars = Bars { tick: named.product.tick_size, by_second: BTreeMap::new() };
            self.by_contract.insert(contract.to_owned(), bars);
        }
        let Some(bars) = self.by_contract.get_mut(contract) else { return };
        let trades: Vec<Option<Trade<'_>>> = serde_json::from_str(trades)
            .or_else(|_| serde_json::from_str(trades).map(|trade| vec![Some(trade)]))
            .unwrap_or_default();
        for trade in trades.into_iter().flatten() {
            let Ok(price) = trade.price.get().parse::<Price>() else { continue };
            let at = trade.timestamp.and_then(|text| Timestamp::parse(&text)).unwrap_or(received);
            let start = at.seconds();
            // Trades are on the grid.
            let ticks = price.units() / bars.tick.units();
            let volume = trade.volume.max(0);
            let bar = Bar { start, open: ticks, high: ticks, low: ticks, close: ticks, volume };
            match bars.by_second.get_mut(&start) {
                Some(known) => *known = known.followed_by(bar),
                None if self.count < MOST_BARS => {
                    bars.by_second.insert(start, bar);
                    self.count += 1;
                    if self.count == MOST_BARS {
                        log::warn!("simulator: the recording is long; later trades make no bars");
                    }
                }
                None => {}
            }
        }
    }

    /// The bars that are asked for, newest first, as of the last trade.
    pub(in crate::sim) fn answer(&self, contract: &str, query: BarQuery, sessions: Sessions) -> Vec<Bar> {
        let Some(bars) = self.by_contract.get(contract) else { return Vec::new() };
        let latest = bars.by_second.keys().next_back().copied().unwrap_or_default();
        query.answer_from(sessions, bars.by_second.values().rev().copied(), latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::config::Calendar;
    use crate::sim::market::calendar::{Period, Span, Unit};

    const MES: &str = "CON.F.US.MES.Z26";

    fn second(text: &str) -> i64 {
        Timestamp::parse(&format!("2026-11-20T15:{text}Z")).unwrap().seconds()
    }

    /// Prices in ticks of a quarter.
    fn bar(start: &str, [open, high, low, close]: [i64; 4], volume: i64) -> Bar {
        Bar { start: second(start), open, high, low, close, volume }
    }

    fn sample() -> RecordedBars {
        let mut bars = RecordedBars::default();
        for (price, at, volume) in [
            ("10.25", "00:00.1", 1),
            ("10.75", "00:00.2", 2),
            ("1.05e1", "00:00.999", 3),
            ("9.5", "00:59", 1),
            ("11", "01:00", 4),
            ("12.000000000", "03:30", 5),
        ] {
            let trades = format!(
                r#"[{{"price":{price},"timestamp":"2026-11-20T15:{at}Z","type":0,"volume":{volume}}},null]"#
            );
            bars.add(MES, Timestamp::from_nanos(0), &trades);
        }
        bars
    }

    fn found(
        bars: &RecordedBars,
        unit: Unit,
        from: &str,
        to: &str,
        limit: usize,
        with_partial: bool,
    ) -> Vec<Bar> {
        let span = Span { start: second(from), end: second(to) };
        let query = BarQuery { period: Period { unit, number: 1 }, span, limit, with_partial };
        bars.answer(MES, query, Sessions(Calendar::AlwaysOpen))
    }

    #[test]
    fn trades_become_bars_of_any_length() {
        let bars = sample();
        assert_eq!(
            found(&bars, Unit::Second, "00:00", "59:00", 9, true),
            [
                bar("03:30", [48; 4], 5),
                bar("01:00", [44; 4], 4),
                bar("00:59", [38; 4], 1),
                bar("00:00", [41, 43, 41, 42], 6),
            ]
        );
        assert_eq!(
            found(&bars, Unit::Minute, "00:00", "59:00", 9, true),
            [bar("03:00", [48; 4], 5), bar("01:00", [44; 4], 4), bar("00:00", [41, 43, 38, 38], 7)]
        );
        let hour = found(&bars, Unit::Hour, "00:00", "59:00", 9, true);
        assert_eq!(hour, [bar("00:00", [41, 48, 38, 48], 16)]);
    }

    #[test]
    fn window_limit_and_the_unfinished_bar_are_heeded() {
        let bars = sample();
        let second_minute = bar("01:00", [44; 4], 4);
        assert_eq!(found(&bars, Unit::Minute, "00:30", "03:00", 9, true), [second_minute]);
        assert_eq!(found(&bars, Unit::Minute, "00:00", "59:00", 1, false), [second_minute]);
        assert!(found(&bars, Unit::Second, "59:00", "00:00", 9, true).is_empty());
    }

    #[test]
    fn single_trades_are_read_and_nonsense_is_passed_over() {
        let mut bars = RecordedBars::default();
        let received = Timestamp::parse("2026-11-20T15:00:07.5Z").unwrap();
        bars.add("CON.F.US.NONE.Z26", received, r#"{"price":5,"volume":1}"#);
        bars.add(MES, received, r#"{"price":5,"volume":1}"#);
        bars.add(MES, received, "5");
        bars.add(MES, received, r#"[{"price":"x","volume":1},{"volume":1}]"#);
        assert_eq!(bars.by_contract.len(), 1);
        assert_eq!(found(&bars, Unit::Second, "00:00", "59:00", 9, true), [bar("00:07", [20; 4], 1)]);
    }
}
