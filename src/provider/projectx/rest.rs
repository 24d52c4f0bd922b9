//! The REST operations.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::codes::{self, Operation};
use super::{dto, map};
use crate::clock::Deadline;
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{
    Account, AccountId, Bar, BarPage, BarRequest, Contract, ContractId, Credentials, Fill, Order,
    OrderChange, OrderId, OrderPage, OrderQuery, OrderType, Position, Side, TimeRange,
};
use crate::net::{Delivery, Failure, Http, Reply};
use crate::price::Price;
use crate::provider::{Authority, Gateway, Limits, NewOrder};
use crate::secret::Secret;

/// The gateway's REST interface.
#[derive(Clone)]
pub struct Rest {
    http: Http,
    limits: Arc<Limits>,
    /// Whether every request may use what the limits keep back.
    is_urgent: bool,
}

impl Rest {
    /// The interface behind this server, within these limits.
    pub(crate) fn new(http: Http, limits: Arc<Limits>) -> Rest {
        Rest { http, limits, is_urgent: false }
    }

    /// The same interface for what cannot wait: it may use what the limits keep back.
    pub(crate) fn urgent(&self) -> Rest {
        Rest { is_urgent: true, ..self.clone() }
    }

    /// Sends a request once and gives the body of an answer that reports success.
    pub(super) fn call(
        &self,
        operation: &Operation,
        token: Option<&Secret>,
        request: &impl Serialize,
        deadline: Deadline,
    ) -> Result<Vec<u8>> {
        let reply = self.send(operation, token, request, deadline)?;
        match check_envelope(operation, &reply)? {
            None => Ok(reply.body),
            Some(refusal) => Err(refusal),
        }
    }

    /// Sends a request once and gives the answer that reached the gateway's own logic.
    fn send(
        &self,
        operation: &Operation,
        token: Option<&Secret>,
        request: &impl Serialize,
        deadline: Deadline,
    ) -> Result<Reply> {
        // A login has secrets in it.
        let body = serde_json::to_string(request)
            .map(Zeroizing::new)
            .map_err(|error| Error::new(Kind::Bug, format!("a request cannot be written: {error}")))?;
        self.send_body(operation, token, &body, deadline)
    }

    /// [`Rest::send`] with the request as it goes out; some operations take none.
    fn send_body(
        &self,
        operation: &Operation,
        token: Option<&Secret>,
        body: &str,
        deadline: Deadline,
    ) -> Result<Reply> {
        let delivery = if operation.is_mutation { Delivery::Once } else { Delivery::Repeatable };
        self.exchange(operation, deadline, || self.http.post(operation.path, token, body, delivery, deadline))
    }

    /// Does an operation that is about the token itself, without a body.
    fn call_about(&self, operation: &Operation, token: &Secret, deadline: Deadline) -> Result<Vec<u8>> {
        let answer = self.send_body(operation, Some(token), "", deadline).and_then(|reply| {
            check_envelope(operation, &reply)?.map_or(Ok(()), Err)?;
            Ok(reply.body)
        });
        answer.map_err(|error| error.hiding(token))
    }

    /// Does one exchange within the limits.
    fn exchange(
        &self,
        operation: &Operation,
        deadline: Deadline,
        exchange: impl FnOnce() -> std::result::Result<Reply, Failure>,
    ) -> Result<Reply> {
        let admitted = self.limits.admit(operation.ticket(self.is_urgent), deadline);
        let answer = admitted.map_err(|error| Failure { error, sent: false }).and_then(|()| exchange());
        let reply = answer.map_err(|Failure { error, sent }| {
            let outcome = match (operation.is_mutation, sent) {
                (false, _) => Outcome::Query,
                (true, false) => Outcome::NotSent,
                (true, true) => Outcome::Unknown,
            };
            error.in_operation(operation.name).with_outcome(outcome)
        })?;
        if reply.status == 200 {
            return Ok(reply);
        }
        let wait = reply.retry_after.map(|wait| wait.from(self.limits.now()));
        if reply.status == 429 {
            self.limits.cool_down(wait);
        }
        Err(refused_by_http(operation, &reply, wait))
    }
}

/// The error for an answer other than HTTP 200, with the wait that it asks for.
fn refused_by_http(operation: &Operation, reply: &Reply, wait: Option<Duration>) -> Error {
    let (kind, message, is_refused) = match reply.status {
        400 => (Kind::Argument, "the gateway cannot read the request; its text names the member", true),
        401 => (Kind::Auth, "the gateway does not accept the token; log in again", true),
        403 => (Kind::Auth, "the gateway, or something before it, lets nobody in from here", true),
        404 | 405 => (Kind::Protocol, "the gateway knows no such operation; is TS_API_URL right?", true),
        429 => (Kind::RateLimit, "too many requests; wait before the next one", true),
        300..400 => {
            (Kind::Protocol, "the gateway redirects, which is not followed; is TS_API_URL right?", false)
        }
        500.. => (Kind::Unavailable, "the gateway is failing", false),
        _ => (Kind::Protocol, "the gateway answered with an unexpected status", false),
    };
    let outcome = match (operation.is_mutation, is_refused) {
        (false, _) => Outcome::Query,
        (true, true) => Outcome::Rejected,
        (true, false) => Outcome::Unknown,
    };
    // An answer that was meant to be a good one may hold a new token.
    let may_show = !(operation.is_about_the_session() && (200..300).contains(&reply.status));
    let text = problem_text(&reply.body).or_else(|| plain_text(&reply.body)).filter(|_| may_show);
    let error = Error::new(kind, message)
        .in_operation(operation.name)
        .with_gateway(None, text)
        .with_http(reply.status, wait)
        .with_outcome(outcome);
    match &reply.location {
        Some(location) => error.after(&format!("it points to \"{location}\"")),
        None => error,
    }
}

/// A body that is a text, and no page.
fn plain_text(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    (!text.is_empty() && !text.starts_with('<')).then(|| plainly(text))
}

/// JSON in the one spelling in which secrets are looked for: a key may come as `aB3\u002B`.
fn plainly(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .map_or_else(|_| text.to_owned(), |value| value.to_string())
}

/// What the problem details say, in one line.
fn problem_text(body: &[u8]) -> Option<String> {
    let problem: dto::Problem<'_> = serde_json::from_slice(body).ok()?;
    let parts = [
        problem.title.map(String::from),
        problem.detail.map(String::from),
        problem.errors.map(|errors| plainly(errors.get())),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// Reads what every answer starts with: `None` for success, else the gateway's refusal.
fn check_envelope(operation: &Operation, reply: &Reply) -> Result<Option<Error>> {
    let garbled = |reason: String| garbled(operation, reply, &reason);
    let envelope: dto::Envelope<'_> = serde_json::from_slice(&reply.body).map_err(|error| {
        garbled(match reply.body.first() {
            None => "is empty".into(),
            Some(b'<') => "is HTML, not JSON; is TS_API_URL right?".into(),
            Some(_) => format!("is not JSON of the expected shape: {}", misfit(operation, &error)),
        })
    })?;
    match (envelope.success, envelope.error_code) {
        (Some(true), Some(0)) => Ok(None),
        (Some(false), Some(code)) if code != 0 => {
            Ok(Some(operation.refusal(code, envelope.error_message.map(String::from))))
        }
        (Some(success), Some(code)) => {
            Err(garbled(format!("contradicts itself: success {success} with errorCode {code}")))
        }
        _ => Err(garbled("has no success and errorCode".into())),
    }
}

/// The error for an answer that cannot be understood. Of a mutation nobody knows what became.
fn garbled(operation: &Operation, reply: &Reply, reason: &str) -> Error {
    let outcome = if operation.is_mutation { Outcome::Unknown } else { Outcome::Query };
    Error::new(Kind::Protocol, format!("the gateway's answer {reason}"))
        .in_operation(operation.name)
        .with_http(reply.status, None)
        .with_outcome(outcome)
}

/// The error for an answer that reports success, and whose content cannot be read.
fn unreadable(operation: &Operation, error: Error) -> Error {
    error.in_operation(operation.name).with_http(200, None)
}

/// What is wrong with a body, and where. The words of the reader may repeat what it found, which nobody can
/// strike out while it is a token that is not known yet.
fn misfit(operation: &Operation, error: &serde_json::Error) -> String {
    match operation.is_about_the_session() {
        true => format!("it goes wrong at line {} column {}", error.line(), error.column()),
        false => error.to_string(),
    }
}

/// Reads the part of a body that an operation is about.
pub(super) fn payload<'a, T: Deserialize<'a>>(operation: &Operation, body: &'a [u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let message =
            format!("the gateway's answer is not of the expected shape: {}", misfit(operation, &error));
        unreadable(operation, Error::new(Kind::Protocol, message))
    })
}

/// Turns a list into the model. An empty list is an answer; an absent one or `null` is none: who took it for
/// empty would believe an account flat that is not.
pub(super) fn list<W, T>(
    operation: &Operation,
    member: &'static str,
    wire: Option<Vec<W>>,
    map: fn(W) -> Result<T>,
) -> Result<Vec<T>> {
    let rows = map::required(member, wire).and_then(|rows| rows.into_iter().map(map).collect());
    rows.map_err(|error| unreadable(operation, error))
}

/// What lists of orders and of fills are asked for with.
fn window(operation: &Operation, account: AccountId, range: TimeRange) -> Result<dto::OrderSearch> {
    if let Some(until) = range.until.filter(|until| *until <= range.from) {
        let message = format!("the range from {} until {until} is empty", range.from);
        return Err(Error::new(Kind::Argument, message).in_operation(operation.name));
    }
    Ok(dto::OrderSearch {
        account_id: account.get(),
        start_timestamp: range.from.to_string(),
        end_timestamp: range.until.map(|until| until.to_string()),
    })
}

/// A price for a request, by its digits.
fn exact(price: Option<Price>) -> Result<Option<Box<RawValue>>> {
    let written = price.map(|price| RawValue::from_string(price.to_string())).transpose();
    written.map_err(|error| Error::new(Kind::Bug, format!("a price cannot be written: {error}")))
}

/// The brackets of an order, stop loss first. The gateway wants the ticks with a sign: a leg below the fill,
/// which is the stop loss of a buy and the take profit of a sell, has a minus.
fn brackets(order: &NewOrder<'_>) -> (Option<dto::Bracket>, Option<dto::Bracket>) {
    let up = if order.request.side == Side::Buy { 1 } else { -1 };
    let stop_type = match order.request.stop_loss {
        Some(stop_loss) if stop_loss.is_trailing => OrderType::TrailingStop,
        _ => OrderType::Stop,
    };
    let leg = |ticks: i32, order_type: OrderType| dto::Bracket { ticks, order_type: order_type.code() };
    (
        order.legs.stop_loss.map(|ticks| leg(-up * ticks, stop_type)),
        order.legs.take_profit.map(|ticks| leg(up * ticks, OrderType::Limit)),
    )
}

/// The single thing that an answer must hold.
fn single<W, T>(operation: &Operation, wire: Option<W>, map: fn(W) -> Result<T>) -> Result<T> {
    let missing = || Error::new(Kind::Protocol, "the gateway reported success and sent nothing");
    wire.ok_or_else(missing).and_then(map).map_err(|error| unreadable(operation, error))
}

impl Authority for Rest {
    fn log_in(&self, credentials: &Credentials, deadline: Deadline) -> Result<Secret> {
        let (operation, body) = match credentials {
            Credentials::Key { user_name, api_key } => {
                let request = dto::LoginKey { user_name, api_key: api_key.expose() };
                let body = self.call(&codes::LOGIN_KEY, None, &request, deadline);
                (&codes::LOGIN_KEY, body.map_err(|error| error.hiding(api_key)))
            }
            Credentials::App(login) => {
                let request = dto::LoginApp {
                    user_name: &login.user_name,
                    password: login.password.expose(),
                    device_id: &login.device_id,
                    app_id: &login.app_id,
                    verify_key: login.verify_key.expose(),
                };
                let body = self.call(&codes::LOGIN_APP, None, &request, deadline);
                let hide = |error: Error| error.hiding(&login.password).hiding(&login.verify_key);
                (&codes::LOGIN_APP, body.map_err(hide))
            }
        };
        let body = Zeroizing::new(body?);
        let answer: dto::LoginAnswer<'_> = payload(operation, &body)?;
        single(operation, answer.token, |token| Ok(Secret::new(String::from(token))))
    }

    fn validate(&self, token: &Secret, deadline: Deadline) -> Result<Option<Secret>> {
        let operation = &codes::VALIDATE;
        let body = Zeroizing::new(self.call_about(operation, token, deadline)?);
        let answer: dto::ValidateAnswer<'_> = payload(operation, &body)?;
        Ok(answer.new_token.map(|token| Secret::new(String::from(token))))
    }

    fn log_out(&self, token: &Secret, deadline: Deadline) -> Result<()> {
        self.call_about(&codes::LOGOUT, token, deadline).map(drop)
    }

    fn ping(&self, deadline: Deadline) -> Result<()> {
        let operation = &codes::PING;
        let reply = self.exchange(operation, deadline, || self.http.get(operation.path, deadline))?;
        // Quoted or not: it depends on the type that the gateway chooses to answer with.
        match reply.body.trim_ascii() {
            b"pong" | b"\"pong\"" => Ok(()),
            _ => Err(garbled(operation, &reply, "is no pong; is TS_API_URL right?")),
        }
    }
}

impl Gateway for Rest {
    fn bars(
        &self,
        token: &Secret,
        request: &BarRequest,
        page: BarPage,
        deadline: Deadline,
    ) -> Result<Vec<Bar>> {
        /// The gateway refuses to give more at once.
        const MOST: u32 = 20_000;
        let operation = &codes::RETRIEVE_BARS;
        let wire = dto::RetrieveBars {
            contract_id: request.contract.as_str(),
            live: request.live,
            start_time: request.from.to_string(),
            end_time: page.to.to_string(),
            unit: request.unit.code(),
            unit_number: request.unit_number,
            limit: page.limit.min(MOST),
            include_partial_bar: request.include_partial,
        };
        let body = self.call(operation, Some(token), &wire, deadline)?;
        // Clients of others have met a past without bars in every spelling; it is where the past ends.
        let bars = payload::<dto::BarList<'_>>(operation, &body)?.bars.unwrap_or_default();
        let mut bars = list(operation, "bars", Some(bars), map::bar)?;
        // The gateway gives the newest first.
        bars.reverse();
        Ok(bars)
    }

    fn accounts(&self, token: &Secret, only_active: bool, deadline: Deadline) -> Result<Vec<Account>> {
        let operation = &codes::ACCOUNT_SEARCH;
        let request = dto::AccountSearch { only_active_accounts: only_active };
        let body = self.call(operation, Some(token), &request, deadline)?;
        list(operation, "accounts", payload::<dto::AccountList<'_>>(operation, &body)?.accounts, map::account)
    }

    fn search_contracts(
        &self,
        token: &Secret,
        text: &str,
        live: bool,
        deadline: Deadline,
    ) -> Result<Vec<Contract>> {
        let operation = &codes::CONTRACT_SEARCH;
        let request = dto::ContractSearch { search_text: text, live };
        let body = self.call(operation, Some(token), &request, deadline)?;
        let contracts = payload::<dto::ContractAnswer<'_>>(operation, &body)?.contracts;
        list(operation, "contracts", contracts, map::contract)
    }

    fn available_contracts(&self, token: &Secret, live: bool, deadline: Deadline) -> Result<Vec<Contract>> {
        let operation = &codes::CONTRACT_AVAILABLE;
        let body = self.call(operation, Some(token), &dto::ContractAvailable { live }, deadline)?;
        let contracts = payload::<dto::ContractAnswer<'_>>(operation, &body)?.contracts;
        list(operation, "contracts", contracts, map::contract)
    }

    fn contract(&self, token: &Secret, id: &ContractId, deadline: Deadline) -> Result<Contract> {
        let operation = &codes::CONTRACT_SEARCH_BY_ID;
        let request = dto::ContractById { contract_id: id.as_str() };
        let body = self.call(operation, Some(token), &request, deadline)?;
        let answer: dto::ContractAnswer<'_> = payload(operation, &body)?;
        let listed = answer.contracts.and_then(|contracts| contracts.into_iter().next());
        single(operation, answer.contract.or(listed), map::contract)
    }

    fn place(&self, token: &Secret, order: &NewOrder<'_>, deadline: Deadline) -> Result<OrderId> {
        let operation = &codes::ORDER_PLACE;
        let NewOrder { request, tag, .. } = *order;
        let (stop_loss_bracket, take_profit_bracket) = brackets(order);
        let wire = dto::PlaceOrder {
            account_id: request.account.get(),
            contract_id: request.contract.as_str(),
            order_type: request.order_type.code(),
            side: request.side.code(),
            size: request.size,
            limit_price: exact(request.limit_price)?,
            stop_price: exact(request.stop_price)?,
            trail_price: exact(request.trail_price)?,
            custom_tag: tag,
            stop_loss_bracket,
            take_profit_bracket,
        };
        let reply = self.send(operation, Some(token), &wire, deadline)?;
        // A rejected order has an id too.
        let id = serde_json::from_slice::<dto::PlaceAnswer<'_>>(&reply.body)
            .map_err(|error| malformed_id(&error.to_string()))
            .and_then(|answer| map::whole("orderId", answer.order_id))
            // What a server writes that has none: nobody could cancel an order by it.
            .map(|id| id.filter(|id| *id > 0));
        match (check_envelope(operation, &reply), id) {
            (Ok(None), Ok(Some(id))) => Ok(id.into()),
            (Ok(None), Ok(None)) => Err(garbled(operation, &reply, "reports success without an orderId")),
            (Ok(None), Err(error)) => Err(unreadable(operation, error).with_outcome(Outcome::Unknown)),
            (Ok(Some(error)) | Err(error), id) => Err(error.with_order(id.ok().flatten(), None)),
        }
    }

    fn order(&self, token: &Secret, account: AccountId, id: OrderId, deadline: Deadline) -> Result<Order> {
        let operation = &codes::ORDER_SEARCH_BY_ID;
        let request = dto::OrderById { account_id: account.get(), order_id: id.get() };
        let body = self.call(operation, Some(token), &request, deadline)?;
        single(operation, payload::<dto::OrderAnswer<'_>>(operation, &body)?.order, map::order)
    }

    fn orders(
        &self,
        token: &Secret,
        account: AccountId,
        range: TimeRange,
        deadline: Deadline,
    ) -> Result<Vec<Order>> {
        let operation = &codes::ORDER_SEARCH;
        let body = self.call(operation, Some(token), &window(operation, account, range)?, deadline)?;
        let orders = payload::<dto::OrderList<'_>>(operation, &body)?.orders;
        let mut orders = list(operation, "orders", orders, map::order)?;
        orders.retain(|order| range.is_before_end(order.created));
        Ok(orders)
    }

    fn open_orders(&self, token: &Secret, account: AccountId, deadline: Deadline) -> Result<Vec<Order>> {
        self.all_open_orders(token, account, deadline)
    }

    fn resting_orders(&self, token: &Secret, account: AccountId, deadline: Deadline) -> Result<Vec<Order>> {
        let operation = &codes::ORDER_SEARCH_OPEN;
        let request = dto::AccountOnly { account_id: account.get() };
        let body = self.call(operation, Some(token), &request, deadline)?;
        let orders = payload::<dto::OrderList<'_>>(operation, &body)?.orders;
        list(operation, "orders", orders, map::order)
    }

    fn order_page(&self, token: &Secret, query: &OrderQuery, deadline: Deadline) -> Result<OrderPage> {
        self.one_order_page(token, query, deadline)
    }

    fn cancel(&self, token: &Secret, account: AccountId, id: OrderId, deadline: Deadline) -> Result<()> {
        let operation = &codes::ORDER_CANCEL;
        let request = dto::OrderById { account_id: account.get(), order_id: id.get() };
        let result = self.call(operation, Some(token), &request, deadline).map(drop);
        result.map_err(|error| error.with_order(Some(id.get()), None))
    }

    fn modify(&self, token: &Secret, change: &OrderChange, deadline: Deadline) -> Result<()> {
        let operation = &codes::ORDER_MODIFY;
        let request = dto::ModifyOrder {
            account_id: change.account.get(),
            order_id: change.order.get(),
            size: change.size,
            limit_price: exact(change.limit_price)?,
            stop_price: exact(change.stop_price)?,
            trail_price: exact(change.trail_price)?,
        };
        let result = self.call(operation, Some(token), &request, deadline).map(drop);
        result.map_err(|error| error.with_order(Some(change.order.get()), None))
    }

    fn fills(
        &self,
        token: &Secret,
        account: AccountId,
        range: TimeRange,
        deadline: Deadline,
    ) -> Result<Vec<Fill>> {
        let operation = &codes::TRADE_SEARCH;
        let body = self.call(operation, Some(token), &window(operation, account, range)?, deadline)?;
        let fills = payload::<dto::FillList<'_>>(operation, &body)?.trades;
        let mut fills = list(operation, "trades", fills, map::fill)?;
        fills.retain(|fill| range.is_before_end(fill.created));
        // The gateway gives the newest first.
        fills.reverse();
        Ok(fills)
    }

    fn positions(&self, token: &Secret, account: AccountId, deadline: Deadline) -> Result<Vec<Position>> {
        let operation = &codes::POSITION_SEARCH_OPEN;
        let request = dto::AccountOnly { account_id: account.get() };
        let body = self.call(operation, Some(token), &request, deadline)?;
        let positions = payload::<dto::PositionList<'_>>(operation, &body)?.positions;
        list(operation, "positions", positions, map::position)
    }

    fn close_position(
        &self,
        token: &Secret,
        account: AccountId,
        contract: &ContractId,
        deadline: Deadline,
    ) -> Result<()> {
        let operation = &codes::POSITION_CLOSE;
        let request = dto::ClosePosition { account_id: account.get(), contract_id: contract.as_str() };
        self.call(operation, Some(token), &request, deadline).map(drop)
    }

    fn reduce_position(
        &self,
        token: &Secret,
        account: AccountId,
        contract: &ContractId,
        size: i32,
        deadline: Deadline,
    ) -> Result<()> {
        let operation = &codes::POSITION_PARTIAL_CLOSE;
        let request = dto::ReducePosition { account_id: account.get(), contract_id: contract.as_str(), size };
        self.call(operation, Some(token), &request, deadline).map(drop)
    }
}

fn malformed_id(reason: &str) -> Error {
    Error::new(Kind::Protocol, format!("the gateway's answer has no readable orderId: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::super::samples::sample;
    use super::*;

    fn reply(body: &str) -> Reply {
        Reply { status: 200, body: body.into(), retry_after: None, location: None }
    }

    #[test]
    fn success_and_code_must_agree() {
        let place = &codes::ORDER_PLACE;
        assert!(check_envelope(place, &reply(&sample("rest_order_place_ok"))).unwrap().is_none());
        let refusal =
            check_envelope(place, &reply(&sample("rest_order_place_rejected_tag"))).unwrap().unwrap();
        assert_eq!(refusal.gateway_text(), Some("Specified custom tag is already in use"));
        for body in [
            "",
            "<html>",
            "null",
            "[]",
            "{}",
            "{\"success\":true}",
            "{\"success\":true,\"errorCode\":2}",
            "{\"success\":false,\"errorCode\":0}",
        ] {
            let error = check_envelope(place, &reply(body)).unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (Kind::Protocol, Outcome::Unknown), "{body}");
        }
    }

    #[test]
    fn http_refusals_keep_their_outcome() {
        for (status, kind, outcome) in [
            (400, Kind::Argument, Outcome::Rejected),
            (401, Kind::Auth, Outcome::Rejected),
            (429, Kind::RateLimit, Outcome::Rejected),
            (404, Kind::Protocol, Outcome::Rejected),
            (500, Kind::Unavailable, Outcome::Unknown),
            (503, Kind::Unavailable, Outcome::Unknown),
            (302, Kind::Protocol, Outcome::Unknown),
        ] {
            let body = sample("rest_validation_400").into();
            let reply = Reply { status, body, retry_after: None, location: None };
            let error = refused_by_http(&codes::ORDER_PLACE, &reply, None);
            assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{status}");
            assert!(error.gateway_text().unwrap().contains("validation errors"), "{error}");
            assert_eq!(refused_by_http(&codes::ORDER_SEARCH, &reply, None).outcome(), Outcome::Query);
        }
    }
}
