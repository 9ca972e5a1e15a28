"""Bundles made from bundles: copies, clones, and copies that take their source's place."""

import datetime

import pytest

import samples
from refusals import refused

END = datetime.datetime(2099, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)


@pytest.fixture(scope="module")
def approved(service, client, http):
    """Makes approved bundles that are valid until `END`: the bundle, its document and its end user."""
    return lambda: samples.approved_bundle(client, http, service)


@pytest.fixture(scope="module")
def approved_copy(service, client, compliance):
    """Copies a bundle and has the copy approved."""

    def make(bundle):
        made = compliance.bundles(bundle.sid).bundle_copies.create()
        samples.approve(client, service, made)
        return made

    return make


def objects(client, bundle):
    assignments = client.numbers.v2.regulatory_compliance.bundles(bundle).item_assignments.list()
    return {assignment.object_sid for assignment in assignments}


def test_a_copy_is_a_draft_with_items_of_its_own(client, compliance, account, approved):
    source, excerpt, company = approved()
    made = compliance.bundles(source.sid).bundle_copies.create()
    assert (made.status, made.valid_until, made.account_sid) == ("draft", None, account.sid)
    assert (made.friendly_name, made.email) == (source.friendly_name, source.email)
    assert made.regulation_sid == source.regulation_sid
    assert made.date_created.tzinfo is not None
    items = objects(client, made.sid)
    assert len(items) == 2 and not items & {excerpt, company}
    [document] = [compliance.supporting_documents(sid).fetch() for sid in items if sid.startswith("RD")]
    original = compliance.supporting_documents(excerpt).fetch()
    assert (document.status, original.status) == ("draft", "approved")
    assert (document.mime_type, document.attributes) == (original.mime_type, original.attributes)
    assert compliance.bundles(made.sid).evaluations.create().status == "compliant"
    assert compliance.bundles(source.sid).fetch().valid_until == END


def test_a_copy_can_be_named(compliance, approved):
    copies = compliance.bundles(approved()[0].sid).bundle_copies
    assert copies.create(friendly_name="Another name").friendly_name == "Another name"
    with refused(400, 20002):
        copies.create(friendly_name="x" * 256)


def test_what_cannot_be_copied(service, client, http, compliance):
    with refused(400, 22223, "draft"):
        compliance.bundles(samples.bundle(client).sid).bundle_copies.create()
    source, _, _ = samples.compliant_bundle(client, http)
    samples.approve(client, service, source)
    with refused(400, 22223, "valid_until"):
        compliance.bundles(source.sid).bundle_copies.create()
    with refused(404, 20404):
        compliance.bundles(f"BU{samples.NOBODY}").bundle_copies.create()


def test_copies_are_listed_newest_first(compliance, stranger, approved):
    copies = compliance.bundles(approved()[0].sid).bundle_copies
    assert copies.list() == []
    made = [copies.create().sid for _ in range(5)]
    assert {copy.sid for copy in copies.list()} == set(made)
    assert [copy.sid for copy in copies.stream(page_size=2)] == [copy.sid for copy in copies.list()]
    assert len(copies.list(limit=3)) == 3
    page = copies.page(page_size=2)
    assert len(list(page)) == 2
    assert len(list(copies.get_page(page.next_page_url))) == 2
    assert len(list(copies.page(page_number=2, page_size=2))) == 1
    compliance.bundles(made[0]).delete()
    assert made[0] not in {copy.sid for copy in copies.list()}
    with refused(404, 20404):
        theirs = stranger.numbers.v2.regulatory_compliance
        theirs.bundles(copies._solution["bundle_sid"]).bundle_copies.list()


@pytest.fixture(scope="module")
def branch(service, account):
    """A sub-account."""
    return service.new_account(account)


def test_a_clone_is_the_same_for_another_account(service, client, branch, approved):
    source, excerpt, company = approved()
    made = client.numbers.v2.bundle_clone(source.sid).create(target_account_sid=branch.sid)
    assert (made.status, made.account_sid, made.valid_until) == ("twilio-approved", branch.sid, END)
    assert made.bundle_sid != source.sid
    assert made.url.endswith(f"/Bundles/{made.bundle_sid}/Clones")
    theirs = service.client(branch)
    compliance = theirs.numbers.v2.regulatory_compliance
    assert compliance.bundles(made.bundle_sid).fetch().friendly_name == source.friendly_name
    items = objects(theirs, made.bundle_sid)
    assert len(items) == 2 and not items & {excerpt, company}
    [document] = [compliance.supporting_documents(sid).fetch() for sid in items if sid.startswith("RD")]
    assert (document.status, document.mime_type) == ("approved", "application/pdf")
    [address] = document.attributes["address_sids"]
    assert theirs.addresses(address).fetch().postal_code == "10115"
    assert compliance.bundles(made.bundle_sid).evaluations.create().status == "compliant"
    with refused(404, 20404):
        client.numbers.v2.regulatory_compliance.bundles(made.bundle_sid).fetch()


def test_a_clone_can_be_a_draft(client, branch, approved):
    made = client.numbers.v2.bundle_clone(approved()[0].sid).create(
        target_account_sid=branch.sid, move_to_draft=True, friendly_name="For the branch"
    )
    assert (made.status, made.friendly_name, made.valid_until) == ("draft", "For the branch", None)


def test_clones_go_to_the_family(service, client, account, branch, approved):
    source, _, _ = approved()
    clones = client.numbers.v2.bundle_clone(source.sid)
    made = clones.create(target_account_sid=branch.sid)
    theirs = service.client(branch).numbers.v2.bundle_clone(made.bundle_sid)
    sibling = service.new_account(account)
    for target in (account, sibling, branch):
        assert theirs.create(target_account_sid=target.sid).account_sid == target.sid
    with refused(403, 20403):
        clones.create(target_account_sid=service.new_account().sid)
    with refused(404, 20404):
        clones.create(target_account_sid=f"AC{samples.NOBODY}")
    with refused(400, 20001, "TargetAccountSid"):
        clones.create(target_account_sid="AC1")
    with refused(400, 22223):
        client.numbers.v2.bundle_clone(samples.bundle(client).sid).create(target_account_sid=branch.sid)


def test_a_copy_takes_its_sources_place(client, compliance, approved, approved_copy):
    source, excerpt, company = approved()
    made = approved_copy(source)
    items = objects(client, made.sid)
    replaced = compliance.bundles(source.sid).replace_items.create(from_bundle_sid=made.sid)
    assert (replaced.sid, replaced.status, replaced.valid_until) == (source.sid, "twilio-approved", None)
    assert objects(client, source.sid) == items
    # The copy goes, and what was there before may go too.
    assert compliance.bundles(made.sid).delete()
    assert compliance.supporting_documents(excerpt).delete()
    assert compliance.end_users(company).delete()
    assert objects(client, source.sid) == items
    assert compliance.bundles(source.sid).evaluations.create().status == "compliant"


def test_items_are_replaced_by_those_of_a_copy_only(client, compliance, account, approved, approved_copy):
    source, _, _ = approved()
    replace = compliance.bundles(source.sid).replace_items.create
    for nothing in (f"BU{samples.NOBODY}", "BU1"):
        with refused(400, 22225):
            replace(from_bundle_sid=nothing)
    with refused(400, 22226):
        replace(from_bundle_sid=source.sid)
    with refused(400, 22224):
        replace(from_bundle_sid=approved()[0].sid)
    with refused(400, 22224, "draft"):
        replace(from_bundle_sid=compliance.bundles(source.sid).bundle_copies.create().sid)
    clone = client.numbers.v2.bundle_clone(source.sid).create(target_account_sid=account.sid)
    with refused(400, 22224):
        replace(from_bundle_sid=clone.bundle_sid)
    with refused(404, 20404):
        compliance.bundles(f"BU{samples.NOBODY}").replace_items.create(from_bundle_sid=source.sid)


def test_addresses_must_be_the_same(service, client, compliance, approved):
    source, _, _ = approved()
    made = compliance.bundles(source.sid).bundle_copies.create()
    [document] = [sid for sid in objects(client, made.sid) if sid.startswith("RD")]
    elsewhere = samples.REGISTER_EXCERPT | {"address_sids": [samples.address(client).sid]}
    compliance.supporting_documents(document).update(attributes=elsewhere)
    samples.approve(client, service, made)
    with refused(400, 22229):
        compliance.bundles(source.sid).replace_items.create(from_bundle_sid=made.sid)
