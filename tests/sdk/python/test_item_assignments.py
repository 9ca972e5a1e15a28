"""Item assignments: what is in a bundle."""

import pytest

import samples
from refusals import assert_refused, refused
from service import V2


@pytest.fixture
def bundle(client):
    return samples.bundle(client)


@pytest.fixture
def assignments(compliance, bundle):
    return compliance.bundles(bundle.sid).item_assignments


def test_an_end_user_and_documents_are_assigned(client, assignments, bundle, account):
    for item in (samples.end_user(client), samples.document(client), samples.document(client, "passport")):
        made = assignments.create(object_sid=item.sid)
        assert made.sid.startswith("BV")
        assert (made.account_sid, made.bundle_sid, made.object_sid) == (account.sid, bundle.sid, item.sid)
        assert made.url == f"{bundle.url}/ItemAssignments/{made.sid}"
        found = assignments(made.sid).fetch()
        assert (found.object_sid, found.url, found.date_created) == (item.sid, made.url, made.date_created)
    assert len(assignments.list()) == 3


def test_they_are_listed_over_all_pages_and_the_newest_comes_first(client, assignments):
    kinds = ["passport", "utility_bill", "tax_document", "business_registration", "address"]
    objects = [samples.document(client, kind, {}).sid for kind in kinds]
    made = [assignments.create(object_sid=sid).sid for sid in objects][::-1]
    assert [found.sid for found in assignments.stream(page_size=2)] == made
    page = assignments.page(page_size=2)
    assert [found.sid for found in assignments.get_page(page.next_page_url)] == made[2:4]


def test_one_end_user_may_be_in_several_bundles(client):
    company = samples.end_user(client)
    for _ in range(2):
        samples.assign(client, samples.bundle(client), company.sid)


def test_a_document_nobody_asked_for_and_the_wrong_kind_of_end_user_are_allowed(client, assignments):
    """The evaluation is the check."""
    assignments.create(object_sid=samples.document(client, "passport").sid)
    assignments.create(object_sid=samples.end_user(client, {}, kind="individual").sid)


def test_a_removed_item_makes_room_for_another(client, assignments):
    first = assignments.create(object_sid=samples.end_user(client).sid)
    assert assignments(first.sid).delete() is True
    with refused(404, 20404):
        assignments(first.sid).fetch()
    assignments.create(object_sid=samples.end_user(client).sid)
    assert len(assignments.list()) == 1


def test_a_second_end_user_is_refused(client, assignments):
    company = samples.end_user(client)
    assignments.create(object_sid=company.sid)
    for another in (company, samples.end_user(client)):
        with refused(400, 22214, "EndUser already exists on bundle"):
            assignments.create(object_sid=another.sid)
    assert len(assignments.list()) == 1


def test_a_second_document_of_a_type_is_refused(client, assignments):
    excerpt = samples.document(client)
    assignments.create(object_sid=excerpt.sid)
    for another in (excerpt, samples.document(client)):
        with refused(400, 70002):
            assignments.create(object_sid=another.sid)
    assert len(assignments.list()) == 1


def test_only_objects_of_the_account_are_assigned(client, assignments, stranger):
    theirs = (samples.end_user(stranger).sid, samples.document(stranger).sid)
    for sid in (*theirs, f"IT{samples.NOBODY}", f"RD{samples.NOBODY}", "nonsense", "RD12"):
        with refused(400, 22205):
            assignments.create(object_sid=sid)
    assert assignments.list() == []


def test_only_end_users_and_documents_are_assigned(client, assignments, bundle, account):
    for sid in (samples.address(client).sid, bundle.sid, account.sid, f"PN{samples.NOBODY}"):
        with refused(400, 22206):
            assignments.create(object_sid=sid)
    assert assignments.list() == []


def test_an_object_must_be_named(http, bundle):
    response = http.post(f"{V2}/Bundles/{bundle.sid}/ItemAssignments")
    assert_refused(response, 400, 20001, "Missing required parameter ObjectSid in the post body")


def test_an_assignment_belongs_to_its_bundle(client, compliance, assignments):
    made = assignments.create(object_sid=samples.end_user(client).sid)
    other = compliance.bundles(samples.bundle(client).sid).item_assignments
    with refused(404, 20404):
        other(made.sid).fetch()
    with refused(404, 20404):
        other(made.sid).delete()
    assert assignments(made.sid).fetch().sid == made.sid


def test_what_is_not_there_is_not_found(client, compliance, bundle, assignments, stranger):
    made = assignments.create(object_sid=samples.end_user(client).sid)
    theirs = stranger.numbers.v2.regulatory_compliance
    for resource in (
        assignments(f"BV{samples.NOBODY}"),
        assignments("nonsense"),
        compliance.bundles(f"BU{samples.NOBODY}").item_assignments(made.sid),
        theirs.bundles(bundle.sid).item_assignments(made.sid),
    ):
        with refused(404, 20404, "was not found"):
            resource.fetch()
        with refused(404, 20404):
            resource.delete()
    for lists in (compliance.bundles(f"BU{samples.NOBODY}"), theirs.bundles(bundle.sid)):
        with refused(404, 20404):
            lists.item_assignments.list()
        with refused(404, 20404):
            lists.item_assignments.create(object_sid=made.object_sid)
