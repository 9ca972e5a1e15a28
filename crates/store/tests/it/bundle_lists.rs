//! The list of bundles against a model: a vector that is filtered and sorted.

use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::paging::{Position, Start, Window};
use dossier_domain::{EndUserType, NumberType};
use dossier_store::bundles::{self, BundleFilter, BundleSort};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{paging, read, samples, write};

on_both_engines![
    every_condition_alone_finds_what_the_model_finds,
    conditions_together_find_what_the_model_finds,
    a_name_that_cannot_be_stored_finds_nothing,
];

const SORTS: [BundleSort; 3] = [BundleSort::Created, BundleSort::Updated, BundleSort::ValidUntil];

/// Puts bundles there, as many of somebody else's between them, and returns ours.
async fn filled(db: &TestDb, random: &mut Seeded, count: usize) -> Vec<Bundle> {
    let ours: Vec<Bundle> = (0..count).map(|_| samples::bundle(random, &owner())).collect();
    let theirs: Vec<Bundle> = (0..count).map(|_| samples::bundle(random, &stranger())).collect();
    let all = ours.clone();
    write(db, move |tx| {
        all.iter().try_for_each(|bundle| bundles::insert(tx, &owner(), bundle))?;
        theirs.iter().try_for_each(|bundle| bundles::insert(tx, &stranger(), bundle))
    })
    .await;
    ours
}

fn matches(filter: &BundleFilter, bundle: &Bundle) -> bool {
    let is = |wanted: Option<bool>| wanted.unwrap_or(true);
    let end = bundle.valid_until;
    is(filter.status.map(|status| status == bundle.status))
        && (filter.sids.is_empty() || filter.sids.contains(&bundle.sid))
        && is(filter.friendly_name.as_ref().map(|name| name == bundle.friendly_name.as_str()))
        && is(filter.regulation.map(|sid| sid == bundle.regulation_sid))
        && is(filter.iso_country.map(|country| country == bundle.combination.iso_country))
        && is(filter.number_type.map(|kind| kind == bundle.combination.number_type))
        && is(filter.end_user_type.map(|kind| kind == bundle.combination.end_user_type))
        && is(filter.has_valid_until.map(|wanted| wanted == end.is_some()))
        && is(filter.valid_from.map(|from| end.is_some_and(|end| end >= from)))
        && is(filter.valid_to.map(|to| end.is_some_and(|end| end <= to)))
}

async fn agrees_with_the_model(db: &TestDb, all: &[Bundle], filter: BundleFilter) {
    let mut expected: Vec<Bundle> = all.iter().filter(|bundle| matches(&filter, bundle)).cloned().collect();
    expected.sort_by_key(|bundle| (filter.sort_by.key(bundle), bundle.sid.to_string()));
    if !filter.ascending {
        expected.reverse();
    }
    let position = |bundle: &Bundle| Position { key: filter.sort_by.key(bundle), sid: bundle.sid.into() };
    let page = async |window: Window| {
        let filter = filter.clone();
        read(db, move |tx| bundles::list(tx, &owner(), &filter, &window)).await
    };
    println!("{filter:?}");
    paging::covers_exactly(&expected, position, page).await;
}

/// Each condition that there is, once, with a value that some bundles have.
pub(crate) fn single_conditions(random: &mut Seeded, all: &[Bundle]) -> Vec<BundleFilter> {
    let none = BundleFilter::default();
    vec![
        none.clone(),
        BundleFilter { status: Some(random.pick(&BundleStatus::ALL)), ..none.clone() },
        BundleFilter { sids: vec![all[0].sid], ..none.clone() },
        BundleFilter { sids: all.iter().take(20).map(|bundle| bundle.sid).collect(), ..none.clone() },
        BundleFilter { friendly_name: Some(random.pick(&samples::NAMES).to_owned()), ..none.clone() },
        BundleFilter { regulation: Some(samples::regulation(random)), ..none.clone() },
        BundleFilter { iso_country: Some(samples::country(random)), ..none.clone() },
        BundleFilter { number_type: Some(random.pick(&NumberType::ALL)), ..none.clone() },
        BundleFilter { end_user_type: Some(random.pick(&EndUserType::ALL)), ..none.clone() },
        BundleFilter { has_valid_until: Some(true), ..none.clone() },
        BundleFilter { has_valid_until: Some(false), ..none.clone() },
        BundleFilter { valid_from: Some(samples::later(2)), ..none.clone() },
        BundleFilter { valid_to: Some(samples::later(2)), ..none },
    ]
}

async fn every_condition_alone_finds_what_the_model_finds(db: TestDb) {
    let mut random = Seeded::new(10);
    let all = filled(&db, &mut random, 30).await;
    for filter in single_conditions(&mut random, &all) {
        for (sort_by, ascending) in SORTS.into_iter().flat_map(|sort| [(sort, true), (sort, false)]) {
            agrees_with_the_model(&db, &all, BundleFilter { sort_by, ascending, ..filter.clone() }).await;
        }
    }
}

async fn conditions_together_find_what_the_model_finds(db: TestDb) {
    let mut random = Seeded::new(11);
    let all = filled(&db, &mut random, 60).await;
    for _ in 0..60 {
        let filter = any_filter(&mut random, &all);
        agrees_with_the_model(&db, &all, filter).await;
    }
}

/// A filter with each condition in one of three cases.
fn any_filter(random: &mut Seeded, all: &[Bundle]) -> BundleFilter {
    let sometimes = |random: &mut Seeded| random.below(3) == 0;
    BundleFilter {
        status: sometimes(random).then(|| random.pick(&BundleStatus::ALL)),
        sids: if sometimes(random) {
            (0..=random.below(19)).map(|_| random.pick(all).sid).collect()
        } else {
            Vec::new()
        },
        friendly_name: sometimes(random).then(|| random.pick(&samples::NAMES).to_owned()),
        regulation: sometimes(random).then(|| samples::regulation(random)),
        iso_country: sometimes(random).then(|| samples::country(random)),
        number_type: sometimes(random).then(|| random.pick(&NumberType::ALL)),
        end_user_type: sometimes(random).then(|| random.pick(&EndUserType::ALL)),
        has_valid_until: sometimes(random).then(|| random.flip()),
        valid_from: sometimes(random).then(|| samples::time(random)),
        valid_to: sometimes(random).then(|| samples::time(random)),
        sort_by: random.pick(&SORTS),
        ascending: random.flip(),
    }
}

/// PostgreSQL refuses a NUL in a text, and a customer may well send one.
async fn a_name_that_cannot_be_stored_finds_nothing(db: TestDb) {
    let filter = BundleFilter { friendly_name: Some("a\0b".to_owned()), ..BundleFilter::default() };
    for start in [Start::First, Start::Offset(3)] {
        let (filter, window) = (filter.clone(), Window { size: 5, start });
        let page = read(&db, move |tx| bundles::list(tx, &owner(), &filter, &window)).await;
        assert!(page.items.is_empty() && !page.more_after);
    }
}
