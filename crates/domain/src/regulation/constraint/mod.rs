//! The constraint strings of the wire (contract section 5.2): written from rules, and read back.
//!
//! The strings are boolean expressions in a language like JEXL over the machine names of the
//! end-user type and the document types, each a map of attributes. They are for people and for
//! programs that already read them; our own evaluation uses the typed rules. Reading is for
//! catalogues that were exported from an account: [`parse_field`] recognises the rules there are
//! and refuses everything else, so that no rule is ever guessed. What is written reads back as the
//! same rule.

mod lexer;
mod parser;
mod read;
mod render;
#[cfg(test)]
mod tests;

pub use parser::{Expression, Operator, SyntaxError, parse};
pub use read::{ConstraintError, FieldPlace, parse_field, parse_presence};
pub use render::{of_document, of_end_user, of_field};

/// The one function of the language. It is ours: no rule about the age of a date was ever seen.
const MONTHS_SINCE: &str = "months_since";
