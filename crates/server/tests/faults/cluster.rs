//! A PostgreSQL of the test's own, which can be killed. It syncs to disk like a real one.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use crate::database::runtime;
use crate::installation::{Process, SOON, wait_until};

/// A user and group without rights, when there is no `postgres`.
const NOBODY: (u32, u32) = (65_534, 65_534);

/// One cluster with one server process at most.
pub(crate) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    server: Option<Process>,
}

impl Cluster {
    /// A fresh cluster whose server answers.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL refuses to run as root.
        let user = (effective_user() == 0).then(unprivileged);
        if let Some((uid, gid)) = user {
            fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
            let data = folder.path().join("data");
            fs::create_dir(&data).unwrap();
            chown(data, Some(uid), Some(gid)).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut cluster = Self { folder, programs: programs(), user, port, server: None };
        let data = cluster.data();
        let arguments = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"];
        let mut initdb = cluster.command("initdb");
        let output = initdb.args(arguments).arg(data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        cluster.start_again();
        cluster
    }

    /// The address of its database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills the server and all its processes with SIGKILL, as a machine that fails does.
    pub(crate) fn kill(&mut self) {
        let mut server = self.server.take().expect("the server runs");
        // Asked while they are its children; those that serve a session would go on for a moment.
        let sessions = children(server.0.id());
        server.kill();
        for session in sessions {
            // It may have noticed by itself that the server is gone.
            let _ = Command::new("kill").args(["-KILL", &session]).stderr(Stdio::null()).status();
        }
    }

    /// Kills one process that serves a session; the server then ends all others and recovers.
    pub(crate) fn kill_a_session(&self) {
        let pid = self.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'dossier' LIMIT 1");
        assert!(Command::new("kill").args(["-KILL", &pid[0]]).status().unwrap().success());
    }

    /// Stops and continues all processes, as a machine that hangs does.
    pub(crate) fn signal_all(&self, signal: &str) {
        let server = self.server.as_ref().expect("the server runs").0.id();
        let mut all = children(server);
        all.push(server.to_string());
        for process in all {
            let _ =
                Command::new("kill").args([&format!("-{signal}"), &process]).stderr(Stdio::null()).status();
        }
    }

    /// Starts the server on what a killed one left, and waits until it has recovered.
    pub(crate) fn start_again(&mut self) {
        wait_until(SOON, "PostgreSQL", || {
            // A process of the killed server may still hold its memory; then the new one gives up.
            let ended = self.server.as_mut().is_none_or(|server| server.0.try_wait().unwrap().is_some());
            if ended {
                self.server = Some(self.spawn());
            }
            self.try_query("SELECT 1").is_some()
        });
    }

    /// The first column of all rows.
    pub(crate) fn query(&self, sql: &str) -> Vec<String> {
        self.try_query(sql).expect("PostgreSQL answers")
    }

    fn try_query(&self, sql: &str) -> Option<Vec<String>> {
        runtime().block_on(async {
            let client = connect(&self.url()).await?;
            let messages = client.simple_query(sql).await.ok()?;
            let column = |message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0)?.to_owned()),
                _ => None,
            };
            Some(messages.into_iter().filter_map(column).collect())
        })
    }

    fn spawn(&self) -> Process {
        let log = fs::OpenOptions::new().append(true).create(true).open(self.folder.path().join("log"));
        let mut server = self.command("postgres");
        server.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on"] {
            server.args(["-c", setting]);
        }
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.unwrap());
        Process(server.spawn().unwrap())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir("/").env_clear().env("LC_ALL", "C");
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.kill();
        }
    }
}

async fn connect(url: &str) -> Option<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.ok()?;
    tokio::spawn(async move { drop(connection.await) });
    Some(client)
}

fn effective_user() -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn unprivileged() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let postgres = users.lines().find_map(|line| line.strip_prefix("postgres:"));
    let ids = postgres.map(|line| line.split(':').skip(1).take(2).map(|id| id.parse().unwrap()));
    ids.and_then(|mut ids| Some((ids.next()?, ids.next()?))).unwrap_or(NOBODY)
}

/// The newest server programs; Debian keeps them out of `PATH`.
fn programs() -> PathBuf {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut folders: Vec<_> = installed.map(|entry| entry.unwrap().path().join("bin")).collect();
    folders.sort();
    let mut elsewhere = vec![PathBuf::from("/usr/local/bin"), PathBuf::from("/usr/bin")];
    elsewhere.extend(folders);
    let has_both = |folder: &&PathBuf| folder.join("initdb").exists() && folder.join("postgres").exists();
    let found = elsewhere.iter().rev().find(has_both).cloned();
    found.expect("PostgreSQL's server programs are installed (Debian: apt-get install postgresql)")
}

/// The processes whose parent this is.
fn children(parent: u32) -> Vec<String> {
    let parent_of = |process: &Path| {
        let stat = fs::read_to_string(process.join("stat")).ok()?;
        stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let children = processes.filter(|process| parent_of(process) == Some(parent));
    children.map(|process| process.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}
