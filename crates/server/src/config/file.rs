//! `dossier.toml`: flat, one key per setting, no tables.

use super::load::{Given, Origin, Refusal};
use super::setting::Setting;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How alike two names must be for one to be a likely slip of the other; the measure of clap's own
/// suggestions, so that flags and keys behave the same.
const LIKENESS_MIN: f64 = 0.7;

type Settings<'a> = BTreeMap<&'static str, &'a Setting>;

/// Reads the file.
///
/// # Errors
/// Every unknown key and every value that cannot be one, with its line.
pub(super) fn read(path: &Path, settings: &Settings<'_>) -> Result<Vec<(&'static str, Given)>, Vec<Refusal>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        vec![Refusal { place: path.display().to_string(), reason: format!("cannot be read: {error}") }]
    })?;
    let at =
        |offset: usize| text.as_bytes()[..offset.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1;
    let refusal = |line: usize, reason| Refusal { place: format!("{}:{line}", path.display()), reason };

    let table = DeTable::parse(&text).map_err(|error| {
        let line = at(error.span().map_or(0, |span| span.start));
        vec![refusal(line, error.message().trim().replace('\n', ", "))]
    })?;
    let mut values = Vec::new();
    let mut refusals = Vec::new();
    for (key, value) in table.get_ref() {
        let line = at(key.span().start);
        match entry(key.get_ref(), value, settings) {
            Ok((key, text)) => {
                values.push((key, Given { text, origin: Origin::File(path.to_owned(), line) }));
            }
            Err(reason) => refusals.push(refusal(line, reason)),
        }
    }
    if refusals.is_empty() { Ok(values) } else { Err(refusals) }
}

fn entry(
    key: &str,
    value: &Spanned<DeValue<'_>>,
    settings: &Settings<'_>,
) -> Result<(&'static str, String), String> {
    let setting = settings.get(key).ok_or_else(|| unknown(key, value, settings))?;
    if setting.environment_only {
        let (variable, file) = (setting.variable(), format!("{key}_file"));
        return Err(format!("`{key}` must not stand in a file; set `{variable}` or `{file}`"));
    }
    match value.get_ref() {
        DeValue::String(text) => Ok((setting.key, text.to_string())),
        DeValue::Integer(number) if number.radix() == 10 => Ok((setting.key, number.as_str().to_owned())),
        DeValue::Boolean(value) => Ok((setting.key, value.to_string())),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => Err(format!("`{key}` must be {}", setting.form)),
    }
}

fn unknown(key: &str, value: &Spanned<DeValue<'_>>, settings: &Settings<'_>) -> String {
    if value.get_ref().is_table() {
        return format!("`[{key}]` is a table, but every key stands at the top, such as `listen = \"…\"`");
    }
    match most_like(key, settings.keys().copied()) {
        Some(known) => format!("unknown key `{key}`; did you mean `{known}`?"),
        None => format!("unknown key `{key}`; `docs/config.md` lists all keys"),
    }
}

/// The known name that the given one is probably meant to be.
pub(super) fn most_like<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |known: &'a str| (strsim::jaro_winkler(name, known), known);
    let best = known.map(likeness).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > LIKENESS_MIN).then_some(best.1)
}
