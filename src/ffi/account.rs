//! # 7. Accounts

use std::ffi::c_char;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Out, deadline, destroy, guard, new_handle, object};
use super::handle::handled;
use super::list::{self, List};
use super::status::tf_status;
use crate::model::Account;
use crate::price::Money;

/// A trading account.
#[repr(C)]
pub struct tf_account {
    /// The id that orders name.
    pub id: i64,
    /// The name that people know it by.
    pub name: *const c_char,
    /// The realised balance in units of 1e-9; TF_PRICE_NONE when the gateway does not tell.
    pub balance: i64,
    /// Whether it may trade now.
    pub can_trade: bool,
    /// Whether the platform shows it.
    pub is_visible: bool,
    /// 1 when the firm simulates its orders, 0 when not, -1 when the gateway does not tell.
    pub simulated: i8,
    /// Zero.
    pub reserved: [u8; 5],
}

/// A list of accounts.
pub struct tf_accounts(List<tf_account>);
handled!(tf_accounts, Accounts);

impl tf_accounts {
    pub(super) fn new(accounts: &[Account]) -> tf_accounts {
        tf_accounts(List::new(accounts, |account, texts| tf_account {
            id: account.id.get(),
            name: texts.keep(&account.name),
            balance: account.balance.map_or(i64::MAX, Money::units),
            can_trade: account.can_trade,
            is_visible: account.is_visible,
            simulated: account.simulated.map_or(-1, i8::from),
            reserved: [0; 5],
        }))
    }
}

/// Lists the user's accounts, inactive ones too unless `only_active`. The caller owns the list.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_accounts(
    client: *mut tf_client,
    only_active: bool,
    timeout_ms: i32,
    out_accounts: *mut *mut tf_accounts,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_accounts", out_accounts)?;
        let client = object("client", client)?;
        let accounts = client.client.accounts(only_active, deadline(timeout_ms)?)?;
        out.set(new_handle(tf_accounts::new(&accounts))?);
        Ok(tf_status::Ok)
    })
}

/// The accounts of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an
/// empty list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_accounts_data(
    accounts: *const tf_accounts,
    out_count: *mut usize,
) -> *const tf_account {
    list::data(accounts, out_count, |accounts: &tf_accounts| &accounts.0)
}

/// Frees a list. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_accounts_destroy(accounts: *mut tf_accounts) {
    destroy(accounts);
}
