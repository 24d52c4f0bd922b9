//! What the library's own client makes of faults that happen to orders.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use tradeforge::sim::{Fault, FaultKind, Garbage, Sim, SimConfig};
use tradeforge::{
    AccountId, Client, Config, Error, Kind, OrderRequest, OrderStatus, Outcome, Side, Timestamp,
};

const PATIENCE: Duration = Duration::from_secs(30);
const WINDOW: Duration = Duration::from_secs(600);

struct Session {
    sim: Sim,
    client: Client,
    account: AccountId,
}

impl Session {
    fn start() -> Session {
        let sim = Sim::start(SimConfig { speed: 0.0, ..SimConfig::default() }).unwrap();
        let mut config = Config::new();
        for (key, value) in [
            ("environment", "DEMO"),
            ("api_url", &*sim.api_url()),
            ("market_hub_url", &*sim.market_hub_url()),
            ("user_hub_url", &*sim.user_hub_url()),
            ("user_name", sim.user_name()),
            ("api_key", sim.api_key()),
        ] {
            config.set(key, value).unwrap();
        }
        let client = Client::new(&config).unwrap();
        client.login(PATIENCE).unwrap();
        let account = AccountId::new(sim.default_account().into());
        Session { sim, client, account }
    }

    /// Places an order with this tag while `fault` strikes, and gives the error.
    fn place(&self, tag: &str, fault: Fault, patience: Duration) -> Error {
        self.sim.inject(fault.on("/api/Order/place")).unwrap();
        let mut order =
            OrderRequest::market(self.account, (&*self.sim.default_contract()).into(), Side::Buy, 1);
        order.client_tag = Some(tag.to_owned());
        self.client.place(&order, patience).unwrap_err()
    }

    /// How many orders carry the tag of an error.
    fn count(&self, error: &Error) -> usize {
        let tag = error.client_tag();
        let found = self.client.order_by_tag(self.account, tag.unwrap(), WINDOW, PATIENCE).unwrap();
        found.iter().filter(|order| order.client_tag.as_deref() == tag).count()
    }
}

#[test]
fn a_lost_reply_is_unknown_and_the_order_is_found_by_its_tag() {
    let session = Session::start();
    let error = session.place("mine-1", Fault::new(FaultKind::LostReply), PATIENCE);
    assert_eq!((error.kind(), error.outcome()), (Kind::Network, Outcome::Unknown), "{error}");
    assert!(error.is_outcome_unknown() && !error.is_retriable());
    assert_eq!((error.order_id(), error.client_tag()), (None, Some("mine-1")));
    assert_eq!(session.sim.fault_strikes().len(), 1, "the order was sent once");
    let found = session.client.order_by_tag(session.account, "mine-1", WINDOW, PATIENCE).unwrap().unwrap();
    assert_ne!(found.status, OrderStatus::Rejected, "{found:?}");
    let all = session.client.orders(session.account, Timestamp::from_nanos(0), PATIENCE).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
}

#[test]
fn whatever_ends_without_an_answer_is_unknown_and_never_sent_again() {
    let session = Session::start();
    let short = Duration::from_millis(300);
    for (tag, fault, patience, kind, count) in [
        ("reset", Fault::new(FaultKind::Reset), PATIENCE, Kind::Network, 1),
        ("refused", Fault::new(FaultKind::Refused), PATIENCE, Kind::Network, 0),
        ("stalled", Fault::new(FaultKind::Stall), short, Kind::Deadline, 1),
        ("cut", Fault::new(FaultKind::Cut), PATIENCE, Kind::Network, 1),
        ("garbage", Fault::new(FaultKind::Garbage).form(Garbage::Html), PATIENCE, Kind::Protocol, 1),
        ("500", Fault::new(FaultKind::Status).status(500).carried_out(true), PATIENCE, Kind::Unavailable, 1),
    ] {
        let before = session.sim.fault_strikes().len();
        let error = session.place(tag, fault, patience);
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::Unknown), "{tag}: {error}");
        assert_eq!(session.sim.fault_strikes().len(), before + 1, "{tag}");
        assert_eq!(session.count(&error), count, "{tag}");
    }
}
