//! Hundreds of orders through a gateway that loses, refuses, resets, stalls and garbles: after `resolve`, what
//! the client says and what the gateway has agree one to one.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod order_support;

use std::collections::BTreeMap;
use std::time::Duration;

use order_support::{Desk, PATIENCE};
use tradeforge::sim::{Fault, FaultKind, Garbage};
use tradeforge::{OrderId, OrderRequest, OrderStatus, Outcome, Resolution, Side};

const ORDERS: usize = 200;
const THREADS: usize = 8;
const WINDOW: Duration = Duration::from_secs(3600);
/// For a single attempt: a stalled one is given up soon.
const SHORT: Duration = Duration::from_millis(400);

/// What the client says of an order in the end.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Accepted(OrderId),
    Rejected(Option<OrderId>),
    /// Not sent, or sent and never arrived.
    NotThere,
}

/// What can happen to a request, each with its chance; placing is struck more often than reading.
fn faults(on: &'static str, chance: f64) -> Vec<Fault> {
    let status = |number| Fault::new(FaultKind::Status).status(number);
    [
        Fault::new(FaultKind::LostReply),
        Fault::new(FaultKind::Refused),
        Fault::new(FaultKind::Reset),
        Fault::new(FaultKind::Reset).carried_out(false),
        Fault::new(FaultKind::Stall),
        Fault::new(FaultKind::Stall).carried_out(false),
        Fault::new(FaultKind::Cut),
        Fault::new(FaultKind::Garbage).form(Garbage::Html),
        Fault::new(FaultKind::Garbage).form(Garbage::Shape),
        Fault::new(FaultKind::Garbage).form(Garbage::Empty).carried_out(false),
        status(500),
        status(502).carried_out(true),
        status(503),
        // Without a wait: a client that cools down sends nothing, and nothing gets lost.
        status(429).retry_after(Duration::ZERO),
    ]
    .into_iter()
    .map(|fault| fault.on(on).probability(chance).always())
    .collect()
}

/// The order of this number: most are good, some the gateway rejects.
fn request(desk: &Desk, number: usize) -> OrderRequest {
    let tag = Some(format!("order-{number}"));
    let resting = desk.resting("");
    match number % 6 {
        0 => OrderRequest { client_tag: tag, ..desk.market(Side::Buy) },
        1 => OrderRequest { client_tag: tag, ..desk.market(Side::Sell) },
        // More than the account may hold.
        2 => OrderRequest { client_tag: tag, size: 100_000, ..resting },
        _ => OrderRequest { client_tag: tag, ..resting },
    }
}

/// Places an order, once, and finds out what became of it. Tells whether that was unknown at first.
fn place(desk: &Desk, number: usize) -> (String, Said, bool) {
    let request = request(desk, number);
    let tag = request.client_tag.clone().unwrap();
    let error = match desk.client.place(&request, SHORT) {
        Ok(placed) => {
            assert_eq!(placed.client_tag, tag);
            return (tag, Said::Accepted(placed.order_id), false);
        }
        Err(error) => error,
    };
    assert_eq!(error.client_tag(), Some(&*tag), "{error}");
    let said = match error.outcome() {
        Outcome::NotSent => Said::NotThere,
        Outcome::Rejected => match error.order_id() {
            Some(id) => Said::Rejected(Some(id.into())),
            // A refusal by HTTP reached no order desk.
            None => Said::NotThere,
        },
        Outcome::Unknown => match desk.client.resolve(desk.account, &tag, WINDOW, PATIENCE).unwrap() {
            Resolution::Accepted(order) => Said::Accepted(order.id),
            Resolution::Rejected(order) => Said::Rejected(Some(order.id)),
            Resolution::NotThere => Said::NotThere,
        },
        Outcome::Query => panic!("{error}"),
    };
    (tag, said, error.is_outcome_unknown())
}

#[test]
fn a_thousand_orders_are_accounted_for() {
    // Five gateways, as a list of all orders that grows is what takes the time.
    (1..=5).for_each(every_order_is_accounted_for);
}

/// The seed decides which requests are struck.
fn every_order_is_accounted_for(seed: u64) {
    let desk = Desk::seeded(seed);
    let strikes = faults("/api/Order/place", 0.04).into_iter();
    for fault in strikes.chain(faults("/api/Order/search", 0.005)).chain(faults("/api/Order/v2/query", 0.005))
    {
        desk.sim.inject(fault).unwrap();
    }
    let told: Vec<(String, Said, bool)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|worker| {
                let desk = &desk;
                scope.spawn(move || {
                    let numbers = (worker..ORDERS).step_by(THREADS);
                    numbers.map(|number| place(desk, number)).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    desk.sim.clear_faults();

    let mut doubtful = 0;
    let mut said = BTreeMap::new();
    for (tag, what, was_unknown) in told {
        doubtful += usize::from(was_unknown);
        assert!(said.insert(tag, what).is_none());
    }
    assert_eq!(said.len(), ORDERS);
    assert!(doubtful > ORDERS / 5, "the gateway was not lossy enough: {doubtful}");

    // What the gateway has: finished orders by the list, live ones by the query.
    let mut kept = BTreeMap::new();
    let live = desk.client.open_orders(desk.account, PATIENCE).unwrap();
    for order in desk.orders().into_iter().chain(live) {
        // The desk's own first orders are not part of this.
        let Some(tag) = order.client_tag.clone().filter(|tag| tag.starts_with("order-")) else { continue };
        let earlier = kept.insert(tag.clone(), (order.id, order.status == OrderStatus::Rejected));
        assert!(earlier.is_none_or(|(id, _)| id == order.id), "{tag} is there twice");
    }
    for (tag, what) in &said {
        let expected = match kept.remove(tag) {
            Some((id, true)) => Said::Rejected(Some(id)),
            Some((id, false)) => Said::Accepted(id),
            None => Said::NotThere,
        };
        assert_eq!(*what, expected, "{tag}");
    }
    assert!(kept.is_empty(), "nobody told of {kept:?}");

    let count = |wanted: fn(&Said) -> bool| said.values().filter(|what| wanted(what)).count();
    let sorts = [
        count(|what| matches!(what, Said::Accepted(_))),
        count(|what| matches!(what, Said::Rejected(_))),
        count(|what| *what == Said::NotThere),
    ];
    assert!(sorts.iter().all(|count| *count > ORDERS / 20), "every outcome occurs: {sorts:?}");
}
