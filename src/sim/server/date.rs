//! Dates as HTTP spells them.

use crate::clock::Timestamp;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(in crate::sim) fn http_date(at: Timestamp) -> String {
    let seconds = at.seconds();
    // 64 bits of nanoseconds stay within the years that the calendar knows.
    let moment =
        time::OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let day = DAYS[usize::from(moment.weekday().number_days_from_monday())];
    let month = MONTHS[usize::from(u8::from(moment.month())) - 1];
    let (hour, minute, second) = moment.to_hms();
    format!("{day}, {:02} {month} {:04} {hour:02}:{minute:02}:{second:02} GMT", moment.day(), moment.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_spelled_as_http_wants_it() {
        let at = Timestamp::parse("1994-11-06T08:49:37.9Z").unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
