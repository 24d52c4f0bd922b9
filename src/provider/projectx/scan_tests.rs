//! The short way and serde tell the same of every record, whatever is wrong with it.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::test_runner::RngSeed;

use super::decode::MarketDecoder;
use crate::clock::Timestamp;
use crate::model::{Event, EventBody, SymbolTable};
use crate::signalr::{Record, plain_invocation};

const NOW: Timestamp = Timestamp::from_nanos(1);

/// A market hub that takes the short way where it can.
struct Hub {
    decoder: MarketDecoder,
    takes_short_way: bool,
}

/// What came of a record: its events, and whether it was one of the market's or why it could not be read.
#[derive(Debug, PartialEq)]
struct Came {
    events: Vec<Event>,
    outcome: Result<bool, String>,
}

impl Hub {
    fn new(takes_short_way: bool) -> Hub {
        Hub { decoder: MarketDecoder::new(Arc::<SymbolTable>::default()), takes_short_way }
    }

    /// What comes of a record, and whether the short way led to it.
    fn take(&mut self, record: &[u8]) -> (Came, bool) {
        let mut events = Vec::new();
        if self.takes_short_way
            && let Some((target, arguments)) = plain_invocation(record)
            && self.decoder.decode_known(NOW, target, arguments, |event| events.push(event))
        {
            return (Came { events, outcome: Ok(true) }, true);
        }
        assert_eq!(events, [], "what is not understood tells nothing");
        let outcome = match Record::parse(record) {
            Ok(Record::Invocation { target, arguments }) => {
                self.decoder.decode(NOW, &target, arguments, |event| events.push(event))
            }
            Ok(_) => Ok(false),
            Err(error) => Err(error),
        };
        (Came { events, outcome: outcome.map_err(|error| error.to_string()) }, false)
    }
}

/// Lets both ways take the same records, one after the other; gives how many took the short way.
fn compare(records: &[impl AsRef<[u8]>]) -> usize {
    let (mut short, mut serde) = (Hub::new(true), Hub::new(false));
    let mut taken = 0;
    for record in records {
        let record = record.as_ref();
        let (came, was_short) = short.take(record);
        assert_eq!(came, serde.take(record).0, "{}", String::from_utf8_lossy(record));
        taken += usize::from(was_short);
    }
    taken
}

fn record(target: &str, contract: &str, data: &str) -> String {
    format!(r#"{{"type":1,"target":"{target}","arguments":["{contract}",{data}]}}"#)
}

fn target_of(name: &str) -> Option<&'static str> {
    ["Quote", "Trade", "Depth"]
        .into_iter()
        .zip(["GatewayQuote", "GatewayTrade", "GatewayDepth"])
        .find(|(kind, _)| name.contains(&kind.to_lowercase()))
        .map(|(_, target)| target)
}

#[test]
fn every_sample_takes_the_short_way_once_its_contract_is_known() {
    let folder = format!("{}/tests/fixtures/wire", env!("CARGO_MANIFEST_DIR"));
    let mut short = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.trim_end();
        let Some(target) = target_of(&name).filter(|_| name.starts_with("hub_market")) else {
            compare(&[text]);
            continue;
        };
        let text = if text.starts_with("{\"type\"") { text.to_owned() } else { record(target, "C", text) };
        assert_eq!(compare(&[&text, &text, &text]), 2, "{name}");
        short += 1;
    }
    assert_eq!(short, 7, "samples of market data");
}

#[test]
fn a_record_that_goes_on_after_its_arguments_is_for_serde() {
    let first = record("GatewayQuote", "C", "{\"bestBid\":1}");
    for rest in [
        r#"["C",{"bestBid":2}],"type":6"#,
        r#"["C",{"bestBid":2}],"x":[1]"#,
        r#"["C",{"bestBid":2}]}"#,
        r#"["C",{"bestBid":2},3]"#,
        r#"["C"]"#,
        r#"["C",null]"#,
        r#"["C",{"bestBid":2}"#,
        r#"["C",{"bestBid":2}] ,"invocationId":"9""#,
    ] {
        let second = format!(r#"{{"type":1,"target":"GatewayQuote","arguments":{rest}}}"#);
        assert_eq!(compare(&[&first, &second, &first]), 1, "only the third: {second}");
    }
}

#[test]
fn numbers_mean_the_same() {
    let first = record("GatewayQuote", "C", "{}");
    let mut taken = 0;
    let numbers = [
        "0",
        "-0",
        "0.0",
        "-0.0",
        "00",
        "01",
        "-01",
        "1.",
        ".5",
        "-",
        "1e",
        "1e+",
        "1e2",
        "1E-2",
        "1e-10",
        "0e99",
        "999999999",
        "1000000000",
        "9223372036.854775806",
        "9223372036.854775807",
        "-9223372036.854775807",
        "123456789.123456789",
        "123456789.1234567890",
        "1.0000000001",
        "0.1612903225806451612903225806",
        "99999999999999999999",
        "1e400",
        "2100.000000000",
        "12000.0",
        "12000.5",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "\"1.5\"",
        "\"\"",
        "null",
        "nul",
        "true",
        "[]",
        "{}",
        "1 2",
        "0x1",
        "1_0",
        "+1",
        "١",
        "2147483647",
        "2147483648",
        "-2147483649",
    ];
    for number in numbers {
        for member in ["bestBid", "changePercent", "volume", "unknown"] {
            let second = record("GatewayQuote", "C", &format!("{{\"{member}\":{number}}}"));
            taken += compare(&[&first, &second]);
        }
        for (member, others) in [("type", "\"price\":1,\"volume\":1"), ("volume", "\"type\":1,\"price\":1")] {
            for target in ["GatewayTrade", "GatewayDepth"] {
                let second = record(target, "C", &format!("[{{{others},\"{member}\":{number}}},null]"));
                taken += compare(&[&first, &second]);
            }
        }
    }
    assert!(taken > 120, "the short way is worth its name: {taken}");
}

#[test]
fn the_last_of_several_events_is_known() {
    let depth = |price: u32| format!("{{\"price\":{price},\"type\":1,\"volume\":1}}");
    let first = record("GatewayDepth", "C", &depth(1));
    let second = record("GatewayDepth", "C", &format!("[null,{},{},null,{}]", depth(2), depth(3), depth(4)));
    assert_eq!(compare(&[&first, &second]), 1);
    let mut hub = Hub::new(true);
    hub.take(first.as_bytes());
    let events = hub.take(second.as_bytes()).0.events;
    let flags: Vec<u16> = events.iter().map(|event| event.flags.0).collect();
    assert_eq!(flags, [1, 1, 0]);
    assert!(matches!(events[2].body, EventBody::Depth(depth) if depth.price.to_string() == "4"));
}

/// A value that fits the name, nearly always.
fn value(name: &str) -> impl Strategy<Value = String> + use<> {
    let fitting = match name {
        "timestamp" | "lastUpdated" => {
            "\"2026-08-(19|3[0-9])T2[0-5]:5[0-9]:[0-6][0-9](\\.[0-9]{1,10})?(Z|\\+00:00|-0[0-9]:30)?\""
                .boxed()
        }
        "symbol" | "symbolName" | "symbolId" | "contract" => "\"[ -!#-\\[\\]-~]{0,20}\"".boxed(),
        "type" | "volume" | "currentVolume" => "-?(0|[1-9][0-9]{0,8})(\\.0)?".boxed(),
        _ => "-?(0|[1-9][0-9]{0,10})(\\.[0-9]{1,9})?".boxed(),
    };
    let odd = vec![
        "true",
        "false",
        "\"\"",
        "\"F.US.MNQ\"",
        "\"\\u0031\"",
        "\"é\"",
        "[]",
        "{}",
        "[1]",
        "{\"a\":1}",
        "\"12.5\"",
        "nul",
        "\"\\",
        "\"a\tb\"",
        "\u{1}",
    ];
    prop_oneof![
        60 => fitting,
        3 => "-?[0-9]{0,20}(\\.[0-9]{0,12})?([eE][+-]?[0-9]{0,3})?",
        3 => Just("null".to_owned()),
        1 => select(odd).prop_map(str::to_owned),
    ]
}

const NAMES: [&str; 24] = [
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
    "symbolId",
    "price",
    "type",
    "currentVolume",
    "contract",
    "",
    "low ",
    "bestbid",
    "best\\u0042id",
    "opén",
    "changePercentage",
];

/// Some of the names in any order, now and then one twice, with values.
fn members() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let names = prop_oneof![
        3 => subsequence(NAMES[..13].to_vec(), 0..14),
        3 => subsequence(NAMES[..18].to_vec(), 0..14).prop_shuffle(),
        3 => Just(vec!["price", "type", "volume", "timestamp"]).prop_shuffle(),
        1 => prop::collection::vec(select(NAMES.to_vec()), 0..6),
    ];
    names.prop_flat_map(|names| {
        let values: Vec<_> = names.iter().map(|name| value(name)).collect();
        values.prop_map(move |values| names.iter().copied().zip(values).collect())
    })
}

/// One object, or an array of objects and nulls, with the same pause around all tokens.
fn data() -> impl Strategy<Value = String> {
    let pause = prop_oneof![6 => Just(""), 1 => select(vec![" ", "\t", "\r\n  ", "\u{c}"])];
    let item = prop_oneof![8 => members().prop_map(Some), 1 => Just(None)];
    (prop::collection::vec(item, 1..4), any::<bool>(), pause).prop_map(|(items, is_array, pause)| {
        let texts: Vec<String> = items
            .into_iter()
            .map(|item| {
                let Some(members) = item else { return format!("{pause}null{pause}") };
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{pause}\"{name}\"{pause}:{pause}{value}{pause}"))
                    .collect();
                format!("{pause}{{{}}}{pause}", members.join(","))
            })
            .collect();
        if is_array { format!("[{}]", texts.join(",")) } else { texts[0].clone() }
    })
}

fn any_record() -> impl Strategy<Value = Vec<u8>> {
    let target =
        select(vec!["GatewayQuote", "GatewayTrade", "GatewayDepth", "GatewayQuote", "GatewayLogout"]);
    let contract = prop_oneof![9 => select(vec!["C", "D"]), 1 => select(vec!["", "\\u0043", "É", "\\"])];
    let shape = prop_oneof![9 => Just(0), 1 => 1..4];
    (target, contract, data(), shape).prop_map(|(target, contract, data, shape)| {
        let text = match shape {
            0 => record(target, contract, &data),
            1 => format!(r#"{{"type":1,"target":"{target}","arguments":["{contract}",{data}],"x":1}}"#),
            2 => format!(r#"{{"target":"{target}","arguments":["{contract}",{data}],"type":1}}"#),
            _ => format!(r#"{{"type":1,"target":"{target}","arguments":["{contract}",{data},{data}]}}"#),
        };
        text.into_bytes()
    })
}

/// Damages a text in some places.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![select(b"\"{}[],:.0-e \\n\x00\xff".to_vec()), any::<u8>()];
    let change = (any::<Index>(), 0..3u8, byte);
    (any_record(), prop::collection::vec(change, 1..4)).prop_map(|(mut text, changes)| {
        for (place, kind, byte) in changes {
            let place = place.index(text.len());
            match kind {
                0 => text[place] = byte,
                1 => text.insert(place, byte),
                _ => drop(text.remove(place)),
            }
        }
        text
    })
}

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(0x5eed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(settings(1500))]

    #[test]
    fn both_ways_tell_the_same(
        mut records in prop::collection::vec(prop_oneof![3 => any_record(), 1 => damaged()], 1..5),
    ) {
        // Both contracts are known, so that the short way is open.
        for contract in ["C", "D"] {
            records.insert(0, record("GatewayQuote", contract, "{\"open\":1}").into_bytes());
        }
        compare(&records);
    }
}

#[test]
fn the_short_way_is_taken_often_enough_to_be_tested() {
    let mut runner = proptest::test_runner::TestRunner::new(settings(1000));
    let (taken, told) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let result = runner.run(&any_record(), |text| {
        let first = |contract| record("GatewayQuote", contract, "{\"open\":1}").into_bytes();
        let was_short = compare(&[first("C"), first("D"), text.clone()]) > 0;
        let mut hub = Hub::new(false);
        let is_told = !hub.take(&text).0.events.is_empty();
        taken.set(taken.get() + usize::from(was_short));
        told.set(told.get() + usize::from(is_told));
        Ok(())
    });
    assert_eq!(result, Ok(()));
    assert!(taken.get() > 200 && told.get() > 200, "short {}, told {} of 1000", taken.get(), told.get());
}
