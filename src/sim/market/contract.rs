//! Contracts: products with an expiry, found by id or by text.

use std::sync::Arc;

use time::{Date, Month, OffsetDateTime};

use crate::clock::Timestamp;
use crate::sim::market::products::{Cycle, PRODUCTS, Product, Roll};
use crate::sim::wire::json::{Json, Value};

/// The letter of each month, January first.
const MONTH_LETTERS: &[u8; 12] = b"FGHJKMNQUVXZ";

/// At most this many contracts answer a search.
const SEARCH_LIMIT: usize = 20;

/// How many expired contracts of each product are known: a year of quarters.
const EXPIRED: usize = 4;

/// A product with its expiry.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Contract {
    /// Place in the [`Catalog`].
    pub(in crate::sim) index: usize,
    /// `CON.F.US.MES.Z26`.
    pub(in crate::sim) id: String,
    /// `MESZ6`.
    pub(in crate::sim) name: String,
    /// `Micro E-mini S&P 500: December 2026`.
    pub(in crate::sim) description: String,
    /// `F.US.MES`.
    pub(in crate::sim) symbol_id: String,
    /// `/MES`.
    pub(in crate::sim) symbol_name: String,
    /// `MESZ26`, as positions call it.
    pub(in crate::sim) display_name: String,
    /// Whether it is the front month; only that one trades.
    pub(in crate::sim) is_active: bool,
    /// The first day on which another month is the front.
    pub(in crate::sim) roll_day: Date,
    /// What it is a future on.
    pub(in crate::sim) product: &'static Product,
}

impl Contract {
    fn new(index: usize, product: &'static Product, expiry: Expiry, is_active: bool) -> Contract {
        let letter = expiry.letter();
        let (code, root) = (product.code, product.root);
        let (short, long) = (expiry.year.rem_euclid(10), expiry.year.rem_euclid(100));
        Contract {
            index,
            id: format!("CON.F.US.{code}.{letter}{long:02}"),
            name: format!("{root}{letter}{short}"),
            description: format!("{}: {} {}", product.title, expiry.month, expiry.year),
            symbol_id: format!("F.US.{code}"),
            symbol_name: format!("/{root}"),
            display_name: format!("{root}{letter}{long:02}"),
            is_active,
            roll_day: expiry.roll_day(product.cycle.roll),
            product,
        }
    }

    /// The contract with this id, which stands in no catalog.
    pub(in crate::sim) fn named(id: &str) -> Option<Contract> {
        let (code, month) = id.strip_prefix("CON.F.US.")?.split_once('.')?;
        let product = PRODUCTS.iter().find(|product| product.code == code)?;
        let mut letters = month.chars();
        let letter = letters.next().and_then(|letter| u8::try_from(letter).ok())?;
        let place = MONTH_LETTERS.iter().position(|known| *known == letter)?;
        let year: u8 = letters.as_str().parse().ok()?;
        let month = Month::try_from(u8::try_from(place).ok()? + 1).ok()?;
        let contract =
            Contract::new(usize::MAX, product, Expiry { year: 2000 + i32::from(year), month }, false);
        (contract.id == id).then_some(contract)
    }

    fn matches(&self, lower_text: &str) -> bool {
        [&self.name, &self.id, &self.description]
            .into_iter()
            .any(|field| field.to_lowercase().contains(lower_text))
    }
}

impl Contract {
    /// `MESZ26`: product and month of the id, as contracts were named until mid-2025.
    fn former_name(&self) -> String {
        self.id.trim_start_matches("CON.F.US.").replace('.', "")
    }
}

impl Value for Contract {
    fn write(&self, json: &mut Json) {
        json.object(|object| {
            let is_new = object.shape().new_members;
            object
                .member("id", &self.id)
                .member("name", if is_new { self.name.clone() } else { self.former_name() })
                .member("description", &self.description)
                .member("tickSize", self.product.tick_size)
                .member("tickValue", self.product.tick_value)
                .member("activeContract", self.is_active)
                .new_member("symbolId", &self.symbol_id);
        });
    }
}

/// The month in which a contract expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Expiry {
    year: i32,
    month: Month,
}

impl Expiry {
    fn previous_month(self) -> Expiry {
        let month = self.month.previous();
        Expiry { year: self.year - i32::from(month == Month::December), month }
    }

    fn next_month(self) -> Expiry {
        let month = self.month.next();
        Expiry { year: self.year + i32::from(month == Month::January), month }
    }

    fn day(self, day: u8) -> Date {
        // Every month has the days that the roll rules name.
        Date::from_calendar_date(self.year, self.month, day).unwrap_or(Date::MAX)
    }

    /// The letter of its month.
    fn letter(self) -> char {
        char::from(MONTH_LETTERS[usize::from(self.month as u8 - 1)])
    }

    fn is_listed(self, cycle: Cycle) -> bool {
        cycle.months.contains(self.letter())
    }

    /// The first day on which this expiry is no longer the front.
    fn roll_day(self, roll: Roll) -> Date {
        match roll {
            // The third Friday is the 15th at the earliest, so its Monday lies between the 11th and the 17th.
            Roll::ThirdFridayWeek => monday_before(self.day(21)),
            Roll::LastFridayWeek => monday_before(self.day(self.month.length(self.year))),
            Roll::DayOfMonthBefore(day) => self.previous_month().day(day),
        }
    }
}

/// The Monday before the last Friday up to and including `latest`.
fn monday_before(latest: Date) -> Date {
    let since_friday = (latest.weekday().number_days_from_monday() + 3) % 7;
    latest.saturating_sub(time::Duration::days(i64::from(since_friday) + 4))
}

/// The listed month before `expiry`.
fn listed_before(cycle: Cycle, expiry: Expiry) -> Expiry {
    let mut before = expiry.previous_month();
    while !before.is_listed(cycle) {
        before = before.previous_month();
    }
    before
}

/// The front month at `today`.
fn front(cycle: Cycle, today: Date) -> Expiry {
    let mut front = Expiry { year: today.year(), month: today.month() };
    while !front.is_listed(cycle) || today >= front.roll_day(cycle.roll) {
        front = front.next_month();
    }
    front
}

/// All contracts that the simulator knows: of each product the front month and the last that expired.
#[derive(Debug)]
pub(in crate::sim) struct Catalog(Vec<Arc<Contract>>);

impl Catalog {
    /// The contracts as of `now`. A simulator keeps them while it runs.
    pub(in crate::sim) fn at(now: Timestamp) -> Catalog {
        let seconds = now.seconds();
        let today = OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MIN, OffsetDateTime::date);
        let mut contracts = Vec::new();
        for product in &PRODUCTS {
            let mut expiry = front(product.cycle, today);
            contracts.push(Arc::new(Contract::new(contracts.len(), product, expiry, true)));
            for _ in 0..EXPIRED {
                expiry = listed_before(product.cycle, expiry);
                contracts.push(Arc::new(Contract::new(contracts.len(), product, expiry, false)));
            }
        }
        Catalog(contracts)
    }

    /// Adds the contract with this id as one that trades, unless it is there; false when its product is not
    /// known.
    pub(in crate::sim) fn list(&mut self, id: &str) -> bool {
        if self.by_id(id).is_some() {
            return true;
        }
        let Some(contract) = Contract::named(id) else { return false };
        self.0.push(Arc::new(Contract { index: self.0.len(), is_active: true, ..contract }));
        true
    }

    /// Every contract, in the order of their index.
    pub(in crate::sim) fn all(&self) -> &[Arc<Contract>] {
        &self.0
    }

    /// The contract with exactly this id.
    pub(in crate::sim) fn by_id(&self, id: &str) -> Option<&Arc<Contract>> {
        self.0.iter().find(|contract| contract.id == id)
    }

    /// This catalog's contract with the id of `contract`, which joins as an expired one if it is not there.
    pub(in crate::sim) fn adopt(&mut self, contract: &Contract) -> Arc<Contract> {
        if let Some(known) = self.by_id(&contract.id) {
            return known.clone();
        }
        let adopted = Arc::new(Contract { index: self.0.len(), is_active: false, ..contract.clone() });
        self.0.push(adopted.clone());
        adopted
    }

    /// The active contract of a product code.
    pub(in crate::sim) fn front(&self, code: &str) -> Option<&Arc<Contract>> {
        self.active().find(|contract| contract.product.code == code)
    }

    /// The active contracts, in the order of their ids.
    pub(in crate::sim) fn active(&self) -> impl Iterator<Item = &Arc<Contract>> {
        self.0.iter().filter(|contract| contract.is_active)
    }

    /// The active contracts whose name, id or description holds `text` in any case, twenty at most.
    pub(in crate::sim) fn search(&self, text: &str) -> Vec<&Arc<Contract>> {
        let lower = text.trim().to_lowercase();
        self.active().filter(|contract| contract.matches(&lower)).take(SEARCH_LIMIT).collect()
    }
}

/// Contracts are kept by their ids and find their catalog again by [`Catalog::adopt`].
pub(in crate::sim) mod by_id {
    use std::sync::Arc;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Contract;

    pub(in crate::sim) fn serialize<S: Serializer>(
        contract: &Arc<Contract>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&contract.id)
    }

    pub(in crate::sim) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<Contract>, D::Error> {
        let id = String::deserialize(deserializer)?;
        let contract =
            Contract::named(&id).ok_or_else(|| Error::custom(format!("no contract is called {id:?}")))?;
        Ok(Arc::new(contract))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::shape::Shape;
    use crate::sim::wire::json::Style;

    fn catalog(day: &str) -> Catalog {
        Catalog::at(Timestamp::parse(&format!("{day}T12:00:00Z")).unwrap())
    }

    #[test]
    fn the_front_month_follows_the_calendar() {
        for (day, code, name) in [
            ("2026-11-21", "MES", "MESZ6"),
            ("2026-11-21", "CLE", "CLF7"),
            ("2026-11-21", "GCE", "GCZ6"),
            ("2026-11-21", "USA", "ZBZ6"),
            ("2026-11-25", "USA", "ZBH7"),
            ("2026-11-26", "GCE", "GCG7"),
            ("2026-12-13", "EP", "ESZ6"),
            ("2026-12-14", "EP", "ESH7"),
            ("2026-12-31", "JY6", "6JH7"),
            ("2026-08-19", "CLE", "CLV6"),
            ("2027-01-01", "CLE", "CLG7"),
        ] {
            assert_eq!(catalog(day).front(code).unwrap().name, name, "{day} {code}");
        }
    }

    #[test]
    fn front_months_are_those_of_the_exchange() {
        // As they stood on a day in August.
        let catalog = catalog("2026-08-19");
        let names = "ESU6 MESU6 NQU6 MNQU6 YMU6 MYMU6 RTYU6 M2KU6 NKDU6 MBTQ6 METQ6 CLV6 \
             MCLV6 QMV6 NGU6 QGU6 MNGU6 RBV6 HOV6 GCZ6 MGCZ6 SIU6 SILU6 HGU6 \
             MHGU6 PLV6 6AU6 M6AU6 6BU6 M6BU6 6EU6 M6EU6 E7U6 6CU6 6JU6 6SU6 \
             6NU6 6MU6 ZTU6 ZFU6 ZNU6 TNU6 ZBU6 UBU6 ZCZ6 ZWZ6 ZSX6 ZMZ6 \
             ZLZ6 LEV6 HEV6";
        let known: Vec<&str> = names.split_whitespace().collect();
        for name in &known {
            assert!(catalog.active().any(|contract| contract.name == *name), "{name}");
        }
        // The E-mini MidCap was not among them.
        assert_eq!(known.len() + 1, catalog.active().count());
    }

    #[test]
    fn names_follow_the_grammar() {
        let catalog = catalog("2026-11-21");
        let contract = catalog.by_id("CON.F.US.EP.Z26").unwrap();
        assert_eq!(
            Json::text(Style::rest(Shape::default()), &**contract),
            r#"{"id":"CON.F.US.EP.Z26","name":"ESZ6","description":"E-Mini S&P 500: December 2026","tickSize":0.25,"tickValue":12.5,"activeContract":true,"symbolId":"F.US.EP"}"#
        );
        assert_eq!(contract.display_name, "ESZ26");
        let expired = catalog.by_id("CON.F.US.EP.U26").unwrap();
        assert!(!expired.is_active);
        assert!(catalog.by_id("con.f.us.ep.z26").is_none());
        let ids: Vec<&String> = catalog.active().map(|contract| &contract.id).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn a_contract_is_found_again_by_its_id() {
        let mut catalog = catalog("2026-11-21");
        let count = catalog.all().len();
        for contract in catalog.all().to_vec() {
            let named = Contract::named(&contract.id).unwrap();
            assert_eq!((&named.name, &named.description), (&contract.name, &contract.description));
            assert_eq!(catalog.adopt(&named).index, contract.index);
        }
        let old = Contract::named("CON.F.US.EP.H19").unwrap();
        assert_eq!((old.name.as_str(), catalog.adopt(&old).index), ("ESH9", count));
        assert_eq!(catalog.adopt(&old).index, count);
        assert!(catalog.list("CON.F.US.EP.H31") && catalog.list("CON.F.US.EP.H31") && !catalog.list("EP"));
        assert!(catalog.all()[count + 1].is_active && catalog.all().len() == count + 2);
        for bad in
            ["", "CON.F.US.EP", "CON.F.US.EP.Z", "CON.F.US.EP.Z6", "CON.F.US.EP.A26", "CON.F.US.XX.Z26"]
        {
            assert!(Contract::named(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_search_looks_into_names_ids_and_descriptions() {
        let catalog = catalog("2026-11-21");
        let found = |text: &str| -> Vec<&str> {
            catalog.search(text).into_iter().map(|contract| contract.product.code).collect()
        };
        assert_eq!(found("nq"), ["ENQ", "MNQ", "NQG", "NQM"]);
        assert_eq!(found("ES"), ["EP", "FVA", "JY6", "MES", "MX6", "TYA"]);
        assert_eq!(found("CON.F.US.GCE.Z26"), ["GCE"]);
        assert_eq!(found("").len(), SEARCH_LIMIT);
        assert!(found("zzz").is_empty());
    }
}
