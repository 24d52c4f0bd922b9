//! A client of a gateway that is quiet.

use std::time::Duration;

use tradeforge::{Client, Kinds, Polled, Stream, StreamOptions};

use super::common::http::HttpServer;
use super::common::hub::HubServer;
use super::common::{PATIENCE, logged_in_with_hub, login_only};
use super::records::CONTRACTS;

pub struct Quiet {
    pub client: Client,
    _hub: HubServer,
    _server: HttpServer,
}

impl Quiet {
    pub fn new() -> Quiet {
        let hub = HubServer::start(|connection| connection.confirm_all());
        let server = login_only();
        let client = logged_in_with_hub(&server, &hub.url());
        Quiet { client, _hub: hub, _server: server }
    }

    /// A stream that wants everything about the contracts of the records.
    pub fn stream(&self, capacity: usize) -> Stream {
        let mut options = StreamOptions::default();
        options.capacity = capacity;
        let stream = self.client.stream(&options).unwrap();
        for contract in CONTRACTS {
            stream.subscribe(&contract.into(), Kinds::MARKET, PATIENCE).unwrap();
        }
        stream
    }
}

/// Takes what waits; tells how many events that were.
pub fn drain(stream: &Stream) -> usize {
    let mut count = 0;
    while let Polled::Events(taken) = stream.poll_each(1024, Duration::ZERO, |_| ()).unwrap() {
        count += taken;
    }
    count
}
