"""Switches that make the service stricter, or more lenient, than the original."""

import pytest

import samples
from refusals import assert_refused, refused
from service import REHEARSAL, V2, Service


@pytest.fixture(scope="module")
def service(engine):
    """A service of its own, with everything switched the other way."""
    service = Service(
        engine,
        "--strict-status-update",
        "--strict-page-size",
        "--allow-withdraw",
        "--allow-copy-without-end",
        "--check-address-scope",
        "--require-files=false",
        "--file-bytes-max=1000000",
        "--form-bytes-max=2000",
        "--public-url=https://compliance.example.com",
    )
    yield service
    assert service.stop() == 0


@pytest.fixture(scope="module")
def account():
    return REHEARSAL


@pytest.fixture
def ready(client):
    """A bundle that is compliant here without any file."""
    made = samples.bundle(client)
    attributes = samples.REGISTER_EXCERPT | {"address_sids": [samples.address(client).sid]}
    excerpt = samples.document(client, attributes=attributes)
    samples.assign(client, made, samples.end_user(client).sid, excerpt.sid)
    return made.sid, excerpt.sid


def test_documents_count_without_their_files(compliance, ready):
    assert compliance.bundles(ready[0]).evaluations.create().status == "compliant"


def test_status_and_properties_take_two_requests(compliance, ready):
    bundle = compliance.bundles(ready[0])
    with refused(400, 22204):
        bundle.update(status="pending-review", friendly_name="Both")
    assert bundle.update(friendly_name="First this").friendly_name == "First this"
    assert bundle.update(status="pending-review").status == "pending-review"


def test_what_has_no_end_is_copied(service, client, compliance, ready):
    bundle = compliance.bundles(ready[0])
    samples.approve(client, service, bundle.fetch())
    assert bundle.fetch().valid_until is None
    assert bundle.bundle_copies.create().status == "draft"


def test_a_submission_is_taken_back(compliance, ready):
    bundle = compliance.bundles(ready[0])
    bundle.update(status="pending-review")
    assert bundle.update(status="draft").status == "draft"
    assert compliance.supporting_documents(ready[1]).fetch().status == "draft"


def test_pages_above_a_thousand_are_refused(http):
    assert_refused(http.get(f"{V2}/Bundles?PageSize=1001"), 400, 20007)
    assert http.get(f"{V2}/Bundles?PageSize=1000").status_code == 200


def test_an_address_must_be_where_the_regulation_wants_it(client, compliance, ready):
    elsewhere = samples.address(client, city="Wien", region="Wien", postal_code="1010", iso_country="AT")
    box = samples.address(client, street="Postfach 10 20 30")
    for address in (elsewhere, box):
        attributes = samples.REGISTER_EXCERPT | {"address_sids": [address.sid]}
        compliance.supporting_documents(ready[1]).update(attributes=attributes)
        evaluation = compliance.bundles(ready[0]).evaluations.create()
        assert [each["error_code"] for each in evaluation.results if not each["passed"]] == [22219]


def test_limits_can_be_set(http):
    large = b"%PDF-1.4\n" + bytes(1_000_000)
    assert_refused(samples.upload(http, file=("x", large), FriendlyName="x", Type="passport"), 413, 20413)
    assert_refused(http.post(f"{V2}/EndUsers", data={"FriendlyName": "x" * 2000}), 413, 20413)


def test_urls_begin_with_the_public_one(client, http, ready):
    base = "https://compliance.example.com"
    bundle = http.get(f"{V2}/Bundles/{ready[0]}").json()
    assert bundle["url"].startswith(base)
    assert all(link.startswith(base) for link in bundle["links"].values())
    meta = http.get(f"{V2}/Bundles?PageSize=1").json()["meta"]
    assert meta["url"].startswith(base)
    regulation = http.get(f"{V2}/Regulations/{samples.GERMANY_LOCAL_BUSINESS}").json()
    assert regulation["requirements"]["end_user"][0]["url"].startswith(base)
