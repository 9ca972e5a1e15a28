-- Erasure: what a person or a closed account left behind is removed, and what must not be removed is held.
--
-- erased_at marks a row whose content is gone: its sealed columns are empty, its names are the word
-- `erased`. What is not personal stays: identifiers, states, times, codes. To customers an end user, a
-- document or an address with it does not exist; a bundle does, and cannot be changed.
ALTER TABLE accounts ADD COLUMN erased_at BIGINT;
ALTER TABLE bundles ADD COLUMN erased_at BIGINT;
ALTER TABLE end_users ADD COLUMN erased_at BIGINT;
ALTER TABLE documents ADD COLUMN erased_at BIGINT;
ALTER TABLE addresses ADD COLUMN erased_at BIGINT;

CREATE INDEX accounts_closed ON accounts (account_sid) WHERE status = 'closed' AND erased_at IS NULL;
CREATE INDEX accounts_by_erased ON accounts (erased_at) WHERE erased_at IS NOT NULL;

-- emptied_at is when the message of a delivery was removed. Its line in the log stays.
ALTER TABLE deliveries ADD COLUMN emptied_at BIGINT;
CREATE INDEX deliveries_of_all_by_finished ON deliveries (finished_at, sid) WHERE emptied_at IS NULL;

-- What was handed over with a case: end user, documents and addresses, to find the cases of each. What was
-- handed over before there was this table is found by what is in the bundle now.
CREATE TABLE case_items (
    account_sid TEXT NOT NULL,
    object_sid TEXT NOT NULL,
    case_sid TEXT NOT NULL,
    PRIMARY KEY (account_sid, object_sid, case_sid)
); -- clustered
CREATE INDEX case_items_by_case ON case_items (account_sid, case_sid);
INSERT INTO case_items (account_sid, object_sid, case_sid)
SELECT account_sid, document_sid, case_sid FROM case_documents;
INSERT INTO case_items (account_sid, object_sid, case_sid)
SELECT c.account_sid, i.object_sid, c.sid FROM cases c
JOIN item_assignments i ON i.account_sid = c.account_sid AND i.bundle_sid = c.bundle_sid
WHERE i.object_sid LIKE 'IT%';
INSERT INTO case_items (account_sid, object_sid, case_sid)
SELECT DISTINCT d.account_sid, l.address_sid, d.case_sid FROM case_documents d
JOIN document_addresses l ON l.account_sid = d.account_sid AND l.document_sid = d.document_sid;

-- What is held is neither changed nor erased. reason_sealed is what the operator wrote, and empty once the
-- subject is erased. released_by and released_at are null together, while the hold holds.
CREATE TABLE legal_holds (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    subject_sid TEXT NOT NULL,
    reason_sealed BYTEA NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    released_by TEXT,
    released_at BIGINT,
    PRIMARY KEY (account_sid, sid)
);
CREATE INDEX legal_holds_by_subject ON legal_holds (account_sid, subject_sid);
CREATE INDEX legal_holds_of_all_by_sid ON legal_holds (sid);
CREATE INDEX legal_holds_of_all_by_set ON legal_holds (set_at, sid);

-- Erasures belong to the installation: one may reach into several accounts. place is how far the walk
-- over a whole account has come. blocked_by is the hold or the bundle that is in the way. reason_sealed is
-- sealed under the key of account_sid, and emptied before the end.
CREATE TABLE erasures (
    sid TEXT NOT NULL PRIMARY KEY,
    account_sid TEXT NOT NULL,
    subject_sid TEXT NOT NULL,
    state TEXT NOT NULL,
    even_if_in_use BOOLEAN NOT NULL,
    reason_sealed BYTEA NOT NULL,
    requested_by TEXT NOT NULL,
    request_id TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    request_event_sid TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    finished_at BIGINT,
    finish_event_sid TEXT,
    blocked_by TEXT,
    place TEXT NOT NULL,
    objects BIGINT NOT NULL
);
CREATE UNIQUE INDEX erasures_open ON erasures (account_sid, subject_sid) WHERE state IN ('waiting', 'running', 'blocked');
CREATE INDEX erasures_by_requested ON erasures (requested_at, sid);
CREATE INDEX erasures_of_account ON erasures (account_sid, sid);

-- The objects of an erasure. erased_at and event_sid are null together, until it is erased; file_key names
-- a file that is still to be deleted.
CREATE TABLE erasure_objects (
    erasure_sid TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    object_sid TEXT NOT NULL,
    erased_at BIGINT,
    event_sid TEXT,
    file_key TEXT,
    PRIMARY KEY (erasure_sid, account_sid, object_sid)
); -- clustered
CREATE INDEX erasure_objects_to_do ON erasure_objects (erasure_sid, account_sid, object_sid) WHERE erased_at IS NULL;
CREATE INDEX erasure_objects_with_file ON erasure_objects (erasure_sid, account_sid, object_sid) WHERE file_key IS NOT NULL;
