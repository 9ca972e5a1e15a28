-- Campaigns: a change of a rule, carried to everybody whose approval it ends. They belong to the
-- installation. Nothing in here is personal.
--
-- The walked columns are how far a campaign came on its way over all bundles, by account and by bundle in
-- the order in which they were made; null at the beginning.
CREATE TABLE campaigns (
    sid TEXT NOT NULL PRIMARY KEY,
    regulation_sid TEXT NOT NULL,
    iso_country TEXT NOT NULL,
    number_type TEXT NOT NULL,
    end_user_type TEXT NOT NULL,
    revision BIGINT NOT NULL,
    state TEXT NOT NULL,
    paused_at BIGINT,
    effective_from BIGINT NOT NULL,
    approvals_end BIGINT NOT NULL,
    looked_at BIGINT NOT NULL,
    walked_account_at BIGINT,
    walked_account TEXT,
    walked_bundle_at BIGINT,
    walked_bundle TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX campaigns_by_rule ON campaigns (regulation_sid, revision);
CREATE INDEX campaigns_by_created ON campaigns (created_at, sid);

-- The bundles that a campaign concerns, with what they lack: names of requirements and fields, as JSON.
-- valid_until_before is the end that the approval had, the largest integer for none; valid_until is the end
-- that the campaign gave, null when the approval ended sooner anyway.
CREATE TABLE campaign_bundles (
    account_sid TEXT NOT NULL,
    bundle_sid TEXT NOT NULL,
    campaign_sid TEXT NOT NULL,
    standing TEXT NOT NULL,
    missing TEXT NOT NULL,
    valid_until_before BIGINT NOT NULL,
    valid_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, bundle_sid, campaign_sid)
);
CREATE INDEX campaign_bundles_of_all_by_campaign ON campaign_bundles (campaign_sid, created_at, bundle_sid);
CREATE INDEX campaign_bundles_of_all_by_standing ON campaign_bundles (campaign_sid, standing, created_at, bundle_sid);
