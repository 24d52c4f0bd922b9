//! From a name to the one contract that it means, or to an error that lists what it could mean.

use time::{Date, OffsetDateTime};

use super::expiry::{Expiry, split};
use super::listed::Listed;
use super::products;
use super::wanted::{Wanted, WantedMonth};
use crate::clock::{Deadline, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::model::{Contract, ContractId};
use crate::session::Session;

/// The contract that `symbol` means at the time `now`.
///
/// # Errors
/// [`Kind::Argument`] for what is no symbol or could mean several contracts, [`Kind::NotFound`] when there is
/// none; both name the candidates.
pub(crate) fn find(
    session: &Session,
    symbol: &str,
    live: bool,
    now: Timestamp,
    deadline: Deadline,
) -> Result<Contract> {
    let source = Gateway { session, live, deadline };
    let seconds = now.seconds();
    let today = OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MIN, OffsetDateTime::date);
    resolve(&source, symbol, today)
}

/// What knows contracts.
trait Source {
    /// All active ones.
    fn available(&self) -> Result<Vec<Contract>>;

    /// One by its id, expired ones included; `None` when there is none.
    fn by_id(&self, id: &ContractId) -> Result<Option<Contract>>;
}

struct Gateway<'a> {
    session: &'a Session,
    live: bool,
    deadline: Deadline,
}

impl Source for Gateway<'_> {
    fn available(&self) -> Result<Vec<Contract>> {
        let Gateway { live, deadline, .. } = *self;
        self.session.query(deadline, |gateway, token| gateway.available_contracts(token, live, deadline))
    }

    fn by_id(&self, id: &ContractId) -> Result<Option<Contract>> {
        let deadline = self.deadline;
        match self.session.query(deadline, |gateway, token| gateway.contract(token, id, deadline)) {
            Ok(contract) => Ok(Some(contract)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn resolve(source: &impl Source, symbol: &str, today: Date) -> Result<Contract> {
    let wanted = Wanted::parse(symbol)?;
    if let Wanted::Id(id) = &wanted
        && let Some(contract) = source.by_id(id)?
    {
        return Ok(contract);
    }
    let contracts = source.available()?;
    let listed = contracts.iter().map(|contract| Listed::read(contract, today.year())).collect();
    Resolution { source, symbol, today, listed }.resolve(&wanted)
}

struct Resolution<'a, S> {
    source: &'a S,
    symbol: &'a str,
    today: Date,
    /// What the gateway lists as active.
    listed: Vec<Listed<'a>>,
}

impl<S: Source> Resolution<'_, S> {
    fn resolve(&self, wanted: &Wanted) -> Result<Contract> {
        match wanted {
            Wanted::Id(_) => Err(self.unknown()),
            Wanted::SymbolId(id) => self.front(&self.those(|listed| listed.has_symbol_id(id))),
            Wanted::Name(name, month) => {
                let product = self.those(|listed| listed.is_of(name));
                let called = self.those(|listed| listed.is_called(name));
                match (&product[..], &called[..], month) {
                    ([], [single], _) => Ok(single.contract.clone()),
                    ([], [_, _, ..], _) => Err(self.ambiguous(&called)),
                    ([], [], Some(month)) => self.month(month),
                    (_, [], Some(month)) if self.listed.iter().any(|listed| listed.is_of(&month.product)) => {
                        let family = self.those(|listed| listed.is_of(&month.product));
                        Err(self.ambiguous(&[product, family].concat()))
                    }
                    (_, [], _) => self.front(&product),
                    // A product of one name and a contract of the same.
                    _ => Err(self.ambiguous(&[product, called].concat())),
                }
            }
        }
    }

    fn those(&self, is_meant: impl Fn(&Listed<'_>) -> bool) -> Vec<&Listed<'_>> {
        self.listed.iter().filter(|listed| is_meant(listed)).collect()
    }

    /// The contract of a product with this month, which may have expired.
    fn month(&self, month: &WantedMonth) -> Result<Contract> {
        let expiry = Expiry::new(month.letter, month.year.near(self.today.year()));
        let family = self.those(|listed| listed.is_of(&month.product));
        let meant: Vec<_> = family.iter().copied().filter(|listed| listed.expiry == expiry).collect();
        match &meant[..] {
            [single] => return Ok(single.contract.clone()),
            [] => {}
            _ => return Err(self.ambiguous(&meant)),
        }
        // It is not active; the gateway still knows it by its id.
        let known = products::named(&month.product).map(|product| product.code.to_owned());
        let code = known.or_else(|| family.first().map(|listed| listed.code.clone()));
        let (Some(code), Some(expiry)) = (code, expiry) else { return Err(self.unknown()) };
        self.look_up(&code, expiry)?.ok_or_else(|| self.unknown())
    }

    /// The front month among the active contracts of one product.
    fn front(&self, members: &[&Listed<'_>]) -> Result<Contract> {
        let Some(first) = members.first() else { return Err(self.unknown()) };
        let is_one_product = members.iter().all(|listed| listed.code == first.code);
        let mut months: Vec<(Expiry, &Listed<'_>)> =
            members.iter().filter_map(|listed| Some((listed.expiry?, *listed))).collect();
        months.sort_by_key(|(expiry, _)| *expiry);
        let is_each_once = months.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let cycle = first.product.map(|product| product.cycle);
        let (Some(cycle), true) = (cycle, is_one_product && is_each_once && months.len() == members.len())
        else {
            // Without a rule only a single contract is no guess.
            return match members {
                [single] => Ok(single.contract.clone()),
                _ => Err(self.ambiguous(members)),
            };
        };
        let front = months.iter().find(|(expiry, _)| self.today < cycle.roll_day(*expiry));
        match (front, months.last()) {
            (Some((_, front)), _) => Ok(front.contract.clone()),
            // All that are listed have rolled: the next month, as soon as it trades.
            (None, Some((expiry, last))) => {
                let next = self.look_up(&last.code, expiry.next_of(cycle.months))?;
                Ok(next.filter(|next| next.is_active).unwrap_or_else(|| last.contract.clone()))
            }
            (None, None) => Err(self.unknown()),
        }
    }

    /// Asks for the contract of a product and a month by the form that ids have, and believes the answer only
    /// if it names that month itself.
    fn look_up(&self, code: &str, expiry: Expiry) -> Result<Option<Contract>> {
        let id = format!("CON.F.US.{code}.{}{:02}", expiry.letter(), expiry.year.rem_euclid(100));
        let found = self.source.by_id(&ContractId::new(id))?;
        Ok(found.filter(|contract| {
            let name = contract.name.to_ascii_uppercase();
            let in_name =
                split(&name).and_then(|(_, letter, year)| Expiry::new(letter, year.near(expiry.year)));
            in_name == Some(expiry) && Listed::read(contract, expiry.year).is_of(code)
        }))
    }

    fn unknown(&self) -> Error {
        if self.listed.is_empty() {
            return self.error(
                Kind::NotFound,
                "is not known, and the gateway lists no active contract at all; practice accounts have none with \
                 live data",
                &[],
            );
        }
        let wanted = self.symbol.trim().trim_start_matches('/').to_ascii_uppercase();
        // `XESM6` may be meant for one of those that its product resembles.
        let product = split(&wanted).map_or(wanted.as_str(), |(root, ..)| root);
        let product = product.strip_prefix("CON.").unwrap_or(product);
        let mut alike = self.those(|listed| {
            let id = listed.contract.id.as_str().to_ascii_uppercase();
            let family = product.rsplit_once('.').map(|(family, _)| format!(".{family}."));
            let is_sibling = family.is_some_and(|family| id.contains(&family));
            is_sibling
                || listed.is_of(product)
                || id.contains(product)
                || listed.contract.name.to_ascii_uppercase().contains(product)
                || listed.contract.description.to_ascii_uppercase().contains(product)
        });
        if alike.is_empty() {
            alike = self.listed.iter().collect();
        }
        self.error(Kind::NotFound, "is not known to the gateway; it lists", &alike)
    }

    fn ambiguous(&self, candidates: &[&Listed<'_>]) -> Error {
        self.error(Kind::Argument, "may mean several contracts; give one of", candidates)
    }

    fn error(&self, kind: Kind, what: &str, candidates: &[&Listed<'_>]) -> Error {
        /// More do not help.
        const MOST: usize = 60;
        let mut names: Vec<String> = Vec::new();
        for Listed { contract, .. } in candidates.iter().take(MOST) {
            let name = format!("{} ({})", contract.name, contract.id);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if candidates.len() > MOST {
            names.push(format!("{} more", candidates.len() - MOST));
        }
        let symbol = self.symbol.trim().escape_debug();
        Error::new(kind, format!("the symbol \"{symbol}\" {what} {}", names.join(", ")).trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::listed::tests::contract;
    use super::*;

    /// A gateway with these active contracts, which knows those too that have expired or wait.
    #[derive(Default)]
    struct Book {
        active: Vec<Contract>,
        others: Vec<Contract>,
        asked: RefCell<Vec<String>>,
    }

    impl Book {
        fn of(active: &[(&str, &str)], others: &[(&str, &str)]) -> Book {
            let read = |(id, name): &(&str, &str)| {
                let symbol_id = id.trim_start_matches("CON.").rsplit_once('.').unwrap().0;
                contract(id, name, Some(symbol_id))
            };
            let idle = |row: &(&str, &str)| Contract { is_active: false, ..read(row) };
            Book {
                active: active.iter().map(read).collect(),
                others: others.iter().map(idle).collect(),
                asked: RefCell::default(),
            }
        }

        fn find(&self, symbol: &str, day: &str) -> std::result::Result<String, String> {
            let day = Timestamp::parse(&format!("{day}T12:00:00Z")).unwrap().nanos() / 1_000_000_000;
            let today = OffsetDateTime::from_unix_timestamp(day).unwrap().date();
            let found = resolve(self, symbol, today);
            found
                .map(|contract| contract.name)
                .map_err(|error| format!("{:?}: {}", error.kind(), error.message()))
        }
    }

    impl Source for Book {
        fn available(&self) -> Result<Vec<Contract>> {
            Ok(self.active.clone())
        }

        fn by_id(&self, id: &ContractId) -> Result<Option<Contract>> {
            self.asked.borrow_mut().push(id.to_string());
            Ok(self.active.iter().chain(&self.others).find(|contract| contract.id == *id).cloned())
        }
    }

    const ACTIVE: &[(&str, &str)] = &[
        ("CON.F.US.ENQ.Z26", "NQZ6"),
        ("CON.F.US.EP.Z26", "ESZ6"),
        ("CON.F.US.EU6.Z26", "6EZ6"),
        ("CON.F.US.MES.Z26", "MESZ6"),
        ("CON.F.US.NQM.F27", "QMF7"),
    ];

    #[test]
    fn every_name_of_a_contract_leads_to_it() {
        let book = Book::of(ACTIVE, &[("CON.F.US.MES.M26", "MESM6")]);
        for (symbol, name) in [
            ("ES", "ESZ6"),
            ("/ES", "ESZ6"),
            ("es", "ESZ6"),
            ("EP", "ESZ6"),
            ("ESZ6", "ESZ6"),
            ("EPZ26", "ESZ6"),
            ("/ESZ26", "ESZ6"),
            ("F.US.EP", "ESZ6"),
            ("CON.F.US.EP.Z26", "ESZ6"),
            ("con.f.us.ep.z26", "ESZ6"),
            ("NQ", "NQZ6"),
            ("ENQ", "NQZ6"),
            ("QM", "QMF7"),
            ("NQM", "QMF7"),
            ("NQMF7", "QMF7"),
            ("EU6", "6EZ6"),
            ("MES", "MESZ6"),
            ("MESM6", "MESM6"),
            ("MESM26", "MESM6"),
        ] {
            assert_eq!(book.find(symbol, "2026-11-21"), Ok(name.into()), "{symbol}");
        }
    }

    #[test]
    fn what_is_not_known_lists_the_candidates() {
        let book = Book::of(ACTIVE, &[]);
        let list = "ESZ6 (CON.F.US.EP.Z26)";
        for (symbol, part) in [
            ("ESH7", format!("the symbol \"ESH7\" is not known to the gateway; it lists {list}")),
            ("CON.F.US.EP.H31", list.to_owned()),
            ("F.US.EPX", "NQZ6 (CON.F.US.ENQ.Z26), ESZ6".into()),
            ("ZZZ", "QMF7 (CON.F.US.NQM.F27)".into()),
            ("GC", "it lists NQZ6".into()),
        ] {
            let told = book.find(symbol, "2026-11-21").unwrap_err();
            assert!(told.starts_with("NotFound") && told.contains(&part), "{symbol}: {told}");
        }
        assert_eq!(
            book.find("ESH7", "2026-11-21").unwrap_err().matches("CON.").count(),
            2,
            "MES resembles ES and others do not"
        );
        assert!(Book::default().find("ES", "2026-11-21").unwrap_err().contains("practice accounts"));
    }

    #[test]
    fn among_several_months_the_rules_decide() {
        let two = [("CON.F.US.EP.H27", "ESH7"), ("CON.F.US.EP.Z26", "ESZ6")];
        for (day, front) in [("2026-11-21", "ESZ6"), ("2026-12-13", "ESZ6"), ("2026-12-14", "ESH7")] {
            let book = Book::of(&two, &[]);
            assert_eq!(book.find("ES", day), Ok(front.into()), "{day}");
            assert!(book.asked.borrow().is_empty());
        }
    }

    #[test]
    fn after_its_roll_day_a_lone_contract_gives_way_to_the_next_that_trades() {
        let mut book = Book::of(&[("CON.F.US.EP.Z26", "ESZ6")], &[("CON.F.US.EP.H27", "ESH7")]);
        assert_eq!(book.find("ES", "2026-12-14"), Ok("ESZ6".into()), "the next one does not trade yet");
        assert_eq!(*book.asked.borrow(), ["CON.F.US.EP.H27"]);
        book.others[0].is_active = true;
        assert_eq!(book.find("ES", "2026-12-14"), Ok("ESH7".into()));
        assert_eq!(book.find("ES", "2026-12-13"), Ok("ESZ6".into()), "not yet");
        book.others[0].name = "ESM7".into();
        assert_eq!(book.find("ES", "2026-12-14"), Ok("ESZ6".into()), "that is another month");
        book.others.clear();
        assert_eq!(book.find("ES", "2026-12-14"), Ok("ESZ6".into()), "there is no other");
    }

    #[test]
    fn without_a_rule_nothing_is_guessed() {
        let months = [("CON.F.US.ODD.Z26", "ODDZ6"), ("CON.F.US.ODD.H27", "ODDH7")];
        assert_eq!(Book::of(&months[..1], &[]).find("ODD", "2026-11-21"), Ok("ODDZ6".into()));
        let told = Book::of(&months, &[]).find("ODD", "2026-11-21").unwrap_err();
        assert_eq!(
            told,
            "Argument: the symbol \"ODD\" may mean several contracts; give one of ODDZ6 (CON.F.US.ODD.Z26), ODDH7 \
             (CON.F.US.ODD.H27)"
        );
        assert_eq!(Book::of(&months, &[]).find("ODDH7", "2026-11-21"), Ok("ODDH7".into()));
        let both = [("CON.F.US.XM6.Z26", "WXZ6"), ("CON.F.US.X.M26", "XM6")];
        assert!(Book::of(&both, &[]).find("XM6", "2026-11-21").unwrap_err().starts_with("Argument"));
        let both = [("CON.F.US.XM6.Z26", "WXZ6"), ("CON.F.US.X.Z26", "XZ6")];
        assert!(Book::of(&both, &[]).find("XM6", "2026-11-21").unwrap_err().starts_with("Argument"));
        let twice = [("CON.F.US.EP.Z26", "ESZ6"), ("CON.F.EU.EP.Z26", "ESZ6")];
        for symbol in ["ES", "ESZ6"] {
            let told = Book::of(&twice, &[]).find(symbol, "2026-11-21").unwrap_err();
            assert!(told.starts_with("Argument") && told.contains("CON.F.EU.EP.Z26"), "{told}");
        }
    }

    #[test]
    fn every_product_is_found_by_each_of_its_names() {
        for product in products::PRODUCTS {
            let (root, code) = (product.root, product.code);
            let letter = product.cycle.months.chars().next().unwrap();
            let (id, name) = (format!("CON.F.US.{code}.{letter}27"), format!("{root}{letter}7"));
            let mut rows: Vec<(&str, &str)> =
                ACTIVE.iter().copied().filter(|(row, _)| !row.contains(&format!(".{code}."))).collect();
            rows.push((&id, &name));
            let book = Book::of(&rows, &[]);
            for symbol in [
                root.to_owned(),
                format!("/{}", root.to_lowercase()),
                code.to_owned(),
                format!("F.US.{code}"),
                name.clone(),
                format!("{root}{letter}27"),
                format!("{code}{letter}7"),
                id.clone(),
            ] {
                assert_eq!(book.find(&symbol, "2026-11-21"), Ok(name.clone()), "{symbol}");
            }
        }
    }
}
