//! Every setting of Dossier. The comments here are the help texts and the reference page.

use super::review::{AutoReview, Countries, NumberTypes};
use super::secret::Secret;
use super::setting::section;
use super::url::{DatabaseUrl, DocumentsUrl, PublicUrl, SmtpUrl};
use super::value::{Bounded, Networks, Seconds, Sender};
use crate::telemetry::{LogFormat, LogLevel};
use std::net::SocketAddr;
use std::path::PathBuf;

section! {
    /// Where the service listens, and how it starts and stops.
    pub struct Server = "Server" {
        /// Address and port to listen on; port 0 picks a free one.
        ///
        /// The address that was bound is the first line on standard output.
        pub listen: SocketAddr = "127.0.0.1:8080",
        /// Address under which clients reach the service, for the URLs in answers.
        ///
        /// When it is not given, answers name the host of the request.
        pub public_url: Option<PublicUrl>,
        /// PEM file with the certificate chain; serves HTTPS together with `tls_key`.
        pub tls_cert: Option<PathBuf>,
        /// PEM file with the private key of `tls_cert`.
        pub tls_key: Option<PathBuf>,
        /// Rehearsal mode: a ready account and a ready operator, mail is kept; loopback only.
        ///
        /// The account and its token are the same everywhere, so the service refuses to listen on any
        /// address that another machine could reach.
        pub dev: bool = "false",
        /// Threads that serve requests; the number of cores when not given.
        pub worker_threads: Option<Bounded<1, 1024>>,
        /// Do what is to be done outside requests as well: callbacks, mail, reminders.
        ///
        /// Switch it off where `dossier worker` does it on machines of its own.
        pub worker: bool = "true",
        /// Time that requests have to finish after the first signal to stop, in seconds.
        pub shutdown_grace_seconds: Seconds<0, 3600> = "30",
    }
}

section! {
    /// Where things are kept.
    pub struct Storage = "Storage" {
        /// Directory of everything that is not told to be elsewhere: database, documents, key.
        pub data_dir: PathBuf = "./dossier-data",
        /// Database: `sqlite` (in the data directory), `sqlite:FILE` or `postgres://…`.
        pub database_url: DatabaseUrl = "sqlite",
        /// Where uploaded files go: a folder or `s3://BUCKET/PREFIX`; `documents` in the data directory
        /// when not given.
        pub documents_url: Option<DocumentsUrl>,
        /// Directory of catalogue files that replace or add to the built-in ones.
        pub catalogue: Option<PathBuf>,
        /// Key that wraps the data keys of all accounts: 32 bytes in base64 or hexadecimal.
        ///
        /// Older keys may follow behind commas while they are rotated.
        ///
        /// Without it and without `master_key_file`, the embedded default makes a key file in the data
        /// directory. Whoever loses the key loses the data.
        pub master_key: Option<Secret>,
        /// File that holds the master key, readable by its owner only.
        pub master_key_file: Option<PathBuf>,
        /// Connections to the database.
        pub database_connections: Bounded<1, 64> = "8",
        /// Units of work that may wait for the writer of the embedded database; more are answered 503.
        pub write_queue_max: Bounded<16, 65_536> = "4096",
    }
}

section! {
    /// What one client may ask for.
    pub struct Limits = "Limits" {
        /// Size of a form body, in bytes.
        pub form_bytes_max: Bounded<1_024, 10_485_760> = "262144",
        /// Size of an uploaded file, in bytes; 5 MiB as the original, 10 MiB at most.
        pub file_bytes_max: Bounded<1_024, 10_485_760> = "5242880",
        /// Connections open at once; more wait to be accepted.
        ///
        /// The default stays below the 1024 open files that most systems allow a process; raise both.
        pub connections_max: Bounded<1, 1_000_000> = "900",
        /// Time that a client has to send the head of a request, in seconds.
        ///
        /// A connection that is kept alive without a request is closed after the same time.
        pub header_read_timeout_seconds: Seconds<1, 600> = "30",
        /// Time to wait for a client that sends a body or takes an answer, over all waits, in seconds.
        ///
        /// Every 8 KiB that move give one second back, so a slow line is served and a trickle is not.
        pub patience_seconds: Seconds<1, 600> = "30",
        /// Requests that one account may have under way at once; more are answered 429.
        pub account_requests_max: Bounded<1, 100_000> = "100",
    }
}

section! {
    /// Where the original is ambiguous or stricter than most want.
    pub struct Wire = "Wire compatibility" {
        /// Refuse `Status` together with other properties in one update of a bundle (22204).
        pub strict_status_update: bool = "false",
        /// Refuse `PageSize` above 1000 (20007) instead of using 1000.
        pub strict_page_size: bool = "false",
        /// Let a customer take a bundle back to draft until a reviewer has opened it.
        pub allow_withdraw: bool = "false",
        /// Let an approved bundle be copied although its approval has no end (`valid_until`), instead of
        /// refusing it (22223).
        pub allow_copy_without_end: bool = "false",
        /// Count a document without its file as missing in evaluations.
        ///
        /// Switch it off for tests that compare with the original, whose rules never mention files.
        pub require_files: bool = "true",
        /// Check that an address lies in the country the regulation asks for and is no PO box (22219).
        ///
        /// Switch it off for tests that compare with the original, which leaves this to its reviewers.
        pub check_address_scope: bool = "true",
    }
}

section! {
    /// How submitted bundles are reviewed.
    pub struct Review = "Review" {
        /// Time after which a claimed case goes back to the queue by itself, in minutes.
        pub case_claim_minutes: Bounded<1, 10_080> = "30",
        /// Time that a test bundle (`IsTest`) waits for its rejection, in seconds; also that of `auto_review`.
        pub test_rejection_seconds: Seconds<0, 86_400> = "5",
        /// Decide every bundle so, without a person. For test installations only.
        pub auto_review: Option<AutoReview>,
        /// Countries for whose numbers a second person confirms every decision.
        pub confirm_countries: Option<Countries>,
        /// Types of numbers for which a second person confirms every decision.
        pub confirm_number_types: Option<NumberTypes>,
        /// Share of decisions that a second person confirms, in percent; which ones is chance.
        pub confirm_percent: Bounded<0, 100> = "0",
        /// How many approvals under a new revision of a regulation a second person confirms.
        pub confirm_first_approvals: Bounded<0, 10_000> = "0",
        /// Time that older approvals still hold when a new revision of a regulation becomes known that is in
        /// force already, in days.
        ///
        /// Of a revision that is still to come, the catalogue says when they end.
        pub approvals_grace_days: Bounded<0, 3650> = "30",
    }
}

section! {
    /// How long what is kept is kept.
    pub struct Retention = "Retention" {
        /// Time after which a closed account is erased with everything in it and its keys, in days.
        ///
        /// What a customer deletes is erased at once, whatever this says.
        pub closed_account_retention_days: Bounded<0, 3_650> = "30",
        /// Time after which the messages of finished deliveries are removed, in days.
        ///
        /// Their lines in the log stay, with what happened, when, and how it ended.
        pub delivery_retention_days: Bounded<0, 36_500> = "90",
        /// Time in which an erasure can be undone when its request does not say, in minutes; 0 begins at once.
        pub erasure_undo_minutes: Bounded<0, 44_640> = "60",
    }
}

section! {
    /// Status callbacks to customers.
    pub struct Callbacks = "Status callbacks" {
        /// Tries after the first one when a receiver does not take a callback.
        ///
        /// With 4 the last one is 20 hours after the first: the pauses are 2 and 16 minutes, 2 and 17 hours,
        /// and a day from then on.
        pub callback_retries: Bounded<0, 30> = "4",
        /// Networks that may be called although they are not public, such as `10.1.0.0/16,fd00::/8`.
        ///
        /// Anybody with an account can then make the service call any address in them. `--dev` allows
        /// loopback addresses by itself.
        pub callback_allow: Option<Networks>,
        /// Call the parameters `AccountSID` and `BundleSID`, as documented by the original, instead of
        /// `AccountSid` and `BundleSid`, as programs read them.
        pub callback_documented_names: bool = "false",
        /// Tell as well when a reviewer opens a bundle (`in-review`), which the original does not.
        pub callback_in_review: bool = "false",
    }
}

section! {
    /// Mail to customers.
    pub struct Mail = "Mail" {
        /// Mail server, `smtp://USER:PASSWORD@HOST:PORT`; nobody gets mail without one.
        ///
        /// `smtp://` uses STARTTLS: always when there is a password, otherwise when the server offers it.
        /// `smtps://` is TLS from the start.
        pub smtp_url: Option<SmtpUrl>,
        /// Sender of mail, `name@host` or `Name <name@host>`; needed with `smtp_url`.
        pub mail_from: Option<Sender>,
        /// Directory of mail templates that replace the built-in ones of the same name.
        pub mail_templates: Option<PathBuf>,
    }
}

section! {
    /// What the service says about itself, on standard error.
    pub struct Log = "Log" {
        /// `text`, `json`, or `auto`: text on a terminal, JSON otherwise.
        pub log_format: LogFormat = "auto",
        /// Least level that is logged, or a list such as `info,dossier_store=debug`.
        pub log_level: LogLevel = "info",
    }
}
