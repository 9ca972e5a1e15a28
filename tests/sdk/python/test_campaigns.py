"""A change of a rule, from the file to the bundles that it concerns, as docs/campaigns.md tells it."""

import datetime
import pathlib
import re
import signal
import subprocess

import pytest
from twilio.request_validator import RequestValidator

import samples
from receivers import CallbackReceiver
from refusals import refused
from service import REHEARSAL, REPOSITORY, Service

OPERATOR = {"Authorization": "Bearer dev-operator"}
END = datetime.datetime(2100, 3, 1, tzinfo=datetime.timezone.utc)


def blocks(language):
    """The code blocks of the page in one language."""
    text = REPOSITORY.joinpath("docs/campaigns.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def rules(tmp_path):
    """A directory of rules with nothing in it yet."""
    return tmp_path


@pytest.fixture
def changing(engine, rules):
    """A service whose rules are about to change."""
    service = Service(engine, "--catalogue", str(rules))
    yield service
    assert service.stop() == 0


@pytest.fixture
def receiver():
    receiver = CallbackReceiver()
    yield receiver
    receiver.close()


def change_the_rules(service, rules):
    """Puts the page's file into the directory, and has it taken up."""
    [file] = blocks("toml")
    country = pathlib.Path(rules, "countries/DE.toml")
    country.parent.mkdir()
    country.write_text(file)
    service.signal(signal.SIGHUP)


def progress(service):
    """Where the bundles of the only campaign stand, without those that stand nowhere."""
    http = service.http(None)
    [campaign] = http.get("/operator/v1/campaigns", headers=OPERATOR).json()["items"]
    counts = http.get(f"/operator/v1/campaigns/{campaign['sid']}", headers=OPERATOR).json()["progress"]
    return {standing: count for standing, count in counts.items() if count and standing != "total"}


def set_clock(service, **how):
    """Moves the clock; what is due by then is done."""
    moved = service.http(None).post("/dev/v1/clock", json=how)
    assert moved.status_code == 200, moved.text


def subjects(service):
    """Of all mails that were not sent."""
    return [mail["subject"] for mail in service.http(None).get("/dev/v1/mail").json()["items"]]


def test_information_is_updated_ahead_of_a_rule(changing, rules, receiver):
    client, http = changing.client(REHEARSAL), changing.http(REHEARSAL)
    compliance = client.numbers.v2.regulatory_compliance
    bundle, _, _ = samples.compliant_bundle(client, http)
    samples.approve(client, changing, bundle)
    compliance.bundles(bundle.sid).update(status_callback=f"{receiver.url}/compliance")

    change_the_rules(changing, rules)
    notice = receiver.next()
    validator = RequestValidator(REHEARSAL.token)
    assert validator.validate(notice.url, notice.params, notice.headers["X-Twilio-Signature"])
    assert notice.params["BundleSid"] == bundle.sid
    assert notice.params["Status"] == "twilio-approved"
    assert notice.params["ValidUntil"] == "2100-03-01T00:00:00Z"
    assert notice.params["MissingRequirements"] == "business_info.phone_number"
    assert compliance.bundles(bundle.sid).fetch().valid_until == END
    assert [due.sid for due in compliance.bundles.list(has_valid_until_date=True)] == [bundle.sid]

    copy = compliance.bundles(bundle.sid).bundle_copies.create()
    with refused(400, 20001, "Evaluations/EL"):
        compliance.bundles(copy.sid).update(status="pending-review")
    items = compliance.bundles(copy.sid).item_assignments.list()
    [end_user] = [item.object_sid for item in items if item.object_sid.startswith("IT")]
    answer = samples.COMPANY | {"phone_number": "+493012345678"}
    compliance.end_users(end_user).update(attributes=answer)
    assert compliance.bundles(copy.sid).evaluations.create().status == "compliant"
    samples.approve(client, changing, copy)
    assert progress(changing) == {"approved": 1}

    replaced = compliance.bundles(bundle.sid).replace_items.create(from_bundle_sid=copy.sid)
    assert (replaced.sid, replaced.status, replaced.valid_until) == (bundle.sid, "twilio-approved", None)
    assert progress(changing) == {"replaced": 1}
    assert compliance.bundles(copy.sid).delete()
    assert [receiver.next().params["Status"] for _ in range(2)] == ["pending-review", "twilio-approved"]


def test_what_is_not_renewed_ends(changing, rules, receiver):
    client, http = changing.client(REHEARSAL), changing.http(REHEARSAL)
    bundle, _, _ = samples.compliant_bundle(client, http)
    samples.approve(client, changing, bundle)
    bundles = client.numbers.v2.regulatory_compliance.bundles
    bundles(bundle.sid).update(status_callback=receiver.url)
    change_the_rules(changing, rules)
    assert receiver.next().params["ValidUntil"] == "2100-03-01T00:00:00Z"
    set_clock(changing, advance_seconds=1)
    assert "The rules for local numbers in Germany change" in subjects(changing)
    set_clock(changing, set="2100-03-01T00:00:00Z")
    assert receiver.next().params["Status"] == "twilio-rejected"
    assert bundles(bundle.sid).fetch().status == "twilio-rejected"
    assert progress(changing) == {"overdue": 1}
    reminders = [subject for subject in subjects(changing) if "ends in" in subject]
    assert len(reminders) == 3, "30 days, 7 days and 1 day before"


def test_the_commands_of_the_page(changing, rules, receiver):
    client, http = changing.client(REHEARSAL), changing.http(REHEARSAL)
    bundle, _, _ = samples.compliant_bundle(client, http)
    samples.approve(client, changing, bundle)
    client.numbers.v2.regulatory_compliance.bundles(bundle.sid).update(status_callback=receiver.url)
    change_the_rules(changing, rules)
    receiver.next()
    commands = "set -eu\n" + "\n".join(blocks("sh")).replace("http://127.0.0.1:8080", changing.url)
    done = subprocess.run(["bash"], input=commands, capture_output=True, text=True, check=True)
    assert done.stdout.count('"state":"open"') == 3, done.stdout
    assert '"paused_at":null' in done.stdout and '"code"' not in done.stdout
