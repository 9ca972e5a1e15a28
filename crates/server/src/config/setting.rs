//! One table of settings, from which flags, file keys, variables, defaults and the reference page come.
//!
//! The rule that users learn: the key `data_dir` of the file is the flag `--data-dir` and the variable
//! `DOSSIER_DATA_DIR`.

use super::load::Resolver;

/// One setting, as its declaration describes it.
#[derive(Debug)]
pub struct Setting {
    /// The name in the file, in snake case.
    pub key: &'static str,
    /// The text that counts when the setting is given nowhere.
    pub default: Option<&'static str>,
    /// The doc comment of the field.
    pub doc: &'static str,
    /// What stands for the value in help texts.
    pub value_name: &'static str,
    /// What the text must look like.
    pub form: String,
    /// Whether the flag may stand alone.
    pub switch: bool,
    /// Whether there is neither flag nor file key.
    pub environment_only: bool,
    /// Whether the text as written must not be repeated in messages.
    pub masked: bool,
}

impl Setting {
    /// The name of the flag without the dashes.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The name of the environment variable.
    pub fn variable(&self) -> String {
        format!("DOSSIER_{}", self.key.to_ascii_uppercase())
    }

    /// The doc comment as paragraphs of one line each.
    pub fn paragraphs(&self) -> Vec<String> {
        let paragraph = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.doc.split("\n\n").map(paragraph).filter(|text| !text.is_empty()).collect()
    }
}

/// A struct of settings that belong together.
pub(crate) trait Section: Sized {
    /// The heading in help texts and on the reference page.
    const TITLE: &'static str;

    /// The settings in the order of their declaration.
    fn settings() -> Vec<Setting>;

    /// Takes the values; the resolver keeps what was wrong when there is no result.
    fn resolve(resolver: &mut Resolver<'_>) -> Option<Self>;
}

/// Declares a section: an ordinary struct, where a default follows the type and the doc comments are
/// kept for help texts and the reference page.
macro_rules! section {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident = $title:literal {
            $($(#[doc = $doc:literal])+ pub $key:ident: $type:ty $(= $default:literal)?,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $key: $type,)+
        }

        impl $crate::config::setting::Section for $name {
            const TITLE: &'static str = $title;

            fn settings() -> Vec<$crate::config::setting::Setting> {
                use $crate::config::value::Value;
                vec![$($crate::config::setting::Setting {
                    key: stringify!($key),
                    default: [$($default,)?].first().copied(),
                    doc: concat!($($doc, "\n",)+),
                    value_name: <$type>::NAME,
                    form: <$type>::form(),
                    switch: <$type>::SWITCH,
                    environment_only: <$type>::ENVIRONMENT_ONLY,
                    masked: <$type>::MASKED,
                },)+]
            }

            fn resolve(resolver: &mut $crate::config::load::Resolver<'_>) -> Option<Self> {
                // Every value is taken before the first `?`, so that all faults are told at once.
                $(let $key = resolver.take(stringify!($key));)+
                Some(Self { $($key: $key?,)+ })
            }
        }
    };
}
pub(crate) use section;
