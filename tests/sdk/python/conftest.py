"""What tests are given: one service for all of them, and accounts that are empty."""

import os

import pytest

from service import REHEARSAL, Service

# The SDK would read them and talk to somebody else.
for name in [name for name in os.environ if name.startswith("TWILIO_")]:
    del os.environ[name]


def pytest_addoption(parser):
    parser.addoption("--engine", choices=["sqlite", "postgres"], default="sqlite")


def pytest_terminal_summary(terminalreporter):
    """The totals in the form that `scripts/test` adds up."""
    count = {name: len(terminalreporter.getreports(name)) for name in ("passed", "failed", "error")}
    terminalreporter.write_line(f"{count['passed']} passed, {count['failed'] + count['error']} failed")


@pytest.fixture(scope="session")
def engine(request):
    return request.config.getoption("engine")


@pytest.fixture(scope="session")
def service(engine):
    """The service that all tests share. It must end cleanly and must not have failed on the way."""
    service = Service(engine)
    yield service
    log = service.log()
    assert service.stop() == 0, log
    assert "panicked" not in log, log
    assert '"level":"error"' not in log, log


@pytest.fixture(scope="session")
def rehearsal():
    """The account that rehearsal mode has on every machine."""
    return REHEARSAL


@pytest.fixture(scope="module")
def account(service):
    """An account for the tests of one file."""
    return service.new_account()


@pytest.fixture(scope="module")
def client(service, account):
    """The SDK with that account."""
    return service.client(account)


@pytest.fixture(scope="module")
def compliance(client):
    """The part of the SDK that most tests are about."""
    return client.numbers.v2.regulatory_compliance


@pytest.fixture(scope="module")
def http(service, account):
    """Plain HTTP with the account of the file."""
    return service.http(account)


@pytest.fixture
def empty(service):
    """The SDK with an account that has nothing, for tests that look at whole lists."""
    return service.client(service.new_account())


@pytest.fixture(scope="module")
def stranger(service):
    """The SDK with somebody else's account."""
    return service.client(service.new_account())
