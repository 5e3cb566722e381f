//! What a suite has left in its folder, damaged or half-written as it may be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::exact_results::ExactResults;
use super::notes::listed;
use crate::files;
use crate::suite::{Row, SuiteError};

/// One run: its row, and its folder if there is one.
#[derive(Debug, Clone)]
pub struct Run {
    pub row: Row,
    pub folder: Option<PathBuf>,
}

impl Run {
    pub fn has_failed(&self) -> bool {
        self.row.error.is_some()
    }

    /// System, problem and seed, for people.
    pub fn label(&self) -> String {
        let Row { system, problem, seed, .. } = &self.row;
        format!("{system} on {problem}, seed {seed}")
    }

    fn key(&self) -> (String, String, u64, &'static str) {
        let row = &self.row;
        (row.problem.clone(), row.system.clone(), row.seed, row.protocol.name())
    }
}

/// All that was found.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    /// By problem, system and seed.
    pub runs: Vec<Run>,
    pub exact: Option<ExactResults>,
    /// What is missing or cannot be read, for the reader.
    pub notes: Vec<String>,
    /// When the first and the last of the rows were written.
    pub written: Option<(SystemTime, SystemTime)>,
}

/// How deep folders of runs may lie: names of systems may hold slashes.
const DEPTH: usize = 5;

impl Runs {
    /// Reads `rows.jsonl`, the rows beside their runs, and `exact.json`.
    ///
    /// # Errors
    /// No such folder, or one in which a suite has never run.
    pub fn read(folder: &Path) -> Result<Self, SuiteError> {
        if !folder.is_dir() {
            return Err(files::FileError::Missing { path: folder.to_owned() }.into());
        }
        let mut found = Self::default();
        let mut by_key = BTreeMap::new();
        let (mut times, mut replaced) = (Vec::new(), 0);
        let rows = folder.join("rows.jsonl");
        let has_rows = rows.exists();
        if has_rows {
            times.extend(modified(&rows));
            match files::read(&rows) {
                Err(error) => found.notes.push(format!("`rows.jsonl` cannot be read: {error}")),
                Ok(bytes) => {
                    for row in found.rows(&String::from_utf8_lossy(&bytes)) {
                        let run = Run { row, folder: None };
                        replaced += usize::from(by_key.insert(run.key(), run).is_some());
                    }
                }
            }
        }
        if replaced > 0 {
            found.notes.push(format!(
                "{replaced} rows of `rows.jsonl` were replaced by later ones of the same system, problem, seed and protocol"
            ));
        }
        let mut folders = Vec::new();
        run_folders(&folder.join("runs"), DEPTH, &mut folders);
        let has_runs = !folders.is_empty();
        found.match_folders(&folder.join("runs"), folders, &mut by_key, &mut times);
        found.exact = found.exact_results(&folder.join("exact.json"));
        if !has_rows && !has_runs && found.exact.is_none() {
            return Err(SuiteError::BadFile {
                path: folder.to_owned(),
                problem:
                    "holds no runs of the suite, expected `rows.jsonl`, `runs` or `exact.json`"
                        .to_owned(),
            });
        }
        found.runs = by_key.into_values().collect();
        found.written = times.iter().min().copied().zip(times.iter().max().copied());
        Ok(found)
    }

    fn rows(&mut self, text: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    let what = if error.is_eof() { "is incomplete" } else { "cannot be read" };
                    self.notes.push(format!("line {number} of `rows.jsonl` {what}: {error}"));
                }
            }
        }
        rows
    }

    /// Gives runs their folders, and takes in those that have a row in their folder alone.
    fn match_folders(
        &mut self,
        root: &Path,
        folders: Vec<PathBuf>,
        runs: &mut BTreeMap<(String, String, u64, &'static str), Run>,
        times: &mut Vec<SystemTime>,
    ) {
        let mut unfinished = Vec::new();
        for folder in folders {
            let name = folder.strip_prefix(root).unwrap_or(&folder).display().to_string();
            let path = folder.join("row.json");
            let text = files::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            match text.as_deref().map(serde_json::from_str::<Row>) {
                Err(_) if !path.exists() => unfinished.push(name),
                Err(error) => self.notes.push(format!("`{name}/row.json` cannot be read: {error}")),
                Ok(Err(error)) => {
                    self.notes.push(format!("`{name}/row.json` cannot be read: {error}"));
                }
                Ok(Ok(row)) => {
                    times.extend(modified(&path));
                    let run = Run { row, folder: Some(folder.clone()) };
                    runs.entry(run.key()).or_insert(run).folder = Some(folder);
                }
            }
        }
        if !unfinished.is_empty() {
            self.notes.push(format!(
                "{} runs have begun and not ended: {}",
                unfinished.len(),
                listed(&unfinished, ", ")
            ));
        }
        let without: BTreeSet<String> =
            runs.values().filter(|run| run.folder.is_none()).map(Run::label).collect();
        if !without.is_empty() {
            let without: Vec<String> = without.into_iter().collect();
            self.notes.push(format!(
                "{} runs have no folder, and so neither curves nor samples: {}",
                without.len(),
                listed(&without, "; ")
            ));
        }
    }

    fn exact_results(&mut self, path: &Path) -> Option<ExactResults> {
        if !path.exists() {
            return None;
        }
        let bytes = files::read(path).map_err(|error| error.to_string());
        let results = bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
        let mut results: ExactResults = results
            .map_err(|error| self.notes.push(format!("`exact.json` cannot be read: {error}")))
            .ok()?;
        let missing = results.read_figures(path.parent().unwrap_or(path));
        if !missing.is_empty() {
            self.notes.push(format!(
                "figures of the exact tier that cannot be read: {}",
                missing.join(", ")
            ));
        }
        Some(results)
    }
}

/// Folders below that hold what a run writes.
fn run_folders(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    for folder in folders {
        let is_run = ["row.json", "settings.toml", "curves.csv", "artefacts.json"]
            .iter()
            .any(|name| folder.join(name).exists());
        if is_run {
            found.push(folder);
        } else if depth > 1 {
            run_folders(&folder, depth - 1, found);
        }
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|found| found.modified()).ok()
}
