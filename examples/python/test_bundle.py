"""The whole life of a regulatory bundle, rehearsed: approved, rejected, expired.

Dossier in rehearsal mode stands in for the original API. It has a ready account, a clock that a test moves, and
reviewers who do what the test says.
"""

import os
import subprocess
import tempfile

import pytest
import requests
from twilio.rest import Client

COMPANY = {
    "business_name": "Example Ltd",
    "business_registration_identifier": "UK:CRN",
    "business_registration_number": "01234567",
    "business_website": "https://example.com",
    "business_identity": "DIRECT_CUSTOMER",
    "is_subassigned": "NO",
    "first_name": "Jane",
    "last_name": "Doe",
    "phone_number": "+442012345678",
    "email": "jane@example.com",
}

@pytest.fixture(scope="session")
def url():
    """Starts Dossier on a free port; its first line says where."""
    with tempfile.TemporaryDirectory() as directory:
        command = [os.environ.get("DOSSIER_BIN", "dossier"), "serve", "--dev", "--listen", "127.0.0.1:0"]
        command += ["--data-dir", directory]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
            yield service.stdout.readline().removeprefix("listening on ").strip()
            service.terminate()


@pytest.fixture
def client(url):
    """The official SDK, in front of an empty service."""
    requests.post(f"{url}/dev/v1/reset").raise_for_status()
    client = Client("AC00000000000000000000000000000001", "00000000000000000000000000000001")
    client.numbers.base_url = client.api.base_url = url
    return client


@pytest.fixture
def dev(url):
    """What only rehearsal mode has. `dev("mail")` reads, `dev("clock", advance_seconds=5)` acts."""

    def call(path, **body):
        method = "POST" if body else "GET"
        answer = requests.request(method, f"{url}/dev/v1/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json()

    return call


def submit(client, name):
    """Puts together what the United Kingdom asks of a business, and hands it over to review."""
    compliance = client.numbers.v2.regulatory_compliance
    bundle = compliance.bundles.create(
        friendly_name=name,
        email="jane@example.com",
        iso_country="GB",
        number_type="local",
        end_user_type="business",
        status_callback=f"{client.numbers.base_url}/dev/v1/callbacks",
    )
    end_user = compliance.end_users.create(friendly_name="Example Ltd", type="business", attributes=COMPANY)
    address = client.addresses.create(
        customer_name="Example Ltd", street="1 High Street", city="London", region="London",
        postal_code="EC1A 1BB", iso_country="GB",
    )
    document = compliance.supporting_documents.create(
        friendly_name="Our address",
        type="customer_profile_address",
        attributes={"address_sids": [address.sid]},
    )
    for item in (end_user, document):
        compliance.bundles(bundle.sid).item_assignments.create(object_sid=item.sid)
    bundle = compliance.bundles(bundle.sid).update(status="pending-review")
    assert bundle.status == "pending-review"
    return compliance.bundles(bundle.sid), compliance.supporting_documents(document.sid)


def told(dev, bundle):
    """The statuses our application was called back with, in order."""
    callbacks = [call for call in dev("callbacks")["items"] if call["bundle_sid"] == bundle.fetch().sid]
    return [call["parameters"]["Status"] for call in callbacks]


def test_a_bundle_is_approved_and_expires(client, dev):
    bundle, document = submit(client, "Approved for a year")
    dev("simulate/review", bundle_sid=bundle.fetch().sid, outcome="approved")
    assert bundle.fetch().status == "twilio-approved"
    assert document.fetch().status == "approved"

    # Somebody on the other side gives it an end. Time passes; people are reminded; it comes.
    requests.put(
        f"{client.numbers.base_url}/operator/v1/bundles/{bundle.fetch().sid}/valid-until",
        headers={"Authorization": "Bearer dev-operator"},
        json={"valid_until": "2099-12-31"},
    ).raise_for_status()
    dev("clock", set="2100-01-01")
    assert bundle.fetch().status == "twilio-rejected"
    assert told(dev, bundle)[0] == "pending-review"
    assert told(dev, bundle)[1] == "twilio-approved"
    assert told(dev, bundle)[-1] == "twilio-rejected"
    assert len(dev("mail")["items"]) == 6  # approved, an end was set, three reminders, ended


def test_a_document_is_rejected_and_the_bundle_submitted_again(client, dev):
    bundle, document = submit(client, "Needs a second try")
    reasons = {document.fetch().sid: [18014]}
    dev("simulate/review", bundle_sid=bundle.fetch().sid, outcome="rejected", document_reasons=reasons)
    assert bundle.fetch().status == "twilio-rejected"
    assert document.fetch().status == "rejected"
    assert document.fetch().errors == [{"code": 18014}]
    assert document.fetch().failure_reason

    bundle.update(status="pending-review")
    dev("simulate/review", bundle_sid=bundle.fetch().sid, outcome="approved")
    assert told(dev, bundle) == ["pending-review", "twilio-rejected", "pending-review", "twilio-approved"]


def test_the_name_of_a_bundle_says_what_becomes_of_it(client, dev):
    bundle, _ = submit(client, "dossier:approve@30s")
    assert bundle.fetch().status == "pending-review"
    dev("clock", advance_seconds=30)
    assert bundle.fetch().status == "twilio-approved"
