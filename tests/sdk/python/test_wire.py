"""What holds for every request: credentials, bodies, headers, and paths that do not exist."""

import base64
import json
import select
import socket

import pytest
import requests

import samples
from refusals import assert_refused, refused
from service import REHEARSAL, V2, Account


@pytest.mark.parametrize(
    "sid, token",
    [
        (REHEARSAL.sid, "0" * 32),
        (REHEARSAL.sid, ""),
        (REHEARSAL.sid, REHEARSAL.token + "0"),
        (f"AC{samples.NOBODY}", REHEARSAL.token),
        (f"SK{samples.NOBODY}", REHEARSAL.token),
        ("nobody", "nothing"),
    ],
)
def test_wrong_credentials(service, sid, token):
    http = service.http(Account(sid, token))
    for method, path in [("GET", "/Bundles"), ("POST", "/Bundles"), ("GET", f"/Bundles/BU{samples.NOBODY}")]:
        response = http.request(method, V2 + path)
        assert_refused(response, 401, 20003)
        assert response.headers["WWW-Authenticate"] == 'Basic realm="Twilio API"'


def test_wrong_credentials_in_the_sdk(service):
    client = service.client(Account(REHEARSAL.sid, "wrong"))
    with refused(401, 20003):
        client.numbers.v2.regulatory_compliance.bundles.create("x", "a@b.example")
    with refused(401, 20003):
        client.addresses.list()


@pytest.mark.parametrize("header", [None, "Basic", "Basic !!!", "Basic bm9ib2R5", "Bearer token", "Negotiate x"])
def test_no_credentials_or_of_another_kind(service, header):
    http = service.http(None)
    headers = {"Authorization": header} if header else {}
    assert_refused(http.get(f"{V2}/Bundles", headers=headers), 401, 20003)


def test_rehearsal_mode_has_a_ready_account(service, rehearsal):
    assert service.client(rehearsal).numbers.v2.regulatory_compliance.bundles.list(limit=1) is not None


def test_paths_that_do_not_exist(http):
    below = [f"{V2}{path}" for path in ("", "/", "/Bundle", "/Bundles/", "/bundles")]
    for path in ("/", "/v2", "/v1/Documents", "/2010-04-01", *below):
        response = http.get(path)
        assert_refused(response, 404, 20404, f"The requested resource {path} was not found")


@pytest.mark.parametrize(
    "method, path",
    [
        ("PUT", "/Bundles"),
        ("PATCH", "/Bundles"),
        ("DELETE", "/Bundles"),
        ("POST", "/Regulations"),
        ("DELETE", f"/Regulations/{samples.GERMANY_LOCAL_BUSINESS}"),
        ("POST", "/EndUserTypes"),
        ("DELETE", f"/Bundles/BU{samples.NOBODY}/Evaluations/EL{samples.NOBODY}"),
        ("POST", f"/Bundles/BU{samples.NOBODY}/ItemAssignments/BV{samples.NOBODY}"),
        ("OPTIONS", "/Bundles"),
    ],
)
def test_methods_that_do_not_exist(http, method, path):
    response = http.request(method, V2 + path)
    assert_refused(response, 405, 20004)
    assert "GET" in response.headers["Allow"]
    assert method not in response.headers["Allow"]


def test_head_is_get_without_its_body(http):
    response = http.request("HEAD", f"{V2}/Bundles")
    assert (response.status_code, response.content) == (200, b"")
    assert http.request("HEAD", f"{V2}/Bundles/BU{samples.NOBODY}").status_code == 404


def test_unknown_parameters_are_ignored(http):
    assert http.get(f"{V2}/Bundles?Unknown=1&friendlyname=x").status_code == 200
    form = {"FriendlyName": "x", "Type": "individual", "Unknown": "y", "type": "z"}
    assert http.post(f"{V2}/EndUsers", data=form).status_code == 201


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/xml", ""])
def test_bodies_are_forms(http, content_type):
    response = http.post(
        f"{V2}/EndUsers",
        data=json.dumps({"FriendlyName": "x", "Type": "individual"}),
        headers={"Content-Type": content_type},
    )
    assert_refused(response, 415, 20422)


@pytest.mark.parametrize(
    "line, status",
    [
        (f"POST {V2}/Bundles/nonsense", 404),
        ("POST /nowhere", 404),
        (f"POST {V2}/Regulations", 405),
        (f"POST {V2}/Bundles", 401),
    ],
)
def test_a_refusal_that_comes_before_the_body_leaves_the_connection_usable(service, rehearsal, line, status):
    """SDKs send head and body apart and use their connections again, so a connection that is closed behind an answer
    that does not say so costs them the next request."""
    good = base64.b64encode(f"{rehearsal.sid}:{rehearsal.token}".encode()).decode()
    credentials = base64.b64encode(b"nobody:nothing").decode() if status == 401 else good
    host, port = service.url.removeprefix("http://").split(":")
    head = f"{line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {credentials}\r\nContent-Length: 3\r\n\r\n"
    for pause_seconds in (0, 0.001, 0.01, 0.05):
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(head.encode())
            # The answer may come before the body or after it.
            select.select([connection], [], [], pause_seconds)
            connection.sendall(b"a=b")
            answer = connection.recv(65536)
            assert answer.startswith(f"HTTP/1.1 {status} ".encode())
            if b"connection: close" not in answer.lower():
                connection.sendall(f"GET /live HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 "), "closed without a word"


def test_an_empty_body_needs_no_type(client, http):
    made = samples.bundle(client)
    assert http.post(f"{V2}/Bundles/{made.sid}/Evaluations").status_code == 201
    assert http.post(f"{V2}/Bundles/{made.sid}").status_code == 200
    assert_refused(http.post(f"{V2}/EndUsers"), 400, 20001)


def test_a_form_may_say_its_character_set(http):
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    body = "FriendlyName=%C3%A4+%26+%2B&Type=individual"
    made = http.post(f"{V2}/EndUsers", data=body, headers=headers)
    assert made.json()["friendly_name"] == "ä & +"


def test_a_body_above_the_limit(http, compliance):
    before = [found.sid for found in compliance.end_users.list()]
    form = {"FriendlyName": "x", "Type": "individual", "Attributes": json.dumps({"a": "x" * 300_000})}
    assert_refused(http.post(f"{V2}/EndUsers", data=form), 413, 20413)
    assert [found.sid for found in compliance.end_users.list()] == before


def test_odd_requests_are_refused_and_not_failures(http):
    many = "&".join(f"P{number}=x" for number in range(1000))
    commas, flag = "BundleSids=" + "," * 100, "IsoCountry=%F0%9F%87%A9"
    for query in (many, commas, flag, "FriendlyName=%00", "Status=%ff", "=&&&=="):
        assert http.get(f"{V2}/Bundles?{query}").status_code in (200, 400)
    for sid in ("%00", "%ff", "..%2f..", "BU" + "0" * 5000, "☎", "BU" + "0" * 31 + "g", "%2e%2e"):
        assert_refused(http.get(f"{V2}/Bundles/{sid}"), 404, 20404)


def test_answers_carry_what_helps_support(http):
    headers = http.get(f"{V2}/Bundles").headers
    assert float(headers["Twilio-Request-Duration"]) >= 0
    assert int(headers["Twilio-Concurrent-Requests"]) >= 1
    assert headers["Twilio-Request-Id"] != http.get(f"{V2}/Bundles").headers["Twilio-Request-Id"]


def test_urls_name_the_host_that_was_asked(http, service):
    port = service.url.rsplit(":", 1)[1]
    page = http.get(f"{V2}/Bundles", headers={"Host": f"compliance.example:{port}"}).json()
    assert page["meta"]["url"].startswith(f"http://compliance.example:{port}{V2}/Bundles?")
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    page = http.get(f"{V2}/Bundles", headers=forwarded).json()
    assert page["meta"]["url"].startswith(service.url), "a header that anybody can send is not believed"


def test_dates_are_whole_seconds(http, client):
    made = http.get(f"{V2}/Bundles/{samples.bundle(client).sid}").json()
    assert len(made["date_created"]) == len("2019-07-30T22:29:24Z")


def test_the_process_can_be_watched(service):
    """Without credentials, for whatever restarts and measures it."""
    for path in ("/health", "/live", "/metrics"):
        assert requests.get(service.url + path, timeout=30).status_code == 200
