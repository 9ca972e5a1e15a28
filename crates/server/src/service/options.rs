//! What the settings mean for each part.

use crate::config::Settings;
use dossier_app::{
    AppOptions, CallbackOptions, CampaignOptions, MailOptions, MailServer, NoticeOptions, RetentionOptions,
    ReviewOptions,
};
use dossier_domain::evaluation::Switches;
use dossier_domain::review::FourEyes;
use dossier_web::WebOptions;
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// Who mail is from in rehearsal mode.
const REHEARSAL_SENDER: &str = "Dossier <dossier@localhost>";
/// What the network of loopback addresses begins with.
const LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 0);

pub(super) fn app_options(settings: &Settings) -> AppOptions {
    let wire = &settings.wire;
    AppOptions {
        evaluation: Switches {
            require_files: wire.require_files,
            check_address_scope: wire.check_address_scope,
        },
        allow_withdraw: wire.allow_withdraw,
        strict_updates: wire.strict_status_update,
        copy_without_end: wire.allow_copy_without_end,
        review: review_options(settings),
        campaigns: CampaignOptions {
            grace: Duration::from_secs(24 * 60 * 60 * settings.review.approvals_grace_days.get() as u64),
        },
        retention: retention_options(settings),
        file_bytes_max: settings.limits.file_bytes_max.get() as u64,
        rehearsal: settings.server.dev,
    }
}

pub(super) fn review_options(settings: &Settings) -> ReviewOptions {
    let review = &settings.review;
    let small = |number: usize| u32::try_from(number).expect("the settings have small bounds");
    ReviewOptions {
        claim: Duration::from_secs(60 * review.case_claim_minutes.get() as u64),
        test_rejection_delay: review.test_rejection_seconds.duration(),
        magic_words: settings.server.dev,
        automatic: review.auto_review.map(|review| review.0),
        four_eyes: FourEyes {
            countries: review.confirm_countries.as_ref().map(|list| list.0.clone()).unwrap_or_default(),
            number_types: review.confirm_number_types.as_ref().map(|list| list.0.clone()).unwrap_or_default(),
            percent: small(review.confirm_percent.get()),
            first_approvals: small(review.confirm_first_approvals.get()),
        },
    }
}

pub(super) fn retention_options(settings: &Settings) -> RetentionOptions {
    let retention = &settings.retention;
    let days = |days: usize| Duration::from_secs(24 * 60 * 60 * days as u64);
    RetentionOptions {
        closed_account: days(retention.closed_account_retention_days.get()),
        deliveries: days(retention.delivery_retention_days.get()),
        undo: Duration::from_secs(60 * retention.erasure_undo_minutes.get() as u64),
    }
}

pub(super) fn notice_options(settings: &Settings) -> NoticeOptions {
    let callbacks = &settings.callbacks;
    let mut allow = callbacks.callback_allow.as_ref().map(|networks| networks.0.clone()).unwrap_or_default();
    if settings.server.dev {
        allow.extend([IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST)), Ipv4Net::new_assert(LOOPBACK, 8).into()]);
    }
    NoticeOptions {
        callbacks: CallbackOptions {
            documented_names: callbacks.callback_documented_names,
            include_in_review: callbacks.callback_in_review,
            retries: u32::try_from(callbacks.callback_retries.get()).unwrap_or(u32::MAX),
            allow,
        },
        mail: mail_options(settings),
    }
}

pub(super) fn mail_options(settings: &Settings) -> Option<MailOptions> {
    let mail = &settings.mail;
    let server = match &mail.smtp_url {
        _ if settings.server.dev => MailServer::Kept,
        Some(url) => MailServer::Smtp(url.0.expose().to_owned()),
        None => return None,
    };
    let from = mail.mail_from.as_ref().map_or(REHEARSAL_SENDER, |sender| &sender.0).to_owned();
    Some(MailOptions { server, from, templates: mail.mail_templates.clone() })
}

pub(super) fn web_options(settings: &Settings) -> WebOptions {
    let limits = &settings.limits;
    WebOptions {
        rehearsal: settings.server.dev,
        public_url: settings.server.public_url.as_ref().map(|url| url.as_str().to_owned()),
        tls: settings.tls().is_some(),
        strict_page_size: settings.wire.strict_page_size,
        form_bytes_max: limits.form_bytes_max.get(),
        requests_per_account_max: limits.account_requests_max.get(),
    }
}
