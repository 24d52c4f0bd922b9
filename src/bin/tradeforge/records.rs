//! How accounts, contracts, bars, orders, fills and positions are shown.

use tradeforge::CancelOutcome;
use tradeforge::model::{Account, Bar, CancelReport, Contract, Fill, Order, Position};

use crate::json::Object;
use crate::output::Record;
use crate::table::Column;
use crate::text::{self, optional, words};

impl Record for Account {
    const COLUMNS: &'static [Column] = &[
        Column::number("id"),
        Column::text("name"),
        Column::number("balance"),
        Column::text("trading"),
        Column::text("shown"),
        Column::text("orders"),
    ];
    const NONE: &'static str = "no accounts";

    fn row(&self) -> Vec<String> {
        let orders = self.simulated.map(|simulated| if simulated { "simulated" } else { "real" });
        vec![
            self.id.to_string(),
            self.name.clone(),
            optional(self.balance),
            if self.can_trade { "allowed" } else { "locked" }.into(),
            if self.is_visible { "yes" } else { "no" }.into(),
            optional(orders),
        ]
    }

    fn json(&self) -> Object {
        Object::new()
            .with("id", self.id)
            .with("name", &self.name)
            .with("balance", self.balance)
            .with("canTrade", self.can_trade)
            .with("isVisible", self.is_visible)
            .with("simulated", self.simulated)
    }
}

impl Record for Contract {
    const COLUMNS: &'static [Column] = &[
        Column::text("id"),
        Column::text("name"),
        Column::number("tick"),
        Column::number("tick value"),
        Column::text("active"),
        Column::text("description"),
    ];
    const NONE: &'static str = "no contracts found";

    fn row(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.name.clone(),
            self.tick_size.to_string(),
            self.tick_value.to_string(),
            if self.is_active { "yes" } else { "no" }.into(),
            self.description.clone(),
        ]
    }

    fn json(&self) -> Object {
        Object::new()
            .with("id", &self.id)
            .with("name", &self.name)
            .with("description", &self.description)
            .with("tickSize", self.tick_size)
            .with("tickValue", self.tick_value)
            .with("activeContract", self.is_active)
            .with("symbolId", self.symbol_id.as_ref())
    }
}

impl Record for Bar {
    const COLUMNS: &'static [Column] = &[
        Column::text("start (UTC)"),
        Column::number("open"),
        Column::number("high"),
        Column::number("low"),
        Column::number("close"),
        Column::number("volume"),
    ];
    const NONE: &'static str = "no bars";

    fn row(&self) -> Vec<String> {
        vec![
            text::time(self.start),
            self.open.to_string(),
            self.high.to_string(),
            self.low.to_string(),
            self.close.to_string(),
            self.volume.to_string(),
        ]
    }

    fn json(&self) -> Object {
        Object::new()
            .with("t", self.start)
            .with("o", self.open)
            .with("h", self.high)
            .with("l", self.low)
            .with("c", self.close)
            .with("v", self.volume)
            .with("d", self.day)
            .with("k", self.k)
    }
}

impl Record for Order {
    const COLUMNS: &'static [Column] = &[
        Column::number("id"),
        Column::text("made (UTC)"),
        Column::text("contract"),
        Column::text("side"),
        Column::text("type"),
        Column::number("size"),
        Column::number("limit"),
        Column::number("stop"),
        Column::text("status"),
        Column::number("filled"),
        Column::number("at"),
        Column::text("tag"),
    ];
    const NONE: &'static str = "no orders";

    fn row(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            optional(self.created.map(text::time)),
            self.contract.to_string(),
            text::side(self.side),
            words(self.order_type.name(), self.order_type.code()),
            self.size.to_string(),
            optional(self.limit_price),
            optional(self.stop_price),
            words(self.status.name(), self.status.code()),
            optional(self.fill_volume),
            optional(self.filled_price),
            optional(self.client_tag.as_ref()),
        ]
    }

    fn json(&self) -> Object {
        Object::new()
            .with("id", self.id)
            .with("accountId", self.account)
            .with("contractId", &self.contract)
            .with("symbolId", self.symbol_id.as_ref())
            .with("creationTimestamp", self.created)
            .with("updateTimestamp", self.updated)
            .with("status", self.status.code())
            .with("type", self.order_type.code())
            .with("side", self.side.code())
            .with("size", self.size)
            .with("limitPrice", self.limit_price)
            .with("stopPrice", self.stop_price)
            .with("fillVolume", self.fill_volume)
            .with("filledPrice", self.filled_price)
            .with("customTag", self.client_tag.as_ref())
            .with("trailDistance", self.trail_distance)
            .with("trailPrice", self.trail_price)
            .with("parentOrderId", self.parent)
            .with("linkedOrderId", self.linked)
    }
}

impl Record for CancelReport {
    const COLUMNS: &'static [Column] = &[
        Column::number("id"),
        Column::text("contract"),
        Column::text("cancel"),
        Column::text("status"),
        Column::number("filled"),
        Column::text("tag"),
        Column::text("why"),
    ];
    const NONE: &'static str = "there was no order to cancel";

    fn row(&self) -> Vec<String> {
        let (name, order, why) = cancelled(self);
        vec![
            order.id.to_string(),
            order.contract.to_string(),
            name.into(),
            words(order.status.name(), order.status.code()),
            optional(order.fill_volume),
            optional(order.client_tag.as_ref()),
            optional(why),
        ]
    }

    fn json(&self) -> Object {
        let (name, order, why) = cancelled(self);
        order.json().with("outcome", name).with("message", why.as_ref())
    }
}

/// The name of what a cancel came to, the order as it was last seen, and what went wrong.
fn cancelled(report: &CancelReport) -> (&'static str, &Order, Option<String>) {
    match &report.outcome {
        CancelOutcome::Confirmed(order) => ("confirmed", order, None),
        CancelOutcome::FilledFirst(order) => ("filled first", order, None),
        CancelOutcome::Unconfirmed(error) => ("unconfirmed", &report.order, Some(error.to_string())),
        CancelOutcome::Failed(error) => ("failed", &report.order, Some(error.to_string())),
    }
}

impl Record for Fill {
    const COLUMNS: &'static [Column] = &[
        Column::number("id"),
        Column::text("time (UTC)"),
        Column::text("contract"),
        Column::text("side"),
        Column::number("size"),
        Column::number("price"),
        Column::number("result"),
        Column::number("fees"),
        Column::number("commissions"),
        Column::number("order"),
        Column::text("note"),
    ];
    const NONE: &'static str = "no fills";

    fn row(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            optional(self.created.map(text::time)),
            self.contract.to_string(),
            text::side(self.side),
            self.size.to_string(),
            self.price.to_string(),
            optional(self.profit_and_loss),
            self.fees.to_string(),
            optional(self.commissions),
            self.order.to_string(),
            if self.voided { "undone" } else { "" }.into(),
        ]
    }

    fn json(&self) -> Object {
        Object::new()
            .with("id", self.id)
            .with("accountId", self.account)
            .with("contractId", &self.contract)
            .with("creationTimestamp", self.created)
            .with("price", self.price)
            .with("profitAndLoss", self.profit_and_loss)
            .with("fees", self.fees)
            .with("commissions", self.commissions)
            .with("side", self.side.code())
            .with("size", self.size)
            .with("voided", self.voided)
            .with("orderId", self.order)
    }
}

impl Record for Position {
    const COLUMNS: &'static [Column] = &[
        Column::number("id"),
        Column::text("contract"),
        Column::text("name"),
        Column::text("side"),
        Column::number("size"),
        Column::number("average"),
        Column::text("opened (UTC)"),
    ];
    const NONE: &'static str = "no open positions";

    fn row(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.contract.to_string(),
            optional(self.display_name.as_ref()),
            words(self.side.name(), self.side.code()),
            self.size.to_string(),
            self.average_price.to_string(),
            optional(self.created.map(text::time)),
        ]
    }

    fn json(&self) -> Object {
        Object::new()
            .with("id", self.id)
            .with("accountId", self.account)
            .with("contractId", &self.contract)
            .with("contractDisplayName", self.display_name.as_ref())
            .with("creationTimestamp", self.created)
            .with("type", self.side.code())
            .with("size", self.size)
            .with("averagePrice", self.average_price)
    }
}

#[cfg(test)]
mod tests {
    use tradeforge::model::{Date, PositionSide, Volume};
    use tradeforge::{Money, OrderStatus, OrderType, Price, Side, Timestamp};

    use super::*;

    fn price(text: &str) -> Option<Price> {
        Price::parse(text).ok()
    }

    fn order() -> Order {
        Order {
            id: 3_408_995_735.into(),
            account: 704.into(),
            contract: "CON.F.US.EP.U25".into(),
            symbol_id: Some("F.US.EP".into()),
            created: Timestamp::parse("2025-07-18T21:00:01.268009+00:00"),
            updated: None,
            status: OrderStatus::Filled,
            order_type: OrderType::Limit,
            side: Side::Sell,
            size: 1,
            limit_price: price("6335.250000000"),
            stop_price: None,
            fill_volume: Some(1),
            filled_price: price("6335.5"),
            client_tag: Some("a \"tag\"".into()),
            trail_distance: None,
            trail_price: None,
            parent: None,
            linked: None,
        }
    }

    #[test]
    fn an_order_mirrors_the_wire() {
        assert_eq!(
            order().json().to_string(),
            r#"{"id":3408995735,"accountId":704,"contractId":"CON.F.US.EP.U25","symbolId":"F.US.EP","creationTimestamp":"2025-07-18T21:00:01.268009Z","status":2,"type":1,"side":1,"size":1,"limitPrice":"6335.25","fillVolume":1,"filledPrice":"6335.5","customTag":"a \"tag\""}"#
        );
    }

    #[test]
    fn a_bar_mirrors_the_wire() {
        let [open, high, low, close] =
            ["2208.100000000", "2217.0", "2206.7", "2210.1"].map(|text| Price::parse(text).unwrap());
        let bar = Bar {
            start: Timestamp::parse("2024-12-20T14:00:00+00:00").unwrap(),
            open,
            high,
            low,
            close,
            volume: Volume::new(9_007_199_254_740_993),
            day: Date::parse("2024-12-20"),
            k: None,
        };
        assert_eq!(
            bar.json().to_string(),
            r#"{"t":"2024-12-20T14:00:00Z","o":"2208.1","h":"2217","l":"2206.7","c":"2210.1","v":9007199254740993,"d":"2024-12-20"}"#
        );
    }

    #[test]
    fn a_position_mirrors_the_wire() {
        let position = Position {
            id: 6124.into(),
            account: 536.into(),
            contract: "CON.F.US.GMET.J25".into(),
            display_name: None,
            created: Timestamp::parse("2025-04-21T19:52:32Z"),
            side: PositionSide::Short,
            size: 2,
            average_price: Price::parse("1575.75").unwrap(),
        };
        assert_eq!(
            position.json().to_string(),
            r#"{"id":6124,"accountId":536,"contractId":"CON.F.US.GMET.J25","creationTimestamp":"2025-04-21T19:52:32Z","type":2,"size":2,"averagePrice":"1575.75"}"#
        );
    }

    #[test]
    fn an_account_and_a_contract_mirror_the_wire() {
        let account = Account {
            id: 1.into(),
            name: "TEST_ACCOUNT_1".into(),
            balance: Money::parse("50000.00").ok(),
            can_trade: true,
            is_visible: false,
            simulated: None,
        };
        assert_eq!(
            account.json().to_string(),
            r#"{"id":1,"name":"TEST_ACCOUNT_1","balance":"50000","canTrade":true,"isVisible":false}"#
        );
        let contract = Contract {
            id: "CON.F.US.JY6.Z26".into(),
            name: "6JZ6".into(),
            description: "Japanese Yen (Globex): December 2026".into(),
            tick_size: Price::parse("5e-7").unwrap(),
            tick_value: Money::parse("6.25").unwrap(),
            is_active: true,
            symbol_id: Some("F.US.JY6".into()),
        };
        assert_eq!(
            contract.json().to_string(),
            r#"{"id":"CON.F.US.JY6.Z26","name":"6JZ6","description":"Japanese Yen (Globex): December 2026","tickSize":"0.0000005","tickValue":"6.25","activeContract":true,"symbolId":"F.US.JY6"}"#
        );
    }

    #[test]
    fn rows_fit_their_columns() {
        assert_eq!(order().row().len(), Order::COLUMNS.len());
        assert_eq!(order().row()[1], "2025-07-18 21:00:01.268");
    }
}
