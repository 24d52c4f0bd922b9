//! Tokens and connection ids: texts that only this simulator can have made.

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::sim::shape::Shape;
use crate::sim::wire::json::{Json, Style};

/// How long a token is valid.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How many generations of expired tokens are told from forged ones.
const MAX_EXPIRED: usize = 16;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Why a request has no valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum TokenError {
    /// There is none.
    Missing,
    /// It is not one of ours, was changed, or was logged out.
    Invalid,
    /// It was one of ours once.
    Expired,
}

/// What a valid token says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(in crate::sim) struct Claims {
    /// User name.
    pub(in crate::sim) sub: String,
    /// Number of the token.
    pub(in crate::sim) jti: String,
    /// Seconds since the Unix epoch at which the token expires.
    pub(in crate::sim) exp: i64,
}

/// Makes and checks tokens and ids under keys of its own.
#[derive(Debug)]
pub(in crate::sim) struct Keys {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// SipHash under random keys: nobody without them can make or change a text.
    hasher: RandomState,
    /// What made the tokens that have expired before their time.
    expired: VecDeque<RandomState>,
    made: u64,
    /// Number and expiry of tokens that were logged out.
    revoked: Vec<(String, i64)>,
}

impl Claims {
    /// When the token expires.
    pub(in crate::sim) fn expiry(&self) -> Timestamp {
        Timestamp::from_seconds(self.exp)
    }
}

impl Keys {
    /// Fresh random keys.
    pub(in crate::sim) fn new() -> Keys {
        Keys { state: Mutex::default() }
    }

    /// An id that nobody can guess.
    pub(in crate::sim) fn id(&self) -> String {
        let mut state = self.state.lock();
        state.made += 1;
        encode(&digest(&state.hasher, &format!("id {}", state.made))[..16])
    }

    /// A token for `user`, valid for 24 hours.
    pub(in crate::sim) fn issue(&self, user: &str, now: Timestamp) -> String {
        let style = Style::rest(Shape::default());
        let header = Json::object_text(style, |header| {
            header.member("alg", "HS256").member("typ", "JWT");
        });
        let payload = Json::object_text(style, |payload| {
            payload
                .member("sub", user)
                .member("jti", self.id())
                .member("iat", now.seconds())
                .member("exp", now.saturating_add(LIFETIME).seconds());
        });
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
        let signature = encode(&digest(&self.state.lock().hasher, &signed));
        format!("{signed}.{signature}")
    }

    /// What the token says, if it is one of ours and still valid.
    pub(in crate::sim) fn check(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Invalid)?;
        let state = self.state.lock();
        let is_by = |hasher: &RandomState| encode(&digest(hasher, signed)) == signature;
        if !is_by(&state.hasher) {
            let was_ours = state.expired.iter().any(is_by);
            return Err(if was_ours { TokenError::Expired } else { TokenError::Invalid });
        }
        let (_, payload) = signed.split_once('.').ok_or(TokenError::Invalid)?;
        let payload = decode(payload).ok_or(TokenError::Invalid)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| TokenError::Invalid)?;
        if claims.exp <= now.seconds() {
            return Err(TokenError::Expired);
        }
        if state.revoked.iter().any(|(jti, _)| *jti == claims.jti) {
            return Err(TokenError::Invalid);
        }
        Ok(claims)
    }

    /// Makes the token invalid from now on.
    pub(in crate::sim) fn revoke(&self, claims: &Claims, now: Timestamp) {
        let revoked = &mut self.state.lock().revoked;
        revoked.retain(|(_, exp)| *exp > now.seconds());
        revoked.push((claims.jti.clone(), claims.exp));
    }

    /// Lets all tokens made so far expire.
    pub(in crate::sim) fn expire_all(&self) {
        let mut state = self.state.lock();
        let former = std::mem::take(&mut state.hasher);
        state.expired.push_front(former);
        state.expired.truncate(MAX_EXPIRED);
    }

    /// Makes all tokens made so far unknown.
    pub(in crate::sim) fn forget_all(&self) {
        let mut state = self.state.lock();
        state.hasher = RandomState::new();
        state.expired.clear();
    }
}

fn digest(hasher: &RandomState, text: &str) -> [u8; 32] {
    let mut digest = [0; 32];
    for (part, bytes) in digest.chunks_exact_mut(8).enumerate() {
        bytes.copy_from_slice(&hasher.hash_one((part, text)).to_be_bytes());
    }
    digest
}

/// Base64 for URLs, without padding.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(*group.get(at).unwrap_or(&0)));
        for at in 0..=group.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|&known| known == letter)? as u32;
        bits = bits << 6 | value;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_token_is_a_jwt_that_lives_for_a_day() {
        let keys = Keys::new();
        let token = keys.issue("someone", at(1_000));
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(decode(parts[0]).unwrap(), br#"{"alg":"HS256","typ":"JWT"}"#);
        let payload: serde_json::Value = serde_json::from_slice(&decode(parts[1]).unwrap()).unwrap();
        assert_eq!((payload["iat"].as_i64(), payload["exp"].as_i64()), (Some(1_000), Some(87_400)));
        assert_eq!(keys.check(&token, at(87_399)).unwrap().sub, "someone");
        assert_eq!(keys.check(&token, at(87_400)), Err(TokenError::Expired));
    }

    #[test]
    fn other_tokens_are_refused() {
        let keys = Keys::new();
        let token = keys.issue("someone", at(0));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let forged = encode(br#"{"sub":"root","jti":"x","exp":99999999999}"#);
        let header = signed.split_once('.').unwrap().0;
        for bad in ["", "a", "a.b.c", signed, &format!("{header}.{forged}.{signature}"), &format!("{token}A")]
        {
            assert_eq!(keys.check(bad, at(1)), Err(TokenError::Invalid), "{bad}");
        }
        assert_eq!(Keys::new().check(&token, at(1)), Err(TokenError::Invalid));
    }

    #[test]
    fn logging_out_ends_one_token() {
        let keys = Keys::new();
        let (one, two) = (keys.issue("someone", at(0)), keys.issue("someone", at(0)));
        keys.revoke(&keys.check(&one, at(1)).unwrap(), at(1));
        assert_eq!(keys.check(&one, at(1)), Err(TokenError::Invalid));
        assert!(keys.check(&two, at(1)).is_ok());
    }

    #[test]
    fn base64_goes_both_ways() {
        for (bytes, text) in
            [(&b""[..], ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xfb\xff", "-_8")]
        {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).unwrap(), bytes);
        }
        assert_eq!(decode("a+b"), None);
    }
}
