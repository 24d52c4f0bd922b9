//! A newer token reaches the live connections: a second connection takes over, and each event comes once.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod link_support;

use std::time::{Duration, Instant};

use link_support::{PATIENCE, Session, client, roomy_stream};
use tradeforge::model::{EventFlags, LinkState, Trade};
use tradeforge::sim::{Fault, FaultKind, Hub, Shape, SimClock, SimConfig};
use tradeforge::{Client, Event, EventBody, Kind, Kinds, OrderRequest, Polled, Side, Stream, Timestamp};

const ROTATIONS: u64 = 8;

/// A market that moves only when told.
fn stepped(shape: Shape) -> SimConfig {
    SimConfig { clock: SimClock::Stepped(Timestamp::now()), rate_limit: false, shape, ..SimConfig::default() }
}

/// Another client of the same gateway, whose token stays as it is.
fn witness(session: &Session) -> (Client, Stream) {
    let given = session.sim.settings();
    let witness = client(given.iter().map(|(key, value)| (*key, value.as_str())));
    witness.login(PATIENCE).unwrap();
    let stream = roomy_stream(&witness);
    (witness, stream)
}

/// Gets a newer token and does something until the connections have changed to it: `opened` more were opened,
/// and as many are open as before.
fn rotate(session: &Session, opened: u64, mut meanwhile: impl FnMut()) {
    let before = session.sim.inspect();
    session.client.validate(PATIENCE).unwrap();
    let end = Instant::now() + PATIENCE;
    loop {
        meanwhile();
        let now = session.sim.inspect();
        if now.hub_connections_so_far == before.hub_connections_so_far + opened
            && now.hub_connections == before.hub_connections
        {
            return;
        }
        assert!(Instant::now() < end, "{now:?} after {before:?}");
    }
}

/// Everything that waits in a stream, once `last` has come.
fn drain(stream: &Stream, mut last: impl FnMut(&Event) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    let mut is_last = false;
    while !is_last {
        let polled = stream.poll_each(64, PATIENCE, |event| {
            is_last |= last(&event);
            events.push(event);
        });
        assert!(matches!(polled.unwrap(), Polled::Events(_)), "the last event did not come");
    }
    events
}

fn trades(events: &[Event]) -> Vec<(Trade, Option<Timestamp>)> {
    let trade = |event: &Event| match event.body {
        EventBody::Trade(trade) => Some((trade, event.at)),
        _ => None,
    };
    events.iter().filter_map(trade).collect()
}

fn assert_same<T: PartialEq + std::fmt::Debug>(ours: &[T], control: &[T]) {
    for (index, (ours, control)) in ours.iter().zip(control).enumerate() {
        assert_eq!(ours, control, "number {index}");
    }
    assert_eq!(ours.len(), control.len());
}

fn links(events: &[Event]) -> Vec<LinkState> {
    let link = |event: &Event| match event.body {
        EventBody::Link(link) => Some(link.state),
        _ => None,
    };
    events.iter().filter_map(link).collect()
}

#[test]
fn trades_come_once_and_in_order_across_many_changes() {
    let session = Session::with(stepped(Shape::default()), &[]);
    let (other, control) = witness(&session);
    for stream in [&session.stream, &control] {
        stream.subscribe(&session.contract, Kinds::QUOTES | Kinds::TRADES, PATIENCE).unwrap();
    }
    session.wait_for_state(LinkState::Connected);
    for _ in 0..ROTATIONS {
        // No more than a client can read that is not given much of the machine.
        let mut steps = 0..100;
        rotate(&session, 1, || match steps.next() {
            Some(_) => session.sim.step(Duration::from_millis(200)).unwrap(),
            None => std::thread::park_timeout(Duration::from_millis(1)),
        });
    }
    // What comes later tells that all until now has come.
    let end = session.sim.now();
    session.sim.step(Duration::from_secs(20)).unwrap();
    let told = [&session.stream, &control].map(|stream| {
        let mut events = drain(stream, |event| event.at.is_some_and(|at| at > end));
        events.retain(|event| event.at.is_none_or(|at| at <= end));
        events
    });
    let [ours, control] = told;
    assert!(trades(&control).len() > 50, "{}", trades(&control).len());
    assert_same(&trades(&ours), &trades(&control));
    let last = |events: &[Event]| {
        events.iter().rev().find_map(|event| match event.body {
            EventBody::Quote(quote) => Some((quote.bid, quote.ask, quote.last, quote.volume)),
            _ => None,
        })
    };
    assert_eq!(last(&ours), last(&control), "the quotes are the same in the end");
    let times: Vec<_> = ours
        .iter()
        .filter(|event| matches!(event.body, EventBody::Quote(_)))
        .filter_map(|event| event.at)
        .collect();
    let stale: Vec<_> = times.windows(2).filter(|pair| pair[1] < pair[0]).collect();
    assert!(stale.is_empty(), "no quote is older than the one before: {stale:?} {:?}", links(&ours));
    assert!(links(&ours).is_empty(), "nobody notices: {:?}", links(&ours));
    drop(other);
}

#[test]
fn what_happens_to_an_account_comes_once_across_many_changes() {
    let session = Session::with(stepped(Shape::default()), &[]);
    let (other, control) = witness(&session);
    for stream in [&session.stream, &control] {
        stream.subscribe_account(session.account, Kinds::USER, PATIENCE).unwrap();
    }
    session.wait_for_state(LinkState::Connected);
    let mut side = Side::Buy;
    let mut placed = 0;
    for _ in 0..ROTATIONS {
        rotate(&session, 1, || {
            let order = OrderRequest::market(session.account, session.contract.clone(), side, 1);
            session.client.place(&order, PATIENCE).unwrap();
            session.sim.step(Duration::from_millis(50)).unwrap();
            side = if side == Side::Buy { Side::Sell } else { Side::Buy };
            placed += 1;
        });
    }
    // Account events come late and twice; then a last order.
    session.sim.step(Duration::from_secs(20)).unwrap();
    let order = OrderRequest::market(session.account, session.contract.clone(), Side::Buy, 1);
    let last = session.client.place(&order, PATIENCE).unwrap().order_id;
    session.sim.step(Duration::from_secs(20)).unwrap();
    let told = [&session.stream, &control].map(|stream| {
        let events = drain(stream, |event| matches!(event.body, EventBody::Order(order) if order.id == last));
        let user = events.iter().filter(|event| !event.body.kinds().is_empty());
        let mut user: Vec<String> = user.map(|event| format!("{:?} {:?}", event.at, event.body)).collect();
        // The time of an account event is not told, and which symbol names what is each client's own affair.
        user.retain(|line| !line.contains("AccountEvent"));
        // The gateway repeats an opening fill, word for word; within a change the repetition may be passed over.
        let mut seen = std::collections::HashSet::new();
        user.retain(|line| !line.contains("FillEvent") || seen.insert(line.clone()));
        let is_last = |line: &String| line.contains(&format!("OrderEvent {{ id: {last},"));
        user.truncate(user.iter().position(is_last).unwrap());
        (links(&events), user)
    });
    let [(links, ours), (_, control)] = told;
    assert!(placed > ROTATIONS as usize && control.len() > placed * 3, "{placed} {}", control.len());
    let strip = |lines: Vec<String>| {
        let number = |line: String| line.split("Symbol(").next().unwrap().to_owned();
        lines.into_iter().map(number).collect::<Vec<_>>()
    };
    assert!(links.is_empty(), "nobody notices: {links:?}");
    assert_same(&strip(ours), &strip(control));
    drop(other);
}

#[test]
fn a_book_begins_anew_with_the_snapshot_of_the_new_connection() {
    let session = Session::with(stepped(Shape::default()), &[]);
    session.stream.subscribe(&session.contract, Kinds::DEPTH, PATIENCE).unwrap();
    session.wait_for_state(LinkState::Connected);
    let resets = |events: &[Event]| {
        let is_reset = |event: &&Event| matches!(event.body, EventBody::Depth(depth) if depth.kind == tradeforge::model::DepthKind::Reset);
        events.iter().filter(is_reset).count()
    };
    let mut steps = 0..100;
    rotate(&session, 1, || match steps.next() {
        Some(_) => session.sim.step(Duration::from_millis(100)).unwrap(),
        None => std::thread::park_timeout(Duration::from_millis(1)),
    });
    session.sim.step(Duration::from_secs(5)).unwrap();
    let mut seen = 0;
    let events = drain(&session.stream, |event| {
        seen += resets(std::slice::from_ref(event));
        seen > 0 && event.flags == EventFlags::NONE
    });
    assert!(links(&events).is_empty());
}

#[test]
fn a_gateway_that_keeps_one_connection_is_remembered() {
    let shape = Shape { connection_displaces: true, ..Shape::default() };
    let session = Session::with(stepped(shape), &[]).orders();
    for round in 0..3 {
        // First both at once, which ends the old one; then the old one is closed first. One connection each time.
        rotate(&session, 1, || ());
        let lost = session.comes_back();
        assert_eq!(lost.reason, Some(Kind::Network));
        // The first time the old one may end before the new one has come from the thread that opened it.
        assert!(round == 0 || lost.delay_ms == 0, "{round}: {} ms", lost.delay_ms);
        let expected = if round == 0 { "logged this connection out" } else { "keeps one connection only" };
        assert!(session.words(&lost).contains(expected), "{round}: {}", session.words(&lost));
    }
}

#[test]
fn a_second_connection_that_fails_leaves_the_first_alone() {
    for fault in [
        Fault::new(FaultKind::RefuseUpgrade).status(503).hub(Hub::User),
        Fault::new(FaultKind::SlowHandshake).delay(Duration::from_millis(700)).hub(Hub::User),
    ] {
        let session = Session::with(stepped(Shape::default()), &[("hub_connect_ms", "300")]).orders();
        session.sim.inject(fault).unwrap();
        session.client.validate(PATIENCE).unwrap();
        let end = Instant::now() + PATIENCE;
        while session.sim.fault_strikes().is_empty() {
            assert!(Instant::now() < end);
            std::thread::yield_now();
        }
        assert_eq!(session.news_within(Duration::from_millis(600)), None);
        let order = OrderRequest::market(session.account, session.contract.clone(), Side::Buy, 1);
        session.client.place(&order, PATIENCE).unwrap();
        session.wait_for(|event| matches!(event.body, EventBody::Order(_)).then_some(()));
    }
}

#[test]
fn a_subscription_made_during_a_change_holds_after_it() {
    let session = Session::with(stepped(Shape::default()), &[]);
    session.stream.subscribe(&session.contract, Kinds::QUOTES, PATIENCE).unwrap();
    session.wait_for_state(LinkState::Connected);
    for _ in 0..ROTATIONS {
        let mut is_on = false;
        rotate(&session, 1, || {
            match is_on {
                true => session.stream.unsubscribe(&session.contract, Kinds::TRADES),
                false => session.stream.subscribe(&session.contract, Kinds::TRADES, PATIENCE).unwrap(),
            }
            is_on = !is_on;
        });
        if !is_on {
            session.stream.subscribe(&session.contract, Kinds::TRADES, PATIENCE).unwrap();
        }
        // What is queued is from before.
        while let Polled::Events(_) = session.stream.poll_each(64, Duration::ZERO, |_| ()).unwrap() {}
        session.sim.step(Duration::from_secs(30)).unwrap();
        session.wait_for(|event| matches!(event.body, EventBody::Trade(_)).then_some(()));
        session.stream.unsubscribe(&session.contract, Kinds::TRADES);
    }
}

#[test]
fn what_the_newer_connection_was_refused_is_told_and_not_current() {
    let session = Session::with(stepped(Shape::default()), &[]);
    session.stream.subscribe(&session.contract, Kinds::QUOTES | Kinds::DEPTH, PATIENCE).unwrap();
    session.wait_for_state(LinkState::Connected);
    let symbol = session.client.symbol_of(session.contract.as_str());
    let quote = || session.client.last_quote(symbol).is_some_and(|last| last.is_current);
    let book = || session.client.book(symbol, 1).is_some_and(|book| book.state.is_current);
    let end = Instant::now() + PATIENCE;
    while !(quote() && book()) {
        assert!(Instant::now() < end);
        session.sim.step(Duration::from_millis(500)).unwrap();
    }
    for (call, kind, is_current) in [
        ("SubscribeContractQuotes", Kinds::QUOTES, (false, true)),
        ("SubscribeContractMarketDepth", Kinds::DEPTH, (true, false)),
    ] {
        let refusal =
            Fault::new(FaultKind::CompletionError).hub(Hub::Market).on(call).error("not now").always();
        session.sim.inject(refusal).unwrap();
        rotate(&session, 1, || {
            // Until the change the first connection tells it.
            session.sim.step(Duration::from_millis(20)).unwrap();
        });
        let refused = session.wait_for(|event| match event.body {
            EventBody::Subscription(news) => news.refused.map(|why| (news.kinds, why)),
            _ => None,
        });
        assert_eq!(refused, (kind, Kind::Rejected));
        let end = Instant::now() + PATIENCE;
        // The other one comes with the newer connection.
        while (quote(), book()) != is_current {
            assert!(Instant::now() < end, "{kind:?}: {} {}", quote(), book());
            session.sim.step(Duration::from_millis(500)).unwrap();
        }
        session.sim.clear_faults();
    }
}
