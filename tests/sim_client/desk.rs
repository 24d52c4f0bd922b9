//! A trader's desk for tests: a stepped simulator, every user event, and the quotes.

use std::time::Duration;

use serde_json::{Value, json};
use tradeforge::Timestamp;
use tradeforge::sim::{BracketMode, SimClock, SimConfig};

use super::{Client, HubClient};

/// A session on a simulator whose time only the test moves.
pub struct Desk {
    pub client: Client,
    user: HubClient,
    market: HubClient,
    /// The latest quote, put together from its parts.
    quote: Value,
    /// Every user event so far, whole.
    pub events: Vec<Value>,
}

impl Desk {
    /// A desk in a market that stands still.
    pub fn still() -> Desk {
        Desk::open(SimConfig { speed: 0.0, ..SimConfig::default() })
    }

    /// A desk in a market that moves, on an account with Auto OCO brackets.
    pub fn moving() -> Desk {
        Desk::open(SimConfig { brackets: BracketMode::AutoOco, ..SimConfig::default() })
    }

    /// A desk on a Friday morning in Chicago.
    pub fn open(config: SimConfig) -> Desk {
        Desk::open_at("2026-11-20T15:00:00Z", config)
    }

    pub fn open_at(start: &str, config: SimConfig) -> Desk {
        let start = Timestamp::parse(start).unwrap();
        let client = Client::with(SimConfig { clock: SimClock::Stepped(start), rate_limit: false, ..config });
        let (mut user, mut market) = (client.hub("user"), client.hub("market"));
        user.call("SubscribeAccounts", "[]");
        for target in ["SubscribeOrders", "SubscribePositions", "SubscribeTrades"] {
            user.call(target, &format!("[{}]", client.account));
        }
        market.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
        let mut desk = Desk { client, user, market, quote: json!({}), events: Vec::new() };
        desk.see_quotes();
        desk
    }

    /// Lets so many milliseconds pass and gives what the user hub told, in short.
    pub fn step(&mut self, millis: u64) -> Vec<String> {
        self.client.sim.step(Duration::from_millis(millis)).unwrap();
        self.see_quotes();
        self.told()
    }

    /// Steps until an event begins with `wanted`; gives everything told until then.
    pub fn step_until(&mut self, wanted: &str) -> Vec<String> {
        let mut told = Vec::new();
        for _ in 0..40_000 {
            told.extend(self.step(50));
            if told.iter().any(|event| event.starts_with(wanted)) {
                return told;
            }
        }
        panic!("no {wanted} in {told:?}")
    }

    /// What the user hub told since the last look, in short.
    pub fn told(&mut self) -> Vec<String> {
        let records =
            self.user.so_far(r#"{"type":1,"target":"SubscribeAccounts","arguments":[],"invocationId":"7"}"#);
        let told = records.iter().map(short).collect();
        self.events.extend(records);
        told
    }

    fn see_quotes(&mut self) {
        // Not a contract: the answer is an error, and comes in turn.
        let marker =
            r#"{"type":1,"target":"UnsubscribeContractTrades","arguments":["?"],"invocationId":"7"}"#;
        for record in self.market.so_far(marker) {
            for (name, value) in record["arguments"][1].as_object().unwrap() {
                self.quote[name] = value.clone();
            }
        }
    }

    pub fn bid(&self) -> f64 {
        self.quote["bestBid"].as_f64().unwrap()
    }

    pub fn ask(&self) -> f64 {
        self.quote["bestAsk"].as_f64().unwrap()
    }

    pub fn last(&self) -> f64 {
        self.quote["lastPrice"].as_f64().unwrap()
    }

    /// Places an order that is accepted and gives its id.
    pub fn place(&self, members: &str) -> i64 {
        let answer = self.client.place(members);
        assert_eq!(answer["success"], true, "{members}: {answer}");
        answer["orderId"].as_i64().unwrap()
    }

    /// Places an order that is rejected and gives the code and the message.
    pub fn refused(&self, members: &str) -> (i64, String) {
        refusal(&self.client.place(members))
    }

    pub fn order(&self, id: i64) -> Value {
        self.client.ask("/api/Order/searchById", &format!(r#","orderId":{id}"#))["order"].clone()
    }

    /// Changes an order; gives the code and the message, zero and nothing when it worked.
    pub fn modify(&self, id: i64, members: &str) -> (i64, String) {
        refusal(&self.client.ask("/api/Order/modify", &format!(r#","orderId":{id},{members}"#)))
    }

    pub fn cancel(&self, id: i64) -> i64 {
        self.client.ask("/api/Order/cancel", &format!(r#","orderId":{id}"#))["errorCode"].as_i64().unwrap()
    }

    /// Closes the position and gives the code.
    pub fn close(&self) -> i64 {
        let contract = format!(r#","contractId":"{}""#, self.client.contract);
        self.client.ask("/api/Position/closeContract", &contract)["errorCode"].as_i64().unwrap()
    }

    /// Contracts held, negative when short.
    pub fn net(&self) -> i64 {
        let positions = self.client.ask("/api/Position/searchOpen", "");
        let row = positions["positions"][0].clone();
        let size = row["size"].as_i64().unwrap_or(0);
        if row["type"] == 2 { -size } else { size }
    }

    pub fn account(&self) -> Value {
        let answer = self.client.post("/api/Account/search", r#"{"onlyActiveAccounts":false}"#).json();
        answer["accounts"][0].clone()
    }

    /// The latest event of an order.
    pub fn order_event(&self, id: i64) -> Value {
        let events = self.events.iter().rev().map(|event| &event["arguments"][0]["data"]);
        events.into_iter().find(|data| data["id"] == id).unwrap().clone()
    }
}

fn refusal(answer: &Value) -> (i64, String) {
    (answer["errorCode"].as_i64().unwrap(), answer["errorMessage"].as_str().unwrap_or_default().to_owned())
}

/// A user event in short: what it is about, and the members that tell it apart.
pub fn short(record: &Value) -> String {
    let data = &record["arguments"][0]["data"];
    match record["target"].as_str().unwrap() {
        "GatewayUserOrder" => format!("order {}", data["status"]),
        "GatewayUserTrade" => match data.get("profitAndLoss") {
            Some(_) => "trade with profit".to_owned(),
            None => "trade".to_owned(),
        },
        "GatewayUserPosition" => format!("position {} x {}", data["type"], data["size"]),
        "GatewayUserAccount" => "account".to_owned(),
        other => panic!("{other}"),
    }
}
