//! Records as a busy gateway sends them.

/// Contracts that the records are spread over.
pub const CONTRACTS: [&str; 4] =
    ["CON.F.US.MNQ.Z26", "CON.F.US.MES.Z26", "CON.F.US.ENQ.Z26", "CON.F.US.EP.Z26"];

/// Ends every record.
pub const END: char = '\u{1e}';

/// Quotes with every member, about 350 bytes each. No two neighbours are alike.
pub fn quotes(count: usize) -> Vec<String> {
    (0..count)
        .map(|index| {
            let contract = CONTRACTS[index % CONTRACTS.len()];
            let (points, cents) = (29_500 + index % 97, 25 * (index % 4));
            let data = format!(
                r#"{{"symbol":"F.US.MNQ","symbolName":"/MNQ","lastPrice":{points}.{cents:02},"bestBid":{points},"bestAsk":{points}.5,"change":-47.{cents:02},"changePercent":0.16,"open":29510.25,"high":29600,"low":29400.75,"volume":{volume},"lastUpdated":"2026-11-18T15:{minute:02}:{second:02}.4347534+00:00","timestamp":"2026-11-18T15:{minute:02}:{second:02}.434+00:00"}}"#,
                volume = 12_000 + index,
                minute = index / 60 % 60,
                second = index % 60,
            );
            record("GatewayQuote", contract, &data)
        })
        .collect()
}

/// Trades, one a record.
pub fn trades(count: usize) -> Vec<String> {
    (0..count)
        .map(|index| {
            let data = format!(
                r#"[{{"symbolId":"F.US.MES","price":{}.5,"timestamp":"2026-11-18T15:00:{:02}.052+00:00","type":{},"volume":{}}}]"#,
                7_700 + index % 50,
                index % 60,
                index % 2,
                1 + index % 9,
            );
            record("GatewayTrade", CONTRACTS[index % CONTRACTS.len()], &data)
        })
        .collect()
}

/// Changes of depth, two a record.
pub fn depth(count: usize) -> Vec<String> {
    (0..count)
        .map(|index| {
            let level = |kind: usize, price: usize| {
                format!(
                    r#"{{"timestamp":"2026-11-18T15:00:{:02}.4173693+00:00","type":{kind},"price":{price},"volume":{},"currentVolume":0}}"#,
                    index % 60,
                    index % 30,
                )
            };
            let data = format!("[{},{}]", level(2, 29_540 - index % 9), level(1, 29_541 + index % 9));
            record("GatewayDepth", CONTRACTS[index % CONTRACTS.len()], &data)
        })
        .collect()
}

fn record(target: &str, contract: &str, data: &str) -> String {
    format!(r#"{{"type":1,"target":"{target}","arguments":["{contract}",{data}]}}{END}"#)
}
