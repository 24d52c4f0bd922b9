//! The hub's thread with a handler that fetches something: when it counts as whole, and which messages it takes.

use std::collections::VecDeque;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use tungstenite::{Message as Frame, WebSocket};

use super::*;
use crate::clock::{Deadline, SystemClock, Timestamp};
use crate::error::{Error, Result};
use crate::model::{AccountId, HubTiming, LinkState, Topic};
use crate::net::Tls;
use crate::recording::{self, HubTap};
use crate::secret::Secret;
use crate::sync::StopToken;

const PATIENCE: Duration = Duration::from_secs(30);

/// What the handler was told, in its order.
#[derive(Debug, PartialEq)]
enum News {
    Link(LinkState),
    Restored { again: bool, epoch: Epoch },
    Told(&'static str),
    Event(String),
    Subscribed { is_told: bool },
}

struct Fetching {
    news: Sender<News>,
    remote: HubRemote,
}

impl Handler for Fetching {
    fn invocation(&mut self, _: Timestamp, target: &str, _: &str) -> Heard {
        self.news.send(News::Event(target.to_owned())).unwrap();
        Heard::Fine
    }

    fn unreadable(&mut self, _: Timestamp, _: &Error) -> Heard {
        Heard::Damaged
    }

    fn link(&mut self, state: LinkState, _: u32, _: Duration, _: Option<&Error>) {
        self.news.send(News::Link(state)).unwrap();
    }

    fn subscribed(&mut self, _: &Topic, _: Result<()>, is_told: bool) {
        self.news.send(News::Subscribed { is_told }).unwrap();
    }

    fn restored(&mut self, again: bool) -> Readiness {
        self.news.send(News::Restored { again, epoch: self.remote.epoch() }).unwrap();
        Readiness::Wait
    }

    fn flush(&mut self) {}

    fn has_room(&self) -> bool {
        true
    }

    fn seam<'a>(&self, _: &str, _: &'a str) -> Seam<'a> {
        Seam::Each
    }

    /// Any message but this is not the last of what is fetched.
    fn command(&mut self, message: Message) -> Readiness {
        let text = *message.downcast::<&'static str>().unwrap();
        self.news.send(News::Told(text)).unwrap();
        if text == "all" { Readiness::Ready } else { Readiness::Wait }
    }
}

/// Gives a token until it is told to give another one.
#[derive(Default)]
struct Tokens(AtomicU64);

impl Tokens {
    fn renew(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl TokenSource for Tokens {
    fn token(&self, _: Option<&Secret>, _: Deadline) -> Result<Secret> {
        Ok(Secret::new(format!("token-{}", self.0.load(Ordering::SeqCst))))
    }

    fn is_outdated(&self, token: &Secret) -> bool {
        token.expose() != format!("token-{}", self.0.load(Ordering::SeqCst))
    }
}

struct Office {
    thread: HubThread,
    news: Receiver<News>,
    stop: StopToken,
    listener: TcpListener,
    tokens: Arc<Tokens>,
}

impl Office {
    fn open() -> Office {
        Office::with(HubTiming::default())
    }

    fn with(timing: HubTiming) -> Office {
        let tokens = Arc::<Tokens>::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (told, news) = unbounded();
        let (stop, clock) = (StopToken::new(), Arc::new(SystemClock));
        let settings = HubSettings {
            name: "tf-hub-test",
            url: format!("http://{}/hubs/test", listener.local_addr().unwrap()),
            tls: Arc::new(Tls::new(None)),
            tokens: tokens.clone(),
            clock: clock.clone(),
            timing: HubTiming { first_delay: Duration::from_millis(10), ..timing },
            tap: HubTap { tap: Arc::default(), hub: recording::Hub::User, clock },
            stop: stop.clone(),
        };
        let make = |remote| -> Box<dyn Handler> { Box::new(Fetching { news: told, remote }) };
        Office { thread: HubThread::start(settings, make).unwrap(), news, stop, listener, tokens }
    }

    /// The server's end of the next connection, its handshake made.
    fn accept(&self) -> Server {
        let mut socket = tungstenite::accept(self.listener.accept().unwrap().0).unwrap();
        socket.read().unwrap();
        let mut server = Server { socket, calls: VecDeque::new() };
        server.send("{}");
        server
    }

    fn next(&self) -> News {
        self.news.recv_timeout(PATIENCE).unwrap()
    }

    fn expect(&self, expected: &[News]) {
        for news in expected {
            assert_eq!(self.next(), *news);
        }
    }

    /// Until the handler is to fetch; gives the epoch of that.
    fn restored(&self, expected: bool) -> Epoch {
        match self.next() {
            News::Restored { again, epoch } if again == expected => epoch,
            other => panic!("{other:?}"),
        }
    }

    fn tell(&self, epoch: Epoch, text: &'static str) {
        self.thread.remote().tell(epoch, Box::new(text));
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop.stop();
        self.thread.join();
    }
}

struct Server {
    socket: WebSocket<TcpStream>,
    calls: VecDeque<String>,
}

impl Server {
    fn send(&mut self, record: &str) {
        self.socket.send(Frame::text(format!("{record}\u{1e}"))).unwrap();
    }

    /// Confirms the next call.
    fn confirm(&mut self) {
        let id = self.next_call();
        self.answer(&id);
    }

    fn answer(&mut self, id: &str) {
        self.send(&format!(r#"{{"type":3,"invocationId":"{id}"}}"#));
    }

    /// The id of the next call.
    fn next_call(&mut self) -> String {
        while self.calls.is_empty() {
            let frame = self.socket.read().unwrap().into_text().unwrap();
            let calls = frame.split('\u{1e}').filter(|record| record.contains("invocationId"));
            self.calls.extend(calls.map(str::to_owned));
        }
        let call: serde_json::Value = serde_json::from_str(&self.calls.pop_front().unwrap()).unwrap();
        call["invocationId"].as_str().unwrap().to_owned()
    }

    fn event(&mut self, target: &str) {
        self.send(&format!(r#"{{"type":1,"target":"{target}","arguments":[]}}"#));
    }
}

fn call() -> Call {
    let topic = Topic::Orders(AccountId::new(1));
    Call { topic, subscribe: "SubscribeOrders", unsubscribe: "UnsubscribeOrders", arguments: "[1]".into() }
}

#[test]
fn a_connection_is_whole_once_its_handler_has_all() {
    let office = Office::open();
    office.expect(&[News::Link(LinkState::Connecting)]);
    let mut server = office.accept();
    let first = office.restored(false);
    office.expect(&[News::Link(LinkState::Resyncing)]);
    // Events come all the while.
    server.event("early");
    office.expect(&[News::Event("early".into())]);
    office.tell(first, "part");
    office.expect(&[News::Told("part")]);
    office.tell(first, "all");
    office.expect(&[News::Told("all"), News::Link(LinkState::Connected)]);
    // Outside a resync a message arrives too, and changes nothing.
    office.tell(first, "part");
    office.tell(first, "all");
    office.expect(&[News::Told("part"), News::Told("all")]);
    let asked = office.thread.subscribe(call()).unwrap();
    server.confirm();
    asked.wait(Deadline::after(PATIENCE)).unwrap();
    office.expect(&[News::Subscribed { is_told: false }]);

    drop(server);
    office.expect(&[News::Link(LinkState::Reconnecting)]);
    let mut server = office.accept();
    office.expect(&[News::Link(LinkState::Resyncing)]);
    server.confirm();
    office.expect(&[News::Subscribed { is_told: true }]);
    let second = office.restored(true);
    assert!(second > first);
    // What was fetched for the first connection counts for nothing.
    office.tell(first, "all");
    office.tell(second, "part");
    office.tell(second, "all");
    office.expect(&[News::Told("part"), News::Told("all"), News::Link(LinkState::Connected)]);
}

#[test]
fn damage_lets_the_handler_fetch_anew() {
    let office = Office::open();
    office.expect(&[News::Link(LinkState::Connecting)]);
    let mut server = office.accept();
    let first = office.restored(false);
    office.expect(&[News::Link(LinkState::Resyncing)]);
    // In the midst of a resync: what is being fetched may lack what the record told.
    server.send("<html>");
    let second = office.restored(true);
    assert!(second > first);
    office.tell(first, "all");
    office.tell(second, "all");
    office.expect(&[News::Told("all"), News::Link(LinkState::Connected)]);
    server.send("<html>");
    office.expect(&[News::Link(LinkState::Resyncing)]);
    let third = office.restored(true);
    office.tell(third, "all");
    office.expect(&[News::Told("all"), News::Link(LinkState::Connected)]);
    server.event("still the same connection");
    office.expect(&[News::Event("still the same connection".into())]);
}

/// A connection that is whole, with one subscription.
fn whole(timing: HubTiming) -> (Office, Server) {
    let office = Office::with(timing);
    office.expect(&[News::Link(LinkState::Connecting)]);
    let mut server = office.accept();
    let epoch = office.restored(false);
    office.tell(epoch, "all");
    office.expect(&[News::Link(LinkState::Resyncing), News::Told("all"), News::Link(LinkState::Connected)]);
    let asked = office.thread.subscribe(call()).unwrap();
    server.confirm();
    asked.wait(Deadline::after(PATIENCE)).unwrap();
    office.expect(&[News::Subscribed { is_told: false }]);
    (office, server)
}

fn goes_on(office: &Office, server: &mut Server) {
    server.event("goes on");
    office.expect(&[News::Event("goes on".into())]);
}

#[test]
fn a_successor_that_ends_when_the_first_is_leaving_is_a_loss() {
    let ping = Duration::from_millis(50);
    let (office, mut server) = whole(HubTiming { ping, ..HubTiming::default() });
    office.tokens.renew();
    let mut second = office.accept();
    second.confirm();
    // The first is asked for its last answer. What is asked for now only the second hears.
    server.next_call();
    let asked = office.thread.subscribe(call()).unwrap();
    second.next_call();
    drop(second);
    office.expect(&[News::Link(LinkState::Reconnecting)]);
    let mut third = office.accept();
    office.expect(&[News::Link(LinkState::Resyncing)]);
    third.confirm();
    asked.wait(Deadline::after(PATIENCE)).unwrap();
    office.expect(&[News::Subscribed { is_told: false }]);
    office.restored(true);
}

#[test]
fn a_successor_that_is_not_subscribed_in_time_leaves_the_first_alone() {
    let (ping, call) = (Duration::from_millis(50), Duration::from_millis(300));
    let (office, mut server) = whole(HubTiming { ping, call, ..HubTiming::default() });
    office.tokens.renew();
    let mut second = office.accept();
    second.next_call();
    let mut third = office.accept();
    goes_on(&office, &mut server);
    third.confirm();
    server.confirm();
}
