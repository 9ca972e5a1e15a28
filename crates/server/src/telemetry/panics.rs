//! A panic becomes an event of the log instead of free text between the lines.

use std::panic::{self, PanicHookInfo};

/// From now on panics are logged.
pub(super) fn log() {
    panic::set_hook(Box::new(|info| {
        let (place, message) = (place(info), message(info));
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("unnamed");
        tracing::error!(panic.place = place, panic.thread = name, "Panic at {place}: {message}");
    }));
}

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}

fn message<'a>(info: &'a PanicHookInfo<'_>) -> &'a str {
    info.payload_as_str().unwrap_or("no message")
}
