//! Placing an order.

use super::tag::new_tag;
use crate::clock::Deadline;
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{Contract, OrderChange, OrderRequest, OrderType, Placed, Side};
use crate::session::Session;

/// Checks what can be known before sending. `contract` is what is known of the order's contract.
///
/// # Errors
/// [`Kind::Argument`] with the outcome `NotSent`.
pub(crate) fn check(request: &OrderRequest, contract: Option<&Contract>) -> Result<()> {
    let refuse = |message: String| {
        Err(Error::new(Kind::Argument, message).in_operation("Order/place").with_outcome(Outcome::NotSent))
    };
    if request.size < 1 {
        return refuse(format!("the size is {} but must be 1 at least", request.size));
    }
    if request.contract.as_str().trim().is_empty() {
        return refuse("the contract id is empty; find it by search".into());
    }
    if !matches!(request.side, Side::Buy | Side::Sell) {
        return refuse(format!("side {} is neither buy (0) nor sell (1)", request.side.code()));
    }
    match (request.order_type, request.limit_price) {
        (OrderType::Limit, Some(_)) | (OrderType::Market, None) => {}
        (OrderType::Limit, None) => return refuse("a limit order needs a limit price".into()),
        (OrderType::Market, Some(_)) => return refuse("a market order takes no limit price".into()),
        (other, _) => {
            return refuse(format!(
                "order type {} ({}) cannot be placed; use market or limit",
                other.code(),
                other.name()
            ));
        }
    }
    if let (Some(price), Some(contract)) = (request.limit_price, contract)
        && !contract.is_on_tick(price)
    {
        let tick = contract.tick_size;
        let near = price.round_to_tick(tick, request.side.away_from_market());
        let near = near.map_or(String::new(), |near| format!("; the next price on it is {near}"));
        return refuse(format!(
            "limit price {price} is off the tick grid of {} ({tick}){near}",
            contract.name
        ));
    }
    if request.client_tag.as_deref().is_some_and(|tag| tag.is_empty() || tag.chars().any(char::is_control)) {
        return refuse("the client tag is empty or has control characters".into());
    }
    Ok(())
}

/// Checks a change before it is sent.
///
/// # Errors
/// [`Kind::Argument`] with the outcome `NotSent`.
pub(crate) fn check_change(change: &OrderChange) -> Result<()> {
    let message = match change {
        OrderChange { size: None, limit_price: None, stop_price: None, .. } => {
            "the change changes nothing: give a size, a limit price or a stop price".to_owned()
        }
        OrderChange { size: Some(size), .. } if *size < 1 => {
            format!("the size is {size} but must be 1 at least")
        }
        _ => return Ok(()),
    };
    Err(Error::new(Kind::Argument, message).in_operation("Order/modify").with_outcome(Outcome::NotSent))
}

/// Sends an order, once.
///
/// # Errors
/// With the outcome, the client tag and, for a rejected order, its id.
pub(crate) fn place(session: &Session, request: &OrderRequest, deadline: Deadline) -> Result<Placed> {
    let client_tag = match &request.client_tag {
        Some(tag) => tag.clone(),
        None => new_tag()?,
    };
    let order_id = session.mutate(|gateway, token| gateway.place(token, request, &client_tag, deadline))?;
    Ok(Placed { order_id, client_tag })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ContractId;
    use crate::price::{Money, Price};

    fn contract() -> Contract {
        Contract {
            id: "CON.F.US.MES.Z26".into(),
            name: "MESZ6".into(),
            description: String::new(),
            tick_size: Price::parse("0.25").unwrap(),
            tick_value: Money::parse("1.25").unwrap(),
            is_active: true,
            symbol_id: None,
        }
    }

    fn limit(price: &str) -> OrderRequest {
        let id = ContractId::from("CON.F.US.MES.Z26");
        OrderRequest::limit(1.into(), id, Side::Sell, 1, Price::parse(price).unwrap())
    }

    #[test]
    fn good_orders_pass() {
        check(&limit("5000.25"), Some(&contract())).unwrap();
        check(&limit("5000.1"), None).unwrap();
    }

    #[test]
    fn a_change_must_change_something() {
        let nothing = OrderChange::new(1.into(), 2.into());
        check_change(&OrderChange { stop_price: Some(Price::ZERO), ..nothing.clone() }).unwrap();
        for (change, part) in
            [(nothing.clone(), "changes nothing"), (OrderChange { size: Some(0), ..nothing }, "size is 0")]
        {
            let error = check_change(&change).unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent));
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn bad_orders_are_not_sent() {
        let market = OrderRequest { order_type: OrderType::Market, ..limit("1") };
        for (request, part) in [
            (OrderRequest { size: 0, ..limit("1") }, "size is 0"),
            (limit("5000.1"), "next price on it is 5000.25"),
            (OrderRequest { limit_price: None, ..limit("1") }, "needs a limit price"),
            (market, "takes no limit price"),
            (OrderRequest { order_type: OrderType::StopLimit, ..limit("1") }, "StopLimit"),
            (OrderRequest { side: Side::Other(7), ..limit("1") }, "side 7"),
            (OrderRequest { contract: " ".into(), ..limit("1") }, "contract id is empty"),
            (OrderRequest { client_tag: Some("a\nb".into()), ..limit("1") }, "client tag"),
        ] {
            let error = check(&request, Some(&contract())).unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent));
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
