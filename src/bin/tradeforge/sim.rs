//! `tradeforge sim`.

use std::borrow::Cow;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc;

use tradeforge::Config;
use tradeforge::config::KEYS;
use tradeforge::sim::{AccountRules, BracketMode, Calendar, Shape, Sim, SimClock, SimConfig, SimTls};

use crate::args::{self, Opening};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::signals;

/// More of a script than this is not read; the simulator refuses half of it.
const MAX_SCRIPT: u64 = 2 * 1024 * 1024;

/// Runs the simulator until a signal ends it.
pub fn run(args: &args::Sim, output: &mut Output) -> Result<()> {
    serve(output, || {
        let settings = Config::from_environment()?;
        let mut shape = Shape::default();
        for switches in &args.shape {
            shape.set(switches)?;
        }
        let mut rules = AccountRules::default();
        for rule in &args.rules {
            rules.set(rule)?;
        }
        let sim = Sim::start(SimConfig {
            shape,
            state_file: args.state.clone().or_else(|| settings.sim_state()),
            port: args.port,
            seed: args.seed.unwrap_or(settings.sim_seed()),
            speed: args.speed.unwrap_or(settings.sim_speed()),
            tls: args.tls.then(|| SimTls { ca_file: args.tls_ca.clone(), ..SimTls::default() }),
            brackets: match args.brackets {
                Some(args::Brackets::AutoOco) => BracketMode::AutoOco,
                None if settings.sim_auto_oco() => BracketMode::AutoOco,
                _ => BracketMode::Position,
            },
            calendar: match args.calendar {
                Opening::Always => Calendar::AlwaysOpen,
                Opening::Cme => Calendar::Cme,
            },
            halts: args.halts,
            rules,
            rate_limit: !args.no_rate_limit,
            clock: match args.start {
                None => SimClock::System,
                Some(start) if args.stepped => SimClock::Stepped(start),
                Some(start) => SimClock::RunningFrom(start),
            },
            ..SimConfig::default()
        })?;
        if let Some(path) = &args.script {
            run_script(&sim, path)?;
        }
        Ok(sim)
    })
}

/// Starts a simulator, prints what leads to it, and lets it run until a signal comes.
pub fn serve(output: &mut Output, start: impl FnOnce() -> Result<Sim>) -> Result<()> {
    let (ends, ended) = mpsc::channel::<()>();
    signals::on_end(move || drop(ends)).map_err(Failure::System)?;
    let sim = start()?;
    for (key, value) in sim.settings() {
        let variable = KEYS.iter().find(|known| known.name == key).map_or(key, |known| known.variable);
        output.line(format_args!("{variable}={}", quoted(&value)))?;
    }
    output.line("ready")?;
    output.flush()?;
    // The signal drops the sender, which is what ends the wait.
    let _ = ended.recv();
    sim.stop();
    Ok(())
}

/// A value as a `.env` file and a shell take it.
fn quoted(value: &str) -> Cow<'_, str> {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "./:_-".contains(sign);
    match value.chars().all(is_plain) {
        true => value.into(),
        false => format!("'{value}'").into(),
    }
}

/// Lets go wrong what the file asks for.
fn run_script(sim: &Sim, path: &Path) -> Result<()> {
    let advice = |reason: &dyn Display| Failure::Advice(format!("{}: {reason}", path.display()));
    let mut text = String::new();
    let file = File::open(path).map_err(|error| advice(&error))?;
    file.take(MAX_SCRIPT).read_to_string(&mut text).map_err(|error| advice(&error))?;
    sim.run_script(&text).map(drop).map_err(|error| advice(&error.message()))
}
