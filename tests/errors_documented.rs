//! `docs/ERRORS.md` and the kinds of errors agree. Its codes are compared where they are defined, in
//! `provider/projectx/codes.rs`; here they must be as many as were written down from the gateway's own
//! description.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod error_support;

use error_support::{KINDS, kind, read, table, whose};
use tradeforge::{Error, GatewayCode, Kind};

/// The lines between `from` and a line that is `to`.
fn part<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("there is no {from}"));
    rest.lines().skip(1).take_while(|line| *line != to).map(str::trim).collect()
}

#[test]
fn every_kind_is_listed() {
    let source = read("src/error.rs");
    let variants: Vec<&str> = part(&source, "pub enum Kind {", "}")
        .into_iter()
        .filter_map(|line| line.strip_suffix(',').filter(|_| !line.starts_with("//")))
        .collect();
    let known: Vec<String> = KINDS.iter().map(|kind| format!("{kind:?}")).collect();
    assert_eq!(variants, known);
    let rows = table("| kind | status in C | fault | meaning | what to do |");
    let mut listed: Vec<&str> = rows.iter().map(|row| &*row[0]).collect();
    let mut variants = variants;
    listed.sort_unstable();
    variants.sort_unstable();
    assert_eq!(listed, variants);
    for row in &rows {
        assert!(row.len() == 5 && row[3..].iter().all(|cell| !cell.is_empty()), "{row:?}");
        assert_eq!(Error::new(kind(&row[0]), "").fault(), whose(&row[2]), "{row:?}");
    }
}

#[test]
fn every_kind_has_its_status_in_c() {
    let (source, header) = (read("src/ffi/status.rs"), read("include/tradeforge.h"));
    for row in table("| kind | status in C | fault | meaning | what to do |") {
        let (name, number) = row[1].split_once(' ').unwrap();
        assert!(header.contains(&format!("  {name} = {number},\n")), "{row:?}");
        // TF_STATUS_ERR_RATE_LIMIT is ErrRateLimit.
        let words = name.strip_prefix("TF_STATUS_").unwrap().split('_');
        let variant: String = words.map(|word| word[..1].to_owned() + &word[1..].to_lowercase()).collect();
        let arm = format!("Kind::{} => tf_status::{variant},", row[0]);
        assert!(source.contains(&arm), "{arm}");
    }
}

#[test]
fn what_is_retriable_is_what_the_text_says() {
    let text = read("docs/ERRORS.md").replace('\n', " ");
    let (sentence, _) = text.split_once("Retriable are ").unwrap().1.split_once(';').unwrap();
    for kind in KINDS {
        let error = Error::new(kind, "");
        assert_eq!(error.is_retriable(), sentence.contains(&format!("`{kind:?}`")), "{kind:?}");
    }
    let protocol = || Error::new(Kind::Protocol, "");
    assert!(
        !protocol().with_gateway(Some(GatewayCode { number: 99, name: "Unlisted" }), None).is_retriable()
    );
    for (status, is_retriable) in
        [(200, true), (299, true), (300, false), (404, false), (499, false), (600, true)]
    {
        assert_eq!(protocol().with_http(status, None).is_retriable(), is_retriable, "{status}");
    }
}

#[test]
fn the_codes_are_those_of_the_gateways_description() {
    let rows = table("| operation | code | name | kind | outcome |");
    let count = |operation: &str| rows.iter().filter(|row| row[0] == operation).count();
    for (operation, codes) in [
        ("Auth/loginKey", 10),
        ("Auth/loginApp", 10),
        ("Auth/validate", 4),
        ("Auth/logout", 2),
        ("Contract/searchById", 1),
        ("History/retrieveBars", 4),
        ("Order/place", 10),
        ("Order/modify", 7),
        ("Order/cancel", 6),
        ("Order/search", 1),
        ("Order/searchOpen", 1),
        ("Order/searchById", 1),
        ("Order/v2/query", 1),
        ("Position/searchOpen", 1),
        ("Position/closeContract", 8),
        ("Position/partialCloseContract", 9),
        ("Trade/search", 1),
    ] {
        assert_eq!(count(operation), codes, "{operation}");
    }
}

#[test]
fn what_other_libraries_raise_leads_to_a_kind() {
    let text = read("docs/ERRORS.md");
    for (library, errors) in [
        (
            "### tsxapipy",
            &[
                "LibraryError",
                "ConfigurationError",
                "AuthenticationError",
                "APIError",
                "APITimeoutError",
                "APIHttpError",
                "APIResponseError",
                "APIResponseParsingError",
                "InvalidParameterError",
                "RateLimitExceededError",
                "ContractNotFoundError",
                "OrderNotFoundError",
                "OrderRejectedError",
                "InsufficientFundsError",
                "MaxPositionLimitError",
                "MarketClosedError",
                "ValueError",
                "ParquetHandlerError",
                "ParquetReadError",
                "ParquetWriteError",
            ][..],
        ),
        (
            "### TradeForgePy",
            &[
                "TradeForgeError",
                "ConfigurationError",
                "AuthenticationError",
                "ConnectionError",
                "APILimitError",
                "OperationFailedError",
                "NotFoundError",
                "InvalidParameterError",
            ][..],
        ),
    ] {
        let (_, rest) = text.split_once(library).unwrap();
        let rows = rest.lines().skip_while(|line| !line.starts_with('|')).skip(2);
        let rows: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
        for error in errors {
            let row = rows
                .iter()
                .find(|row| row.contains(&format!("`{error}`")))
                .unwrap_or_else(|| panic!("{error}"));
            let (_, here) = row[1..].split_once('|').unwrap();
            let kinds = KINDS.iter().any(|kind| here.contains(&format!("`{kind:?}`")));
            assert!(kinds || here.contains("`Error`"), "{row}");
        }
    }
}
