//! Three sources become one map of texts with origins, and the map becomes [`Settings`].

use super::value::Value;
use super::{
    Callbacks, Flags, Limits, Log, Mail, Retention, Review, Section, Server, Setting, Settings, Storage, Wire,
};
use super::{catalogue, check, file, for_each_section};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

/// The file that is read when no other is named.
const DEFAULT_FILE: &str = "dossier.toml";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// An environment variable.
    Environment,
    /// This line of the file, counted from 1.
    File(PathBuf, usize),
    /// Nowhere.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment => f.write_str("environment"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The text of a setting and where it stood.
#[derive(Debug)]
pub(super) struct Given {
    /// The text as written.
    pub text: String,
    /// Where it stood.
    pub origin: Origin,
}

/// The value of one setting as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The name in the file.
    pub key: &'static str,
    /// The value, without secrets.
    pub shown: String,
    /// Where it came from.
    pub origin: Origin,
}

/// One thing that is wrong, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What to look at: `--listen`, `DOSSIER_LISTEN`, `dossier.toml:3`.
    pub place: String,
    /// What is wrong there, and what would be right.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// Settings that cannot be used, with every reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is refused:{}", self.0.iter().map(|refusal| format!("\n  {refusal}")).collect::<String>())]
pub struct ConfigError(pub Vec<Refusal>);

/// See [`Settings::load`].
pub(super) fn load(
    flags: &Flags,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Settings, ConfigError> {
    let catalogue = catalogue();
    let settings: Vec<&Setting> = catalogue.iter().flat_map(|(_, settings)| settings).collect();
    // An empty variable counts as unset: that is what `VARIABLE=` in a compose file is meant to say.
    let environment: HashMap<String, String> = environment
        .into_iter()
        .filter(|(name, text)| name.starts_with("DOSSIER_") && !text.is_empty())
        .collect();

    let mut resolver = Resolver::new(&settings);
    if let Some(path) = file_path(flags, &environment) {
        resolver.add_file(&path);
    }
    for setting in &settings {
        if let Some(text) = environment.get(&setting.variable()) {
            resolver.add(setting.key, text.clone(), Origin::Environment);
        }
    }
    for (key, text) in &flags.given {
        resolver.add(key, text.clone(), Origin::Flag);
    }
    let mut loaded = resolver.finish()?;
    loaded.warnings.extend(check::unknown_variables(&settings, environment.keys()));
    Ok(loaded)
}

fn file_path(flags: &Flags, environment: &HashMap<String, String>) -> Option<PathBuf> {
    let named = flags.config.clone().or_else(|| environment.get("DOSSIER_CONFIG").map(PathBuf::from));
    named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()))
}

/// Turns texts into values, and keeps every fault on the way.
pub(crate) struct Resolver<'a> {
    settings: BTreeMap<&'static str, &'a Setting>,
    given: HashMap<&'static str, Given>,
    effective: Vec<Effective>,
    refusals: Vec<Refusal>,
}

impl<'a> Resolver<'a> {
    fn new(settings: &[&'a Setting]) -> Self {
        let settings = settings.iter().map(|setting| (setting.key, *setting)).collect();
        Self { settings, given: HashMap::new(), effective: Vec::new(), refusals: Vec::new() }
    }

    /// A later source overwrites an earlier one.
    fn add(&mut self, key: &'static str, text: String, origin: Origin) {
        self.given.insert(key, Given { text, origin });
    }

    fn add_file(&mut self, path: &Path) {
        match file::read(path, &self.settings) {
            Ok(values) => self.given.extend(values),
            Err(refusals) => self.refusals.extend(refusals),
        }
    }

    /// The value of a setting; `None` when its text was refused, which [`Resolver::finish`] reports.
    pub(crate) fn take<T: Value>(&mut self, key: &'static str) -> Option<T> {
        let setting = self.settings[key];
        let given = self.given.get(key);
        let text = given.map(|given| given.text.as_str()).or(setting.default);
        let value = match text {
            Some(text) => T::parse(text).inspect_err(|reason| {
                let shown = if setting.masked { String::new() } else { format!(" `{text}`") };
                let reason = format!("`{key}`{shown} {reason}");
                self.refusals.push(Refusal { place: place(setting, given), reason });
            }),
            None => T::absent().ok_or_else(String::new),
        };
        let value = value.ok()?;
        let origin = given.map_or(Origin::Default, |given| given.origin.clone());
        self.effective.push(Effective { key, shown: value.shown(), origin });
        Some(value)
    }

    fn finish(mut self) -> Result<Settings, ConfigError> {
        macro_rules! resolve {
            ($resolver:expr, $($field:ident: $section:ident),+) => {{
                $(let $field = $section::resolve($resolver);)+
                (|| Some(Settings {
                    $($field: $field?,)+
                    effective: Vec::new(),
                    warnings: Vec::new(),
                }))()
            }};
        }
        let resolved = for_each_section!(resolve!(&mut self));
        let Some(mut settings) = resolved.filter(|_| self.refusals.is_empty()) else {
            return Err(ConfigError(self.refusals));
        };
        settings.effective = std::mem::take(&mut self.effective);
        let place = |key: &str| place(self.settings[key], self.given.get(key));
        let refusals = check::refusals(&settings, &place);
        if !refusals.is_empty() {
            return Err(ConfigError(refusals));
        }
        settings.warnings = check::warnings(&settings);
        Ok(settings)
    }
}

/// What the user should look at to change the setting.
fn place(setting: &Setting, given: Option<&Given>) -> String {
    match given.map(|given| &given.origin) {
        Some(Origin::Environment) => setting.variable(),
        Some(origin @ Origin::File(..)) => origin.to_string(),
        Some(Origin::Flag | Origin::Default) | None => format!("--{}", setting.flag()),
    }
}
