"""Bundles: made, found, changed, submitted, deleted."""

from datetime import datetime, timezone

import pytest

import samples
from refusals import assert_refused, refused
from service import V2


@pytest.fixture(scope="module")
def bundles(compliance):
    return compliance.bundles


# Made ...


def test_a_bundle_is_made_from_a_regulation(bundles, account, service):
    made = bundles.create(
        friendly_name="Local numbers",
        email="compliance@example.com",
        status_callback="https://example.com/callback?x=1#rc=2",
        regulation_sid=samples.GERMANY_LOCAL_BUSINESS,
        is_test=True,
    )
    assert made.sid.startswith("BU")
    assert made.account_sid == account.sid
    assert made.regulation_sid == samples.GERMANY_LOCAL_BUSINESS
    assert made.friendly_name == "Local numbers"
    assert made.email == "compliance@example.com"
    assert made.status_callback == "https://example.com/callback?x=1#rc=2"
    assert made.status == "draft"
    assert made.valid_until is None
    assert made.date_created == made.date_updated
    assert made.date_created.tzinfo == timezone.utc
    assert made.url == f"{service.url}{V2}/Bundles/{made.sid}"
    assert made.links == {
        "evaluations": f"{made.url}/Evaluations",
        "item_assignments": f"{made.url}/ItemAssignments",
        "bundle_copies": f"{made.url}/Copies",
        "replace_items": f"{made.url}/ReplaceItems",
    }


@pytest.mark.parametrize(
    "kinds",
    [
        {"iso_country": "DE", "number_type": "local", "end_user_type": "business"},
        {"iso_country": "de", "number_type": "LOCAL", "end_user_type": "Business"},
    ],
)
def test_or_from_a_country_and_two_types(bundles, kinds):
    made = bundles.create(friendly_name="Local numbers", email="compliance@example.com", **kinds)
    assert made.regulation_sid == samples.GERMANY_LOCAL_BUSINESS
    assert made.status_callback is None


def test_equal_requests_make_several_bundles(client):
    assert samples.bundle(client).sid != samples.bundle(client).sid


COMPLETE = {
    "FriendlyName": "Local numbers",
    "Email": "compliance@example.com",
    "IsoCountry": "DE",
    "NumberType": "local",
    "EndUserType": "business",
}


@pytest.mark.parametrize(
    "changes, code, words",
    [
        ({"FriendlyName": None}, 20001, ["Missing required parameter FriendlyName in the post body"]),
        ({"FriendlyName": "x" * 256}, 20002, ["FriendlyName"]),
        ({"Email": None}, 20001, ["Missing required parameter Email in the post body"]),
        ({"Email": "nobody"}, 20001, ["Email"]),
        ({"StatusCallback": "/relative"}, 20001, ["StatusCallback"]),
        ({"StatusCallback": "ftp://example.com"}, 20001, ["StatusCallback"]),
        ({"IsTest": "perhaps"}, 20001, ["IsTest"]),
        ({"NumberType": "landline"}, 22200, []),
        ({"EndUserType": "company"}, 22200, []),
        ({"IsoCountry": "US"}, 22201, []),
        ({"EndUserType": "individual"}, 22201, []),
        ({"RegulationSid": f"RN{samples.NOBODY}"}, 22201, []),
        ({"RegulationSid": samples.GERMANY_LOCAL_BUSINESS, "NumberType": "mobile"}, 22201, []),
        ({"RegulationSid": "germany"}, 20001, ["RegulationSid"]),
        ({"IsoCountry": None}, 22202, []),
        ({"NumberType": None}, 22202, []),
        ({"EndUserType": None}, 22202, []),
        ({"IsoCountry": None, "NumberType": None, "EndUserType": None}, 22202, []),
    ],
)
def test_a_bundle_that_cannot_be(http, compliance, changes, code, words):
    before = [found.sid for found in compliance.bundles.list()]
    form = {key: value for key, value in (COMPLETE | changes).items() if value is not None}
    assert_refused(http.post(f"{V2}/Bundles", data=form), 400, code, *words)
    assert [found.sid for found in compliance.bundles.list()] == before, "nothing was made"


# ... found ...


def test_a_bundle_is_fetched(client, bundles):
    made = samples.bundle(client)
    found = bundles(made.sid).fetch()
    assert (found.sid, found.friendly_name, found.email) == (made.sid, made.friendly_name, made.email)
    assert (found.date_created, found.url, found.links) == (made.date_created, made.url, made.links)


def test_identifiers_are_compared_without_regard_to_the_case_of_their_digits(client, bundles):
    made = samples.bundle(client)
    assert bundles("BU" + made.sid[2:].upper()).fetch().sid == made.sid


def test_the_newest_bundle_comes_first(empty):
    made = [samples.bundle(empty, name).sid for name in ("first", "second", "third")]
    found = empty.numbers.v2.regulatory_compliance.bundles.list()
    assert [bundle.sid for bundle in found] == made[::-1]


@pytest.fixture
def three(empty):
    """A client whose account has three bundles: for Germany, for Britain, and a submitted one for Australia."""
    bundles = empty.numbers.v2.regulatory_compliance.bundles

    def make(name, country, number_type):
        kinds = {"iso_country": country, "number_type": number_type, "end_user_type": "individual"}
        return bundles.create(name, "jane@example.com", **kinds)

    germany = samples.bundle(empty, "Germany")
    britain, australia = make("Britain", "GB", "mobile"), make("Australia", "AU", "local")
    person = samples.end_user(empty, {"first_name": "Jane", "last_name": "Citizen"}, kind="individual")
    home = samples.address(empty, city="Sydney", region="NSW", postal_code="2000", iso_country="AU")
    proof = samples.document(empty, "address", {"address_sids": [home.sid]})
    samples.assign(empty, australia, person.sid, proof.sid)
    bundles(australia.sid).update(status="pending-review")
    return empty, {"Germany": germany.sid, "Britain": britain.sid, "Australia": australia.sid}


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({"status": "draft"}, ["Britain", "Germany"]),
        ({"status": "PENDING-REVIEW"}, ["Australia"]),
        ({"status": "twilio-approved"}, []),
        ({"friendly_name": "Britain"}, ["Britain"]),
        ({"friendly_name": "britain"}, []),
        ({"friendly_name": "Brit"}, []),
        ({"regulation_sid": samples.GERMANY_LOCAL_BUSINESS}, ["Germany"]),
        ({"regulation_sid": f"RN{samples.NOBODY}"}, []),
        ({"iso_country": "gb"}, ["Britain"]),
        ({"iso_country": "US"}, []),
        ({"number_type": "local"}, ["Australia", "Germany"]),
        ({"number_type": "tollfree"}, []),
        ({"end_user_type": "individual"}, ["Australia", "Britain"]),
        ({"end_user_type": "individual", "number_type": "local"}, ["Australia"]),
        ({"has_valid_until_date": False}, ["Australia", "Britain", "Germany"]),
        ({"has_valid_until_date": True}, []),
        ({"valid_until_date": datetime(2030, 1, 1)}, []),
        ({"valid_until_date_before": datetime(2030, 1, 1)}, []),
        ({"valid_until_date_after": datetime(2020, 1, 1)}, []),
        ({"sort_direction": "ASC"}, ["Germany", "Britain", "Australia"]),
        ({"sort_direction": "desc"}, ["Australia", "Britain", "Germany"]),
        ({"sort_by": "date-updated"}, ["Australia", "Britain", "Germany"]),
        ({"sort_by": "valid-until", "status": "pending-review"}, ["Australia"]),
    ],
    ids=str,
)
def test_filters_and_sorts(three, filters, expected):
    client, _ = three
    found = client.numbers.v2.regulatory_compliance.bundles.list(**filters)
    assert [bundle.friendly_name for bundle in found] == expected


def test_every_order_has_every_bundle(three):
    client, sids = three
    for sort_by in ("date-updated", "valid-until"):
        for direction in ("ASC", "DESC"):
            stream = client.numbers.v2.regulatory_compliance.bundles.stream(
                sort_by=sort_by, sort_direction=direction, page_size=1
            )
            assert {bundle.sid for bundle in stream} == set(sids.values())


def test_up_to_twenty_bundles_are_found_by_their_identifiers(three):
    client, sids = three
    bundles = client.numbers.v2.regulatory_compliance.bundles
    wanted = f"{sids['Germany']},{sids['Australia']},BU{samples.NOBODY}"
    assert [bundle.friendly_name for bundle in bundles.list(bundle_sids=wanted)] == ["Australia", "Germany"]
    with refused(400, 20001, "BundleSids"):
        bundles.list(bundle_sids=",".join(f"BU{number:032x}" for number in range(21)))
    with refused(400, 20001, "BundleSids"):
        bundles.list(bundle_sids="germany")


def test_a_change_moves_a_bundle_to_the_front_of_those_sorted_by_change(empty):
    bundles = empty.numbers.v2.regulatory_compliance.bundles
    oldest = samples.bundle(empty, "oldest").sid
    samples.bundle(empty, "newest")
    bundles(oldest).update(friendly_name="changed")
    by_change = bundles.list(sort_by="date-updated", sort_direction="DESC")
    assert [bundle.friendly_name for bundle in by_change] == ["changed", "newest"]
    assert [bundle.friendly_name for bundle in bundles.list()] == ["newest", "changed"]


@pytest.mark.parametrize(
    "parameter, value, code",
    [
        ("Status", "approved", 22203),
        ("EndUserType", "company", 22212),
        ("NumberType", "landline", 22213),
        ("HasValidUntilDate", "yes", 20001),
        ("SortBy", "name", 20001),
        ("SortDirection", "up", 20001),
        ("ValidUntilDate", "tomorrow", 20001),
        ("ValidUntilDate<", "2022-13-01", 20001),
        ("ValidUntilDate>", "1.1.2022", 20001),
        ("RegulationSid", "germany", 20001),
    ],
)
def test_filters_that_make_no_sense(http, parameter, value, code):
    assert_refused(http.get(f"{V2}/Bundles", params={parameter: value}), 400, code)


def test_dates_may_be_days_or_seconds(http):
    for date in ("2022-11-29", "2022-11-29T23:59:59Z"):
        for parameter in ("ValidUntilDate", "ValidUntilDate<", "ValidUntilDate>"):
            assert http.get(f"{V2}/Bundles", params={parameter: date}).json()["results"] == []


# ... changed ...


@pytest.mark.parametrize(
    "property, value",
    [
        ("friendly_name", "A better name"),
        ("email", "somebody.else@example.com"),
        ("status_callback", "https://example.com/elsewhere"),
    ],
)
def test_each_property_changes_alone(client, bundles, property, value):
    made = samples.bundle(client, status_callback="https://example.com/callback")
    changed = bundles(made.sid).update(**{property: value})
    assert getattr(changed, property) == value
    assert changed.date_updated >= made.date_updated
    unchanged = {"friendly_name", "email", "status_callback", "status", "regulation_sid", "date_created"} - {property}
    for name in unchanged:
        assert getattr(changed, name) == getattr(made, name)


@pytest.mark.parametrize(
    "form, code",
    [
        ({"FriendlyName": "x" * 256}, 20002),
        ({"Email": "nobody"}, 20001),
        ({"StatusCallback": "callback"}, 20001),
        ({"Status": "approved"}, 22203),
        ({"Status": "in-review"}, 22203),
        ({"Status": "twilio-approved"}, 22203),
        ({"Status": "twilio-rejected"}, 22203),
        ({"Status": "provisionally-approved"}, 22203),
        ({"FriendlyName": "Good", "Email": "bad"}, 20001),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(client, http, form, code):
    made = samples.bundle(client)
    before = http.get(f"{V2}/Bundles/{made.sid}").json()
    assert_refused(http.post(f"{V2}/Bundles/{made.sid}", data=form), 400, code)
    assert http.get(f"{V2}/Bundles/{made.sid}").json() == before


def test_the_regulation_never_changes(client, http):
    made = samples.bundle(client)
    changed = http.post(f"{V2}/Bundles/{made.sid}", data={"RegulationSid": f"RN{samples.NOBODY}", "IsTest": "true"})
    assert changed.status_code == 200
    assert changed.json()["regulation_sid"] == samples.GERMANY_LOCAL_BUSINESS


# ... submitted ...


def test_a_bundle_that_is_not_ready_stays_a_draft(client, bundles, http):
    made = samples.bundle(client)
    response = http.post(f"{V2}/Bundles/{made.sid}", data={"Status": "pending-review", "FriendlyName": "Ready?"})
    body = assert_refused(response, 400, 20001, made.sid)
    assert body["details"]["evaluation_url"] == f"{made.url}/Evaluations/{body['details']['evaluation_sid']}"
    assert body["details"]["evaluation_url"] in body["message"], "where clients look for it"

    evaluation = bundles(made.sid).evaluations(body["details"]["evaluation_sid"]).fetch()
    assert evaluation.status == "noncompliant"
    unchanged = bundles(made.sid).fetch()
    assert (unchanged.status, unchanged.friendly_name) == ("draft", made.friendly_name)


def test_a_submission_may_change_the_name_as_well(client, bundles, http):
    made, _, _ = samples.compliant_bundle(client, http)
    submitted = bundles(made.sid).update(status="pending-review", friendly_name="Submitted")
    assert (submitted.status, submitted.friendly_name) == ("pending-review", "Submitted")
    [evaluation] = bundles(made.sid).evaluations.list()
    assert evaluation.status == "compliant"


def test_asking_for_the_status_it_has_does_nothing(client, bundles, http):
    made, _, _ = samples.compliant_bundle(client, http)
    assert bundles(made.sid).update(status="draft").status == "draft"
    bundles(made.sid).update(status="pending-review")
    assert bundles(made.sid).update(status="pending-review").status == "pending-review"
    assert len(bundles(made.sid).evaluations.list()) == 1, "no second review"


@pytest.fixture(scope="module")
def submitted(client, http):
    """A bundle under review, with its document and its end user."""
    made, excerpt, company = samples.compliant_bundle(client, http)
    client.numbers.v2.regulatory_compliance.bundles(made.sid).update(status="pending-review")
    return made.sid, excerpt, company


def test_under_review_only_its_properties_change(bundles, submitted):
    sid, _, _ = submitted
    changed = bundles(sid).update(
        friendly_name="Other", email="other@example.com", status_callback="https://example.com/other"
    )
    assert (changed.friendly_name, changed.status) == ("Other", "pending-review")
    with refused(409, 20409):
        bundles(sid).update(status="draft")


def test_under_review_nothing_is_added_or_removed(client, bundles, submitted):
    sid, _, _ = submitted
    other = samples.document(client, "tax_document")
    with refused(409, 20409):
        bundles(sid).item_assignments.create(object_sid=other.sid)
    for assignment in bundles(sid).item_assignments.list():
        with refused(409, 20409):
            bundles(sid).item_assignments(assignment.sid).delete()
    assert len(bundles(sid).item_assignments.list()) == 2


def test_under_review_it_is_not_deleted(bundles, submitted):
    sid, _, _ = submitted
    with refused(400, 21647):
        bundles(sid).delete()
    assert bundles(sid).fetch().status == "pending-review"


# ... deleted.


def test_a_deleted_bundle_is_gone_and_its_items_are_free(client, bundles, compliance, http):
    made, excerpt, company = samples.compliant_bundle(client, http)
    assert bundles(made.sid).delete() is True
    with refused(404, 20404):
        bundles(made.sid).fetch()
    with refused(404, 20404):
        bundles(made.sid).item_assignments.list()
    assert compliance.supporting_documents(excerpt).delete() is True
    assert compliance.end_users(company).delete() is True


def test_what_is_not_there_cannot_be_used(bundles, http):
    for sid in (f"BU{samples.NOBODY}", "nonsense", f"AD{samples.NOBODY}"):
        message = f"The requested resource {V2}/Bundles/{sid} was not found"
        with refused(404, 20404, message):
            bundles(sid).fetch()
        with refused(404, 20404, message):
            bundles(sid).update(friendly_name="x")
        with refused(404, 20404, message):
            bundles(sid).delete()


def test_nobody_sees_the_bundles_of_others(client, bundles, stranger):
    made = samples.bundle(client)
    theirs = stranger.numbers.v2.regulatory_compliance.bundles
    assert theirs.list() == []
    with refused(404, 20404):
        theirs(made.sid).fetch()
    with refused(404, 20404):
        theirs(made.sid).update(friendly_name="Mine now")
    with refused(404, 20404):
        theirs(made.sid).delete()
    assert bundles(made.sid).fetch().friendly_name == made.friendly_name
