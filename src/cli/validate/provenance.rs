//! What a report says of its own making.

use std::path::Path;
use std::time::SystemTime;

use validation::report::model::{FileSummary, Provenance, StageTime};

use crate::Error;
use crate::clock::utc;
use crate::events::EventSet;
use crate::files::sha256;

/// The command line, the time and the program.
pub fn of_this_run(timing: Vec<StageTime>) -> Provenance {
    let mut command: Vec<String> =
        std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    if let Some(program) = command.first_mut() {
        "showerforge".clone_into(program);
    }
    let cuda = if cfg!(feature = "cuda") { ", with CUDA" } else { "" };
    let (version, os, arch) =
        (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    Provenance {
        command,
        made_at: Some(utc(SystemTime::now())),
        program: Some(format!("showerforge {version}, {arch}-{os}{cuda}")),
        timing,
    }
}

/// Name, size and hash of each file of a set.
///
/// # Errors
/// A file that can no longer be read.
pub fn files(set: &EventSet) -> Result<Vec<FileSummary>, Error> {
    set.files()
        .iter()
        .map(|file| {
            let path: &Path = file.path();
            let bytes = fs_err::metadata(path).map(|data| data.len()).unwrap_or(0);
            Ok(FileSummary {
                name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
                bytes,
                sha256: sha256([path])?,
                events: file.len(),
            })
        })
        .collect()
}
