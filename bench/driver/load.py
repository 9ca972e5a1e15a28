"""One burst of load from wrk or pgbench, and what it cost."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import machine

SCRIPTS = Path(__file__).parent.parent / "wrk"
UNITS = {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}


@dataclass
class Sample:
    """What one burst measured."""

    rate: float
    """Requests or transactions a second."""
    p50_ms: float
    p99_ms: float
    server_cpu: float
    """CPU seconds a second of the measured processes: server, database, and their children."""
    other_cpu: float
    """CPU seconds a second of everybody else on the machine."""


@dataclass
class Burst:
    """How load is made: by whom, on which cores, for how long."""

    seconds: int
    connections: int
    cores: list | None
    nice: int | None

    def wrk(self, program, script, path="/", env=None, connections=None, also=()):
        """Load from wrk on a program. `also` are processes whose CPU counts as the server's."""
        connections = connections or self.connections
        threads = 1 if self.cores and len(self.cores) == 1 else min(2, connections)
        argv = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{self.seconds}s", "--timeout", "20s", "--latency"]
        argv += ["-s", str(SCRIPTS / script), program.url + path]
        headers = "|".join(f"{name}: {value}" for name, value in program.headers().items())
        servers = lambda: program.pids + [pid for root in also for pid in machine.tree(root)]
        text, costs = self._run(argv, (env or {}) | {"HEADERS": headers}, servers)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", text)
        if refused:
            raise SystemExit(f"wrk on {path}: {refused[0]}")
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
        return Sample(rate, _latency(text, "50%"), _latency(text, "99%"), *costs)

    def pgbench(self, argv, root):
        """Load from pgbench on the cluster whose postmaster is `root`."""
        text, costs = self._run([*argv, "-T", str(self.seconds)], {}, lambda: machine.tree(root))
        rate = float(re.search(r"tps = ([\d.]+)", text)[1])
        average = float(re.search(r"latency average = ([\d.]+)", text)[1])
        return Sample(rate, average, float("nan"), *costs)

    def _run(self, argv, env, servers):
        if self.cores:
            argv = ["taskset", "-c", ",".join(map(str, self.cores)), *argv]
        busy, before, started = machine.busy_seconds(), machine.cpu_seconds(servers()), time.monotonic()
        process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | env, start_new_session=True
        )
        try:
            if self.nice is not None:
                # Not at once: PostgreSQL makes a process for each connection.
                time.sleep(0.1)
                machine.prefer([*machine.tree(process.pid), *servers()], self.nice)
            # Processes that the burst itself begets end with it, so they are counted just before.
            time.sleep(max(0.0, self.seconds - 0.25 - (time.monotonic() - started)))
            everybody, used = machine.busy_seconds() - busy, machine.cpu_seconds(servers())
            client = sum(machine.cpu_seconds(machine.tree(process.pid)).values())
            elapsed = time.monotonic() - started
            text, _ = process.communicate(timeout=self.seconds + 60)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(argv)}: {text}")
        # A connection's process may have ended since, or be new.
        server = sum(seconds - before.get(pid, 0.0) for pid, seconds in used.items())
        return text, (server / elapsed, max(0.0, everybody - server - client) / elapsed)


def _latency(text, quantile):
    number, unit = re.search(rf"\s{quantile}\s+([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]
