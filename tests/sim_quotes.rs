//! Quotes, trades and depth of a moving market.
#![cfg(feature = "sim")]
mod sim_client;
use sim_client::Client;
use tradeforge::sim::SimConfig;

#[test]
fn a_first_quote_is_full_and_later_ones_are_partial() {
    let client = Client::with(SimConfig { speed: 20.0, ..SimConfig::default() });
    let mut hub = client.hub("market");
    hub.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    let first = hub.next_of("GatewayQuote");
    let data = &first["arguments"][1];
    for member in [
        "symbol",
        "symbolName",
        "lastPrice",
        "bestBid",
        "bestAsk",
        "change",
        "changePercent",
        "open",
        "high",
        "low",
        "volume",
        "lastUpdated",
        "timestamp",
    ] {
        assert!(!data[member].is_null(), "{member}");
    }
    assert_eq!(first["arguments"][0].as_str(), Some(&*client.contract));
    let mut partial = 0;
    for _ in 0..100 {
        let quote = hub.next_of("GatewayQuote");
        partial += usize::from(quote["arguments"][1].get("open").is_none());
    }
    assert_eq!(partial, 100);
}
