//! `Contract/…`.

use std::sync::Arc;

use super::routes::{Answer, Call, failure, success};
use crate::sim::market::contract::Contract;
use crate::sim::wire::json::Null;

/// SearchContractByIdErrorCode.
const CONTRACT_NOT_FOUND: i32 = 1;

/// `Contract/search`: at most twenty. The live tier has no contracts here, as for practice accounts.
pub(super) fn search(call: &Call<'_>) -> Answer {
    let live = call.body.boolean("live")?;
    let text = call.body.optional_text("searchText")?.unwrap_or_default();
    Ok(call.gateway.read(|exchange| {
        let found = exchange.catalog.search(&text);
        list(call, found.into_iter().filter(|_| !live))
    }))
}

/// `Contract/available`: all active contracts. The live tier has none here, as for practice accounts.
pub(super) fn available(call: &Call<'_>) -> Answer {
    let live = call.body.boolean("live")?;
    Ok(call.gateway.read(|exchange| list(call, exchange.catalog.active().filter(|_| !live))))
}

/// `Contract/searchById`, which also knows expired contracts.
pub(super) fn search_by_id(call: &Call<'_>) -> Answer {
    let id = call.body.text("contractId")?;
    let style = call.gateway.style();
    Ok(call.gateway.read(|exchange| match exchange.catalog.by_id(&id) {
        Some(contract) if style.shape().contract_object => success(style, |answer| {
            answer.member("contract", &**contract);
        }),
        Some(contract) => success(style, |answer| {
            answer.array("contracts", [&**contract]);
        }),
        None => failure(style, CONTRACT_NOT_FOUND, None, |answer| {
            answer.member(if style.shape().contract_object { "contract" } else { "contracts" }, Null);
        }),
    }))
}

fn list<'a>(call: &Call<'_>, contracts: impl Iterator<Item = &'a Arc<Contract>>) -> String {
    success(call.gateway.style(), |answer| {
        answer.array("contracts", contracts.map(|contract| &**contract));
    })
}
