//! The states of a connection as a stream sees them, in order with its data, each with its reason.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod link_support;

use link_support::Session;
use tradeforge::model::{Hub, LinkState, Malformed};
use tradeforge::sim::{self, Fault, FaultKind, Garbage};
use tradeforge::{EventBody, Kind, Kinds, OrderRequest, Side};

const PATIENCE: std::time::Duration = link_support::PATIENCE;

/// What a stream tells until its client is closed, in short.
fn all_states(session: &Session) -> Vec<LinkState> {
    session.client.close();
    let mut states = Vec::new();
    while let tradeforge::Polled::Events(_) = session
        .stream
        .poll_each(1, PATIENCE, |event| {
            if let EventBody::Link(link) = event.body {
                states.push(link.state);
            }
        })
        .unwrap()
    {}
    states
}

#[test]
fn a_life_is_told_from_its_start_to_its_close() {
    let session = Session::start(&[]);
    session.stream.subscribe(&session.contract, Kinds::QUOTES, PATIENCE).unwrap();
    session.wait_for(|event| matches!(event.body, EventBody::Quote(_)).then_some(()));
    session.sim.inject(Fault::new(FaultKind::Drop).hub(sim::Hub::Market)).unwrap();
    let lost = session.wait_for_state(LinkState::Reconnecting);
    assert_eq!((lost.hub, lost.reason, lost.attempt), (Hub::Market, Some(Kind::Network), 1));
    session.wait_for_state(LinkState::Resyncing);
    let back = session.wait_for_state(LinkState::Connected);
    assert_eq!((back.reason, back.attempt, back.delay_ms), (None, 1, 0));
    assert_eq!(all_states(&session), [LinkState::Closed]);
}

#[test]
fn a_first_connection_has_nothing_to_put_back() {
    let session = Session::start(&[]).quotes();
    assert_eq!(all_states(&session), [LinkState::Closed]);
    let session = Session::start(&[]);
    session.stream.subscribe(&session.contract, Kinds::QUOTES, PATIENCE).unwrap();
    session.wait_for(|event| matches!(event.body, EventBody::Link(_)).then_some(()));
    let rest = all_states(&session);
    // The close may come before the connection counts as whole.
    assert!(rest == [LinkState::Connected, LinkState::Closed] || rest == [LinkState::Closed], "{rest:?}");
}

/// The next news about records that could not be read.
fn malformed(session: &Session) -> Malformed {
    session.wait_for(|event| match event.body {
        EventBody::Malformed(news) => Some(news),
        _ => None,
    })
}

#[test]
fn a_market_record_that_cannot_be_read_is_told_and_the_stream_lives_on() {
    let session = Session::start(&[]).quotes();
    let contract = session.sim.default_contract();
    // The market hub has nothing to fetch, and so the connection stays what it is.
    for (form, count) in [(Garbage::Shape, 1), (Garbage::Html, 2)] {
        session.sim.inject(Fault::new(FaultKind::Garbage).form(form).on("GatewayQuote")).unwrap();
        session.sim.publish_quotes(&contract, 2).unwrap();
        assert_eq!(malformed(&session), Malformed { hub: Hub::Market, target: None, count });
        session.wait_for(|event| matches!(event.body, EventBody::Quote(_)).then_some(()));
    }
    assert_eq!(all_states(&session), [LinkState::Closed], "and no other change");
}

#[test]
fn a_user_record_that_cannot_be_read_is_fetched_anew() {
    let session = Session::start(&[]).orders();
    session.sim.inject(Fault::new(FaultKind::Garbage).form(Garbage::Shape).on("GatewayUserOrder")).unwrap();
    let order = OrderRequest::market(session.account, session.contract.clone(), Side::Buy, 1);
    session.client.place(&order, PATIENCE).unwrap();
    assert_eq!(malformed(&session), Malformed { hub: Hub::User, target: None, count: 1 });
    for state in [LinkState::Resyncing, LinkState::Connected] {
        assert_eq!(session.next_link().state, state);
    }
    assert_eq!(session.sim.hub_connections(), 1, "the same connection");
}
