//! Runs judges: programs of other people, or built on their libraries, that talk to ours.
//!
//! A judge gets its settings as a JSON argument, tells its steps as JSON lines, and may wait for a word on its
//! standard input. What it finds wrong ends it with a status that is not zero.
#![allow(dead_code, reason = "every test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
#[cfg(feature = "sim")]
use tradeforge::sim::Sim;

/// Far longer than any judge takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A judge at work. Dropping it kills it.
pub struct Judge {
    name: String,
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
    until: Instant,
}

/// What a judge needs to find its way around a simulator.
#[cfg(feature = "sim")]
pub fn settings(sim: &Sim) -> Value {
    serde_json::json!({
        "apiUrl": sim.api_url(),
        "userHubUrl": sim.user_hub_url(),
        "marketHubUrl": sim.market_hub_url(),
        "userName": sim.user_name(),
        "apiKey": sim.api_key(),
        "account": sim.default_account(),
        "contracts": [sim.default_contract(), sim.default_contract().replace(".MES.", ".MNQ.")],
    })
}

/// A captured record or body of `tests/fixtures/wire`.
pub fn sample(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join(format!("tests/fixtures/wire/{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The project's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where scripts/install-test-tools.sh puts what judges need, once it is complete.
fn tools(language: &str) -> Option<PathBuf> {
    let folder = root().join("target/test-tools").join(language);
    let found = folder.join("complete").is_file();
    assert!(
        found || std::env::var_os("TF_REQUIRE_TOOLS").is_none(),
        "what the {language} judges need is not installed; scripts/install-test-tools.sh does it"
    );
    if !found {
        println!("skipped: what the {language} judges need is not installed");
    }
    found.then_some(folder)
}

impl Judge {
    /// Starts a program of `tests/judges` on Node. `None` where its libraries are not installed.
    pub fn node(script: &str, settings: &Value) -> Option<Judge> {
        let mut command = Command::new("node");
        command.env("NODE_PATH", tools("node")?.join("node_modules"));
        Some(Judge::start(command, script, settings))
    }

    /// Starts a program of `tests/judges` on Python. `None` where its libraries are not installed.
    pub fn python(script: &str, settings: &Value) -> Option<Judge> {
        Judge::python_with(&["python"], script, settings)
    }

    /// Starts a program of `tests/judges` on Python with the older libraries of 2025.
    pub fn python_2025(script: &str, settings: &Value) -> Option<Judge> {
        Judge::python_with(&["python-2025", "python"], script, settings)
    }

    fn python_with(libraries: &[&str], script: &str, settings: &Value) -> Option<Judge> {
        let mut folders = vec![root().join("tests/judges")];
        for library in libraries {
            folders.push(tools(library)?.join("site"));
        }
        let mut command = Command::new("python3");
        command.env("PYTHONPATH", std::env::join_paths(folders).unwrap()).arg("-B");
        Some(Judge::start(command, script, settings))
    }

    fn start(mut command: Command, script: &str, settings: &Value) -> Judge {
        command.arg(root().join("tests/judges").join(script)).arg(settings.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Loopback is never behind a proxy.
        for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        let read = move || {
            stdout.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok());
        };
        Builder::new().spawn(read).unwrap();
        let mut errors = child.stderr.take().unwrap();
        let collect = move || {
            let mut bytes = Vec::new();
            let _ = errors.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let stderr = Some(Builder::new().spawn(collect).unwrap());
        Judge { name: script.to_owned(), child, stdin, lines, stderr, until: Instant::now() + PATIENCE }
    }

    /// Waits for the next step.
    pub fn next(&mut self) -> Value {
        match self.lines.recv_timeout(self.until.saturating_duration_since(Instant::now())) {
            Ok(line) => serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")),
            Err(error) => self.give_up(&format!("it tells no step, {error}")),
        }
    }

    /// Waits for the next step, which must be this one.
    pub fn expect(&mut self, step: &str) -> Value {
        let told = self.next();
        assert_eq!(told["step"], step, "{}: {told}", self.name);
        told
    }

    /// Says a word to a judge that waits for it.
    pub fn tell(&mut self, word: &str) {
        writeln!(self.stdin, "{word}").unwrap();
    }

    /// Waits for the last step, and for an end without an error.
    pub fn end(mut self) -> Value {
        let told = self.expect("done");
        let rest: Vec<String> = self.lines.iter().collect();
        let status = self.child.wait().unwrap();
        if !status.success() || !rest.is_empty() {
            self.give_up(&format!("it ended with {status}, saying {rest:?}"));
        }
        told
    }

    fn give_up(&mut self, why: &str) -> ! {
        let _ = self.child.kill();
        let stderr = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        panic!("{}: {why}\n{stderr}", self.name);
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
