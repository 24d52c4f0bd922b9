//! What is checked before anything is sent.

use std::time::Duration;

use super::legs::legs;
use super::pace::share;
use crate::clock::Deadline;
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{Contract, OrderChange, OrderRequest, OrderType, Side};
use crate::price::{Price, Rounding};
use crate::provider::Legs;

/// Checks what can be known before sending, and gives the brackets in ticks. `contract` is what is known of
/// the order's contract.
///
/// # Errors
/// [`Kind::Argument`] with the outcome `NotSent`.
pub(crate) fn check(request: &OrderRequest, contract: Option<&Contract>) -> Result<Legs> {
    let complaint =
        outline(request).or_else(|| prices(request)).or_else(|| off_grid(named_prices(request), contract));
    complaint.map_or_else(|| legs(request, contract), Err).map_err(|message| {
        Error::new(Kind::Argument, message)
            .in_operation("Order/place")
            .with_outcome(Outcome::NotSent)
            .with_order(None, request.client_tag.clone())
    })
}

/// When the search for the contract of an order that is to change must end, for the change has its own
/// deadline.
pub(crate) fn look_up_by(deadline: Deadline) -> Deadline {
    const LONGEST: Duration = Duration::from_secs(2);
    share(deadline, LONGEST)
}

/// Checks a change before it is sent. `contract` gives what is known of the order's contract; it is asked only
/// when there is a price to check.
///
/// # Errors
/// [`Kind::Argument`] with the outcome `NotSent`.
pub(crate) fn check_change(change: &OrderChange, contract: impl FnOnce() -> Option<Contract>) -> Result<()> {
    let prices = [("limit", change.limit_price), ("stop", change.stop_price), ("trail", change.trail_price)];
    let message = match change {
        OrderChange { size: None, limit_price: None, stop_price: None, trail_price: None, .. } => {
            "the change changes nothing: give a size, a limit, a stop or a trail price".to_owned()
        }
        OrderChange { size: Some(size), .. } if *size < 1 => {
            format!("the size is {size} but must be 1 at least")
        }
        _ if prices.iter().all(|(_, price)| price.is_none()) => return Ok(()),
        _ => match off_grid(prices, contract().as_ref()) {
            Some(message) => message,
            None => return Ok(()),
        },
    };
    Err(Error::new(Kind::Argument, message)
        .in_operation("Order/modify")
        .with_outcome(Outcome::NotSent)
        .with_order(Some(change.order.get()), None))
}

/// What speaks against everything but the prices.
fn outline(request: &OrderRequest) -> Option<String> {
    let tag = request.client_tag.as_deref();
    if request.size < 1 {
        Some(format!("the size is {} but must be 1 at least", request.size))
    } else if request.contract.as_str().trim().is_empty() {
        Some("the contract id is empty; find it by search".into())
    } else if !matches!(request.side, Side::Buy | Side::Sell) {
        Some(format!("side {} is neither buy (0) nor sell (1)", request.side.code()))
    } else if tag.is_some_and(|tag| tag.is_empty() || tag.chars().any(char::is_control)) {
        Some("the client tag is empty or has control characters".into())
    } else {
        None
    }
}

/// What speaks against the type, and against prices that it needs or does not take.
fn prices(request: &OrderRequest) -> Option<String> {
    let wanted = match request.order_type {
        OrderType::Market | OrderType::JoinBid | OrderType::JoinAsk => "",
        OrderType::Limit => "limit",
        OrderType::Stop => "stop",
        OrderType::TrailingStop => "trail",
        OrderType::StopLimit => {
            return Some(
                "order type 3 (StopLimit) cannot be placed, the gateway refuses it; place a stop".into(),
            );
        }
        other @ (OrderType::Unknown | OrderType::Other(_)) => {
            return Some(format!("order type {} ({}) cannot be placed", other.code(), other.name()));
        }
    };
    let kind = request.order_type.name();
    named_prices(request).into_iter().find_map(|(name, price)| match (name == wanted, price) {
        (true, None) => Some(format!("a {kind} order needs a {name} price")),
        (false, Some(_)) => Some(format!("a {kind} order takes no {name} price")),
        _ => None,
    })
}

/// The rule for the tick grid: nothing is rounded. A price off the grid is refused with its two neighbours
/// on it, as only the caller knows which one is meant.
fn off_grid(prices: [NamedPrice; 3], contract: Option<&Contract>) -> Option<String> {
    let (contract, tick) = contract.map(|contract| (contract, contract.tick_size))?;
    let given = prices.into_iter().filter_map(|(name, price)| Some((name, price?)));
    let (name, price) = given.into_iter().find(|(_, price)| !price.is_on_tick(tick))?;
    let near = |rounding| price.round_to_tick(tick, rounding);
    let neighbours = near(Rounding::Down).zip(near(Rounding::Up));
    let neighbours = neighbours
        .map_or(String::new(), |(below, above)| format!("; its neighbours on it are {below} and {above}"));
    Some(format!("{name} price {price} is off the tick grid of {} ({tick}){neighbours}", contract.name))
}

/// What a price is called, and the price if it is given.
type NamedPrice = (&'static str, Option<Price>);

fn named_prices(request: &OrderRequest) -> [NamedPrice; 3] {
    [("limit", request.limit_price), ("stop", request.stop_price), ("trail", request.trail_price)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BracketPrice, ContractId, StopLoss};
    use crate::price::Money;

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    fn contract() -> Contract {
        Contract {
            id: "CON.F.US.MES.Z26".into(),
            name: "MESZ6".into(),
            description: String::new(),
            tick_size: price("0.25"),
            tick_value: Money::parse("1.25").unwrap(),
            is_active: true,
            symbol_id: None,
        }
    }

    /// One good order of every type, at 5000.25 where it has a price.
    fn every_type() -> [OrderRequest; 6] {
        let id = || ContractId::from("CON.F.US.MES.Z26");
        let at = price("5000.25");
        [
            OrderRequest::market(1.into(), id(), Side::Sell, 1),
            OrderRequest::limit(1.into(), id(), Side::Sell, 1, at),
            OrderRequest::stop(1.into(), id(), Side::Sell, 1, at),
            OrderRequest::trailing_stop(1.into(), id(), Side::Sell, 1, at),
            OrderRequest::join_bid(1.into(), id(), Side::Sell, 1),
            OrderRequest::join_ask(1.into(), id(), Side::Sell, 1),
        ]
    }

    fn limit(at: &str) -> OrderRequest {
        OrderRequest { limit_price: Some(price(at)), ..every_type()[1].clone() }
    }

    #[test]
    fn good_orders_pass() {
        for request in every_type() {
            check(&request, Some(&contract())).unwrap();
        }
        check(&limit("5000.1"), None).unwrap();
    }

    #[test]
    fn a_type_takes_its_own_price_and_no_other() {
        let at = Some(price("5000"));
        for request in every_type() {
            let name = request.order_type.name();
            let own = match request.order_type {
                OrderType::Limit => 0,
                OrderType::Stop => 1,
                OrderType::TrailingStop => 2,
                _ => 3,
            };
            for (index, kind) in ["limit", "stop", "trail"].into_iter().enumerate() {
                let mut changed = request.clone();
                let field = [&mut changed.limit_price, &mut changed.stop_price, &mut changed.trail_price]
                    .into_iter()
                    .nth(index)
                    .unwrap();
                let verb = if index == own { "needs a" } else { "takes no" };
                *field = if index == own { None } else { at };
                let error = check(&changed, Some(&contract())).unwrap_err();
                assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent));
                assert_eq!(error.message(), format!("a {name} order {verb} {kind} price"));
            }
        }
    }

    #[test]
    fn prices_off_the_grid_are_refused_with_their_neighbours() {
        let off = Some(price("5000.1"));
        let [_, limit, stop, trail, ..] = every_type();
        for (request, name) in [
            (OrderRequest { limit_price: off, ..limit }, "limit"),
            (OrderRequest { stop_price: off, ..stop }, "stop"),
            (OrderRequest { trail_price: off, ..trail }, "trail"),
        ] {
            let error = check(&request, Some(&contract())).unwrap_err();
            let told = format!(
                "{name} price 5000.1 is off the tick grid of MESZ6 (0.25); its neighbours on it are 5000 and 5000.25"
            );
            assert_eq!(error.message(), told);
        }
    }

    #[test]
    fn a_change_must_change_something() {
        let nothing = OrderChange::new(1.into(), 2.into());
        for change in [
            OrderChange { size: Some(1), ..nothing.clone() },
            OrderChange { limit_price: Some(Price::ZERO), ..nothing.clone() },
            OrderChange { stop_price: Some(Price::ZERO), ..nothing.clone() },
            OrderChange { trail_price: Some(Price::ZERO), ..nothing.clone() },
        ] {
            check_change(&change, || None).unwrap();
        }
        for (change, part) in
            [(nothing.clone(), "changes nothing"), (OrderChange { size: Some(0), ..nothing }, "size is 0")]
        {
            let error = check_change(&change, || unreachable!()).unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent));
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn a_change_off_the_grid_is_refused_with_the_neighbours() {
        let nothing = OrderChange::new(1.into(), 2.into());
        let off = Some(price("5000.1"));
        for (change, name) in [
            (OrderChange { limit_price: off, ..nothing.clone() }, "limit"),
            (OrderChange { stop_price: off, ..nothing.clone() }, "stop"),
            (OrderChange { trail_price: off, ..nothing.clone() }, "trail"),
        ] {
            let error = check_change(&change, || Some(contract())).unwrap_err();
            assert_eq!(
                (error.kind(), error.outcome(), error.order_id()),
                (Kind::Argument, Outcome::NotSent, Some(2))
            );
            assert!(
                error.message().starts_with(&format!("{name} price 5000.1 is off the tick grid")),
                "{error}"
            );
            assert!(error.message().ends_with("are 5000 and 5000.25"), "{error}");
            check_change(&change, || None).unwrap();
        }
        let on = OrderChange { limit_price: Some(price("5000.25")), ..nothing.clone() };
        check_change(&on, || Some(contract())).unwrap();
        check_change(&OrderChange { size: Some(3), ..nothing }, || unreachable!()).unwrap();
    }

    #[test]
    fn bad_orders_are_not_sent() {
        let near = StopLoss::fixed(BracketPrice::Ticks(3));
        for (request, part) in [
            (OrderRequest { size: 0, ..limit("1") }, "size is 0"),
            (OrderRequest { order_type: OrderType::StopLimit, ..limit("1") }, "StopLimit"),
            (OrderRequest { order_type: OrderType::Unknown, ..limit("1") }, "order type 0"),
            (OrderRequest { order_type: OrderType::Other(9), ..limit("1") }, "order type 9"),
            (OrderRequest { side: Side::Other(7), ..limit("1") }, "side 7"),
            (OrderRequest { contract: " ".into(), ..limit("1") }, "contract id is empty"),
            (OrderRequest { client_tag: Some("a\nb".into()), ..limit("1") }, "client tag"),
            (OrderRequest { stop_loss: Some(near), ..limit("1") }, "4 is the least"),
        ] {
            let error = check(&request, Some(&contract())).unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent));
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
