//! Labels, numbers and bytes as HTML.

use std::fmt::Write as _;

use crate::plots::{Script, number, parse_scripts, with_error};

/// A label as HTML: escaped, with its subscripts and superscripts.
pub(super) fn rich(label: &str) -> String {
    let mut html = String::new();
    for run in parse_scripts(label) {
        let text = escape(&run.text);
        // Writing to a `String` cannot fail.
        let _ = match run.script {
            Script::Line => write!(html, "{text}"),
            Script::Sub => write!(html, "<sub>{text}</sub>"),
            Script::Super => write!(html, "<sup>{text}</sup>"),
        };
    }
    html
}

/// A number as HTML.
pub(super) fn rich_number(value: f64) -> String {
    rich(&number(value))
}

/// A number with its error as HTML.
pub(super) fn rich_with_error(value: f64, error: f64) -> String {
    rich(&with_error(value, error))
}

pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An argument as a POSIX shell takes it.
pub(super) fn shell_quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

/// RFC 4648's base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            let digit = group >> (18 - 6 * position) & 0x3f;
            let padding = position > chunk.len();
            text.push(if padding { '=' } else { char::from(DIGITS[digit as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_follows_rfc_4648() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (plain, encoded) in cases {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn labels_are_escaped_inside_of_scripts_too() {
        assert_eq!(rich("E_tot < x^{<b>}"), "E<sub>tot</sub> &lt; x<sup>&lt;b&gt;</sup>");
    }

    #[test]
    fn arguments_are_quoted_where_a_shell_would_read_more_into_them() {
        assert_eq!(shell_quoted("--reference=a_b.h5"), "--reference=a_b.h5");
        assert_eq!(shell_quoted("it's *"), "'it'\\''s *'");
        assert_eq!(shell_quoted(""), "''");
    }
}
