//! Subscripts and superscripts in labels.
//!
//! `E_tot` has a subscript, `10^{−3}` a superscript; braces hold scripts of several words. Only a
//! symbol of one or two letters takes a bare subscript, so that `photons_valid.hdf5` stays as it is.
//! A backslash before `_`, `^` or a backslash takes the meaning away: [`literal`] does so for file
//! names and other texts that are not labels of axes.

use super::font::text_width;

/// Where a piece of text stands relative to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    Line,
    Sub,
    Super,
}

/// A piece of text in one script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub script: Script,
}

/// Size of a script in units of the line's font size.
pub const SCRIPT_SIZE: f64 = 0.72;

/// What a backslash makes ordinary.
const SPECIAL: [char; 3] = ['_', '^', '\\'];

impl Run {
    /// Font size of this run where the line has `size`.
    #[must_use]
    pub fn size(&self, size: f64) -> f64 {
        if self.script == Script::Line { size } else { SCRIPT_SIZE * size }
    }

    /// How far below the line's baseline this run stands (negative: above).
    #[must_use]
    pub fn drop(&self, size: f64) -> f64 {
        match self.script {
            Script::Line => 0.0,
            Script::Sub => 0.2 * size,
            Script::Super => -0.38 * size,
        }
    }
}

/// Splits a label into its runs.
#[must_use]
pub fn parse(label: &str) -> Vec<Run> {
    let characters: Vec<char> = label.chars().collect();
    let mut runs: Vec<Run> = Vec::new();
    let mut line = String::new();
    let mut at = 0;
    while at < characters.len() {
        if characters[at] == '\\'
            && let Some(&next) = characters.get(at + 1)
            && SPECIAL.contains(&next)
        {
            line.push(next);
            at += 2;
            continue;
        }
        let script = match characters[at] {
            '^' => Some(Script::Super),
            '_' if symbol_length(&line) > 0 => Some(Script::Sub),
            _ => None,
        };
        let found = script.and_then(|script| {
            script_text(&characters[at + 1..]).map(|(text, length)| (script, text, length))
        });
        if let Some((script, text, length)) = found {
            if !line.is_empty() {
                runs.push(Run { text: std::mem::take(&mut line), script: Script::Line });
            }
            runs.push(Run { text, script });
            at += 1 + length;
        } else {
            line.push(characters[at]);
            at += 1;
        }
    }
    if !line.is_empty() {
        runs.push(Run { text: line, script: Script::Line });
    }
    runs
}

/// A label that shows `text` as it is.
#[must_use]
pub fn literal(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for character in text.chars() {
        if SPECIAL.contains(&character) {
            label.push('\\');
        }
        label.push(character);
    }
    label
}

/// Width of a label with its scripts, in pixels.
#[must_use]
pub fn width(label: &str, size: f64, bold: bool) -> f64 {
    parse(label).iter().map(|run| text_width(&run.text, run.size(size), bold)).sum()
}

/// `label` if it is not wider than `room`, else its beginning and an ellipsis.
#[must_use]
pub fn fit(label: &str, size: f64, bold: bool, room: f64) -> String {
    if width(label, size, bold) <= room {
        return label.to_owned();
    }
    let mut short: Vec<char> = label.chars().collect();
    while short.pop().is_some() {
        let beginning: String = short.iter().collect();
        let candidate = format!("{}…", beginning.trim_end_matches(['\\', ' ']));
        if width(&candidate, size, bold) <= room {
            return candidate;
        }
    }
    String::new()
}

/// Letters of the symbol at the end of `line`, or 0 if it is a longer word, the end of an
/// identifier, or none.
fn symbol_length(line: &str) -> usize {
    let letters = line.chars().rev().take_while(|c| c.is_alphanumeric()).count();
    let before = line.chars().rev().nth(letters);
    if letters <= 2 && before != Some('_') { letters } else { 0 }
}

/// The script that begins here, and how many characters it takes.
fn script_text(rest: &[char]) -> Option<(String, usize)> {
    if rest.first() == Some(&'{') {
        let end = rest.iter().position(|&c| c == '}')?;
        return Some((rest[1..end].iter().collect(), end + 1));
    }
    let text: String = rest.iter().take_while(|c| c.is_alphanumeric()).collect();
    let length = text.chars().count();
    // An identifier such as `E_tot_over_E_inc` is no symbol with a subscript.
    let identifier = rest.get(length) == Some(&'_');
    (length > 0 && !identifier).then_some((text, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(label: &str) -> String {
        let mark = |run: &Run| match run.script {
            Script::Line => run.text.clone(),
            Script::Sub => format!("[{}]", run.text),
            Script::Super => format!("({})", run.text),
        };
        parse(label).iter().map(mark).collect()
    }

    #[test]
    fn scripts_are_found_and_file_names_kept() {
        assert_eq!(marked("E_tot / E_inc"), "E[tot] / E[inc]");
        assert_eq!(marked("10^{−3} MeV"), "10(−3) MeV");
        assert_eq!(marked("photons_valid.hdf5"), "photons_valid.hdf5");
        assert_eq!(marked("worst E_tot_over_E_inc"), "worst E_tot_over_E_inc");
        assert_eq!(marked(&literal(r"a_b^2 \x")), r"a_b^2 \x");
        assert_eq!(marked("a_ and ^ and x_{open"), "a_ and ^ and x_{open");
    }

    #[test]
    fn a_long_label_is_cut_to_its_room() {
        let short = fit("a very long label that does not fit", 10.0, false, 60.0);
        assert!(short.ends_with('…') && width(&short, 10.0, false) <= 60.0);
        assert_eq!(fit("x", 10.0, false, 0.0), "");
    }
}
