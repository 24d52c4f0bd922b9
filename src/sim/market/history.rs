//! Prices of the time before the simulator started, made up on demand.
//!
//! Every trading day has a bar that follows from the seed and its date alone. A bar is divided into shorter
//! ones by numbers that follow from its place: a day into hours, an hour into minutes, a minute into seconds.
//! The parts take up its open, high, low, close and volume, so bars of all lengths agree, and a bar costs no
//! more than those that it lies in.

use std::ops::ControlFlow;

use crate::sim::market::bars::Bar;
use crate::sim::market::calendar::{Sessions, Span};
use crate::sim::market::products::Product;
use crate::sim::market::random::Random;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
/// Longer than any trading day.
pub(in crate::sim) const WHOLE_DAYS: i64 = 48 * HOUR;

/// The level of a day is a sum of waves of 1, 2, 4 … 64 days, each as high as a random walk gets in its time:
/// the root of its length, in thousandths. Their sum stays within 22 daily moves.
const WAVES: [i64; 7] = [1_000, 1_414, 2_000, 2_828, 4_000, 5_657, 8_000];
/// The range of one wave's random numbers.
const WAVE_STEPS: i64 = 1 << 16;
/// How much of a day trades in each of its hours, from 17:00 on: most between 8:00 and 15:00.
const HOURS: [i64; 25] =
    [4, 5, 5, 6, 6, 5, 5, 6, 8, 12, 14, 12, 11, 12, 16, 50, 60, 48, 36, 32, 36, 48, 40, 8, 5];

/// The past of one contract.
#[derive(Debug)]
pub(in crate::sim) struct History {
    seed: u64,
    /// Around what the levels move, in billionths.
    reference: i64,
    /// How far a usual day moves, in billionths.
    daily_move: i64,
    daily_volume: i64,
    tick: i64,
    /// What to add so that the history ends at the price at which the market starts.
    shift: i64,
    sessions: Sessions,
    /// The second at which the history ends.
    end: i64,
}

/// A bar in billionths, and the time that it covers.
#[derive(Debug, Clone, Copy)]
struct Piece {
    bar: Bar,
    end: i64,
}

impl Piece {
    fn seconds(&self) -> i64 {
        self.end - self.bar.start
    }

    /// Seconds in each of its parts.
    fn part_length(&self) -> i64 {
        match self.seconds() {
            seconds if seconds > HOUR => HOUR,
            seconds if seconds > MINUTE => MINUTE,
            _ => 1,
        }
    }
}

impl History {
    /// The history of `product` up to the second `end`, where it stands at `last` ticks.
    pub(in crate::sim) fn new(
        product: &Product,
        seed: u64,
        sessions: Sessions,
        end: i64,
        last: i64,
    ) -> History {
        let tick = product.tick_size.units().max(1);
        let mut history = History {
            seed: Random::named(seed, product.underlying).draw(),
            reference: product.reference.units(),
            daily_move: product.reference.units() / 10_000 * product.daily_move,
            daily_volume: product.daily_volume,
            tick,
            shift: 0,
            sessions,
            end,
        };
        let day = history.day(history.sessions.latest_day(end - 1));
        let close = history.before(&day, end).map_or(day.bar.close, |bar| bar.close);
        history.shift = last * tick - close;
        history
    }

    /// Close of the trading day before the one in which the history ends, in ticks.
    pub(in crate::sim) fn previous_close(&self) -> i64 {
        let day = self.sessions.latest_day(self.end);
        let before = self.sessions.latest_day(self.sessions.opening(day) - 1);
        self.ticks(self.day(before).bar).close
    }

    /// The trading day in which the history ends, as far as it got, in ticks; `None` at its opening.
    pub(in crate::sim) fn unfinished_day(&self) -> Option<Bar> {
        let day = self.day(self.sessions.latest_day(self.end));
        self.before(&day, self.end).map(|bar| self.ticks(bar))
    }

    /// Gives the bars of at most `length` seconds, or of whole trading days, that touch `span`, newest first and in ticks,
    /// until `found` breaks off. A bar that the end of the history cuts is given as far as it got.
    pub(in crate::sim) fn visit(
        &self,
        length: i64,
        span: Span,
        found: &mut impl FnMut(Bar) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let end = span.end.min(self.end);
        if end <= span.start {
            return ControlFlow::Continue(());
        }
        let (first, last) = (self.sessions.day_of(span.start), self.sessions.day_of(end - 1));
        for day in (first..=last).rev().filter(|&day| self.sessions.is_trading_day(day)) {
            self.visit_piece(&self.day(day), length, Span { start: span.start, end }, found)?;
        }
        ControlFlow::Continue(())
    }

    fn visit_piece(
        &self,
        piece: &Piece,
        length: i64,
        span: Span,
        found: &mut impl FnMut(Bar) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if piece.bar.start >= span.end || piece.end <= span.start {
            return ControlFlow::Continue(());
        }
        if piece.seconds() <= length {
            return self
                .before(piece, self.end)
                .map_or(ControlFlow::Continue(()), |bar| found(self.ticks(bar)));
        }
        self.parts(piece).iter().rev().try_for_each(|part| self.visit_piece(part, length, span, found))
    }

    /// What of a piece lies before `end`.
    fn before(&self, piece: &Piece, end: i64) -> Option<Bar> {
        if piece.end <= end {
            return Some(piece.bar);
        }
        if piece.bar.start >= end {
            return None;
        }
        let parts = self.parts(piece);
        let parts = parts.iter().filter_map(|part| self.before(part, end));
        parts.reduce(Bar::followed_by)
    }

    /// The bar of a trading day.
    fn day(&self, day: i64) -> Piece {
        let (open, close) = (self.level(day), self.level(day + 1));
        let start = self.sessions.opening(day);
        let mut random = self.random(start, 0);
        let activity = random.between(40, 160);
        let mut reach = || self.daily_move * activity / 100 * random.between(100, 700) / 1_000;
        let (high, low) = (open.max(close) + reach(), open.min(close) - reach());
        let end = self.sessions.closing(day);
        // A contract a second at least, so that every bar has a volume.
        let volume = end - start + self.daily_volume * activity / 100;
        Piece { bar: Bar { start, open, high, low, close, volume }, end }
    }

    /// The price at the beginning of a trading day.
    fn level(&self, day: i64) -> i64 {
        let mut level = self.reference;
        for (octave, height) in WAVES.iter().enumerate() {
            let length = 1 << octave;
            let (node, passed) = (day.div_euclid(length), day.rem_euclid(length));
            let value = |node| self.random(node, octave as i64 + 1).between(-WAVE_STEPS, WAVE_STEPS);
            let steps = value(node) * (length - passed) + value(node + 1) * passed;
            let part = i128::from(self.daily_move) * i128::from(*height) * i128::from(steps);
            // Seven eighths of the daily move make the levels of two days differ by one daily move.
            level += (part * 7 / 8 / i128::from(length * WAVE_STEPS * 1_000)) as i64;
        }
        level
    }

    /// Divides a piece. The first part opens where it opens, the last closes where it closes, and some part
    /// reaches its high and another its low.
    fn parts(&self, piece: &Piece) -> Vec<Piece> {
        let length = piece.part_length();
        let count = piece.seconds() / length;
        let mut random = self.random(piece.bar.start, length);
        let prices = path(&piece.bar, count, &mut random);
        let whole = &piece.bar;
        // The range of a random walk grows with the root of its length.
        let reach = (whole.high - whole.low) / (2 * count.isqrt());
        let weight = |part: i64, random: &mut Random| match length {
            HOUR => HOURS.get(part as usize).unwrap_or(&4) * random.between(50, 150),
            _ => random.between(10, 190),
        };
        let weights: Vec<i64> = (0..count).map(|part| weight(part, &mut random)).collect();
        let all: i64 = weights.iter().sum::<i64>().max(1);
        // A contract a second is sure, the rest goes by weight.
        let spare = (whole.volume - piece.seconds()).max(0);
        let (mut passed, mut given) = (0, 0);
        let mut parts = Vec::with_capacity(weights.len());
        for (part, weight) in weights.iter().enumerate() {
            let (open, close) = (prices[part], prices[part + 1]);
            passed += weight;
            let until = spare * passed / all;
            let start = whole.start + part as i64 * length;
            let bar = Bar {
                start,
                open,
                high: open.max(close) + random.between(0, reach.min(whole.high - open.max(close))),
                low: open.min(close) - random.between(0, reach.min(open.min(close) - whole.low)),
                close,
                volume: length + until - given,
            };
            given = until;
            parts.push(Piece { bar, end: start + length });
        }
        parts
    }

    /// Random numbers of one place in the history.
    fn random(&self, place: i64, kind: i64) -> Random {
        let place = (place as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        Random::new((self.seed ^ place).wrapping_add((kind as u64).wrapping_mul(0xA076_1D64_78BD_642F)))
    }

    /// A bar of the history in ticks. Cutting to the grid keeps the order of prices, so bars still agree.
    fn ticks(&self, bar: Bar) -> Bar {
        let cut = |units: i64| (units + self.shift).div_euclid(self.tick);
        Bar { open: cut(bar.open), high: cut(bar.high), low: cut(bar.low), close: cut(bar.close), ..bar }
    }
}

/// Prices at the borders of `count` parts: a random walk from open to close that touches high and low.
fn path(bar: &Bar, count: i64, random: &mut Random) -> Vec<i64> {
    let mut prices = vec![bar.open; count as usize + 1];
    prices[count as usize] = bar.close;
    let high_at = random.between(1, count - 1);
    let low_at = (high_at + random.between(1, count - 2) - 1) % (count - 1) + 1;
    prices[high_at as usize] = bar.high;
    prices[low_at as usize] = bar.low;
    let fixed = [0, high_at.min(low_at) as usize, high_at.max(low_at) as usize, count as usize];
    for ends in fixed.windows(2) {
        bridge(&mut prices[ends[0]..=ends[1]], bar, count, random);
    }
    prices
}

/// Fills in what lies between the first and the last price.
fn bridge(prices: &mut [i64], bar: &Bar, count: i64, random: &mut Random) {
    let last = prices.len() - 1;
    if last < 2 {
        return;
    }
    let middle = last / 2;
    let straight = prices[0] + (prices[last] - prices[0]) * middle as i64 / last as i64;
    let reach = (bar.high - bar.low) * (last as i64 * 100 / count).isqrt() / 30;
    prices[middle] = folded(straight + random.between(-reach, reach), bar);
    bridge(&mut prices[..=middle], bar, count, random);
    bridge(&mut prices[middle..], bar, count, random);
}

/// A price that went out of the bar's range, thrown back into it. Cut off at the ends, prices would stick there.
fn folded(price: i64, bar: &Bar) -> i64 {
    let folded = if price < bar.low { 2 * bar.low - price } else { price.min(2 * bar.high - price) };
    folded.clamp(bar.low, bar.high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::sim::config::Calendar;
    use crate::sim::market::products::PRODUCTS;

    fn at(text: &str) -> i64 {
        Timestamp::parse(text).unwrap().nanos() / 1_000_000_000
    }

    fn history(code: &str, calendar: Calendar) -> History {
        let product = PRODUCTS.iter().find(|product| product.code == code).unwrap();
        History::new(product, 1, Sessions(calendar), at("2026-11-20T15:04:05Z"), product.reference_ticks())
    }

    #[test]
    fn few_bars_share_the_low_of_their_day() {
        let history = history("MES", Calendar::AlwaysOpen);
        let days = bars(&history, 24 * HOUR, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
        let hours = bars(&history, HOUR, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
        let shared = |low: fn(&Bar) -> i64| {
            let lows: Vec<i64> = days.iter().map(low).collect();
            hours.iter().filter(|hour| lows.contains(&low(hour))).count()
        };
        // An hour that closes at the low is followed by one that opens there.
        let most = days.len() * 3;
        assert!(shared(|bar| bar.low) <= most && shared(|bar| bar.high) <= most);
    }

    fn bars(history: &History, length: i64, from: &str, to: &str) -> Vec<Bar> {
        let mut bars = Vec::new();
        let span = Span { start: at(from), end: at(to) };
        let _ = history.visit(length, span, &mut |bar| {
            bars.push(bar);
            ControlFlow::Continue(())
        });
        bars.reverse();
        bars
    }

    #[test]
    fn the_parts_of_a_bar_agree_with_it() {
        for product in &PRODUCTS {
            let history = history(product.code, Calendar::Cme);
            let day = history.day(20_000);
            for piece in [day, history.parts(&day)[7], history.parts(&history.parts(&day)[16])[59]] {
                let parts = history.parts(&piece);
                let whole = parts.iter().map(|part| part.bar).reduce(Bar::followed_by).unwrap();
                assert_eq!(whole, piece.bar, "{}", product.code);
                assert!(parts.windows(2).all(|pair| pair[0].bar.close == pair[1].bar.open
                    && pair[0].end == pair[1].bar.start));
                assert!(parts.iter().all(|part| part.bar.is_sane() && part.bar.volume > 0));
            }
        }
    }

    #[test]
    fn it_ends_where_the_market_starts() {
        for calendar in [Calendar::AlwaysOpen, Calendar::Cme] {
            for product in &PRODUCTS {
                let history = history(product.code, calendar);
                for length in [1, 60, 3_600, WHOLE_DAYS] {
                    let last = *bars(&history, length, "2026-11-20T14:00:00Z", "2026-11-21T00:00:00Z")
                        .last()
                        .unwrap();
                    assert_eq!(last.close, product.reference_ticks(), "{} {length}", product.code);
                }
                assert_eq!(history.unfinished_day().unwrap().close, product.reference_ticks());
            }
        }
    }

    #[test]
    fn prices_stay_near_the_reference_for_ever() {
        for product in &PRODUCTS {
            let history = history(product.code, Calendar::AlwaysOpen);
            let reference = product.reference.units();
            for day in (-100_000..100_000).step_by(397) {
                let bar = history.day(day).bar;
                assert!(
                    bar.is_sane() && bar.low > reference / 4 && bar.high < reference * 2,
                    "{}",
                    product.code
                );
            }
        }
    }

    #[test]
    fn days_move_as_far_as_they_should() {
        let history = history("EP", Calendar::Cme);
        let days = bars(&history, WHOLE_DAYS, "2024-11-20T15:00:00Z", "2026-11-20T15:00:00Z");
        assert!((500..530).contains(&days.len()), "{}", days.len());
        let moved: i64 = days.iter().map(|bar| (bar.close - bar.open).abs()).sum::<i64>() / days.len() as i64;
        let usual = PRODUCTS.iter().find(|product| product.code == "EP").unwrap().daily_ticks();
        assert!((usual / 2..usual * 2).contains(&moved), "{moved} against {usual}");
    }
}
