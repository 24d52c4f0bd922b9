//! From the wire to the model. What is missing or malformed is an error that names the member.

use serde_json::value::RawValue;

use super::dto::{self, Digits};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::model::{
    Account, Bar, Contract, ContractId, Date, DepthKind, Fill, Order, OrderStatus, OrderType, Position,
    PositionSide, Side, Volume,
};
use crate::price::{DecimalError, Money, Price};
use crate::signalr::Text;

/// The error for a member that is not what it should be.
pub(super) fn malformed(member: &'static str, reason: impl std::fmt::Display) -> Error {
    Error::new(Kind::Protocol, format!("the gateway's answer cannot be read: `{member}` {reason}"))
}

/// The digits of a number, which some gateways send as a string.
fn digits(raw: &RawValue) -> &str {
    raw.get().trim_matches('"')
}

pub(super) fn required<T>(member: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| malformed(member, "is missing"))
}

fn decimal<T>(
    member: &'static str,
    raw: Digits<'_>,
    parse: fn(&str) -> std::result::Result<T, DecimalError>,
) -> Result<Option<T>> {
    raw.map(|raw| parse(digits(raw)).map_err(|error| malformed(member, error))).transpose()
}

/// A price that must be exact.
pub(super) fn price(member: &'static str, raw: Digits<'_>) -> Result<Option<Price>> {
    decimal(member, raw, Price::parse)
}

/// An average, which may repeat and is rounded at 1e-9.
pub(super) fn average(member: &'static str, raw: Digits<'_>) -> Result<Option<Price>> {
    decimal(member, raw, Price::parse_rounded)
}

/// An amount of money, rounded at 1e-9.
pub(super) fn money(member: &'static str, raw: Digits<'_>) -> Result<Option<Money>> {
    decimal(member, raw, Money::parse_rounded)
}

/// A whole number; `3.0` is one too.
pub(super) fn whole(member: &'static str, raw: Digits<'_>) -> Result<Option<i64>> {
    let Some(raw) = raw else { return Ok(None) };
    let text = digits(raw);
    let number = text.parse().ok().or_else(|| {
        let (whole, fraction) = text.split_once('.')?;
        fraction.bytes().all(|byte| byte == b'0').then(|| whole.parse().ok())?
    });
    match number {
        // The one number that the model cannot hold; its neighbour would be another order.
        Some(i64::MAX) => Err(malformed(member, "is too large")),
        Some(number) => Ok(Some(number)),
        None => Err(malformed(member, "is not a whole number")),
    }
}

/// A whole number of 32 bits.
pub(super) fn small(member: &'static str, raw: Digits<'_>) -> Result<Option<i32>> {
    whole(member, raw)?
        .map(|number| i32::try_from(number).map_err(|_| malformed(member, "is beyond 32 bits")))
        .transpose()
}

pub(super) fn required_whole(member: &'static str, raw: Digits<'_>) -> Result<i64> {
    required(member, whole(member, raw)?)
}

pub(super) fn required_small(member: &'static str, raw: Digits<'_>) -> Result<i32> {
    required(member, small(member, raw)?)
}

pub(super) fn required_price(member: &'static str, raw: Digits<'_>) -> Result<Price> {
    required(member, price(member, raw)?)
}

pub(super) fn volume(member: &'static str, raw: Digits<'_>) -> Result<Option<Volume>> {
    Ok(whole(member, raw)?.map(Volume::new))
}

/// A time that is absent or cannot be read is absent: no event is lost for its time, and none is invented.
pub(super) fn time(text: Option<&Text<'_>>) -> Option<Timestamp> {
    text.and_then(|text| Timestamp::parse(text))
}

fn string(text: Option<Text<'_>>) -> Option<String> {
    text.map(String::from)
}

pub(super) fn account(wire: dto::Account<'_>) -> Result<Account> {
    Ok(Account {
        id: required_whole("id", wire.id)?.into(),
        name: required("name", string(wire.name))?,
        balance: money("balance", wire.balance)?,
        can_trade: required("canTrade", wire.can_trade)?,
        is_visible: required("isVisible", wire.is_visible)?,
        simulated: wire.simulated,
    })
}

pub(super) fn contract(wire: dto::Contract<'_>) -> Result<Contract> {
    Ok(Contract {
        id: ContractId::new(required("id", string(wire.id))?),
        name: required("name", string(wire.name))?,
        description: string(wire.description).unwrap_or_default(),
        tick_size: required_price("tickSize", wire.tick_size)?,
        tick_value: required("tickValue", money("tickValue", wire.tick_value)?)?,
        is_active: required("activeContract", wire.active_contract)?,
        symbol_id: string(wire.symbol_id),
    })
}

pub(super) fn order(wire: dto::Order<'_>) -> Result<Order> {
    Ok(Order {
        id: required_whole("id", wire.id)?.into(),
        account: required_whole("accountId", wire.account_id)?.into(),
        contract: ContractId::new(required("contractId", string(wire.contract_id))?),
        symbol_id: string(wire.symbol_id),
        created: time(wire.creation_timestamp.as_ref()),
        updated: time(wire.update_timestamp.as_ref()),
        status: OrderStatus::from(required_small("status", wire.status)?),
        order_type: OrderType::from(required_small("type", wire.order_type)?),
        side: Side::from(required_small("side", wire.side)?),
        size: required_small("size", wire.size)?,
        limit_price: price("limitPrice", wire.limit_price)?,
        stop_price: price("stopPrice", wire.stop_price)?,
        fill_volume: small("fillVolume", wire.fill_volume)?,
        filled_price: average("filledPrice", wire.filled_price)?,
        client_tag: string(wire.custom_tag),
        trail_distance: small("trailDistance", wire.trail_distance)?,
        trail_price: price("trailPrice", wire.trail_price)?,
        parent: whole("parentOrderId", wire.parent_order_id)?.map(Into::into),
        linked: whole("linkedOrderId", wire.linked_order_id)?.map(Into::into),
    })
}

pub(super) fn position(wire: dto::Position<'_>) -> Result<Position> {
    Ok(Position {
        id: required_whole("id", wire.id)?.into(),
        account: required_whole("accountId", wire.account_id)?.into(),
        contract: ContractId::new(required("contractId", string(wire.contract_id))?),
        display_name: string(wire.contract_display_name),
        created: time(wire.creation_timestamp.as_ref()),
        side: PositionSide::from(required_small("type", wire.side)?),
        size: required_small("size", wire.size)?,
        average_price: required("averagePrice", average("averagePrice", wire.average_price)?)?,
    })
}

pub(super) fn fill(wire: dto::Fill<'_>) -> Result<Fill> {
    Ok(Fill {
        id: required_whole("id", wire.id)?.into(),
        account: required_whole("accountId", wire.account_id)?.into(),
        contract: ContractId::new(required("contractId", string(wire.contract_id))?),
        created: time(wire.creation_timestamp.as_ref()),
        price: required("price", average("price", wire.price)?)?,
        profit_and_loss: money("profitAndLoss", wire.profit_and_loss)?,
        fees: required("fees", money("fees", wire.fees)?)?,
        commissions: money("commissions", wire.commissions)?,
        side: Side::from(required_small("side", wire.side)?),
        size: required_small("size", wire.size)?,
        voided: wire.voided.unwrap_or(false),
        order: required_whole("orderId", wire.order_id)?.into(),
    })
}

pub(super) fn bar(wire: dto::Bar<'_>) -> Result<Bar> {
    Ok(Bar {
        start: required("t", time(wire.t.as_ref()))?,
        open: required_price("o", wire.o)?,
        high: required_price("h", wire.h)?,
        low: required_price("l", wire.l)?,
        close: required_price("c", wire.c)?,
        volume: required("v", volume("v", wire.v)?)?,
        // As of times: no bar is lost for it, and none is invented.
        day: wire.d.and_then(|text| Date::parse(&text)),
        k: whole("k", wire.k)?,
    })
}

pub(super) fn depth_kind(raw: Digits<'_>) -> Result<DepthKind> {
    Ok(DepthKind::from(required_small("type", raw)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn numbers_come_in_every_spelling() {
        for (text, number) in
            [("15", 15), ("15.0", 15), ("\"15\"", 15), ("-3", -3), ("9007199254740993", 9007199254740993)]
        {
            assert_eq!(whole("id", Some(&raw(text))).unwrap(), Some(number), "{text}");
        }
        for text in ["1.5", "true", "{}", "1e99", "9223372036854775807", "9223372036854775808"] {
            let message = whole("orderId", Some(&raw(text))).unwrap_err().to_string();
            assert!(message.contains("`orderId`"), "{message}");
        }
        assert_eq!(price("p", Some(&raw("\"49909.0\""))).unwrap().unwrap().to_string(), "49909");
    }

    #[test]
    fn a_price_that_is_too_fine_names_its_member() {
        let message = price("limitPrice", Some(&raw("1.0000000001"))).unwrap_err().to_string();
        assert!(message.contains("`limitPrice` has digits below"), "{message}");
        assert_eq!(average("averagePrice", Some(&raw("1.0000000001"))).unwrap().unwrap().to_string(), "1");
    }

    #[test]
    fn a_missing_member_is_named() {
        let wire: dto::Order<'_> = serde_json::from_str("{\"id\":1}").unwrap();
        assert!(order(wire).unwrap_err().to_string().contains("`accountId` is missing"));
    }
}
