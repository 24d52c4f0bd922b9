//! The wire as it is written. Every member is optional: what must be there is checked by `map`, which can
//! name the missing one. Members that are not listed are passed over.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::signalr::Text;

/// A number by its digits, so that none is lost.
pub(super) type Digits<'a> = Option<&'a RawValue>;

/// What every response has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<'a> {
    pub(super) success: Option<bool>,
    pub(super) error_code: Option<i32>,
    #[serde(borrow)]
    pub(super) error_message: Option<Text<'a>>,
}

/// The problem details of HTTP 400.
#[derive(Debug, Deserialize)]
pub(super) struct Problem<'a> {
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) detail: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) errors: Option<&'a RawValue>,
}

// These have secrets in them, so they cannot be shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginKey<'a> {
    pub(super) user_name: &'a str,
    pub(super) api_key: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginApp<'a> {
    pub(super) user_name: &'a str,
    pub(super) password: &'a str,
    pub(super) device_id: &'a str,
    pub(super) app_id: &'a str,
    pub(super) verify_key: &'a str,
}

#[derive(Deserialize)]
pub(super) struct LoginAnswer<'a> {
    #[serde(borrow)]
    pub(super) token: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ValidateAnswer<'a> {
    #[serde(borrow)]
    pub(super) new_token: Option<Text<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetrieveBars<'a> {
    pub(super) contract_id: &'a str,
    pub(super) live: bool,
    pub(super) start_time: String,
    pub(super) end_time: String,
    pub(super) unit: i32,
    pub(super) unit_number: i32,
    pub(super) limit: u32,
    pub(super) include_partial_bar: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct BarList<'a> {
    #[serde(borrow)]
    pub(super) bars: Option<Vec<Bar<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Bar<'a> {
    #[serde(borrow)]
    pub(super) t: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) o: Digits<'a>,
    #[serde(borrow)]
    pub(super) h: Digits<'a>,
    #[serde(borrow)]
    pub(super) l: Digits<'a>,
    #[serde(borrow)]
    pub(super) c: Digits<'a>,
    #[serde(borrow)]
    pub(super) v: Digits<'a>,
    #[serde(borrow)]
    pub(super) d: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) k: Digits<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountSearch {
    pub(super) only_active_accounts: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct AccountList<'a> {
    #[serde(borrow)]
    pub(super) accounts: Option<Vec<Account<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account<'a> {
    #[serde(borrow)]
    pub(super) id: Digits<'a>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) balance: Digits<'a>,
    pub(super) can_trade: Option<bool>,
    pub(super) is_visible: Option<bool>,
    pub(super) simulated: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContractSearch<'a> {
    pub(super) search_text: &'a str,
    pub(super) live: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct ContractAvailable {
    pub(super) live: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContractById<'a> {
    pub(super) contract_id: &'a str,
}

/// `searchById` once answered with a list of one.
#[derive(Debug, Deserialize)]
pub(super) struct ContractAnswer<'a> {
    #[serde(borrow)]
    pub(super) contract: Option<Contract<'a>>,
    #[serde(borrow)]
    pub(super) contracts: Option<Vec<Contract<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contract<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tick_size: Digits<'a>,
    #[serde(borrow)]
    pub(super) tick_value: Digits<'a>,
    pub(super) active_contract: Option<bool>,
    #[serde(borrow)]
    pub(super) symbol_id: Option<Text<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlaceOrder<'a> {
    pub(super) account_id: i64,
    pub(super) contract_id: &'a str,
    #[serde(rename = "type")]
    pub(super) order_type: i32,
    pub(super) side: i32,
    pub(super) size: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit_price: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop_price: Option<Box<RawValue>>,
    /// A level, though the same member of an order that is read back is a distance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trail_price: Option<Box<RawValue>>,
    pub(super) custom_tag: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop_loss_bracket: Option<Bracket>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) take_profit_bracket: Option<Bracket>,
}

/// A leg: ticks from the fill with a sign, and the type of its order.
#[derive(Debug, Serialize)]
pub(super) struct Bracket {
    pub(super) ticks: i32,
    #[serde(rename = "type")]
    pub(super) order_type: i32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlaceAnswer<'a> {
    #[serde(borrow)]
    pub(super) order_id: Digits<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderSearch {
    pub(super) account_id: i64,
    pub(super) start_timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_timestamp: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderById {
    pub(super) account_id: i64,
    pub(super) order_id: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModifyOrder {
    pub(super) account_id: i64,
    pub(super) order_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit_price: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop_price: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trail_price: Option<Box<RawValue>>,
}

/// Whether a member that is off unless asked for can be left out.
fn is_false(asked: &bool) -> bool {
    !asked
}

/// A page of orders. `page_offset` counts rows, not pages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderQuery<'a> {
    pub(super) filter: OrderFilter<'a>,
    pub(super) page_size: u32,
    pub(super) page_offset: u32,
    pub(super) sort_by: i32,
    pub(super) sort_direction: i32,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) include_total_count: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderFilter<'a> {
    pub(super) account_id: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) statuses: Vec<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contract_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_before: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FillList<'a> {
    #[serde(borrow)]
    pub(super) trades: Option<Vec<Fill<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct OrderAnswer<'a> {
    #[serde(borrow)]
    pub(super) order: Option<Order<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderList<'a> {
    #[serde(borrow)]
    pub(super) orders: Option<Vec<Order<'a>>>,
    #[serde(borrow)]
    pub(super) total_count: Digits<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order<'a> {
    #[serde(borrow)]
    pub(super) id: Digits<'a>,
    #[serde(borrow)]
    pub(super) account_id: Digits<'a>,
    #[serde(borrow)]
    pub(super) contract_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) symbol_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) creation_timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) update_timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) status: Digits<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) order_type: Digits<'a>,
    #[serde(borrow)]
    pub(super) side: Digits<'a>,
    #[serde(borrow)]
    pub(super) size: Digits<'a>,
    #[serde(borrow)]
    pub(super) limit_price: Digits<'a>,
    #[serde(borrow)]
    pub(super) stop_price: Digits<'a>,
    #[serde(borrow)]
    pub(super) fill_volume: Digits<'a>,
    #[serde(borrow)]
    pub(super) filled_price: Digits<'a>,
    #[serde(borrow)]
    pub(super) custom_tag: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) trail_distance: Digits<'a>,
    #[serde(borrow)]
    pub(super) trail_price: Digits<'a>,
    #[serde(borrow)]
    pub(super) parent_order_id: Digits<'a>,
    #[serde(borrow)]
    pub(super) linked_order_id: Digits<'a>,
}

/// What lists of everything open are asked for with.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountOnly {
    pub(super) account_id: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClosePosition<'a> {
    pub(super) account_id: i64,
    pub(super) contract_id: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReducePosition<'a> {
    pub(super) account_id: i64,
    pub(super) contract_id: &'a str,
    pub(super) size: i32,
}

#[derive(Debug, Deserialize)]
pub(super) struct PositionList<'a> {
    #[serde(borrow)]
    pub(super) positions: Option<Vec<Position<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Position<'a> {
    #[serde(borrow)]
    pub(super) id: Digits<'a>,
    #[serde(borrow)]
    pub(super) account_id: Digits<'a>,
    #[serde(borrow)]
    pub(super) contract_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) contract_display_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) creation_timestamp: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    pub(super) side: Digits<'a>,
    #[serde(borrow)]
    pub(super) size: Digits<'a>,
    #[serde(borrow)]
    pub(super) average_price: Digits<'a>,
}

/// A fill; the gateway calls it a half-turn trade.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fill<'a> {
    #[serde(borrow)]
    pub(super) id: Digits<'a>,
    #[serde(borrow)]
    pub(super) account_id: Digits<'a>,
    #[serde(borrow)]
    pub(super) contract_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) creation_timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) price: Digits<'a>,
    #[serde(borrow)]
    pub(super) profit_and_loss: Digits<'a>,
    #[serde(borrow)]
    pub(super) fees: Digits<'a>,
    #[serde(borrow)]
    pub(super) commissions: Digits<'a>,
    #[serde(borrow)]
    pub(super) side: Digits<'a>,
    #[serde(borrow)]
    pub(super) size: Digits<'a>,
    pub(super) voided: Option<bool>,
    #[serde(borrow)]
    pub(super) order_id: Digits<'a>,
}

/// A user event in its envelope. The documentation shows the bare object; both come.
#[derive(Debug, Deserialize)]
pub(super) struct Action<'a> {
    #[serde(borrow)]
    pub(super) action: Digits<'a>,
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
}

/// The changed part of a quote.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quote<'a> {
    #[serde(borrow)]
    pub(super) best_bid: Digits<'a>,
    #[serde(borrow)]
    pub(super) best_ask: Digits<'a>,
    #[serde(borrow)]
    pub(super) last_price: Digits<'a>,
    #[serde(borrow)]
    pub(super) open: Digits<'a>,
    #[serde(borrow)]
    pub(super) high: Digits<'a>,
    #[serde(borrow)]
    pub(super) low: Digits<'a>,
    #[serde(borrow)]
    pub(super) change: Digits<'a>,
    #[serde(borrow)]
    pub(super) change_percent: Digits<'a>,
    #[serde(borrow)]
    pub(super) volume: Digits<'a>,
    #[serde(borrow)]
    pub(super) last_updated: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) timestamp: Option<Text<'a>>,
}

/// A trade of the market.
#[derive(Debug, Deserialize)]
pub(super) struct Trade<'a> {
    #[serde(borrow)]
    pub(super) price: Digits<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    pub(super) aggressor: Digits<'a>,
    #[serde(borrow)]
    pub(super) volume: Digits<'a>,
}

/// A record of the depth of market.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Depth<'a> {
    #[serde(borrow)]
    pub(super) timestamp: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Digits<'a>,
    #[serde(borrow)]
    pub(super) price: Digits<'a>,
    #[serde(borrow)]
    pub(super) volume: Digits<'a>,
    #[serde(borrow)]
    pub(super) current_volume: Digits<'a>,
}
