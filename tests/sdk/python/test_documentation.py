"""What the documentation tells people to paste works, and what it claims is what is tested."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

import service as program
from service import REPOSITORY, Service

SHELL = "set -eu\n"
HERE = pathlib.Path(__file__).parent


def blocks(page, language):
    """The code blocks of a page in one language."""
    text = REPOSITORY.joinpath(page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def checkout(tmp_path):
    """A directory that looks like the top of the repository after `cargo run --release`."""
    tmp_path.joinpath("target/release").mkdir(parents=True)
    tmp_path.joinpath("target/release/dossier").symlink_to(program.binary())
    tmp_path.joinpath("crates").symlink_to(REPOSITORY / "crates")
    return tmp_path


def run(command, text, checkout, service, **environment):
    """Gives a text to an interpreter at the top of the repository; returns what it printed."""
    # The data directory is not the default one here, so this is how the commands find the service.
    own = {"DOSSIER_DATA_DIR": str(service.data_dir), **environment}
    done = subprocess.run(
        command,
        input=text,
        cwd=checkout,
        env=program.environment() | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def answers_in(printed):
    """The answers of the API in what was printed. Attributes come back to the letter, with their line breaks."""
    decoder, answers = json.JSONDecoder(), []
    while (start := printed.find("{")) >= 0:
        answer, end = decoder.raw_decode(printed[start:])
        answers.append(answer)
        printed = printed[start + end :]
    return answers


@pytest.fixture
def fresh_service(engine):
    """A service in whose queue nobody else's cases wait."""
    service = Service(engine)
    yield service
    assert service.stop() == 0


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_walk_of_the_readme(fresh_service, checkout, shell):
    start, *walk = blocks("README.md", "sh")
    assert start == "cargo run --release -- serve --dev\n"
    answers = answers_in(run([shell], SHELL + "\n".join(walk), checkout, fresh_service))
    evaluation, submitted, _verdict, _decision, approved, eligible = answers[-6:]
    assert evaluation["status"] == "compliant"
    assert submitted["status"] == "pending-review"
    assert approved["status"] == "twilio-approved"
    assert eligible["allowed"], eligible
    assert not [answer for answer in answers if answer.get("code")]


def variables(service, checkout):
    """The variables that `dossier env` sets."""
    printed = run(["bash"], "./target/release/dossier env", checkout, service)
    return dict(re.findall(r"^export (\w+)=(.*)$", printed, re.MULTILINE))


def test_the_walk_of_the_readme_in_python(service, checkout):
    [walk] = blocks("README.md", "python")
    printed = run([sys.executable, "-"], walk, checkout, service, **variables(service, checkout))
    assert printed.split() == ["compliant", "pending-review"]


def test_getting_started(service, checkout):
    start, *walk = blocks("docs/getting-started.md", "sh")
    assert start == "cargo run --release -- serve --dev\n"
    answers = answers_in(run(["bash"], SHELL + "\n".join(walk), checkout, service))

    # What the page says, in the order in which it says it.
    evaluations = [answer for answer in answers if answer.get("sid", "").startswith("EL")]
    assert [evaluation["status"] for evaluation in evaluations] == ["noncompliant", "compliant"]
    codes = [result["error_code"] for result in evaluations[0]["results"]]
    assert codes == [22215, 22216, 22216, 22216]
    refusals = [answer["code"] for answer in answers if "code" in answer]
    assert refusals == [20001, 18024, 20001]
    assert [answer["status"] for answer in answers if answer.get("sid", "").startswith("BU")][-1] == "pending-review"
    assert any(answer.get("postal_code") == "10115" for answer in answers)

    result, refusal = [json.loads(block) for block in blocks("docs/getting-started.md", "json")]
    assert evaluations[0]["results"][0].items() >= result.items()
    assert answers[-1] == refusal

    [python] = blocks("docs/getting-started.md", "python")
    printed = run([sys.executable, "-"], python, checkout, service, **variables(service, checkout))
    assert "Beispiel GmbH" in printed


def test_lifecycle(service, checkout):
    answers = answers_in(run(["bash"], SHELL + "\n".join(blocks("docs/lifecycle.md", "sh")), checkout, service))
    assert not [answer for answer in answers if "code" in answer]

    # What the page says: the copy takes its source's place, and is deleted; a clone is approved.
    bundles = [answer for answer in answers if answer.get("sid", "").startswith("BU")]
    bundle = bundles[-1]
    assert (bundle["status"], bundle["valid_until"]) == ("twilio-approved", None)
    [copies] = [answer for answer in answers if "/Copies" in answer.get("meta", {}).get("url", "")]
    [copy] = copies["results"]
    assert (copy["status"], copy["friendly_name"]) == ("draft", "Beispiel GmbH, 2099")
    [clone] = [answer for answer in answers if "bundle_sid" in answer and answer.get("url", "").endswith("/Clones")]
    assert clone["status"] == "twilio-approved"
    lineage = answers[-1]
    assert (lineage["bundle_sid"], lineage["source"]) == (bundle["sid"], None)
    made = {relative["bundle_sid"]: relative for relative in lineage["made"]}
    assert set(made) == {copy["sid"], clone["bundle_sid"]}
    assert made[copy["sid"]]["replaced_by"] == bundle["account_sid"]
    assert made[clone["bundle_sid"]]["kind"] == "clone"


def test_accounts_page(service, checkout):
    printed = run(["bash"], SHELL + "\n".join(blocks("docs/accounts.md", "sh")), checkout, service)
    answers = answers_in(printed)
    codes = [answer.get("code") for answer in answers]
    refused_at = {code: index for index, code in enumerate(codes) if code}
    assert list(refused_at) == [20403, 20003], "suspended, then what a key may not do and a deleted key"
    assert codes.count(20003) == 2
    statuses = [answer["status"] for answer in answers if answer.get("owner_account_sid") and "code" not in answer]
    assert statuses == ["active", "active", "suspended", "active"]
    assert sum("secret" in answer for answer in answers) == 1


def test_numbers_page(service, checkout):
    answers = answers_in(run(["bash"], SHELL + "\n".join(blocks("docs/numbers.md", "sh")), checkout, service))
    refusals = [answer["code"] for answer in answers if "code" in answer]
    assert refusals == [21631, 21649, 21649, 21648]
    leased = [answer for answer in answers if answer.get("sid", "").startswith("PN")]
    assert [number["phone_number"] for number in leased] == ["+12025550123", "+4930123456"]
    assert leased[1]["voice_url"] == "https://voice.example/answer"
    [dependents] = [answer for answer in answers if "dependent_phone_numbers" in answer]
    assert [number["sid"] for number in dependents["dependent_phone_numbers"]] == [leased[1]["sid"]]


def test_retention(service, checkout):
    commands = SHELL + "\n".join(blocks("docs/retention.md", "sh"))
    printed = run(["bash"], commands, checkout, service, **service.own_variables())
    answers = answers_in(printed)
    person = answers[0]["sid"]
    wanted, done = [answer for answer in answers if answer.get("subject") == person]
    assert [found["sid"] for found in wanted["objects"]] == [person]
    assert (wanted["state"], done["state"], done["erased_objects"]) == ("waiting", "done", 1)
    [refused] = [answer for answer in answers if "code" in answer]
    [released] = [answer for answer in answers if answer.get("sid", "").startswith("LH")]
    assert refused["code"] == 20409 and released["sid"] in refused["detail"]
    assert not released["active"]
    assert "The certificate is right." in printed

    # What the page says of a certificate by itself, and of one that was altered.
    def check(text, *flags):
        checkout.joinpath("other.json").write_text(text)
        command = [program.binary(), "audit", "certificate", "other.json", *flags]
        environment = program.environment() | service.own_variables()
        return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)

    certificate = checkout.joinpath("certificate.json").read_text()
    alone = check(certificate, "--offline")
    assert alone.returncode == 0 and "compared with nothing" in alone.stdout
    export = [program.binary(), "audit", "checkpoint", "--no-seal"]
    environment = program.environment() | service.own_variables()
    exported = subprocess.run(export, capture_output=True, text=True, check=True, env=environment).stdout
    checkout.joinpath("checkpoint.json").write_text(exported)
    together = check(certificate, "--offline", "--checkpoint", "checkpoint.json")
    assert together.returncode == 0 and "compared with nothing" not in together.stdout, together.stdout
    actor = json.loads(certificate)["erasure"]["requested"]["actor"]
    altered = check(certificate.replace(actor, "OP" + "7" * 32))
    assert altered.returncode == 1 and "WRONG" in altered.stdout and "was altered" in altered.stdout
    assert check("{}").returncode == 1


# The table of docs/compatibility.md.


def rows():
    """Operation, parameter (empty in the row of the operation itself), whether it works, and its tests."""
    operation, found = None, []
    for line in REPOSITORY.joinpath("docs/compatibility.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            continue
        if match := re.fullmatch(r"`((?:GET|POST|DELETE) /.*)`", cells[0]):
            operation = match[1]
            found.append((operation, "", *cells[1:3]))
        elif match := re.fullmatch("· `(.*)`", cells[0]):
            found.append((operation, match[1], *cells[1:3]))
    return found


def test_every_operation_and_parameter_has_a_row():
    operations = json.loads(HERE.joinpath("fixtures", "operations.json").read_text())
    works = {(operation, parameter): works for operation, parameter, works, _ in rows()}
    assert len(works) == len(rows()), "a row is there twice"
    for each in operations:
        assert (each["operation"], "") in works
        if works[each["operation"], ""] == "yes":
            for parameter in each["parameters"]:
                assert (each["operation"], parameter) in works


def test_every_row_names_tests_that_exist():
    tests = {
        f"{path.stem.removeprefix('test_')} · {name}"
        for path in HERE.glob("test_*.py")
        for name in re.findall(r"^def test_(\w+)", path.read_text(), re.MULTILINE)
    }
    for operation, parameter, works, verified in rows():
        assert works in ("yes", "not yet")
        named = re.findall("`([^`]+)`", verified)
        assert named or works == "not yet", f"{operation} {parameter}"
        for name in named:
            assert name in tests, f"{operation} {parameter}"
