//! How long a server asks to wait, in either spelling.

use std::time::Duration;

use ureq::http::HeaderMap;

use crate::clock::Timestamp;

/// The header `Retry-After`, with what is needed to read a date by the server's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long from now.
    Wait(Duration),
    /// Not before this time; `sent` is the server's time when it answered, if it tells.
    Until {
        /// When to come back.
        at: Timestamp,
        /// The header `Date`.
        sent: Option<Timestamp>,
    },
}

impl RetryAfter {
    /// What the headers of an answer say; `None` when they say nothing that can be read.
    pub(super) fn of(headers: &HeaderMap) -> Option<RetryAfter> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let wait = text("retry-after")?;
        if let Ok(seconds) = wait.parse() {
            return Some(RetryAfter::Wait(Duration::from_secs(seconds)));
        }
        Some(RetryAfter::Until { at: http_date(wait)?, sent: text("date").and_then(http_date) })
    }

    /// How long to wait. The caller's time is used for a date only when the server did not tell its own, so
    /// that a wrong clock on either side does no harm.
    pub fn from(self, now: Timestamp) -> Duration {
        match self {
            RetryAfter::Wait(wait) => wait,
            RetryAfter::Until { at, sent } => at.since(sent.unwrap_or(now)),
        }
    }
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`. The two older forms of a date, which no server has sent for long,
/// are not read.
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split(' ');
    let (_weekday, day, month) = (words.next()?.strip_suffix(',')?, words.next()?, words.next()?);
    let (year, time, zone) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    if zone != "GMT" || words.next().is_some() {
        return None;
    }
    Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> Option<RetryAfter> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        RetryAfter::of(&map)
    }

    #[test]
    fn seconds_and_dates_are_read() {
        let now = Timestamp::parse("2026-11-21T12:00:00Z").unwrap();
        let wait = |headers: &[(&'static str, &str)]| read(headers).map(|wait| wait.from(now).as_secs());
        assert_eq!(wait(&[("retry-after", " 7 ")]), Some(7));
        let date = ("retry-after", "Sat, 21 Nov 2026 12:00:30 GMT");
        assert_eq!(wait(&[date]), Some(30));
        // The server's clock is an hour behind.
        assert_eq!(wait(&[date, ("date", "Sat, 21 Nov 2026 12:00:25 GMT")]), Some(5));
        assert_eq!(wait(&[date, ("date", "Sat, 21 Nov 2026 13:00:25 GMT")]), Some(0));
        for bad in ["soon", "-1", "Sat, 21 Nov 2026 12:00:30 CET", "Sat 21 Nov 2026 12:00:30 GMT", ""] {
            assert_eq!(wait(&[("retry-after", bad)]), None, "{bad}");
        }
        assert_eq!(wait(&[]), None);
    }
}
