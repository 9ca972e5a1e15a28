"""Files of documents. They travel as multipart, which no SDK can send; plain HTTP can."""

import json
import zlib

import pytest
import requests

import samples
from refusals import assert_refused
from service import V2

PATH = f"{V2}/SupportingDocuments"
PASSPORT = {"FriendlyName": "Passport", "Type": "passport", "Attributes": json.dumps({"first_name": "Erika"})}
MEBIBYTE = 1024 * 1024

ACCEPTED = {
    "PDF": (samples.PDF, "application/pdf"),
    "JPEG": (samples.JPEG, "image/jpeg"),
    "PNG": (samples.PNG, "image/png"),
}


@pytest.mark.parametrize("content, mime_type", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_file_comes_with_its_document(http, content, mime_type):
    response = samples.upload(http, file=("scan", content, mime_type), **PASSPORT)
    assert response.status_code == 201
    made = response.json()
    assert (made["mime_type"], made["status"], made["attributes"]) == (mime_type, "draft", {"first_name": "Erika"})
    assert http.get(f"{PATH}/{made['sid']}").json() == made


def test_the_type_is_what_the_content_says(http):
    """Clients that declare nothing, or that they do not know, are believed to send what they send."""
    for declared in (None, "application/octet-stream"):
        part = ("scan", samples.PNG, declared) if declared else ("scan", samples.PNG)
        assert samples.upload(http, file=part, **PASSPORT).json()["mime_type"] == "image/png"


def test_a_document_may_be_sent_as_multipart_without_a_file(http):
    parts = {name: (None, value) for name, value in PASSPORT.items()}
    response = http.post(PATH, files=parts)
    assert (response.status_code, response.json()["mime_type"]) == (201, None)


def test_other_parts_are_ignored(http):
    response = samples.upload(http, MimeType="image/png", Whatever="x", **PASSPORT)
    assert (response.status_code, response.json()["mime_type"]) == (201, "application/pdf")


def test_a_file_follows_later_and_takes_the_place_of_another(client, http):
    made = samples.document(client, "passport")
    for content, mime_type in ACCEPTED.values():
        response = samples.upload(http, path=f"/{made.sid}", file=("scan", content, mime_type))
        assert (response.status_code, response.json()["mime_type"]) == (200, mime_type)


def test_a_file_stays_when_the_rest_changes(http, compliance):
    made = samples.upload(http, **PASSPORT).json()
    document = compliance.supporting_documents(made["sid"])
    assert document.update(friendly_name="Renamed").mime_type == "application/pdf"
    assert document.update(attributes={"first_name": "Max"}).mime_type == "application/pdf"
    assert document.fetch().mime_type == "application/pdf"


def test_name_attributes_and_file_change_together(client, http):
    made = samples.document(client, "passport")
    response = samples.upload(http, path=f"/{made.sid}", FriendlyName="New", Attributes='{"last_name":"M"}')
    changed = response.json()
    assert (changed["friendly_name"], changed["attributes"]) == ("New", {"last_name": "M"})
    assert changed["mime_type"] == "application/pdf"


TRUNCATED = samples.PDF[: len(samples.PDF) // 2]
REFUSED = {
    "a text": (b"Dear Sir or Madam", "text/plain", 400, 12301),
    "a GIF": (b"GIF89a" + b"\0" * 100, "image/gif", 400, 12301),
    "a text that calls itself a PDF": (b"Dear Sir or Madam", "application/pdf", 400, 12301),
    "nothing": (b"", "application/pdf", 400, 18024),
    "half a PDF": (TRUNCATED, "application/pdf", 400, 18024),
    "half a JPEG": (samples.JPEG[: len(samples.JPEG) // 2], "image/jpeg", 400, 18024),
    "half a PNG": (samples.PNG[: len(samples.PNG) // 2], "image/png", 400, 18024),
    "an encrypted PDF": (samples.ENCRYPTED_PDF, "application/pdf", 400, 18024),
    "a PNG that calls itself a PDF": (samples.PNG, "application/pdf", 400, 18024),
    "a PNG with a ZIP behind it": (samples.PNG + b"PK\x03\x04" + b"\0" * 100, "image/png", 400, 18024),
    "a PDF above 5 MB": (samples.PDF + b"\n" * (5 * MEBIBYTE), "application/pdf", 413, 20413),
    "much more than 5 MB": (b"%PDF-1.4\n" + b"x" * (12 * MEBIBYTE), "application/pdf", 413, 20413),
}


@pytest.mark.parametrize("content, mime_type, status, code", REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_cannot_be_reviewed(compliance, http, content, mime_type, status, code):
    before = [found.sid for found in compliance.supporting_documents.list()]
    response = samples.upload(http, file=("scan", content, mime_type), **PASSPORT)
    assert_refused(response, status, code)
    assert [found.sid for found in compliance.supporting_documents.list()] == before


def test_a_refused_file_leaves_the_document_as_it_was(client, http):
    made = samples.document(client, "passport")
    samples.upload(http, path=f"/{made.sid}")
    before = http.get(f"{PATH}/{made.sid}").json()
    response = samples.upload(http, path=f"/{made.sid}", file=("scan", TRUNCATED), FriendlyName="New")
    assert_refused(response, 400, 18024)
    assert http.get(f"{PATH}/{made.sid}").json() == before


def test_front_and_back_go_into_one_file(http):
    two = [("File", ("front", samples.PNG, "image/png")), ("File", ("back", samples.PNG, "image/png"))]
    assert_refused(http.post(PATH, data=PASSPORT, files=two), 400, 20001, "File")


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"FriendlyName": None}, 22211),
        ({"Type": None}, 22210),
        ({"Type": "library_card"}, 22210),
        ({"FriendlyName": "x" * 256}, 20002),
        ({"Attributes": "["}, 22207),
    ],
)
def test_the_other_parts_are_checked_as_in_a_form(compliance, http, changes, code):
    before = [found.sid for found in compliance.supporting_documents.list()]
    fields = {name: value for name, value in (PASSPORT | changes).items() if value is not None}
    assert_refused(samples.upload(http, **fields), 400, code)
    assert [found.sid for found in compliance.supporting_documents.list()] == before


def test_multipart_that_ends_in_the_middle(http):
    body = b'--b\r\nContent-Disposition: form-data; name="FriendlyName"\r\n\r\nPassp'
    response = http.post(PATH, data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert_refused(response, 400, 20001)
    response = http.post(PATH, data=body, headers={"Content-Type": "multipart/form-data"})
    assert response.status_code in (400, 415), "without its boundary it cannot be read"


def test_only_documents_take_multipart(http):
    for path in ("/Bundles", "/EndUsers"):
        response = http.post(f"{V2}{path}", files={"FriendlyName": (None, "x")})
        assert_refused(response, 415, 20422)


def test_files_need_credentials_and_their_own_document(service, http, client, stranger):
    made = samples.document(client, "passport")
    nobody = service.http(None)
    assert_refused(samples.upload(nobody, **PASSPORT), 401, 20003)
    other = service.http(service.new_account())
    assert_refused(samples.upload(other, path=f"/{made.sid}"), 404, 20404)
    assert_refused(samples.upload(http, path=f"/RD{samples.NOBODY}"), 404, 20404)


def test_a_file_is_never_given_back(http):
    made = samples.upload(http, **PASSPORT).json()
    for path in ("/File", "/Content", "/Media", "/file"):
        assert_refused(http.get(f"{PATH}/{made['sid']}{path}"), 404, 20404)


def test_a_large_file_arrives(http):
    """A picture with a private chunk of four mebibytes in front of its end."""
    filler = 4 * MEBIBYTE
    chunk = b"prIv" + bytes(filler)
    checksum = zlib.crc32(chunk).to_bytes(4, "big")
    large = samples.PNG[:-12] + filler.to_bytes(4, "big") + chunk + checksum + samples.PNG[-12:]
    response = samples.upload(http, file=("scan.png", large, "image/png"), **PASSPORT)
    assert (response.status_code, response.json().get("mime_type")) == (201, "image/png")


def test_a_broken_connection_leaves_nothing(service, account, compliance):
    """The length that was announced never comes."""
    before = [found.sid for found in compliance.supporting_documents.list()]
    body = {"data": PASSPORT, "files": {"File": ("scan", samples.PDF)}}
    request = requests.Request("POST", service.url + PATH, auth=(account.sid, account.token), **body).prepare()
    half = request.body[: len(request.body) // 2]

    def trickle():
        yield half
        raise ConnectionError("the sender is gone")

    request.body = trickle()
    with pytest.raises(requests.ConnectionError), requests.Session() as session:
        session.send(request)
    assert [found.sid for found in compliance.supporting_documents.list()] == before
