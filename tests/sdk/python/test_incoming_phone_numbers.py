"""Numbers that are leased with bundles: what a program that buys regulated numbers meets, to the end."""

from datetime import timedelta

import pytest

import samples
from refusals import refused

NUMBER = "+4930123456"
MISSING_ADDRESS = "Phone Number Requires an Address but the 'AddressSid' parameter was empty."


@pytest.fixture(scope="module")
def numbers(client):
    return client.incoming_phone_numbers


def compliant(client, http):
    """A bundle that has all it needs, and the address that is in it."""
    address = samples.address(client).sid
    bundle = samples.bundle(client)
    samples.assign(client, bundle, samples.uploaded_excerpt(http, [address])["sid"], samples.end_user(client).sid)
    return bundle, address


@pytest.fixture(scope="module")
def approved(service, client, http):
    bundle, address = compliant(client, http)
    samples.approve(client, service, bundle)
    return bundle.sid, address


def number(digits):
    """A number in Berlin."""
    return f"+493098765{digits:02}"


@pytest.fixture
def leased(numbers, approved, request):
    """A number of its own for each test."""
    bundle, address = approved
    digits = sum(request.node.name.encode()) % 100
    made = numbers.create(phone_number=number(digits), bundle_sid=bundle, address_sid=address)
    yield made
    if made.sid in {found.sid for found in numbers.list()}:
        numbers(made.sid).delete()


def test_from_the_regulation_to_the_number(service):
    """The whole way of a program that wants a German number, with every answer that it meets."""
    account = service.new_account()
    client, http = service.client(account), service.http(account)
    compliance, numbers = client.numbers.v2.regulatory_compliance, client.incoming_phone_numbers
    with refused(400, 21631, MISSING_ADDRESS):
        numbers.create(phone_number=NUMBER)
    address = samples.address(client).sid
    with refused(400, 21649, "Bundle required and not provided for country: [DE] and numberType: [LOCAL]"):
        numbers.create(phone_number=NUMBER, address_sid=address)

    [regulation] = compliance.regulations.list(iso_country="DE", number_type="local", end_user_type="business")
    bundle = compliance.bundles.create(
        friendly_name="Beispiel GmbH", email="compliance@beispiel.example", regulation_sid=regulation.sid
    )
    wanted = {"phone_number": NUMBER, "bundle_sid": bundle.sid, "address_sid": address}
    not_approved = f"Bundle [{bundle.sid}] status is not twilio-approved"
    with refused(400, 21649, not_approved):
        numbers.create(**wanted)
    excerpt = samples.uploaded_excerpt(http, [address])["sid"]
    samples.assign(client, bundle, excerpt, samples.end_user(client).sid)
    assert compliance.bundles(bundle.sid).evaluations.create().status == "compliant"
    assert compliance.bundles(bundle.sid).update(status="pending-review").status == "pending-review"
    with refused(400, 21649, not_approved):
        numbers.create(**wanted)
    review = {"bundle_sid": bundle.sid, "outcome": "approved"}
    assert service.http(None).post("/dev/v1/simulate/review", json=review).status_code == 200

    elsewhere = samples.address(client).sid
    with refused(400, 21651):
        numbers.create(**wanted | {"address_sid": elsewhere})
    made = numbers.create(**wanted)
    assert (made.phone_number, made.bundle_sid, made.address_sid) == (NUMBER, bundle.sid, address)
    assert (made.status, made.type, made.address_requirements) == ("in-use", "local", "local")

    with refused(400, 21648):
        compliance.bundles(bundle.sid).delete()
    assert numbers(made.sid).delete()
    assert compliance.bundles(bundle.sid).delete()


def test_a_number_has_what_the_sdk_reads(account, leased, approved):
    bundle, address = approved
    assert leased.sid.startswith("PN")
    assert leased.account_sid == account.sid
    assert (leased.bundle_sid, leased.address_sid, leased.identity_sid) == (bundle, address, None)
    assert leased.friendly_name == leased.phone_number
    assert leased.uri == f"/2010-04-01/Accounts/{account.sid}/IncomingPhoneNumbers/{leased.sid}.json"
    assert leased.date_created.utcoffset() == timedelta(0)
    assert (leased.api_version, leased.origin, leased.beta) == ("2010-04-01", "twilio", False)
    assert leased.capabilities == {"voice": False, "sms": False, "mms": False, "fax": False}, "nothing is pretended"
    assert (leased.voice_method, leased.sms_method, leased.voice_url, leased.sms_url) == ("POST", "POST", None, "")
    assert leased.voice_caller_id_lookup is False
    assert (leased.emergency_status, leased.emergency_address_status) == ("Inactive", "unregistered")
    assert leased.voice_receive_mode == "voice"


def test_a_number_is_fetched(numbers, leased):
    found = numbers(leased.sid).fetch()
    assert (found.sid, found.phone_number, found.date_created) == (leased.sid, leased.phone_number, leased.date_created)


def test_where_nothing_is_required(empty):
    made = empty.incoming_phone_numbers.create(phone_number="+12025550142")
    assert (made.bundle_sid, made.address_sid, made.address_requirements) == (None, None, "none")
    assert made.friendly_name == "(202) 555-0142"
    assert empty.incoming_phone_numbers(made.sid).delete()


def test_a_number_that_somebody_has(numbers, leased, approved):
    bundle, address = approved
    with refused(400, 21422, "PhoneNumber is not available"):
        numbers.create(phone_number=leased.phone_number, bundle_sid=bundle, address_sid=address)


def test_what_is_no_number(numbers):
    with refused(400, 20001, "no stock of numbers"):
        numbers.create(area_code="510")
    with refused(400, 20001, "PhoneNumber"):
        numbers.create()
    for odd in ("030 123456", "+49 30 123456", "x"):
        with refused(400, 21421):
            numbers.create(phone_number=odd)


def test_addresses_and_bundles_of_others(numbers, approved, stranger):
    bundle, _ = approved
    with refused(400, 21615, "No valid address created for"):
        numbers.create(phone_number=NUMBER, bundle_sid=bundle, address_sid=samples.address(stranger).sid)
    with refused(400, 21649, "Bundle not found"):
        numbers.create(
            phone_number=NUMBER, bundle_sid=samples.bundle(stranger).sid, address_sid=approved[1]
        )


EVERYTHING = {
    "api_version": "2008-08-01",
    "emergency_address_sid": f"AD{samples.NOBODY}",
    "emergency_status": "Active",
    "friendly_name": "Front desk",
    "identity_sid": f"RI{samples.NOBODY}",
    "sms_application_sid": f"AP{samples.NOBODY}",
    "sms_fallback_method": "GET",
    "sms_fallback_url": "https://hooks.example/sms-fallback",
    "sms_method": "GET",
    "sms_url": "https://hooks.example/sms",
    "status_callback": "https://hooks.example/status",
    "status_callback_method": "GET",
    "voice_application_sid": f"AP{samples.NOBODY}",
    "voice_caller_id_lookup": True,
    "voice_fallback_method": "GET",
    "voice_fallback_url": "https://hooks.example/voice-fallback",
    "voice_method": "GET",
    "voice_receive_mode": "fax",
    "voice_url": "https://user:secret@hooks.example/voice",
}


def test_everything_else_is_kept_and_returned(empty):
    numbers = empty.incoming_phone_numbers
    made = numbers.create(phone_number="+12025550143", **EVERYTHING)
    found = numbers(made.sid).fetch()
    for name, value in EVERYTHING.items():
        assert (getattr(made, name), getattr(found, name)) == (value, value), name
    trunk = numbers(made.sid).update(trunk_sid=f"TK{samples.NOBODY}")
    assert (trunk.trunk_sid, trunk.voice_application_sid) == (f"TK{samples.NOBODY}", "")
    numbers(made.sid).delete()


def test_each_property_changes_alone(leased, numbers):
    for name, value in EVERYTHING.items():
        assert getattr(numbers(leased.sid).update(**{name: value}), name) == value
    for name in ("voice_url", "sms_url", "friendly_name"):
        numbers(leased.sid).update(**{name: ""})
    plain = numbers(leased.sid).fetch()
    assert (plain.voice_url, plain.sms_url, plain.friendly_name) == (None, "", leased.phone_number)


@pytest.mark.parametrize(
    "change, code",
    [
        ({"friendly_name": "x" * 65}, 20002),
        ({"voice_url": "hooks.example"}, 20001),
        ({"voice_method": "PUT"}, 20001),
        ({"trunk_sid": "TK"}, 20001),
        ({"bundle_sid": "BU"}, 20001),
        ({"account_sid": f"AC{samples.NOBODY}"}, 20001),
    ],
    ids=str,
)
def test_bad_values(numbers, leased, change, code):
    with refused(400, code):
        numbers(leased.sid).update(**change)


def test_another_bundle_passes_the_gate_again(service, client, http, numbers, leased, approved):
    bundle, address = compliant(client, http)
    with refused(400, 21649, "is not twilio-approved"):
        numbers(leased.sid).update(bundle_sid=bundle.sid, address_sid=address)
    samples.approve(client, service, bundle)
    with refused(400, 21651):
        numbers(leased.sid).update(bundle_sid=bundle.sid)
    moved = numbers(leased.sid).update(bundle_sid=bundle.sid, address_sid=address)
    assert (moved.bundle_sid, moved.address_sid) == (bundle.sid, address)
    with refused(400, 21649):
        numbers(leased.sid).update(bundle_sid="")


def test_numbers_are_listed_and_searched(empty):
    numbers = empty.incoming_phone_numbers
    made = [
        numbers.create(phone_number=number, friendly_name=name)
        for number, name in (("+12025550144", "Desk"), ("+14155550144", "Desk"), ("+18005550144", "Line"))
    ]
    sids = {found.sid for found in made}
    assert {found.sid for found in numbers.list()} == sids
    assert {found.sid for found in numbers.stream(page_size=1)} == sids
    assert [found.sid for found in numbers.list(phone_number="+14155550144")] == [made[1].sid]
    assert [found.sid for found in numbers.list(phone_number="+1415")] == [made[1].sid]
    assert {found.sid for found in numbers.list(phone_number="+1***555014*")} == sids
    assert {found.sid for found in numbers.list(friendly_name="Desk")} == {made[0].sid, made[1].sid}
    assert {found.sid for found in numbers.list(origin="twilio", beta=False)} == sids
    assert numbers.list(origin="hosted") == []
    page = numbers.page(page_size=1)
    assert numbers.get_page(page.next_page_url).next_page_url
    for found in made:
        assert numbers(found.sid).delete()
    assert numbers.list() == []


def test_a_released_number_is_gone(numbers, leased):
    assert numbers(leased.sid).delete()
    with refused(404, 20404):
        numbers(leased.sid).fetch()
    with refused(404, 20404):
        numbers(leased.sid).delete()


def test_numbers_of_strangers_are_not_found(stranger, leased):
    with refused(404, 20404):
        stranger.incoming_phone_numbers(leased.sid).fetch()
    with refused(404, 20404):
        stranger.incoming_phone_numbers(leased.sid).update(friendly_name="mine")
    with refused(404, 20404):
        stranger.incoming_phone_numbers(leased.sid).delete()


def test_numbers_depend_on_an_address(client, leased, approved):
    _, address = approved
    dependents = client.addresses(address).dependent_phone_numbers
    found = {found.sid: found for found in dependents.list()}[leased.sid]
    assert (found.phone_number, found.friendly_name) == (leased.phone_number, leased.friendly_name)
    assert (found.address_requirements, found.voice_method) == ("local", "POST")
    assert found.uri == leased.uri
    assert [one.sid for one in dependents.stream(page_size=1)] == [one.sid for one in dependents.list()]
