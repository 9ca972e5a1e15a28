//! What is counted. Labels are routes, methods and statuses: few values, none of them personal.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use dossier_app::DeliveryCount;
use dossier_domain::delivery::DeliveryState;
use http::Method;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds in seconds, around the half millisecond most requests take.
const BOUNDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    queued: Gauge<i64, AtomicI64>,
    deliveries: Family<Delivery, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivery {
    channel: &'static str,
    outcome: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("dossier");
        let requests = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(BOUNDS)) as fn() -> Histogram);
        let queued = Gauge::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to answer",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register(
            "database_queued_units",
            "Units of work that wait for the database",
            queued.clone(),
        );
        let deliveries = Family::default();
        registry.register("delivery_attempts", "Callbacks and mails that were tried", deliveries.clone());
        Self { registry, requests, durations, queued, deliveries }
    }

    /// Counts an answered request. `route` is the pattern, never the path.
    pub(crate) fn observe(&self, method: &Method, route: &str, status: u16, took: Duration) {
        // Anybody can invent methods; each would be a series of its own.
        let known = [Method::GET, Method::HEAD, Method::POST, Method::DELETE].contains(method);
        let method = if known { method.as_str() } else { "other" };
        let request =
            Request { method: method.to_owned(), route: route.to_owned(), status: u32::from(status) };
        self.requests.get_or_create(&request).inc();
        self.durations.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// Takes over what the worker has counted. `retried` is a try that will be followed by another.
    fn count_deliveries(&self, counts: &[DeliveryCount]) {
        for count in counts {
            let outcome = match count.state {
                DeliveryState::Delivered => "delivered",
                DeliveryState::Waiting => "retried",
                DeliveryState::Dead => "dead",
            };
            let labels = Delivery { channel: count.channel.as_str(), outcome };
            self.deliveries.get_or_create(&labels).inner().store(count.tries, Ordering::Relaxed);
        }
    }

    /// Everything counted so far, as text.
    pub(crate) fn encode(&self, queued_units: usize, deliveries: &[DeliveryCount]) -> String {
        self.count_deliveries(deliveries);
        self.queued.set(i64::try_from(queued_units).unwrap_or(i64::MAX));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)
            .expect("writing to a string cannot fail");
        text
    }
}
