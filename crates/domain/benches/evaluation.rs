//! How long loading the catalogue and evaluating its largest regulation take.
//!
//! `cargo bench -p dossier-domain` prints medians. The bundle of the evaluation has a document of
//! every type the regulation accepts, all with plausible attributes and none quite right, so that
//! every document is looked at and every sentence is written.

#![expect(clippy::print_stdout, reason = "printing numbers is what this program is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use dossier_domain::Attributes;
use dossier_domain::catalogue::{Catalogue, RegulationFilter};
use dossier_domain::evaluation::{Contents, DocumentContents, EndUserContents, Switches, evaluate};
use dossier_domain::regulation::Regulation;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 22);

fn main() {
    println!("load the built-in catalogue: {:?}", median(50, || drop(black_box(Catalogue::builtin()))));

    let catalogue = Catalogue::builtin();
    let regulations = catalogue.list(RegulationFilter::default(), TODAY);
    let largest = regulations.max_by_key(|regulation| size(regulation)).expect("there are regulations");
    let attributes = Attributes::parse(
        r#"{"first_name":"Jane","last_name":"Doe","birth_date":"1990-01-01","business_name":"Example KK",
            "business_description":"Makes examples","address_sids":["AD00000000000000000000000000000001"],
            "phone_number":"+81312345678","note":"left by another program"}"#,
    )
    .expect("a JSON object");
    let types: std::collections::BTreeSet<&str> =
        accepted(largest).map(|document| &*document.document_type).collect();
    let documents: Vec<_> = types
        .into_iter()
        .map(|document_type| DocumentContents { document_type, attributes: &attributes, has_file: true })
        .collect();
    let right = Attributes::parse(&attributes.as_str().replace("Jane", "Joan")).expect("a JSON object");
    let contents = Contents {
        end_user: Some(EndUserContents { end_user_type: largest.end_user_type, attributes: &right }),
        documents: &documents,
        addresses: &[],
        today: TODAY,
        switches: Switches::default(),
    };
    let name = &largest.friendly_name;
    let full = median(10_000, || drop(black_box(evaluate(black_box(largest), black_box(&contents)))));
    println!("evaluate {name}, {} documents, {} fields: {full:?}", documents.len(), size(largest));
    let nothing = Contents { end_user: None, documents: &[], ..contents };
    let empty = median(10_000, || drop(black_box(evaluate(black_box(largest), black_box(&nothing)))));
    println!("evaluate {name}, nothing assigned: {empty:?}");
    let stored = evaluate(largest, &contents);
    println!("write it for storing: {:?}", median(10_000, || drop(black_box(stored.to_stored()))));
}

fn accepted(regulation: &Regulation) -> impl Iterator<Item = &dossier_domain::regulation::AcceptedDocument> {
    regulation.documents.iter().flat_map(|requirement| &requirement.any_of)
}

/// How many fields a regulation has, over all the documents it accepts.
fn size(regulation: &Regulation) -> usize {
    let of_end_users: usize = regulation.end_users.iter().map(|end_user| end_user.fields.len()).sum();
    of_end_users + accepted(regulation).map(|document| document.fields.len()).sum::<usize>()
}

/// The median time of `runs` calls.
fn median(runs: usize, mut call: impl FnMut()) -> Duration {
    let mut times: Vec<_> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[runs / 2]
}
