//! Stop orders: accepted behind the market, set off when a trade touches them.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use serde_json::json;
use sim_client::desk::Desk;

#[test]
fn a_touched_stop_fills_at_the_market() {
    let mut desk = Desk::moving();
    for (side, away) in [(0, 1.0), (1, -1.0)] {
        let stop = desk.last() + away;
        let net = desk.net();
        let id = desk.place(&format!(r#""type":4,"side":{side},"size":1,"stopPrice":{stop}"#));
        assert_eq!(desk.told(), ["order 1", "account", "account"]);
        let row = desk.order(id);
        assert_eq!(
            (row["stopPrice"].as_f64(), &row["limitPrice"], &row["status"]),
            (Some(stop), &json!(null), &json!(1))
        );
        let told = desk.step_until("order 2");
        let row = desk.order(id);
        let filled = row["filledPrice"].as_f64().unwrap();
        assert!(if side == 0 { filled >= stop } else { filled <= stop }, "{row}");
        assert_eq!(row["updateTimestamp"], row["creationTimestamp"], "a fill is no update");
        assert_eq!(desk.net(), net + if side == 0 { 1 } else { -1 });
        if side == 0 {
            assert_eq!(told, ["trade", "order 2", "position 1 x 1", "account", "account"]);
        } else {
            // The opening half-turn is told again.
            let expected = ["trade with profit", "trade", "order 2", "position 0 x 0", "account", "account"];
            assert_eq!(told, expected);
        }
    }
}

#[test]
fn a_stop_on_the_wrong_side_or_off_the_grid_is_refused() {
    let desk = Desk::still();
    let last = desk.last();
    for (side, stop, message) in [
        (0, last, "Invalid stop price"),
        (0, last - 1.0, "Invalid stop price"),
        (1, last, "Invalid stop price"),
        (1, last + 1.0, "Invalid stop price"),
        (0, last + 1.1, "Invalid stop price. Price is not aligned to tick size."),
        (0, last * 4.0, "Invalid price. Price is outside allowed range."),
    ] {
        let (code, text) = desk.refused(&format!(r#""type":4,"side":{side},"size":1,"stopPrice":{stop}"#));
        assert!(code == 2 && text.starts_with(message), "{side} {stop}: {text}");
    }
    assert_eq!(desk.refused(r#""type":4,"side":0,"size":1"#).0, 2);

    let id = desk.place(&format!(r#""type":4,"side":0,"size":2,"stopPrice":{}"#, last + 5.0));
    let (code, text) = desk.modify(id, &format!(r#""stopPrice":{}"#, last - 5.0));
    assert!(code == 3 && text.starts_with("Invalid stop price"), "{text}");
    assert_eq!(desk.modify(id, &format!(r#""stopPrice":{},"size":1"#, last + 6.0)).0, 0);
    let row = desk.order(id);
    assert_eq!((row["stopPrice"].as_f64(), row["size"].as_i64()), (Some(last + 6.0), Some(1)));
    assert_eq!((desk.cancel(id), desk.cancel(id)), (0, 2));
}
