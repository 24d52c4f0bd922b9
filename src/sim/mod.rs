//! x
#![allow(missing_docs)]
use crate::error::Result;
#[derive(Default)]
pub struct SimConfig {
    pub seed: u64,
    pub speed: f64,
    pub x: u8,
}
pub struct Sim;
impl Sim {
    pub fn start(_: SimConfig) -> Result<Sim> {
        Ok(Sim)
    }
    pub fn api_url(&self) -> String {
        String::new()
    }
    pub fn market_hub_url(&self) -> String {
        String::new()
    }
    pub fn user_hub_url(&self) -> String {
        String::new()
    }
    pub fn user_name(&self) -> &str {
        ""
    }
    pub fn api_key(&self) -> &str {
        ""
    }
}
