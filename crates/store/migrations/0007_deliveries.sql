-- Deliveries: what the people behind a bundle are told, by callback and by mail, and every try.
--
-- Deliveries of a bundle over a channel are a lane, ordered by place; a job of the same name sends the
-- first that waits. event and outcome are words of ours, nothing personal. failures counts since
-- wanted_at, attempts since ever.
CREATE TABLE deliveries (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    bundle_sid TEXT NOT NULL,
    channel TEXT NOT NULL,
    place BIGINT NOT NULL,
    event TEXT NOT NULL,
    message_sealed BYTEA NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    wanted_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (account_sid, sid)
);
CREATE UNIQUE INDEX deliveries_by_lane ON deliveries (account_sid, bundle_sid, channel, place);
CREATE INDEX deliveries_by_created ON deliveries (account_sid, created_at, sid);
-- What operators look for without knowing the account.
CREATE INDEX deliveries_of_all_by_sid ON deliveries (sid);
CREATE INDEX deliveries_of_all_by_created ON deliveries (created_at, sid);
CREATE INDEX deliveries_of_all_by_state ON deliveries (state, created_at, sid);

CREATE TABLE delivery_attempts (
    account_sid TEXT NOT NULL,
    delivery_sid TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT,
    millis BIGINT NOT NULL,
    PRIMARY KEY (account_sid, delivery_sid, number)
); -- clustered
