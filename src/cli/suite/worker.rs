//! `showerforge suite worker`: one run, as `suite run` starts it.

use crate::Error;
use crate::suite::SuiteError;
use crate::suite::runner::{SingleRun, run_single};

/// One run of `suite run`, in a process of its own
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run, in JSON
    run: String,
}

impl Args {
    pub fn run(self) -> Result<(), Error> {
        let run: SingleRun = serde_json::from_str(&self.run).map_err(|error| {
            SuiteError::Settings { name: "a run".to_owned(), problem: error.to_string() }
        })?;
        crate::memory::keep_freed_memory();
        // Thousandths of the iterations, for the process that waits for it.
        run_single(&run, &mut |iteration, of| {
            let _ = crate::cli::print(&format!("{}\n", 1_000 * iteration / of.max(1)));
        })?;
        Ok(())
    }
}
