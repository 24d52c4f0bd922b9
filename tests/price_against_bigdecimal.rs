//! Prices and money against an independent decimal arithmetic.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::str::FromStr;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use tradeforge::{DecimalError, Money, Price, Rounding};

/// The same cases in every run; what is found here is kept as a test of its own.
fn config() -> Config {
    Config {
        cases: 4_000,
        rng_seed: RngSeed::Fixed(20_260_816),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Decimal texts as JSON may hold them, and longer ones: signs, leading zeros, long fractions, exponents.
fn decimal_text() -> impl Strategy<Value = String> {
    let whole = prop_oneof![
        4 => "[0-9]{1,5}",
        3 => "0{0,4}[0-9]{1,11}",
        1 => "[0-9]{9,30}",
        1 => "922337203[5-7]",
        2 => Just("0".to_owned()),
    ];
    let fraction = prop_oneof![
        3 => Just(String::new()),
        4 => "\\.[0-9]{1,9}",
        2 => "\\.[0-9]{9}[05]0{0,3}[0-9]?",
        1 => "\\.854775[0-9]{3}",
        1 => "\\.85477580[5-8][0-9]{0,2}",
        1 => "\\.[0-9]{10,40}",
        1 => "\\.0{5,12}[0-9]{1,3}",
    ];
    let exponent = prop_oneof![
        6 => Just(String::new()),
        2 => "[eE][+-]?[0-9]",
        1 => "[eE][+-]?0{0,2}[0-9]{1,2}",
    ];
    (prop_oneof![3 => Just(""), 1 => Just("-")], whole, fraction, exponent)
        .prop_map(|(sign, whole, fraction, exponent)| format!("{sign}{whole}{fraction}{exponent}"))
}

/// The largest magnitude that a text may have, in billionths.
const LARGEST: i64 = i64::MAX - 1;

/// Values inside the range, mostly of few digits.
fn units() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => -1_000_000_000_000_000..1_000_000_000_000_000i64,
        2 => (-4_000_000..4_000_000i64).prop_map(|quarters| quarters * 250_000_000),
        2 => -3_000i64..3_000,
        1 => -LARGEST..=LARGEST,
        1 => LARGEST - 1_000..=LARGEST,
        1 => -LARGEST..=1_000 - LARGEST,
    ]
}

fn tick() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => prop::sample::select(vec![500, 5_000_000, 15_625_000, 250_000_000, 500_000_000, 3_906_250]),
        2 => 1..2_000_000_000i64,
        1 => 1..50i64,
        1 => i64::MAX - 1_000..i64::MAX,
    ]
}

fn exact(text: &str) -> BigDecimal {
    BigDecimal::from_str(text).unwrap()
}

fn of_units(units: i64) -> BigDecimal {
    BigDecimal::new(units.into(), 9)
}

/// What the value is in billionths, and why not if it is none.
fn expected_units(value: &BigDecimal) -> Result<i64, DecimalError> {
    let (digits, scale) = value.normalized().into_bigint_and_exponent();
    if scale > 9 {
        // A value that is both too large and too fine may be called either.
        return Err(DecimalError::TooFine);
    }
    if value.abs() > of_units(LARGEST) {
        return Err(DecimalError::OutOfRange);
    }
    let units = digits * BigInt::from(10).pow((9 - scale) as u32);
    Ok(units.to_i64().unwrap())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn parses_exactly_or_says_why_not(text in decimal_text()) {
        let value = exact(&text);
        let parsed = Price::parse(&text).map(Price::units);
        match expected_units(&value) {
            Err(DecimalError::TooFine) if value.abs() > of_units(LARGEST) => {
                prop_assert!(matches!(parsed, Err(DecimalError::TooFine | DecimalError::OutOfRange)), "{parsed:?}");
            }
            expected => prop_assert_eq!(parsed, expected),
        }
        prop_assert_eq!(Money::parse(&text).map(Money::units), parsed);
    }

    #[test]
    fn rounds_half_to_even_at_nine_digits(text in decimal_text()) {
        let rounded = exact(&text).with_scale_round(9, RoundingMode::HalfEven);
        prop_assert_eq!(Money::parse_rounded(&text).map(Money::units), expected_units(&rounded));
    }

    #[test]
    fn writes_the_shortest_text_and_reads_it_again(units in units()) {
        let price = Price::from_units(units);
        let text = price.to_string();
        prop_assert_eq!(Price::parse(&text), Ok(price));
        prop_assert_eq!(exact(&text), of_units(units));
        // Plain digits, and nothing that could be left out.
        prop_assert_eq!(&text, &exact(&text).normalized().to_plain_string());
    }

    #[test]
    fn rounds_to_the_tick(units in units(), tick in tick()) {
        let steps = of_units(units) / of_units(tick);
        for (rounding, mode) in [
            (Rounding::Nearest, RoundingMode::HalfUp),
            (Rounding::Down, RoundingMode::Floor),
            (Rounding::Up, RoundingMode::Ceiling),
        ] {
            // The quotient has 100 digits; it misses no half and no whole number, which are 1e-19 away at least.
            let expected = of_units(tick) * steps.with_scale_round(0, mode);
            let moved = Price::from_units(units).round_to_tick(Price::from_units(tick), rounding);
            let (expected, _) = expected.with_scale(9).into_bigint_and_exponent();
            let expected = expected.to_i64().filter(|units| *units < i64::MAX);
            prop_assert_eq!(moved.map(Price::units), expected, "{:?} of {} steps", rounding, steps);
        }
    }

    #[test]
    fn counts_ticks(units in units(), tick in tick()) {
        let rest = of_units(units) % of_units(tick);
        let (price, tick_price) = (Price::from_units(units), Price::from_units(tick));
        prop_assert_eq!(price.is_on_tick(tick_price), rest.is_zero());
        prop_assert_eq!(price.ticks(tick_price), rest.is_zero().then_some(units / tick));
    }
}
