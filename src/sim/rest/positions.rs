//! `Position/…` and `Trade/…`.

use super::orders::is_within;
use super::routes::{Answer, Call, failure, nothing, success};
use crate::sim::exchange::close::CloseError;
use crate::sim::wire::json::Null;

/// SearchPositionErrorCode and SearchTradeErrorCode.
const ACCOUNT_NOT_FOUND: i32 = 1;

/// `Position/searchOpen`.
pub(super) fn search_open(call: &Call<'_>) -> Answer {
    let account_id = call.body.int32("accountId")?;
    let style = call.gateway.style();
    Ok(call.gateway.read(|exchange| match exchange.account(account_id) {
        Some(account) => success(style, |answer| {
            answer.array("positions", account.positions.values());
        }),
        None => failure(style, ACCOUNT_NOT_FOUND, None, |answer| {
            answer.member("positions", Null);
        }),
    }))
}

/// `Position/closeContract`.
pub(super) fn close(call: &Call<'_>) -> Answer {
    let (account_id, contract_id) = (call.body.int32("accountId")?, call.body.text("contractId")?);
    let result = call.gateway.change(|exchange| exchange.close(account_id, &contract_id, None));
    Ok(closed(call, result, |error| match error {
        CloseError::AccountNotFound => 1,
        CloseError::PositionNotFound => 2,
        CloseError::ContractNotFound => 3,
        CloseError::ContractNotActive => 4,
        // Only a partial close has a size.
        CloseError::InvalidSize => 5,
        CloseError::OrderRejected => 5,
        CloseError::OrderPending => 6,
        CloseError::AccountRejected => 8,
    }))
}

/// `Position/partialCloseContract`, whose codes are shifted from 5 on.
pub(super) fn partial_close(call: &Call<'_>) -> Answer {
    let (account_id, contract_id) = (call.body.int32("accountId")?, call.body.text("contractId")?);
    let size = call.body.int32("size")?;
    let result = call.gateway.change(|exchange| exchange.close(account_id, &contract_id, Some(size)));
    Ok(closed(call, result, |error| match error {
        CloseError::AccountNotFound => 1,
        CloseError::PositionNotFound => 2,
        CloseError::ContractNotFound => 3,
        CloseError::ContractNotActive => 4,
        CloseError::InvalidSize => 5,
        CloseError::OrderRejected => 6,
        CloseError::OrderPending => 7,
        CloseError::AccountRejected => 9,
    }))
}

fn closed(call: &Call<'_>, result: Result<(), CloseError>, code: fn(CloseError) -> i32) -> String {
    match result {
        Ok(()) => success(call.gateway.style(), nothing),
        Err(error) => failure(call.gateway.style(), code(error), None, nothing),
    }
}

/// `Trade/search`: the fills of a window, newest first.
pub(super) fn search_trades(call: &Call<'_>) -> Answer {
    let account_id = call.body.int32("accountId")?;
    let (start, end) = (call.body.optional_time("startTimestamp")?, call.body.optional_time("endTimestamp")?);
    let style = call.gateway.style();
    Ok(call.gateway.read(|exchange| {
        if exchange.account(account_id).is_none() {
            return failure(style, ACCOUNT_NOT_FOUND, None, |answer| {
                answer.member("trades", Null);
            });
        }
        let fills = exchange.fills.values().rev();
        let fills = fills.filter(|fill| fill.account_id == account_id && is_within(fill.created, start, end));
        success(style, |answer| {
            answer.array("trades", fills);
        })
    }))
}
