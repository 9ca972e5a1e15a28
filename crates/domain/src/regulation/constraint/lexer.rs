//! Splits a constraint string into tokens.

/// A token of the constraint language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, `null` included.
    Name(&'a str),
    /// What stands between quotes. No escapes: the strings seen have lone backslashes in them.
    Quoted(&'a str),
    /// Digits, perhaps with a point and more digits.
    Number(&'a str),
    /// An operator or bracket.
    Sign(&'static str),
}

/// Longer signs first, so that `==` is not two.
const SIGNS: [&str; 15] = ["==", "!=", "=~", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", "."];

/// The next token and the offset at which it begins; nothing at the end.
///
/// # Errors
/// The offset of what is no token.
pub(super) fn next(text: &str, from: usize) -> Result<Option<(Token<'_>, usize, usize)>, usize> {
    let rest = &text[from..];
    let start = from + (rest.len() - rest.trim_start().len());
    let rest = &text[start..];
    let Some(first) = rest.chars().next() else {
        return Ok(None);
    };
    let (token, length) = match first {
        '\'' | '"' => {
            let inside = rest[1..].split_once(first).ok_or(start)?.0;
            (Token::Quoted(inside), inside.len() + 2)
        }
        _ if first.is_ascii_digit() => {
            let number = number(rest);
            (Token::Number(number), number.len())
        }
        _ if is_name(first) => {
            let length = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
            (Token::Name(&rest[..length]), length)
        }
        _ => {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign)).ok_or(start)?;
            (Token::Sign(sign), sign.len())
        }
    };
    Ok(Some((token, start, start + length)))
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn number(text: &str) -> &str {
    let digits = |text: &str| text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let whole = digits(text);
    let fraction = text[whole..].strip_prefix('.').map_or(0, digits);
    let length = if fraction == 0 { whole } else { whole + 1 + fraction };
    &text[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, usize> {
        let (mut found, mut offset) = (Vec::new(), 0);
        while let Some((token, _, end)) = next(text, offset)? {
            found.push(token);
            offset = end;
        }
        Ok(found)
    }

    #[test]
    fn every_kind_of_token_is_told_apart() {
        use Token::{Name, Number, Quoted, Sign};
        assert_eq!(
            tokens(r#"a_1['b c']!=null&&!(x=~'^\S+\'||2.5<="it's")"#),
            Ok(vec![
                Name("a_1"),
                Sign("["),
                Quoted("b c"),
                Sign("]"),
                Sign("!="),
                Name("null"),
                Sign("&&"),
                Sign("!"),
                Sign("("),
                Name("x"),
                Sign("=~"),
                Quoted(r"^\S+\"),
                Sign("||"),
                Number("2.5"),
                Sign("<="),
                Quoted("it's"),
                Sign(")"),
            ])
        );
        assert_eq!(tokens(" \t\n"), Ok(vec![]));
        assert_eq!(tokens("1."), Ok(vec![Number("1"), Sign(".")]));
    }

    #[test]
    fn what_is_no_token_is_named_by_its_offset() {
        for (text, offset) in [("a = b", 2), ("a & b", 2), ("é", 0), ("a == 'b", 5), ("a +", 2)] {
            assert_eq!(tokens(text), Err(offset), "{text}");
        }
    }
}
