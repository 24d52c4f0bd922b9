//! What the library's own client makes of faults that happen to orders.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, Instant};

use tradeforge::model::Order;
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
        for (key, value) in sim.settings() {
            config.set(key, &value).unwrap();
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

    /// The order with this tag, which may be on its way.
    fn find(&self, tag: &str) -> Order {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(found) = self.client.order_by_tag(self.account, tag, WINDOW, PATIENCE).unwrap() {
                return found;
            }
        }
        panic!("{tag} was not found in time")
    }

    /// The tags of all orders, oldest first.
    fn tags(&self) -> Vec<String> {
        let orders = self.client.orders(self.account, Timestamp::from_nanos(0), PATIENCE).unwrap();
        orders.into_iter().filter_map(|order| order.client_tag).collect()
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
    assert_eq!(session.find("mine-1").status, OrderStatus::Filled);
    assert_eq!(session.tags(), ["mine-1"]);
}

#[test]
fn whatever_ends_without_an_answer_is_unknown_and_never_sent_again() {
    let session = Session::start();
    let short = Duration::from_millis(300);
    for (tag, fault, patience, kind, is_done) in [
        ("reset", Fault::new(FaultKind::Reset), PATIENCE, Kind::Network, true),
        ("refused", Fault::new(FaultKind::Refused), PATIENCE, Kind::Network, false),
        ("stalled", Fault::new(FaultKind::Stall), short, Kind::Deadline, true),
        ("cut", Fault::new(FaultKind::Cut), PATIENCE, Kind::Network, true),
        ("garbage", Fault::new(FaultKind::Garbage).form(Garbage::Html), PATIENCE, Kind::Protocol, true),
        (
            "500",
            Fault::new(FaultKind::Status).status(500).carried_out(true),
            PATIENCE,
            Kind::Unavailable,
            true,
        ),
    ] {
        let before = session.sim.fault_strikes().len();
        let error = session.place(tag, fault, patience);
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::Unknown), "{tag}: {error}");
        assert_eq!(session.sim.fault_strikes().len(), before + 1, "{tag}");
        if is_done {
            assert_ne!(session.find(error.client_tag().unwrap()).status, OrderStatus::Rejected, "{tag}");
        }
    }
    assert_eq!(
        session.tags(),
        ["reset", "stalled", "cut", "garbage", "500"],
        "each once, and not the refused one"
    );
}
