//! What decisions ask of documents, and make of them.

use super::super::*;
use super::{LATER, ME, NOW, SOON};
use crate::document::{Document, DocumentStatus};
use crate::sid::{AccountSid, DocumentSid};
use crate::text::FriendlyName;
use crate::{Attributes, Timestamp};

/// Every status × every outcome × every verdict × wherever else the document is.
#[test]
fn decisions_move_documents_as_row_36_says() {
    use DocumentOutcome::{Becomes, IsRejected, Stays};
    use DocumentStatus::{Approved, Draft, Expired, PendingReview, ProvisionallyApproved, Rejected};
    use Outcome as O;
    use VerdictKind as V;
    for status in DocumentStatus::ALL {
        for sharing in Sharing::ALL {
            for verdict in [None, Some(V::Approved), Some(V::Rejected)] {
                let approved = status.decided(O::Approved, verdict, sharing);
                assert_eq!(approved, if status == Approved { Stays } else { Becomes(Approved) });
                let provisional = status.decided(O::ProvisionallyApproved, verdict, sharing);
                let stays = matches!(status, Approved | ProvisionallyApproved);
                assert_eq!(provisional, if stays { Stays } else { Becomes(ProvisionallyApproved) });
            }
        }
    }
    // status; on rejection: approved by verdict; rejected alone, elsewhere, under review elsewhere; no verdict likewise
    let to_draft = Becomes(Draft);
    let table = [
        (Draft, Becomes(Approved), [IsRejected; 3], [Stays; 3]),
        (PendingReview, Becomes(Approved), [IsRejected; 3], [to_draft, to_draft, Stays]),
        (Rejected, Becomes(Approved), [IsRejected; 3], [Stays; 3]),
        (Approved, Stays, [IsRejected, Stays, Stays], [Stays; 3]),
        (Expired, Becomes(Approved), [IsRejected, Stays, Stays], [Stays; 3]),
        (ProvisionallyApproved, Becomes(Approved), [IsRejected, Stays, Stays], [to_draft, Stays, Stays]),
    ];
    assert_eq!(table.map(|row| row.0), DocumentStatus::ALL);
    for (status, approved, rejected, unjudged) in table {
        for (index, sharing) in Sharing::ALL.into_iter().enumerate() {
            let decided = |verdict| status.decided(O::Rejected, verdict, sharing);
            assert_eq!(decided(Some(V::Approved)), approved, "{status} {sharing:?}");
            assert_eq!(decided(Some(V::Rejected)), rejected[index], "{status} {sharing:?}");
            assert_eq!(decided(None), unjudged[index], "{status} {sharing:?}");
        }
    }
}

fn document(status: DocumentStatus, updated_at: Timestamp) -> Document {
    Document {
        sid: DocumentSid::from_bytes([1; 16]),
        account_sid: AccountSid::from_bytes([1; 16]),
        kind: "passport".to_owned(),
        friendly_name: FriendlyName::from_stored("x".to_owned()),
        status,
        attributes: Attributes::empty(),
        file: None,
        rejection: None,
        created_at: NOW,
        updated_at,
    }
}

fn verdict(kind: VerdictKind) -> Verdict {
    Verdict { kind, reasons: Vec::new(), message: None, note: None, by: Some(ME), at: SOON }
}

#[test]
fn a_bundle_is_approved_when_all_of_its_documents_are() {
    let sid = DocumentSid::from_bytes([1; 16]);
    let (yes, no) = (verdict(VerdictKind::Approved), verdict(VerdictKind::Rejected));
    for status in DocumentStatus::ALL {
        let document = document(status, NOW);
        let ends = |outcome, verdict| approvable(outcome, [(&document, verdict)]);
        assert_eq!(ends(Outcome::Approved, Some(&yes)), Ok(()), "{status}");
        assert_eq!(ends(Outcome::ProvisionallyApproved, Some(&yes)), Ok(()), "{status}");
        assert_eq!(ends(Outcome::ProvisionallyApproved, None), Ok(()), "{status}");
        let unjudged =
            if status == DocumentStatus::Approved { Ok(()) } else { Err(NotApprovable::NotJudged(sid)) };
        assert_eq!(ends(Outcome::Approved, None), unjudged, "{status}");
        for outcome in [Outcome::Approved, Outcome::ProvisionallyApproved] {
            assert_eq!(ends(outcome, Some(&no)), Err(NotApprovable::Rejected(sid)), "{status}");
        }
        for verdict in [None, Some(&yes), Some(&no)] {
            assert_eq!(ends(Outcome::Rejected, verdict), Ok(()), "{status}");
        }
    }
    let rejected_since = document(DocumentStatus::Rejected, LATER);
    let result = approvable(Outcome::Approved, [(&rejected_since, Some(&yes))]);
    assert_eq!(result, Err(NotApprovable::RejectedSince(sid)));
}

#[test]
fn texts_of_reviewers_are_bounded() {
    assert_eq!(ReviewText::parse("note", "  Two\nlines ").unwrap().as_str(), "Two\nlines");
    for text in ["", " \n", "a\0b", &"x".repeat(4001)] {
        assert!(ReviewText::parse("note", text).unwrap_err().message.starts_with("Invalid note:"));
    }
}

#[test]
fn an_end_of_validity_is_for_approvals_and_lies_ahead() {
    let decision = |outcome, valid_until| Decision {
        outcome,
        reasons: Vec::new(),
        message: None,
        internal_note: None,
        valid_until,
    };
    for (outcome, valid_until, fine) in [
        (Outcome::Approved, None, true),
        (Outcome::Approved, Some(SOON), true),
        (Outcome::ProvisionallyApproved, Some(SOON), true),
        (Outcome::Approved, Some(NOW), false),
        (Outcome::Rejected, Some(SOON), false),
        (Outcome::Rejected, None, true),
    ] {
        assert_eq!(decision(outcome, valid_until).check(NOW).is_ok(), fine, "{outcome} {valid_until:?}");
    }
}
