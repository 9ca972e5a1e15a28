//! An installation that outlives its processes: a directory, the variables, and what was logged.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Bound of every wait; reached only when something is broken.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// The account of the rehearsal mode, and its token.
pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";
/// See [`ACCOUNT`].
pub(crate) const TOKEN: &str = "00000000000000000000000000000001";

/// A working directory with the data directory in it, and the environment of every process in it.
pub(crate) struct Installation {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

impl Installation {
    /// An empty one on the embedded database. Everything it logs is kept, from `debug` up.
    pub(crate) fn new() -> Self {
        let variables = vec![("DOSSIER_LOG_LEVEL".to_owned(), "debug".to_owned())];
        Self { directory: tempfile::tempdir().unwrap(), variables }
    }

    /// With one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, Some(value));
        self
    }

    /// With another value of a variable, or without it.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// The working directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("dossier-data")
    }

    /// Everything that was ever written to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    /// A service in rehearsal mode that answers.
    pub(crate) fn start(&self) -> Service {
        self.serve(&["--dev"])
    }

    /// A service with these arguments that answers.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Service {
        self.begin(arguments).ready()
    }

    /// A service that was started a moment ago.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Starting {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = self.spawn(&arguments, Stdio::piped());
        let stdout = BufReader::new(child.0.stdout.take().unwrap());
        Starting { child, stdout, log: self.path().join("log") }
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let logged = self.log().len();
        let path = self.path().join("stdout");
        let mut child = self.spawn(arguments, File::create(&path).unwrap().into());
        let status = child.wait();
        let stdout = std::fs::read_to_string(path).unwrap();
        Ended { code: status.code(), stdout, stderr: self.log().split_off(logged) }
    }

    /// Runs a command and ends it with SIGKILL after a while, if it has not ended by itself.
    pub(crate) fn run_and_kill(&self, arguments: &[&str], after: Duration) {
        let mut child = self.spawn(arguments, Stdio::null());
        let begun = Instant::now();
        while begun.elapsed() < after && child.0.try_wait().unwrap().is_none() {
            thread::park_timeout(Duration::from_millis(1));
        }
        child.kill();
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        ended.stdout
    }

    /// A process that was started a moment ago.
    pub(crate) fn spawn(&self, arguments: &[&str], stdout: Stdio) -> Process {
        let log = OpenOptions::new().append(true).create(true).open(self.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Process(command.stdin(Stdio::null()).stdout(stdout).stderr(log).spawn().unwrap())
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A process that does not outlive its test; it is ended by its id.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < SOON, "process {} does not end", self.0.id());
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Ends it politely and waits.
    pub(crate) fn stop(&mut self) {
        let kill = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(self.wait().code(), Some(0));
    }

    /// Ends it with SIGKILL, now.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already in many tests; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A service that has not said yet that it listens.
pub(crate) struct Starting {
    pub(crate) child: Process,
    stdout: BufReader<ChildStdout>,
    log: PathBuf,
}

impl Starting {
    /// Waits until it answers.
    pub(crate) fn ready(mut self) -> Service {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://");
        let log = || std::fs::read_to_string(&self.log).unwrap();
        let address = address.unwrap_or_else(|| panic!("the service did not start: {}", log()));
        Service { address: address.parse().unwrap(), child: self.child, _stdout: self.stdout }
    }
}

/// A service that answers.
pub(crate) struct Service {
    child: Process,
    pub(crate) address: SocketAddr,
    /// Kept open, because a closed pipe would end the process at its next line.
    _stdout: BufReader<ChildStdout>,
}

impl Service {
    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.0.id()
    }

    /// Ends it with SIGKILL, now.
    pub(crate) fn kill(&mut self) {
        self.child.kill();
    }

    /// Ends it politely and waits.
    pub(crate) fn stop(mut self) {
        self.child.stop();
    }
}

/// Waits for a condition of another process, which cannot wake us.
pub(crate) fn wait_until(bound: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < bound, "waited in vain for {what}");
        thread::park_timeout(Duration::from_millis(10));
    }
}
