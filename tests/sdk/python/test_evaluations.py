"""Evaluations: whether what is in a bundle satisfies its regulation, and what to do if not."""

import pytest

import samples
from refusals import refused


@pytest.fixture
def bundle(client):
    return samples.bundle(client)


@pytest.fixture
def evaluations(compliance, bundle):
    return compliance.bundles(bundle.sid).evaluations


def failures(evaluation):
    """Code and sentence of each requirement that is not met."""
    return [(each["error_code"], each["failure_reason"]) for each in evaluation.results if not each["passed"]]


def fields(evaluation, requirement, verdict="invalid"):
    """What is said about the fields of one requirement."""
    [found] = [each for each in evaluation.results if each["requirement_name"] == requirement]
    return {field["object_field"]: field for field in found[verdict]}


def test_an_evaluation_is_a_snapshot_that_is_kept(evaluations, bundle, account):
    made = evaluations.create()
    assert made.sid.startswith("EL")
    assert (made.account_sid, made.bundle_sid) == (account.sid, bundle.sid)
    assert made.regulation_sid == samples.GERMANY_LOCAL_BUSINESS
    assert made.url == f"{bundle.url}/Evaluations/{made.sid}"
    found = evaluations(made.sid).fetch()
    assert (found.status, found.results, found.url) == (made.status, made.results, made.url)
    assert found.date_created == made.date_created
    assert [listed.results for listed in evaluations.list()] == [made.results]


def test_an_empty_bundle_lacks_everything(evaluations):
    evaluation = evaluations.create()
    assert evaluation.status == "noncompliant"
    assert failures(evaluation)[0] == (
        22214,
        "A Business End-User is missing. Please add one to the regulatory bundle.",
    )
    excerpt_missing = (
        22216,
        "An Excerpt from the commercial register is missing. Please add one to the regulatory bundle.",
    )
    assert failures(evaluation)[1:] == [excerpt_missing] * 3

    website = fields(evaluation, "business_info")["business_website"]
    assert website == {
        "friendly_name": "Business Website",
        "object_field": "business_website",
        "failure_reason": "The Business Website is missing."
        " Please enter in a Business Website on the Business information.",
        "error_code": 22215,
    }
    assert set(fields(evaluation, "business_reg_no_info")) == {"business_name", "business_registration_number"}


def test_the_order_is_that_of_the_regulation(evaluations):
    names = [result["requirement_name"] for result in evaluations.create().results]
    assert names == ["business_info", "business_reg_no_info", "business_name_info", "business_address_proof_info"]


def test_a_field_of_the_end_user_that_is_missing_or_malformed(client, bundle, evaluations):
    company = samples.COMPANY | {"business_website": "  ", "email": "nobody"}
    samples.assign(client, bundle, samples.end_user(client, company).sid)
    evaluation = evaluations.create()
    invalid = fields(evaluation, "business_info")
    assert set(invalid) == {"business_website", "email"}
    assert {field["error_code"] for field in invalid.values()} == {22215}
    [result] = [each for each in evaluation.results if each["requirement_name"] == "business_info"]
    assert (result["error_code"], result["failure_reason"]) == (22215, result["invalid"][0]["failure_reason"])
    assert "business_name" in fields(evaluation, "business_info", "valid")


def test_an_end_user_of_the_wrong_type_counts_as_missing(client, bundle, evaluations):
    samples.assign(client, bundle, samples.end_user(client, samples.COMPANY, kind="individual").sid)
    assert failures(evaluations.create())[0][0] == 22214


def test_a_field_of_a_document_that_is_missing(client, http, bundle, evaluations):
    excerpt = samples.uploaded_excerpt(http, [samples.address(client).sid])["sid"]
    samples.assign(client, bundle, samples.end_user(client).sid, excerpt)
    attributes = {"business_name": "Beispiel GmbH", "address_sids": [samples.address(client).sid]}
    client.numbers.v2.regulatory_compliance.supporting_documents(excerpt).update(attributes=attributes)
    field = fields(evaluations.create(), "business_reg_no_info")["business_registration_number"]
    assert field["error_code"] == 22217
    assert field["failure_reason"] == (
        "The Business Registration Number is missing. Or, it does not match the Business Registration Number you"
        " entered within Business information. Please enter in the Business Registration Number shown on the"
        " Excerpt from the commercial register or make sure both Business Registration Number fields use the same"
        " exact inputs."
    )


def test_a_field_of_a_document_that_is_not_the_end_users(client, http, bundle, evaluations):
    excerpt = samples.uploaded_excerpt(http, [samples.address(client).sid])["sid"]
    other = samples.COMPANY | {"business_name": "BEISPIEL GMBH"}
    samples.assign(client, bundle, samples.end_user(client, other).sid, excerpt)
    field = fields(evaluations.create(), "business_name_info")["business_name"]
    assert field["error_code"] == 22218
    assert "it does not match the Business Name you entered within Business information" in field["failure_reason"]


def test_an_address_that_is_missing_deleted_or_somebody_elses(client, http, bundle, evaluations, stranger):
    deleted = samples.address(client)
    client.addresses(deleted.sid).delete()
    excerpt = samples.uploaded_excerpt(http, [])["sid"]
    samples.assign(client, bundle, samples.end_user(client).sid, excerpt)
    documents = client.numbers.v2.regulatory_compliance.supporting_documents
    good = samples.address(client).sid
    for sids in ([], [deleted.sid], [samples.address(stranger).sid], ["nonsense"], [good, deleted.sid], 7):
        documents(excerpt).update(attributes=samples.REGISTER_EXCERPT | {"address_sids": sids})
        field = fields(evaluations.create(), "business_address_proof_info")["address_sids"]
        assert field["error_code"] == 22219
        assert field["failure_reason"] == (
            "The Address is missing. Please enter in the address shown on the Excerpt from the commercial register."
        )


def test_addresses_may_be_a_list_a_text_or_several(client, http, bundle, evaluations):
    excerpt = samples.uploaded_excerpt(http, [])["sid"]
    samples.assign(client, bundle, samples.end_user(client).sid, excerpt)
    documents = client.numbers.v2.regulatory_compliance.supporting_documents
    one, two = samples.address(client).sid, samples.address(client).sid
    for sids in ([one], one, [one, two], f"{one},{two}"):
        documents(excerpt).update(attributes=samples.REGISTER_EXCERPT | {"address_sids": sids})
        assert evaluations.create().status == "compliant"


def test_a_compliant_bundle_says_what_was_looked_at(client, compliance, http):
    made, _, _ = samples.compliant_bundle(client, http)
    evaluation = compliance.bundles(made.sid).evaluations.create()
    assert evaluation.status == "compliant"
    for result in evaluation.results:
        assert (result["passed"], result["failure_reason"], result["error_code"]) == (True, None, None)
        assert result["invalid"] == []
    assert fields(evaluation, "business_name_info", "valid")["business_name"] == {
        "friendly_name": "Business Name",
        "object_field": "business_name",
        "passed": True,
        "failure_reason": None,
        "error_code": None,
    }
    looked_at = fields(evaluation, "business_info", "valid")
    assert "comments" not in looked_at, "optional, and not given"


def test_values_are_compared_as_texts(client, http, bundle, evaluations):
    company = samples.COMPANY | {"business_registration_number": 12345}
    excerpt = samples.uploaded_excerpt(http, [samples.address(client).sid])
    samples.assign(client, bundle, samples.end_user(client, company).sid, excerpt["sid"])
    attributes = excerpt["attributes"] | {"business_registration_number": "12345"}
    client.numbers.v2.regulatory_compliance.supporting_documents(excerpt["sid"]).update(attributes=attributes)
    assert evaluations.create().status == "compliant"


def test_any_accepted_document_will_do(client, http, bundle, evaluations):
    excerpt = samples.uploaded_excerpt(http, [samples.address(client).sid])["sid"]
    unfinished = samples.document(client, "tax_document", {})
    samples.assign(client, bundle, samples.end_user(client).sid, unfinished.sid, excerpt)
    assert evaluations.create().status == "compliant"


def test_a_bundle_is_evaluated_in_any_state_and_stays_in_it(client, compliance, http):
    made, _, _ = samples.compliant_bundle(client, http)
    compliance.bundles(made.sid).update(status="pending-review")
    assert compliance.bundles(made.sid).evaluations.create().status == "compliant"
    assert compliance.bundles(made.sid).fetch().status == "pending-review"


def test_an_evaluation_does_not_change_afterwards(client, bundle, evaluations):
    before = evaluations.create()
    samples.assign(client, bundle, samples.end_user(client).sid)
    after = evaluations.create()
    assert failures(after) != failures(before)
    assert evaluations(before.sid).fetch().results == before.results


def test_they_are_listed_over_all_pages_and_the_newest_comes_first(evaluations):
    made = [evaluations.create().sid for _ in range(5)][::-1]
    assert [found.sid for found in evaluations.stream(page_size=2)] == made
    page = evaluations.page(page_size=2)
    assert [found.sid for found in evaluations.get_page(page.next_page_url)] == made[2:4]


def test_what_is_not_there_is_not_found(client, compliance, bundle, evaluations, stranger):
    made = evaluations.create()
    theirs = stranger.numbers.v2.regulatory_compliance.bundles(bundle.sid).evaluations
    other = compliance.bundles(samples.bundle(client).sid).evaluations
    for resource in (evaluations(f"EL{samples.NOBODY}"), evaluations("x"), theirs(made.sid), other(made.sid)):
        with refused(404, 20404, "was not found"):
            resource.fetch()
    for lists in (theirs, compliance.bundles(f"BU{samples.NOBODY}").evaluations):
        with refused(404, 20404):
            lists.list()
        with refused(404, 20404):
            lists.create()
