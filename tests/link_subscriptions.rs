//! The wanted subscriptions of a hub: hundreds of them, several threads, refusals, and the way back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::HashSet;
use std::time::Duration;

use common::hub::{Call, HubConnection, HubServer, quote};
use common::{
    CONTRACT, PATIENCE, contract, in_background, logged_in_with_hub, login_only, stream, wait_for,
    wait_for_link,
};
use serde_json::json;
use tradeforge::model::LinkState;
use tradeforge::{EventBody, Kind, Kinds};

const NOW: Duration = Duration::ZERO;

/// A call that asks the hub of these tests to drop its connection.
const DROP: &str = "DROP";

/// Confirms every call until one asks for the end.
fn confirm_until_drop(connection: &mut HubConnection) {
    while let Some(call) = connection.next_call() {
        if call.arguments[0] == DROP {
            return;
        }
        connection.confirm(&call);
    }
}

fn spelled(call: &Call) -> String {
    format!("{} {}", call.method, call.arguments[0].as_str().unwrap())
}

#[test]
fn five_hundred_contracts_share_a_connection_and_are_put_back_in_their_order() {
    let hub = HubServer::start(confirm_until_drop);
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    let wanted: Vec<String> = (0..500).map(|number| format!("CON.F.US.X{number}.Z26")).collect();
    for contract in &wanted {
        stream.subscribe(&contract.as_str().into(), Kinds::QUOTES | Kinds::TRADES, NOW).unwrap();
    }
    let calls = || (0..1000).map(|_| hub.next_call()).collect::<Vec<Call>>();
    let first: Vec<String> = calls().iter().map(spelled).collect();
    assert_eq!(first[0], format!("SubscribeContractQuotes {}", wanted[0]));
    assert_eq!(first.iter().collect::<HashSet<_>>().len(), 1000);
    let mut confirmed = 0;
    wait_for(&stream, |event| {
        confirmed += usize::from(matches!(event.body, EventBody::Subscription(_)));
        (confirmed == 1000).then_some(())
    });
    stream.subscribe(&DROP.into(), Kinds::QUOTES, NOW).unwrap();
    assert_eq!(hub.next_call().arguments[0], DROP);
    stream.unsubscribe(&DROP.into(), Kinds::QUOTES);
    wait_for_link(&stream, LinkState::Reconnecting);
    let again = calls();
    assert!(again.iter().all(|call| call.connection == 1), "one connection holds them all");
    assert_eq!(again.iter().map(spelled).collect::<Vec<_>>(), first);
    wait_for_link(&stream, LinkState::Connected);
}

#[test]
fn a_subscription_that_is_not_put_back_is_told_and_the_others_live_on() {
    let hub = HubServer::start(|connection| {
        let refused = (connection.number == 1).then_some("SubscribeContractTrades");
        while let Some(call) = connection.next_call() {
            if call.arguments[0] == DROP {
                return;
            }
            match Some(call.method.as_str()) == refused {
                true => connection.refuse(&call, "not now"),
                false => connection.confirm(&call),
            };
        }
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let (stream, helper) = (stream(&client), stream(&client));
    stream.subscribe(&contract(), Kinds::MARKET, PATIENCE).unwrap();
    // Twice: first the refusal, then all is well again.
    for refused in [Some(Kind::Rejected), None] {
        helper.subscribe(&DROP.into(), Kinds::QUOTES, NOW).unwrap();
        helper.unsubscribe(&DROP.into(), Kinds::QUOTES);
        wait_for_link(&stream, LinkState::Reconnecting);
        let mut told = Vec::new();
        wait_for(&stream, |event| match event.body {
            EventBody::Subscription(news) => {
                told.push((news.kinds, news.refused));
                None
            }
            EventBody::Link(link) => (link.state == LinkState::Connected).then_some(()),
            _ => None,
        });
        assert_eq!(told, [(Kinds::QUOTES, None), (Kinds::TRADES, refused), (Kinds::DEPTH, None)]);
    }
}

#[test]
fn who_waits_and_who_does_not_are_both_answered_before_the_first_connection() {
    let (open, opened) = crossbeam_channel::bounded::<()>(0);
    let hub = HubServer::guarded(
        move |_| {
            // The gate opens once both have asked.
            let _ = opened.recv();
            200
        },
        HubConnection::confirm_all,
    );
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let (waits, does_not) = (stream(&client), stream(&client));
    does_not.subscribe(&contract(), Kinds::QUOTES, NOW).unwrap();
    let waiting = in_background(move || waits.subscribe(&contract(), Kinds::QUOTES, PATIENCE));
    // Asked for by a third, so that the second has asked by then, or is about to.
    does_not.subscribe(&"OTHER".into(), Kinds::QUOTES, NOW).unwrap();
    drop(open);
    let told = wait_for(&does_not, |event| match event.body {
        EventBody::Subscription(news) => Some((event.instrument, news.refused)),
        _ => None,
    });
    assert_eq!(told, (Some(client.symbol_of(CONTRACT)), None));
    waiting.join().unwrap().unwrap();
}

#[test]
fn threads_that_subscribe_and_take_back_leave_the_hub_with_what_is_wanted() {
    const ROUNDS: usize = 500;
    let hub = HubServer::start(confirm_until_drop);
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&"KEPT".into(), Kinds::QUOTES, PATIENCE).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| (0..ROUNDS).for_each(|_| stream.subscribe(&contract(), Kinds::QUOTES, NOW).unwrap()));
        scope.spawn(|| (0..ROUNDS).for_each(|_| stream.unsubscribe(&contract(), Kinds::QUOTES)));
    });
    // Nobody wants it any more, however the threads met.
    (0..ROUNDS).for_each(|_| stream.unsubscribe(&contract(), Kinds::QUOTES));
    stream.subscribe(&DROP.into(), Kinds::QUOTES, NOW).unwrap();
    stream.unsubscribe(&DROP.into(), Kinds::QUOTES);
    wait_for_link(&stream, LinkState::Reconnecting);
    let put_back = std::iter::from_fn(|| Some(hub.next_call())).find(|call| call.connection == 1).unwrap();
    assert_eq!(put_back.arguments[0], "KEPT");
    wait_for_link(&stream, LinkState::Connected);
    stream.subscribe(&"NEXT".into(), Kinds::QUOTES, NOW).unwrap();
    assert_eq!(hub.next_call().arguments[0], "NEXT", "nothing else was put back");
}

#[test]
fn a_quote_has_nothing_from_before_its_contract_was_subscribed_anew() {
    let hub = HubServer::start(|connection| {
        let mut told = [json!({"lastPrice": 5, "bestBid": 4}), json!({"bestBid": 3})].into_iter();
        while let Some(call) = connection.next_call() {
            connection.confirm(&call);
            if call.method == "SubscribeContractQuotes"
                && let Some(members) = told.next()
            {
                connection.send(&quote(CONTRACT, &members));
            }
        }
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    for is_last_known in [true, false] {
        stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
        let seen = wait_for(&stream, |event| match event.body {
            EventBody::Quote(quote) => Some(quote),
            _ => None,
        });
        assert_eq!(seen.last.is_some(), is_last_known);
        assert_eq!(client.last_quote(client.symbol_of(CONTRACT)).unwrap().quote, seen);
        stream.unsubscribe(&contract(), Kinds::QUOTES);
    }
}
