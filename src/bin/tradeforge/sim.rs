//! `tradeforge sim`.

use std::sync::mpsc;

use tradeforge::Config;
use tradeforge::sim::{Sim, SimConfig};

use crate::args;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::signals;

/// Runs the simulator until a signal ends it.
pub fn run(args: &args::Sim, output: &mut Output) -> Result<()> {
    let (ends, ended) = mpsc::channel::<()>();
    signals::on_end(move || drop(ends)).map_err(Failure::System)?;
    let settings = Config::from_environment()?;
    let sim = Sim::start(SimConfig {
        port: args.port,
        seed: args.seed.unwrap_or(settings.sim_seed()),
        speed: args.speed.unwrap_or(settings.sim_speed()),
        ..SimConfig::default()
    })?;
    for (name, value) in variables(&sim) {
        output.line(format_args!("{name}={value}"))?;
    }
    output.line("ready")?;
    output.flush()?;
    // The signal drops the sender, which is what ends the wait.
    let _ = ended.recv();
    sim.stop();
    Ok(())
}

/// The settings that lead a client to this simulator.
fn variables(sim: &Sim) -> [(&'static str, String); 8] {
    [
        ("TS_ENVIRONMENT", "DEMO".into()),
        ("TS_API_URL", sim.api_url()),
        ("TS_MARKET_HUB_URL", sim.market_hub_url()),
        ("TS_USER_HUB_URL", sim.user_hub_url()),
        ("TS_USERNAME", sim.user_name().into()),
        ("TS_API_KEY", sim.api_key().into()),
        ("TS_CONTRACT", sim.default_contract()),
        ("TS_ACCOUNT", sim.default_account().to_string()),
    ]
}
