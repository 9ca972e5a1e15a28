"""Where and how is measured: options, built programs, filled databases."""

import hashlib
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import machine
from .load import Burst
from .programs import Program, run

ROOT = Path(__file__).parent.parent.parent
BUNDLES = "/v2/RegulatoryCompliance/Bundles"
DOCUMENTS = "/v2/RegulatoryCompliance/SupportingDocuments"
REGULATIONS = "/v2/RegulatoryCompliance/Regulations"
REGULATION_QUERY = f"{REGULATIONS}?IsoCountry=DE&NumberType=local&EndUserType=business"
SIDS_SAMPLED = 10_000


@dataclass
class Account:
    """Who asks the product."""

    sid: str
    token: str


@dataclass
class Setting:
    """Everything a part needs to know."""

    options: object
    target: Path
    """Cargo's target directory."""
    folder: Path
    """Of this run alone; removed at its end."""
    kept: Path
    """Filled databases, kept for the next run."""
    patience: machine.Patience

    @property
    def split(self):
        """Whether server and client have cores of their own."""
        return self.options.pin == "split"

    @property
    def server_cores(self):
        return machine.CORES[:-1] if self.split else None

    @property
    def threads(self):
        """Threads that serve requests."""
        return len(self.server_cores or machine.CORES)

    @property
    def burst(self):
        client_cores = machine.CORES[-1:] if self.split else None
        options = self.options
        return Burst(options.seconds, options.connections, client_cores, options.priority)

    @property
    def log(self):
        """Where all programs write their standard error: the product its access log, too."""
        return self.folder / "log"

    def release(self, name):
        return str(self.target / "release" / name)

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def product_argv(self, data_dir, *flags):
        argv = [self.release("dossier"), "serve", "--listen", "127.0.0.1:0", "--data-dir", str(data_dir)]
        return [*argv, "--worker-threads", str(self.threads), *flags]

    def product(self, data_dir, account, *flags):
        """The product as an operator runs it: credentials, log, audit, sealing, no rehearsal mode."""
        credentials = (account.sid, account.token)
        return Program(self.product_argv(data_dir, *flags), self.log, self.server_cores, credentials)

    def floor(self, db):
        (self.folder / "uploads").mkdir(exist_ok=True)
        argv = [self.release("floor"), "serve", str(db), str(self.folder / "uploads"), str(self.threads)]
        return Program(argv, self.log, self.server_cores)

    def account(self, data_dir, *flags):
        """A new account in the product's database, which is made when it is not there."""
        Path(data_dir).mkdir(parents=True, exist_ok=True)
        create = [self.release("dossier"), "accounts", "create", "Benchmark"]
        printed = run([*create, "--data-dir", str(data_dir), *flags])
        values = dict(line.split("=", 1) for line in printed.splitlines())
        return Account(values["TWILIO_ACCOUNT_SID"], values["TWILIO_AUTH_TOKEN"])

    @cached_property
    def regulation(self):
        """The regulation that all bundles are for."""
        data_dir = self.folder / "regulation"
        account = self.account(data_dir)
        with self.product(data_dir, account) as product:
            return product.get(REGULATION_QUERY)["results"][0]["sid"]

    def fill(self, data_dir, url, account, rows, *items):
        run([self.release("fill"), str(data_dir), url, account.sid, self.regulation, str(rows), *items])

    @cached_property
    def large(self):
        """The product's data directory and the floor's table with `--rows` rows each, and the account."""
        folder = self.kept / f"{self.options.rows}-{self._shape()}"
        product, floor, done = folder / "product", folder / "floor.db", folder / "account"
        if not done.exists():
            self.say(f"filling two databases with {self.options.rows} rows (kept in {folder})")
            shutil.rmtree(self.kept, ignore_errors=True)
            account = self.account(product)
            self.fill(product, "sqlite", account, self.options.rows)
            run([self.release("floor"), "fill", str(floor), str(self.options.rows)])
            done.write_text(f"{account.sid} {account.token}")
        return product, floor, Account(*done.read_text().split())

    @cached_property
    def with_items(self):
        """A data directory with `--impact-rows` bundles of one account that have everything, and the account."""
        folder = self.kept.with_name("filled-items") / f"{self.options.impact_rows}-{self._shape()}"
        done = folder / "account"
        if not done.exists():
            self.say(f"filling a database with {self.options.impact_rows} bundles and their items (kept in {folder})")
            shutil.rmtree(folder.parent, ignore_errors=True)
            account = self.account(folder)
            self.fill(folder, "sqlite", account, self.options.impact_rows, "items")
            done.write_text(f"{account.sid} {account.token}")
        return folder, Account(*done.read_text().split())

    @staticmethod
    def _shape():
        """Changes with everything that decides what the filled files look like."""
        sources = [*(ROOT / "crates/store/migrations").glob("*"), *ROOT.glob("bench/*/src/*.rs")]
        return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:12]

    def paths_file(self, name, paths):
        """A file with the paths that a load asks for, as the scripts of wrk want it."""
        file = self.folder / name
        file.write_text("".join(f"{path}\n" for path in paths))
        return {"PATHS": str(file)}

    def sampled_paths(self, rows):
        """Paths of bundles from all over a table of this many rows."""
        step = max(1, rows // SIDS_SAMPLED)
        sids = (sample_sid(number) for number in range(0, rows, step))
        return self.paths_file("fetch", (f"{BUNDLES}/{sid}" for sid in sids))

    def form(self):
        """The form of a create, as the scripts of wrk want it."""
        file = self.folder / "form"
        file.write_text(
            "FriendlyName=Deutschland+GmbH%2C+local+numbers+for+the+Berlin+and+Hamburg+branches"
            "&Email=compliance-desk%40customer.example.com"
            "&StatusCallback=https%3A%2F%2Fhooks.customer.example.com%2Ftwilio%2Fregulatory"
            f"&RegulationSid={self.regulation}"
        )
        return {"BODY": str(file), "TYPE": "application/x-www-form-urlencoded"}


def sample_sid(number):
    """The identifier of row `number`: the programs that fill say the same."""
    return "BU" + hashlib.sha256(str(number).encode()).hexdigest()[:32]
