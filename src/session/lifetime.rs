//! How long a token is good for.

use std::time::Duration;

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::secret::Secret;

/// What holds when the token does not tell: a little less than the day that tokens are given for.
const UNTOLD: Duration = Duration::from_secs(23 * 3_600 + 1_800);

/// How long before its end a token is replaced.
const MARGIN: Duration = Duration::from_secs(30 * 60);

/// The two times in a token that matter here, in seconds since 1970.
#[derive(Deserialize)]
struct Claims {
    exp: Option<f64>,
    iat: Option<f64>,
}

/// When a token that was received at `now` ends. Its signature is the gateway's business.
///
/// The gateway's clock and ours may differ. A token that tells when it was issued cannot outlive the span from
/// there to its end; and one that is over already when it arrives proves that the clocks differ.
pub(super) fn end(token: &Secret, now: Timestamp) -> Timestamp {
    let Some(Claims { exp: Some(exp), iat }) = claims(token.expose()) else {
        return now.saturating_add(UNTOLD);
    };
    let told = Timestamp::from_nanos((exp * 1e9) as i64);
    let span = iat.map(|iat| exp - iat).filter(|span| *span > 0.0 && *span < 1e9);
    let by_span = span.map(|span| now.saturating_add(Duration::from_secs_f64(span)));
    match by_span {
        Some(by_span) if told > now => told.min(by_span),
        Some(by_span) => by_span,
        None if told > now => told,
        None => now.saturating_add(UNTOLD),
    }
}

/// When a token that lives from `now` to `end` is replaced: half an hour before its end, and not before half
/// its life is over.
pub(super) fn refresh_at(now: Timestamp, end: Timestamp) -> Timestamp {
    end.saturating_sub(MARGIN.min(end.since(now) / 2))
}

/// The middle one of the three parts of a JWT.
fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    serde_json::from_slice(&base64url(payload)?).ok()
}

/// Base64 with the two signs that URLs allow, padded or not.
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0u32, 0);
    for sign in text.trim_end_matches('=').bytes() {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    /// A token with this payload.
    pub(in crate::session) fn token(payload: &str) -> Secret {
        const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::from("eyJhbGciOiJIUzI1NiJ9.");
        for part in payload.as_bytes().chunks(3) {
            let bits = part.iter().fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte));
            let bits = bits << (8 * (3 - part.len()));
            for index in 0..=part.len() {
                text.push(char::from(SIGNS[(bits >> (18 - 6 * index)) as usize & 63]));
            }
        }
        Secret::new(text + ".c2ln")
    }

    /// Seconds from now to the end of the token.
    fn left(token: &Secret) -> u64 {
        let now = Timestamp::from_nanos(NOW * 1_000_000_000);
        end(token, now).since(now).as_secs()
    }

    #[test]
    fn the_end_stands_in_the_token() {
        let with = |payload: String| left(&token(&payload));
        assert_eq!(with(format!(r#"{{"sub":"jane","exp":{}}}"#, NOW + 100)), 100);
        assert_eq!(with(format!(r#"{{"exp":{},"iat":{NOW}}}"#, NOW + 86_400)), 86_400);
        assert_eq!(with(format!(r#"{{"exp":{}.5,"iat":{}}}"#, NOW + 50, NOW - 50)), 50, "issued earlier");
    }

    #[test]
    fn a_clock_that_is_wrong_by_an_hour_does_not_matter() {
        let with = |exp: i64, iat: i64| left(&token(&format!(r#"{{"exp":{exp},"iat":{iat}}}"#)));
        assert_eq!(with(NOW + 86_400 + 3_600, NOW + 3_600), 86_400, "ours is behind");
        assert_eq!(
            with(NOW + 86_400 - 3_600, NOW - 3_600),
            86_400 - 3_600,
            "ours is ahead: an hour too early"
        );
        assert_eq!(with(NOW - 10, NOW - 1_010), 1_000, "ours is so far ahead that the token seems over");
        let seems_over = token(&format!(r#"{{"exp":{}}}"#, NOW - 10));
        assert_eq!(left(&seems_over), UNTOLD.as_secs());
    }

    #[test]
    fn what_cannot_be_read_counts_for_almost_a_day() {
        for text in ["", "opaque", "a.b", "a.b.c", "a.*.c", "a.e30.c", "a.eyJleHAiOiJ4In0.c", "a.b.c.d"] {
            assert_eq!(left(&Secret::new(text)), UNTOLD.as_secs(), "{text}");
        }
        let (huge, nothing) = (token(r#"{"exp":1e300}"#), token(r#"{"exp":null}"#));
        assert_eq!(left(&nothing), UNTOLD.as_secs());
        assert!(left(&huge) > UNTOLD.as_secs());
    }

    #[test]
    fn short_lives_are_not_all_margin() {
        let now = Timestamp::from_nanos(0);
        let at = |seconds| refresh_at(now, now.saturating_add(Duration::from_secs(seconds))).since(now);
        assert_eq!(at(86_400), Duration::from_secs(86_400 - 1_800));
        assert_eq!(at(60), Duration::from_secs(30));
    }
}
