"""Accounts: sub-accounts that are made, looked at, suspended and closed by the account above them."""

from datetime import timedelta

import pytest

import samples
from refusals import refused
from service import Account


@pytest.fixture(scope="module")
def accounts(client):
    return client.api.v2010.accounts


@pytest.fixture
def sub_account(accounts):
    return accounts.create(friendly_name="Beispiel GmbH")


def own_client(service, made):
    """The SDK with the credentials that are part of an account."""
    return service.client(Account(made.sid, made.auth_token))


def test_a_sub_account_is_made_and_works_by_itself(service, account, accounts, client):
    made = accounts.create(friendly_name="Beispiel GmbH")
    assert made.sid.startswith("AC")
    assert (made.friendly_name, made.status, made.type) == ("Beispiel GmbH", "active", "Full")
    assert made.owner_account_sid == account.sid
    assert made.uri == f"/2010-04-01/Accounts/{made.sid}.json"
    assert made.subresource_uris["keys"] == f"/2010-04-01/Accounts/{made.sid}/Keys.json"
    assert made.date_created.utcoffset() == timedelta(0)

    own = own_client(service, made)
    bundle = samples.bundle(own)
    assert bundle.account_sid == made.sid
    # The other API knows the account of the credentials only.
    with refused(404, 20404):
        client.numbers.v2.regulatory_compliance.bundles(bundle.sid).fetch()


def test_a_name_is_made_up(accounts):
    assert accounts.create().friendly_name.startswith("SubAccount Created at 20")


def test_names_have_an_end(accounts, sub_account):
    with refused(400, 20002):
        accounts.create(friendly_name="x" * 65)
    with refused(400, 20002):
        accounts(sub_account.sid).update(friendly_name="x" * 65)


def test_a_sub_account_has_none_itself(service, sub_account):
    with refused(409, 20409, "sub-account itself"):
        own_client(service, sub_account).api.v2010.accounts.create()


def test_accounts_are_fetched_with_their_tokens(service, account, accounts, sub_account):
    found = accounts(sub_account.sid).fetch()
    assert (found.auth_token, found.uri) == (sub_account.auth_token, sub_account.uri)
    own = accounts(account.sid).fetch()
    assert (own.auth_token, own.owner_account_sid) == (account.token, account.sid)
    seen_by_itself = own_client(service, sub_account).api.v2010.accounts(sub_account.sid).fetch()
    assert seen_by_itself.auth_token == sub_account.auth_token


def test_accounts_are_listed_and_filtered(service, empty):
    accounts = empty.api.v2010.accounts
    made = [accounts.create(friendly_name=name) for name in ("one", "two", "two")]
    accounts(made[0].sid).update(status="suspended")
    everything = accounts.list()
    assert {found.sid for found in everything} == {found.sid for found in made} | {empty.username}
    assert {found.auth_token for found in everything} >= {found.auth_token for found in made}
    assert {found.sid for found in accounts.list(friendly_name="two")} == {found.sid for found in made[1:]}
    assert [found.sid for found in accounts.list(status="suspended")] == [made[0].sid]
    assert [found.sid for found in accounts.stream(page_size=1)] == [found.sid for found in everything]
    assert len(accounts.list(limit=2)) == 2
    # A sub-account sees itself alone.
    [alone] = own_client(service, made[1]).api.v2010.accounts.list()
    assert alone.sid == made[1].sid
    with refused(400, 20001):
        accounts.list(status="gone")
    page = accounts.page(page_size=1)
    assert accounts.get_page(page.next_page_url).next_page_url


def test_accounts_are_renamed(service, account, accounts, sub_account):
    assert accounts(sub_account.sid).update(friendly_name="Renamed").friendly_name == "Renamed"
    own = own_client(service, sub_account).api.v2010.accounts(sub_account.sid)
    assert own.update(friendly_name="By itself").friendly_name == "By itself"
    assert accounts(account.sid).update(friendly_name="Mine").friendly_name == "Mine"


def test_a_sub_account_is_suspended_and_let_in_again(service, accounts, sub_account):
    own = own_client(service, sub_account)
    assert accounts(sub_account.sid).update(status="suspended").status == "suspended"
    with refused(403, 20403, sub_account.sid, "suspended"):
        own.numbers.v2.regulatory_compliance.bundles.list()
    with refused(403, 20403):
        own.api.v2010.accounts(sub_account.sid).fetch()
    assert accounts(sub_account.sid).update(status="active").status == "active"
    assert own.numbers.v2.regulatory_compliance.bundles.list() == []


def test_closing_is_final(service, accounts, sub_account):
    closed = accounts(sub_account.sid).update(status="closed")
    assert (closed.status, closed.auth_token) == ("closed", None)
    for change in ({"status": "active"}, {"status": "suspended"}, {"friendly_name": "x"}):
        with refused(409, 20409, "closed"):
            accounts(sub_account.sid).update(**change)
    with refused(403, 20403):
        own_client(service, sub_account).addresses.list()
    assert accounts(sub_account.sid).fetch().status == "closed"


def test_nobody_changes_their_own_status(service, account, accounts, sub_account):
    for status in ("suspended", "closed"):
        with refused(403, 20403, "its own status"):
            accounts(account.sid).update(status=status)
        with refused(403, 20403, "its own status"):
            own_client(service, sub_account).api.v2010.accounts(sub_account.sid).update(status=status)
    with refused(400, 20001, "Status"):
        accounts(sub_account.sid).update(status="gone")


def test_accounts_of_strangers_are_not_found(accounts, sub_account, stranger):
    for sid in (sub_account.sid, f"AC{samples.NOBODY}"):
        with refused(404, 20404):
            stranger.api.v2010.accounts(sid).fetch()
        with refused(404, 20404):
            stranger.api.v2010.accounts(sid).update(status="closed")
        with refused(404, 20404):
            stranger.api.v2010.accounts(sid).addresses.list()


def test_a_parent_acts_for_its_sub_account(service, account, sub_account):
    """The SDK takes the account that its paths begin with as a third credential."""
    acting = service.client(account, acting_for=sub_account.sid)
    address = samples.address(acting)
    assert address.account_sid == sub_account.sid
    assert own_client(service, sub_account).addresses(address.sid).fetch().sid == address.sid
    with refused(404, 20404):
        service.client(account).addresses(address.sid).fetch()
