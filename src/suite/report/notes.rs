//! What is missing or damaged, for the reader.

use std::collections::BTreeMap;

use super::read::Run;

/// Names that one note lists.
const NAMED: usize = 8;

/// Notes in the making: the same file missing of many runs becomes one note.
#[derive(Debug, Default)]
pub struct Notes {
    notes: Vec<String>,
    /// Runs by the file that they have not.
    without: BTreeMap<&'static str, Vec<String>>,
}

impl Notes {
    pub fn new(notes: Vec<String>) -> Self {
        Self { notes, without: BTreeMap::new() }
    }

    pub fn add(&mut self, note: String) {
        self.notes.push(note);
    }

    /// The content of a file in the folder of a run, if it has one; else there is a note.
    pub fn file_of(&mut self, run: &Run, name: &'static str) -> Option<Vec<u8>> {
        match std::fs::read(run.folder.as_ref()?.join(name)) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                if error.kind() == std::io::ErrorKind::NotFound {
                    self.without.entry(name).or_default().push(run.label());
                } else {
                    self.add(format!("{}: `{name}` cannot be read: {error}", run.label()));
                }
                None
            }
        }
    }

    /// All of them.
    pub fn into_all(self) -> Vec<String> {
        let Self { mut notes, without } = self;
        for (file, runs) in without {
            notes.push(format!("{} runs have no `{file}`: {}", runs.len(), listed(&runs, "; ")));
        }
        notes
    }
}

/// The first names of a list, and a sign of more.
pub fn listed(names: &[String], between: &str) -> String {
    let more = if names.len() > NAMED { format!("{between}…") } else { String::new() };
    let first: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    first.join(between) + &more
}
