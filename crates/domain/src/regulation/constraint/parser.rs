//! Reads a constraint string as an expression (contract 14.4 row 80).
//!
//! `||` binds weaker than `&&`, that weaker than the comparisons, and those weaker than `!`.

use super::MONTHS_SINCE;
use super::lexer::{self, Token};

/// A constraint as a tree. Text is borrowed from the string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression<'a> {
    /// `null`
    Null,
    /// `'text'` or `"text"`, to the letter.
    Text(&'a str),
    /// `3` or `2.5`, as written.
    Number(&'a str),
    /// `business`
    Name(&'a str),
    /// `business['business_name']` or `business.business_name`
    Attribute(&'a str, &'a str),
    /// `months_since(…)`, the calendar months from a date to today.
    MonthsSince(Box<Expression<'a>>),
    /// `!…`
    Not(Box<Expression<'a>>),
    /// Two sides and what stands between them.
    Binary(Operator, Box<Expression<'a>>, Box<Expression<'a>>),
}

/// What stands between two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`: the regular expression on the right matches somewhere in the left.
    Matches,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `>`
    Above,
}

/// Each level of the grammar with its operators, weakest first.
const LEVELS: [&[(&str, Operator)]; 3] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("=~", Operator::Matches),
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("<", Operator::Below),
        (">", Operator::Above),
    ],
];

/// The text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct SyntaxError {
    /// Where, in bytes from the beginning.
    pub offset: usize,
    /// What was expected, or what is wrong.
    pub reason: &'static str,
}

/// The longest constraint that is read, in bytes.
const BYTES_MAX: usize = 16 * 1024;
/// How deep brackets and negations may nest: reading is recursive, and the stack is not endless.
const DEPTH_MAX: usize = 32;
/// How many operators there may be: the tree is as deep as a chain of them is long.
const OPERATORS_MAX: usize = 256;

/// Reads a constraint.
///
/// # Errors
/// [`SyntaxError`] when the text is no expression, or has more than 32 levels, 256 operators or 16 KiB.
pub fn parse(text: &str) -> Result<Expression<'_>, SyntaxError> {
    if text.len() > BYTES_MAX {
        return Err(SyntaxError { offset: BYTES_MAX, reason: "the constraint is too long" });
    }
    let mut parser = Parser { text, next: None, start: 0, end: 0, operators_left: OPERATORS_MAX };
    parser.advance()?;
    let expression = parser.level(0, DEPTH_MAX)?;
    match parser.next {
        None => Ok(expression),
        Some(_) => Err(parser.error("expected an operator or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    /// The token that is looked at; nothing at the end.
    next: Option<Token<'a>>,
    start: usize,
    end: usize,
    operators_left: usize,
}

impl<'a> Parser<'a> {
    fn advance(&mut self) -> Result<(), SyntaxError> {
        let found = lexer::next(self.text, self.end)
            .map_err(|offset| SyntaxError { offset, reason: "no sign of the language" })?;
        (self.next, self.start, self.end) = match found {
            Some((token, start, end)) => (Some(token), start, end),
            None => (None, self.text.len(), self.text.len()),
        };
        Ok(())
    }

    fn error(&self, reason: &'static str) -> SyntaxError {
        SyntaxError { offset: self.start, reason }
    }

    fn eat(&mut self, sign: &'static str) -> Result<bool, SyntaxError> {
        let there = self.next == Some(Token::Sign(sign));
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    fn expect(&mut self, sign: &'static str, reason: &'static str) -> Result<(), SyntaxError> {
        if self.eat(sign)? { Ok(()) } else { Err(self.error(reason)) }
    }

    fn level(&mut self, level: usize, depth: usize) -> Result<Expression<'a>, SyntaxError> {
        let Some(operators) = LEVELS.get(level) else {
            return self.operand(depth);
        };
        let mut left = self.level(level + 1, depth)?;
        while let Some(operator) = self.operator(operators)? {
            self.operators_left = self
                .operators_left
                .checked_sub(1)
                .ok_or_else(|| self.error("there are too many operators"))?;
            let right = self.level(level + 1, depth)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[(&'static str, Operator)]) -> Result<Option<Operator>, SyntaxError> {
        for &(sign, operator) in operators {
            if self.eat(sign)? {
                return Ok(Some(operator));
            }
        }
        Ok(None)
    }

    fn operand(&mut self, depth: usize) -> Result<Expression<'a>, SyntaxError> {
        let depth = depth.checked_sub(1).ok_or_else(|| self.error("nested too deeply"))?;
        let token = self.next.ok_or_else(|| self.error("expected a value, but the text ends"))?;
        match token {
            Token::Sign("!") => {
                self.advance()?;
                Ok(Expression::Not(Box::new(self.operand(depth)?)))
            }
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.level(0, depth)?;
                self.expect(")", "expected `)`")?;
                Ok(inner)
            }
            Token::Sign(_) => Err(self.error("expected a value")),
            Token::Quoted(text) => self.leaf(Expression::Text(text)),
            Token::Number(number) => self.leaf(Expression::Number(number)),
            Token::Name("null") => self.leaf(Expression::Null),
            Token::Name(name) => {
                self.advance()?;
                self.name(name, depth)
            }
        }
    }

    fn leaf(&mut self, leaf: Expression<'a>) -> Result<Expression<'a>, SyntaxError> {
        self.advance()?;
        Ok(leaf)
    }

    /// What follows a name: a key, an argument, or nothing of the kind.
    fn name(&mut self, name: &'a str, depth: usize) -> Result<Expression<'a>, SyntaxError> {
        if self.eat("[")? {
            let Some(Token::Quoted(key)) = self.next else {
                return Err(self.error("expected a key in quotes"));
            };
            self.advance()?;
            self.expect("]", "expected `]`")?;
            Ok(Expression::Attribute(name, key))
        } else if self.eat(".")? {
            let Some(Token::Name(key)) = self.next else {
                return Err(self.error("expected a key"));
            };
            self.leaf(Expression::Attribute(name, key))
        } else if self.next == Some(Token::Sign("(")) {
            if name != MONTHS_SINCE {
                return Err(self.error("there is only the function `months_since`"));
            }
            self.advance()?;
            let argument = self.level(0, depth)?;
            self.expect(")", "expected `)`")?;
            Ok(Expression::MonthsSince(Box::new(argument)))
        } else {
            Ok(Expression::Name(name))
        }
    }
}
