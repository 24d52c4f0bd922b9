//! # 21. Live state
//!
//! The user's orders, positions and accounts as the streams have told them so far, read without a request and
//! without waiting. They are followed while a stream subscribes them; else the calls give ERR_STATE, as they do
//! when the state could not be fetched yet, with the reason in the message.

use super::account::tf_accounts;
use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Checked, Out, guard, new_handle, object};
use super::handle::Handled;
use super::order::tf_orders;
use super::position::tf_positions;
use super::status::tf_status;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::Live;

/// How good the knowledge of a state is.
#[repr(C)]
pub struct tf_live {
    /// Since when every change has been seen: when it was fetched first, or after the latest loss.
    pub since_ns: i64,
    /// When the connection was lost that tells the changes; until it is whole again, the state is what was known
    /// then. TF_TIME_NONE while it is current.
    pub stale_since_ns: i64,
}

/// Reads a state and hands out the list that `list` makes of it.
fn read<T, L: Handled>(
    client: *mut tf_client,
    out_live: *mut tf_live,
    out_list: Checked<Out<*mut L>>,
    state: impl FnOnce(&Client) -> Result<Live<T>>,
    list: impl FnOnce(&T) -> L,
) -> Checked<tf_status> {
    let out = out_list?;
    let live = state(&object("client", client)?.client)?;
    out.set(new_handle(list(&live.state))?);
    if let Ok(out) = Out::new("out_live", out_live) {
        out.set(tf_live {
            since_ns: live.since.nanos(),
            stale_since_ns: live.stale_since.map_or(i64::MAX, Timestamp::nanos),
        });
    }
    Ok(tf_status::Ok)
}

/// The orders of an account that are not final, oldest first, suspended legs of brackets included; followed with
/// TF_KINDS_ORDERS. `out_live` may be NULL. The caller owns the list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_live_orders(
    client: *mut tf_client,
    account: i64,
    out_live: *mut tf_live,
    out_orders: *mut *mut tf_orders,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_orders", out_orders);
        let state = |client: &Client| client.live_orders(account.into());
        read(client, out_live, out, state, |orders| tf_orders::new(orders))
    })
}

/// The open positions of an account; followed with TF_KINDS_POSITIONS. `out_live` may be NULL. The caller owns the
/// list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_live_positions(
    client: *mut tf_client,
    account: i64,
    out_live: *mut tf_live,
    out_positions: *mut *mut tf_positions,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_positions", out_positions);
        let state = |client: &Client| client.live_positions(account.into());
        read(client, out_live, out, state, |positions| tf_positions::new(positions))
    })
}

/// Balance and permissions of an account, as a list with this account in it; followed with TF_KINDS_ACCOUNTS.
/// ERR_NOT_FOUND when the user has no such account. `out_live` may be NULL. The caller owns the list.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_live_account(
    client: *mut tf_client,
    account: i64,
    out_live: *mut tf_live,
    out_account: *mut *mut tf_accounts,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_account", out_account);
        let state = |client: &Client| client.live_account(account.into());
        read(client, out_live, out, state, |account| tf_accounts::new(std::slice::from_ref(account)))
    })
}
