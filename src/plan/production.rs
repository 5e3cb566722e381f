use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;

use super::PlanError;

/// The name of a run, which is part of the names of its files: letters, digits, `.`, `-`, `_`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunName(String);

impl FromStr for RunName {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PlanError::RunName(text.to_owned()))
        }
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A production that is cut into tasks: all that the files of a batch system say.
///
/// Paths are absolute and the same on all nodes.
#[derive(Debug, Clone, Serialize)]
pub struct Production {
    /// The program.
    pub program: String,
    pub model: String,
    pub model_sha256: String,
    /// The folder of the production.
    pub folder: String,
    pub run: RunName,
    pub seed: u64,
    pub first_event: u64,
    pub events: u64,
    pub events_per_task: u64,
    pub tasks: u64,
    /// Threads, and so cores, of a task.
    pub threads: u32,
    /// Options of `showerforge generate` that say the conditions.
    pub options: Vec<String>,
    /// gzip level of the outputs, if it is not the usual one.
    pub gzip_level: Option<u8>,
    /// Those of `options` that are names of files.
    pub input_files: Vec<String>,
    /// Limit of the time of a task, with its margin.
    pub time_limit_minutes: u64,
    /// Memory of a task, with its margin.
    pub memory_mb: u64,
    /// Disk space of a task's output, with its margin.
    pub task_disk_mb: u64,
}

impl Production {
    /// Where the tasks put their outputs.
    pub const PARTS: &str = "parts";
    /// Where the batch system puts what tasks say.
    pub const LOGS: &str = "logs";

    /// A path as a text that can be written into files.
    ///
    /// # Errors
    /// It is not UTF-8, or has control characters such as line ends.
    pub fn path_text(path: &Path) -> Result<String, PlanError> {
        match path.to_str() {
            Some(text) if !text.contains(char::is_control) => Ok(text.to_owned()),
            _ => Err(PlanError::Path { path: path.to_owned() }),
        }
    }

    pub fn parts(&self) -> String {
        format!("{}/{}", self.folder, Self::PARTS)
    }

    pub fn logs(&self) -> String {
        format!("{}/{}", self.folder, Self::LOGS)
    }

    /// Name of the file that the parts become, in the folder of the production.
    pub fn merged_name(&self) -> String {
        format!("showers_{}.h5", self.run)
    }

    pub fn merged(&self) -> String {
        format!("{}/{}", self.folder, self.merged_name())
    }

    /// A pattern of all parts, in a folder.
    pub fn part_pattern(&self, folder: &str) -> String {
        // The pattern is `glob`'s: what is special in the folder's name stands for itself.
        let folder = glob::Pattern::escape(folder);
        format!("{folder}/showers_{}_[0-9]*_[0-9]*.h5", self.run)
    }

    /// `generate …` for a task, but for `--task-id`.
    pub fn generate_words(&self, output_folder: &str) -> Vec<String> {
        let mut words: Vec<String> =
            ["generate", "--model", &self.model].map(str::to_owned).to_vec();
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        option("--nevents", self.events.to_string());
        option("--events-per-task", self.events_per_task.to_string());
        if self.first_event > 0 {
            option("--first-event", self.first_event.to_string());
        }
        option("--seed", self.seed.to_string());
        option("--run", self.run.to_string());
        option("--output", format!("{output_folder}/"));
        words.extend(self.options.iter().cloned());
        words.extend(self.gzip_words());
        words
    }

    /// Equal for parts and whole: the level changes the bytes.
    pub(super) fn gzip_words(&self) -> Vec<String> {
        let level = self.gzip_level.map(|level| ["--gzip".to_owned(), level.to_string()]);
        level.into_iter().flatten().collect()
    }

    /// `merge …`
    pub fn merge_words(&self) -> Vec<String> {
        let pattern = self.part_pattern(&self.parts());
        let mut words = vec!["merge".to_owned(), pattern];
        words.extend(["--nevents".to_owned(), self.events.to_string()]);
        words.extend(["--output".to_owned(), self.merged()]);
        words.extend(self.gzip_words());
        words
    }

    /// `verify …` for the merged file.
    pub fn verify_words(&self) -> Vec<String> {
        vec!["verify".to_owned(), self.merged(), "--model".to_owned(), self.model.clone()]
    }

    /// Folders that must exist before a task begins.
    pub fn folders(&self) -> [PathBuf; 2] {
        [self.parts().into(), self.logs().into()]
    }

    /// What the first lines of each file say.
    pub(super) fn description(&self) -> Vec<String> {
        vec![
            format!(
                "{} events from event {} on, seed {}, in {} of up to {} events.",
                self.events,
                self.first_event,
                self.seed,
                match self.tasks {
                    1 => "1 task".to_owned(),
                    tasks => format!("{tasks} tasks"),
                },
                self.events_per_task
            ),
            format!("Model {} (SHA-256 {}).", self.model, self.model_sha256),
            format!("Written by showerforge {} plan.", env!("CARGO_PKG_VERSION")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs() {
        for good in ["0", "mc23a", "r-1_x.2"] {
            assert_eq!(good.parse::<RunName>().unwrap().to_string(), good);
        }
        for bad in ["", "a b", "a/b", ".hidden", "-x", "ä", "{n}"] {
            assert!(matches!(bad.parse::<RunName>(), Err(PlanError::RunName(_))), "{bad}");
        }
    }

    #[test]
    fn paths_that_fit_no_file() {
        use std::os::unix::ffi::OsStrExt as _;
        assert!(Production::path_text(Path::new("/a b/ü")).is_ok());
        assert!(Production::path_text(Path::new("/a\nb")).is_err());
        let latin1 = std::ffi::OsStr::from_bytes(b"/\xfc");
        assert!(Production::path_text(Path::new(latin1)).is_err());
    }
}
