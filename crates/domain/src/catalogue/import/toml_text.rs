//! Values as TOML.

/// The widest line that an array may take.
const COLUMNS_MAX: usize = 100;

/// A text in quotes. One with backslashes, such as a pattern, stays as it is where that is possible.
pub(super) fn quoted(text: &str) -> String {
    if text.contains('\\') && !text.contains('\'') && !text.contains(char::is_control) {
        return format!("'{text}'");
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// `key = [a, b]`, on one line when that is not too long.
pub(super) fn array(key: &str, values: &[String]) -> String {
    let line = format!("{key} = [{}]", values.join(", "));
    if line.chars().count() <= COLUMNS_MAX {
        return line;
    }
    let values: String = values.iter().map(|value| format!("    {value},\n")).collect();
    format!("{key} = [\n{values}]")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_reads_back(text in "(.|\n|\\\\|'|\"){0,20}", more in any::<String>()) {
            for text in [text, more] {
                let values = vec![quoted(&text); 9];
                let read: toml::Table = toml::from_str(&array("key", &values)).unwrap();
                let read = read["key"].as_array().unwrap();
                prop_assert!(read.len() == 9 && read.iter().all(|value| value.as_str() == Some(&text)));
            }
        }
    }
}
