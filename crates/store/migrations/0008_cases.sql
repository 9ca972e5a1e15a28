-- Review: one case for each submission of a bundle, with its documents, decisions and history.
--
-- A case is found by its own identifier, because operators see those of all accounts. outcome is the
-- decision that stands, which stays while somebody has another look at a provisional approval; proposed
-- is one that waits for confirmation. assignee is who works on the case, or did.
CREATE TABLE cases (
    sid TEXT NOT NULL PRIMARY KEY,
    account_sid TEXT NOT NULL,
    bundle_sid TEXT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    proposed TEXT,
    iso_country TEXT NOT NULL,
    number_type TEXT NOT NULL,
    end_user_type TEXT NOT NULL,
    regulation_sid TEXT NOT NULL,
    regulation_revision BIGINT NOT NULL,
    evaluation_sid TEXT NOT NULL,
    previous_sid TEXT,
    assignee TEXT,
    claimed_until BIGINT,
    opened_at BIGINT NOT NULL,
    decided_at BIGINT
);
CREATE UNIQUE INDEX cases_open ON cases (account_sid, bundle_sid) WHERE state IN ('waiting', 'claimed', 'confirming');
CREATE INDEX cases_by_bundle ON cases (account_sid, bundle_sid, opened_at, sid);
-- The queue, in order, for whatever it is filtered by: one index for each choice of filters, because a
-- filter that is checked row by row would walk a hundred thousand waiting cases for a rare country.
CREATE INDEX cases_by_opened ON cases (state, opened_at, sid);
CREATE INDEX cases_by_assignee ON cases (state, assignee, opened_at, sid);
CREATE INDEX cases_by_c ON cases (state, iso_country, opened_at, sid);
CREATE INDEX cases_by_n ON cases (state, number_type, opened_at, sid);
CREATE INDEX cases_by_e ON cases (state, end_user_type, opened_at, sid);
CREATE INDEX cases_by_cn ON cases (state, iso_country, number_type, opened_at, sid);
CREATE INDEX cases_by_ce ON cases (state, iso_country, end_user_type, opened_at, sid);
CREATE INDEX cases_by_ne ON cases (state, number_type, end_user_type, opened_at, sid);
CREATE INDEX cases_by_cne ON cases (state, iso_country, number_type, end_user_type, opened_at, sid);
-- For the approvals there were under a revision.
CREATE INDEX cases_by_regulation ON cases (regulation_sid, regulation_revision, outcome);

-- What was in the bundle when it was handed over, to tell later what changed.
CREATE TABLE case_contents (
    account_sid TEXT NOT NULL,
    case_sid TEXT NOT NULL,
    contents_sealed BYTEA NOT NULL,
    PRIMARY KEY (account_sid, case_sid)
);

-- The documents of a case, with the verdicts on them: the verdict columns are null together. texts_sealed
-- is what the reviewer wrote. An operator finds a document, and whose it is, through the cases it was in.
CREATE TABLE case_documents (
    account_sid TEXT NOT NULL,
    case_sid TEXT NOT NULL,
    document_sid TEXT NOT NULL,
    place BIGINT NOT NULL,
    verdict TEXT,
    reason_codes TEXT,
    texts_sealed BYTEA,
    judged_by TEXT,
    judged_at BIGINT,
    PRIMARY KEY (account_sid, case_sid, document_sid)
);
CREATE INDEX case_documents_by_document ON case_documents (document_sid);

-- Decisions, the last one of a case with the highest number. state is proposed, settled, sent_back or
-- taken_back; maker is null when a rule decided; rule is why a second person had to confirm.
CREATE TABLE case_decisions (
    account_sid TEXT NOT NULL,
    case_sid TEXT NOT NULL,
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason_codes TEXT NOT NULL,
    texts_sealed BYTEA,
    valid_until BIGINT,
    maker TEXT,
    rule TEXT,
    made_at BIGINT NOT NULL,
    checker TEXT,
    settled_at BIGINT,
    PRIMARY KEY (account_sid, case_sid, number)
);

-- What happened to a case: one row for each version. Nothing personal.
CREATE TABLE case_events (
    account_sid TEXT NOT NULL,
    case_sid TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    document_sid TEXT,
    outcome TEXT,
    PRIMARY KEY (account_sid, case_sid, version)
);

-- What a reviewer wrote to the applicant about a document; failure_reason is what stood there before.
ALTER TABLE documents ADD COLUMN failure_reason_sealed BYTEA;

-- Bundles that were submitted before there was a review.
INSERT INTO cases (sid, account_sid, bundle_sid, version, state, iso_country, number_type, end_user_type,
    regulation_sid, regulation_revision, evaluation_sid, opened_at)
SELECT 'RV' || substr(b.sid, 3), b.account_sid, b.sid, 1, 'waiting', b.iso_country, b.number_type,
    b.end_user_type, b.regulation_sid, e.regulation_revision, e.sid, b.updated_at
FROM bundles b JOIN evaluations e ON e.account_sid = b.account_sid AND e.bundle_sid = b.sid
WHERE b.status = 'pending-review' AND NOT EXISTS (SELECT 1 FROM evaluations n WHERE n.account_sid = e.account_sid
    AND n.bundle_sid = e.bundle_sid AND (n.created_at, n.sid) > (e.created_at, e.sid));
INSERT INTO case_documents (account_sid, case_sid, document_sid, place)
SELECT c.account_sid, c.sid, i.object_sid, i.created_at
FROM cases c JOIN item_assignments i ON i.account_sid = c.account_sid AND i.bundle_sid = c.bundle_sid
WHERE i.object_sid LIKE 'RD%';
INSERT INTO case_events (account_sid, case_sid, version, at, actor, action)
SELECT account_sid, sid, 1, opened_at, account_sid, 'bundle.submit' FROM cases;
