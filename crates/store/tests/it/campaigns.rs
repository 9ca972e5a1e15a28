//! Campaigns, and the bundles that they concern.

use dossier_domain::campaign::{Campaign, CampaignState, MissingItem, Standing};
use dossier_domain::lineage::{BundleLineage, LineageKind};
use dossier_domain::paging::{Position, Start, Window};
use dossier_domain::regulation::Combination;
use dossier_domain::sid::{BundleSid, RegulationSid};
use dossier_domain::{EndUserType, IsoCountry, NumberType};
use dossier_store::campaigns::{self, Member, MemberFilter, Walked};
use dossier_store::lineage;
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, touches_nothing, write};

on_both_engines![
    a_campaign_is_kept_once_for_each_revision,
    how_far_a_campaign_came_is_kept,
    bundles_of_a_campaign_are_listed_and_counted_by_where_they_stand,
    what_happens_to_a_copy_is_known_by_its_source,
];

fn campaign(random: &mut Seeded, regulation_sid: RegulationSid, revision: u32) -> Campaign {
    Campaign {
        sid: random.sid(),
        regulation_sid,
        combination: Combination {
            iso_country: IsoCountry::parse("DE").unwrap(),
            number_type: NumberType::Mobile,
            end_user_type: EndUserType::Business,
        },
        revision,
        state: CampaignState::Walking,
        paused_at: None,
        effective_from: samples::later(100),
        approvals_end: samples::later(200),
        looked_at: 0,
        created_at: samples::time(random),
        updated_at: samples::later(1),
    }
}

fn member(random: &mut Seeded, campaign: &Campaign, standing: Standing) -> Member {
    let at = samples::time(random);
    Member {
        account: if random.flip() { owner().account } else { stranger().account },
        bundle: random.sid(),
        campaign: campaign.sid,
        standing,
        missing: vec![
            MissingItem {
                requirement: "business_info".to_owned(),
                field: Some("email".to_owned()),
                code: 22_215,
                sentence: "A field is missing.".to_owned(),
            },
            MissingItem {
                requirement: "proof".to_owned(),
                field: None,
                code: 22_216,
                sentence: "A document is missing.".to_owned(),
            },
        ],
        valid_until_before: random.flip().then(|| samples::later(500)),
        valid_until: random.flip().then(|| samples::later(200)),
        created_at: at,
        updated_at: at,
    }
}

async fn open(db: &TestDb, campaign: &Campaign) -> bool {
    let campaign = campaign.clone();
    write(db, move |tx| campaigns::open(tx, &campaign)).await
}

async fn insert(db: &TestDb, member: &Member) -> bool {
    let member = member.clone();
    write(db, move |tx| campaigns::insert_member(tx, &member)).await
}

async fn a_campaign_is_kept_once_for_each_revision(db: TestDb) {
    let mut random = Seeded::new(1);
    let regulation = random.sid();
    let mut all: Vec<_> = [4, 2, 3].map(|revision| campaign(&mut random, regulation, revision)).into();
    all.push(campaign(&mut random, RegulationSid::from_bytes([9; 16]), 2));
    for one in &all {
        assert!(open(&db, one).await);
        let again = Campaign { sid: random.sid(), ..one.clone() };
        assert!(!open(&db, &again).await, "there is one for the revision");
    }
    let of_regulation = read(&db, move |tx| campaigns::of_regulation(tx, regulation, 2)).await;
    assert_eq!(of_regulation.iter().map(|found| found.revision).collect::<Vec<_>>(), [3, 4]);

    let mut changed = all[0].clone();
    changed.state = CampaignState::Open;
    changed.paused_at = Some(samples::later(7));
    changed.looked_at = 12;
    changed.updated_at = samples::later(8);
    let saved = changed.clone();
    write(&db, move |tx| campaigns::save(tx, &saved)).await;
    all[0] = changed;
    for one in &all {
        let sid = one.sid;
        assert_eq!(read(&db, move |tx| campaigns::get(tx, sid)).await.as_ref(), Some(one));
        assert_eq!(write(&db, move |tx| campaigns::lock(tx, sid)).await.as_ref(), Some(one));
    }
    all.sort_by_key(|campaign| (campaign.created_at, campaign.sid));
    let mut after: Option<Position> = None;
    for one in &all {
        let found = read(&db, move |tx| campaigns::all(tx, after, 1)).await;
        assert_eq!(found, std::slice::from_ref(one));
        after = Some(one.position());
    }
    assert!(read(&db, move |tx| campaigns::all(tx, after, 1)).await.is_empty());
}

async fn how_far_a_campaign_came_is_kept(db: TestDb) {
    let mut random = Seeded::new(2);
    let regulation = random.sid();
    let campaign = campaign(&mut random, regulation, 2);
    open(&db, &campaign).await;
    let sid = campaign.sid;
    let account = Some((samples::later(1), owner().account));
    let bundle = Some((samples::later(2), BundleSid::from_bytes([7; 16])));
    for walked in
        [Walked { account, bundle }, Walked { account, bundle: None }, Walked { account: None, bundle: None }]
    {
        write(&db, move |tx| campaigns::set_walked(tx, sid, &walked)).await;
        assert_eq!(read(&db, move |tx| campaigns::walked(tx, sid)).await, walked);
    }
}

async fn bundles_of_a_campaign_are_listed_and_counted_by_where_they_stand(db: TestDb) {
    let mut random = Seeded::new(3);
    let regulation = random.sid();
    let campaign = campaign(&mut random, regulation, 2);
    let mut members: Vec<_> = Standing::ALL
        .into_iter()
        .flat_map(|standing| [standing; 3])
        .map(|standing| member(&mut random, &campaign, standing))
        .collect();
    for one in &members {
        assert!(insert(&db, one).await);
        assert!(!insert(&db, one).await, "it is in the campaign");
    }
    let (moved, now) = (members[0].clone(), samples::later(9));
    let (account, key) = (moved.account, (moved.campaign, moved.bundle));
    write(&db, move |tx| campaigns::set_standing(tx, account, key, Standing::Overdue, now)).await;
    members[0] = Member { standing: Standing::Overdue, updated_at: now, ..moved };
    touches_nothing(&db, move |tx| {
        let nobody = BundleSid::from_bytes([8; 16]);
        campaigns::set_standing(tx, account, (key.0, nobody), Standing::Overdue, now)
    })
    .await;

    members.sort_by_key(|member| (member.created_at, member.bundle));
    for standing in [None, Some(Standing::Affected), Some(Standing::Overdue), Some(Standing::Deleted)] {
        let filter = MemberFilter { campaign: campaign.sid, standing };
        let wanted = members.iter().filter(|member| standing.is_none_or(|wanted| wanted == member.standing));
        let (mut start, mut found) = (Start::First, Vec::new());
        loop {
            let window = Window { size: 2, start };
            let page = read(&db, move |tx| campaigns::list(tx, filter, &window)).await;
            found.extend(page.items.iter().cloned());
            if !page.more_after {
                break;
            }
            start = Start::After(page.items.last().unwrap().position());
        }
        assert_eq!(found, wanted.cloned().collect::<Vec<_>>(), "{standing:?}");
    }
    let sid = campaign.sid;
    let mut counts = read(&db, move |tx| campaigns::counts(tx, sid)).await;
    counts.sort_by_key(|(standing, _)| Standing::ALL.iter().position(|known| known == standing));
    let expected = Standing::ALL.map(|standing| match standing {
        Standing::Affected => (standing, 2),
        Standing::Overdue => (standing, 4),
        other => (other, 3),
    });
    assert_eq!(counts, expected);
}

async fn what_happens_to_a_copy_is_known_by_its_source(db: TestDb) {
    let mut random = Seeded::new(4);
    let regulation = random.sid();
    let campaign = campaign(&mut random, regulation, 2);
    let source = Member { account: owner().account, ..member(&mut random, &campaign, Standing::Notified) };
    insert(&db, &source).await;
    let account = source.account;
    let mut made = Vec::new();
    for kind in [LineageKind::Copy, LineageKind::Clone] {
        let row = BundleLineage {
            account_sid: account,
            bundle_sid: random.sid(),
            kind,
            source_account_sid: account,
            source_bundle_sid: source.bundle,
            made_at: samples::later(1),
            made_by: account.to_string(),
            replaced: None,
        };
        made.push(row.bundle_sid);
        write(&db, move |tx| lineage::insert(tx, &row)).await;
    }
    let expected = vec![(campaign.sid, source.bundle, Standing::Notified)];
    let (copy, clone, bundle) = (made[0], made[1], source.bundle);
    assert_eq!(read(&db, move |tx| campaigns::members_of_bundle(tx, account, bundle)).await, expected);
    assert_eq!(read(&db, move |tx| campaigns::members_of_source(tx, account, copy)).await, expected);
    assert!(read(&db, move |tx| campaigns::members_of_source(tx, account, clone)).await.is_empty());
    let stranger = stranger().account;
    assert!(read(&db, move |tx| campaigns::members_of_bundle(tx, stranger, bundle)).await.is_empty());
    assert!(read(&db, move |tx| campaigns::members_of_source(tx, stranger, copy)).await.is_empty());
}
