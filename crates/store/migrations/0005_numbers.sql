-- Numbers that are in service, and the bundle each is leased with.
--
-- The register belongs to the installation: a number is leased by one account at a time.
CREATE TABLE numbers (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    e164 TEXT NOT NULL,
    bundle_sid TEXT NOT NULL,
    address_sid TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, sid)
);
CREATE UNIQUE INDEX numbers_by_e164 ON numbers (e164);
CREATE INDEX numbers_by_created ON numbers (created_at, sid);
CREATE INDEX numbers_of_account ON numbers (account_sid, created_at, sid);
CREATE INDEX numbers_of_bundle ON numbers (account_sid, bundle_sid, created_at, sid);
