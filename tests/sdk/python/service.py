"""A started `dossier serve --dev`, and how tests talk to it: with the official SDK, and with plain HTTP."""

import json
import os
import pathlib
import re
import secrets
import select
import subprocess
import tempfile
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
V2 = "/v2/RegulatoryCompliance"
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30


@dataclass(frozen=True)
class Account:
    """Credentials."""

    sid: str
    token: str


# Rehearsal mode has this account on every machine.
REHEARSAL = Account("AC00000000000000000000000000000001", "00000000000000000000000000000001")


class Service:
    """A process of its own, on a free port, with a data directory and a database that nobody else uses."""

    def __init__(self, engine: str, *flags: str, rehearsal: bool = True):
        self._directory = tempfile.TemporaryDirectory(prefix="dossier-sdk-")
        self.data_dir = pathlib.Path(self._directory.name, "data")
        self._database = Database() if engine == "postgres" else None
        self._stderr = open(self.data_dir.with_name("stderr"), "w+")
        mode = ["--dev"] if rehearsal else []
        self._process = subprocess.Popen(
            [binary(), "serve", "--listen", "127.0.0.1:0", *mode, *self._storage(), *flags],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        self.url = self._read_address()

    def _storage(self) -> list[str]:
        database = ["--database-url", self._database.url] if self._database else []
        return ["--data-dir", str(self.data_dir), *database]

    def own_variables(self):
        """The same as variables of commands that are run beside it."""
        database = {"DOSSIER_DATABASE_URL": self._database.url} if self._database else {}
        return {"DOSSIER_DATA_DIR": str(self.data_dir), **database}

    def _read_address(self) -> str:
        """The first line on standard output is made for scripts."""
        ready, _, _ = select.select([self._process.stdout], [], [], START_SECONDS_MAX)
        line = self._process.stdout.readline() if ready else "nothing in time"
        found = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", line)
        if not found:
            self._process.kill()
            raise RuntimeError(f"dossier did not start, it said {line!r}:\n{self.log()}")
        return found[1]

    def log(self) -> str:
        """What the process wrote on standard error so far."""
        return pathlib.Path(self._stderr.name).read_text()

    def signal(self, number: int) -> None:
        """Sends the process a signal, by its id."""
        self._process.send_signal(number)

    def stop(self) -> int:
        """Asks the process to end, by its id, and returns its exit status."""
        self._process.terminate()
        status = self._process.wait(STOP_SECONDS_MAX)
        self._process.stdout.close()
        self._stderr.close()
        if self._database:
            self._database.drop()
        self._directory.cleanup()
        return status

    def command(self, *arguments: str) -> str:
        """Runs another command of the program on the same storage; returns its output."""
        command = [binary(), *arguments, *self._storage()]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def new_operator(self, role: str) -> str:
        """The bearer token of a new operator."""
        printed = self.command("operators", "create", "--role", role, "SDK tests")
        return re.search(r"DOSSIER_OPERATOR_TOKEN=(\w+)\n", printed)[1]

    def new_account(self, parent: Account | None = None) -> Account:
        """An account with nothing in it yet."""
        flags = ["--parent", parent.sid] if parent else []
        printed = self.command("accounts", "create", "SDK tests", *flags)
        return Account(*re.search(r"TWILIO_ACCOUNT_SID=(\w+)\nTWILIO_AUTH_TOKEN=(\w+)\n", printed).groups())

    def client(self, account: Account, acting_for: str | None = None) -> Client:
        """The official SDK. All that it needs to know is the base URL; with an API key, or for a sub-account,
        also the account that its paths begin with."""
        client = Client(account.sid, account.token, acting_for, http_client=CheckingHttpClient())
        client.numbers.base_url = self.url
        client.api.base_url = self.url
        return client

    def http(self, account: Account | None) -> "Http":
        """Plain HTTP, for what no SDK can send."""
        return Http(self.url, account)


class CheckingHttpClient(TwilioHttpClient):
    """The SDK's own HTTP client, which holds every answer of every test against the rules for all answers."""

    def request(self, *arguments, **keywords):
        response = super().request(*arguments, **keywords)
        check_answer(response.status_code, response.headers, response.text)
        return response


class Http(requests.Session):
    """Requests to paths of the service."""

    def __init__(self, url: str, account: Account | None):
        super().__init__()
        self.url = url
        self.trust_env = False
        self.auth = (account.sid, account.token) if account else None

    def request(self, method, path, **keywords):
        keywords.setdefault("timeout", 30)
        keywords.setdefault("allow_redirects", False)
        response = super().request(method, self.url + path, **keywords)
        if method != "HEAD":
            check_answer(response.status_code, response.headers, response.text)
        return response


def check_answer(status: int, headers, text: str) -> None:
    """What holds for every answer: an id, JSON unless it is empty, and errors of one shape."""
    assert re.fullmatch("RQ[0-9a-f]{32}", headers["Twilio-Request-Id"])
    assert 200 <= status < 300 or 400 <= status < 500, f"{status} {text}"
    if status == 204:
        assert text == ""
        return
    assert headers["Content-Type"].split(";")[0] == "application/json"
    body = json.loads(text)
    if status < 300:
        return
    assert set(body) - {"details"} == {"code", "message", "more_info", "status"}
    assert body["status"] == status
    assert isinstance(body["message"], str) and body["message"].strip()
    assert isinstance(body["code"], int)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{body['code']}"


class Database:
    """A database of its own on the PostgreSQL server of the tests."""

    def __init__(self):
        self._server = os.environ["DOSSIER_TEST_POSTGRES_URL"]
        self._name = f"dossier_sdk_{secrets.token_hex(6)}"
        self._psql(f"CREATE DATABASE {self._name}")
        self.url = urlunsplit(urlsplit(self._server)._replace(path=f"/{self._name}"))

    def drop(self) -> None:
        """Removes it; nobody is connected any more."""
        self._psql(f"DROP DATABASE {self._name}")

    def _psql(self, statement: str) -> None:
        subprocess.run([psql(), "--quiet", "--dbname", self._server, "--command", statement], check=True)


def psql() -> str:
    """On the path, or where Debian puts it."""
    packaged = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"))
    return str(packaged[-1]) if packaged else "psql"


def binary() -> str:
    """The program under test."""
    return os.environ["DOSSIER_BIN"]


def environment() -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("DOSSIER_", "TWILIO_"))}
