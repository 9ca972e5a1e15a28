"""API keys: credentials that are given away and taken back one by one."""

from datetime import timedelta

import pytest

import samples
from refusals import refused
from service import Account


@pytest.fixture(scope="module")
def own(client):
    """The account, with what hangs on it."""
    return client.api.v2010.account


def login(service, key, account):
    return service.client(Account(key.sid, key.secret), acting_for=account.sid)


def test_a_key_is_made_and_works_like_the_token(service, account, own):
    key = own.new_keys.create(friendly_name="Import")
    assert key.sid.startswith("SK")
    assert (key.friendly_name, len(key.secret)) == ("Import", 32)
    assert key.date_created.utcoffset() == timedelta(0)
    client = login(service, key, account)
    assert samples.bundle(client).account_sid == account.sid
    assert samples.address(client).account_sid == account.sid


def test_the_secret_is_shown_once(own):
    key = own.new_keys.create()
    found = own.keys(key.sid).fetch()
    assert (found.sid, found.friendly_name) == (key.sid, None)
    assert not hasattr(found, "secret")


def test_keys_are_listed(empty):
    own = empty.api.v2010.account
    made = [own.new_keys.create(friendly_name=str(number)).sid for number in range(5)]
    assert sorted(key.sid for key in own.keys.list()) == sorted(made)
    for page_size in (1, 2, 5):
        assert sorted(key.sid for key in own.keys.stream(page_size=page_size)) == sorted(made)
    page = own.keys.page(page_size=2)
    assert own.keys.get_page(page.next_page_url).next_page_url


def test_a_key_is_renamed(own):
    key = own.new_keys.create(friendly_name="before")
    assert own.keys(key.sid).update(friendly_name="after").friendly_name == "after"
    assert own.keys(key.sid).fetch().friendly_name == "after"
    with refused(400, 20002):
        own.keys(key.sid).update(friendly_name="x" * 65)
    with refused(400, 20002):
        own.new_keys.create(friendly_name="x" * 65)


def test_a_deleted_key_works_no_longer(service, account, own):
    key = own.new_keys.create()
    client = login(service, key, account)
    assert client.addresses.list() is not None
    assert own.keys(key.sid).delete()
    with refused(401, 20003):
        client.addresses.list()
    with refused(404, 20404):
        own.keys(key.sid).fetch()
    with refused(404, 20404):
        own.keys(key.sid).delete()


def test_a_key_reaches_neither_accounts_nor_keys(service, account, own):
    client = login(service, own.new_keys.create(), account)
    other = own.new_keys.create()
    with refused(401, 20003, "Authenticate"):
        client.api.v2010.accounts.list()
    with refused(401, 20003):
        client.api.v2010.accounts.create()
    with refused(401, 20003):
        client.api.v2010.accounts(account.sid).fetch()
    with refused(401, 20003):
        client.api.v2010.account.new_keys.create()
    with refused(401, 20003):
        client.api.v2010.account.keys(other.sid).delete()


def test_a_key_reaches_no_sub_account(service, account, client, own):
    sub_account = client.api.v2010.accounts.create()
    with refused(401, 20003):
        login(service, own.new_keys.create(), sub_account).addresses.list()
    # The parent makes it one of its own.
    own_key = client.api.v2010.accounts(sub_account.sid).new_keys.create()
    assert login(service, own_key, sub_account).addresses.list() == []


def test_keys_of_strangers_are_not_found(own, stranger, account):
    key = own.new_keys.create()
    with refused(404, 20404):
        stranger.api.v2010.account.keys(key.sid).fetch()
    with refused(404, 20404):
        stranger.api.v2010.accounts(account.sid).keys(key.sid).delete()
    assert own.keys(key.sid).fetch()
