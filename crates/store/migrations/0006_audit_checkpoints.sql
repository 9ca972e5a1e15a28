-- The chain that proves the audit: checkpoints, what is in them, and what waits for the next one. It
-- belongs to the installation. Rows are added and, from audit_unsealed alone, taken away; nothing is
-- ever changed but the number in audit_chain.

-- One row per event that is in no checkpoint yet, written with the event. Times are taken before a
-- transaction commits, so no point in time tells which events there are already; these rows do.
CREATE TABLE audit_unsealed (
    at BIGINT NOT NULL,
    event_sid TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    PRIMARY KEY (at, event_sid)
); -- clustered

-- Which event is in which checkpoint. The leaves of a checkpoint's tree are its events in this order.
CREATE TABLE audit_seals (
    checkpoint BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event_sid TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    PRIMARY KEY (checkpoint, at, event_sid)
); -- clustered
CREATE UNIQUE INDEX audit_seals_by_event ON audit_seals (at, event_sid);

-- hash covers number, previous_hash, merkle_root, event_count and sealed_at. mac authenticates it with
-- a key of the installation. leaves are the hashes of the events, 32 bytes each, which tell what was
-- altered when the root is not right; the root alone tells that something was.
CREATE TABLE audit_checkpoints (
    number BIGINT NOT NULL PRIMARY KEY,
    previous_hash BYTEA NOT NULL,
    merkle_root BYTEA NOT NULL,
    event_count BIGINT NOT NULL,
    sealed_at BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    leaves BYTEA NOT NULL
);

-- One row, which is locked by whoever makes the next checkpoint, so that the chain never forks.
CREATE TABLE audit_chain (
    chain BIGINT NOT NULL PRIMARY KEY,
    newest BIGINT NOT NULL
);
INSERT INTO audit_chain (chain, newest) VALUES (1, 0);

-- What was recorded before there were checkpoints goes into the first ones.
INSERT INTO audit_unsealed (at, event_sid, account_sid) SELECT at, sid, account_sid FROM audit_events;
