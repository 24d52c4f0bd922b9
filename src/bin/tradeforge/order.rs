//! `tradeforge order`.

use std::time::Duration;

use tradeforge::model::Placed;
use tradeforge::{AccountId, OrderChange, OrderId, OrderRequest};

use crate::args::{List, Modify, Order, Place, Show};
use crate::failure::{Failure, Result};
use crate::json::Object;
use crate::output::Output;
use crate::session::Session;

/// Places, changes, cancels, shows or lists orders.
pub fn run(args: &Order, timeout: Duration, output: &mut Output) -> Result<()> {
    match args {
        Order::Place(args) => place(args, timeout, output),
        Order::Modify(args) => modify(args, timeout, output),
        Order::Cancel(args) => cancel(args, timeout, output),
        Order::Show(args) => show(args, timeout, output),
        Order::List(args) => list(args, timeout, output),
    }
}

fn place(args: &Place, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::new(timeout)?;
    let contract = session.contract(args.contract.as_ref())?;
    session.client.login(session.deadline)?;
    let account = session.account(args.account)?;
    // Once the client knows the contract it checks the price against the tick.
    session.client.contract(&contract, session.deadline)?;
    let request = OrderRequest {
        order_type: args.order_type.into(),
        limit_price: args.limit,
        client_tag: args.tag.clone(),
        ..OrderRequest::market(account, contract, args.side.into(), args.size)
    };
    let placed = session.client.place(&request, session.deadline)?;
    let told = tell(&request, &placed, output);
    told.map_err(|failure| match failure {
        Failure::Output(error) => Failure::Untold(
            format!("order {} was accepted, tag {}", placed.order_id, placed.client_tag),
            error,
        ),
        failure => failure,
    })
}

fn tell(request: &OrderRequest, placed: &Placed, output: &mut Output) -> Result<()> {
    let json = Object::new()
        .with("orderId", placed.order_id)
        .with("accountId", request.account)
        .with("contractId", &request.contract)
        .with("customTag", &placed.client_tag);
    output.tell(&json, format_args!("order {} accepted, tag {}", placed.order_id, placed.client_tag))?;
    output.flush()
}

fn modify(args: &Modify, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    let change = OrderChange {
        size: args.size,
        limit_price: args.limit,
        stop_price: args.stop,
        ..OrderChange::new(account, args.id)
    };
    session.client.modify(&change, session.deadline)?;
    tell_taken(account, args.id, "change", output)
}

fn cancel(args: &Show, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    session.client.cancel(account, args.id, session.deadline)?;
    tell_taken(account, args.id, "cancel", output)
}

/// Tells that the gateway took a request about an order.
fn tell_taken(account: AccountId, order: OrderId, what: &str, output: &mut Output) -> Result<()> {
    let done = format!("the {what} of order {order} was accepted");
    let json = Object::new().with("orderId", order).with("accountId", account);
    let told = output.tell(&json, &done).and_then(|()| output.flush());
    told.map_err(|failure| match failure {
        Failure::Output(error) => Failure::Untold(done, error),
        failure => failure,
    })
}

fn show(args: &Show, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    output.list(&[session.client.order(account, args.id, session.deadline)?])
}

fn list(args: &List, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    let orders = match args.open {
        true => session.client.open_orders(account, session.deadline),
        false => session.client.orders(account, args.since, session.deadline),
    };
    output.list(&orders?)
}
