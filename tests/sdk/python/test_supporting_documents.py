"""Supporting documents without files; with files see test_document_files.py."""

import pytest

import samples
from refusals import assert_refused, refused
from service import V2


@pytest.fixture(scope="module")
def documents(compliance):
    return compliance.supporting_documents


def test_a_document_is_made_fetched_and_listed(documents, account, service):
    made = documents.create(friendly_name="Passport", type="passport", attributes={"first_name": "Erika"})
    assert made.sid.startswith("RD")
    assert made.account_sid == account.sid
    assert (made.friendly_name, made.type, made.status) == ("Passport", "passport", "draft")
    assert (made.mime_type, made.failure_reason, made.errors) == (None, None, None)
    assert made.attributes == {"first_name": "Erika"}
    assert made.date_created == made.date_updated
    assert made.url == f"{service.url}{V2}/SupportingDocuments/{made.sid}"

    found = documents(made.sid).fetch()
    assert (found.attributes, found.url, found.date_created) == (made.attributes, made.url, made.date_created)
    assert documents.list(limit=1)[0].sid == made.sid


def test_attributes_may_come_later(documents):
    assert documents.create(friendly_name="Passport", type="passport").attributes == {}


@pytest.mark.parametrize("address_sids", [["AD" + "1" * 32], "AD" + "1" * 32, "AD" + "1" * 32 + ",AD" + "2" * 32])
def test_addresses_are_kept_in_the_form_they_were_sent(documents, address_sids):
    made = documents.create(friendly_name="Home", type="address", attributes={"address_sids": address_sids})
    assert documents(made.sid).fetch().attributes == {"address_sids": address_sids}


@pytest.mark.parametrize(
    "form, code",
    [
        ({"Type": "passport"}, 22211),
        ({"FriendlyName": "Passport"}, 22210),
        ({"FriendlyName": "Passport", "Type": "library_card"}, 22210),
        ({"FriendlyName": "x" * 256, "Type": "passport"}, 20002),
        ({"FriendlyName": "Passport", "Type": "passport", "Attributes": "[]"}, 22207),
        ({"FriendlyName": "Passport", "Type": "passport", "Attributes": '{"a":1,"a":2}'}, 22207),
    ],
)
def test_a_document_that_cannot_be(http, documents, form, code):
    before = [found.sid for found in documents.list()]
    assert_refused(http.post(f"{V2}/SupportingDocuments", data=form), 400, code)
    assert [found.sid for found in documents.list()] == before


def test_an_update_replaces_all_attributes_or_none(client, documents):
    made = samples.document(client)
    assert documents(made.sid).update(friendly_name="Renamed").attributes == samples.REGISTER_EXCERPT
    changed = documents(made.sid).update(attributes={"business_name": "Other"})
    assert (changed.friendly_name, changed.attributes) == ("Renamed", {"business_name": "Other"})
    assert (changed.type, changed.status, changed.date_created) == (made.type, made.status, made.date_created)


@pytest.mark.parametrize(
    "form, code",
    [
        ({"FriendlyName": "x" * 256}, 20002),
        ({"Attributes": "["}, 22207),
        ({"Status": "approved"}, 22209),
        ({"Status": "lost"}, 22209),
        ({"Status": "draft", "Attributes": "{}"}, 22208),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(client, http, form, code):
    made = samples.document(client)
    before = http.get(f"{V2}/SupportingDocuments/{made.sid}").json()
    assert_refused(http.post(f"{V2}/SupportingDocuments/{made.sid}", data=form), 400, code)
    assert http.get(f"{V2}/SupportingDocuments/{made.sid}").json() == before


def test_the_type_never_changes(client, http):
    made = samples.document(client)
    changed = http.post(f"{V2}/SupportingDocuments/{made.sid}", data={"Type": "passport", "Status": "draft"})
    assert (changed.status_code, changed.json()["type"]) == (200, made.type)


def test_under_review_only_the_name_changes(client, compliance, documents, http):
    made, excerpt, _ = samples.compliant_bundle(client, http)
    compliance.bundles(made.sid).update(status="pending-review")
    before = documents(excerpt).fetch()
    assert before.status == "pending-review"
    assert documents(excerpt).update(friendly_name="Renamed").friendly_name == "Renamed"
    with refused(409, 20409):
        documents(excerpt).update(attributes={})
    assert_refused(samples.upload(http, path=f"/{excerpt}"), 409, 20409)
    assert documents(excerpt).fetch().attributes == before.attributes


def test_a_document_in_a_bundle_is_not_deleted(client, compliance, documents):
    made, passport = samples.bundle(client), samples.document(client, "passport")
    [assignment] = samples.assign(client, made, passport.sid)
    with refused(400, 21645):
        documents(passport.sid).delete()
    compliance.bundles(made.sid).item_assignments(assignment.sid).delete()
    assert documents(passport.sid).delete() is True
    with refused(404, 20404):
        documents(passport.sid).fetch()


def test_nor_is_one_under_review(client, compliance, documents, http):
    """The bundle that holds it is the reason that is named: it can be in no review without one."""
    made, excerpt, _ = samples.compliant_bundle(client, http)
    compliance.bundles(made.sid).update(status="pending-review")
    with refused(400, 21645):
        documents(excerpt).delete()


def test_the_newest_comes_first_over_all_pages(empty):
    made = [samples.document(empty, "passport", {"number": str(number)}).sid for number in range(5)][::-1]
    documents = empty.numbers.v2.regulatory_compliance.supporting_documents
    assert [found.sid for found in documents.stream(page_size=2)] == made
    page = documents.page(page_size=2)
    assert [found.sid for found in documents.get_page(page.next_page_url)] == made[2:4]


def test_unknown_documents_and_those_of_others_are_not_found(client, documents, stranger):
    theirs = stranger.numbers.v2.regulatory_compliance.supporting_documents
    assert theirs.list() == []
    for resource in (documents(f"RD{samples.NOBODY}"), documents("passport"), theirs(samples.document(client).sid)):
        with refused(404, 20404, "was not found"):
            resource.fetch()
        with refused(404, 20404):
            resource.update(friendly_name="x")
        with refused(404, 20404):
            resource.delete()
