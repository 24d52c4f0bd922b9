//! Runs the program as its users do: a process of its own, an environment of its own, an empty folder.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program with an environment, in a folder without a `.env` file.
pub struct Program {
    variables: Vec<(String, String)>,
    folder: TempDir,
}

/// How a run ended.
pub struct Ended {
    pub code: Option<i32>,
    pub lines: Vec<String>,
    pub stderr: String,
}

/// A run under way. Dropping it kills it.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    until: Instant,
}

impl Program {
    pub fn new(variables: &[(&str, &str)]) -> Program {
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Program { variables, folder: tempfile::tempdir().unwrap() }
    }

    /// Sets a variable anew.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value.into()));
    }

    /// The program with the embedded gateway.
    pub fn embedded() -> Program {
        Program::new(&[("TS_ENVIRONMENT", "SIM")])
    }

    /// The program against the gateway at this URL.
    pub fn against(url: &str) -> Program {
        Program::new(&[("TS_API_URL", url), ("TS_USERNAME", "jane"), ("TS_API_KEY", "very-secret-key")])
    }

    /// Where it runs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tradeforge"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).env_clear();
        // Windows opens no socket without it.
        command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        command
    }

    pub fn start(&self, arguments: &str) -> Running {
        let mut child = self.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        let read = move || {
            stdout.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok());
        };
        Builder::new().spawn(read).unwrap();
        Running { child, lines, until: Instant::now() + PATIENCE }
    }

    pub fn run(&self, arguments: &str) -> Ended {
        self.start(arguments).end()
    }

    /// Runs a command that must succeed with JSON.
    pub fn json(&self, arguments: &str) -> Vec<Value> {
        let ended = self.run(&format!("{arguments} --json"));
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments}");
        ended.lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Runs a command that must fail with one line, and gives that line.
    pub fn refusal(&self, arguments: &str) -> String {
        let ended = self.run(arguments);
        assert_eq!((ended.code, ended.lines.len()), (Some(1), 0), "{arguments}: {}", ended.stderr);
        one_line(&ended.stderr)
    }
}

/// The only line of what stderr holds.
pub fn one_line(stderr: &str) -> String {
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("tradeforge: ") && stderr.ends_with('\n'), "{stderr}");
    stderr.trim_end().to_owned()
}

impl Running {
    /// The next line; `None` at the end.
    pub fn line(&self) -> Option<String> {
        match self.lines.recv_timeout(self.until.saturating_duration_since(Instant::now())) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("no line came in time"),
        }
    }

    /// Gives the program a moment; false when it is over or has had its time.
    pub fn is_waited_for(&self) -> bool {
        let moment = Duration::from_millis(20);
        Instant::now() < self.until && self.lines.recv_timeout(moment) == Err(RecvTimeoutError::Timeout)
    }

    /// Asks the program to end, as a shell or a service manager does.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Reads to the end of the run.
    pub fn end(mut self) -> Ended {
        let lines = std::iter::from_fn(|| self.line()).collect();
        // Its stdout is closed, so the program is ending.
        let status: ExitStatus = self.child.wait().unwrap();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ended { code: status.code(), lines, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the simulator as a process, and gives the program joined to it by nothing but the printed block.
pub fn simulator(options: &str) -> (Running, Program) {
    started(&format!("sim {options}"))
}

/// Starts `sim` or `replay`, as [`simulator`].
pub fn started(arguments: &str) -> (Running, Program) {
    let running = Program::new(&[]).start(arguments);
    let mut variables = Vec::new();
    loop {
        let line = running.line().expect("the simulator ended");
        if line == "ready" {
            break;
        }
        let (name, value) = line.split_once('=').expect("a line of a .env file");
        variables.push((name.to_owned(), value.to_owned()));
    }
    (running, Program { variables, folder: tempfile::tempdir().unwrap() })
}

/// A server that treats its first connection like this, and its URL.
pub fn server(serve: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let accept = move || serve(listener.accept().unwrap().0);
    Builder::new().spawn(accept).unwrap();
    url
}

/// A server that reads a request and sends this answer.
pub fn server_that_answers(answer: &'static str) -> String {
    server(move |mut stream| {
        let mut request = BufReader::new(stream.try_clone().unwrap());
        let mut length = 0;
        loop {
            let mut line = String::new();
            request.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        request.read_exact(&mut vec![0; length]).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    })
}
