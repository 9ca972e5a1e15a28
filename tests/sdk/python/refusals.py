"""How tests expect a refusal."""

import contextlib
import json

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException


@contextlib.contextmanager
def refused(status: int, code: int, *words: str):
    """The SDK call inside is refused with this HTTP status and code, and the message has these words."""
    with pytest.raises(TwilioException) as caught:
        yield caught
    error = caught.value
    if isinstance(error, TwilioRestException):
        found, message = (error.status, error.code), error.msg
    else:
        # Lists raise a plain exception that carries the answer.
        response = error.args[1]
        body = json.loads(response.text)
        found, message = (response.status_code, body["code"]), body["message"]
    assert found == (status, code), message
    for word in words:
        assert word in message


def assert_refused(response, status: int, code: int, *words: str) -> dict:
    """The same for an answer to plain HTTP; returns its body."""
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body["message"]
    for word in words:
        assert word in body["message"]
    return body
