//! What a call costs over a bare `ureq` POST of the same body: `cargo bench --bench calls`.
//!
//! One server on loopback answers both, in rounds that take turns. Figures are ratios within one run; that
//! every call is one request, and all of them use one connection, is asserted.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool that prints what it measured")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use tradeforge::{AccountId, Client, Config, OrderRequest, Price, Side};

const ROUNDS: usize = 1_001;
const CALLS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(30);

fn main() {
    println!(
        "{:<16} {:>10} {:>10} {:>7}   {:>12} {:>12}",
        "call", "ours", "bare", "ratio", "allocations", "bare"
    );
    measure("Order/place", |client, account| {
        let order = OrderRequest::limit(
            account,
            "CON.F.US.MES.Z26".into(),
            Side::Buy,
            1,
            Price::parse("5000.25").unwrap(),
        );
        client.place(&order, PATIENCE).unwrap();
    });
    measure("Order/cancel", |client, account| client.cancel(account, 1.into(), PATIENCE).unwrap());
    measure("Account/search", |client, _| drop(client.accounts(true, PATIENCE).unwrap()));
}

/// Prints the medians of a call and of the bare POST that carries the same bytes.
fn measure(name: &str, call: impl Fn(&Client, AccountId)) {
    let server = Server::start();
    let client = client(server.address);
    let call = || call(&client, AccountId::new(1));
    call();
    let request = server.last.lock().unwrap().clone();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let path = head.split(' ').nth(1).unwrap();
    let url = format!("http://{}{path}", server.address);
    let agent = ureq::Agent::new_with_defaults();
    let bare = || {
        let mut answer = agent
            .post(&url)
            .header("content-type", "application/json")
            .header("authorization", "Bearer token")
            .send(body)
            .unwrap();
        assert!(answer.body_mut().read_to_vec().unwrap().len() > 10);
    };
    bare();
    let (connections, requests) = server.counts();
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let ours_first = round % 2 == 0;
        for ours in [ours_first, !ours_first] {
            let began = Instant::now();
            (0..CALLS).for_each(|_| if ours { call() } else { bare() });
            times[usize::from(!ours)].push(began.elapsed().as_nanos() as usize / CALLS);
        }
    }
    let (later_connections, later_requests) = server.counts();
    assert_eq!(later_connections, connections, "every call uses the connection of the one before");
    assert_eq!(later_requests - requests, 2 * ROUNDS * CALLS, "every call is one request");
    let ratios = times[0].iter().zip(&times[1]).map(|(ours, bare)| 1000 * ours / bare).collect();
    let [ours, bare_time] = times.map(median);
    println!(
        "{name:<16} {:>7.1} µs {:>7.1} µs {:>7.2}   {:>12} {:>12}",
        ours as f64 / 1e3,
        bare_time as f64 / 1e3,
        median(ratios) as f64 / 1e3,
        allocations(call),
        allocations(bare),
    );
}

fn client(address: SocketAddr) -> Client {
    let mut config = Config::new();
    let url = format!("http://{address}");
    for (key, value) in [
        ("api_url", &*url),
        ("market_hub_url", &url),
        ("user_hub_url", &url),
        ("user_name", "jane"),
        ("api_key", "a-key-of-a-bench"),
        ("rate_limit", "off"),
        ("cache_seconds", "0"),
    ] {
        config.set(key, value).unwrap();
    }
    let client = Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    client
}

fn median(mut values: Vec<usize>) -> usize {
    values.sort_unstable();
    values[values.len() / 2]
}

/// A server that says yes to everything. One thread serves every connection: with one for each, the ratio would
/// tell on which core the system put which.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

impl Server {
    fn start() -> Server {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let server = Server {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
            last: Arc::default(),
        };
        let (connections, requests, last) =
            (server.connections.clone(), server.requests.clone(), server.last.clone());
        let work = move || serve(listener, &connections, &requests, &last);
        thread::Builder::new().spawn(work).unwrap();
        server
    }

    fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

fn serve(mut listener: TcpListener, connections: &AtomicUsize, requests: &AtomicUsize, last: &Mutex<String>) {
    let members = r#""success":true,"errorCode":0,"errorMessage":null"#;
    let account =
        r#"{"id":1,"name":"A","balance":50000.25,"canTrade":true,"isVisible":true,"simulated":true}"#;
    let body = format!(r#"{{"token":"token","orderId":9057,"accounts":[{account}],{members}}}"#);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(8);
    poll.registry().register(&mut listener, Token(0), Interest::READABLE).unwrap();
    let mut streams: Vec<(TcpStream, Vec<u8>)> = Vec::new();
    loop {
        poll.poll(&mut events, None).unwrap();
        while let Ok((mut stream, _)) = listener.accept() {
            connections.fetch_add(1, Ordering::SeqCst);
            stream.set_nodelay(true).unwrap();
            poll.registry().register(&mut stream, Token(1), Interest::READABLE).unwrap();
            streams.push((stream, Vec::new()));
        }
        for (stream, request) in &mut streams {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                request.extend_from_slice(&buffer[..count]);
                if !is_whole(request) {
                    continue;
                }
                *last.lock().unwrap() = String::from_utf8(std::mem::take(request)).unwrap();
                requests.fetch_add(1, Ordering::SeqCst);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    }
}

/// Whether a request is there with all of its body.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = std::str::from_utf8(&request[..end]).unwrap().to_ascii_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
    request.len() >= end + 4 + length
}

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// How often one call takes memory on its own thread.
fn allocations(call: impl Fn()) -> usize {
    let before = ALLOCATIONS.get();
    (0..100).for_each(|_| call());
    (ALLOCATIONS.get() - before) / 100
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it came.
#[allow(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
