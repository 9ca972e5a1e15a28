"""Measures the product against the floor programs; `scripts/bench` builds both and calls this."""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from . import machine
from .parts import PARTS
from .report import written
from .setting import Setting


def options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Ratios of the product to floor programs.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all when none is given")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds (%(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="length of a burst (%(default)s)")
    parser.add_argument("--connections", type=int, default=64, help="connections of wrk (%(default)s)")
    parser.add_argument("--rows", type=int, default=1_001_000, help="rows of the filled tables (%(default)s)")
    parser.add_argument("--impact-rows", type=int, default=200_000, help="bundles of the impact (%(default)s)")
    parser.add_argument("--pin", choices=["split", "free"], default="split" if len(machine.CORES) > 1 else "free")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for quiet moments (%(default)s)")
    parser.add_argument("--priority", type=int, help="niceness of what is measured, such as -15 (needs root)")
    parser.add_argument("--target", type=Path, help="Cargo's target directory", required=True)
    chosen = parser.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return chosen


def main():
    # So that `with` blocks end what they started.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    chosen = options()
    kept = chosen.target / "bench-data"
    kept.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="dossier-bench.", dir=chosen.target))
    # PostgreSQL's user must be able to get to its own folder in it.
    folder.chmod(0o711)
    setting = Setting(chosen, chosen.target, folder, kept / "filled", machine.Patience(chosen.patience))
    about = machine.describe(folder)
    rows = []
    try:
        for name, part in PARTS.items():
            if not chosen.parts or name in chosen.parts:
                setting.say(f"{name}: {part.__doc__}")
                rows += part(setting)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if rows:
            report = written(rows, setting, about)
            (kept / "report.md").write_text(report)
            print(report)


if __name__ == "__main__":
    main()
