//! What is wrong with a catalogue file.

use std::fmt;

/// Something wrong, with the place where it can be put right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The name of the file, after its directory when it is not one of the built-in files.
    pub file: String,
    /// The line, from 1; nothing when the file as a whole is meant.
    pub line: Option<u32>,
    /// What is wrong.
    pub reason: String,
    /// What probably puts it right.
    pub help: Option<String>,
    /// Whether the catalogue can be used all the same.
    pub severity: Severity,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The catalogue cannot be used.
    Error,
    /// It can be used, but somebody probably meant something else.
    Warning,
}

/// `countries/DE.toml:12: the block `identitty` does not exist`, and a line `  help: …` when there is help.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if self.severity == Severity::Warning {
            f.write_str(": warning")?;
        }
        write!(f, ": {}", self.reason)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// Asks whether the likeliest of the known names was meant; nothing when none is like it.
pub(super) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let distance = |known: &'a str| (strsim::osa_distance(name, known), known);
    // A third of the letters may be wrong, and of short names one.
    let distance_max = (name.chars().count() / 3).max(1);
    let (_, nearest) = known.into_iter().map(distance).filter(|near| near.0 <= distance_max).min()?;
    Some(format!("did you mean `{nearest}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_like_it_are_suggested() {
        let known = ["passport", "power_of_attorney", "email"];
        for (name, suggestion) in [
            ("pasport", Some("did you mean `passport`?")),
            ("power_of_atorneys", Some("did you mean `power_of_attorney`?")),
            ("emial", Some("did you mean `email`?")),
            ("visa", None),
            ("", None),
        ] {
            assert_eq!(did_you_mean(name, known).as_deref(), suggestion, "{name}");
        }
    }

    #[test]
    fn a_problem_is_a_line_and_its_help_another() {
        let mut problem = Problem {
            file: "countries/DE.toml".to_owned(),
            line: Some(12),
            reason: "the block `x` does not exist".to_owned(),
            help: Some("did you mean `y`?".to_owned()),
            severity: Severity::Error,
        };
        let text = "countries/DE.toml:12: the block `x` does not exist\n  help: did you mean `y`?";
        assert_eq!(problem.to_string(), text);
        problem = Problem { line: None, help: None, severity: Severity::Warning, ..problem };
        assert_eq!(problem.to_string(), "countries/DE.toml: warning: the block `x` does not exist");
    }
}
