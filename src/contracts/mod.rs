//! Contracts by the names that people use: `MESM6`, `NQ`, `/ES`, `F.US.EP`.
//!
//! `docs/CONTRACTS.md` tells the rules.

mod expiry;
mod find;
mod listed;
mod products;
mod wanted;

pub(crate) use find::find;
