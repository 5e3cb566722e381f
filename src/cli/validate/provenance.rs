//! What a report says of its own making.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use validation::report::model::{FileSummary, Provenance, StageTime};

use crate::Error;
use crate::events::EventSet;
use crate::files::sha256;

/// The command line, the time and the program.
pub fn of_this_run(timing: Vec<StageTime>) -> Provenance {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
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
        made_at: Some(utc(seconds)),
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

/// Seconds since 1970 as a date and time of ISO 8601 (the civil calendar by days, with years that
/// begin in March).
fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(utc(1_767_225_599), "2025-12-31T23:59:59Z");
    }
}
