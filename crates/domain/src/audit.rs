//! Audit events: who did what, when, to what, and under which rule. Never anything personal.

pub mod chain;

use crate::Timestamp;
use crate::sid::{AccountSid, AnySid, ApiKeySid, AuditEventSid, OperatorSid, RequestSid};

/// One event. It is written by the transaction that makes the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its identifier.
    pub sid: AuditEventSid,
    /// Whose data was touched.
    pub account_sid: AccountSid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To what.
    pub target: AnySid,
    /// With which result.
    pub outcome: Outcome,
    /// In which request.
    pub request: RequestSid,
    /// Which revision of the regulation was used, where one was.
    pub rule_revision: Option<u32>,
}

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// An account, with its own credentials.
    Account(AccountSid),
    /// An account, with one of its API keys.
    ApiKey(ApiKeySid),
    /// An operator, with its own token.
    Operator(OperatorSid),
    /// Somebody at the command line of the machine.
    CommandLine,
    /// Nobody: a rule of the installation, or the passing of time.
    Policy,
}

impl Actor {
    /// The text that is stored.
    pub fn text(self) -> String {
        match self {
            Self::Account(sid) => sid.to_string(),
            Self::ApiKey(sid) => sid.to_string(),
            Self::Operator(sid) => sid.to_string(),
            Self::CommandLine => "command-line".to_owned(),
            Self::Policy => "policy".to_owned(),
        }
    }
}

impl Actor {
    /// Parses a stored text.
    pub fn parse(text: &str) -> Option<Self> {
        match AnySid::parse(text).ok() {
            Some(sid) => sid.of_kind().map(Self::Account).or_else(|| sid.of_kind().map(Self::Operator)),
            None => [Self::CommandLine, Self::Policy].into_iter().find(|actor| actor.text() == text),
        }
    }
}

/// Whether what was asked for happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Done,
    /// A rule forbade it, and that was recorded, such as a submission that is not compliant.
    Refused,
}

impl Outcome {
    /// The text that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// What can happen. The text is `noun.verb` and never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// The text that is stored.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Parses a stored text.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

actions! {
    /// An account was made.
    AccountCreated "account.create";
    /// An account got a new auth token.
    TokenRotated "account.rotate-token";
    /// An account got another name.
    AccountUpdated "account.update";
    /// An account was closed for good.
    AccountClosed "account.close";
    /// An API key was made.
    ApiKeyCreated "api-key.create";
    /// An API key got another name.
    ApiKeyUpdated "api-key.update";
    /// An API key was deleted, and works no longer.
    ApiKeyDeleted "api-key.delete";
    /// A bundle was made.
    BundleCreated "bundle.create";
    /// A bundle's name or contact changed.
    BundleUpdated "bundle.update";
    /// A bundle was handed over to review, or refused at that.
    BundleSubmitted "bundle.submit";
    /// A bundle went back to draft.
    BundleReopened "bundle.reopen";
    /// A bundle got an end of validity, another one, or none.
    ValiditySet "bundle.set-valid-until";
    /// The validity of a bundle ended, and so it was rejected.
    BundleExpired "bundle.expire";
    /// A bundle was deleted.
    BundleDeleted "bundle.delete";
    /// A bundle was copied; what was made of it is recorded by itself.
    BundleCopied "bundle.copy";
    /// A bundle was cloned, perhaps for another account; what was made of it is recorded there by itself.
    BundleCloned "bundle.clone";
    /// The items of a bundle were replaced by those of a copy of it.
    ItemsReplaced "bundle.replace-items";
    /// A bundle was evaluated.
    BundleEvaluated "bundle.evaluate";
    /// An operator asked what a bundle would be told, without an evaluation that is kept.
    BundleTried "bundle.dry-run";
    /// An item was put into a bundle.
    ItemAssigned "bundle.assign-item";
    /// An item was taken out of a bundle.
    ItemRemoved "bundle.remove-item";
    /// An end user was made.
    EndUserCreated "end-user.create";
    /// An end user changed.
    EndUserUpdated "end-user.update";
    /// An end user was deleted.
    EndUserDeleted "end-user.delete";
    /// A document was made.
    DocumentCreated "document.create";
    /// A document changed.
    DocumentUpdated "document.update";
    /// A document was deleted.
    DocumentDeleted "document.delete";
    /// An address was made.
    AddressCreated "address.create";
    /// An address changed.
    AddressUpdated "address.update";
    /// An address was deleted.
    AddressDeleted "address.delete";
    /// An operator began to work on a case.
    CaseClaimed "case.claim";
    /// An operator gave a case back.
    CaseReleased "case.release";
    /// The time for which a case was claimed was over.
    CaseClaimEnded "case.end-claim";
    /// An operator judged a document.
    DocumentJudged "document.judge";
    /// An operator decided a case, and a second person has to confirm that.
    DecisionProposed "case.propose";
    /// A second person confirmed what was decided.
    DecisionConfirmed "case.confirm";
    /// A second person did not confirm what was decided.
    DecisionSentBack "case.send-back";
    /// Review approved a bundle.
    BundleApproved "bundle.approve";
    /// Review rejected a bundle.
    BundleRejected "bundle.reject";
    /// Review approved a bundle for the time being.
    BundleProvisionallyApproved "bundle.approve-provisionally";
    /// An operator looked at a document's file.
    FileViewed "document.view-file";
    /// An operator looked at a case with the personal data in it.
    CaseViewed "case.view";
    /// An account may not act for now.
    AccountSuspended "account.suspend";
    /// A suspended account may act again.
    AccountActivated "account.activate";
    /// An operator looked at a delivery with its address and its text.
    DeliveryViewed "delivery.view";
    /// An operator wanted something to be delivered again.
    DeliveryWanted "delivery.redeliver";
    /// An operator was made.
    OperatorCreated "operator.create";
    /// An operator's token stopped working.
    OperatorRevoked "operator.revoke";
    /// A number was registered, or is leased with something else.
    NumberRegistered "number.register";
    /// What a leased number is to do changed, and nothing that rules are about.
    NumberUpdated "number.update";
    /// A number was taken out of the register.
    NumberReleased "number.release";
    /// A catalogue brought a revision, and what it means is carried to the bundles it concerns.
    CampaignOpened "campaign.open";
    /// An operator paused a campaign.
    CampaignPaused "campaign.pause";
    /// An operator let a campaign go on.
    CampaignResumed "campaign.resume";
    /// An operator takes a campaign back.
    CampaignCancelled "campaign.cancel";
    /// Something may be neither changed nor erased from now on.
    HoldSet "legal-hold.set";
    /// A legal hold ended.
    HoldReleased "legal-hold.release";
    /// An operator, or a term of retention, wanted somebody's data erased.
    ErasureRequested "erasure.request";
    /// An erasure was called off before it began.
    ErasureUndone "erasure.undo";
    /// The content of an object was removed, and so was every copy of it.
    ObjectErased "erasure.erase";
    /// An erasure is complete, and nothing of it is left on the disk.
    ErasureFinished "erasure.finish";
    /// Messages of the delivery log were emptied, because they were old enough.
    DeliveriesEmptied "retention.empty-deliveries";
    /// The data keys were wrapped by another master key.
    KeysRotated "keys.rotate";
    /// Somebody began to copy everything into a backup.
    BackupTaken "backup.take";
    /// The installation was restored from a backup, whose events end here.
    BackupRestored "backup.restore";
}
