"""The part of a run that is about what the service sends by itself."""

import contextlib
import sqlite3
import statistics
import sys
import time

from . import machine
from .programs import Program
from .report import Figure

CALLBACKS = 20_000
DRAIN_SECONDS_MAX = 600


def callbacks(setting):
    """Callbacks that wait for one account, to one receiver on this machine, each written down on disk."""
    rates, busy = [], []
    for number in range(setting.options.rounds):
        data_dir = setting.folder / f"callbacks-{number}"
        account = setting.account(data_dir)
        receiver = Program([sys.executable, "-m", "driver.receiver"], setting.log, machine.CORES[-1:] if setting.split else None)
        with receiver:
            setting.fill(data_dir, "sqlite", account, CALLBACKS, "callbacks", f"{receiver.url}/hook")
            setting.patience.wait()
            with setting.product(data_dir, account, "--callback-allow", "127.0.0.1") as product:
                _wait_until_drained(data_dir / "dossier.db")
                drained = time.monotonic()
                busy.append(sum(machine.cpu_seconds(product.pids).values()))
            seen = receiver.get("/")
        if seen["count"] != CALLBACKS:
            raise SystemExit(f"callbacks: {seen['count']} of {CALLBACKS} arrived")
        rates.append(CALLBACKS / (drained - seen["first"]))
    rate = statistics.median(rates)
    spread = f"{rate:,.0f} /s ({min(rates):,.0f} to {max(rates):,.0f})"
    yield Figure(f"{CALLBACKS:,} callbacks to one receiver", spread, "500 /s", rate >= 500)
    yield Figure("the same, CPU time of the service each", f"{statistics.median(busy) / CALLBACKS * 1e6:.0f} µs")


def _wait_until_drained(file):
    """Looks from outside, as an operator would, so that nothing counts that is not on disk."""
    end = time.monotonic() + DRAIN_SECONDS_MAX
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        while database.execute("SELECT 1 FROM deliveries WHERE state = 'waiting' LIMIT 1").fetchone():
            if time.monotonic() > end:
                raise SystemExit("callbacks: some still wait")
            time.sleep(0.02)
