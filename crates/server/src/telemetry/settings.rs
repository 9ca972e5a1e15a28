//! The settings of the log.

use crate::config::Value;
use tracing_subscriber::filter::Targets;

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

impl LogFormat {
    /// The format for a standard error that is a terminal or not; never [`LogFormat::Auto`].
    pub fn on(self, terminal: bool) -> Self {
        match self {
            Self::Auto if terminal => Self::Text,
            Self::Auto => Self::Json,
            Self::Text | Self::Json => self,
        }
    }

    /// How to say that this many events were dropped.
    pub(super) fn lost_lines(self) -> fn(u64) -> String {
        match self {
            Self::Json => |lines| {
                format!(
                    "{{\"level\":\"warn\",\"message\":\"{lines} log lines were dropped\",\"log.lines_dropped\":{lines}}}\n"
                )
            },
            Self::Text | Self::Auto => |lines| format!("WARN {lines} log lines were dropped\n"),
        }
    }
}

impl Value for LogFormat {
    const NAME: &'static str = "FORMAT";

    fn form() -> String {
        "`auto`, `text` or `json`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("must be {}", Self::form())),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "json",
        }
        .to_owned()
    }
}

/// Which events are written: one level, or levels per module.
#[derive(Debug, Clone)]
pub struct LogLevel {
    text: String,
    filter: Targets,
}

impl LogLevel {
    /// The filter. Fixed per module, so that `tracing` decides once per place in the code and an event
    /// that is off costs nothing.
    pub(super) fn filter(&self) -> Targets {
        self.filter.clone()
    }
}

impl Value for LogLevel {
    const NAME: &'static str = "LEVEL";

    fn form() -> String {
        "`error`, `warn`, `info`, `debug`, `trace`, `off`, or a list such as `info,dossier_store=debug`"
            .to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        // The parser takes a bare word for a module to log in full: `loud` would be accepted silently.
        let is_level = |word: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&word);
        let clear = text.split(',').all(|part| is_level(part.rsplit('=').next().unwrap_or_default().trim()));
        let filter = text.parse().ok().filter(|_| clear);
        let filter = filter.ok_or_else(|| format!("must be {}", Self::form()))?;
        Ok(Self { text: text.to_owned(), filter })
    }

    fn shown(&self) -> String {
        self.text.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_asks_for_a_terminal() {
        for (format, on_terminal, otherwise) in [
            (LogFormat::Auto, LogFormat::Text, LogFormat::Json),
            (LogFormat::Text, LogFormat::Text, LogFormat::Text),
            (LogFormat::Json, LogFormat::Json, LogFormat::Json),
        ] {
            assert_eq!((format.on(true), format.on(false)), (on_terminal, otherwise));
            assert_eq!(LogFormat::parse(&format.shown()), Ok(format));
        }
    }

    #[test]
    fn levels_are_words_or_lists() {
        for (text, accepted) in [
            ("info", true),
            ("off", true),
            ("info,dossier_store=debug", true),
            ("warn, hyper=off", true),
            ("loud", false),
            ("dossier_store", false),
            ("dossier_store=loud", false),
            ("", false),
        ] {
            assert_eq!(LogLevel::parse(text).is_ok(), accepted, "{text}");
        }
    }
}
