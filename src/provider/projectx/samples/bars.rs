//! The samples about bars, validation and partial closes, sent through the client's own requests.

use serde_json::Value;

use super::{answered, checked, price, sample, time};
use crate::clock::{Deadline, Timestamp};
use crate::error::Kind;
use crate::error::Result;
use crate::model::{Bar, BarPage, BarRequest, BarUnit, Volume};
use crate::provider::Gateway;
use crate::secret::Secret;

pub(super) const CHECKED: &[(&str, fn())] = checked![
    rest_auth_validate_ok
    rest_bars_doc
    rest_bars_failure_null
    rest_bars_request_doc
    rest_position_partialclose_request
];

fn ask(rest: &dyn Gateway, token: &Secret, deadline: Deadline) -> Result<Vec<Bar>> {
    let moment = |text| Timestamp::parse(text).unwrap();
    let (from, to) = (moment("2024-12-01T00:00:00Z"), moment("2024-12-31T21:00:00Z"));
    let request = BarRequest::new("CON.F.US.RTY.Z24".into(), BarUnit::Hour, from, to);
    rest.bars(token, &request, BarPage { to, limit: 7 }, deadline)
}

#[test]
fn rest_bars_request_doc() {
    let (_, asked) = answered(200, "rest_bars_doc", ask);
    assert_eq!(asked.path, "/api/History/retrieveBars");
    assert_eq!(asked.body, serde_json::from_str::<Value>(&sample("rest_bars_request_doc")).unwrap());
}

#[test]
fn rest_bars_doc() {
    let bars = answered(200, "rest_bars_doc", ask).0.unwrap();
    assert_eq!(bars.len(), 7);
    assert!(bars.windows(2).all(|pair| pair[0].start < pair[1].start), "oldest first");
    let latest = bars[6];
    assert_eq!(Some(latest.start), time(1_734_703_200_000_000_000));
    assert_eq!((latest.open, latest.high), (price("2208.1"), price("2217")));
    assert_eq!((latest.low, latest.close), (price("2206.7"), price("2210.1")));
    assert_eq!(latest.volume, Volume::new(87));
    assert_eq!((bars[0].open, bars[0].volume), (price("2207.7"), Volume::new(144)));
}

#[test]
fn rest_bars_failure_null() {
    let error = answered(200, "rest_bars_failure_null", ask).0.unwrap_err();
    let code = error.gateway_code().unwrap();
    assert_eq!((error.kind(), code.number, code.name), (Kind::NotFound, 1, "ContractNotFound"));
}

#[test]
fn rest_auth_validate_ok() {
    let ask = |rest: &dyn Gateway, token: &Secret, deadline: Deadline| rest.validate(token, deadline);
    let (token, asked) = answered(200, "rest_auth_validate_ok", ask);
    assert_eq!(token.unwrap().unwrap().expose(), "<JWT>");
    assert_eq!((asked.path.as_str(), asked.body), ("/api/Auth/validate", Value::Null));
    assert_eq!(asked.authorization.as_deref(), Some("Bearer a.b.c"));
}

#[test]
fn rest_position_partialclose_request() {
    let contract = "CON.F.US.GMET.J25".into();
    let ask = |rest: &dyn Gateway, token: &Secret, deadline: Deadline| {
        rest.reduce_position(token, 536.into(), &contract, 1, deadline)
    };
    let (result, asked) = answered(200, "rest_envelope_ok", ask);
    result.unwrap();
    assert_eq!(asked.path, "/api/Position/partialCloseContract");
    let expected: Value = serde_json::from_str(&sample("rest_position_partialclose_request")).unwrap();
    assert_eq!(asked.body, expected);
}
