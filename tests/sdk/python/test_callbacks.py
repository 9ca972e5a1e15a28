"""Status callbacks, as an application takes them that is built on the official SDK."""

import pytest
from twilio.request_validator import RequestValidator

import samples
from receivers import CallbackReceiver


@pytest.fixture(scope="module")
def receiver():
    receiver = CallbackReceiver()
    yield receiver
    receiver.close()


def assert_signed(callback, token):
    """The SDK takes it as it came, and in no other form."""
    signature = callback.headers["X-Twilio-Signature"]
    validator = RequestValidator(token)
    assert validator.validate(callback.url, callback.params, signature)
    assert not validator.validate(callback.url, callback.params | {"Status": "twilio-approved"}, signature)
    assert not validator.validate(callback.url + "&more=1", callback.params, signature)
    assert not RequestValidator("0" * 32).validate(callback.url, callback.params, signature)


def test_the_validator_of_the_sdk_accepts_callbacks(client, compliance, http, account, receiver):
    made, _, _ = samples.compliant_bundle(client, http)
    compliance.bundles(made.sid).update(status_callback=f"{receiver.url}/hook?shop=7&name=J%C3%B6rg#rc=2")
    compliance.bundles(made.sid).update(status="pending-review")
    callback = receiver.next()
    assert callback.url == f"{receiver.url}/hook?shop=7&name=J%C3%B6rg"
    assert callback.params == {
        "AccountSid": account.sid,
        "BundleSid": made.sid,
        "Status": "pending-review",
    }
    assert_signed(callback, account.token)
    assert callback.headers["I-Twilio-Idempotency-Token"].startswith("WD")
    assert callback.headers["User-Agent"].startswith("Dossier/")


def test_an_address_with_credentials_is_logged_in_to(client, compliance, http, account, receiver):
    made, _, _ = samples.compliant_bundle(client, http)
    url = receiver.url.replace("http://", "http://jane:p%40ss@")
    compliance.bundles(made.sid).update(status_callback=url)
    compliance.bundles(made.sid).update(status="pending-review")
    callback = receiver.next()
    assert callback.headers["Authorization"] == "Basic amFuZTpwQHNz"
    assert callback.url == f"{receiver.url}/"
    assert_signed(callback, account.token)
