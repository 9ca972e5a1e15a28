//! The settings as flags of the command line, made from the table.

use super::setting::{Section, Setting};
use super::{Log, Storage, catalogue};
use clap::builder::StyledStr;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Sections that `-h` leaves to `--help`: most people never touch them.
const RARE: [&str; 6] = ["Limits", "Wire compatibility", "Review", "Retention", "Status callbacks", "Log"];

/// What the command line says about settings, not parsed yet.
///
/// Clap could read the environment as well, but reads that of the process only, and could not tell
/// `config check` where a value came from.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The texts by key.
    pub given: BTreeMap<&'static str, String>,
    /// The file of `--config`.
    pub config: Option<PathBuf>,
}

/// The flags of commands that open the storage and serve nothing.
#[derive(Debug, Clone, Default)]
pub struct StorageFlags(pub Flags);

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        add(command, catalogue())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl Args for StorageFlags {
    fn augment_args(command: Command) -> Command {
        add(command, vec![(Storage::TITLE, Storage::settings()), (Log::TITLE, Log::settings())])
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let settings = catalogue().into_iter().flat_map(|(_, settings)| settings);
        // A command with fewer flags does not know the others: that is no fault.
        let text = |key: &str| matches.try_get_one::<String>(key).ok().flatten().cloned();
        let given = settings.filter_map(|setting| Some((setting.key, text(setting.key)?))).collect();
        Ok(Self { given, config: matches.get_one("config").cloned() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl FromArgMatches for StorageFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Flags::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

fn add(command: Command, sections: Vec<(&'static str, Vec<Setting>)>) -> Command {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help("File with settings [variable: DOSSIER_CONFIG] [default: dossier.toml when there is one]");
    let settings =
        sections.into_iter().flat_map(|(title, settings)| settings.into_iter().map(move |s| (title, s)));
    settings
        .filter(|(_, setting)| !setting.environment_only)
        .map(|(title, setting)| flag(title, &setting))
        .fold(command.arg(config), Command::arg)
}

fn flag(title: &'static str, setting: &Setting) -> Arg {
    let arg = Arg::new(setting.key)
        .long(setting.flag())
        .help(short_help(setting))
        .long_help(long_help(setting))
        .help_heading(title)
        .hide_short_help(RARE.contains(&title))
        .value_name(setting.value_name);
    if setting.switch { arg.num_args(0..=1).require_equals(true).default_missing_value("true") } else { arg }
}

fn short_help(setting: &Setting) -> StyledStr {
    let doc = setting.paragraphs().swap_remove(0);
    // As clap does with its own: a phrase in a list has no full stop.
    let doc = doc.trim_end_matches('.');
    match setting.default {
        Some(default) if !setting.switch => format!("{doc} [default: {default}]").into(),
        Some(_) | None => doc.to_owned().into(),
    }
}

fn long_help(setting: &Setting) -> StyledStr {
    let default = setting.default.unwrap_or("none");
    let sources = format!("[variable: {}] [key: {}] [default: {default}]", setting.variable(), setting.key);
    format!("{}\n\n{sources}", setting.paragraphs().join("\n\n")).into()
}
