//! The samples about logins, accounts, contracts, positions and fills, sent through the client's own requests.

use serde_json::json;

use super::super::{dto, map};
use super::{answered, checked, money, price, sample, time};
use crate::clock::Deadline;
use crate::error::{Kind, Outcome, Result};
use crate::model::{Account, AccountId, Contract, Credentials, Fill, Position, PositionSide, Side};
use crate::provider::Gateway;
use crate::secret::Secret;

pub(super) const CHECKED: &[(&str, fn())] = checked![
    rest_account_search_doc
    rest_auth_loginkey_agreements
    rest_auth_loginkey_invalid
    rest_auth_loginkey_ok
    rest_contract_available_empty
    rest_contract_available_one
    rest_contract_search_2025
    rest_contract_searchbyid_2026
    rest_contract_searchbyid_notfound
    rest_envelope_ok
    rest_position_searchopen_doc
    rest_position_searchopen_empty
    rest_trade_search_doc
];

fn login(rest: &dyn Gateway, _: &Secret, deadline: Deadline) -> Result<Secret> {
    let credentials = Credentials::Key { user_name: "jane".into(), api_key: Secret::new("a-key") };
    rest.log_in(&credentials, deadline)
}

#[test]
fn rest_auth_loginkey_ok() {
    let (token, asked) = answered(200, "rest_auth_loginkey_ok", login);
    assert_eq!(token.unwrap().expose(), "<JWT>");
    assert_eq!((asked.path.as_str(), asked.authorization), ("/api/Auth/loginKey", None));
    assert_eq!(asked.body, json!({"userName": "jane", "apiKey": "a-key"}));
}

#[test]
fn rest_auth_loginkey_invalid() {
    let error = answered(200, "rest_auth_loginkey_invalid", login).0.unwrap_err();
    let code = error.gateway_code().unwrap();
    assert_eq!((error.kind(), code.number, code.name), (Kind::Auth, 3, "InvalidCredentials"));
    assert_eq!((error.gateway_text(), error.outcome()), (None, Outcome::Query));
}

#[test]
fn rest_auth_loginkey_agreements() {
    let error = answered(200, "rest_auth_loginkey_agreements", login).0.unwrap_err();
    let code = error.gateway_code().unwrap();
    assert_eq!((error.kind(), code.number, code.name), (Kind::Auth, 7, "AgreementsNotSigned"));
    let text = "Please log into the ProjectX platform and complete the required agreements";
    assert_eq!(error.gateway_text(), Some(text));
}

#[test]
fn rest_account_search_doc() {
    let ask = |rest: &dyn Gateway, token: &Secret, deadline| rest.accounts(token, true, deadline);
    let (accounts, asked) = answered(200, "rest_account_search_doc", ask);
    let expected = Account {
        id: 1.into(),
        name: "TEST_ACCOUNT_1".into(),
        balance: Some(money("50000")),
        can_trade: true,
        is_visible: true,
        simulated: None,
    };
    assert_eq!(accounts.unwrap(), [expected]);
    assert_eq!(asked.path, "/api/Account/search");
    assert_eq!(asked.authorization.as_deref(), Some("Bearer a.b.c"));
    assert_eq!(asked.body, json!({"onlyActiveAccounts": true}));
}

fn contract_of_2025(id: &str, name: &str, description: &str, tick_size: &str, tick_value: &str) -> Contract {
    Contract {
        id: id.into(),
        name: name.into(),
        description: description.into(),
        tick_size: price(tick_size),
        tick_value: money(tick_value),
        is_active: true,
        symbol_id: None,
    }
}

#[test]
fn rest_contract_search_2025() {
    let ask =
        |rest: &dyn Gateway, token: &Secret, deadline| rest.search_contracts(token, "NQ", false, deadline);
    let (contracts, asked) = answered(200, "rest_contract_search_2025", ask);
    assert_eq!(
        contracts.unwrap(),
        [
            contract_of_2025("CON.F.US.ENQ.H25", "ENQH25", "E-mini NASDAQ-100: March 2025", "0.25", "5"),
            contract_of_2025(
                "CON.F.US.MNQ.H25",
                "MNQH25",
                "Micro E-mini Nasdaq-100: March 2025",
                "0.25",
                "0.5"
            ),
            contract_of_2025(
                "CON.F.US.NQG.G25",
                "NQGG25",
                "E-Mini Natural Gas: February 2025",
                "0.005",
                "12.5"
            ),
            contract_of_2025(
                "CON.F.US.NQM.G25",
                "NQMG25",
                "E-Mini Crude Oil: February 2025",
                "0.025",
                "12.5"
            ),
        ]
    );
    assert_eq!(asked.path, "/api/Contract/search");
    assert_eq!(asked.body, json!({"searchText": "NQ", "live": false}));
}

fn available(name: &str) -> Vec<Contract> {
    let ask = |rest: &dyn Gateway, token: &Secret, deadline| rest.available_contracts(token, true, deadline);
    let (contracts, asked) = answered(200, name, ask);
    assert_eq!((asked.path.as_str(), asked.body), ("/api/Contract/available", json!({"live": true})));
    contracts.unwrap()
}

#[test]
fn rest_contract_available_one() {
    let name = "Micro E-mini Nasdaq-100: September 2025";
    let expected = Contract {
        symbol_id: Some("F.US.MNQ".into()),
        ..contract_of_2025("CON.F.US.MNQ.U25", "MNQU5", name, "0.25", "0.5")
    };
    assert_eq!(available("rest_contract_available_one"), [expected]);
}

#[test]
fn rest_contract_available_empty() {
    assert_eq!(available("rest_contract_available_empty"), []);
}

fn contract(rest: &dyn Gateway, token: &Secret, deadline: Deadline) -> Result<Contract> {
    rest.contract(token, &"CON.F.US.ENQ.H25".into(), deadline)
}

#[test]
fn rest_contract_searchbyid_2026() {
    let (found, asked) = answered(200, "rest_contract_searchbyid_2026", contract);
    let expected = Contract {
        is_active: false,
        symbol_id: Some("F.US.ENQ".into()),
        ..contract_of_2025("CON.F.US.ENQ.H25", "NQH5", "E-mini NASDAQ-100: March 2025", "0.25", "5")
    };
    assert_eq!(found.unwrap(), expected);
    assert_eq!(asked.path, "/api/Contract/searchById");
    assert_eq!(asked.body, json!({"contractId": "CON.F.US.ENQ.H25"}));
}

#[test]
fn rest_contract_searchbyid_notfound() {
    let error = answered(200, "rest_contract_searchbyid_notfound", contract).0.unwrap_err();
    let code = error.gateway_code().unwrap();
    assert_eq!((error.kind(), code.number, code.name), (Kind::NotFound, 1, "ContractNotFound"));
    assert_eq!((error.gateway_text(), error.operation()), (None, Some("Contract/searchById")));
}

#[test]
fn rest_envelope_ok() {
    let ask = |rest: &dyn Gateway, token: &Secret, deadline| {
        rest.close_position(token, 536.into(), &"CON.F.US.GMET.J25".into(), deadline)
    };
    let (closed, asked) = answered(200, "rest_envelope_ok", ask);
    closed.unwrap();
    assert_eq!(asked.path, "/api/Position/closeContract");
    assert_eq!(asked.body, json!({"accountId": 536, "contractId": "CON.F.US.GMET.J25"}));
}

fn positions(name: &str) -> Vec<Position> {
    let ask =
        |rest: &dyn Gateway, token: &Secret, deadline| rest.positions(token, AccountId::new(536), deadline);
    let (found, asked) = answered(200, name, ask);
    assert_eq!((asked.path.as_str(), asked.body), ("/api/Position/searchOpen", json!({"accountId": 536})));
    found.unwrap()
}

#[test]
fn rest_position_searchopen_doc() {
    let expected = Position {
        id: 6124.into(),
        account: 536.into(),
        contract: "CON.F.US.GMET.J25".into(),
        display_name: None,
        created: time(1_745_265_152_175_721_000),
        side: PositionSide::Long,
        size: 2,
        average_price: price("1575.75"),
    };
    assert_eq!(positions("rest_position_searchopen_doc"), [expected]);
}

#[test]
fn rest_position_searchopen_empty() {
    assert_eq!(positions("rest_position_searchopen_empty"), []);
}

/// The client does not send this query yet; its rows are those that the user hub sends.
#[test]
fn rest_trade_search_doc() {
    #[derive(serde::Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        trades: Vec<dto::Fill<'a>>,
    }
    let text = sample("rest_trade_search_doc");
    let answer: Answer<'_> = serde_json::from_str(&text).unwrap();
    let fills: Vec<Fill> = answer.trades.into_iter().map(|wire| map::fill(wire).unwrap()).collect();
    let closing = Fill {
        id: 8604.into(),
        account: 203.into(),
        contract: "CON.F.US.EP.H25".into(),
        created: time(1_737_476_032_523_293_000),
        price: price("6065.25"),
        profit_and_loss: Some(money("50")),
        fees: money("1.4"),
        commissions: None,
        side: Side::Sell,
        size: 1,
        voided: false,
        order: 14328.into(),
    };
    let opening = Fill {
        id: 8603.into(),
        created: time(1_737_475_984_142_302_000),
        price: price("6064.25"),
        profit_and_loss: None,
        side: Side::Buy,
        order: 14326.into(),
        ..closing.clone()
    };
    assert_eq!(fills, [closing, opening]);
}
