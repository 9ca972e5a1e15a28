-- Operators: the people on our side. They belong to the installation, not to an account.
--
-- A token is found by its keyed hash; revoked_at is null while it works.

CREATE TABLE operators (
    sid TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX operators_by_token ON operators (token_hash);
CREATE INDEX operators_by_created ON operators (created_at, sid);
