"""Golden tests: our answers have the keys and the types of the examples in the original's specification.

`fixtures/examples.json` has every example body of the operations that concern us, under `METHOD PATH NAME`. For
each of them we make the same kind of answer and compare shapes: the set of keys, JSON types, the form of dates and
identifiers, and where addresses lead. A key with no test fails, so the list of examples only grows.
"""

import json
import pathlib
import re

import pytest

import samples
from service import V2

EXAMPLES = json.loads(pathlib.Path(__file__).with_name("fixtures").joinpath("examples.json").read_text())

# What may be null in one answer and a value in another.
NULLABLE = {
    "valid_until", "status_callback", "email", "mime_type", "failure_reason", "errors", "error_code",
    "friendly_name", "street_secondary", "next_page_url", "previous_page_url", "next_page_uri", "previous_page_uri",
}  # fmt: skip
# What we answer beyond old examples: newer ones of the original have it.
NEWER = {"replace_items", "constraint", "passed"}
# What callers choose themselves.
FREE = {"attributes"}
# The examples name paths that never existed there.
ODD_URLS = {"requirements"}


def form(text):
    """What kind of text it is, without what differs from one object to the next."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        return "date"
    if re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", text):
        return "date of 2010"
    if re.fullmatch("[A-Z]{2}[0-9a-f]{32}", text):
        # An end user or a document: either can be assigned.
        return "item" if text[:2] in ("IT", "RD") else text[:2]
    if match := re.fullmatch(r"(?:https?://[^/]+)?(/(?:v2|2010-04-01)/[^?]*)(\?.*)?", text):
        return re.sub("[A-Z]{2}[0-9a-f]{32}", "{sid}", match[1]) + ("?" if match[2] else "")
    return "text"


def compare(expected, found, where="", urls=True):
    """Fails where the shapes differ."""
    name = where.rsplit("/", 1)[-1]
    if name in FREE:
        assert isinstance(found, dict), where
    elif None in (expected, found):
        assert name in NULLABLE or expected is found, f"{where} is {found!r}"
    elif isinstance(expected, dict):
        assert isinstance(found, dict), where
        assert set(found) - NEWER == set(expected) - NEWER, f"keys of {where or 'the answer'}"
        for key in set(expected) & set(found):
            compare(expected[key], found[key], f"{where}/{key}", urls and key not in ODD_URLS)
    elif isinstance(expected, list):
        assert isinstance(found, list), where
        for each in found if expected else []:
            compare(expected[0], each, where, urls)
    else:
        assert type(found) is type(expected), f"{where} is {found!r}"
        if isinstance(expected, str) and (urls or not where.endswith("/url")):
            assert form(found) == form(expected) or form(expected) == "text", f"{where} is {found!r}"


@pytest.fixture(scope="module")
def nothing(service):
    """HTTP with an account that has nothing, for the empty lists."""
    account = service.new_account()
    http = service.http(account)
    http.account = account
    return http


@pytest.fixture(scope="module")
def answer(service, client, http, account, nothing):
    """Makes our answer to what an example answers."""
    bundle, excerpt, company = samples.compliant_bundle(client, http)
    compliance = client.numbers.v2.regulatory_compliance
    compliance.bundles(bundle.sid).update(status_callback="http://www.example.com")
    incomplete = samples.bundle(client)
    evaluation = compliance.bundles(incomplete.sid).evaluations.create()
    [assignment, _] = compliance.bundles(bundle.sid).item_assignments.list()
    address = samples.address(client, friendly_name="Main Office")
    [type_sid] = [found.sid for found in compliance.end_user_types.list(limit=1)]
    [document_type_sid] = [found.sid for found in compliance.supporting_document_types.list(limit=1)]
    approved, _, _ = samples.approved_bundle(client, http, service)
    compliance.bundles(approved.sid).update(status_callback="http://www.example.com")
    copy = compliance.bundles(approved.sid).bundle_copies.create()
    samples.approve(client, service, copy)
    own = {
        "Bundles": bundle.sid,
        "Evaluations": evaluation.sid,
        "ItemAssignments": assignment.sid,
        "EndUsers": company,
        "SupportingDocuments": excerpt,
        "Addresses": address.sid,
        "Regulations": samples.GERMANY_LOCAL_BUSINESS,
        "EndUserTypes": type_sid,
        "SupportingDocumentTypes": document_type_sid,
        "Accounts": account.sid,
    }
    forms = {
        "Bundles": {
            "FriendlyName": "friendly_name",
            "Email": "email@example.com",
            "StatusCallback": "http://www.example.com",
            "RegulationSid": samples.GERMANY_LOCAL_BUSINESS,
        },
        "EndUsers": {"FriendlyName": "friendly_name", "Type": "individual", "Attributes": '{"email": "e"}'},
        "SupportingDocuments": {"FriendlyName": "friendly_name", "Type": "passport", "Attributes": '{"a": "b"}'},
        "Addresses": {
            "CustomerName": "name", "Street": "4th", "StreetSecondary": "Suite 300", "City": "SF", "Region": "CA",
            "PostalCode": "94019", "IsoCountry": "US", "FriendlyName": "Main Office",
        },
        "Evaluations": {},
        "Copies": {"FriendlyName": "friendly_name"},
        "Clones": {"TargetAccountSid": account.sid},
        "ReplaceItems": {"FromBundleSid": copy.sid},
    }  # fmt: skip

    def answer(key):
        method, path, name = key.split(" ")
        caller, sids = http, dict(own)
        if "Evaluations" in path:
            sids["Bundles"] = incomplete.sid
        if re.search("/(Clones|Copies|ReplaceItems)$", path):
            sids["Bundles"] = approved.sid
        if name == "readEmpty":
            # Of what everybody has, pages behind the last one are empty; of the rest, those of a new account.
            path += "?Page=1000" if re.search("Types$|Regulations$", path) else ""
            if re.search("/(Bundles|EndUsers|SupportingDocuments|Addresses.json)$", path):
                caller, sids["Accounts"] = nothing, nothing.account.sid
            elif "ItemAssignments" in path or "Copies" in path:
                sids["Bundles"] = incomplete.sid
            elif "Evaluations" in path:
                sids["Bundles"] = bundle.sid
        path = re.sub(r"(\w+)/\{\w+\}", lambda match: f"{match[1]}/{sids[match[1]]}", path)
        if method == "get":
            return caller.get(path)
        resource = re.sub(r"\.json$|/[A-Z]{2}[0-9a-f]{32}(\.json)?$", "", path).rsplit("/", 1)[-1]
        if name == "update":
            return caller.post(path, data={"FriendlyName": "friendly_name"})
        if resource == "ItemAssignments":
            passport = samples.document(client, "passport")
            return caller.post(path, data={"ObjectSid": passport.sid})
        return caller.post(path, data=forms[resource])

    return answer


@pytest.mark.parametrize("key", EXAMPLES)
def test_our_answer_looks_like_the_example(key, answer):
    response = answer(key)
    assert response.status_code == (201 if key.endswith(" create") else 200), response.text
    expected, found = EXAMPLES[key], response.json()
    compare(expected, found)

    # An empty list would compare equal to anything.
    if " read" in key:
        [items] = [value for value in found.values() if isinstance(value, list)]
        assert bool(items) == (not key.endswith(" readEmpty") and "DependentPhoneNumbers" not in key)


def test_the_comparison_notices_differences():
    theirs, ours = "BU" + "a" * 32, "BU" + "1" * 32
    expected = {"sid": theirs, "url": f"https://a.example{V2}/Bundles/{theirs}", "list": [{"n": 1}]}
    same = {"sid": ours, "url": f"http://b{V2}/Bundles/{ours}", "list": [{"n": 7}, {"n": 8}]}
    compare(expected, same)
    for change in (
        {"sid": None},
        {"sid": "BV" + "1" * 32},
        {"url": "http://b" + V2 + "/EndUsers/BU" + "1" * 32},
        {"list": [{"n": 7}, {"n": "8"}]},
        {"list": [{}]},
        {"more": 1},
    ):
        with pytest.raises(AssertionError):
            compare(expected, same | change)
