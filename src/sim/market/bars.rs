//! Bars: of the history, and of what printed since.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use crate::sim::market::calendar::{Period, Sessions, Span, Unit};
use crate::sim::market::history::{History, WHOLE_DAYS};

/// How many bars of each length are kept of the live market, as many as one request may ask for.
const KEPT: usize = 20_000;

/// Prices in ticks and the volume of some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Bar {
    /// Its first second since 1970 in UTC.
    pub(in crate::sim) start: i64,
    pub(in crate::sim) open: i64,
    pub(in crate::sim) high: i64,
    pub(in crate::sim) low: i64,
    pub(in crate::sim) close: i64,
    pub(in crate::sim) volume: i64,
}

impl Bar {
    /// This bar and a later one as one.
    pub(in crate::sim) fn followed_by(self, later: Bar) -> Bar {
        Bar {
            start: self.start,
            open: self.open,
            high: self.high.max(later.high),
            low: self.low.min(later.low),
            close: later.close,
            volume: self.volume.saturating_add(later.volume),
        }
    }

    /// Whether high and low enclose open and close.
    #[cfg(test)]
    pub(in crate::sim) fn is_sane(&self) -> bool {
        self.low <= self.open.min(self.close) && self.open.max(self.close) <= self.high
    }
}

/// Bars of one length, oldest first.
#[derive(Debug)]
struct Ring {
    length: i64,
    bars: VecDeque<Bar>,
}

impl Ring {
    fn new(length: i64) -> Ring {
        Ring { length, bars: VecDeque::new() }
    }

    fn add(&mut self, second: i64, price: i64, volume: i64) {
        let start = second - second.rem_euclid(self.length);
        let print = Bar { start, open: price, high: price, low: price, close: price, volume };
        match self.bars.back_mut() {
            Some(last) if last.start >= start => *last = last.followed_by(print),
            _ => {
                if self.bars.len() == KEPT {
                    self.bars.pop_front();
                }
                self.bars.push_back(print);
            }
        }
    }
}

/// What printed since the simulator started. Times without a print have no bar.
#[derive(Debug)]
pub(in crate::sim) struct LiveBars {
    seconds: Ring,
    minutes: Ring,
    hours: Ring,
}

impl LiveBars {
    pub(in crate::sim) fn new() -> LiveBars {
        LiveBars { seconds: Ring::new(1), minutes: Ring::new(60), hours: Ring::new(3_600) }
    }

    /// Adds a print.
    pub(in crate::sim) fn add(&mut self, second: i64, price: i64, volume: i64) {
        for ring in [&mut self.seconds, &mut self.minutes, &mut self.hours] {
            ring.add(second, price, volume);
        }
    }
}

/// Which bars are wanted.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct BarQuery {
    pub(in crate::sim) period: Period,
    /// Bars that begin in here, in seconds; the end is not part of it.
    pub(in crate::sim) span: Span,
    /// At most this many, the newest.
    pub(in crate::sim) limit: usize,
    /// Whether a bar that still forms is wanted.
    pub(in crate::sim) with_partial: bool,
}

impl BarQuery {
    /// The bars, newest first and in ticks, as of the second `now`.
    pub(in crate::sim) fn answer(
        mut self,
        sessions: Sessions,
        history: &History,
        live: &LiveBars,
        now: i64,
    ) -> Vec<Bar> {
        self.span.start = self.span.start.max(self.oldest(sessions, now));
        self.span.end = self.span.end.min(now + 1);
        if self.span.start >= self.span.end {
            return Vec::new();
        }
        let touched = self.touched(sessions);
        let (length, ring) = match self.period.unit {
            Unit::Second => (1, &live.seconds),
            Unit::Minute => (60, &live.minutes),
            Unit::Hour => (3_600, &live.hours),
            Unit::Day | Unit::Week | Unit::Month => (WHOLE_DAYS, &live.hours),
        };
        let mut collector = Collector { query: self, sessions, now, bars: Vec::new(), open: None };
        let mut live = ring.bars.iter().rev();
        let live = live.try_for_each(|bar| match (touched.start..touched.end).contains(&bar.start) {
            true => collector.add(*bar),
            false => ControlFlow::Continue(()),
        });
        if live.is_continue() {
            let _ = history.visit(length, touched, &mut |bar| collector.add(bar));
        }
        collector.finish();
        collector.bars
    }

    /// The bars that these make up, which come newest first and are all there is, as of the second `now`.
    pub(in crate::sim) fn answer_from(
        mut self,
        sessions: Sessions,
        mut bars: impl Iterator<Item = Bar>,
        now: i64,
    ) -> Vec<Bar> {
        self.span.end = self.span.end.min(now + 1);
        if self.span.start >= self.span.end {
            return Vec::new();
        }
        let touched = self.touched(sessions);
        let mut collector = Collector { query: self, sessions, now, bars: Vec::new(), open: None };
        // The collector ends it at the first bar that lies before the window.
        let _ = bars.try_for_each(|bar| match bar.start < touched.end {
            true => collector.add(bar),
            false => ControlFlow::Continue(()),
        });
        collector.finish();
        collector.bars
    }

    /// Whole bars are needed from the one that holds the window's start to the one that holds its end.
    fn touched(&self, sessions: Sessions) -> Span {
        Span {
            start: self.period.span(sessions, self.span.start).start,
            end: self.period.span(sessions, self.span.end - 1).end,
        }
    }

    /// Where the stored past begins: bars of the real gateway reach back this far.
    fn oldest(&self, sessions: Sessions, now: i64) -> i64 {
        let days = match self.period.unit {
            Unit::Second | Unit::Minute => 63,
            Unit::Hour => 365,
            Unit::Day | Unit::Week | Unit::Month => 5 * 365,
        };
        sessions.opening(sessions.day_of(now) - days)
    }
}

/// Puts short bars, which come newest first, together to those that are wanted.
struct Collector {
    query: BarQuery,
    sessions: Sessions,
    now: i64,
    bars: Vec<Bar>,
    /// The bar that older ones may still join.
    open: Option<(Span, Bar)>,
}

impl Collector {
    fn add(&mut self, bar: Bar) -> ControlFlow<()> {
        if let Some((span, newer)) = &mut self.open
            && (span.start..span.end).contains(&bar.start)
        {
            *newer = Bar { start: span.start, ..bar.followed_by(*newer) };
            return ControlFlow::Continue(());
        }
        self.finish();
        let span = self.query.period.span(self.sessions, bar.start);
        if self.bars.len() >= self.query.limit || span.start < self.query.span.start {
            return ControlFlow::Break(());
        }
        self.open = Some((span, Bar { start: span.start, ..bar }));
        ControlFlow::Continue(())
    }

    /// Takes up the bar that is complete now.
    fn finish(&mut self) {
        let Some((span, bar)) = self.open.take() else { return };
        let is_partial = self.now < span.end;
        if bar.start < self.query.span.end && (self.query.with_partial || !is_partial) {
            self.bars.push(bar);
        }
    }
}
