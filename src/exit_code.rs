//! What the program's exit status says, for scripts and batch systems.

/// The exit status of `showerforge`. The numbers from 64 upwards are those of BSD's `sysexits.h`.
///
/// `docs/exit-codes.md` holds the same table; a test compares the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// The command did what was asked.
    Success = 0,
    /// An error that none of the other codes describes.
    Unexpected = 1,
    /// The command line is wrong.
    Usage = 2,
    /// An input file was read, and its content cannot be used.
    BadData = 65,
    /// An input file does not exist or cannot be opened.
    MissingInput = 66,
    /// An output cannot be created, for example because it exists.
    CannotCreateOutput = 73,
    /// Reading or writing failed on the way, for example because the disk is full.
    InputOutput = 74,
    /// Stopped early by a signal or a limit; the same command goes on, `train` with `--resume`.
    StoppedEarly = 75,
    /// A configuration or a detector description has an unknown key or a value out of range.
    BadConfiguration = 78,
}

impl ExitCode {
    pub const ALL: [Self; 9] = [
        Self::Success,
        Self::Unexpected,
        Self::Usage,
        Self::BadData,
        Self::MissingInput,
        Self::CannotCreateOutput,
        Self::InputOutput,
        Self::StoppedEarly,
        Self::BadConfiguration,
    ];

    /// The number the shell sees.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// One sentence for users.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "The command did what was asked.",
            Self::Unexpected => "An error that none of the other codes describes.",
            Self::Usage => "The command line is wrong.",
            Self::BadData => "An input file was read, and its content cannot be used.",
            Self::MissingInput => "An input file does not exist or cannot be opened.",
            Self::CannotCreateOutput => {
                "An output cannot be created, for example because it exists."
            }
            Self::InputOutput => {
                "Reading or writing failed on the way, for example because the disk is full."
            }
            Self::StoppedEarly => {
                "Stopped early by a signal or a limit; the same command goes on, `train` with `--resume`."
            }
            Self::BadConfiguration => {
                "A configuration or a detector description has an unknown key or a value out of range."
            }
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.number().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_table_is_this_enum() {
        let documented: Vec<&str> = include_str!("../docs/exit-codes.md")
            .lines()
            .filter(|line| line.starts_with("| ") && !line.starts_with("| code"))
            .collect();
        let ours: Vec<String> = ExitCode::ALL
            .iter()
            .map(|code| format!("| {} | {} |", code.number(), code.meaning()))
            .collect();
        assert_eq!(documented, ours);
    }
}
