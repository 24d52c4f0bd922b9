//! From login to a closed position in eight steps: `cargo run --example quickstart`.
//!
//! Without `TS_ENVIRONMENT` it trades at the gateway that is embedded in the library, with no account and no
//! network. With `DEMO` or `LIVE` it buys one contract at your gateway, so choose that with care.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use tradeforge::model::Contract;
use tradeforge::{
    Client, Config, Deadline, Event, EventBody, Kinds, OrderId, OrderRequest, OrderStatus, Polled, Side,
    Stream, StreamOptions,
};

/// How long everything together may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many quotes, trades and depth records to wait for, each.
const WANTED: usize = 20;

fn main() -> ExitCode {
    match settings().and_then(|settings| run(&settings, &mut io::stdout())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A stderr that cannot be written leaves nobody to tell.
            let _ = writeln!(io::stderr(), "quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The settings of the environment, and the embedded gateway where they name none.
fn settings() -> Result<Config, Box<dyn Error>> {
    let mut settings = Config::from_environment()?;
    if !settings.is_set("environment") {
        settings.set("environment", "SIM")?;
    }
    Ok(settings)
}

/// Does the eight steps and writes a line for each.
///
/// # Errors
/// Whatever the first step that fails says.
pub fn run(settings: &Config, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let deadline = Deadline::after(PATIENCE);
    let client = Client::new(settings)?;
    client.login(deadline)?;
    writeln!(out, "1 login: ok")?;

    let accounts = client.accounts(true, deadline)?;
    let account = accounts.iter().find(|account| account.can_trade).ok_or("no account may trade")?;
    let balance = account.balance.map_or("not told".into(), |balance| balance.to_string());
    writeln!(out, "2 account: {} balance {balance}", account.name)?;

    let found = client.search_contracts("MES", false, deadline)?;
    let is_wanted = |contract: &&Contract| contract.is_active && contract.name.starts_with("MES");
    let contract = found.iter().find(is_wanted).ok_or("no contract is found for MES")?;
    let (tick, worth) = (contract.tick_size, contract.tick_value);
    writeln!(out, "3 contract: {} tick {tick} worth {worth}", contract.id)?;

    let stream = client.stream(&StreamOptions::default())?;
    stream.subscribe(&contract.id, Kinds::MARKET, deadline)?;
    stream.subscribe_account(account.id, Kinds::USER, deadline)?;
    let mut seen = Seen::default();
    seen.wait_for(Seen::has_market, &stream, deadline, out)?;
    writeln!(out, "4 stream: {} quotes, {} trades, {} depth", seen.quotes, seen.trades, seen.depth)?;

    let order = OrderRequest::market(account.id, contract.id.clone(), Side::Buy, 1);
    let placed = client.place(&order, deadline)?;
    writeln!(out, "5 order: accepted, id {}, tag {}", placed.order_id, placed.client_tag)?;

    seen.order = Some(placed.order_id);
    seen.wait_for(Seen::has_entry, &stream, deadline, out)?;
    writeln!(out, "6 fill: order, trade, position and account told")?;

    client.flatten(account.id, deadline)?;
    seen.wait_for(Seen::has_exit, &stream, deadline, out)?;
    let open = client.positions(account.id, deadline)?.len();
    writeln!(out, "7 flat: {open} open positions")?;
    if open > 0 {
        return Err("a position is still open; close it with `tradeforge positions flatten`".into());
    }

    drop(stream);
    client.close();
    writeln!(out, "8 closed: {} threads left", tradeforge::live_threads())?;
    Ok(())
}

/// What the stream has told so far.
#[derive(Default)]
struct Seen {
    quotes: usize,
    trades: usize,
    depth: usize,
    /// The order that the news are about, once there is one.
    order: Option<OrderId>,
    end: Option<OrderStatus>,
    is_opened: bool,
    is_closed: bool,
    is_flat: bool,
    has_balance: bool,
}

impl Seen {
    fn has_market(&self) -> bool {
        [self.quotes, self.trades, self.depth].iter().all(|count| *count >= WANTED)
    }

    fn has_entry(&self) -> bool {
        self.end == Some(OrderStatus::Filled) && self.is_opened && !self.is_flat && self.has_balance
    }

    fn has_exit(&self) -> bool {
        self.is_closed && self.is_flat && self.has_balance
    }

    /// Polls until `is_enough`.
    fn wait_for(
        &mut self,
        is_enough: fn(&Seen) -> bool,
        stream: &Stream,
        deadline: Deadline,
        out: &mut dyn Write,
    ) -> Result<(), Box<dyn Error>> {
        let mut events = Vec::new();
        while !is_enough(self) {
            match stream.poll_each(64, deadline, |event| events.push(event))? {
                Polled::Events(_) | Polled::Woken => {}
                Polled::TimedOut => return Err("the events that are waited for did not come in time".into()),
                Polled::Closed => return Err("the stream is closed".into()),
            }
            for event in events.drain(..) {
                self.take(&event, out)?;
            }
            if let Some(end) = self.end.filter(|end| *end != OrderStatus::Filled) {
                return Err(format!("the order was not filled: {}", end.name()).into());
            }
        }
        Ok(())
    }

    /// Looks at one event, and writes what is news of the account.
    fn take(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event.body {
            EventBody::Quote(_) => self.quotes += 1,
            EventBody::Trade(_) => self.trades += 1,
            EventBody::Depth(_) => self.depth += 1,
            EventBody::Order(order) if Some(order.id) == self.order => {
                writeln!(out, "  order {}: {}", order.id, order.status.name())?;
                self.end = Some(order.status).filter(|status| status.is_final());
            }
            EventBody::Fill(fill) => {
                let side = if fill.side == Side::Buy { "bought" } else { "sold" };
                let result =
                    fill.profit_and_loss.map_or("none, it opens".into(), |result| result.to_string());
                let (id, size, price, fees) = (fill.id, fill.size, fill.price, fill.fees);
                writeln!(out, "  fill {id}: {side} {size} at {price}, fees {fees}, result {result}")?;
                match fill.profit_and_loss {
                    Some(_) => self.is_closed = true,
                    None => self.is_opened = true,
                }
            }
            EventBody::Position(position) => {
                let side = position.side.name().to_lowercase();
                writeln!(out, "  position: {side} {} at {}", position.size, position.average_price)?;
                self.is_flat = position.size == 0;
                // The balance comes after the position.
                self.has_balance = false;
            }
            EventBody::Account(account) => {
                let balance = account.balance.map_or("not told".into(), |balance| balance.to_string());
                writeln!(out, "  account {}: balance {balance}", account.id)?;
                self.has_balance = true;
            }
            EventBody::Gap(gap) => writeln!(out, "  too slow: {} market events lost", gap.dropped)?,
            _ => {}
        }
        Ok(())
    }
}
