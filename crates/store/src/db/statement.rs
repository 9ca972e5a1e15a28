//! Lists of statements, so that tests can walk them.

/// Declares statements as constants, and `STATEMENTS`, the list of them.
///
/// Tests prepare each on both engines and look at its plan; a new statement is covered by being here.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*
        /// Every statement of this module with its name.
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((concat!(module_path!(), "::", stringify!($name)), $name),)*];
    };
}

/// The parameters of a statement, in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::db::ToValue::to_value(&$value)),*] };
}

pub(crate) use {params, statements};
