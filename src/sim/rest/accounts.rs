//! `Account/…`.

use super::routes::{Answer, Call, success};

/// `Account/search`.
pub(super) fn search(call: &Call<'_>) -> Answer {
    let only_active = call.body.boolean("onlyActiveAccounts")?;
    Ok(call.gateway.read(|exchange| {
        let accounts = exchange.accounts.iter().filter(|account| account.can_trade || !only_active);
        success(call.gateway.style(), |answer| {
            answer.array("accounts", accounts);
        })
    }))
}
