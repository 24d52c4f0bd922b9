//! Bars of long ranges by the library's own client: every bar once, oldest first, whatever happens between the pages.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::ops::ControlFlow;
use std::sync::mpsc::channel;
use std::time::Duration;

use tradeforge::model::{Bar, BarProgress, BarRequest, BarUnit};
use tradeforge::sim::{Fault, FaultKind, Sim, SimClock, SimConfig};
use tradeforge::{Client, Config, ContractId, Kind, Timestamp};

const PATIENCE: Duration = Duration::from_secs(60);
const PATH: &str = "/api/History/retrieveBars";
/// A Friday morning in Chicago, within a minute and within a second.
const START: &str = "2026-11-20T15:04:05.5Z";
/// What the gateway gives at once.
const PAGE: usize = 20_000;

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A simulator that stands still, and a client of it.
struct Session {
    sim: Sim,
    client: Client,
    contract: ContractId,
}

impl Session {
    fn start() -> Session {
        let clock = SimClock::Stepped(moment(START));
        let sim = Sim::start(SimConfig { clock, rate_limit: false, ..SimConfig::default() }).unwrap();
        let mut config = Config::new();
        for (key, value) in sim.settings() {
            config.set(key, &value).unwrap();
        }
        config.set("cache_seconds", "0").unwrap();
        let client = Client::new(&config).unwrap();
        client.login(PATIENCE).unwrap();
        let contract = (&*sim.default_contract()).into();
        Session { sim, client, contract }
    }

    fn request(&self, unit: BarUnit, from: &str, to: &str) -> BarRequest {
        BarRequest::new(self.contract.clone(), unit, moment(from), moment(to))
    }

    /// The bars, and how many of them came with each page.
    fn bars(&self, request: &BarRequest) -> (Vec<Bar>, Vec<usize>) {
        let mut pages = Vec::new();
        let progress = |told: &BarProgress<'_>| {
            pages.push(told.page.len());
            assert_eq!((told.pages, told.bars), (pages.len(), pages.iter().sum::<usize>()));
            assert_eq!(told.oldest, told.page[0].start);
            ControlFlow::Continue(())
        };
        let bars = self.client.bars_with(request, PATIENCE, progress).unwrap();
        assert!(bars.windows(2).all(|pair| pair[0].start < pair[1].start), "oldest first, each once");
        (bars, pages)
    }
}

#[test]
fn fifty_thousand_minutes_are_those_of_single_pages() {
    let session = Session::start();
    let to = moment(START);
    let request =
        BarRequest { limit: Some(50_000), ..session.request(BarUnit::Minute, "2026-09-20T00:00:00Z", START) };
    let (bars, pages) = session.bars(&request);
    assert_eq!((bars.len(), pages), (50_000, vec![PAGE, PAGE, 10_000]));
    assert!(bars[0].start < to.saturating_sub(Duration::from_secs(50_000 * 60)));
    // The same days one by one, each of them a single page.
    let day = Duration::from_secs(24 * 3_600);
    let mut singly: Vec<Bar> = Vec::new();
    let mut from = bars[0].start;
    while from < to {
        let until = from.saturating_add(day).min(to);
        let (mut part, pages) = session.bars(&BarRequest { from, to: until, limit: None, ..request.clone() });
        assert!(pages.len() <= 1);
        singly.append(&mut part);
        from = until;
    }
    assert_eq!(singly.len(), bars.len());
    for (long, single) in bars.iter().zip(&singly) {
        assert_eq!(long, single);
    }
}

#[test]
fn every_length_has_its_range() {
    let session = Session::start();
    for (unit, number, from, count) in [
        (BarUnit::Second, 1, "2026-11-20T06:00:00Z", 9 * 3_600 + 4 * 60 + 5),
        (BarUnit::Second, 30, "2026-11-20T14:00:00Z", 128),
        (BarUnit::Minute, 5, "2026-11-20T14:00:00Z", 12),
        (BarUnit::Hour, 1, "2026-11-20T00:00:00Z", 15),
        (BarUnit::Day, 1, "2026-11-01T00:00:00Z", 18),
    ] {
        let request = BarRequest { unit_number: number, ..session.request(unit, from, START) };
        let (bars, _) = session.bars(&request);
        assert_eq!(bars.len(), count, "{unit:?} {number}");
        assert!(bars[0].start >= moment(from) && bars.last().unwrap().start < moment(START));
        assert!(bars.iter().all(|bar| bar.low <= bar.open && bar.close <= bar.high && bar.volume.get() > 0));
    }
    for (unit, least) in [(BarUnit::Week, 200), (BarUnit::Month, 50)] {
        assert!(session.bars(&session.request(unit, "2020-01-01T00:00:00Z", START)).0.len() > least);
    }
}

#[test]
fn the_whole_past_of_minutes_comes_when_the_range_begins_before_it() {
    let session = Session::start();
    let (bars, pages) = session.bars(&session.request(BarUnit::Minute, "1990-01-01T00:00:00Z", START));
    assert!(bars.len() > 80_000 && pages.len() == 5, "{} {pages:?}", bars.len());
    assert!(bars.windows(2).all(|pair| pair[1].start.nanos() - pair[0].start.nanos() == 60_000_000_000));
}

#[test]
fn the_bar_that_forms_comes_on_request() {
    let session = Session::start();
    let request = session.request(BarUnit::Minute, "2026-11-20T15:00:00Z", START);
    let (without, _) = session.bars(&request);
    let (with, _) = session.bars(&BarRequest { include_partial: true, ..request });
    assert_eq!((without.len(), with.len()), (4, 5));
    assert_eq!((&with[..4], with[4].start), (&without[..], moment("2026-11-20T15:04:00Z")));
}

#[test]
fn a_callback_can_end_it() {
    let session = Session::start();
    let request = session.request(BarUnit::Minute, "2026-09-20T00:00:00Z", START);
    let all = session.bars(&request).0;
    let stop = |told: &BarProgress<'_>| match told.pages {
        2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let bars = session.client.bars_with(&request, PATIENCE, stop).unwrap();
    assert_eq!(bars, all[all.len() - bars.len()..]);
    assert!((2 * PAGE - 1..=2 * PAGE).contains(&bars.len()));
}

#[test]
fn a_failure_of_a_later_page_tells_how_far_it_got_and_loses_nothing() {
    let session = Session::start();
    let request = session.request(BarUnit::Minute, "2026-10-20T00:00:00Z", START);
    let all = session.bars(&request).0;
    session.sim.inject(Fault::new(FaultKind::Status).status(500).on(PATH).after(1)).unwrap();
    let mut kept: Vec<Bar> = Vec::new();
    let keep = |told: &BarProgress<'_>| {
        kept.splice(0..0, told.page.iter().copied());
        ControlFlow::Continue(())
    };
    let error = session.client.bars_with(&request, PATIENCE, keep).unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (Kind::Unavailable, Some(500)));
    let oldest = kept[0].start;
    assert!(error.message().contains(&format!("{} bars from {oldest} to ", kept.len())), "{error}");
    // What is missing is the range before the oldest one.
    let (mut missing, _) = session.bars(&BarRequest { to: oldest, ..request });
    missing.append(&mut kept);
    assert_eq!(missing, all);
}

#[test]
fn the_deadline_is_one_for_all_pages() {
    let session = Session::start();
    session.sim.inject(Fault::new(FaultKind::Stall).on(PATH).after(1)).unwrap();
    let request = session.request(BarUnit::Minute, "2026-10-20T00:00:00Z", START);
    let mut pages = 0;
    let progress = |_: &BarProgress<'_>| {
        pages += 1;
        ControlFlow::Continue(())
    };
    let error = session.client.bars_with(&request, Duration::from_secs(8), progress).unwrap_err();
    assert_eq!((error.kind(), pages), (Kind::Deadline, 1));
    assert!(error.message().contains(" bars from "), "{error}");
}

#[test]
fn a_close_ends_it_between_and_within_pages() {
    let session = Session::start();
    session.sim.inject(Fault::new(FaultKind::Stall).on(PATH).after(1)).unwrap();
    let request = session.request(BarUnit::Minute, "2026-10-20T00:00:00Z", START);
    let (client, (sender, receiver)) = (session.client.clone(), channel());
    let closer = std::thread::Builder::new()
        .spawn(move || {
            receiver.recv().unwrap();
            client.close();
        })
        .unwrap();
    let progress = |_: &BarProgress<'_>| {
        sender.send(()).unwrap();
        ControlFlow::Continue(())
    };
    let error = session.client.bars_with(&request, PATIENCE, progress).unwrap_err();
    assert_eq!(error.kind(), Kind::Closed, "{error}");
    closer.join().unwrap();
}

#[test]
fn what_the_gateway_refuses_has_its_name() {
    let session = Session::start();
    let good = session.request(BarUnit::Minute, "2026-11-20T14:00:00Z", START);
    let name = |request: BarRequest| {
        let error = session.client.bars(&request, PATIENCE).unwrap_err();
        (error.kind(), error.gateway_code().unwrap().name)
    };
    for unit in [BarUnit::Tick, BarUnit::Other(0), BarUnit::Other(8)] {
        assert_eq!(name(BarRequest { unit, ..good.clone() }), (Kind::Rejected, "UnitInvalid"));
    }
    let number = BarRequest { unit_number: 1_441, ..good.clone() };
    assert_eq!(name(number), (Kind::Rejected, "UnitNumberInvalid"));
    let unknown = BarRequest { contract: "CON.F.US.NONE.Z26".into(), ..good.clone() };
    assert_eq!(name(unknown), (Kind::NotFound, "ContractNotFound"));
    assert!(session.client.bars(&BarRequest { live: true, ..good }, PATIENCE).unwrap().is_empty());
}
