//! `Auth/…`: logging in and out.

use super::routes::{Answer, failure, nothing, success};
use crate::sim::gateway::{API_KEY, APP_ID, APP_PASSWORD, APP_VERIFY_KEY, Gateway, USER_NAME};
use crate::sim::server::keys::Claims;
use crate::sim::wire::body::Body;
use crate::sim::wire::json::Null;

/// LoginErrorCode.
const USER_NOT_FOUND: i32 = 1;
const PASSWORD_VERIFICATION_FAILED: i32 = 2;
const INVALID_CREDENTIALS: i32 = 3;
const APP_NOT_FOUND: i32 = 4;
const APP_VERIFICATION_FAILED: i32 = 5;
const INVALID_DEVICE: i32 = 6;
const AGREEMENTS_NOT_SIGNED: i32 = 7;

/// `Auth/loginKey`. The name may come in any case.
pub(super) fn login_key(gateway: &Gateway, body: &Body<'_>) -> Answer {
    let (user, key) = (body.text("userName")?, body.text("apiKey")?);
    Ok(log_in(gateway, if is_user(&user) && key == API_KEY { 0 } else { INVALID_CREDENTIALS }))
}

/// `Auth/loginApp`: the login of a firm's own programs. Any device will do that has a name.
pub(super) fn login_app(gateway: &Gateway, body: &Body<'_>) -> Answer {
    let (user, password) = (body.text("userName")?, body.text("password")?);
    let (device, app) = (body.text("deviceId")?, body.text("appId")?);
    let verify_key = body.text("verifyKey")?;
    let code = match () {
        () if !is_user(&user) => USER_NOT_FOUND,
        () if password != APP_PASSWORD => PASSWORD_VERIFICATION_FAILED,
        () if !app.eq_ignore_ascii_case(APP_ID) => APP_NOT_FOUND,
        () if verify_key != APP_VERIFY_KEY => APP_VERIFICATION_FAILED,
        () if device.trim().is_empty() => INVALID_DEVICE,
        () => 0,
    };
    Ok(log_in(gateway, code))
}

fn is_user(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case(USER_NAME)
}

/// A new token when `code` is 0 and nothing else keeps the user out.
fn log_in(gateway: &Gateway, code: i32) -> String {
    let style = gateway.style();
    let code = if code == 0 { gateway.login_refusal() } else { code };
    if code == 0 {
        if style.shape().login_displaces {
            gateway.log_out_hub_clients("Another session was opened.");
        }
        return success(style, |answer| {
            answer.member("token", gateway.issue_token());
        });
    }
    let message = (code == AGREEMENTS_NOT_SIGNED)
        .then_some("Please log into the ProjectX platform and complete the required agreements");
    failure(style, code, message, |answer| {
        answer.member("token", Null);
    })
}

/// `Auth/validate`: a fresh token; the old one stays valid.
pub(super) fn validate(gateway: &Gateway, _: &Claims) -> String {
    let style = gateway.style();
    success(style, |answer| {
        answer.member("newToken", style.shape().new_token.then(|| gateway.issue_token()));
    })
}

/// `Auth/logout`: ends the calling token and no other.
pub(super) fn logout(gateway: &Gateway, claims: &Claims) -> String {
    gateway.revoke_token(claims);
    success(gateway.style(), nothing)
}
