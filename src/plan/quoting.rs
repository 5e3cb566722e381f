//! Texts as one word, in the languages of the files.

/// A word of a POSIX shell, in quotes where it needs them.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%^".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A command of a POSIX shell; options begin lines of their own.
pub(super) fn shell_command(words: &[String]) -> String {
    let mut text = String::new();
    for word in words {
        let separator = match word.starts_with("--") {
            _ if text.is_empty() => "",
            true => " \\\n    ",
            false => " ",
        };
        text.push_str(separator);
        text.push_str(&shell_word(word));
    }
    text
}

/// The value of an `#SBATCH` option. Slurm reads double quotes there, with backslashes as in a
/// shell.
pub(super) fn sbatch_value(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%".contains(c);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
    }
}

/// The name of a log file for Slurm, in which `%` begins a placeholder.
pub(super) fn sbatch_file(folder: &str, name: &str) -> String {
    sbatch_value(&format!("{}/{name}", folder.replace('%', "%%")))
}

/// A value in a submit file of HTCondor, in which `$` begins a macro.
pub(super) fn htcondor_value(text: &str) -> String {
    text.replace('$', "$(DOLLAR)")
}

/// The value of `arguments` and `environment` in a submit file of HTCondor, in its newer syntax:
/// the whole in double quotes, words with spaces in single ones, either quote written twice inside.
pub(super) fn htcondor_words(words: &[String]) -> String {
    let word = |word: &String| {
        let quoted = word.replace('"', "\"\"").replace('\'', "''");
        if word.is_empty() || word.contains([' ', '\t', '\'']) {
            format!("'{quoted}'")
        } else {
            quoted
        }
    };
    let words: Vec<String> = words.iter().map(word).collect();
    format!("\"{}\"", htcondor_value(&words.join(" ")))
}

/// A string of Python. JSON's are such, too.
pub(super) fn python_string(text: &str) -> String {
    serde_json::to_string(text).expect("a string can be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        let quoted = ["plain/path_1.h5", "2^8..2^13", "a b", "it's", "", "$HOME", "a;b"];
        let expected =
            ["plain/path_1.h5", "2^8..2^13", "'a b'", r"'it'\''s'", "''", "'$HOME'", "'a;b'"];
        assert_eq!(quoted.map(shell_word), expected);
    }

    #[test]
    fn commands_of_a_shell() {
        let words = ["my program", "merge", "a*", "--output", "b"].map(str::to_owned);
        assert_eq!(shell_command(&words), "'my program' merge 'a*' \\\n    --output b");
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        let texts = ["a b", "it's", "\"", "$HOME `id` \\ \\n", "*?[a]{b}", "ü #!~", ""];
        for text in texts {
            let script = format!("printf %s {}", shell_word(text));
            let run = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&run.stdout), text);
        }
    }

    #[test]
    fn words_of_htcondor() {
        let words = ["generate", "--model", "/a b/it's", "x\"y", "$(Process)", ""];
        let words: Vec<String> = words.map(str::to_owned).to_vec();
        assert_eq!(
            htcondor_words(&words),
            r#""generate --model '/a b/it''s' x""y $(DOLLAR)(Process) ''""#
        );
    }

    #[test]
    fn logs_of_slurm() {
        assert_eq!(sbatch_file("/runs", "%A_%a.log"), "/runs/%A_%a.log");
        assert_eq!(sbatch_file("/my runs/50%", "%A.log"), "\"/my runs/50%%/%A.log\"");
    }
}
