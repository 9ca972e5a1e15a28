"""End users: who will use the numbers."""

import json

import pytest

import samples
from refusals import assert_refused, refused
from service import V2


@pytest.fixture(scope="module")
def end_users(compliance):
    return compliance.end_users


@pytest.mark.parametrize("kind", ["individual", "business"])
def test_an_end_user_is_made_fetched_and_listed(end_users, account, service, kind):
    made = end_users.create(friendly_name="Erika", type=kind, attributes=samples.COMPANY)
    assert made.sid.startswith("IT")
    assert made.account_sid == account.sid
    assert (made.friendly_name, made.type) == ("Erika", kind)
    assert made.attributes == samples.COMPANY
    assert made.date_created == made.date_updated
    assert made.url == f"{service.url}{V2}/EndUsers/{made.sid}"

    found = end_users(made.sid).fetch()
    assert (found.attributes, found.url, found.date_created) == (made.attributes, made.url, made.date_created)
    assert end_users.list(limit=1)[0].sid == made.sid


def test_attributes_may_come_later(end_users):
    made = end_users.create(friendly_name="Erika", type="business")
    assert made.attributes == {}


def test_attributes_are_returned_as_they_were_sent(end_users):
    attributes = {
        "z": "last letter first",
        "unknown": ["to", "every", "regulation", 1, None, True],
        "nested": {"deeper": {"still": 1.5}},
        "äöü": "☎ 日本",
        "empty": "",
    }
    made = end_users.create(friendly_name="Erika", type="individual", attributes=attributes)
    assert end_users(made.sid).fetch().attributes == attributes
    assert list(made.attributes) == list(attributes), "in the same order"


def test_the_type_is_read_in_any_case(end_users):
    assert end_users.create(friendly_name="Erika", type="Business").type == "business"


def test_names_may_be_long_and_international(end_users):
    name = "ä" * 254 + "☎"
    assert end_users.create(friendly_name=name, type="individual").friendly_name == name


@pytest.mark.parametrize(
    "form, code, words",
    [
        ({"Type": "individual"}, 20001, ["Missing required parameter FriendlyName in the post body"]),
        ({"FriendlyName": "Erika"}, 20001, ["Missing required parameter Type in the post body"]),
        ({"FriendlyName": "x" * 256, "Type": "individual"}, 20002, ["FriendlyName"]),
        ({"FriendlyName": "Erika", "Type": "company"}, 22212, ["Type"]),
        ({"FriendlyName": "Erika", "Type": "individual", "Attributes": "{"}, 22207, ["Attributes"]),
    ],
)
def test_an_end_user_that_cannot_be(http, end_users, form, code, words):
    before = [found.sid for found in end_users.list()]
    assert_refused(http.post(f"{V2}/EndUsers", data=form), 400, code, *words)
    assert [found.sid for found in end_users.list()] == before


BAD_ATTRIBUTES = {
    "no JSON": "{first_name: Erika}",
    "half of it": '{"first_name": "Erika"',
    "a list": '["Erika"]',
    "a text": '"Erika"',
    "a number": "1",
    "a key twice": '{"first_name": "Erika", "first_name": "Max"}',
    "a nested key twice": '{"person": {"name": "Erika", "name": "Max"}}',
    "too deep": '{"a":' * 100 + "1" + "}" * 100,
    "too large": json.dumps({"a": "x" * 65536}),
    "something behind it": '{"first_name": "Erika"} and more',
}


@pytest.mark.parametrize("attributes", BAD_ATTRIBUTES.values(), ids=BAD_ATTRIBUTES.keys())
def test_attributes_that_are_no_object(client, end_users, attributes):
    before = [found.sid for found in end_users.list()]
    with refused(400, 22207):
        end_users.create(friendly_name="Erika", type="individual", attributes=attributes)
    assert [found.sid for found in end_users.list()] == before

    made = samples.end_user(client)
    with refused(400, 22207):
        end_users(made.sid).update(attributes=attributes)
    assert end_users(made.sid).fetch().attributes == samples.COMPANY


def test_an_update_replaces_all_attributes_or_none(client, end_users, http):
    made = samples.end_user(client)
    assert end_users(made.sid).update(friendly_name="Max").attributes == samples.COMPANY
    changed = end_users(made.sid).update(attributes={"first_name": "Max"})
    assert (changed.friendly_name, changed.attributes) == ("Max", {"first_name": "Max"})
    assert changed.date_updated >= made.date_updated
    assert (changed.type, changed.date_created) == (made.type, made.date_created)

    for nothing in ("", "null"):
        end_users(made.sid).update(attributes={"first_name": "Max"})
        emptied = http.post(f"{V2}/EndUsers/{made.sid}", data={"Attributes": nothing})
        assert emptied.json()["attributes"] == {}


def test_an_update_checks_the_name(client, end_users):
    made = samples.end_user(client)
    with refused(400, 20002):
        end_users(made.sid).update(friendly_name="x" * 256)
    assert end_users(made.sid).fetch().friendly_name == made.friendly_name


def test_under_review_only_the_name_changes(client, compliance, end_users, http):
    made, _, company = samples.compliant_bundle(client, http)
    compliance.bundles(made.sid).update(status="pending-review")
    assert end_users(company).update(friendly_name="Renamed").friendly_name == "Renamed"
    with refused(409, 20409):
        end_users(company).update(attributes={})
    assert end_users(company).fetch().attributes == samples.COMPANY


def test_an_end_user_in_a_bundle_is_not_deleted(client, compliance, end_users):
    made, company = samples.bundle(client), samples.end_user(client)
    [assignment] = samples.assign(client, made, company.sid)
    with refused(400, 21644):
        end_users(company.sid).delete()
    assert end_users(company.sid).fetch().sid == company.sid

    compliance.bundles(made.sid).item_assignments(assignment.sid).delete()
    assert end_users(company.sid).delete() is True
    with refused(404, 20404):
        end_users(company.sid).fetch()


def test_the_newest_comes_first_over_all_pages(empty):
    made = [samples.end_user(empty, {"number": str(number)}).sid for number in range(5)][::-1]
    end_users = empty.numbers.v2.regulatory_compliance.end_users
    assert [found.sid for found in end_users.stream(page_size=2)] == made
    page = end_users.page(page_size=2)
    assert [found.sid for found in end_users.get_page(page.next_page_url)] == made[2:4]


def test_unknown_end_users_and_those_of_others_are_not_found(client, end_users, stranger):
    theirs = stranger.numbers.v2.regulatory_compliance.end_users
    assert theirs.list() == []
    for resource in (end_users(f"IT{samples.NOBODY}"), end_users("erika"), theirs(samples.end_user(client).sid)):
        with refused(404, 20404, "was not found"):
            resource.fetch()
        with refused(404, 20404):
            resource.update(friendly_name="x")
        with refused(404, 20404):
            resource.delete()
