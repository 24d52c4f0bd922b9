//! From login to a closed position in eight steps: `cargo run --example quickstart`.
//!
//! Without `TS_ENVIRONMENT` it trades at the gateway that is embedded in the library, with no account and no
//! network. With `DEMO` or `LIVE` it buys one contract at your gateway, so choose that with care.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use tradeforge::model::{AccountEvent, Contract, FillEvent, PositionEvent, PositionSide};
use tradeforge::{
    Client, Config, Deadline, Event, EventBody, Kinds, OrderId, OrderRequest, OrderStatus, Polled, Side,
    Stream, StreamOptions,
};

/// How long everything together may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many quotes, trades and depth records to wait for, each.
const ENOUGH: usize = 20;

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

/// The settings of the environment, and the embedded gateway where it names none.
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
    let balance = account.balance.ok_or("the gateway does not tell the balance")?;
    writeln!(out, "2 account: {} balance {balance}", account.name)?;

    let found = client.search_contracts("MES", false, deadline)?;
    let is_wanted = |contract: &&Contract| contract.is_active && contract.name.starts_with("MES");
    let contract = found.iter().find(is_wanted).ok_or("no contract is found for MES")?;
    writeln!(out, "3 contract: {} tick {}", contract.id, contract.tick_size)?;

    let stream = client.stream(&StreamOptions::default())?;
    stream.subscribe(&contract.id, Kinds::MARKET, deadline)?;
    stream.subscribe_account(account.id, Kinds::USER, deadline)?;
    let market = Market::watch(&stream, deadline)?;
    writeln!(out, "4 stream: {} quotes, {} trades, {} depth", market.quotes, market.trades, market.depth)?;

    let order = OrderRequest::market(account.id, contract.id.clone(), Side::Buy, 1);
    let placed = client.place(&order, deadline)?;
    writeln!(out, "5 order: accepted, id {}, tag {}", placed.order_id, placed.client_tag)?;

    let (fill, position, news) = Execution::watch(&stream, placed.order_id, deadline)?;
    let balance = news.balance.ok_or("the gateway does not tell the balance")?;
    writeln!(
        out,
        "6 fill: {} at {}, position {} {} at {}, balance {balance}",
        fill.size,
        fill.price,
        position.side.name().to_lowercase(),
        position.size,
        position.average_price,
    )?;

    let closed = client.flatten(account.id, deadline)?;
    poll_until(
        &stream,
        deadline,
        |event| matches!(event.body, EventBody::Position(position) if position.side == PositionSide::Flat),
    )?;
    let open = client.positions(account.id, deadline)?;
    if !open.is_empty() {
        return Err(format!("{} positions are still open", open.len()).into());
    }
    writeln!(out, "7 flat: {closed} closed, none open")?;

    client.close();
    writeln!(out, "8 closed")?;
    Ok(())
}

/// What the market sent so far.
#[derive(Default)]
struct Market {
    quotes: usize,
    trades: usize,
    depth: usize,
}

impl Market {
    /// Counts until there is enough of everything.
    fn watch(stream: &Stream, deadline: Deadline) -> Result<Market, Box<dyn Error>> {
        let mut market = Market::default();
        poll_until(stream, deadline, |event| {
            match event.body {
                EventBody::Quote(_) => market.quotes += 1,
                EventBody::Trade(_) => market.trades += 1,
                EventBody::Depth(_) => market.depth += 1,
                _ => {}
            }
            [market.quotes, market.trades, market.depth].iter().all(|count| *count >= ENOUGH)
        })?;
        Ok(market)
    }
}

/// What became of the order. The gateway tells it in four events, in no promised order.
#[derive(Default)]
struct Execution {
    end: Option<OrderStatus>,
    fill: Option<FillEvent>,
    position: Option<PositionEvent>,
    account: Option<AccountEvent>,
}

impl Execution {
    /// Collects the four events of an order.
    fn watch(
        stream: &Stream,
        order: OrderId,
        deadline: Deadline,
    ) -> Result<(FillEvent, PositionEvent, AccountEvent), Box<dyn Error>> {
        let mut so_far = Execution::default();
        poll_until(stream, deadline, |event| {
            match event.body {
                EventBody::Order(news) if news.id == order && news.status.is_final() => {
                    so_far.end = Some(news.status);
                }
                EventBody::Fill(fill) if fill.order == order => so_far.fill = Some(fill),
                EventBody::Position(position) => so_far.position = Some(position),
                EventBody::Account(account) => so_far.account = Some(account),
                _ => {}
            }
            so_far.is_refused() || so_far.is_complete()
        })?;
        match so_far {
            Execution {
                end: Some(OrderStatus::Filled),
                fill: Some(fill),
                position: Some(position),
                account: Some(account),
            } => Ok((fill, position, account)),
            other => Err(format!("the order was not filled but {:?}", other.end).into()),
        }
    }

    fn is_refused(&self) -> bool {
        self.end.is_some_and(|end| end != OrderStatus::Filled)
    }

    fn is_complete(&self) -> bool {
        self.end.is_some() && self.fill.is_some() && self.position.is_some() && self.account.is_some()
    }
}

/// Hands every event to `take` until it answers true.
fn poll_until(
    stream: &Stream,
    deadline: Deadline,
    mut take: impl FnMut(&Event) -> bool,
) -> Result<(), Box<dyn Error>> {
    let mut is_done = false;
    while !is_done {
        // One at a time: what comes after the last event that is wanted here stays in the queue.
        match stream.poll_each(1, deadline, |event| is_done = take(&event))? {
            Polled::Events(_) | Polled::Woken => {}
            Polled::TimedOut => return Err("the events that are waited for did not come in time".into()),
            Polled::Closed => return Err("the stream is closed".into()),
        }
    }
    Ok(())
}
