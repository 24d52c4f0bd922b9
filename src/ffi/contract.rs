//! # 8. Contracts

use std::ffi::c_char;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Out, deadline, destroy, guard, new_handle, object, string};
use super::handle::handled;
use super::list::{self, List};
use super::status::tf_status;
use crate::model::{Contract, ContractId};

/// A futures contract.
#[repr(C)]
pub struct tf_contract {
    /// The id that orders and subscriptions name. Opaque: find it by search and never build it.
    pub id: *const c_char,
    /// The exchange's name, such as "MNQU6".
    pub name: *const c_char,
    /// The name in words.
    pub description: *const c_char,
    /// The id of the product, such as "F.US.MNQ"; NULL when the gateway does not tell.
    pub symbol_id: *const c_char,
    /// The smallest step of the price, in units of 1e-9.
    pub tick_size: i64,
    /// What one tick of one contract is worth, in units of 1e-9.
    pub tick_value: i64,
    /// Whether it is the expiry that trades now.
    pub is_active: bool,
    /// Zero.
    pub reserved: [u8; 7],
}

/// A list of contracts.
pub struct tf_contracts(List<tf_contract>);
handled!(tf_contracts, Contracts);

impl tf_contracts {
    fn new(contracts: &[Contract]) -> tf_contracts {
        tf_contracts(List::new(contracts, |contract, texts| tf_contract {
            id: texts.keep(contract.id.as_str()),
            name: texts.keep(&contract.name),
            description: texts.keep(&contract.description),
            symbol_id: texts.keep_optional(contract.symbol_id.as_deref()),
            tick_size: contract.tick_size.units(),
            tick_value: contract.tick_value.units(),
            is_active: contract.is_active,
            reserved: [0; 7],
        }))
    }
}

/// Finds active contracts whose name, id or description resembles `text`, 20 at most. `live` asks for the
/// live data subscription; practice accounts have none and get an empty list. The caller owns the list.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_search_contracts(
    client: *mut tf_client,
    text: *const c_char,
    live: bool,
    timeout_ms: i32,
    out_contracts: *mut *mut tf_contracts,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_contracts", out_contracts)?;
        let client = object("client", client)?;
        let text = string("text", text)?;
        let found = client.client.search_contracts(&text, live, deadline(timeout_ms)?)?;
        out.set(new_handle(tf_contracts::new(&found))?);
        Ok(tf_status::Ok)
    })
}

/// Lists all active contracts. `live` and ownership as in tf_client_search_contracts(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_available_contracts(
    client: *mut tf_client,
    live: bool,
    timeout_ms: i32,
    out_contracts: *mut *mut tf_contracts,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_contracts", out_contracts)?;
        let client = object("client", client)?;
        let found = client.client.available_contracts(live, deadline(timeout_ms)?)?;
        out.set(new_handle(tf_contracts::new(&found))?);
        Ok(tf_status::Ok)
    })
}

/// Gives one contract by its id, expired ones included, as a list of one that the caller owns. ERR_NOT_FOUND
/// for an unknown id. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_contract(
    client: *mut tf_client,
    contract: *const c_char,
    timeout_ms: i32,
    out_contracts: *mut *mut tf_contracts,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_contracts", out_contracts)?;
        let client = object("client", client)?;
        let contract = ContractId::new(string("contract", contract)?);
        let found = client.client.contract(&contract, deadline(timeout_ms)?)?;
        out.set(new_handle(tf_contracts::new(&[found]))?);
        Ok(tf_status::Ok)
    })
}

/// Gives the contract that a symbol means, as a list of one that the caller owns: a name ("MESM6", "MESM26"),
/// an id, or a product by the exchange's root ("NQ", "/NQ"), the gateway's code ("ENQ") or its id ("F.US.ENQ"),
/// in any case. A product means its front month, by the rules of docs/CONTRACTS.md. `live` as in
/// tf_client_search_contracts(). ERR_NOT_FOUND when there is none and ERR_ARGUMENT when it may mean several;
/// the message lists the candidates. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_contract_by_symbol(
    client: *mut tf_client,
    symbol: *const c_char,
    live: bool,
    timeout_ms: i32,
    out_contracts: *mut *mut tf_contracts,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_contracts", out_contracts)?;
        let client = object("client", client)?;
        let symbol = string("symbol", symbol)?;
        let found = client.client.contract_by_symbol(&symbol, live, deadline(timeout_ms)?)?;
        out.set(new_handle(tf_contracts::new(&[found]))?);
        Ok(tf_status::Ok)
    })
}

/// The contracts of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an
/// empty list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_contracts_data(
    contracts: *const tf_contracts,
    out_count: *mut usize,
) -> *const tf_contract {
    list::data(contracts, out_count, |contracts: &tf_contracts| &contracts.0)
}

/// Frees a list. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_contracts_destroy(contracts: *mut tf_contracts) {
    destroy(contracts);
}
