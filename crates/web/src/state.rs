//! What all handlers share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dossier_app::App;
use dossier_domain::sid::AccountSid;

use crate::WebOptions;
use crate::api::v2::RegulationTexts;
use crate::metrics::Metrics;

/// The service, how it looks, and what is counted about it.
pub(crate) struct Web {
    pub(crate) app: Arc<App>,
    pub(crate) options: WebOptions,
    pub(crate) metrics: Metrics,
    pub(crate) regulations: RegulationTexts,
    in_flight: Mutex<HashMap<AccountSid, usize>>,
}

impl Web {
    pub(crate) fn new(app: Arc<App>, options: WebOptions) -> Self {
        Self {
            app,
            options,
            metrics: Metrics::new(),
            regulations: RegulationTexts::default(),
            in_flight: Mutex::default(),
        }
    }

    /// Takes one of the account's places, or `None` when all are taken.
    pub(crate) fn enter(self: &Arc<Self>, account: AccountSid) -> Option<Place> {
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        let count = in_flight.entry(account).or_default();
        if *count >= self.options.requests_per_account_max {
            return None;
        }
        *count += 1;
        Some(Place { web: Arc::clone(self), account, number: *count })
    }
}

/// One of the places an account has for requests at the same time; given back when dropped.
pub(crate) struct Place {
    web: Arc<Web>,
    pub(crate) account: AccountSid,
    /// How many of the account's requests are worked on, this one counted.
    pub(crate) number: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut in_flight = self.web.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = in_flight.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                in_flight.remove(&self.account);
            }
        }
    }
}
