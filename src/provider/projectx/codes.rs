//! The gateway's error codes. The same number means something else for every operation.

use crate::error::{Error, GatewayCode, Kind, Outcome};
use crate::provider::limits::{Scope, Ticket};

/// An operation of the gateway.
#[derive(Debug)]
pub(super) struct Operation {
    /// The path under the base URL.
    pub(super) path: &'static str,
    /// The name in errors.
    pub(super) name: &'static str,
    /// Whether it changes something, so that it must never be sent twice.
    pub(super) is_mutation: bool,
    /// The published names of the codes from 1 up, as the gateway's own description lists them.
    codes: &'static [Code],
}

/// The published name of a code, the kind of error it is, and whether the request may be carried out all the
/// same.
#[derive(Debug, Clone, Copy)]
struct Code(&'static str, Kind, Verdict);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Refused,
    Unclear,
}

use Kind::{Auth, NotFound, Pending, Protocol, Rejected, Unavailable};
use Verdict::{Refused, Unclear};

const ACCOUNT_NOT_FOUND: Code = Code("AccountNotFound", NotFound, Refused);
const CONTRACT_NOT_FOUND: Code = Code("ContractNotFound", NotFound, Refused);

pub(super) const LOGIN_KEY: Operation = Operation {
    path: "/api/Auth/loginKey",
    name: "Auth/loginKey",
    is_mutation: false,
    codes: &[
        Code("UserNotFound", Auth, Refused),
        Code("PasswordVerificationFailed", Auth, Refused),
        Code("InvalidCredentials", Auth, Refused),
        Code("AppNotFound", Auth, Refused),
        Code("AppVerificationFailed", Auth, Refused),
        Code("InvalidDevice", Auth, Refused),
        Code("AgreementsNotSigned", Auth, Refused),
        Code("UnknownError", Unavailable, Unclear),
        Code("ApiSubscriptionNotFound", Auth, Refused),
        Code("ApiKeyAuthenticationDisabled", Auth, Refused),
    ],
};

pub(super) const LOGIN_APP: Operation =
    Operation { path: "/api/Auth/loginApp", name: "Auth/loginApp", ..LOGIN_KEY };

pub(super) const LOGOUT: Operation = Operation {
    path: "/api/Auth/logout",
    name: "Auth/logout",
    is_mutation: true,
    codes: &[Code("InvalidSession", Auth, Refused), Code("UnknownError", Unavailable, Unclear)],
};

pub(super) const PING: Operation =
    Operation { path: "/api/Status/ping", name: "Status/ping", is_mutation: false, codes: &[] };

pub(super) const VALIDATE: Operation = Operation {
    path: "/api/Auth/validate",
    name: "Auth/validate",
    is_mutation: false,
    codes: &[
        Code("InvalidSession", Auth, Refused),
        Code("SessionNotFound", Auth, Refused),
        Code("ExpiredToken", Auth, Refused),
        Code("UnknownError", Unavailable, Unclear),
    ],
};

pub(super) const RETRIEVE_BARS: Operation = Operation {
    path: "/api/History/retrieveBars",
    name: "History/retrieveBars",
    is_mutation: false,
    codes: &[
        CONTRACT_NOT_FOUND,
        Code("UnitInvalid", Rejected, Refused),
        Code("UnitNumberInvalid", Rejected, Refused),
        Code("LimitInvalid", Rejected, Refused),
    ],
};

pub(super) const POSITION_PARTIAL_CLOSE: Operation = Operation {
    path: "/api/Position/partialCloseContract",
    name: "Position/partialCloseContract",
    is_mutation: true,
    codes: &[
        ACCOUNT_NOT_FOUND,
        Code("PositionNotFound", NotFound, Refused),
        CONTRACT_NOT_FOUND,
        Code("ContractNotActive", Rejected, Refused),
        Code("InvalidCloseSize", Rejected, Refused),
        Code("OrderRejected", Rejected, Refused),
        Code("OrderPending", Pending, Unclear),
        Code("UnknownError", Unavailable, Unclear),
        Code("AccountRejected", Rejected, Refused),
    ],
};

pub(super) const ACCOUNT_SEARCH: Operation =
    Operation { path: "/api/Account/search", name: "Account/search", is_mutation: false, codes: &[] };

pub(super) const CONTRACT_SEARCH: Operation =
    Operation { path: "/api/Contract/search", name: "Contract/search", is_mutation: false, codes: &[] };

pub(super) const CONTRACT_AVAILABLE: Operation =
    Operation { path: "/api/Contract/available", name: "Contract/available", is_mutation: false, codes: &[] };

pub(super) const CONTRACT_SEARCH_BY_ID: Operation = Operation {
    path: "/api/Contract/searchById",
    name: "Contract/searchById",
    is_mutation: false,
    codes: &[CONTRACT_NOT_FOUND],
};

pub(super) const ORDER_PLACE: Operation = Operation {
    path: "/api/Order/place",
    name: "Order/place",
    is_mutation: true,
    codes: &[
        ACCOUNT_NOT_FOUND,
        Code("OrderRejected", Rejected, Refused),
        Code("InsufficientFunds", Rejected, Refused),
        Code("AccountViolation", Rejected, Refused),
        Code("OutsideTradingHours", Rejected, Refused),
        Code("OrderPending", Pending, Unclear),
        Code("UnknownError", Unavailable, Unclear),
        CONTRACT_NOT_FOUND,
        Code("ContractNotActive", Rejected, Refused),
        Code("AccountRejected", Rejected, Refused),
    ],
};

pub(super) const ORDER_MODIFY: Operation = Operation {
    path: "/api/Order/modify",
    name: "Order/modify",
    is_mutation: true,
    codes: &[
        ACCOUNT_NOT_FOUND,
        Code("OrderNotFound", NotFound, Refused),
        Code("Rejected", Rejected, Refused),
        Code("Pending", Pending, Unclear),
        Code("UnknownError", Unavailable, Unclear),
        Code("AccountRejected", Rejected, Refused),
        CONTRACT_NOT_FOUND,
    ],
};

pub(super) const ORDER_CANCEL: Operation = Operation {
    path: "/api/Order/cancel",
    name: "Order/cancel",
    is_mutation: true,
    codes: &[
        ACCOUNT_NOT_FOUND,
        Code("OrderNotFound", NotFound, Refused),
        Code("Rejected", Rejected, Refused),
        Code("Pending", Pending, Unclear),
        Code("UnknownError", Unavailable, Unclear),
        Code("AccountRejected", Rejected, Refused),
    ],
};

pub(super) const ORDER_QUERY: Operation = Operation {
    path: "/api/Order/v2/query",
    name: "Order/v2/query",
    is_mutation: false,
    codes: &[ACCOUNT_NOT_FOUND],
};

pub(super) const TRADE_SEARCH: Operation = Operation {
    path: "/api/Trade/search",
    name: "Trade/search",
    is_mutation: false,
    codes: &[ACCOUNT_NOT_FOUND],
};

pub(super) const ORDER_SEARCH: Operation = Operation {
    path: "/api/Order/search",
    name: "Order/search",
    is_mutation: false,
    codes: &[ACCOUNT_NOT_FOUND],
};

pub(super) const ORDER_SEARCH_OPEN: Operation = Operation {
    path: "/api/Order/searchOpen",
    name: "Order/searchOpen",
    is_mutation: false,
    codes: &[ACCOUNT_NOT_FOUND],
};

pub(super) const ORDER_SEARCH_BY_ID: Operation = Operation {
    path: "/api/Order/searchById",
    name: "Order/searchById",
    is_mutation: false,
    codes: &[Code("OrderNotFound", NotFound, Refused)],
};

pub(super) const POSITION_SEARCH_OPEN: Operation = Operation {
    path: "/api/Position/searchOpen",
    name: "Position/searchOpen",
    is_mutation: false,
    codes: &[ACCOUNT_NOT_FOUND],
};

pub(super) const POSITION_CLOSE: Operation = Operation {
    path: "/api/Position/closeContract",
    name: "Position/closeContract",
    is_mutation: true,
    codes: &[
        ACCOUNT_NOT_FOUND,
        Code("PositionNotFound", NotFound, Refused),
        CONTRACT_NOT_FOUND,
        Code("ContractNotActive", Rejected, Refused),
        Code("OrderRejected", Rejected, Refused),
        Code("OrderPending", Pending, Unclear),
        Code("UnknownError", Unavailable, Unclear),
        Code("AccountRejected", Rejected, Refused),
    ],
};

impl Operation {
    /// What the request is to the rate limits; `is_urgent` for a read that a flattening waits for.
    pub(super) fn ticket(&self, is_urgent: bool) -> Ticket {
        let (scope, may_use_reserve) = match self.name {
            "History/retrieveBars" => (Scope::Bars, false),
            // Without a token nothing else goes through.
            "Auth/loginKey" | "Auth/loginApp" | "Auth/validate" | "Auth/logout" => (Scope::Rest, true),
            "Order/cancel" | "Position/closeContract" | "Position/partialCloseContract" => {
                (Scope::Rest, true)
            }
            _ => (Scope::Rest, is_urgent),
        };
        Ticket { scope, may_use_reserve, may_wait: !self.is_mutation }
    }

    /// The error for a code that the gateway gave with HTTP 200.
    pub(super) fn refusal(&self, number: i32, text: Option<String>) -> Error {
        let code = usize::try_from(number).ok().and_then(|index| self.codes.get(index.checked_sub(1)?));
        let (name, kind, verdict) = match code {
            Some(Code(name, kind, verdict)) => (*name, *kind, *verdict),
            // A number that is not published may mean anything, but not that asking again helps.
            None if self.is_about_the_session() => ("Unlisted", Auth, Unclear),
            None => ("Unlisted", Protocol, Unclear),
        };
        let outcome = match (self.is_mutation, verdict) {
            (false, _) => Outcome::Query,
            (true, Refused) => Outcome::Rejected,
            (true, Unclear) => Outcome::Unknown,
        };
        Error::new(kind, advice(name))
            .in_operation(self.name)
            .with_gateway(Some(GatewayCode { number, name }), text)
            .with_http(200, None)
            .with_outcome(outcome)
    }

    /// Whether it gets or keeps a token.
    /// Whether its answer may hold a new token.
    pub(super) fn is_about_the_session(&self) -> bool {
        !self.is_mutation && self.name.starts_with("Auth/")
    }
}

/// What a code means and what to do.
fn advice(name: &str) -> &'static str {
    match name {
        "UserNotFound" | "InvalidCredentials" => {
            "the gateway does not know this user name and key; check TS_USERNAME (the platform's login name) \
             and TS_API_KEY"
        }
        "PasswordVerificationFailed" => "the password or the key is not the one of this user",
        "AgreementsNotSigned" => "sign in to the platform and complete the agreements",
        "ApiSubscriptionNotFound" => "the user has no API subscription; order or link one in the platform",
        "ApiKeyAuthenticationDisabled" => "logging in by key is switched off for this user",
        "AppNotFound" | "AppVerificationFailed" | "InvalidDevice" => {
            "the gateway refuses this application; check the application, the device and the verification key"
        }
        "AccountNotFound" => "the gateway knows no such account for this user; list the accounts",
        "ContractNotFound" => "the gateway knows no such contract; find its id by search",
        "ContractNotActive" => "the contract is not the active expiry; find the active one by search",
        "PositionNotFound" => "there is no open position in this contract",
        "OrderNotFound" => "the account has no such order",
        "OrderRejected" => "the gateway refused the order; its text tells why",
        "Rejected" => "the gateway refused the change; its text tells why, or the order is final already",
        "InvalidSession" | "SessionNotFound" | "ExpiredToken" => {
            "the token is not valid any more; log in again"
        }
        "UnitInvalid" | "UnitNumberInvalid" => "the gateway has no bars of this length",
        "LimitInvalid" => "the gateway gives 1 to 20000 bars at once",
        "InvalidCloseSize" => "the size to close is below one or more than the position",
        "InsufficientFunds" => "the account has not enough funds for this order",
        "AccountViolation" => "the account broke a rule of the firm and may not trade",
        "OutsideTradingHours" => "the market is closed",
        "AccountRejected" => "the account may not do this through the gateway; its text tells why",
        "OrderPending" | "Pending" => {
            "the gateway is still working on the order; read it back, do not send it again"
        }
        "UnknownError" => "the gateway failed without telling why",
        _ => "the gateway refused with a code that is not published",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation, in the order of `docs/ERRORS.md`.
    const ALL: [&Operation; 21] = [
        &LOGIN_KEY,
        &LOGIN_APP,
        &VALIDATE,
        &LOGOUT,
        &CONTRACT_SEARCH_BY_ID,
        &RETRIEVE_BARS,
        &ORDER_PLACE,
        &ORDER_MODIFY,
        &ORDER_CANCEL,
        &ORDER_SEARCH,
        &ORDER_SEARCH_OPEN,
        &ORDER_SEARCH_BY_ID,
        &ORDER_QUERY,
        &POSITION_SEARCH_OPEN,
        &POSITION_CLOSE,
        &POSITION_PARTIAL_CLOSE,
        &TRADE_SEARCH,
        &ACCOUNT_SEARCH,
        &CONTRACT_SEARCH,
        &CONTRACT_AVAILABLE,
        &PING,
    ];

    /// The rows of the table of `docs/ERRORS.md` that has this head.
    fn documented(head: &str) -> Vec<String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ERRORS.md");
        let text = std::fs::read_to_string(path).unwrap();
        let (_, table) = text.split_once(head).unwrap();
        table.lines().skip(2).take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
    }

    #[test]
    fn every_operation_is_listed_here() {
        let defined = include_str!("codes.rs").matches(": Operation =").count();
        // Not the line above.
        assert_eq!(defined - 1, ALL.len());
    }

    #[test]
    fn every_code_is_documented() {
        let mut rows = Vec::new();
        for operation in ALL {
            for (code, number) in operation.codes.iter().zip(1..) {
                let error = operation.refusal(number, None);
                let outcome = match error.outcome() {
                    Outcome::Query => "asks only",
                    Outcome::NotSent => "not sent",
                    Outcome::Rejected => "nothing happened",
                    Outcome::Unknown => "unknown",
                };
                rows.push(format!(
                    "| `{}` | {number} | {} | {:?} | {outcome} |",
                    operation.name,
                    code.0,
                    error.kind()
                ));
            }
        }
        assert_eq!(documented("| operation | code | name | kind | outcome |"), rows);
    }

    #[test]
    fn every_name_is_explained() {
        let names: std::collections::BTreeSet<_> =
            ALL.iter().flat_map(|operation| operation.codes).map(|code| code.0).chain(["Unlisted"]).collect();
        let rows: Vec<String> =
            names.into_iter().map(|name| format!("| {name} | {} |", advice(name))).collect();
        assert_eq!(documented("| name | meaning |"), rows);
    }

    #[test]
    fn operations_without_codes_are_documented() {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ERRORS.md")).unwrap();
        let sentence = text.lines().find(|line| line.ends_with("have no codes.")).unwrap();
        for operation in ALL {
            let is_named = sentence.contains(&format!("`{}`", operation.name));
            assert_eq!(is_named, operation.codes.is_empty(), "{}", operation.name);
        }
    }

    #[test]
    fn the_same_number_differs_by_operation() {
        let place = ORDER_PLACE.refusal(2, Some("Invalid symbol".into()));
        assert_eq!(place.gateway_code().unwrap().name, "OrderRejected");
        assert_eq!((place.kind(), place.outcome()), (Kind::Rejected, Outcome::Rejected));
        let close = POSITION_CLOSE.refusal(2, None);
        assert_eq!(close.gateway_code().unwrap().name, "PositionNotFound");
        assert_eq!(ORDER_PLACE.refusal(10, None).gateway_code().unwrap().name, "AccountRejected");
        assert_eq!(POSITION_CLOSE.refusal(8, None).gateway_code().unwrap().name, "AccountRejected");
        assert_eq!(LOGIN_KEY.refusal(3, None).kind(), Kind::Auth);
    }

    #[test]
    fn doubt_is_an_unknown_outcome() {
        for number in [6, 7, 11, -1, 0] {
            assert_eq!(ORDER_PLACE.refusal(number, None).outcome(), Outcome::Unknown, "{number}");
        }
        assert_eq!(LOGIN_KEY.refusal(8, None).outcome(), Outcome::Query);
    }
}
