-- Numbers as accounts lease them: with country and kind, what they are to do, and without a bundle where
-- nothing is required. The table is made anew, because a column cannot lose its NOT NULL on both engines.
--
-- settings_sealed and friendly_name_index are null for numbers that were registered before.
CREATE TABLE leased_numbers (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    e164 TEXT NOT NULL,
    iso_country TEXT NOT NULL,
    number_type TEXT NOT NULL,
    bundle_sid TEXT,
    address_sid TEXT,
    settings_sealed BYTEA,
    friendly_name_index BYTEA,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, sid)
);
INSERT INTO leased_numbers (account_sid, sid, e164, iso_country, number_type, bundle_sid, address_sid, created_at, updated_at)
SELECT n.account_sid, n.sid, n.e164, b.iso_country, b.number_type, n.bundle_sid, n.address_sid, n.created_at, n.updated_at
FROM numbers n JOIN bundles b ON b.account_sid = n.account_sid AND b.sid = n.bundle_sid;
DROP TABLE numbers;
ALTER TABLE leased_numbers RENAME TO numbers;
CREATE UNIQUE INDEX numbers_by_e164 ON numbers (e164);
CREATE INDEX numbers_by_created ON numbers (created_at, sid);
CREATE INDEX numbers_of_account ON numbers (account_sid, created_at, sid);
CREATE INDEX numbers_of_bundle ON numbers (account_sid, bundle_sid, created_at, sid);
CREATE INDEX numbers_of_address ON numbers (account_sid, address_sid, created_at, sid);
