//! Contracts as the gateway lists them, read as products with an expiry.

use super::expiry::{self, Expiry};
use super::products::{self, Product};
use crate::model::Contract;

/// A contract and what its names tell.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    pub(super) contract: &'a Contract,
    /// The gateway's code of the product: `EP`.
    pub(super) code: String,
    /// The exchange's root, if the name has the form: `ES`.
    root: Option<String>,
    /// The month; `None` when neither id nor name tells.
    pub(super) expiry: Option<Expiry>,
    /// What is known of the product.
    pub(super) product: Option<&'static Product>,
}

impl<'a> Listed<'a> {
    /// Reads a contract. `this_year` tells which year one digit means.
    pub(super) fn read(contract: &'a Contract, this_year: i32) -> Listed<'a> {
        let name = contract.name.to_ascii_uppercase();
        let split_name = expiry::split(&name);
        let id = contract.id.as_str().to_ascii_uppercase();
        // CON.F.US.EP.Z26
        let (product_part, month_part) = id.rsplit_once('.').unwrap_or((&id, ""));
        let code = match &contract.symbol_id {
            Some(symbol_id) => symbol_id.to_ascii_uppercase(),
            None => product_part.to_owned(),
        };
        let code = code.rsplit('.').next().unwrap_or_default().to_owned();
        let in_id = expiry::split(&format!("-{month_part}")).map(|(_, letter, year)| (letter, year));
        let in_name = split_name.map(|(_, letter, year)| (letter, year));
        let expiry = in_id.or(in_name).and_then(|(letter, year)| Expiry::new(letter, year.near(this_year)));
        let root = split_name.map(|(root, ..)| root.to_owned());
        let product = products::named(&code).or_else(|| products::named(root.as_deref()?));
        Listed { contract, code, root, expiry, product }
    }

    /// Whether its product is called this, by exchange or gateway.
    pub(super) fn is_of(&self, product: &str) -> bool {
        let is_known = || self.product.is_some_and(|known| [known.root, known.code].contains(&product));
        self.code == product || self.root.as_deref() == Some(product) || is_known()
    }

    /// Whether the gateway calls it exactly this.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.contract.name.eq_ignore_ascii_case(name)
    }

    /// Whether its product has this id.
    pub(super) fn has_symbol_id(&self, symbol_id: &str) -> bool {
        match &self.contract.symbol_id {
            Some(known) => known.eq_ignore_ascii_case(symbol_id),
            None => self.contract.id.as_str().to_ascii_uppercase().contains(&format!(".{symbol_id}.")),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::price::{Money, Price};

    /// A contract as the gateway lists it now, or as it did in 2025 without a symbol id.
    pub(in super::super) fn contract(id: &str, name: &str, symbol_id: Option<&str>) -> Contract {
        Contract {
            id: id.into(),
            name: name.into(),
            description: String::new(),
            tick_size: Price::ZERO,
            tick_value: Money::ZERO,
            is_active: true,
            symbol_id: symbol_id.map(str::to_owned),
        }
    }

    #[test]
    fn both_shapes_are_read() {
        let now = contract("CON.F.US.EP.Z26", "ESZ6", Some("F.US.EP"));
        let then = contract("CON.F.US.ENQ.H25", "ENQH25", None);
        for (contract, names, symbol_id, month) in
            [(&now, ["ES", "EP"], "F.US.EP", (b'Z', 2026)), (&then, ["NQ", "ENQ"], "F.US.ENQ", (b'H', 2025))]
        {
            let listed = Listed::read(contract, 2026);
            assert!(names.iter().all(|name| listed.is_of(name)) && !listed.is_of("MES"), "{listed:?}");
            assert!(listed.has_symbol_id(symbol_id) && !listed.has_symbol_id("F.US.E"), "{listed:?}");
            assert_eq!(listed.expiry, Expiry::new(month.0, month.1));
        }
        let odd = contract("X-17", "WHEAT SPOT", Some("F.US.ODD"));
        let odd = Listed::read(&odd, 2026);
        assert!(odd.is_of("ODD") && odd.is_called("wheat spot") && odd.expiry.is_none());
    }
}
