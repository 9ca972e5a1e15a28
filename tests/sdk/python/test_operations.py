"""The commands of operations.md work as they stand there, in their order, beside a service that is used."""

import os
import pathlib
import re
import select
import subprocess

import pytest

import samples
import service as program
from service import REPOSITORY, Account, Http

SECONDS_MAX = 60
NEW_DATABASE = "postgres://dossier:PASSWORD@db.example/dossier"
BUNDLES = f"{program.V2}/Bundles"


def steps():
    """Every command of the page with the lines that it prints, block by block."""
    page = REPOSITORY.joinpath("docs/operations.md").read_text()
    for block in re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        commands = re.split(r"^\$ ", block, flags=re.MULTILINE)
        assert commands[0] == "", "a block begins with a command"
        for command in commands[1:]:
            line, *expected = command.splitlines()
            yield line, expected


class Served:
    """`dossier serve` as the page has it, on a free port."""

    def __init__(self, line: str, directory: pathlib.Path, environment: dict):
        command = [*line.split(), "--listen", "127.0.0.1:0"]
        self._stderr = open(directory / "stderr", "a")
        self._process = subprocess.Popen(
            command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=self._stderr, text=True
        )
        ready, _, _ = select.select([self._process.stdout], [], [], SECONDS_MAX)
        self.line = self._process.stdout.readline().rstrip("\n") if ready else ""
        assert self.line.startswith("listening on "), (directory / "stderr").read_text()

    def http(self, account: Account | None) -> Http:
        return Http(self.line.removeprefix("listening on "), account)

    def stop(self):
        self._process.terminate()
        assert self._process.wait(SECONDS_MAX) == 0
        self._process.stdout.close()
        self._stderr.close()


class Machine:
    """A directory with an installation in it, and the program on the path."""

    def __init__(self, directory: pathlib.Path, new_database: str | None):
        self.directory = directory
        self.new_database = new_database
        programs = directory / "bin"
        programs.mkdir()
        programs.joinpath("dossier").symlink_to(program.binary())
        self.environment = program.environment() | {"PATH": f"{programs}:{os.environ['PATH']}"}
        self.served = self.serve("dossier serve")
        made = self.run("dossier accounts create 'Example Ltd'")
        self.account = Account(*re.findall(r"^TWILIO_\w+=(\w+)$", made, re.MULTILINE))

    def serve(self, line: str) -> Served:
        return Served(line, self.directory, self.environment)

    def run(self, line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.directory, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def step(self, line: str) -> str:
        """Does what the page says; returns what it printed."""
        if line.startswith("dossier serve"):
            served = self.serve(line)
            self.check(served)
            served.stop()
            return served.line
        if self.new_database and NEW_DATABASE in line:
            self.directory.joinpath("node").mkdir(mode=0o700)
            key = self.directory.joinpath("dossier-data/master.key").read_bytes()
            os.close(os.open(self.directory / "node/master.key", os.O_CREAT, 0o600))
            self.directory.joinpath("node/master.key").write_bytes(key)
            flags = f"--data-dir node --database-url {self.new_database}"
            printed = self.run(line.replace(NEW_DATABASE, self.new_database))
            served = self.serve(f"dossier serve {flags}")
            self.check(served)
            served.stop()
            return printed
        printed = self.run(line)
        if line == "dossier keys rotate":
            # As the page says.
            self.served.stop()
            self.served = self.serve("dossier serve")
        return printed

    def fill(self):
        """A bundle with a sealed address of somebody, and a document."""
        http = self.served.http(self.account)
        form = {
            "FriendlyName": "kept",
            "Email": "somebody@beispiel.example",
            "IsoCountry": "DE",
            "NumberType": "local",
            "EndUserType": "business",
        }
        assert http.post(BUNDLES, data=form).status_code == 201
        document = {"FriendlyName": "kept", "Type": "passport", "Attributes": '{"first_name": "Ann"}'}
        file = {"File": ("passport.png", samples.PNG, "image/png")}
        assert http.post(f"{program.V2}/SupportingDocuments", data=document, files=file).status_code == 201

    def check(self, served: Served):
        """The same answers with the same token."""
        for path in (BUNDLES, f"{program.V2}/SupportingDocuments"):
            [there] = self.served.http(self.account).get(path).json()["results"]
            [here] = served.http(self.account).get(path).json()["results"]
            for each in (there, here):
                for name in ("url", "links"):
                    each.pop(name, None)
            assert here == there


@pytest.fixture
def machine(engine, tmp_path):
    database = program.Database() if engine == "postgres" else None
    machine = Machine(tmp_path, database.url if database else None)
    yield machine
    machine.served.stop()
    if database:
        database.drop()


def fits(line: str, printed: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in line.split("…"))
    return re.search(f"^{pattern}$", printed, re.MULTILINE) is not None


def test_the_commands_of_the_page(machine):
    machine.fill()
    commands = []
    for line, expected in steps():
        if NEW_DATABASE in line and not machine.new_database:
            continue
        printed = machine.step(line)
        commands.append(" ".join(line.split()[:2]))
        for each in expected:
            assert fits(each, printed), f"{line}\n{each}\nis not in\n{printed}"
    for command in ("backup", "restore", "serve", "audit", "keys", "migrate"):
        assert f"dossier {command}" in commands
