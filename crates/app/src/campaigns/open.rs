//! Which campaigns a catalogue asks for.

use std::collections::HashSet;
use std::time::Duration;

use dossier_domain::Timestamp;
use dossier_domain::audit::Action;
use dossier_domain::campaign::{Campaign, CampaignState};
use dossier_domain::catalogue::{Catalogue, Entry};
use dossier_domain::regulation::Regulation;
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::regulation_revisions::{RevisionKey, key};
use dossier_store::seal::INSTALLATION;
use dossier_store::{StoreResult, Tx, audit, campaigns};
use jiff::civil::Date;

use crate::random::random_sid;

/// The campaigns that a catalogue asks for: one for each revision that is still to come into force, and for
/// each that is in force but was not known here while an earlier one was. Most of them may be there.
pub(crate) fn wanted(
    catalogue: &Catalogue,
    known: &HashSet<RevisionKey>,
    grace: Duration,
    now: Timestamp,
) -> Vec<Campaign> {
    let mut wanted = Vec::new();
    for entry in catalogue.entries() {
        let Some(regulation) = entry.regulation() else { continue };
        let revisions = catalogue.revisions(entry.combination()).iter();
        let before = revisions.take_while(|other| other.revision() < entry.revision());
        let Some(before) = before.filter_map(Entry::regulation).last() else { continue };
        let is_coming = regulation.provenance.effective_from > now.date();
        let is_news = !known.contains(&key(regulation)) && known.contains(&key(before));
        if (is_coming || is_news) && before.content_hash() != regulation.content_hash() {
            wanted.push(campaign(regulation, grace, now));
        }
    }
    wanted
}

fn campaign(regulation: &Regulation, grace: Duration, now: Timestamp) -> Campaign {
    let provenance = &regulation.provenance;
    let end = midnight(provenance.approvals_end);
    Campaign {
        sid: random_sid(),
        regulation_sid: regulation.sid,
        combination: regulation.combination(),
        revision: provenance.revision,
        state: CampaignState::Walking,
        paused_at: None,
        effective_from: midnight(provenance.effective_from),
        approvals_end: if end > now { end } else { now.plus(grace) },
        looked_at: 0,
        created_at: now,
        updated_at: now,
    }
}

/// The beginning of a day, UTC.
fn midnight(day: Date) -> Timestamp {
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).expect("rules come into force within the calendar");
    midnight.timestamp().into()
}

/// Opens those campaigns that are not there yet, and wants them carried out.
pub(crate) fn open(tx: &mut Tx<'_>, wanted: &[Campaign], now: Timestamp) -> StoreResult<()> {
    for campaign in wanted {
        if campaigns::open(tx, campaign)? {
            jobs::schedule(tx, &JobKey::new(JobKind::Campaign, INSTALLATION, campaign.sid), now)?;
            let opened =
                super::event(INSTALLATION, now, Action::CampaignOpened, campaign.sid, campaign.revision);
            audit::append(tx, &opened)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dossier_domain::catalogue::Layer;
    use jiff::civil::date;

    const HEAD: &str =
        "country = \"DE\"\nname = \"Germany\"\nconfidence = \"documented\"\nsources = [\"a law\"]\n";

    fn catalogue(entry: &str) -> Catalogue {
        let text = format!("{HEAD}{entry}");
        let files = [("countries/DE.toml", &*text)];
        Catalogue::check_overlay(Layer { directory: "test", files: &files }).catalogue().unwrap()
    }

    fn known(catalogue: &Catalogue) -> HashSet<RevisionKey> {
        catalogue.entries().filter_map(Entry::regulation).map(|regulation| key(regulation)).collect()
    }

    fn found(entry: &str, known: &HashSet<RevisionKey>, today: Date) -> Vec<(u32, String)> {
        let wanted = wanted(&catalogue(entry), known, Duration::from_secs(60), midnight(today));
        wanted.iter().map(|campaign| (campaign.revision, campaign.approvals_end.to_string())).collect()
    }

    #[test]
    fn a_revision_that_comes_or_is_news_asks_for_a_campaign() {
        let rules = "address_scope = \"country\"\nend_user = [\"business_name\", \"email\"]\ndocuments = [\"business-register-excerpt\", \"business-address-document\"]\n";
        let entry = |more: &str| format!("[[mobile.business]]\nrevision = 2\n{more}\n{rules}");
        let (before, today) = (known(&Catalogue::builtin()), date(2026, 11, 22));
        let coming = entry("effective_from = 2027-01-01");
        let everything = known(&catalogue(&coming));
        for known in [&before, &everything, &HashSet::new()] {
            assert_eq!(found(&coming, known, today), [(2, "2027-01-01T00:00:00Z".to_owned())]);
        }
        let later = entry("effective_from = 2027-01-01\napprovals_end = 2027-03-01");
        assert_eq!(found(&later, &before, today), [(2, "2027-03-01T00:00:00Z".to_owned())]);

        // It is in force already: whoever was approved before gets some time.
        let in_force = date(2027, 1, 1);
        assert_eq!(found(&coming, &before, in_force), [(2, "2027-01-01T00:01:00Z".to_owned())]);
        assert_eq!(found(&later, &before, in_force), [(2, "2027-03-01T00:00:00Z".to_owned())]);
        assert_eq!(found(&coming, &everything, in_force), [], "it was known before");
        assert_eq!(
            found(&coming, &HashSet::new(), in_force),
            [],
            "nothing was known before, so nobody was approved"
        );
    }

    #[test]
    fn what_asks_for_the_same_or_for_nothing_asks_for_no_campaign() {
        let (before, today) = (known(&Catalogue::builtin()), date(2026, 11, 22));
        let head = "[[mobile.business]]\nrevision = 2\neffective_from = 2027-01-01\n";
        assert_eq!(found(&format!("{head}status = \"unavailable\"\n"), &before, today), []);
        let builtin = Catalogue::builtin();
        assert!(wanted(&builtin, &HashSet::new(), Duration::ZERO, midnight(today)).is_empty());
    }
}
