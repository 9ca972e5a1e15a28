//! Mail about a bundle: text and HTML from templates, handed to a mail server (contract 14.6 row 103).
//!
//! Nothing of what is in a bundle is in a mail, not even its name: mail is read by many eyes on its
//! way. It says which bundle, what happened, why, and what to do next.

mod letter;
mod templates;

use std::time::Duration;

use dossier_domain::delivery::{Delivery, MailMessage};
use lettre::message::Mailbox;
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::time::timeout;
use url::Url;

use self::letter::letter;
pub use self::templates::TemplateError;
use self::templates::Templates;
use super::outcome::{Outcome, Verdict};
use super::{MailOptions, MailServer};

/// How long the server may take for one command.
const COMMAND_MAX: Duration = Duration::from_secs(20);
/// How long it may take for one mail.
const MAIL_MAX: Duration = Duration::from_secs(60);
/// Connections to the server.
const CONNECTIONS_MAX: u32 = 8;

/// Why no mail can be sent with these settings.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address of the server; it is not repeated, because it may hold a password.
    #[error("the address of the mail server cannot be used: {0}")]
    Server(&'static str),
    /// The sender.
    #[error("`{0}` cannot be the sender of mail; it must be `name@host` or `Name <name@host>`")]
    Sender(String),
    /// A template.
    #[error("a mail template cannot be used")]
    Template(#[from] TemplateError),
}

/// Writes mails and hands them over.
pub(super) struct Mailer {
    from: Mailbox,
    templates: Templates,
    transport: Transport,
}

enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Kept,
}

/// A mail as its reader sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// Its subject, in one line.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl Mailer {
    pub(super) fn open(options: &MailOptions) -> Result<Self, MailError> {
        let from = options.from.parse().map_err(|_| MailError::Sender(options.from.clone()))?;
        let transport = match &options.server {
            MailServer::Smtp(url) => Transport::Smtp(transport(url)?),
            MailServer::Kept => Transport::Kept,
        };
        Ok(Self { from, templates: Templates::load(options.templates.as_deref())?, transport })
    }

    /// The mail as its reader sees it.
    pub(super) fn render(
        &self,
        delivery: &Delivery,
        message: &MailMessage,
    ) -> Result<RenderedMail, TemplateError> {
        self.templates.render(delivery.bundle_sid, message)
    }

    /// Tries to hand a mail over.
    pub(super) async fn send(&self, delivery: &Delivery, message: &MailMessage) -> Outcome {
        let Ok(rendered) = self.render(delivery, message) else {
            return Outcome::again("template failed");
        };
        let Some(letter) = letter(&self.from, delivery, message, rendered) else {
            return Outcome::hopeless("address cannot be written to");
        };
        let transport = match &self.transport {
            Transport::Kept => return Outcome::delivered("kept for the rehearsal"),
            Transport::Smtp(transport) => transport,
        };
        match timeout(MAIL_MAX, transport.send(letter)).await {
            Ok(Ok(_)) => Outcome::delivered("accepted by the mail server"),
            Ok(Err(error)) => judged(&error),
            Err(_) => Outcome::again("mail server timeout"),
        }
    }
}

fn transport(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let url = with_tls(url).ok_or(MailError::Server("it is no URL"))?;
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str());
    // The library's own words quote the address.
    let builder =
        builder.map_err(|_| MailError::Server("it is not smtp://… or smtps://…, or its TLS is unknown"))?;
    let pool = PoolConfig::new().max_size(CONNECTIONS_MAX);
    Ok(builder.timeout(Some(COMMAND_MAX)).pool_config(pool).build())
}

/// `smtp://` means STARTTLS: always when there is a password, and otherwise whenever the server offers
/// it. `?tls=` in the address says otherwise.
fn with_tls(url: &str) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    let is_said = url.query_pairs().any(|(name, _)| name == "tls");
    if url.scheme() == "smtp" && !is_said {
        let tls = if url.password().is_some() { "required" } else { "opportunistic" };
        url.query_pairs_mut().append_pair("tls", tls);
    }
    Some(url)
}

/// What a failure means. A server that does not let us in may be set up again; one that does not take
/// this mail never will.
fn judged(error: &SmtpError) -> Outcome {
    let Some(code) = error.status().map(u16::from) else {
        let words = if error.is_timeout() { "mail server timeout" } else { "mail server not reached" };
        return Outcome::again(words);
    };
    let is_about_us = matches!(code, 530..=539);
    let verdict = if error.is_permanent() && !is_about_us { Verdict::Hopeless } else { Verdict::Again };
    Outcome { words: format!("reply {code}").into(), status: Some(code), verdict }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_travels_in_the_clear_unless_it_is_said() {
        for (url, expected) in [
            ("smtp://mail.example.com", "smtp://mail.example.com?tls=opportunistic"),
            ("smtp://u:p@mail.example.com:587", "smtp://u:p@mail.example.com:587?tls=required"),
            (
                "smtp://u:p@mail.example.com?tls=opportunistic",
                "smtp://u:p@mail.example.com?tls=opportunistic",
            ),
            ("smtps://u:p@mail.example.com", "smtps://u:p@mail.example.com"),
        ] {
            assert_eq!(with_tls(url).unwrap().as_str(), expected);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_used_is_said_at_the_start() {
        let open = |server: &str, from: &str| {
            let server = MailServer::Smtp(server.to_owned());
            Mailer::open(&MailOptions { server, from: from.to_owned(), templates: None }).map(drop)
        };
        assert!(open("smtp://mail.example.com", "Compliance <a@example.com>").is_ok());
        assert!(open("smtps://u:p@mail.example.com:465", "a@example.com").is_ok());
        assert!(matches!(open("smtp://mail.example.com", "nobody"), Err(MailError::Sender(_))));
        let refused = open("http://u:secret@mail.example.com", "a@example.com").unwrap_err();
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}
