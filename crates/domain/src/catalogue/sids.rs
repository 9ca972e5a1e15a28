//! The SIDs of regulations and types: listed ones, and the ones that follow from names.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest;

use super::Severity;
use super::notebook::Notebook;
use super::source::File;
use crate::regulation::{Combination, Text};
use crate::sid::{Kind, ObjectTypeSid, RegulationSid, Sid};
use crate::{EndUserType, IsoCountry, NumberType};

/// The SID and friendly name that a combination is publicly known by.
pub(super) struct Listed {
    pub(super) sid: RegulationSid,
    pub(super) friendly_name: Text,
    place: (String, u32),
}

const HEADER: &str = "iso_country\tnumber_type\tend_user_type\tsid\tfriendly_name";

/// Reads `sids.tsv` of every layer. Of lines for the same combination, that of the uppermost holds.
pub(super) fn read(files: &[File<'_>], notebook: &mut Notebook) -> HashMap<Combination, Listed> {
    let mut listed = HashMap::new();
    for &file in files {
        listed.extend(read_file(file, notebook));
    }
    if files.len() > 1 {
        check_sids(&listed, notebook);
    }
    listed
}

/// Within a file each SID is there once; several files may still disagree.
fn check_sids(listed: &HashMap<Combination, Listed>, notebook: &mut Notebook) {
    let mut combinations: HashMap<_, Vec<_>> = HashMap::new();
    for (combination, entry) in listed {
        combinations.entry(entry.sid).or_default().push((&entry.place, combination));
    }
    for (sid, mut found) in combinations.into_iter().filter(|(_, found)| found.len() > 1) {
        found.sort();
        let names: Vec<_> = found.iter().map(|(_, combination)| combination.to_string()).collect();
        let reason = format!("{sid} stands for {}", names.join(" and "));
        notebook.note(Severity::Error, found[0].0.clone(), reason, None);
    }
}

/// A header, then one line per combination.
fn read_file(file: File<'_>, notebook: &mut Notebook) -> HashMap<Combination, Listed> {
    let mut listed = HashMap::new();
    let mut sids = HashSet::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        let refusal = if number == 1 {
            (line != HEADER).then(|| format!("the first line must be `{}`", HEADER.replace('\t', "<tab>")))
        } else {
            match parse(line, (file.shown(), number), notebook) {
                None => Some("expected country, number type, end-user type, SID and name".to_owned()),
                Some((_, entry)) if !sids.insert(entry.sid) => Some("the SID is there twice".to_owned()),
                Some((combination, entry)) => {
                    listed.insert(combination, entry).map(|_| format!("{combination} is there twice"))
                }
            }
        };
        if let Some(reason) = refusal {
            notebook.note(Severity::Error, (file.shown(), number), reason, None);
        }
    }
    listed
}

fn parse(line: &str, place: (String, u32), notebook: &mut Notebook) -> Option<(Combination, Listed)> {
    let [country, number_type, end_user_type, sid, friendly_name]: [&str; 5] =
        line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let combination = Combination {
        iso_country: IsoCountry::parse(country)?,
        number_type: NumberType::parse(number_type)?,
        end_user_type: EndUserType::parse(end_user_type)?,
    };
    let sid = RegulationSid::parse(sid).ok()?;
    Some((combination, Listed { sid, friendly_name: notebook.text(friendly_name), place }))
}

/// The SID of a regulation that is not listed.
pub(super) fn of_regulation(combination: Combination) -> RegulationSid {
    of_name(&format!("regulation/{combination}"))
}

/// The SID of a kind of end user.
pub(super) fn of_end_user_type(end_user_type: EndUserType) -> ObjectTypeSid {
    of_name(&format!("end-user-type/{end_user_type}"))
}

/// The SID of a kind of document.
pub(super) fn of_document_type(machine_name: &str) -> ObjectTypeSid {
    of_name(&format!("supporting-document-type/{machine_name}"))
}

/// The first half of the SHA-256 of a name.
fn of_name<K: Kind>(name: &str) -> Sid<K> {
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    Sid::from_bytes(*hash.as_ref().first_chunk().expect("SHA-256 is 32 bytes long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_the_documented_hashes() {
        // Each from `printf NAME | sha256sum`.
        let combination = Combination {
            iso_country: IsoCountry::parse("DE").unwrap(),
            number_type: NumberType::Local,
            end_user_type: EndUserType::Business,
        };
        assert_eq!(of_regulation(combination).to_string(), "RN2f2518fe4308679f7a6395c7d20c4ab3");
        assert_eq!(of_end_user_type(EndUserType::Business).to_string(), "OY8bfdba66665a554e6f80a8c94799584f");
        assert_eq!(of_document_type("passport").to_string(), "OY8a92ea6e9a503b787ec9e786a8fa990b");
    }

    #[test]
    fn each_bad_line_is_named() {
        let text = format!(
            "{HEADER}\nDE\tlocal\tbusiness\tRN{0}\tGermany\nDE\tlocal\tbusiness\tRN{1}\tGermany\n\
             FR\tlocal\tbusiness\tRN{0}\tFrance\nFR\tlocal\tbusiness\tBU{0}\tFrance\nFR\tlocal\n",
            "0".repeat(32),
            "1".repeat(32),
        );
        let mut notebook = Notebook::default();
        read(&[File { directory: "", name: "sids.tsv", text: &text, layer: 0 }], &mut notebook);
        let problems: Vec<_> = notebook.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "sids.tsv:3: DE/local/business is there twice",
                "sids.tsv:4: the SID is there twice",
                "sids.tsv:5: expected country, number type, end-user type, SID and name",
                "sids.tsv:6: expected country, number type, end-user type, SID and name",
            ]
        );
    }
}
