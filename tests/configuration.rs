//! `docs/CONFIGURATION.md` is the table of settings in the code. `TF_BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;

fn generate() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         A setting is looked for in three places: what the program sets (`Config::set`, `tf_config_set`), then the\n\
         environment of the process, then the nearest `.env` file in the current folder or above it. The older names\n\
         are read too; `USERNAME` in a `.env` file only, because it is a variable of the operating system.\n\n\
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
         used.\n",
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
