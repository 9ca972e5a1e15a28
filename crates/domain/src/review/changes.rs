//! What changed between two submissions of a bundle.

use std::collections::BTreeSet;
use std::fmt;

use super::{Submitted, SubmittedItem};
use crate::sid::AnySid;

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The object: the newer one, where there are two.
    pub sid: AnySid,
    /// What kind of object it is.
    pub kind: String,
    /// What happened to it.
    pub what: ChangeKind,
}

/// What happened to an object.
#[derive(Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is there in the place of another one of its kind.
    Replaced {
        /// The one that was.
        before: AnySid,
    },
    /// A field says something else.
    Field {
        /// Its name.
        name: String,
        /// What it said; nothing when it was not there. Personal data.
        before: Option<String>,
        /// What it says. Personal data.
        after: Option<String>,
    },
    /// Its file is another one.
    File {
        /// The SHA-256 of the old one.
        before: Option<String>,
        /// The SHA-256 of the new one.
        after: Option<String>,
    },
}

// Values are what people say of themselves; names of fields are not.
impl fmt::Debug for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added => f.write_str("Added"),
            Self::Removed => f.write_str("Removed"),
            Self::Replaced { before } => write!(f, "Replaced({before})"),
            Self::Field { name, .. } => write!(f, "Field({name})"),
            Self::File { .. } => f.write_str("File"),
        }
    }
}

impl Submitted {
    /// What changed since an earlier submission, object by object, as this one has them; what is gone
    /// comes last.
    pub fn changes_since(&self, earlier: &Self) -> Vec<Change> {
        let mut gone: Vec<_> = earlier.items.iter().filter(|item| self.find(item.sid).is_none()).collect();
        let mut changes = Vec::new();
        for item in &self.items {
            let place = gone.iter().position(|other| other.kind == item.kind);
            match (earlier.find(item.sid), place) {
                (Some(before), _) => item.compare(before, &mut changes),
                (None, Some(place)) => {
                    let before = gone.remove(place);
                    changes.push(item.changed(ChangeKind::Replaced { before: before.sid }));
                    item.compare(before, &mut changes);
                }
                (None, None) => changes.push(item.changed(ChangeKind::Added)),
            }
        }
        changes.extend(gone.into_iter().map(|item| item.changed(ChangeKind::Removed)));
        changes
    }

    fn find(&self, sid: AnySid) -> Option<&SubmittedItem> {
        self.items.iter().find(|item| item.sid == sid)
    }
}

impl SubmittedItem {
    fn changed(&self, what: ChangeKind) -> Change {
        Change { sid: self.sid, kind: self.kind.clone(), what }
    }

    fn compare(&self, before: &Self, changes: &mut Vec<Change>) {
        if self.file != before.file {
            let what = ChangeKind::File { before: before.file.clone(), after: self.file.clone() };
            changes.push(self.changed(what));
        }
        let names: BTreeSet<_> = before.fields.keys().chain(self.fields.keys()).collect();
        for name in names {
            let (before, after) = (before.fields.get(name), self.fields.get(name));
            if before != after {
                let (before, after) = (before.cloned(), after.cloned());
                changes.push(self.changed(ChangeKind::Field { name: name.clone(), before, after }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sid::{DocumentSid, EndUserSid};
    use proptest::prelude::*;

    fn item(
        sid: impl Into<AnySid>,
        kind: &str,
        fields: &[(&str, &str)],
        file: Option<&str>,
    ) -> SubmittedItem {
        let owned = |text: &str| text.to_owned();
        SubmittedItem {
            sid: sid.into(),
            kind: kind.to_owned(),
            fields: fields.iter().map(|(name, value)| (owned(name), owned(value))).collect(),
            file: file.map(owned),
        }
    }

    fn document(number: u8) -> DocumentSid {
        DocumentSid::from_bytes([number; 16])
    }

    #[test]
    fn every_difference_is_named_once() {
        let end_user = EndUserSid::from_bytes([9; 16]);
        let earlier = Submitted {
            items: vec![
                item(end_user, "business", &[("name", "A"), ("old", "x")], None),
                item(document(1), "passport", &[("number", "1")], Some("aa")),
                item(document(2), "bill", &[], Some("bb")),
                item(document(3), "letter", &[], None),
            ],
        };
        let later = Submitted {
            items: vec![
                item(end_user, "business", &[("name", "B"), ("new", "y")], None),
                item(document(4), "passport", &[("number", "2")], Some("cc")),
                item(document(2), "bill", &[], Some("dd")),
                item(document(5), "extract", &[], None),
            ],
        };
        let field = |name: &str, before: Option<&str>, after: Option<&str>| ChangeKind::Field {
            name: name.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let file = |before: &str, after: &str| ChangeKind::File {
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
        };
        let expected = [
            (AnySid::from(end_user), field("name", Some("A"), Some("B"))),
            (end_user.into(), field("new", None, Some("y"))),
            (end_user.into(), field("old", Some("x"), None)),
            (document(4).into(), ChangeKind::Replaced { before: document(1).into() }),
            (document(4).into(), file("aa", "cc")),
            (document(4).into(), field("number", Some("1"), Some("2"))),
            (document(2).into(), file("bb", "dd")),
            (document(5).into(), ChangeKind::Added),
            (document(3).into(), ChangeKind::Removed),
        ];
        let changes = later.changes_since(&earlier).into_iter().map(|change| (change.sid, change.what));
        assert_eq!(changes.collect::<Vec<_>>(), expected);
    }

    fn submissions() -> impl Strategy<Value = Submitted> {
        let fields = proptest::collection::btree_map("[ab]", "[xy]", 0..3);
        let item = (0_u8..4, "[pq]", fields, proptest::option::of("[0-1]{2}"));
        proptest::collection::btree_map(0_u8..4, item, 0..4).prop_map(|items| Submitted {
            items: items
                .into_iter()
                .map(|(number, (_, kind, fields, file))| SubmittedItem {
                    sid: document(number).into(),
                    kind,
                    fields,
                    file,
                })
                .collect(),
        })
    }

    proptest! {
        #[test]
        fn nothing_changed_when_it_is_the_same(one in submissions()) {
            prop_assert_eq!(one.changes_since(&one), []);
            prop_assert_eq!(Submitted::from_stored(&one.to_stored()), Ok(one));
        }

        #[test]
        fn something_changed_when_it_is_not(one in submissions(), other in submissions()) {
            let sameness = |submitted: &Submitted| {
                let items = submitted.items.iter();
                items.map(|item| (item.sid.to_string(), item.fields.clone(), item.file.clone())).collect::<Vec<_>>()
            };
            prop_assert_eq!(other.changes_since(&one).is_empty(), sameness(&one) == sameness(&other));
        }
    }
}
