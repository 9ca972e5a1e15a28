//! What mails say. The built-in templates can be replaced by files of the same name.
//!
//! A mail has two templates: `approved.txt`, whose first line is the subject, and `approved.html`.

use std::path::Path;

use dossier_domain::Timestamp;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::delivery::{MailKind, MailMessage};
use dossier_domain::notice::FailureReason;
use dossier_domain::regulation::Combination;
use dossier_domain::sid::BundleSid;
use dossier_domain::text::Email;
use dossier_domain::{EndUserType, IsoCountry, NumberType};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::RenderedMail;

/// The largest template, in bytes.
const TEMPLATE_BYTES_MAX: u64 = 64 * 1024;

macro_rules! built_in {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("templates/", $name)))),*]
    };
}

/// All templates by name.
const BUILT_IN: [(&str, &str); 17] = built_in!(
    "layout.html"
    "approved.txt" "approved.html"
    "provisionally-approved.txt" "provisionally-approved.html"
    "rejected.txt" "rejected.html"
    "valid-until-set.txt" "valid-until-set.html"
    "rules-changed.txt" "rules-changed.html"
    "valid-until-cleared.txt" "valid-until-cleared.html"
    "valid-until-near.txt" "valid-until-near.html"
    "valid-until-passed.txt" "valid-until-passed.html"
);

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It cannot be read.
    #[error("`{0}` cannot be read")]
    Read(String, #[source] std::io::Error),
    /// It is larger than 64 KiB.
    #[error("`{0}` is larger than 64 KiB")]
    TooLarge(String),
    /// It is written wrongly, or asks for something that is not there.
    #[error("`{0}` is written wrongly")]
    Syntax(String, #[source] minijinja::Error),
    /// Its first line is no subject.
    #[error("`{0}` must begin with the line `Subject: …`, followed by an empty line")]
    NoSubject(String),
}

/// All templates, compiled.
pub(super) struct Templates(Environment<'static>);

impl Templates {
    /// The built-in templates, and over them the files of a directory. Each is tried once, so that a
    /// mistake shows at the start and not with the first mail.
    pub(super) fn load(directory: Option<&Path>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(syntax());
        for (name, built_in) in BUILT_IN {
            let replaced = directory.map(|directory| read(&directory.join(name))).transpose()?.flatten();
            let text = replaced.unwrap_or_else(|| built_in.to_owned());
            environment
                .add_template_owned(name, text)
                .map_err(|error| TemplateError::Syntax(name.to_owned(), error))?;
        }
        let templates = Self(environment);
        for kind in MailKind::SAMPLES {
            for has_more in [true, false] {
                templates.render(BundleSid::from_bytes([0; 16]), &sample(kind, has_more))?;
            }
        }
        Ok(templates)
    }

    pub(super) fn render(
        &self,
        bundle: BundleSid,
        message: &MailMessage,
    ) -> Result<RenderedMail, TemplateError> {
        let (name, context) = (message.kind.as_str(), context(bundle, message));
        let (text_name, html_name) = (format!("{name}.txt"), format!("{name}.html"));
        let text = self.one(&text_name, &context)?;
        let subject_and_text = text.strip_prefix("Subject: ").and_then(|text| text.split_once("\n\n"));
        let Some((subject, text)) = subject_and_text else { return Err(TemplateError::NoSubject(text_name)) };
        // Line breaks and other control characters have no place in a header.
        let subject = subject.split(char::is_control).collect::<Vec<_>>().join(" ");
        let html = self.one(&html_name, &context)?;
        Ok(RenderedMail { subject: subject.trim().to_owned(), text: text.to_owned(), html })
    }

    fn one(&self, name: &str, context: &Value) -> Result<String, TemplateError> {
        let template = self.0.get_template(name);
        let rendered = template.and_then(|template| template.render(context.clone()));
        rendered.map_err(|error| TemplateError::Syntax(name.to_owned(), error))
    }
}

/// What a template can use.
fn context(bundle: BundleSid, message: &MailMessage) -> Value {
    let MailMessage { kind, combination, reason, valid_until, missing, .. } = message;
    let country = &combination.iso_country;
    let reason = reason.clone().unwrap_or_default();
    context! {
        bundle_sid => bundle.to_string(),
        country => country.name().unwrap_or(country.as_str()),
        number_type => combination.number_type.as_str(),
        end_user_type => combination.end_user_type.as_str(),
        status => status(*kind).as_str(),
        reason => Some(reason.text).filter(|text| !text.trim().is_empty()),
        codes => reason.codes,
        valid_until => valid_until.map(day),
        missing,
        days => match kind {
            MailKind::ValidUntilNear(days) => Some(*days),
            _ => None,
        },
    }
}

/// A tag alone on its line leaves no line behind, and a text ends as it is written.
fn syntax() -> SyntaxConfig {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    syntax.build().expect("the delimiters are those of the library")
}

const fn status(kind: MailKind) -> BundleStatus {
    match kind {
        MailKind::ProvisionallyApproved => BundleStatus::ProvisionallyApproved,
        MailKind::Rejected | MailKind::ValidUntilPassed => BundleStatus::Rejected,
        MailKind::Approved
        | MailKind::ValidUntilSet
        | MailKind::RulesChanged
        | MailKind::ValidUntilCleared
        | MailKind::ValidUntilNear(_) => BundleStatus::Approved,
    }
}

/// `24 December 2026, 10:30 UTC`
fn day(time: Timestamp) -> String {
    time.to_jiff().strftime("%-d %B %Y, %H:%M UTC").to_string()
}

fn read(path: &Path) -> Result<Option<String>, TemplateError> {
    let name = || path.display().to_string();
    match std::fs::metadata(path) {
        Ok(file) if file.len() > TEMPLATE_BYTES_MAX => Err(TemplateError::TooLarge(name())),
        Ok(_) => std::fs::read_to_string(path).map(Some).map_err(|error| TemplateError::Read(name(), error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TemplateError::Read(name(), error)),
    }
}

fn sample(kind: MailKind, has_more: bool) -> MailMessage {
    MailMessage {
        to: Email::from_stored("jane@example.com".to_owned()),
        kind,
        combination: Combination {
            iso_country: IsoCountry::parse("DE").expect("it is two letters"),
            number_type: NumberType::Local,
            end_user_type: EndUserType::Business,
        },
        reason: has_more.then(|| FailureReason {
            text: "The passport <has> expired.\nIt & more.".to_owned(),
            codes: vec![18_004],
        }),
        valid_until: has_more.then_some(Timestamp::from_micros(1_800_000_000_000_000)),
        missing: if has_more { vec!["An Email field is <missing>.".to_owned()] } else { Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUNDLE: BundleSid = BundleSid::from_bytes([0xab; 16]);

    fn built_in() -> Templates {
        Templates::load(None).unwrap()
    }

    #[test]
    fn every_mail_says_which_bundle_and_what_for() {
        for kind in MailKind::SAMPLES {
            for has_more in [true, false] {
                let mail = built_in().render(BUNDLE, &sample(kind, has_more)).unwrap();
                let name = kind.as_str();
                assert!(!mail.subject.is_empty() && mail.subject.len() < 120, "{name}: {}", mail.subject);
                for part in [&mail.text, &mail.html] {
                    assert!(part.contains(&BUNDLE.to_string()), "{name}: {part}");
                    assert!(part.contains("Germany") && part.contains("local"), "{name}: {part}");
                    assert!(!part.contains("  \n") && !part.contains("\n\n\n"), "{name}: {part:?}");
                    assert!(!part.contains("jane"), "{name}: {part}");
                }
                assert!(!mail.text.contains("&amp;") && !mail.text.contains('{'), "{name}: {}", mail.text);
                assert!(
                    mail.html.starts_with("<!doctype html>") && mail.html.trim_end().ends_with("</html>")
                );
                assert!(mail.text.ends_with('\n'), "{name}");
            }
        }
    }

    #[test]
    fn reasons_are_in_the_mail_and_cannot_change_its_html() {
        let mail = built_in().render(BUNDLE, &sample(MailKind::Rejected, true)).unwrap();
        assert!(mail.text.contains("The passport <has> expired.\n"), "{}", mail.text);
        assert!(mail.html.contains("The passport &lt;has&gt; expired."), "{}", mail.html);
        assert!(mail.html.contains("It &amp; more."), "{}", mail.html);
        assert!(mail.text.contains("18004") && mail.html.contains("18004"));
    }

    #[test]
    fn days_and_dates_are_for_people() {
        let near = built_in().render(BUNDLE, &sample(MailKind::ValidUntilNear(30), true)).unwrap();
        assert!(near.subject.contains("30 days"), "{}", near.subject);
        assert!(near.text.contains("15 January 2027, 08:00 UTC"), "{}", near.text);
        let tomorrow = built_in().render(BUNDLE, &sample(MailKind::ValidUntilNear(1), true)).unwrap();
        assert!(
            tomorrow.subject.contains("1 day") && !tomorrow.subject.contains("days"),
            "{}",
            tomorrow.subject
        );
    }

    #[test]
    fn files_replace_templates_and_mistakes_are_found_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let load = || Templates::load(Some(folder.path()));
        write("approved.txt", "Subject: Yes to {{ bundle_sid }}\n\nHooray\n");
        let mail = load().unwrap().render(BUNDLE, &sample(MailKind::Approved, false)).unwrap();
        assert_eq!((mail.subject, mail.text), (format!("Yes to {BUNDLE}"), "Hooray\n".to_owned()));
        for (text, expected) in [
            ("Hooray", "must begin with the line `Subject: …`"),
            ("Subject: {{ nothing }}\n\n", "is written wrongly"),
            ("Subject: {% if %}\n\n", "is written wrongly"),
            (&"x".repeat(70_000), "is larger"),
        ] {
            write("approved.txt", text);
            let refused = load().map(drop).unwrap_err().to_string();
            assert!(refused.contains("approved.txt") && refused.contains(expected), "{refused}");
        }
    }
}
