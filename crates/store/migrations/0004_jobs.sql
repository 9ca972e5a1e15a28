-- Jobs: what is to be done outside a request, written by the transaction that makes it necessary.
--
-- There is at most one job of a kind for a subject. lease is the token of the worker that has it, until
-- leased_until. Nothing personal: what a job needs, it reads.
CREATE TABLE jobs (
    kind TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    subject_sid TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    lease TEXT,
    leased_until BIGINT NOT NULL,
    PRIMARY KEY (kind, account_sid, subject_sid)
); -- clustered
CREATE INDEX jobs_by_due ON jobs (due_at);
