//! Renders a saved `report.json` again: `render_report REPORT.json FOLDER`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use validation::report::{ReportOptions, from_json, summary_text, write_report};

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [json, folder] = arguments.as_slice() else {
        eprintln!("usage: render_report REPORT.json FOLDER");
        return ExitCode::from(2);
    };
    match render(json, folder) {
        Ok(files) => {
            eprintln!("{files} files in {}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("failed to {error}");
            ExitCode::FAILURE
        }
    }
}

fn render(json: &Path, folder: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let report = from_json(&fs_err::read_to_string(json)?)?;
    writeln!(std::io::stdout(), "{}", summary_text(&report))?;
    #[expect(clippy::disallowed_methods, reason = "the atomic writer is in the crate above")]
    let sink = |relative: &Path, bytes: &[u8]| {
        let path = folder.join(relative);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, bytes)
    };
    Ok(write_report(&report, &ReportOptions::default(), &sink)?.len())
}
