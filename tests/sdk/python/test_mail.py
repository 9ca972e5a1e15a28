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


def test_a_mail_has_a_text_and_a_page(service, client, mailbox):
    made = samples.bundle(client, name="Top secret")
    service.sql(f"UPDATE bundles SET status = 'twilio-approved' WHERE sid = '{made.sid}'")
    token = service.new_operator("reviewer")
    answer = requests.put(
        f"{service.url}/operator/v1/bundles/{made.sid}/valid-until",
        json={"valid_until": "2099-06-01"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text

    recipients, mail = mailbox.next()
    assert recipients == ["compliance@beispiel.example"]
    assert mail["From"] == "Compliance <compliance@example.com>"
    assert mail["To"] == "compliance@beispiel.example"
    assert mail["Subject"] == "The approval of your regulatory bundle for Germany has an end date"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].startswith("<WD") and mail["Message-ID"].endswith("@example.com>")
    assert mail.get_content_type() == "multipart/alternative"
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    for part in (text, page):
        content = part.get_content()
        assert made.sid in content
        assert "1 June 2099" in content
        assert "secret" not in content
