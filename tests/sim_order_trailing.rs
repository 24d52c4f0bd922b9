//! Trailing stops: a level comes in, a distance is kept, and the stop follows the market.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use sim_client::desk::Desk;

#[test]
fn a_trailing_stop_follows_the_market_and_never_goes_back() {
    let mut desk = Desk::moving();
    let last = desk.last();
    let id = desk.place(&format!(r#""type":5,"side":1,"size":1,"trailPrice":{}"#, last - 2.0));
    let row = desk.order(id);
    assert_eq!((row["trailDistance"].as_i64(), row["trailPrice"].as_f64()), (Some(8), Some(2.0)));
    assert_eq!(row["stopPrice"].as_f64(), Some(last - 2.0));
    desk.told();
    let (mut stop, mut moves) = (last - 2.0, 0);
    for _ in 0..40_000 {
        let told = desk.step(50);
        let order = desk.order_event(id);
        let now = order["stopPrice"].as_f64().unwrap();
        assert!(now >= stop, "{now} after {stop}");
        moves += i32::from(now > stop);
        stop = now;
        if told.contains(&"order 2".to_owned()) {
            break;
        }
        assert!(stop >= desk.last() - 2.0, "{stop} for {}", desk.last());
    }
    assert!(moves > 0, "the market never rose");
    let row = desk.order(id);
    assert!(row["filledPrice"].as_f64().unwrap() <= stop, "{row}");
    assert_eq!(desk.net(), -1);
}

#[test]
fn the_distance_is_checked_on_placing_and_less_so_on_changing() {
    let desk = Desk::still();
    let last = desk.last();
    let trail = |level: f64| desk.refused(&format!(r#""type":5,"side":0,"size":1,"trailPrice":{level}"#));
    assert_eq!(desk.refused(r#""type":5,"side":0,"size":1"#), (2, "Trail Distance not set.".into()));
    assert_eq!(trail(last), (2, "Trail Distance not set.".into()));
    assert_eq!(trail(last + 1.1), (2, "Invalid trail price. Price is not aligned to tick size.".into()));
    assert_eq!(trail(last + 250.25), (2, "Trail Distance exceeds maximum (1000)".into()));
    // A distance in place of a level is a very long way off.
    assert_eq!(trail(2.0), (2, "Trail Distance exceeds maximum (1000)".into()));

    let id = desk.place(&format!(r#""type":5,"side":0,"size":1,"trailPrice":{}"#, last + 250.0));
    assert_eq!(desk.order(id)["trailDistance"], 1000);
    assert_eq!(desk.modify(id, &format!(r#""trailPrice":{}"#, last + 300.0)).0, 0);
    let row = desk.order(id);
    assert_eq!((row["trailDistance"].as_i64(), row["stopPrice"].as_f64()), (Some(1200), Some(last + 300.0)));
    assert_eq!(desk.modify(id, &format!(r#""trailPrice":{}"#, last + 300.1)).0, 3);
    // However far, there is a price band.
    for level in [last * 3.0, 9e9] {
        let message = "Invalid price. Price is outside allowed range.";
        assert_eq!(desk.modify(id, &format!(r#""trailPrice":{level:.0}"#)), (3, message.into()));
    }
}
