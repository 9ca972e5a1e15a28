"""Sample objects: a German company that wants a local number, and everything it has to show."""

import json

from service import REPOSITORY, V2

# The identifiers of listed regulations are the same everywhere.
GERMANY_LOCAL_BUSINESS = "RNfd11dde5d4b7252abf96139766f68034"

COMPANY = {
    "business_name": "Beispiel GmbH",
    "business_registration_number": "HRB 12345",
    "business_website": "https://beispiel.example",
    "first_name": "Erika",
    "last_name": "Mustermann",
    "email": "erika@beispiel.example",
}
REGISTER_EXCERPT = {"business_name": "Beispiel GmbH", "business_registration_number": "HRB 12345"}
BERLIN = {
    "customer_name": "Beispiel GmbH",
    "street": "Musterstraße 1",
    "city": "Berlin",
    "region": "Berlin",
    "postal_code": "10115",
    "iso_country": "DE",
}

PDF = REPOSITORY.joinpath("crates/testkit/files/passport.pdf").read_bytes()
JPEG = REPOSITORY.joinpath("crates/testkit/files/passport.jpg").read_bytes()
PNG = REPOSITORY.joinpath("crates/testkit/files/passport.png").read_bytes()
ENCRYPTED_PDF = REPOSITORY.joinpath("crates/domain/tests/files/encrypted-owner-only.pdf").read_bytes()

# A well-formed identifier that no object has.
NOBODY = "00000000000000000000000000000000"


def bundle(client, name="Local numbers", **parameters):
    """A bundle for German local numbers of a business."""
    return client.numbers.v2.regulatory_compliance.bundles.create(
        friendly_name=name,
        email="compliance@beispiel.example",
        regulation_sid=GERMANY_LOCAL_BUSINESS,
        **parameters,
    )


def end_user(client, attributes=COMPANY, kind="business"):
    """The company."""
    end_users = client.numbers.v2.regulatory_compliance.end_users
    return end_users.create(friendly_name="Beispiel GmbH", type=kind, attributes=attributes)


def address(client, **changes):
    """Where the company is."""
    return client.addresses.create(**(BERLIN | changes))


def document(client, kind="commercial_registrar_excerpt", attributes=REGISTER_EXCERPT):
    """A document without a file, as the SDK makes it."""
    documents = client.numbers.v2.regulatory_compliance.supporting_documents
    return documents.create(friendly_name="Register excerpt", type=kind, attributes=attributes)


def upload(http, path="", file=("excerpt.pdf", PDF, "application/pdf"), **fields):
    """A document with a file, which takes multipart; no SDK can send that."""
    return http.post(f"{V2}/SupportingDocuments{path}", data=fields, files={"File": file} if file else None)


def uploaded_excerpt(http, address_sids):
    """The register excerpt of the company with its file: the body of the answer."""
    attributes = json.dumps(REGISTER_EXCERPT | {"address_sids": address_sids})
    response = upload(
        http, FriendlyName="Register excerpt", Type="commercial_registrar_excerpt", Attributes=attributes
    )
    assert response.status_code == 201, response.text
    return response.json()


def compliant_bundle(client, http):
    """A bundle that has all it needs, with the SIDs of its document and its end user."""
    made = bundle(client)
    excerpt = uploaded_excerpt(http, [address(client).sid])["sid"]
    company = end_user(client).sid
    assign(client, made, company, excerpt)
    return made, excerpt, company


def approve(client, service, made):
    """Submits a bundle, and plays the reviewer who approves it."""
    client.numbers.v2.regulatory_compliance.bundles(made.sid).update(status="pending-review")
    review = {"bundle_sid": made.sid, "outcome": "approved"}
    assert service.http(None).post("/dev/v1/simulate/review", json=review).status_code == 200


def approved_bundle(client, http, service):
    """As `compliant_bundle`, approved until the end of 2099."""
    made, excerpt, company = compliant_bundle(client, http)
    approve(client, service, made)
    operator = service.http(None)
    operator.headers["Authorization"] = "Bearer dev-operator"
    path = f"/operator/v1/bundles/{made.sid}/valid-until"
    assert operator.put(path, json={"valid_until": "2099-12-31"}).status_code == 200
    return made, excerpt, company


def assign(client, made, *objects):
    """Puts objects into a bundle."""
    assignments = client.numbers.v2.regulatory_compliance.bundles(made.sid).item_assignments
    return [assignments.create(object_sid=sid) for sid in objects]
