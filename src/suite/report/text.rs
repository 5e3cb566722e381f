//! Numbers and names as HTML.

use std::fmt::Write as _;

use validation::plots::{Script, number, parse_scripts, with_error};

use super::statistics::Estimate;

/// Text in which `&`, `<`, `>` and quotes do not mean anything to HTML.
pub fn escaped(text: &str) -> String {
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

/// A number of three digits.
pub fn number_html(value: f64) -> String {
    scripts(&number(value))
}

/// A mean with its standard error, and the number of runs if not all of `runs` have the measure.
pub fn estimate_html(estimate: &Estimate, runs: usize) -> String {
    let error = estimate.standard_error.unwrap_or(0.0);
    let mut html = scripts(&with_error(estimate.mean, error));
    if estimate.count < runs {
        let _ = write!(html, " <small>(n = {} of {runs})</small>", estimate.count);
    }
    html
}

/// Powers of ten of a number.
fn scripts(text: &str) -> String {
    let mut html = String::new();
    for run in parse_scripts(text) {
        let text = escaped(&run.text);
        let _ = match run.script {
            Script::Line => write!(html, "{text}"),
            Script::Sub => write!(html, "<sub>{text}</sub>"),
            Script::Super => write!(html, "<sup>{text}</sup>"),
        };
    }
    html
}

/// A line of a CSV file, as RFC 4180 has it.
pub fn csv_line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = |field: &str| {
        if field.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.to_owned()
        }
    };
    fields.into_iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

/// A time as people say it.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() || s < 0.0 => "unknown".to_owned(),
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 90.0 * 60.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// A name for an address inside of the page: letters and digits stay, all else is written as its
/// number, so that no two names meet.
pub fn anchor(prefix: &str, name: &str) -> String {
    let mut anchor = format!("{prefix}-");
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || character == '-' {
            anchor.push(character);
        } else {
            let _ = write!(anchor, "_{:x}_", u32::from(character));
        }
    }
    anchor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        assert_eq!(escaped(r#"<b a="1">'&"#), "&lt;b a=&quot;1&quot;&gt;&#39;&amp;");
        assert_eq!(anchor("p", "a/b <8>"), "p-a_2f_b_20__3c_8_3e_");
    }

    #[test]
    fn fields_with_commas_are_quoted() {
        assert_eq!(csv_line(["a", "b, \"c\"", ""]), "a,\"b, \"\"c\"\"\",\n");
    }

    #[test]
    fn numbers_have_their_errors() {
        let estimate = Estimate { mean: 24.4, standard_error: Some(0.245), count: 5 };
        assert_eq!(estimate_html(&estimate, 5), "24.40 ± 0.24");
        assert_eq!(estimate_html(&estimate, 6), "24.40 ± 0.24 <small>(n = 5 of 6)</small>");
        assert_eq!(number_html(1.2e-7), "1.2×10<sup>−7</sup>");
        assert_eq!(duration(240.0), "4.0 min");
    }
}
