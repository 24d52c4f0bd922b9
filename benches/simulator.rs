//! How many events a second the simulator delivers: `cargo bench --bench simulator`.
//!
//! A stepped market runs as fast as its clients take the records, which they only count. Client and
//! simulator share the machine. Figures are for comparison within one run; nothing is asserted.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool that prints what it measured")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tradeforge::Timestamp;
use tradeforge::sim::{Sim, SimClock, SimConfig};

/// Ends every record.
const MARK: u8 = 0x1e;

fn main() {
    println!("{:>8} {:>14} {:>12} {:>14}", "clients", "records each", "records", "records/s");
    for (clients, seconds) in [(1, 600), (10, 120), (100, 30), (1_000, 5)] {
        let (records, elapsed) = run(clients, seconds);
        let rate = records as f64 / elapsed.as_secs_f64();
        println!("{clients:>8} {:>14} {records:>12} {rate:>14.0}", records / clients);
    }
}

/// Lets a market run for so many of its seconds before this many clients of all three topics.
fn run(clients: usize, seconds: u64) -> (usize, Duration) {
    let start = Timestamp::parse("2026-11-18T15:00:00Z").unwrap();
    let config = SimConfig {
        clock: SimClock::Stepped(start),
        client_timeout: Duration::from_secs(3_600),
        ..SimConfig::default()
    };
    let sim = Sim::start(config).unwrap();
    let token = log_in(&sim);
    let streams: Vec<TcpStream> = (0..clients).map(|_| subscribe(&sim, &token)).collect();
    let readers: Vec<_> = streams
        .iter()
        .map(|stream| {
            let stream = stream.try_clone().unwrap();
            thread::Builder::new().stack_size(128 * 1024).spawn(move || count(stream)).unwrap()
        })
        .collect();
    let began = Instant::now();
    sim.step(Duration::from_secs(seconds)).unwrap();
    let elapsed = began.elapsed();
    // What was handed to the system is read before the end of the stream.
    streams.iter().for_each(|stream| stream.shutdown(Shutdown::Write).unwrap());
    let records = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
    (records, elapsed)
}

/// A token of the simulator.
fn log_in(sim: &Sim) -> String {
    let body = format!(r#"{{"userName":"{}","apiKey":"{}"}}"#, sim.user_name(), sim.api_key());
    let mut stream = TcpStream::connect(("127.0.0.1", sim.port())).unwrap();
    let head =
        "POST /api/Auth/loginKey HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json";
    stream.write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (_, rest) = text.split_once("\"token\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// A connection to the market hub that is subscribed to everything of one contract.
fn subscribe(sim: &Sim, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", sim.port())).unwrap();
    let upgrade = format!(
        "GET /hubs/market?access_token={token} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(upgrade.as_bytes()).unwrap();
    let mut text = "{\"protocol\":\"json\",\"version\":1}\u{1e}".to_owned();
    for topic in ["Quotes", "Trades", "MarketDepth"] {
        let contract = sim.default_contract();
        text += &format!(
            "{{\"type\":1,\"target\":\"SubscribeContract{topic}\",\"arguments\":[\"{contract}\"],\"invocationId\":\"1\"}}\u{1e}"
        );
    }
    // One frame, masked with zeros.
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    stream.write_all(&[&[0x81, 0xfe], &length[..], &[0; 4], text.as_bytes()].concat()).unwrap();
    // The answers to the handshake and to the three calls.
    let mut marks = 0;
    while marks < 4 {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        marks += usize::from(byte[0] == MARK);
    }
    stream
}

/// How many records come until the stream ends.
fn count(mut stream: TcpStream) -> usize {
    let mut chunk = vec![0; 64 * 1024];
    let mut records = 0;
    loop {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return records,
            Ok(length) => records += chunk[..length].iter().filter(|byte| **byte == MARK).count(),
        }
    }
}
