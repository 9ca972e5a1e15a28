-- Accounts that make accounts, and API keys.
--
-- owner_sid is who answers for an account: its parent, or the account itself. It lets an account and its
-- sub-accounts be listed as one.
ALTER TABLE accounts ADD COLUMN owner_sid TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN closed_at BIGINT;
UPDATE accounts SET owner_sid = COALESCE(parent_sid, account_sid);
UPDATE accounts SET closed_at = updated_at WHERE status = 'closed';
CREATE INDEX accounts_by_owner ON accounts (owner_sid, created_at, account_sid);

-- A key names no account when it is used, so it is found by its own identifier; secret_hash decides
-- whether the secret is right. The secret itself is kept nowhere.
CREATE TABLE api_keys (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    friendly_name TEXT,
    secret_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, sid)
);
CREATE INDEX api_keys_by_created ON api_keys (account_sid, created_at, sid);
CREATE UNIQUE INDEX api_keys_of_all_by_sid ON api_keys (sid);
