//! Types of settings: how each is written, read and shown.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// A type that a setting can have.
pub trait Value: Sized {
    /// Whether the flag may stand alone, meaning `true`.
    const SWITCH: bool = false;
    /// Whether the value is a secret: taken from the environment only, because the command line shows
    /// up in `ps` and the file in backups.
    const ENVIRONMENT_ONLY: bool = false;
    /// Whether the text as written must not be repeated in messages.
    const MASKED: bool = false;

    /// What stands for the value in help texts.
    const NAME: &'static str;

    /// What the text must look like, for help texts and refusals: `a number from 1 to 64`.
    fn form() -> String;

    /// Reads the text.
    ///
    /// # Errors
    /// The reason in words that follow the setting's name: `must be …`.
    fn parse(text: &str) -> Result<Self, String>;

    /// The value as `config check` prints it; never contains a secret.
    fn shown(&self) -> String;

    /// The value of a setting that is given nowhere and has no default.
    fn absent() -> Option<Self> {
        None
    }
}

fn must_be<T: Value>() -> String {
    format!("must be {}", T::form())
}

/// A setting that may be left out; `config check` shows it as `-`.
impl<T: Value> Value for Option<T> {
    const SWITCH: bool = T::SWITCH;
    const ENVIRONMENT_ONLY: bool = T::ENVIRONMENT_ONLY;
    const MASKED: bool = T::MASKED;
    const NAME: &'static str = T::NAME;

    fn form() -> String {
        T::form()
    }

    fn parse(text: &str) -> Result<Self, String> {
        T::parse(text).map(Some)
    }

    fn shown(&self) -> String {
        self.as_ref().map_or_else(|| "-".to_owned(), T::shown)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl Value for bool {
    const SWITCH: bool = true;
    const NAME: &'static str = "BOOL";

    fn form() -> String {
        "true or false".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(must_be::<Self>()),
        }
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

/// An address to listen on; `localhost` stands for 127.0.0.1.
impl Value for SocketAddr {
    const NAME: &'static str = "ADDR";

    fn form() -> String {
        "an IP address and a port, such as `127.0.0.1:8080` or `[::]:8080`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        if let Some(port) = text.strip_prefix("localhost:") {
            let port = port.parse().map_err(|_| must_be::<Self>())?;
            return Ok(Self::from((Ipv4Addr::LOCALHOST, port)));
        }
        text.parse().map_err(|_| must_be::<Self>())
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Value for PathBuf {
    const NAME: &'static str = "PATH";

    fn form() -> String {
        "a path".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err(must_be::<Self>()) } else { Ok(Self::from(text)) }
    }

    fn shown(&self) -> String {
        self.display().to_string()
    }
}

/// A whole number between two bounds, which belong to the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounded<const MIN: usize, const MAX: usize>(usize);

impl<const MIN: usize, const MAX: usize> Bounded<MIN, MAX> {
    /// The number.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl<const MIN: usize, const MAX: usize> Value for Bounded<MIN, MAX> {
    const NAME: &'static str = "NUMBER";

    fn form() -> String {
        format!("a whole number from {MIN} to {MAX}")
    }

    fn parse(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().filter(|number| (MIN..=MAX).contains(number));
        number.map(Self).ok_or_else(must_be::<Self>)
    }

    fn shown(&self) -> String {
        self.0.to_string()
    }
}

/// A length of time in whole seconds between two bounds, which belong to the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds<const MIN: usize, const MAX: usize>(Bounded<MIN, MAX>);

impl<const MIN: usize, const MAX: usize> Seconds<MIN, MAX> {
    /// The length of time.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0.get() as u64)
    }
}

impl<const MIN: usize, const MAX: usize> Value for Seconds<MIN, MAX> {
    const NAME: &'static str = "SECONDS";

    fn form() -> String {
        Bounded::<MIN, MAX>::form()
    }

    fn parse(text: &str) -> Result<Self, String> {
        Bounded::parse(text).map(Self)
    }

    fn shown(&self) -> String {
        self.0.shown()
    }
}

/// Networks, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl Value for Networks {
    const NAME: &'static str = "NETWORKS";

    fn form() -> String {
        "networks or addresses behind commas, such as `10.1.0.0/16,fd00::/8`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let one = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok();
        let networks: Option<Vec<IpNet>> = text.split(',').map(|part| one(part.trim())).collect();
        networks.map(Self).ok_or_else(must_be::<Self>)
    }

    fn shown(&self) -> String {
        self.0.iter().map(IpNet::to_string).collect::<Vec<_>>().join(",")
    }
}

/// The sender of mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub String);

impl Value for Sender {
    const NAME: &'static str = "SENDER";

    fn form() -> String {
        "`name@host` or `Name <name@host>`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let plausible = text.contains('@') && !text.contains(char::is_control);
        plausible.then(|| Self(text.to_owned())).ok_or_else(must_be::<Self>)
    }

    fn shown(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_need_a_port() {
        for (text, expected) in [
            ("127.0.0.1:0", Some("127.0.0.1:0")),
            ("localhost:80", Some("127.0.0.1:80")),
            ("[::1]:8080", Some("[::1]:8080")),
            ("127.0.0.1", None),
            ("8080", None),
            (":8080", None),
            ("localhost:http", None),
            ("", None),
        ] {
            assert_eq!(SocketAddr::parse(text).ok().map(|a| a.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_bounds() {
        type Small = Bounded<2, 9>;
        for (text, expected) in
            [("1", None), ("2", Some(2)), ("9", Some(9)), ("10", None), ("-3", None), ("2.5", None)]
        {
            assert_eq!(Small::parse(text).ok().map(Small::get), expected, "{text}");
        }
        assert_eq!(Small::parse("x"), Err("must be a whole number from 2 to 9".to_owned()));
    }

    #[test]
    fn networks_are_written_as_usual() {
        for (text, expected) in [
            ("10.1.0.0/16", Some("10.1.0.0/16")),
            ("10.1.0.0/16, fd00::/8", Some("10.1.0.0/16,fd00::/8")),
            ("127.0.0.1", Some("127.0.0.1/32")),
            ("::1", Some("::1/128")),
            ("10.1.0.0/33", None),
            ("localhost", None),
            ("10.1.0.0/16,", None),
            ("", None),
        ] {
            assert_eq!(Networks::parse(text).ok().map(|n| n.shown()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_may_be_left_out_is_absent() {
        assert_eq!(Option::<bool>::absent(), Some(None));
        assert_eq!(bool::absent(), None);
        assert_eq!(None::<bool>.shown(), "-");
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read_back(number in 1..=64_usize, seconds in 1..=600_usize, switch: bool) {
            prop_assert_eq!(Bounded::<1, 64>::parse(&number.to_string()).unwrap().shown(), number.to_string());
            prop_assert_eq!(Seconds::<1, 600>::parse(&seconds.to_string()).unwrap().duration().as_secs(), seconds as u64);
            prop_assert_eq!(bool::parse(&switch.shown()), Ok(switch));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (SocketAddr::parse(&text), Bounded::<1, 64>::parse(&text), bool::parse(&text));
        }
    }
}
