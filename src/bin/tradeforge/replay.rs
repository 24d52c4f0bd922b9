//! `tradeforge replay`.

use tradeforge::sim::{Replay, Sim, SimConfig};

use crate::args;
use crate::failure::Result;
use crate::output::Output;
use crate::sim;

/// Runs a simulator that plays a recording until a signal ends it.
pub fn run(args: &args::Replay, output: &mut Output) -> Result<()> {
    sim::serve(output, || {
        let replay = Replay { speed: args.speed, is_repeated: args.is_repeated, ..Replay::of(&args.file) };
        Ok(Sim::replay(SimConfig { port: args.port, ..SimConfig::default() }, &replay)?)
    })
}
