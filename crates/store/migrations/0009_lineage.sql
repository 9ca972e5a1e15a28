-- Lineage: what was made from what by copying and cloning.
--
-- Rows stay when the objects are gone, so that it can still be told where the data of a deleted bundle
-- went. They hold identifiers and times, never anything personal; made_by and replaced_by are actors as in
-- audit_events.

-- kind is copy or clone. replaced_at and replaced_by are null together: when, and by whom, the items of the
-- bundle that was made were last put in the place of its source's.
CREATE TABLE bundle_lineage (
    account_sid TEXT NOT NULL,
    bundle_sid TEXT NOT NULL,
    kind TEXT NOT NULL,
    source_account_sid TEXT NOT NULL,
    source_bundle_sid TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    replaced_at BIGINT,
    replaced_by TEXT,
    PRIMARY KEY (account_sid, bundle_sid)
);
CREATE INDEX bundle_lineage_by_source ON bundle_lineage (account_sid, source_bundle_sid, kind, made_at, bundle_sid);
-- For operators and for erasure: clones are in other accounts than what they were made from.
CREATE INDEX bundle_lineage_of_all_by_source ON bundle_lineage (source_account_sid, source_bundle_sid, made_at, bundle_sid);

-- sid is the end user, the document or the address that was made.
CREATE TABLE item_lineage (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    source_account_sid TEXT NOT NULL,
    source_sid TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, sid)
);
CREATE INDEX item_lineage_of_all_by_source ON item_lineage (source_account_sid, source_sid, account_sid, sid);
