//! x
pub mod clock;
pub mod error;
pub mod net;
pub mod price;
pub mod sync;
