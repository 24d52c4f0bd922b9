//! Bars of any range, put together from pages.
//!
//! A page is the latest part of what is asked for, so the pages go backwards: the start of the oldest bar
//! received is the end of the next page. Nothing is taken for granted that the gateway does not document:
//! whether a bar that starts at the end belongs to a page, whether a page is as long as it was asked for, and
//! in which order its bars come.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::clock::{Deadline, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::model::{Bar, BarPage, BarProgress, BarRequest, BarUnit};
use crate::session::Session;

/// No call gives more bars than this, half a gigabyte.
const MOST: usize = 10_000_000;

/// The bars of a range, oldest first.
///
/// # Errors
/// [`Kind::Argument`], and whatever a page fails with, together with how far it got.
pub(crate) fn bars(
    session: &Session,
    request: &BarRequest,
    deadline: Deadline,
    progress: impl FnMut(&BarProgress<'_>) -> ControlFlow<()>,
) -> Result<Vec<Bar>> {
    check(request)?;
    collect(request, progress, |page| {
        session.query(deadline, |gateway, token| gateway.bars(token, request, page, deadline))
    })
}

fn check(request: &BarRequest) -> Result<()> {
    let refused = |reason: String| Err(Error::new(Kind::Argument, reason));
    if request.from >= request.to {
        return refused(format!("the range of bars ends at {} before it begins", request.to));
    }
    if request.unit_number < 1 {
        return refused(format!(
            "the length of a bar is {} units but must be 1 or more",
            request.unit_number
        ));
    }
    if request.limit == Some(0) {
        return refused("the limit of bars is 0 but must be 1 or more".into());
    }
    Ok(())
}

/// Asks for page after page until the range, the limit or the gateway's past ends.
fn collect(
    request: &BarRequest,
    mut progress: impl FnMut(&BarProgress<'_>) -> ControlFlow<()>,
    mut ask: impl FnMut(BarPage) -> Result<Vec<Bar>>,
) -> Result<Vec<Bar>> {
    let limit = request.limit.map_or(usize::MAX, |limit| limit as usize);
    let mut collected = Collected { request, newest_first: Vec::new() };
    let mut pages = 0;
    loop {
        let wanted = limit - collected.newest_first.len();
        let rows = ask(collected.next_page(wanted)).map_err(|error| collected.tell(error))?;
        let mut new = collected.new_ones(rows);
        let Some(oldest) = new.first().map(|bar| bar.start) else { break };
        if let Some(excess) = new.len().checked_sub(wanted) {
            new.drain(..excess);
        }
        collected.newest_first.extend(new.iter().rev());
        pages += 1;
        let bars = collected.newest_first.len();
        if bars > MOST {
            return Err(Error::new(
                Kind::Argument,
                format!("the range has more than {MOST} bars; shorten it"),
            ));
        }
        let is_last = bars >= limit || request.is_first(oldest);
        let told =
            BarProgress { page: &new, bars, pages, oldest: new.first().map_or(oldest, |bar| bar.start) };
        if progress(&told).is_break() || is_last {
            break;
        }
    }
    let mut bars = collected.newest_first;
    bars.reverse();
    Ok(bars)
}

/// What has come so far.
struct Collected<'a> {
    request: &'a BarRequest,
    newest_first: Vec<Bar>,
}

impl Collected<'_> {
    /// The start of the oldest bar, and how many start then.
    fn oldest(&self) -> Option<(Timestamp, usize)> {
        let oldest = self.newest_first.last()?.start;
        Some((oldest, self.newest_first.iter().rev().take_while(|bar| bar.start == oldest).count()))
    }

    /// The page to ask for when so many bars are wanted. Those that start at its end may come again.
    fn next_page(&self, wanted: usize) -> BarPage {
        let (to, known) = match self.oldest() {
            None => (self.request.to, 1),
            Some((oldest, known)) if has_unique_starts(self.request.unit) => (oldest, known),
            // The next moment that the gateway can tell apart, so that all of the same start come again.
            Some((oldest, known)) => (oldest.saturating_add(Duration::from_nanos(100)), known),
        };
        BarPage { to, limit: u32::try_from(wanted.saturating_add(known)).unwrap_or(u32::MAX) }
    }

    /// The bars of a page that belong to the range and have not come yet, oldest first.
    fn new_ones(&self, mut rows: Vec<Bar>) -> Vec<Bar> {
        rows.retain(|bar| (self.request.from..self.request.to).contains(&bar.start));
        rows.sort_by_key(|bar| bar.start);
        if has_unique_starts(self.request.unit) {
            rows.dedup_by_key(|bar| bar.start);
        }
        if let Some((oldest, known)) = self.oldest() {
            rows.truncate(rows.partition_point(|bar| bar.start <= oldest));
            let again = rows.iter().rev().take_while(|bar| bar.start == oldest).count();
            rows.truncate(rows.len() - again.min(known));
        }
        rows
    }

    /// The error of a page with how far the pages before it got.
    fn tell(&self, error: Error) -> Error {
        match (self.newest_first.first(), self.newest_first.last()) {
            (Some(newest), Some(oldest)) => error.after(&format!(
                "{} bars from {} to {} had come before; older ones end at the first of these times",
                self.newest_first.len(),
                oldest.start,
                newest.start
            )),
            _ => error,
        }
    }
}

/// Whether no two bars start at the same time. Of ticks, and of what is new, nobody knows.
fn has_unique_starts(unit: BarUnit) -> bool {
    !matches!(unit, BarUnit::Tick | BarUnit::Other(_))
}

impl BarRequest {
    /// Whether no further bar of the range can start then or before: they start at whole seconds, minutes or
    /// hours. How far days are apart depends on the calendar.
    fn is_first(&self, start: Timestamp) -> bool {
        let apart = match self.unit {
            BarUnit::Second => 1,
            BarUnit::Minute => 60,
            BarUnit::Hour => 3_600,
            BarUnit::Tick | BarUnit::Other(_) => return false,
            BarUnit::Day | BarUnit::Week | BarUnit::Month => 0,
        };
        start == self.from || start < self.from.saturating_add(Duration::from_secs(apart))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Volume;
    use crate::price::Price;

    fn moment(second: i64) -> Timestamp {
        Timestamp::from_nanos(second * 1_000_000_000)
    }

    fn bar(second: i64, volume: i64) -> Bar {
        let price = Price::ZERO;
        let start = moment(second);
        Bar {
            start,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: Volume::new(volume),
            day: None,
            k: None,
        }
    }

    /// A gateway as the documents leave it open.
    struct Past {
        bars: Vec<Bar>,
        is_end_inclusive: bool,
        cut: usize,
    }

    impl Past {
        fn answer(&self, request: &BarRequest, page: BarPage) -> Vec<Bar> {
            let is_within = |bar: &&Bar| {
                bar.start >= request.from
                    && (bar.start < page.to || self.is_end_inclusive && bar.start == page.to)
            };
            let mut rows: Vec<Bar> = self.bars.iter().filter(is_within).copied().collect();
            let most = self.cut.min(page.limit as usize);
            rows.drain(..rows.len().saturating_sub(most));
            rows
        }
    }

    fn request(unit: BarUnit, from: i64, to: i64) -> BarRequest {
        BarRequest::new("C".into(), unit, moment(from), moment(to))
    }

    fn all(request: &BarRequest, past: &Past) -> (Vec<Bar>, usize) {
        let mut asked = 0;
        let bars = collect(
            request,
            |_| ControlFlow::Continue(()),
            |page| {
                asked += 1;
                assert!(asked < 1_000, "it ends");
                Ok(past.answer(request, page))
            },
        );
        (bars.unwrap(), asked)
    }

    #[test]
    fn no_gap_and_no_double_whatever_the_gateway_does() {
        let bars: Vec<Bar> = (0..500).map(|index| bar(index * 60, index)).collect();
        for is_end_inclusive in [false, true] {
            for cut in [2, 3, 7, 100, 499, 500, 501, 20_000] {
                let past = Past { bars: bars.clone(), is_end_inclusive, cut };
                for (from, to) in [(0, 500), (-1_000, 1_000), (3, 400), (100, 101)] {
                    let mut request = request(BarUnit::Minute, from * 60, to * 60);
                    let wanted: Vec<Bar> = bars
                        .iter()
                        .copied()
                        .filter(|bar| (request.from..request.to).contains(&bar.start))
                        .collect();
                    assert_eq!(all(&request, &past).0, wanted, "{is_end_inclusive} {cut} {from} {to}");
                    for limit in [1, 2, 6, 7, 8, 300, 600] {
                        request.limit = Some(limit);
                        let latest = &wanted[wanted.len().saturating_sub(limit as usize)..];
                        assert_eq!(all(&request, &past).0, latest, "{is_end_inclusive} {cut} {limit}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_range_that_is_complete_is_not_asked_for_again() {
        let bars: Vec<Bar> = (0..500).map(|index| bar(index * 60, index)).collect();
        let past = Past { bars, is_end_inclusive: false, cut: 20_000 };
        assert_eq!(all(&request(BarUnit::Minute, 0, 6_000), &past).1, 1);
        assert_eq!(all(&request(BarUnit::Minute, 61, 6_000), &past).1, 1, "within the first minute");
        assert_eq!(all(&request(BarUnit::Minute, -60, 6_000), &past).1, 2, "is there more before?");
        assert_eq!(all(&request(BarUnit::Day, 61, 6_000), &past).1, 2, "days have no fixed length");
        assert_eq!(all(&request(BarUnit::Minute, 90_000, 96_000), &past), (vec![], 1));
    }

    #[test]
    fn ticks_that_start_together_are_all_there() {
        let ticks: Vec<Bar> = (0..100).map(|index| bar(index / 3, index % 2)).collect();
        for is_end_inclusive in [false, true] {
            for cut in [4, 5, 50, 200] {
                let past = Past { bars: ticks.clone(), is_end_inclusive, cut };
                assert_eq!(all(&request(BarUnit::Tick, 0, 100), &past).0, ticks, "{is_end_inclusive} {cut}");
            }
        }
    }

    #[test]
    fn what_is_doubled_or_out_of_range_in_a_page_is_dropped() {
        let request = request(BarUnit::Minute, 60, 240);
        let rows = vec![bar(240, 4), bar(180, 3), bar(120, 2), bar(120, 2), bar(60, 1), bar(0, 0)];
        let bars = collect(&request, |_| ControlFlow::Continue(()), |_| Ok(rows.clone())).unwrap();
        assert_eq!(bars, [bar(60, 1), bar(120, 2), bar(180, 3)]);
    }

    #[test]
    fn a_failure_tells_how_far_it_got() {
        let bars: Vec<Bar> = (0..500).map(|index| bar(index * 60, index)).collect();
        let past = Past { bars, is_end_inclusive: false, cut: 200 };
        let request = request(BarUnit::Minute, 0, 30_000);
        let mut pages = 0;
        let mut kept = Vec::new();
        let fails = collect(
            &request,
            |told| {
                kept.splice(0..0, told.page.iter().copied());
                assert_eq!((told.bars, told.oldest), (kept.len(), kept[0].start));
                ControlFlow::Continue(())
            },
            |page| {
                pages += 1;
                match pages {
                    3 => Err(Error::new(Kind::Unavailable, "the gateway is failing")),
                    _ => Ok(past.answer(&request, page)),
                }
            },
        );
        assert_eq!(
            fails.unwrap_err().message(),
            "the gateway is failing; 400 bars from 1970-01-01T01:40:00Z to 1970-01-01T08:19:00Z had come \
             before; older ones end at the first of these times"
        );
        assert_eq!(kept, past.bars[100..]);
    }

    #[test]
    fn a_break_keeps_what_has_come() {
        let bars: Vec<Bar> = (0..500).map(|index| bar(index * 60, index)).collect();
        let past = Past { bars, is_end_inclusive: false, cut: 200 };
        let request = request(BarUnit::Minute, 0, 30_000);
        let stop = |told: &BarProgress<'_>| match told.pages {
            2 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        let kept = collect(&request, stop, |page| Ok(past.answer(&request, page))).unwrap();
        assert_eq!(kept, past.bars[100..]);
    }

    #[test]
    fn what_cannot_be_is_refused_before_it_is_sent() {
        for (bad, part) in [
            (request(BarUnit::Minute, 60, 60), "ends at"),
            (BarRequest { unit_number: 0, ..request(BarUnit::Minute, 0, 60) }, "length"),
            (BarRequest { limit: Some(0), ..request(BarUnit::Minute, 0, 60) }, "limit"),
        ] {
            let error = check(&bad).unwrap_err();
            assert!(error.kind() == Kind::Argument && error.message().contains(part), "{error}");
        }
    }
}
