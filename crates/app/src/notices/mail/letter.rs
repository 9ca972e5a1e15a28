//! The letter itself: headers, and the text in both forms.

use std::time::{Duration, SystemTime};

use dossier_domain::delivery::{Delivery, MailMessage};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use url::Host;

use super::RenderedMail;

/// A letter, the same at every try: receivers that get it twice can tell by its `Message-ID`.
/// `None` when nobody can be written to at that address.
pub(super) fn letter(
    from: &Mailbox,
    delivery: &Delivery,
    message: &MailMessage,
    RenderedMail { subject, text, html }: RenderedMail,
) -> Option<Message> {
    let to = address(message.to.as_str())?;
    let since_1970 = u64::try_from(delivery.created_at.as_micros()).unwrap_or_default();
    let written = SystemTime::UNIX_EPOCH + Duration::from_micros(since_1970);
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .date(written)
        .message_id(Some(format!("<{}@{}>", delivery.sid, from.email.domain())))
        .subject(subject)
        .header(AutoSubmitted)
        .multipart(
            MultiPart::alternative()
                .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text))
                .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html)),
        )
        .ok()
}

/// An address whose host is written in ASCII, as every mail server understands it.
fn address(text: &str) -> Option<Address> {
    let (local, host) = text.rsplit_once('@')?;
    Address::new(local, Host::parse(host).ok()?.to_string()).ok()
}

/// No person wrote this, so nobody's holiday notice should answer it (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dossier_domain::delivery::{DeliveryState, MailKind, Message as Content};
    use dossier_domain::regulation::Combination;
    use dossier_domain::sid::{AccountSid, BundleSid, DeliverySid};
    use dossier_domain::text::Email;
    use dossier_domain::{EndUserType, IsoCountry, NumberType, Timestamp};

    fn written(to: &str, subject: &str, text: &str) -> Option<String> {
        let mail = MailMessage {
            to: Email::from_stored(to.to_owned()),
            kind: MailKind::Approved,
            combination: Combination {
                iso_country: IsoCountry::parse("DE").unwrap(),
                number_type: NumberType::Local,
                end_user_type: EndUserType::Business,
            },
            reason: None,
            valid_until: None,
            missing: Vec::new(),
        };
        let at = Timestamp::from_micros(784_111_777_000_000);
        let delivery = Delivery {
            sid: DeliverySid::from_bytes([0xab; 16]),
            account_sid: AccountSid::from_bytes([2; 16]),
            bundle_sid: BundleSid::from_bytes([3; 16]),
            event: String::new(),
            message: Content::Mail(mail.clone()),
            state: DeliveryState::Waiting,
            attempts: 0,
            failures: 0,
            created_at: at,
            wanted_at: at,
            due_at: at,
            finished_at: None,
        };
        let from = "Compliance <compliance@example.com>".parse().unwrap();
        let rendered =
            RenderedMail { subject: subject.to_owned(), text: text.to_owned(), html: format!("<p>{text}") };
        Some(String::from_utf8(letter(&from, &delivery, &mail, rendered)?.formatted()).unwrap())
    }

    #[test]
    fn a_letter_has_both_forms_and_the_same_id_every_time() {
        let letter = written("jane@example.org", "Approved", "Good news").unwrap();
        let id = format!("Message-ID: <WD{}@example.com>\r\n", "ab".repeat(16));
        for part in [
            "From: Compliance <compliance@example.com>\r\n",
            "To: jane@example.org\r\n",
            "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n",
            &id,
            "Subject: Approved\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "Good news",
            "<p>Good news",
        ] {
            assert!(letter.contains(part), "{part} is not in {letter}");
        }
    }

    #[test]
    fn no_header_can_be_smuggled_in() {
        let letter = written("jane@example.org", "Hi\r\nBcc: evil@example.com\r\n\r\nBody", "x").unwrap();
        let head = letter.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        for to in ["jane@example.org\r\nBcc: evil@example.com", "jane", "jane doe@example.org", ""] {
            assert_eq!(written(to, "x", "x"), None, "{to:?}");
        }
    }

    #[test]
    fn other_scripts_travel_encoded() {
        let letter = written("jane@exämple.org", "Größe 名前", "ä".repeat(2000).as_str()).unwrap();
        assert!(letter.is_ascii() && letter.contains("To: jane@xn--exmple-cua.org\r\n"), "{letter}");
        assert!(letter.lines().all(|line| line.len() < 998), "no line is too long for a mail server");
    }
}
