//! Frames a second of one hub on loopback, one record a frame: through the client to a poller, against a bare
//! tungstenite loop that throws the same frames away.
//!
//! Sender and receiver share the machine. Both kinds of receiver get the same bytes from the same sender.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use tradeforge::{EventBody, Kinds, Polled, StreamOptions};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use super::common::hub::HubServer;
use super::common::{PATIENCE, logged_in_with_hub, login_only};
use super::records::{self, CONTRACTS, END};
use super::statistics::median;

/// Records in one write of the sender.
const BLOCK: usize = 2_000;
const BLOCKS: usize = 100;
const RECORDS: usize = BLOCK * BLOCKS;
const ROUNDS: usize = 7;

pub fn report() {
    println!("\nthroughput: {RECORDS} records, one a frame; medians of {ROUNDS} rounds");
    println!(
        "{:>8} {:>12} {:>12} {:>7} {:>12} {:>7}",
        "records", "bare /s", "client /s", "ratio", "unslept /s", "ratio"
    );
    for (name, kinds, records) in
        [("quotes", Kinds::QUOTES, records::quotes(BLOCK)), ("trades", Kinds::TRADES, records::trades(BLOCK))]
    {
        let hub = flooding(&records);
        let rounds: Vec<[f64; 3]> = (0..ROUNDS)
            .map(|_| {
                [
                    bare(&hub),
                    through_client(&hub, kinds, PATIENCE),
                    through_client(&hub, kinds, Duration::ZERO),
                ]
            })
            .collect();
        let column = |value: fn(&[f64; 3]) -> f64| median(rounds.iter().map(value));
        println!(
            "{name:>8} {:>12.0} {:>12.0} {:>6.0}% {:>12.0} {:>6.0}%",
            column(|round| round[0]),
            column(|round| round[1]),
            100.0 * column(|round| round[1] / round[0]),
            column(|round| round[2]),
            100.0 * column(|round| round[2] / round[0]),
        );
    }
}

/// A hub that sends everything once all contracts are subscribed.
fn flooding(records: &[String]) -> HubServer {
    let block: Vec<u8> = records.iter().flat_map(|record| frame(record)).collect();
    HubServer::start(move |connection| {
        for _ in CONTRACTS {
            let Some(call) = connection.next_call() else { return };
            connection.confirm(&call);
        }
        for _ in 0..BLOCKS {
            connection.send_raw(&block);
        }
        connection.confirm_all();
    })
}

/// A text frame as a server sends it.
fn frame(record: &str) -> Vec<u8> {
    let length = u16::try_from(record.len()).unwrap();
    let head = match length {
        0..126 => vec![0x81, length as u8],
        _ => [&[0x81, 126], &length.to_be_bytes()[..]].concat(),
    };
    [&head, record.as_bytes()].concat()
}

/// Records a second of a loop that reads frames and does nothing with them.
fn bare(hub: &HubServer) -> f64 {
    let url = hub.url().replacen("http", "ws", 1);
    let (mut socket, _): (WebSocket<MaybeTlsStream<TcpStream>>, _) = tungstenite::connect(url).unwrap();
    socket.send(Message::text(format!("{{\"protocol\":\"json\",\"version\":1}}{END}"))).unwrap();
    socket.read().unwrap();
    for (id, contract) in CONTRACTS.iter().enumerate() {
        let call = format!(
            r#"{{"type":1,"invocationId":"{id}","target":"SubscribeContractQuotes","arguments":["{contract}"]}}{END}"#
        );
        socket.send(Message::text(call)).unwrap();
        socket.read().unwrap();
    }
    socket.read().unwrap();
    let began = Instant::now();
    for _ in 1..RECORDS {
        std::hint::black_box(socket.read().unwrap());
    }
    RECORDS as f64 / began.elapsed().as_secs_f64()
}

/// Records a second from the socket through the hub's thread and the queue to the poller, which waits so long for the
/// next event. One that does not wait at all is never put to sleep and never has to be woken.
fn through_client(hub: &HubServer, kinds: Kinds, wait: Duration) -> f64 {
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let mut options = StreamOptions::default();
    // None shall give way.
    options.capacity = RECORDS;
    let stream = client.stream(&options).unwrap();
    for contract in CONTRACTS {
        stream.subscribe(&contract.into(), kinds, PATIENCE).unwrap();
    }
    let (mut began, mut count) = (None, 0);
    while count < RECORDS {
        let polled = stream
            .poll_each(64, wait, |event| {
                if matches!(event.body, EventBody::Quote(_) | EventBody::Trade(_)) {
                    began.get_or_insert_with(Instant::now);
                    count += 1;
                }
            })
            .unwrap();
        assert!(wait.is_zero() || matches!(polled, Polled::Events(_)), "{polled:?} after {count}");
    }
    assert_eq!(stream.dropped(), 0);
    RECORDS as f64 / began.unwrap().elapsed().as_secs_f64()
}
