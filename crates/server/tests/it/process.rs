//! A running `dossier`, ended by its process id whatever happens to the test.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Bound of every wait; reached only when something is broken.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// `dossier serve` on a free port and a directory of its own.
pub(crate) struct Server {
    child: Killed,
    /// What the first line on standard output named, such as `http://127.0.0.1:4711`.
    pub(crate) url: String,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The working directory, with the data directory in it.
    pub(crate) directory: TempDir,
    /// Kept open, because a closed pipe would end the process at its next line.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts `dossier serve --listen 127.0.0.1:0` with further arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(&mut dossier(), arguments)
    }

    /// Starts it through this command line of a shell, where `"$@"` is the real one.
    pub(crate) fn start_in_shell(script: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_dossier")]);
        Self::spawn(&mut command, arguments)
    }

    fn spawn(command: &mut Command, arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let stderr = std::fs::File::create(directory.path().join("stderr")).unwrap();
        let child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .current_dir(directory.path())
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn();
        let mut child = Killed(child.unwrap());
        let mut stdout = BufReader::new(child.0.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let mut server =
            Self { child, url: String::new(), address: ([0, 0, 0, 0], 0).into(), directory, _stdout: stdout };
        let url = line.trim_end().strip_prefix("listening on ");
        server.url = url.unwrap_or_else(|| panic!("{line:?}, {}", server.stderr())).to_owned();
        server.address = server.url.split_once("://").unwrap().1.parse().unwrap();
        server
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream
    }

    /// The answer to one request on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
        read_to_end(&mut stream)
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        signal(&self.child.0, name);
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        wait(&mut self.child.0)
    }

    /// What was written on standard error so far.
    pub(crate) fn stderr(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("stderr")).unwrap()
    }

    /// Waits until standard error contains the text.
    pub(crate) fn wait_for_log(&self, text: &str) {
        wait_until(|| self.stderr().contains(text), || format!("{text:?} in {}", self.stderr()));
    }

    /// Processor time that the process has used, in hundredths of a second.
    pub(crate) fn cpu_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// The process's memory in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// A child that does not outlive its test.
pub(crate) struct Killed(pub(crate) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It has ended already in most tests; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a signal, such as `TERM`, to the child.
pub(crate) fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// The binary.
pub(crate) fn dossier() -> Command {
    Command::new(env!("CARGO_BIN_EXE_dossier"))
}

/// How a command that ends by itself ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the binary in a directory with a clean environment and these variables.
pub(crate) fn run(directory: &TempDir, variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let output = dossier()
        .args(arguments)
        .current_dir(directory.path())
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Everything up to the end of the connection; a reset is an end as well.
pub(crate) fn read_to_end(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
    }
    String::from_utf8(bytes).unwrap()
}

/// Waits for a condition of another process, which cannot wake us.
pub(crate) fn wait_until(condition: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < SOON, "waited in vain for {}", otherwise());
        thread::park_timeout(Duration::from_millis(5));
    }
}

/// Waits for the end of the child.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(begun.elapsed() < SOON, "the process does not end");
        thread::park_timeout(Duration::from_millis(5));
    }
}

/// Runs something on another thread and gives up after [`SOON`].
pub(crate) fn bounded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(SOON).expect("the work ends in time")
}
