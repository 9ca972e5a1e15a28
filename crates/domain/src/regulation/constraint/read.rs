//! Recognises the rule that an expression states.
//!
//! A rule is a conjunction of claims about one value. The claims may stand in any order and either
//! way round; anything that no rule says is refused with its reason.

use super::parser::{Expression, Operator, SyntaxError, parse};
use crate::EndUserType;
use crate::regulation::{ADDRESS_SIDS, Pattern, Rule, Text};

/// Which field a constraint belongs to.
#[derive(Debug, Clone, Copy)]
pub struct FieldPlace<'a> {
    /// The machine name of the end-user type or document type that has the field.
    pub object: &'a str,
    /// The kind of end user of the regulation.
    pub end_user_type: EndUserType,
    /// The machine name of the field.
    pub machine_name: &'a str,
}

/// The constraint states no rule that the catalogue has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// It is no expression at all.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// It is one, but no rule says the same.
    #[error("{0}")]
    Inexpressible(String),
}

fn inexpressible<T>(reason: impl Into<String>) -> Result<T, ConstraintError> {
    Err(ConstraintError::Inexpressible(reason.into()))
}

/// The rule of a field, from its constraint. A blank constraint is no rule: the field is optional.
///
/// # Errors
/// [`ConstraintError`] when no rule says exactly that.
pub fn parse_field(text: &str, place: FieldPlace<'_>) -> Result<Rule, ConstraintError> {
    if text.trim().is_empty() {
        return Ok(Rule::Optional);
    }
    let mut claims = Claims::default();
    claims.add(&parse(text)?, place)?;
    claims.rule(place)
}

/// Checks that a constraint says only that an object is there, and perhaps the end user: what the
/// entries of end users and accepted documents say.
///
/// # Errors
/// [`ConstraintError`] when it says anything else.
pub fn parse_presence(text: &str, object: &str, end_user_type: EndUserType) -> Result<(), ConstraintError> {
    let expression = parse(text)?;
    let mut there = false;
    let mut rest = vec![&expression];
    while let Some(expression) = rest.pop() {
        match (expression, compared_with_null(expression)) {
            (Expression::Binary(Operator::And, left, right), _) => rest.extend([&**left, &**right]),
            (_, Some(Expression::Name(name))) if *name == object => there = true,
            (_, Some(Expression::Name(name))) if *name == end_user_type.as_str() => {}
            _ => return inexpressible("it says more than that the end user or the document is there"),
        }
    }
    if there { Ok(()) } else { inexpressible(format!("it does not say that `{object}` is there")) }
}

/// The other side of `… != null`.
fn compared_with_null<'a, 'b>(expression: &'b Expression<'a>) -> Option<&'b Expression<'a>> {
    match expression {
        Expression::Binary(Operator::NotEqual, left, right) => match (&**left, &**right) {
            (Expression::Null, other) | (other, Expression::Null) => Some(other),
            _ => None,
        },
        _ => None,
    }
}

/// What a conjunction claims about the value of a field.
#[derive(Default)]
struct Claims {
    is_there: bool,
    /// At most one other claim: no rule says two things.
    other: Option<Rule>,
}

impl Claims {
    fn add(&mut self, expression: &Expression<'_>, place: FieldPlace<'_>) -> Result<(), ConstraintError> {
        if let Expression::Binary(Operator::And, left, right) = expression {
            self.add(left, place)?;
            return self.add(right, place);
        }
        match compared_with_null(expression) {
            Some(Expression::Name(name)) if *name == place.object => return Ok(()),
            Some(value) if is_value(value, place) => {
                self.is_there = true;
                return Ok(());
            }
            _ => {}
        }
        if self.other.is_some() {
            return inexpressible("no rule makes two claims about a value");
        }
        self.other = Some(claim(expression, place)?);
        Ok(())
    }

    fn rule(self, place: FieldPlace<'_>) -> Result<Rule, ConstraintError> {
        match self.other {
            None if !self.is_there => inexpressible("it says nothing about the field"),
            None if names_addresses(place) => Ok(Rule::Addresses),
            None => Ok(Rule::Required),
            Some(Rule::EqualsEndUser(_) | Rule::NotOlderThan { .. }) if !self.is_there => {
                inexpressible("it holds as well when there is no value: no rule says that")
            }
            Some(rule) => Ok(rule),
        }
    }
}

fn names_addresses(place: FieldPlace<'_>) -> bool {
    place.machine_name == ADDRESS_SIDS && place.object != place.end_user_type.as_str()
}

fn is_value(expression: &Expression<'_>, place: FieldPlace<'_>) -> bool {
    *expression == Expression::Attribute(place.object, place.machine_name)
}

/// What an expression other than `… != null` claims about the value.
fn claim(expression: &Expression<'_>, place: FieldPlace<'_>) -> Result<Rule, ConstraintError> {
    match expression {
        Expression::Binary(Operator::Matches, value, pattern) if is_value(value, place) => match **pattern {
            Expression::Text(pattern) => matching(pattern),
            _ => inexpressible("the pattern must be a text"),
        },
        Expression::Binary(Operator::Equal, left, right) if is_value(left, place) => equal(right, place),
        Expression::Binary(Operator::Equal, left, right) if is_value(right, place) => equal(left, place),
        Expression::Binary(Operator::AtMost, left, right) => match (&**left, &**right) {
            (Expression::MonthsSince(value), Expression::Number(months)) if is_value(value, place) => {
                age(months)
            }
            _ => inexpressible("only `months_since` of the field can be compared with a number"),
        },
        Expression::Binary(Operator::Or, ..) => Ok(Rule::OneOf(alternatives(expression, place)?.into())),
        _ => inexpressible(format!(
            "no rule of the field `{}` of `{}` says that",
            place.machine_name, place.object
        )),
    }
}

fn equal(other: &Expression<'_>, place: FieldPlace<'_>) -> Result<Rule, ConstraintError> {
    match other {
        Expression::Text(value) => Ok(Rule::OneOf([value_of(value)?].into())),
        Expression::Attribute(object, key)
            if *object == place.end_user_type.as_str() && place.object != *object =>
        {
            Ok(Rule::EqualsEndUser((*key).into()))
        }
        _ => inexpressible("a value can only equal a text or a field of the end user"),
    }
}

/// `x == 'A' || x == 'B'`
fn alternatives(expression: &Expression<'_>, place: FieldPlace<'_>) -> Result<Vec<Text>, ConstraintError> {
    match expression {
        Expression::Binary(Operator::Or, left, right) => {
            let mut values = alternatives(left, place)?;
            values.extend(alternatives(right, place)?);
            Ok(values)
        }
        Expression::Binary(Operator::Equal, left, right) => match (&**left, &**right) {
            (value, Expression::Text(text)) | (Expression::Text(text), value) if is_value(value, place) => {
                Ok(vec![value_of(text)?])
            }
            _ => inexpressible("`||` can only stand between texts that the field may equal"),
        },
        _ => inexpressible("`||` can only stand between texts that the field may equal"),
    }
}

/// A blank value counts as none, so a rule that asks for one could never hold.
fn value_of(text: &str) -> Result<Text, ConstraintError> {
    if text.trim().is_empty() { inexpressible("a value cannot be blank") } else { Ok(text.into()) }
}

fn age(months: &str) -> Result<Rule, ConstraintError> {
    match months.parse() {
        Ok(months) if months > 0 => Ok(Rule::NotOlderThan { months }),
        _ => inexpressible("the age of a date is counted in whole months, at least one"),
    }
}

/// An enumeration when the pattern is a list of plain texts, else the pattern.
fn matching(pattern: &str) -> Result<Rule, ConstraintError> {
    if let Some(values) = enumeration(pattern) {
        return Ok(Rule::OneOf(values.into()));
    }
    Pattern::new(pattern).map(Rule::Pattern).or_else(|error| inexpressible(error.to_string()))
}

/// The values of `^(A|B)$`; nothing when one of them is more than a plain text, or blank.
fn enumeration(pattern: &str) -> Option<Vec<Text>> {
    let inside = pattern.strip_prefix("^(")?.strip_suffix(")$")?;
    let mut values = vec![String::new()];
    let mut rest = inside;
    while let Some(letter) = rest.chars().next() {
        let current = values.last_mut().expect("there is always one");
        rest = &rest[letter.len_utf8()..];
        match letter {
            '|' => values.push(String::new()),
            '\\' => rest = escaped(rest, current)?,
            '.' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
            plain => current.push(plain),
        }
    }
    let blank = values.iter().any(|value| value.trim().is_empty());
    (!blank).then(|| values.iter().map(|value| value.as_str().into()).collect())
}

/// Takes the letter that a backslash stood before, or `\x27`, which is how an apostrophe is written.
fn escaped<'a>(rest: &'a str, value: &mut String) -> Option<&'a str> {
    if let Some(rest) = rest.strip_prefix("x27") {
        value.push('\'');
        return Some(rest);
    }
    let letter = rest.chars().next().filter(|letter| letter.is_ascii_punctuation())?;
    // These two are word boundaries in the language of patterns.
    if matches!(letter, '<' | '>') {
        return None;
    }
    value.push(letter);
    Some(&rest[1..])
}
