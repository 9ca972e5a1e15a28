"""What does not work yet says so: copies, clones and replaced items are not found."""

import pytest

import samples
from refusals import refused


@pytest.fixture(scope="module")
def bundle(client):
    return samples.bundle(client)


def test_copies(compliance, bundle):
    copies = compliance.bundles(bundle.sid).bundle_copies
    with refused(404, 20404):
        copies.create(friendly_name="Copy")
    with refused(404, 20404):
        copies.list()


def test_clones(client, bundle, account):
    with refused(404, 20404):
        client.numbers.v2.bundle_clone(bundle.sid).create(
            target_account_sid=account.sid, move_to_draft=True, friendly_name="Clone"
        )


def test_replaced_items(compliance, bundle):
    with refused(404, 20404):
        compliance.bundles(bundle.sid).replace_items.create(from_bundle_sid=f"BU{samples.NOBODY}")
