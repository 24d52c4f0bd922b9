#![doc = include_str!("../../../docs/SIMULATOR-FAULTS.md")]

pub(in crate::sim) mod answer;
pub(in crate::sim) mod control;
mod fault;
mod kind;
pub(in crate::sim) mod line;
mod member;
mod moment;
mod pattern;
pub(in crate::sim) mod plan;
pub(in crate::sim) mod script;

pub use fault::{Fault, Garbage};
pub use kind::FaultKind;
pub use plan::FaultStrike;

#[cfg(test)]
mod tests {
    use super::FaultKind;
    use super::member::Member;

    const DOCUMENTATION: &str = include_str!("../../../docs/SIMULATOR-FAULTS.md");

    #[test]
    fn every_fault_and_every_member_is_documented() {
        let names = FaultKind::ALL.iter().map(|kind| kind.name()).chain(Member::ALL.map(Member::name));
        for name in names {
            assert!(DOCUMENTATION.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn the_example_is_a_script() {
        let (_, rest) = DOCUMENTATION.split_once("```json\n").unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        assert_eq!(super::script::parse(example).unwrap().len(), 6);
    }
}
