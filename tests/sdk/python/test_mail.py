"""Mail to the people behind a bundle, over a real mail server."""

import pytest
import requests

import samples
from receivers import MailReceiver
from service import Service


@pytest.fixture(scope="module")
def mailbox():
    mailbox = MailReceiver()
    yield mailbox
    mailbox.close()


@pytest.fixture(scope="module")
def service(engine, mailbox):
    """A service that sends mail, which a rehearsal does not."""
    flags = ["--smtp-url", mailbox.url, "--mail-from", "Compliance <compliance@example.com>"]
    service = Service(engine, *flags, rehearsal=False)
    yield service
    log = service.log()
    assert service.stop() == 0
    assert "beispiel.example" not in log, "addresses of people are not logged"


@pytest.fixture(scope="module")
def desk(service):
    """Calls of the operator surface, made by a reviewer."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {service.new_operator('reviewer')}"

    def call(method, path, **body):
        url = f"{service.url}/operator/v1{path}"
        answer = session.request(method, url, json=body or None, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    return call


def decide(desk, document, verdict, decision):
    """Takes the case that waits, judges its document, and decides."""
    case = desk("POST", "/cases/next")
    path = f"/cases/{case['sid']}"
    judged = desk("PUT", f"{path}/documents/{document}/verdict", version=case["version"], **verdict)
    desk("POST", f"{path}/decision", version=judged["version"], **decision)


def assert_written(mailbox, bundle, subject, words):
    """A mail to the customer, with these words in its text and in its page."""
    recipients, mail = mailbox.next()
    assert recipients == ["compliance@beispiel.example"]
    assert mail["From"] == "Compliance <compliance@example.com>"
    assert mail["To"] == "compliance@beispiel.example"
    assert mail["Subject"] == subject
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].startswith("<WD") and mail["Message-ID"].endswith("@example.com>")
    assert mail.get_content_type() == "multipart/alternative"
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    for part in (text, page):
        content = part.get_content()
        assert bundle in content
        assert words in content
        assert "Erika" not in content, "nothing of what is in the bundle"


def test_a_mail_has_a_text_and_a_page(client, compliance, http, desk, mailbox):
    made, excerpt, _ = samples.compliant_bundle(client, http)
    submit = compliance.bundles(made.sid).update
    submit(status="pending-review")
    why = "Der Auszug ist für eine andere Firma."
    rejected = {"verdict": "rejected", "reasons": [{"code": 18002}]}
    decide(desk, excerpt, rejected, {"outcome": "rejected", "message": why})
    assert_written(mailbox, made.sid, "Your regulatory bundle for Germany needs a change", why)

    submit(status="pending-review")
    decide(desk, excerpt, {"verdict": "approved"}, {"outcome": "approved", "valid_until": "2099-06-01"})
    assert_written(mailbox, made.sid, "Your regulatory bundle for Germany is approved", "June 2099")
