"""A throwaway PostgreSQL cluster that syncs to disk, on a free port of the loopback address."""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

from .programs import run

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
}


def programs():
    """The folder of the server's programs; Debian keeps them out of PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not folders:
        raise SystemExit("PostgreSQL's server programs are missing (Debian: apt-get install postgresql)")
    return folders[-1]


class Cluster:
    """Runs while the `with` block does. PostgreSQL refuses to run as root, so then it runs as another user."""

    def __init__(self, folder, cores):
        self.folder, self.bin = Path(folder), programs()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.user = {}
        if os.geteuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            self.user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.cores = cores

    def __enter__(self):
        data = str(self.folder / "data")
        flags = ["-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        run([self.bin / "initdb", "-D", data, *flags], cwd="/", **self.user)
        settings = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        argv = [self.bin / "pg_ctl", "-D", data, "-l", self.folder / "log", "-w", "-o", f"-p {self.port} {settings}", "start"]
        if self.cores is not None:
            argv = ["taskset", "-c", ",".join(map(str, self.cores)), *argv]
        # It keeps what it inherits open, so its output must not be a pipe that somebody waits for.
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.user)
        self.pid = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        return self

    def __exit__(self, *_):
        stop = [self.bin / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop"]
        subprocess.run(stop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.user)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self):
        return f"postgres://bench@127.0.0.1:{self.port}/postgres"

    def sql(self, statement):
        """Runs a statement; returns its rows as text."""
        return run([self.bin / "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url]).strip()

    def pgbench(self, script, clients):
        """The command that runs a script, without its duration."""
        flags = ["-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-f", str(script)]
        return [str(self.bin / "pgbench"), *flags, self.url]
