//! x
pub mod clock;
pub mod error;
pub mod net;
pub mod price;
#[cfg(feature = "sim")]
pub mod sim;
pub mod sync;
