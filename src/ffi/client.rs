//! # 6. Client
//!
//! Everything hangs on one. Any thread may use it. Calls that talk to the gateway block until the
//! answer or until `timeout_ms` has passed (-1: no limit) and then give ERR_DEADLINE; tf_client_close() ends
//! them at once with ERR_CLOSED. Before tf_client_login() they give ERR_STATE. The token
//! is replaced ahead of its end. Requests that would be too many for the gateway wait up to `timeout_ms`; those that
//! change something are refused with ERR_RATE_LIMIT instead and were not sent.

use std::collections::HashMap;
use std::ffi::{CString, c_char};

use parking_lot::Mutex;

use super::config::tf_config;
use super::error::tf_error;
use super::guard::{Out, deadline, destroy, guard, guard_value, new_handle, object, string};
use super::handle::{Handled, handled};
use super::status::tf_status;
use super::text::to_c;
use crate::client::Client;
use crate::model::{AppLogin, Symbol};

/// A connection to a gateway.
pub struct tf_client {
    pub(super) client: Client,
    /// The texts that were handed out, which must stay where they are.
    symbols: Mutex<HashMap<u32, CString>>,
}
handled!(tf_client, Client);

/// Makes a client from a copy of the settings. Sends nothing; with environment SIM the embedded gateway
/// starts. The caller owns it. ERR_CONFIG when a setting is missing or wrong. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_new(
    config: *const tf_config,
    out_client: *mut *mut tf_client,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_client", out_client)?;
        let config = object("config", config)?.snapshot();
        let client = Client::new(&config)?;
        out.set(new_handle(tf_client { client, symbols: Mutex::default() })?);
        Ok(tf_status::Ok)
    })
}

/// Logs in with the user name and the key of the settings. ERR_CONFIG when they are not set, ERR_AUTH when they
/// are refused. After three refusals in a row all calls give ERR_AUTH until the next login. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_login(
    client: *mut tf_client,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        client.client.login(deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Logs in as an application that a firm has admitted, with the five parts that the firm issued; user name and
/// key of the settings are not used. All texts are copied. ERR_AUTH when they are refused. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_login_app(
    client: *mut tf_client,
    user_name: *const c_char,
    password: *const c_char,
    device_id: *const c_char,
    app_id: *const c_char,
    verify_key: *const c_char,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        let login = AppLogin::new(
            string("user_name", user_name)?,
            string("password", password)?,
            string("device_id", device_id)?,
            string("app_id", app_id)?,
            string("verify_key", verify_key)?,
        );
        client.client.login_app(&login, deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Ends the token, here in any case and at the gateway if it can be reached. Connections that are up stay; they
/// cannot come back before the next login. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_logout(
    client: *mut tf_client,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        client.client.logout(deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Asks the gateway for a sign of life. Needs no login. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_ping(
    client: *mut tf_client,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        client.client.ping(deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Forgets the accounts and contracts that are remembered for 300 s, or as long as cache_seconds says, so that
/// the next call asks the gateway. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_clear_caches(
    client: *mut tf_client,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        object("client", client)?.client.clear_caches();
        Ok(tf_status::Ok)
    })
}

/// Asks the gateway whether the token is still valid, and goes on with the new one if it sends one.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_validate(
    client: *mut tf_client,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        client.client.validate(deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// The text of a symbol: contract ids, client tags and names come as numbers in events. Borrowed until the
/// client is destroyed; "" for 0 and for a number that is none. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_symbol(client: *const tf_client, symbol: u32) -> *const c_char {
    let found = guard_value(None, || {
        let object = tf_client::table().get(client)?;
        let text = object.client.symbol(Symbol::from_number(symbol)?)?;
        let mut symbols = object.symbols.lock();
        Some(symbols.entry(symbol).or_insert_with(|| to_c(&text)).as_ptr())
    });
    found.unwrap_or(c"".as_ptr())
}

/// Ends every call that is under way, both connections and all streams, and waits for the threads. What is
/// queued in streams can still be polled. Later calls give ERR_CLOSED. Closing again does nothing.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_close(client: *mut tf_client, err: *mut *mut tf_error) -> tf_status {
    guard(err, || {
        object("client", client)?.client.close();
        Ok(tf_status::Ok)
    })
}

/// Closes if needed and frees. Streams and lists of the client stay valid until they are destroyed, in any
/// order. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_destroy(client: *mut tf_client) {
    // A call on another thread may hold the object a moment longer, so the close is not left to its end.
    guard_value((), || {
        if let Some(client) = tf_client::table().get(client) {
            client.client.close();
        }
    });
    destroy(client);
}
