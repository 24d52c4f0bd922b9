//! What a program means by a name.

use super::expiry::{self, Year};
use super::products;
use crate::error::{Error, Kind, Result};
use crate::model::ContractId;

/// A name, read in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The id of a contract.
    Id(ContractId),
    /// The id of a product: `F.US.EP`.
    SymbolId(String),
    /// A product by the exchange's root or the gateway's code, or a contract that the gateway calls exactly
    /// this; with the month that the name may also mean.
    Name(String, Option<WantedMonth>),
}

/// A product and a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WantedMonth {
    pub(super) product: String,
    pub(super) letter: u8,
    pub(super) year: Year,
}

impl Wanted {
    /// Reads a name.
    ///
    /// # Errors
    /// [`Kind::Argument`] for what cannot be one.
    pub(super) fn parse(symbol: &str) -> Result<Wanted> {
        /// No name is longer.
        const LONGEST: usize = 64;
        let name = symbol.trim().to_ascii_uppercase();
        let name = name.strip_prefix('/').unwrap_or(&name);
        let is_sound = |text: &str| {
            (1..=LONGEST).contains(&text.len())
                && text
                    .split('.')
                    .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        if !is_sound(name) {
            let shown: String = symbol.chars().take(LONGEST).collect();
            return Err(Error::new(
                Kind::Argument,
                format!(
                    "\"{}\" is no symbol; one reads like MESM6, MESM26, NQ, /NQ, F.US.EP or CON.F.US.EP.Z26",
                    shown.escape_debug()
                ),
            ));
        }
        if name.starts_with("CON.") {
            return Ok(Wanted::Id(name.into()));
        }
        if name.contains('.') {
            return Ok(Wanted::SymbolId(name.to_owned()));
        }
        let month = expiry::split(name).map(|(product, letter, year)| WantedMonth {
            product: product.to_owned(),
            letter,
            year,
        });
        // `EU6` is the euro.
        let month = month.filter(|_| products::named(name).is_none());
        Ok(Wanted::Name(name.to_owned(), month))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(product: &str, letter: u8, year: Year) -> Option<WantedMonth> {
        Some(WantedMonth { product: product.into(), letter, year })
    }

    #[test]
    fn every_form_is_read() {
        let name = |text: &str, month| Wanted::Name(text.into(), month);
        for (text, wanted) in [
            ("MESM6", name("MESM6", month("MES", b'M', Year::Digit(6)))),
            (" mesm26 ", name("MESM26", month("MES", b'M', Year::Digits(26)))),
            ("/ESZ6", name("ESZ6", month("ES", b'Z', Year::Digit(6)))),
            ("nq", name("NQ", None)),
            ("/NQ", name("NQ", None)),
            ("EU6", name("EU6", None)),
            ("6EU6", name("6EU6", month("6E", b'U', Year::Digit(6)))),
            ("f.us.ep", Wanted::SymbolId("F.US.EP".into())),
            ("con.f.us.ep.z26", Wanted::Id("CON.F.US.EP.Z26".into())),
        ] {
            assert_eq!(Wanted::parse(text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        for text in
            ["", "  ", "/", "//ES", "E S", "ES;", "ÉS", ".ES", "F..EP", "F.US.", "\0", &"E".repeat(65)]
        {
            let error = Wanted::parse(text).unwrap_err();
            assert!(error.kind() == Kind::Argument && error.message().contains("MESM6"), "{error}");
        }
    }

    #[test]
    fn names_of_every_product_are_read() {
        for product in products::PRODUCTS {
            for name in [product.root, product.code] {
                assert_eq!(Wanted::parse(&name.to_lowercase()).unwrap(), Wanted::Name(name.into(), None));
                assert_eq!(Wanted::parse(&format!("/{name}")).unwrap(), Wanted::Name(name.into(), None));
                for (year, digits) in [(Year::Digit(7), "7"), (Year::Digits(27), "27")] {
                    let text = format!("{name}H{digits}");
                    let wanted = Wanted::Name(text.clone(), month(name, b'H', year));
                    assert_eq!(Wanted::parse(&text).unwrap(), wanted);
                }
            }
        }
    }
}
