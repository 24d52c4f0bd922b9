//! `tradeforge`: the command line of the SDK.
//!
//! Exit code 0 for success, 1 with one line on stderr when something failed, 2 when the arguments are wrong.
//! When the reader of stdout goes away, as `| head` does, the program ends quietly with 0.

mod accounts;
mod args;
mod contracts;
mod events;
mod failure;
mod history;
mod json;
mod logger;
mod order;
mod output;
mod positions;
mod record;
mod records;
mod replay;
mod session;
mod signals;
mod sim;
mod table;
mod text;
mod topics;
mod trades;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Verb};
use crate::failure::{Failure, Result};
use crate::output::Output;

fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(cli) => run(&cli),
        Err(answer) => tell(&answer),
    };
    outcome.unwrap_or_else(Failure::report)
}

fn run(cli: &Cli) -> Result<ExitCode> {
    logger::start(cli.log);
    let mut output = Output::new(cli.json);
    match &cli.verb {
        Verb::Sim(args) => sim::run(args, &mut output)?,
        Verb::Accounts(args) => accounts::run(args, cli.timeout, &mut output)?,
        Verb::Contracts(args) => contracts::run(args, cli.timeout, &mut output)?,
        Verb::Watch(args) => watch::run(args, cli.timeout, &mut output)?,
        Verb::Record(args) => record::run(args, cli.timeout, &mut output)?,
        Verb::Replay(args) => replay::run(args, &mut output)?,
        Verb::Order(args) => order::run(args, cli.timeout, &mut output)?,
        Verb::Trades(args) => trades::run(args, cli.timeout, &mut output)?,
        Verb::History(args) => history::run(args, cli.timeout, &mut output)?,
        Verb::Positions(args) => positions::run(args, cli.timeout, &mut output)?,
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Prints help, the version or what is wrong with the arguments.
fn tell(answer: &clap::Error) -> Result<ExitCode> {
    answer.print().map_err(Failure::Output)?;
    Ok(if answer.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS })
}
