//! `docs/CONFIGURATION.md` is the table of settings in the code. `TF_BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;

fn generate() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         A setting is looked for in three places: what the program sets (`Config::set`, `tf_config_set`), then the\n\
         environment of the process, then the nearest `.env` file in the current folder or above it. The older names\n\
         are read too; `USERNAME` in a `.env` file only, because it is a variable of the operating system.\n\
         A value with `$`, `#` or spaces stands in single quotes in a `.env` file.\n\n\
         | key | environment | older names | default | meaning |\n|---|---|---|---|---|\n",
    );
    for key in tradeforge::config::KEYS {
        let aliases: Vec<String> = key.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let (name, variable, default, meaning) = (key.name, key.variable, key.default, key.meaning);
        writeln!(page, "| `{name}` | `{variable}` | {} | {default} | {meaning} |", aliases.join(", "))
            .unwrap();
    }
    page.push_str(
        "\nWith `SIM` the addresses and the credentials come from the embedded gateway, and those that are set are not \
         used.\n\n\
         ## Addresses\n\n\
         An address is `https://host`, with a port and a path if need be, such as `https://gateway.example:8443/api`. Those of\n\
         the hubs are written with `https://` too. A user name, `?`, `#`, spaces and other schemes are refused; capital\n\
         letters in scheme and host and slashes at the end do not matter.\n\n\
         Keys, tokens and orders travel unencrypted over `http://`, so that is taken for this machine only: `localhost`,\n\
         `127.0.0.0/8` and `[::1]`. For another machine, such as a simulator in a container, name it:\n\
         `TS_PLAIN_HTTP=simulator.internal,10.0.0.7`. The names must be those of the addresses; there are no patterns.\n\n\
         A redirect is never followed: it is an error that tells where it points to.\n\n\
         ## Firms\n\n\
         `topstepx` has hosts of its own. Every other firm is the middle of `api.FIRM.projectx.com`: `alphaticks`, `aquafutures`,\n\
         `blueguardianfutures`, `blusky`, `bulenox`, `daytraders`, `e8`, `fundingfutures`, `futureselite`, `fxifyfutures`,\n\
         `goatfundedfutures`, `holaprime`, `lucidtrading`, `nexgen`, `thefuturesdesk`, `tickticktrader`, `toponefutures`,\n\
         `tradeday`, `tradeify`, `tx3funding`. Firms come and go: any other name is tried by the same pattern, and the three\n\
         addresses can be set. `DEMO` has the same hosts for all firms.\n\n\
         ## Waits\n\n\
         Every call has a deadline of its own. Within it, `connect_seconds` ends an attempt to connect (nothing was sent), and\n\
         `read_seconds` ends the wait for a gateway that says nothing more (an order's outcome is then unknown).\n",
    );
    page
}

#[test]
fn the_page_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/CONFIGURATION.md");
    let generated = generate();
    if std::env::var_os("TF_BLESS").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        generated,
        "run `TF_BLESS=1 cargo test --test configuration`"
    );
}
