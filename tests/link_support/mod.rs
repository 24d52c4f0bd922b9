//! What the tests of the live connections share: an impatient client, and its way through the states.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "every test uses a part of it")]

use std::time::Duration;

use tradeforge::model::{AccountId, ContractId, Link, LinkState};
use tradeforge::sim::{Sim, SimConfig};
use tradeforge::{Client, Config, Deadline, Event, EventBody, Kind, Kinds, Polled, Stream, StreamOptions};

pub const PATIENCE: Duration = Duration::from_secs(30);

/// Settings with which a dead connection is found soon and comes back at once.
const IMPATIENT: [(&str, &str); 4] = [
    ("reconnect_delay_ms", "10"),
    ("reconnect_delay_most_ms", "40"),
    ("hub_ping_ms", "50"),
    ("hub_silence_ms", "5000"),
];

pub struct Session {
    pub sim: Sim,
    pub client: Client,
    pub stream: Stream,
    pub contract: ContractId,
    pub account: AccountId,
}

impl Session {
    /// Logged in at a simulator whose market stands still; nothing is subscribed.
    pub fn start(settings: &[(&str, &str)]) -> Session {
        Session::with(SimConfig { speed: 0.0, ..SimConfig::default() }, settings)
    }

    pub fn with(config: SimConfig, settings: &[(&str, &str)]) -> Session {
        let config = SimConfig { keep_alive: Duration::from_millis(50), ..config };
        let sim = Sim::start(config).unwrap();
        let given = sim.settings();
        let given = given.iter().map(|(key, value)| (*key, value.as_str()));
        let client = client(given.chain(settings.iter().copied()));
        client.login(PATIENCE).unwrap();
        let stream = roomy_stream(&client);
        let contract = sim.default_contract().as_str().into();
        let account = AccountId::new(sim.default_account().into());
        Session { sim, client, stream, contract, account }
    }

    /// Subscribes the default contract's quotes and waits for the connection to be whole.
    pub fn quotes(self) -> Session {
        self.stream.subscribe(&self.contract, Kinds::QUOTES, PATIENCE).unwrap();
        self.wait_for_state(LinkState::Connected);
        self
    }

    /// Subscribes the default account's orders and waits for the connection to be whole.
    pub fn orders(self) -> Session {
        self.stream.subscribe_account(self.account, Kinds::ORDERS, PATIENCE).unwrap();
        self.wait_for_state(LinkState::Connected);
        self
    }

    pub fn wait_for<T>(&self, pick: impl FnMut(&Event) -> Option<T>) -> T {
        wait_for(&self.stream, pick)
    }

    /// The next change of a connection, whatever else comes before it.
    pub fn next_link(&self) -> Link {
        next_link(&self.stream)
    }

    pub fn wait_for_state(&self, state: LinkState) -> Link {
        self.wait_for(|event| match event.body {
            EventBody::Link(link) if link.state == state => Some(link),
            _ => None,
        })
    }

    /// The loss, once it is checked that the connection comes back to be whole again.
    pub fn comes_back(&self) -> Link {
        let lost = self.next_link();
        assert_eq!(lost.state, LinkState::Reconnecting, "{lost:?}");
        for state in [LinkState::Resyncing, LinkState::Connected] {
            let link = self.next_link();
            assert_eq!(link.state, state, "{}", self.words(&link));
        }
        lost
    }

    pub fn words(&self, link: &Link) -> String {
        words(&self.client, link)
    }

    /// Whether anything but signs of life and data comes within this time.
    pub fn news_within(&self, time: Duration) -> Option<EventBody> {
        let end = Deadline::after(time);
        loop {
            let mut news = None;
            let polled = self.stream.poll_each(1, end, |event| news = Some(event.body)).unwrap();
            match (news, polled) {
                (Some(EventBody::Quote(_)), _) => {}
                (Some(news), _) => return Some(news),
                (None, Polled::TimedOut) => return None,
                (None, other) => panic!("{other:?}"),
            }
        }
    }
}

/// A stream that loses nothing while a test does something else.
pub fn roomy_stream(client: &Client) -> Stream {
    let mut options = StreamOptions::default();
    options.capacity = 1 << 20;
    client.stream(&options).unwrap()
}

/// A client with these settings; a later value wins.
pub fn client<'a>(settings: impl Iterator<Item = (&'a str, &'a str)>) -> Client {
    let mut config = Config::new();
    for (key, value) in IMPATIENT.into_iter().chain(settings) {
        config.set(key, value).unwrap();
    }
    Client::new(&config).unwrap()
}

/// Polls until `pick` takes an event; gives what it made of it.
pub fn wait_for<T>(stream: &Stream, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
    let deadline = Deadline::after(PATIENCE);
    loop {
        let mut found = None;
        let polled = stream.poll_each(1, deadline, |event| found = pick(&event)).unwrap();
        match (found, polled) {
            (Some(found), _) => return found,
            (None, Polled::Events(_)) => {}
            (None, other) => panic!("the event did not come: {other:?}"),
        }
    }
}

pub fn next_link(stream: &Stream) -> Link {
    wait_for(stream, |event| match event.body {
        EventBody::Link(link) => Some(link),
        _ => None,
    })
}

/// State, reason and message of a link event.
pub fn words(client: &Client, link: &Link) -> String {
    let message = link.message.and_then(|message| client.symbol(message));
    format!("{:?} {:?} {}", link.state, link.reason, message.as_deref().unwrap_or(""))
}

/// The link event of a connection that was given up at once.
pub fn failure(stream: &Stream) -> (u32, Option<Kind>) {
    let link = wait_for(stream, |event| match event.body {
        EventBody::Link(link) if link.state == LinkState::Failed => Some(link),
        _ => None,
    });
    (link.attempt, link.reason)
}

/// A thread whose panic fails the test that joins it.
pub fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::thread::JoinHandle<T> {
    std::thread::Builder::new().name("test-background".into()).spawn(work).unwrap()
}
