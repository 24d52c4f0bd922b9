//! `Auth/…`: logging in and out.

use super::routes::{Answer, failure, nothing, success};
use crate::sim::gateway::{API_KEY, Gateway, USER_NAME};
use crate::sim::server::keys::Claims;
use crate::sim::wire::body::Body;
use crate::sim::wire::json::Null;

/// LoginErrorCode: the name or the key is wrong.
const INVALID_CREDENTIALS: i32 = 3;

/// `Auth/loginKey`. The name may come in any case.
pub(super) fn login_key(gateway: &Gateway, body: &Body<'_>) -> Answer {
    let (user, key) = (body.text("userName")?, body.text("apiKey")?);
    let style = gateway.style();
    if user.trim().eq_ignore_ascii_case(USER_NAME) && key == API_KEY {
        Ok(success(style, |answer| {
            answer.member("token", gateway.issue_token());
        }))
    } else {
        Ok(failure(style, INVALID_CREDENTIALS, None, |answer| {
            answer.member("token", Null);
        }))
    }
}

/// `Auth/validate`: a fresh token; the old one stays valid.
pub(super) fn validate(gateway: &Gateway, _: &Claims) -> String {
    success(gateway.style(), |answer| {
        answer.member("newToken", gateway.issue_token());
    })
}

/// `Auth/logout`: ends the calling token and no other.
pub(super) fn logout(gateway: &Gateway, claims: &Claims) -> String {
    gateway.revoke_token(claims);
    success(gateway.style(), nothing)
}
