//! The shapes that sources disagree about, each with a switch.

use crate::error::{Error, Kind, Result};

/// How a simulator spells what the gateway's documentation and captures of it show differently.
///
/// The defaults are what captures show. Each field is also a switch by name, for the command line and for C:
/// see [`Shape::set`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How decimals are spelled. Defaults to [`Decimals::Short`].
    pub decimals: Decimals,
    /// Whether user events come as `{"action":n,"data":{…}}` and not as the bare object of the documentation.
    /// Defaults to true.
    pub enveloped_events: bool,
    /// Whether market trades and depth come as arrays and not as the single objects of the documentation.
    /// Defaults to true.
    pub array_events: bool,
    /// Whether a quote holds only what changed. Defaults to true.
    pub partial_quotes: bool,
    /// Whether now and then two hub records share a frame. Defaults to true.
    pub joined_records: bool,
    /// Whether the completion of a call has `"result":0`; else it has no result. Defaults to true.
    pub completion_result: bool,
    /// Whether account events come twice and the opening fill of a closed position comes again. Defaults to
    /// true.
    pub repeated_events: bool,
    /// Whether the size of a depth level stands in `volume`; else it stands in `currentVolume`, and `volume`
    /// is what traded there. Defaults to true.
    pub depth_size_in_volume: bool,
    /// Whether `GatewayLogout` has an argument. Defaults to true.
    pub logout_argument: bool,
    /// Whether the members are there that came after spring 2025: `symbolId`, `simulated`,
    /// `contractDisplayName`, `commissions`; else they are missing, and contracts have the names of that time,
    /// such as `ENQH25` for `NQH5`. Defaults to true.
    pub new_members: bool,
    /// Whether `Contract/searchById` answers with an object `contract`; else with an array `contracts`.
    /// Defaults to true.
    pub contract_object: bool,
    /// Whether a failed call has its payload member as `null`; else the member is left out. Defaults to true.
    pub null_payload: bool,
    /// Whether `Auth/validate` gives a new token; else `newToken` is `null`. Defaults to true.
    pub new_token: bool,
    /// Whether HTTP 429 comes with `Retry-After`. Defaults to true.
    pub retry_after: bool,
    /// Whether `Order/v2/query` heeds `contractId`. Defaults to true.
    pub contract_filter: bool,
    /// Whether the text about a tag in use goes on with the reason. Defaults to false.
    pub long_tag_message: bool,
    /// Whether cancelling or changing a finished order answers with code 2 (not found), 3 (rejected) or 5
    /// (unknown error). Defaults to 2.
    pub finished_order_code: i32,
    /// Whether an order to a closed market answers with code 2 and a message, or with code 5. Defaults to 2.
    pub closed_market_code: i32,
    /// Whether the legs of brackets are cancelled when their position becomes flat by another order; else they
    /// go on working and may open a position. Defaults to false.
    pub flatten_cancels_brackets: bool,
    /// Which ways lead to a hub. Defaults to [`WaysIn::Both`].
    pub ways_in: WaysIn,
    /// Whether another login ends the hub connections of the earlier ones with `GatewayLogout`. Defaults to
    /// false.
    pub login_displaces: bool,
    /// Whether a new connection to a hub ends the earlier ones with `GatewayLogout`. Defaults to false.
    pub connection_displaces: bool,
    /// Whether a hub connection ends with `GatewayLogout` when its token expires. Defaults to true.
    pub expiry_ends_hubs: bool,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape {
            decimals: Decimals::Short,
            enveloped_events: true,
            array_events: true,
            partial_quotes: true,
            joined_records: true,
            completion_result: true,
            repeated_events: true,
            depth_size_in_volume: true,
            logout_argument: true,
            new_members: true,
            contract_object: true,
            null_payload: true,
            new_token: true,
            retry_after: true,
            contract_filter: true,
            long_tag_message: false,
            finished_order_code: 2,
            closed_market_code: 2,
            flatten_cancels_brackets: false,
            ways_in: WaysIn::Both,
            login_displaces: false,
            connection_displaces: false,
            expiry_ends_hubs: true,
        }
    }
}

/// How decimals are spelled. Both forms are exact, and neither ever has an exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decimals {
    /// As few digits as needed: `6335.25`.
    #[default]
    Short,
    /// Nine digits after the point: `6335.250000000`.
    NineDigits,
}

/// Which ways lead to a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaysIn {
    /// By negotiation and without.
    #[default]
    Both,
    /// Only the upgrade without negotiation; `negotiate` is not found.
    Direct,
    /// Only with the id of a negotiation.
    Negotiated,
}

/// A switch: its name, the values it takes, and what they do.
type Switch = (&'static str, &'static [&'static str], fn(&mut Shape, &str));

const BOTH: &[&str] = &["true", "false"];

/// Every switch, in the order of the fields.
const SWITCHES: &[Switch] = &[
    ("decimals", &["short", "nine-digits"], |shape, value| {
        shape.decimals = if value == "short" { Decimals::Short } else { Decimals::NineDigits };
    }),
    ("enveloped_events", BOTH, |shape, value| shape.enveloped_events = value == "true"),
    ("array_events", BOTH, |shape, value| shape.array_events = value == "true"),
    ("partial_quotes", BOTH, |shape, value| shape.partial_quotes = value == "true"),
    ("joined_records", BOTH, |shape, value| shape.joined_records = value == "true"),
    ("completion_result", BOTH, |shape, value| shape.completion_result = value == "true"),
    ("repeated_events", BOTH, |shape, value| shape.repeated_events = value == "true"),
    ("depth_size_in_volume", BOTH, |shape, value| shape.depth_size_in_volume = value == "true"),
    ("logout_argument", BOTH, |shape, value| shape.logout_argument = value == "true"),
    ("new_members", BOTH, |shape, value| shape.new_members = value == "true"),
    ("contract_object", BOTH, |shape, value| shape.contract_object = value == "true"),
    ("null_payload", BOTH, |shape, value| shape.null_payload = value == "true"),
    ("new_token", BOTH, |shape, value| shape.new_token = value == "true"),
    ("retry_after", BOTH, |shape, value| shape.retry_after = value == "true"),
    ("contract_filter", BOTH, |shape, value| shape.contract_filter = value == "true"),
    ("long_tag_message", BOTH, |shape, value| shape.long_tag_message = value == "true"),
    ("finished_order_code", &["2", "3", "5"], |shape, value| {
        shape.finished_order_code = value.parse().unwrap_or(2);
    }),
    ("closed_market_code", &["2", "5"], |shape, value| {
        shape.closed_market_code = value.parse().unwrap_or(2);
    }),
    ("flatten_cancels_brackets", BOTH, |shape, value| shape.flatten_cancels_brackets = value == "true"),
    ("ways_in", &["both", "direct", "negotiated"], |shape, value| {
        shape.ways_in = match value {
            "direct" => WaysIn::Direct,
            "negotiated" => WaysIn::Negotiated,
            _ => WaysIn::Both,
        };
    }),
    ("login_displaces", BOTH, |shape, value| shape.login_displaces = value == "true"),
    ("connection_displaces", BOTH, |shape, value| shape.connection_displaces = value == "true"),
    ("expiry_ends_hubs", BOTH, |shape, value| shape.expiry_ends_hubs = value == "true"),
];

impl Shape {
    /// Turns switches by name: `array_events=false`, or several with commas between them. Names are those of
    /// the fields; `decimals` takes `short` and `nine-digits`, `ways_in` takes `both`, `direct` and
    /// `negotiated`.
    ///
    /// # Errors
    /// [`Kind::Argument`] for an unknown name or value; the text lists what there is.
    pub fn set(&mut self, switches: &str) -> Result<()> {
        let refused = |message: String| Err(Error::new(Kind::Argument, message));
        for part in switches.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim(), value.trim());
            let Some((_, values, turn)) = SWITCHES.iter().find(|(known, ..)| *known == name) else {
                let names: Vec<&str> = SWITCHES.iter().map(|(name, ..)| *name).collect();
                return refused(format!("no shape is called {name:?}; there are {}", names.join(", ")));
            };
            if !values.contains(&value) {
                return refused(format!("the shape {name} takes {}, not {value:?}", values.join(" or ")));
            }
            turn(self, value);
        }
        Ok(())
    }

    /// The names of all switches with the values they take.
    pub fn switches() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
        SWITCHES.iter().map(|(name, values, _)| (*name, *values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_changes_something_and_back() {
        for (name, values) in Shape::switches() {
            let shapes: Vec<Shape> = values
                .iter()
                .map(|value| {
                    let mut shape = Shape::default();
                    shape.set(&format!("{name}={value}")).unwrap();
                    shape
                })
                .collect();
            assert!(shapes.contains(&Shape::default()), "{name} cannot be left alone");
            for (index, shape) in shapes.iter().enumerate() {
                assert!(!shapes[..index].contains(shape), "{name}={} does nothing", values[index]);
            }
        }
    }

    #[test]
    fn every_field_has_a_switch() {
        let fields = format!("{:?}", Shape::default()).matches(": ").count();
        assert_eq!(Shape::switches().count(), fields);
    }

    #[test]
    fn several_switches_and_bad_ones() {
        let mut shape = Shape::default();
        shape.set("array_events=false, decimals=nine-digits,").unwrap();
        assert!(!shape.array_events && shape.decimals == Decimals::NineDigits);
        for (bad, what) in
            [("arrays=false", "array_events"), ("decimals=long", "nine-digits"), ("decimals", "short")]
        {
            let error = shape.set(bad).unwrap_err();
            assert!(error.kind() == Kind::Argument && error.to_string().contains(what), "{error}");
        }
    }
}
