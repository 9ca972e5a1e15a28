"""Addresses, which live in the older 2010 API."""

from datetime import timedelta

import pytest

import samples
from refusals import assert_refused, refused


@pytest.fixture(scope="module")
def path(account):
    return f"/2010-04-01/Accounts/{account.sid}/Addresses"


AMERICAN = {"city": "Springfield", "region": "CA", "postal_code": "94019", "iso_country": "US"}
CARELESS = AMERICAN | {"region": "california", "postal_code": "940191234"}


def test_an_address_is_made_fetched_and_listed(client, account, path):
    made = client.addresses.create(
        friendly_name="Main office",
        customer_name="Beispiel GmbH",
        street="Musterstraße 1",
        street_secondary="Hinterhaus",
        city="Berlin",
        region="Berlin",
        postal_code="10115",
        iso_country="DE",
        emergency_enabled=True,
        auto_correct_address=False,
    )
    assert made.sid.startswith("AD")
    assert made.account_sid == account.sid
    assert (made.friendly_name, made.customer_name) == ("Main office", "Beispiel GmbH")
    assert (made.street, made.street_secondary) == ("Musterstraße 1", "Hinterhaus")
    assert (made.city, made.region, made.postal_code, made.iso_country) == ("Berlin", "Berlin", "10115", "DE")
    assert (made.emergency_enabled, made.validated, made.verified) == (True, True, False)
    assert made.uri == f"{path}/{made.sid}.json"
    assert made.date_created.utcoffset() == timedelta(0), "dates of this API are RFC 2822"

    found = client.addresses(made.sid).fetch()
    assert (found.street, found.uri, found.date_created) == (made.street, made.uri, made.date_created)
    assert client.addresses.list(limit=1)[0].sid == made.sid


def test_what_is_not_given_is_empty(client):
    made = samples.address(client)
    assert (made.friendly_name, made.street_secondary, made.emergency_enabled) == (None, None, False)


def test_countries_without_a_known_form_take_anything(client):
    made = samples.address(client, postal_code="none", region="Somewhere", iso_country="AE")
    assert made.validated is False


@pytest.mark.parametrize(
    "given, kept",
    [
        ({"postal_code": " 10115 "}, {"postal_code": "10115"}),
        ({"postal_code": "D-10115"}, {"postal_code": "10115"}),
        ({"street": "  Musterstraße   1 "}, {"street": "Musterstraße 1"}),
        ({"iso_country": "de"}, {"iso_country": "DE"}),
        ({"iso_country": "GB", "region": "London", "postal_code": "sw1a1aa"}, {"postal_code": "SW1A 1AA"}),
        (CARELESS, {"region": "CA", "postal_code": "94019-1234"}),
    ],
    ids=str,
)
def test_addresses_are_tidied(client, given, kept):
    made = samples.address(client, **given)
    assert {name: getattr(made, name) for name in kept} == kept


def test_unless_the_caller_forbids_it(client):
    before = [found.sid for found in client.addresses.list()]
    with refused(400, 21629, "PostalCode", "10115"):
        samples.address(client, postal_code="D-10115", auto_correct_address=False)
    assert [found.sid for found in client.addresses.list()] == before


@pytest.mark.parametrize(
    "changes",
    [
        {"postal_code": "1011"},
        {"postal_code": "SW1A 1AA"},
        {"iso_country": "GB", "postal_code": "10115"},
        {"iso_country": "IE", "region": "Dublin", "postal_code": "Dublin 8"},
        AMERICAN | {"region": "Bavaria"},
    ],
    ids=str,
)
def test_an_address_that_cannot_exist(client, changes):
    with refused(400, 21628):
        samples.address(client, **changes)


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"iso_country": "ZZ"}, 21238),
        ({"iso_country": "Germany"}, 21238),
        ({"street": "x" * 256}, 21238),
        ({"customer_name": "x" * 256}, 21238),
        ({"city": "Ber\nlin"}, 21238),
        ({"friendly_name": "x" * 65}, 20002),
    ],
    ids=str,
)
def test_a_parameter_that_cannot_be(client, changes, code):
    with refused(400, code):
        samples.address(client, **changes)


COMPLETE = {
    "CustomerName": "Beispiel GmbH",
    "Street": "Musterstraße 1",
    "City": "Berlin",
    "Region": "Berlin",
    "PostalCode": "10115",
    "IsoCountry": "DE",
}


@pytest.mark.parametrize("name", COMPLETE)
def test_a_parameter_that_is_missing(http, path, name):
    form = {key: value for key, value in COMPLETE.items() if key != name}
    assert_refused(http.post(f"{path}.json", data=form), 400, 20001, f"Missing required parameter {name}")


@pytest.mark.parametrize("name", ["EmergencyEnabled", "AutoCorrectAddress"])
def test_a_switch_is_true_or_false(http, path, name):
    assert_refused(http.post(f"{path}.json", data=COMPLETE | {name: "perhaps"}), 400, 21238, name)


@pytest.mark.parametrize(
    "property, value",
    [
        ("friendly_name", "Headquarters"),
        ("customer_name", "Beispiel AG"),
        ("street", "Beispielweg 2"),
        ("street_secondary", "3. Stock"),
        ("city", "Potsdam"),
        ("region", "Brandenburg"),
        ("postal_code", "14467"),
        ("emergency_enabled", True),
    ],
)
def test_each_property_changes_alone(client, property, value):
    made = samples.address(client)
    changed = client.addresses(made.sid).update(**{property: value})
    assert getattr(changed, property) == value
    others = {"friendly_name", "customer_name", "street", "city", "region", "postal_code", "iso_country"} - {property}
    for name in others:
        assert getattr(changed, name) == getattr(made, name)


def test_an_update_is_checked_like_a_new_address(client, http, path):
    made = samples.address(client)
    with refused(400, 21628):
        client.addresses(made.sid).update(postal_code="1011")
    with refused(400, 21629):
        client.addresses(made.sid).update(postal_code="D-14467", auto_correct_address=False)
    with refused(400, 20002):
        client.addresses(made.sid).update(friendly_name="x" * 65)
    assert client.addresses(made.sid).fetch().postal_code == "10115"
    unmoved = http.post(f"{path}/{made.sid}.json", data={"IsoCountry": "FR"})
    assert unmoved.json()["iso_country"] == "DE", "the country never changes"


@pytest.fixture
def four(empty):
    samples.address(empty, friendly_name="Berlin")
    samples.address(empty, friendly_name="Berlin", customer_name="Erika Mustermann")
    samples.address(empty, friendly_name="Berlin 112", emergency_enabled=True)
    samples.address(empty, friendly_name="Springfield", **AMERICAN)
    return empty


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({}, ["Springfield", "Berlin 112", "Berlin", "Berlin"]),
        ({"customer_name": "Erika Mustermann"}, ["Berlin"]),
        ({"customer_name": "Erika"}, []),
        ({"friendly_name": "Berlin"}, ["Berlin", "Berlin"]),
        ({"iso_country": "us"}, ["Springfield"]),
        ({"iso_country": "FR"}, []),
        ({"emergency_enabled": True}, ["Berlin 112"]),
        ({"emergency_enabled": False}, ["Springfield", "Berlin", "Berlin"]),
        ({"iso_country": "DE", "friendly_name": "Berlin", "customer_name": "Erika Mustermann"}, ["Berlin"]),
    ],
    ids=str,
)
def test_filters(four, filters, expected):
    assert [found.friendly_name for found in four.addresses.list(**filters)] == expected
    assert [found.friendly_name for found in four.addresses.stream(page_size=1, **filters)] == expected


def test_pages_have_the_older_form(service):
    account = service.new_account()
    client, http = service.client(account), service.http(account)
    made = [samples.address(client, friendly_name=str(number)).sid for number in range(5)][::-1]
    page = http.get(f"/2010-04-01/Accounts/{account.sid}/Addresses.json?PageSize=2&IsoCountry=DE").json()
    assert [found["sid"] for found in page["addresses"]] == made[:2]
    assert (page["page"], page["page_size"], page["start"], page["end"]) == (0, 2, 0, 1)
    assert page["previous_page_uri"] is None
    assert page["uri"] == page["first_page_uri"]
    assert page["uri"].startswith(f"/2010-04-01/Accounts/{account.sid}/Addresses.json?")
    assert "IsoCountry=DE" in page["next_page_uri"]

    following = http.get(page["next_page_uri"]).json()
    assert [found["sid"] for found in following["addresses"]] == made[2:4]
    assert (following["page"], following["start"], following["end"]) == (1, 2, 3)
    assert http.get(following["previous_page_uri"]).json()["addresses"] == page["addresses"]

    first = client.addresses.page(page_size=2)
    assert [found.sid for found in client.addresses.get_page(first.next_page_url)] == made[2:4]
    assert [found.sid for found in client.addresses.stream(page_size=2)] == made


def test_no_number_depends_on_an_address(client, http, path):
    made = samples.address(client)
    assert client.addresses(made.sid).dependent_phone_numbers.list(limit=10, page_size=5) == []
    with refused(404, 20404):
        client.addresses(f"AD{samples.NOBODY}").dependent_phone_numbers.list()
    page = http.get(f"{path}/{made.sid}/DependentPhoneNumbers.json").json()
    assert (page["dependent_phone_numbers"], page["next_page_uri"]) == ([], None)


def test_a_deleted_address_is_gone(client):
    made = samples.address(client)
    assert client.addresses(made.sid).delete() is True
    with refused(404, 20404):
        client.addresses(made.sid).fetch()
    with refused(404, 20404):
        client.addresses(made.sid).delete()


def test_an_address_under_review_stays_as_it_is(client, compliance, http):
    made, excerpt, _ = samples.compliant_bundle(client, http)
    [sid] = compliance.supporting_documents(excerpt).fetch().attributes["address_sids"]
    compliance.bundles(made.sid).update(status="pending-review")
    with refused(400, 21630):
        client.addresses(sid).update(street="Elsewhere 1")
    with refused(400, 21630):
        client.addresses(sid).delete()
    renamed = client.addresses(sid).update(friendly_name="Renamed")
    assert (renamed.friendly_name, renamed.street) == ("Renamed", samples.BERLIN["street"])


def test_a_parent_acts_for_its_sub_accounts_and_for_nobody_else(service, account, client, stranger):
    child = service.new_account(parent=account)
    theirs = client.api.v2010.accounts(child.sid).addresses
    made = theirs.create(**samples.BERLIN)
    assert made.account_sid == child.sid
    assert service.client(child).addresses(made.sid).fetch().sid == made.sid
    assert made.sid not in [found.sid for found in client.addresses.list()]

    with refused(404, 20404):
        stranger.api.v2010.accounts(child.sid).addresses.list()
    with refused(404, 20404):
        service.client(child).api.v2010.accounts(account.sid).addresses.list()


def test_unknown_addresses_and_those_of_others_are_not_found(client, stranger, account):
    made = samples.address(client)
    for resource in (
        client.addresses(f"AD{samples.NOBODY}"),
        client.addresses("berlin"),
        stranger.addresses(made.sid),
        stranger.api.v2010.accounts(account.sid).addresses(made.sid),
    ):
        with refused(404, 20404, "was not found"):
            resource.fetch()
        with refused(404, 20404):
            resource.update(city="Elsewhere")
        with refused(404, 20404):
            resource.delete()
    assert client.addresses(made.sid).fetch().city == "Berlin"


def test_only_the_json_form_exists(http, path):
    """The original answers XML without the suffix."""
    assert_refused(http.get(path), 404, 20404)
