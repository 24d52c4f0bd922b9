//! The past of the market.

mod bars;

pub(crate) use bars::bars;
