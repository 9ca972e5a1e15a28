"""The getting-started guide of the original, from the regulation to the submission, with its SDK."""

import json

import pytest
from twilio.base.exceptions import TwilioRestException

import samples
from service import V2


def test_a_german_company_gets_ready_for_review(client, compliance, http):
    # What does Germany ask of a business that wants a local number?
    [regulation] = compliance.regulations.list(
        iso_country="DE", number_type="local", end_user_type="business", include_constraints=True
    )
    assert regulation.friendly_name == "Germany: Local - Business"
    [who] = regulation.requirements["end_user"]
    assert who["type"] == "business"
    assert set(who["fields"]) - set(samples.COMPANY) == {"comments"}, "and comments are optional"
    [what] = regulation.requirements["supporting_document"]
    accepted = [[document["type"] for document in requirement["accepted_documents"]] for requirement in what]
    assert all("commercial_registrar_excerpt" in types for types in accepted), "one document proves it all"

    # The bundle that will hold the proof.
    bundle = compliance.bundles.create(
        friendly_name="Beispiel GmbH, Berlin",
        email="compliance@beispiel.example",
        status_callback="https://beispiel.example/compliance",
        regulation_sid=regulation.sid,
    )
    assert bundle.status == "draft"

    # Who will use the numbers, and where they are.
    company = compliance.end_users.create(
        friendly_name="Beispiel GmbH", type="business", attributes=samples.COMPANY
    )
    address = client.addresses.create(friendly_name="Office", **samples.BERLIN)

    # A document is made with what is written in it; its file can follow.
    excerpt = compliance.supporting_documents.create(
        friendly_name="Register excerpt",
        type="commercial_registrar_excerpt",
        attributes=samples.REGISTER_EXCERPT | {"address_sids": [address.sid]},
    )
    assert (excerpt.status, excerpt.mime_type) == ("draft", None)

    # Both belong to the bundle.
    assignments = compliance.bundles(bundle.sid).item_assignments
    for item in (company, excerpt):
        assert assignments.create(object_sid=item.sid).object_sid == item.sid

    # Is that enough? Not yet: nobody can review a document that has no file.
    evaluations = compliance.bundles(bundle.sid).evaluations
    evaluation = evaluations.create()
    assert evaluation.status == "noncompliant"
    missing = [result["requirement_name"] for result in evaluation.results if not result["passed"]]
    assert missing == ["business_reg_no_info", "business_name_info", "business_address_proof_info"]
    assert {result["error_code"] for result in evaluation.results if not result["passed"]} == {22216}

    # A submission is refused for the same reason. The answer leads to the evaluation that says why.
    with pytest.raises(TwilioRestException) as refusal:
        compliance.bundles(bundle.sid).update(status="pending-review")
    assert (refusal.value.status, refusal.value.code) == (400, 20001)
    assert f"/Bundles/{bundle.sid}/Evaluations/EL" in refusal.value.msg
    assert compliance.bundles(bundle.sid).fetch().status == "draft"

    # The file. The SDKs cannot upload, but it is an ordinary form.
    uploaded = samples.upload(http, path=f"/{excerpt.sid}")
    assert uploaded.status_code == 200
    assert uploaded.json()["mime_type"] == "application/pdf"

    evaluation = evaluations.create()
    assert evaluation.status == "compliant"
    assert all(result["passed"] for result in evaluation.results)

    # Off it goes, and nobody changes it while it is reviewed.
    assert compliance.bundles(bundle.sid).update(status="pending-review").status == "pending-review"
    assert compliance.supporting_documents(excerpt.sid).fetch().status == "pending-review"


def test_a_document_is_uploaded_with_its_file_at_once(client, compliance, http):
    address = samples.address(client)
    response = http.post(
        f"{V2}/SupportingDocuments",
        data={
            "FriendlyName": "Register excerpt",
            "Type": "commercial_registrar_excerpt",
            "Attributes": json.dumps(samples.REGISTER_EXCERPT | {"address_sids": [address.sid]}),
        },
        files={"File": ("excerpt.pdf", samples.PDF, "application/pdf")},
    )
    assert response.status_code == 201
    assert response.json()["mime_type"] == "application/pdf"

    document = compliance.supporting_documents(response.json()["sid"]).fetch()
    assert document.attributes["address_sids"] == [address.sid]


def test_an_australian_needs_only_an_address(client, compliance):
    """Where the regulation asks for no file, the SDK alone goes all the way."""
    home = samples.address(
        client,
        customer_name="Jane Citizen",
        street="1 Sample Street",
        city="Sydney",
        region="NSW",
        postal_code="2000",
        iso_country="AU",
    )
    bundle = compliance.bundles.create(
        friendly_name="Jane Citizen",
        email="jane@example.com",
        iso_country="au",
        number_type="local",
        end_user_type="individual",
    )
    person = compliance.end_users.create(
        friendly_name="Jane Citizen",
        type="individual",
        attributes={"first_name": "Jane", "last_name": "Citizen"},
    )
    proof = samples.document(client, kind="address", attributes={"address_sids": [home.sid]})
    samples.assign(client, bundle, person.sid, proof.sid)

    assert compliance.bundles(bundle.sid).update(status="pending-review").status == "pending-review"
