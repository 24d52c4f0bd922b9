//! A hub connection: handshake, subscriptions, records in any cut, refusals, and the way back after a loss.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::hub::{Call, END, HubServer, confirmation, event, quote};
use common::{CONTRACT, PATIENCE, contract, logged_in_with_hub, login_only, stream, wait_for, wait_for_link};
use serde_json::json;
use tradeforge::model::{Hub, LinkState, Quote};
use tradeforge::{Event, EventBody, Kind, Kinds};

fn quote_of(event: &Event) -> Option<Quote> {
    match event.body {
        EventBody::Quote(quote) => Some(quote),
        _ => None,
    }
}

/// Method and first argument of a call.
fn said(call: &Call) -> (&str, &str) {
    (&call.method, call.arguments[0].as_str().unwrap_or(""))
}

#[test]
fn a_subscription_is_confirmed_and_events_arrive() {
    let hub = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        connection
            .send(&quote(CONTRACT, &json!({"bestBid": 5000.25, "timestamp": "2026-11-20T10:00:00.5Z"})));
        connection.send(&quote("CON.F.US.OTHER", &json!({"bestBid": 1})));
        connection.send(&quote(CONTRACT, &json!({"bestAsk": 5000.5})));
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    assert_eq!(hub.next_token(), "token-1");
    let call = hub.next_call();
    assert_eq!(said(&call), ("SubscribeContractQuotes", CONTRACT));
    assert!(call.id.is_some(), "without an id there is no answer");

    let first = wait_for(&stream, |event| quote_of(event).map(|quote| (*event, quote)));
    assert_eq!(first.1.bid.unwrap().to_string(), "5000.25");
    assert_eq!(first.0.at.unwrap().to_string(), "2026-11-20T10:00:00.5Z");
    assert_eq!(client.symbol(first.0.instrument.unwrap()).as_deref(), Some(CONTRACT));
    let second = wait_for(&stream, quote_of);
    assert_eq!(second.bid, first.1.bid, "the other contract's quote is not ours");
    assert_eq!(second.ask.unwrap().to_string(), "5000.5");

    stream.unsubscribe(&contract(), Kinds::QUOTES);
    assert_eq!(said(&hub.next_call()), ("UnsubscribeContractQuotes", CONTRACT));
}

#[test]
fn records_come_in_any_cut() {
    let hub = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        let quotes: Vec<String> =
            (1..=4).map(|bid| format!("{}{END}", quote(CONTRACT, &json!({"bestBid": bid})))).collect();
        // The confirmation, a ping and the first quote share a frame, as do the second and a part of the third.
        let ping = format!("{{\"type\":6}}{END}");
        connection.send_text(&format!("{}{ping}{}", confirmation(&call), quotes[0]));
        let (head, tail) = quotes[2].split_at(30);
        connection.send_text(&format!("{}{head}", quotes[1]));
        let (middle, end) = tail.split_at(tail.len() - 1);
        connection.send_text(middle);
        connection.send_text(&format!("{end}{}", quotes[3]));
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    let bids: Vec<String> = (0..4).map(|_| wait_for(&stream, quote_of).bid.unwrap().to_string()).collect();
    assert_eq!(bids, ["1", "2", "3", "4"]);
}

#[test]
fn a_quote_told_with_the_confirmation_is_kept() {
    let hub = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        let full = quote(CONTRACT, &json!({"bestBid": 1, "bestAsk": 2, "lastPrice": 3}));
        connection.send_text(&format!("{}{full}{END}", confirmation(&call)));
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        connection.send(&quote(CONTRACT, &json!({"bestBid": 1.5})));
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    wait_for_link(&stream, LinkState::Connected);
    // The hub goes on once it sees another call.
    stream.subscribe(&contract(), Kinds::TRADES, PATIENCE).unwrap();
    let quote = wait_for(&stream, |event| {
        quote_of(event).filter(|quote| quote.bid.is_some_and(|bid| bid.to_string() == "1.5"))
    });
    let told = [quote.bid, quote.ask, quote.last].map(|price| price.map(|price| price.to_string()));
    assert_eq!(told, [Some("1.5".into()), Some("2".into()), Some("3".into())]);
}

#[test]
fn a_refused_subscription_is_an_error_and_nothing_stays() {
    let hub = HubServer::start(|connection| {
        while let Some(call) = connection.next_call() {
            if call.method == "SubscribeContractTrades" {
                connection.refuse(&call, "Failed to invoke 'SubscribeContractTrades'");
            } else {
                connection.confirm(&call);
            }
        }
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    let error = stream.subscribe(&contract(), Kinds::QUOTES | Kinds::TRADES, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Rejected, "{error}");
    assert_eq!(error.gateway_text(), Some("Failed to invoke 'SubscribeContractTrades'"));
    let calls: Vec<String> = (0..4).map(|_| hub.next_call().method).collect();
    assert_eq!(calls[..2], ["SubscribeContractQuotes", "SubscribeContractTrades"]);
    // What was confirmed and what was refused are both taken back.
    let mut undone = calls[2..].to_vec();
    undone.sort();
    assert_eq!(undone, ["UnsubscribeContractQuotes", "UnsubscribeContractTrades"]);
}

#[test]
fn a_subscription_that_nobody_waits_for_is_told_as_an_event() {
    let hub = HubServer::start(|connection| {
        while let Some(call) = connection.next_call() {
            if call.method == "SubscribeContractMarketDepth" {
                connection.refuse(&call, "no depth for you");
            } else {
                connection.confirm(&call);
            }
        }
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES | Kinds::DEPTH, std::time::Duration::ZERO).unwrap();
    for (kinds, refused) in [(Kinds::QUOTES, None), (Kinds::DEPTH, Some(Kind::Rejected))] {
        let told = wait_for(&stream, |event| match event.body {
            EventBody::Subscription(told) => Some(told),
            _ => None,
        });
        assert_eq!((told.kinds, told.refused), (kinds, refused));
        let message = told.message.and_then(|message| client.symbol(message));
        assert_eq!(message.as_deref(), refused.map(|_| "no depth for you"));
    }
}

#[test]
fn a_refused_token_is_renewed() {
    let hub = HubServer::guarded(
        |token| if token == "token-1" { 401 } else { 200 },
        |connection| connection.confirm_all(),
    );
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    assert_eq!([hub.next_token(), hub.next_token()], ["token-1", "token-2"]);
    let lost = wait_for_link(&stream, LinkState::Reconnecting);
    assert_eq!(lost.reason, Some(Kind::Auth));
    wait_for_link(&stream, LinkState::Connected);
    assert_eq!(server.count("/api/Auth/loginKey"), 2);
}

#[test]
fn tokens_refused_again_and_again_end_the_attempts() {
    let hub = HubServer::guarded(|_| 401, |_| ());
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    let error = stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Auth, "{error}");
    let tokens: Vec<String> = (0..3).map(|_| hub.next_token()).collect();
    assert_eq!(tokens, ["token-1", "token-2", "token-3"]);
}

#[test]
fn after_a_loss_subscriptions_are_put_back_before_connected() {
    let (drop_now, dropped) = crossbeam_channel::bounded::<()>(1);
    let (release, released) = crossbeam_channel::bounded::<()>(1);
    let hub = HubServer::start(move |connection| {
        for _ in 0..2 {
            let call = connection.next_call().unwrap();
            if connection.number == 1 {
                // Events of a subscription that is back come before the connection counts as whole.
                connection.send(&event("GatewayTrade", &json!([CONTRACT, [{"price": 7, "volume": 1}]])));
                released.recv().unwrap();
            }
            connection.confirm(&call);
        }
        if connection.number == 0 {
            // The connection is dropped without a goodbye.
            return dropped.recv().unwrap();
        }
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES | Kinds::TRADES, PATIENCE).unwrap();
    let first: Vec<Call> = (0..2).map(|_| hub.next_call()).collect();
    let link = wait_for_link(&stream, LinkState::Connected);
    assert_eq!((link.hub, link.reason), (Hub::Market, None));

    drop_now.send(()).unwrap();
    let lost = wait_for_link(&stream, LinkState::Reconnecting);
    assert_eq!((lost.reason, lost.attempt), (Some(Kind::Network), 1));
    assert!(client.symbol(lost.message.unwrap()).is_some());

    let again = hub.next_call();
    assert_eq!((again.connection, said(&again)), (1, said(&first[0])));
    wait_for_link(&stream, LinkState::Resyncing);
    // Nothing is confirmed yet, and so the next news is the trade and not the link.
    let news = wait_for(&stream, |event| Some(event.body));
    assert!(matches!(news, EventBody::Trade(_)), "{news:?}");
    release.send(()).unwrap();
    release.send(()).unwrap();
    assert_eq!(said(&hub.next_call()), said(&first[1]));
    let mut before = Vec::new();
    wait_for(&stream, |event| match event.body {
        EventBody::Link(link) => {
            assert_eq!(link.state, LinkState::Connected);
            Some(())
        }
        other => {
            before.push(other);
            None
        }
    });
    let put_back =
        before.iter().filter(|body| matches!(body, EventBody::Subscription(told) if told.refused.is_none()));
    assert_eq!(put_back.count(), 2, "{before:?}");
}

#[test]
fn a_hub_that_ends_the_connection_is_connected_again() {
    let hub = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        if connection.number == 0 {
            connection.send(&event("GatewayLogout", &json!(["another device"])));
            connection.send(&json!({"type": 7, "error": "Connection closed with an error."}));
        }
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    wait_for_link(&stream, LinkState::Reconnecting);
    wait_for_link(&stream, LinkState::Connected);
    assert_eq!([hub.next_call().connection, hub.next_call().connection], [0, 1]);
}

#[test]
fn a_subscription_that_fails_after_it_was_taken_back_ends_no_other() {
    let hub = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        while connection.next_call().is_some() {}
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let (other, ours) = (stream(&client), stream(&client));
    other.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    assert_eq!(said(&hub.next_call()).0, "SubscribeContractQuotes");
    std::thread::scope(|scope| {
        let subscribing =
            scope.spawn(|| ours.subscribe(&contract(), Kinds::QUOTES, std::time::Duration::from_secs(1)));
        assert_eq!(said(&hub.next_call()).0, "SubscribeContractQuotes");
        ours.close();
        subscribing.join().unwrap().unwrap_err();
    });
    other.subscribe(&contract(), Kinds::TRADES, std::time::Duration::ZERO).unwrap();
    assert_eq!(said(&hub.next_call()).0, "SubscribeContractTrades", "the quotes go on");
    let error = ours.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Closed, "a closed stream stays closed");
    let error = other.subscribe(&"x".repeat(1 << 20).as_str().into(), Kinds::QUOTES, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Argument, "it would end the connection");
}

#[test]
fn a_record_that_cannot_be_read_is_told_by_its_name_and_counted() {
    let hub = HubServer::start(|connection| {
        for _ in 0..2 {
            let call = connection.next_call().unwrap();
            connection.confirm(&call);
        }
        for bid in [json!("much"), json!(1), json!({"secret": true})] {
            connection.send(&quote(CONTRACT, &json!({"bestBid": bid})));
        }
        // Of a message of three, the two that can be read are delivered.
        let sizes =
            json!([{"price": 7, "volume": 1}, {"price": "x", "volume": 2}, {"price": 7, "volume": 3}]);
        connection.send(&event("GatewayTrade", &json!([CONTRACT, sizes])));
        connection.send(&event("GatewayWeather", &json!(["rain"])));
        (0..300).for_each(|_| assert!(connection.send(&event("GatewayQuote", &json!([])))));
        connection.send(&quote(CONTRACT, &json!({"bestBid": 2})));
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES | Kinds::TRADES, PATIENCE).unwrap();
    let mut news = Vec::new();
    wait_for(&stream, |event| {
        match event.body {
            EventBody::Malformed(malformed) => {
                assert_eq!(malformed.hub, Hub::Market);
                let target = malformed.target.and_then(|target| client.symbol(target)).unwrap();
                news.push(format!("{target} {}", malformed.count));
            }
            EventBody::Quote(quote) => news.push(format!("bid {}", quote.bid.unwrap())),
            EventBody::Trade(trade) => news.push(format!("traded {}", trade.volume.get())),
            _ => {}
        }
        news.last().is_some_and(|last| last == "bid 2").then_some(())
    });
    let begin = ["GatewayQuote 1", "bid 1", "GatewayQuote 2", "traded 1", "traded 3", "GatewayTrade 3"];
    assert_eq!(news[..6], begin, "what is unknown is not malformed");
    // One by one up to a hundred, then every hundredth.
    assert_eq!(news[6], "GatewayQuote 4");
    assert_eq!(news[news.len() - 4..], ["GatewayQuote 100", "GatewayQuote 200", "GatewayQuote 300", "bid 2"]);
    assert_eq!(news.len(), 6 + 97 + 3);
}
