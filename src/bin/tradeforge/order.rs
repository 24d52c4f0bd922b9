//! `tradeforge order`.

use std::time::Duration;

use tradeforge::model::{CancelReport, Placed};
use tradeforge::{
    AccountId, BracketPrice, CancelOutcome, OrderChange, OrderId, OrderQuery, OrderRequest, Resolution,
    StopLoss, TimeRange, Timestamp,
};

use crate::args::{Cancel, List, Modify, Order, Place, Resolve, Show};
use crate::failure::{Failure, Result};
use crate::json::Object;
use crate::output::{Output, Record};
use crate::session::Session;

/// Places, changes, cancels, shows or lists orders.
pub fn run(args: &Order, timeout: Duration, output: &mut Output) -> Result<()> {
    match args {
        Order::Place(args) => place(args, timeout, output),
        Order::Modify(args) => modify(args, timeout, output),
        Order::Cancel(args) => cancel(args, timeout, output),
        Order::Resolve(args) => resolve(args, timeout, output),
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
        stop_price: args.stop,
        trail_price: args.trail,
        stop_loss: args
            .stop_loss
            .map(|ticks| StopLoss { at: BracketPrice::Ticks(ticks), is_trailing: args.trailing_stop_loss }),
        take_profit: args.take_profit.map(BracketPrice::Ticks),
        client_tag: args.tag.clone(),
        ..OrderRequest::market(account, contract, args.side.into(), args.size)
    };
    let placed = session.client.place(&request, session.deadline)?;
    let done = format!("order {} was accepted, tag {}", placed.order_id, placed.client_tag);
    told(tell(&request, &placed, output), done)
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
        trail_price: args.trail,
        ..OrderChange::new(account, args.id)
    };
    session.client.modify(&change, session.deadline)?;
    tell_taken(account, args.id, "change", output)
}

fn cancel(args: &Cancel, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    let Some(id) = args.id else {
        let reports = session.client.cancel_all(account, args.contract.as_ref(), session.deadline)?;
        return tell_all(&reports, output);
    };
    if !args.confirm {
        session.client.cancel(account, id, session.deadline)?;
        return tell_taken(account, id, "cancel", output);
    }
    let outcome = session.client.cancel_confirmed(account, id, session.deadline);
    let (name, order) = match outcome {
        CancelOutcome::Confirmed(order) => ("confirmed", order),
        CancelOutcome::FilledFirst(order) => ("filled first", order),
        CancelOutcome::Unconfirmed(error) | CancelOutcome::Failed(error) => return Err(error.into()),
    };
    let filled = order.fill_volume.unwrap_or_default();
    let done = format!("cancel of order {id}: {name}, {filled} of {} filled", order.size);
    told(output.tell(&order.json().with("outcome", name), &done).and_then(|()| output.flush()), done)
}

/// Tells what the cancel of each order came to, and fails when one of them may still fill.
fn tell_all(reports: &[CancelReport], output: &mut Output) -> Result<()> {
    let written = output.list(reports).and_then(|()| output.flush());
    told(written, format!("the cancel of {} orders was asked for", reports.len()))?;
    let is_open = |report: &&CancelReport| {
        matches!(report.outcome, CancelOutcome::Unconfirmed(_) | CancelOutcome::Failed(_))
    };
    match reports.iter().filter(is_open).count() {
        0 => Ok(()),
        open => Err(Failure::Advice(format!(
            "{open} of {} orders may still fill; look with `tradeforge order list --open`",
            reports.len()
        ))),
    }
}

fn resolve(args: &Resolve, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    // Nanoseconds before now, never below zero.
    let age = Timestamp::now().nanos().saturating_sub(args.since.nanos());
    let window = Duration::from_nanos(u64::try_from(age).unwrap_or_default());
    let found = session.client.resolve(account, &args.tag, window, session.deadline)?;
    let (name, order) = match found {
        Resolution::Accepted(order) => ("accepted", order),
        Resolution::Rejected(order) => ("rejected", order),
        Resolution::NotThere => {
            let json = Object::new().with("accountId", account).with("customTag", &args.tag);
            let sentence = format!("there is no order with the tag {}", args.tag);
            return output.tell(&json.with("resolution", "not there"), sentence);
        }
    };
    let sentence = format!("order {} was {name}; its status is {}", order.id, order.status.name());
    output.tell(&order.json().with("resolution", name), sentence)
}

/// A failure to tell what was done says at least that it was done.
fn told(written: Result<()>, done: String) -> Result<()> {
    written.map_err(|failure| match failure {
        Failure::Output(error) => Failure::Untold(done, error),
        failure => failure,
    })
}

/// Tells that the gateway took a request about an order.
fn tell_taken(account: AccountId, order: OrderId, what: &str, output: &mut Output) -> Result<()> {
    let done = format!("the {what} of order {order} was accepted");
    let json = Object::new().with("orderId", order).with("accountId", account);
    told(output.tell(&json, &done).and_then(|()| output.flush()), done)
}

fn show(args: &Show, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    output.list(&[session.client.order(account, args.id, session.deadline)?])
}

fn list(args: &List, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    let (client, deadline) = (&session.client, session.deadline);
    let range = TimeRange { from: args.since, until: args.until };
    let orders = if args.open {
        client.open_orders(account, deadline)?
    } else if args.resting {
        client.resting_orders(account, deadline)?
    } else if args.statuses.is_empty() && args.contract.is_none() {
        client.orders(account, range, deadline)?
    } else {
        let query = OrderQuery {
            statuses: args.statuses.iter().copied().map(Into::into).collect(),
            contract: args.contract.clone(),
            created_after: Some(range.from),
            created_before: range.until,
            ..OrderQuery::new(account)
        };
        pages(query, &session)?
    };
    output.list(&orders)
}

/// The orders of all pages of a query, each once.
fn pages(mut query: OrderQuery, session: &Session) -> Result<Vec<tradeforge::model::Order>> {
    let mut orders = Vec::new();
    loop {
        let page = session.client.order_page(&query, session.deadline)?;
        orders.extend(page.orders);
        let Some(next) = page.next_offset else { break };
        query.page_offset = next;
    }
    // Orders that are made meanwhile move the rows.
    orders.sort_by_key(|order| order.id);
    orders.dedup_by_key(|order| order.id);
    Ok(orders)
}
