//! `tradeforge history`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use tradeforge::model::{BarRequest, BarUnit};
use tradeforge::{ContractId, Timestamp};

use crate::args::since;
use crate::failure::Result;
use crate::output::Output;
use crate::session::Session;

/// Options of `history`.
#[derive(Debug, Args)]
pub struct History {
    /// The contract; expired ones have a past too. [default: TS_CONTRACT]
    #[arg(long, value_name = "ID")]
    pub contract: Option<ContractId>,
    /// What the length of a bar is counted in.
    #[arg(long, default_value = "minute")]
    pub unit: Unit,
    /// Units a bar.
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    pub number: i32,
    /// Bars that start at this time or later; a time such as 2026-11-20T15:00:00Z, or a span before now such as
    /// 90m, 24h or 7d.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = since)]
    pub from: Timestamp,
    /// Bars that start before this time. [default: now]
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub to: Option<Timestamp>,
    /// So many at most, the latest ones. [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// The bar that is still forming too.
    #[arg(long)]
    pub partial: bool,
    /// Ask for the live data subscription; practice accounts have none and get an empty list.
    #[arg(long)]
    pub live: bool,
}

/// What the length of a bar is counted in.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Unit {
    Second,
    Minute,
    Hour,
    /// Trading days, which start at 17:00 in Chicago.
    Day,
    Week,
    Month,
    /// Trades. The gateway lists it and does not document it; it may refuse.
    Tick,
}

impl From<Unit> for BarUnit {
    fn from(unit: Unit) -> BarUnit {
        match unit {
            Unit::Second => BarUnit::Second,
            Unit::Minute => BarUnit::Minute,
            Unit::Hour => BarUnit::Hour,
            Unit::Day => BarUnit::Day,
            Unit::Week => BarUnit::Week,
            Unit::Month => BarUnit::Month,
            Unit::Tick => BarUnit::Tick,
        }
    }
}

/// Lists the bars of a range.
pub fn run(args: &History, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let contract = session.contract(args.contract.as_ref())?;
    let to = args.to.unwrap_or_else(Timestamp::now);
    let request = BarRequest {
        unit_number: args.number,
        limit: args.limit,
        include_partial: args.partial,
        live: args.live,
        ..BarRequest::new(contract, args.unit.into(), args.from, to)
    };
    output.list(&session.client.bars(&request, session.deadline)?)
}
