//! The codes and sentences of an evaluation (contract section 5.3).
//!
//! Where the contract has a template the sentence follows it to the letter, because clients read
//! them. Rules that the original does not have say what is wrong in words of our own. No sentence
//! ever has a value in it.

use super::Failure;
use crate::Code;
use crate::regulation::{Field, Rule};

/// Whose field is spoken of.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// The end user; with the name of its type.
    EndUser(&'a str),
    /// A document; with its name, and that of the end-user type it may be compared with.
    Document(&'a str, &'a str),
}

/// What is wrong with the value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// There is none, or it breaks a pattern or enumeration (contract 14.4 row 75).
    Missing,
    /// It differs from the end user's.
    Mismatch,
    /// It is no date.
    NotADate,
    /// It is a date too long ago.
    TooOld {
        /// How many months are allowed.
        months: u32,
    },
    /// One of the addresses is not in the country of the number.
    AddressAbroad,
    /// One of the addresses is a PO box.
    AddressIsPoBox,
}

/// The result of a requirement whose end user is not there.
pub(super) fn end_user_missing(end_user: &str) -> Failure {
    let article = article(end_user);
    Failure {
        code: Code::EndUserMissing,
        reason: format!("{article} {end_user} End-User is missing. Please add one to the regulatory bundle."),
    }
}

/// The result of a requirement whose document is not there.
pub(super) fn document_missing(document: &str) -> Failure {
    let article = article(document);
    Failure {
        code: Code::DocumentMissing,
        reason: format!("{article} {document} is missing. Please add one to the regulatory bundle."),
    }
}

fn article(noun: &str) -> &'static str {
    let begins_with_vowel = noun.starts_with(['A', 'E', 'I', 'O', 'U', 'a', 'e', 'i', 'o', 'u']);
    if begins_with_vowel { "An" } else { "A" }
}

/// What to say about a field.
pub(super) fn field(subject: Subject<'_>, field: &Field, flaw: Flaw) -> Failure {
    Failure { code: code(subject, field, flaw), reason: reason(subject, field, flaw) }
}

fn code(subject: Subject<'_>, field: &Field, flaw: Flaw) -> Code {
    match (subject, flaw) {
        _ if field.rule == Rule::Addresses => Code::AddressMissing,
        (Subject::EndUser(_), _) => Code::EndUserFieldMissing,
        (Subject::Document(..), Flaw::Mismatch) => Code::DocumentFieldMismatch,
        (Subject::Document(..), _) => Code::DocumentFieldMissing,
    }
}

fn reason(subject: Subject<'_>, field: &Field, flaw: Flaw) -> String {
    let label = &field.friendly_name;
    match flaw {
        Flaw::Missing | Flaw::Mismatch => missing(subject, field),
        Flaw::NotADate => {
            format!("The {label} is not a date. Please enter in the {label} as YYYY-MM-DD.")
        }
        Flaw::TooOld { months } => {
            let unit = if months == 1 { "month" } else { "months" };
            let thing = match subject {
                Subject::EndUser(name) => format!("{name} information"),
                Subject::Document(name, _) => name.to_owned(),
            };
            format!("The {label} on the {thing} is more than {months} {unit} ago. Please provide a newer one.")
        }
        Flaw::AddressAbroad => {
            "The Address is not in the country of the phone number. Please enter in an address in that country."
                .to_owned()
        }
        Flaw::AddressIsPoBox => {
            "The Address is a PO box. Please enter in an address with a street.".to_owned()
        }
    }
}

fn missing(subject: Subject<'_>, field: &Field) -> String {
    let label = &field.friendly_name;
    match (subject, &field.rule) {
        (Subject::EndUser(name), Rule::Addresses) => {
            format!("The Address is missing. Please enter in an address on the {name} information.")
        }
        (Subject::Document(name, _), Rule::Addresses) => {
            format!("The Address is missing. Please enter in the address shown on the {name}.")
        }
        (Subject::EndUser(name), _) => {
            format!("The {label} is missing. Please enter in a {label} on the {name} information.")
        }
        (Subject::Document(name, end_user), Rule::EqualsEndUser(_)) => format!(
            "The {label} is missing. Or, it does not match the {label} you entered within {end_user} information. \
             Please enter in the {label} shown on the {name} or make sure both {label} fields use the same exact \
             inputs."
        ),
        (Subject::Document(name, _), _) => {
            format!("The {label} is missing. Please enter in the {label} shown on the {name}.")
        }
    }
}
