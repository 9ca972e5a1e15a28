-- The foundation: accounts and their keys, and everything a customer can create.
--
-- Times are microseconds since 1970, UTC. A column whose name ends in _sealed is encrypted under the
-- account's data key. In what belongs to a customer, the account comes first in every primary key and
-- every index.

CREATE TABLE accounts (
    account_sid TEXT NOT NULL PRIMARY KEY,
    parent_sid TEXT,
    friendly_name TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX accounts_by_created ON accounts (created_at, account_sid);

-- The data keys of accounts, wrapped by the master key named in master_key_id. The account of 32
-- zeros stands for the installation itself: its key protects what belongs to no account.
CREATE TABLE data_keys (
    account_sid TEXT NOT NULL,
    version BIGINT NOT NULL,
    master_key_id TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, version)
); -- clustered

-- A token is found by nothing but its account; token_hash decides whether it is right. It is kept
-- sealed as well, because status callbacks are signed with it.
CREATE TABLE auth_tokens (
    account_sid TEXT NOT NULL,
    slot TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    token_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, slot)
); -- clustered

-- valid_until is the largest integer for a bundle without an end, so that it can be sorted by.
CREATE TABLE bundles (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    regulation_sid TEXT NOT NULL,
    iso_country TEXT NOT NULL,
    number_type TEXT NOT NULL,
    end_user_type TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    status TEXT NOT NULL,
    contact_sealed BYTEA NOT NULL,
    valid_until BIGINT NOT NULL,
    is_test BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, sid)
);
CREATE INDEX bundles_by_created ON bundles (account_sid, created_at, sid);
CREATE INDEX bundles_by_updated ON bundles (account_sid, updated_at, sid);
CREATE INDEX bundles_by_valid_until ON bundles (account_sid, valid_until, sid);
CREATE INDEX bundles_by_friendly_name ON bundles (account_sid, friendly_name, created_at, sid);

CREATE TABLE end_users (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    type TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    attributes_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, sid)
);
CREATE INDEX end_users_by_created ON end_users (account_sid, created_at, sid);

-- The file columns are null together. error_codes holds numbers joined by commas.
CREATE TABLE documents (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    type TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    status TEXT NOT NULL,
    attributes_sealed BYTEA NOT NULL,
    file_key TEXT,
    file_type TEXT,
    file_bytes BIGINT,
    file_sha256 BYTEA,
    failure_reason TEXT,
    error_codes TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, sid)
);
CREATE INDEX documents_by_created ON documents (account_sid, created_at, sid);

CREATE TABLE addresses (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    lines_sealed BYTEA NOT NULL,
    customer_name_index BYTEA NOT NULL,
    friendly_name_index BYTEA NOT NULL,
    iso_country TEXT NOT NULL,
    emergency_enabled BOOLEAN NOT NULL,
    validated BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, sid)
);
CREATE INDEX addresses_by_created ON addresses (account_sid, created_at, sid);

-- Which documents name which addresses: attributes are sealed, so they cannot be searched. A document
-- may name an address that does not exist.
CREATE TABLE document_addresses (
    account_sid TEXT NOT NULL,
    address_sid TEXT NOT NULL,
    document_sid TEXT NOT NULL,
    PRIMARY KEY (account_sid, address_sid, document_sid)
); -- clustered
CREATE INDEX document_addresses_by_document ON document_addresses (account_sid, document_sid);

-- slot is what may be in a bundle once: its end user, and one document of each type.
CREATE TABLE item_assignments (
    account_sid TEXT NOT NULL,
    bundle_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    object_sid TEXT NOT NULL,
    slot TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, bundle_sid, sid)
);
CREATE UNIQUE INDEX item_assignments_by_slot ON item_assignments (account_sid, bundle_sid, slot);
CREATE INDEX item_assignments_by_created ON item_assignments (account_sid, bundle_sid, created_at, sid);
CREATE INDEX item_assignments_by_object ON item_assignments (account_sid, object_sid);

-- results holds names of fields and reasons, never values.
CREATE TABLE evaluations (
    account_sid TEXT NOT NULL,
    bundle_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    regulation_sid TEXT NOT NULL,
    regulation_revision BIGINT NOT NULL,
    compliant BOOLEAN NOT NULL,
    results TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, bundle_sid, sid)
);
CREATE INDEX evaluations_by_created ON evaluations (account_sid, bundle_sid, created_at, sid);

-- One row per mutation, written by the transaction that makes it. Nothing personal.
CREATE TABLE audit_events (
    account_sid TEXT NOT NULL,
    at BIGINT NOT NULL,
    sid TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    request_id TEXT NOT NULL,
    rule_revision BIGINT,
    PRIMARY KEY (account_sid, at, sid)
); -- clustered
