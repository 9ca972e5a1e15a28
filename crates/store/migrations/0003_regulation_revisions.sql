-- Every revision of a regulation that was ever in force here, so that an old evaluation or decision can
-- be explained after the catalogue has changed. Revisions that ask for the same have the same hash.

CREATE TABLE regulation_revisions (
    regulation_sid TEXT NOT NULL,
    revision BIGINT NOT NULL,
    content_hash BYTEA NOT NULL,
    record TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (regulation_sid, revision, content_hash)
);
