//! `showerforge man`: manual pages, made of the same texts as `--help`.

use std::path::PathBuf;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::{Cli, print};
use crate::Error;
use crate::files::{FileError, write_atomically};

/// Write the manual pages: one of the program, one of each command
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge man --output ~/.local/share/man/man1 && man showerforge-generate"
)]
pub struct Args {
    /// Folder to write `showerforge.1`, `showerforge-generate.1`, … to [default: print the first]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Replace pages that exist
    #[arg(long)]
    force: bool,
}

impl Args {
    /// # Errors
    /// A page exists, or cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        let pages = pages();
        let Some(folder) = &self.output else {
            let (_, program) = &pages[0];
            return Ok(print(&String::from_utf8_lossy(program))?);
        };
        std::fs::create_dir_all(folder).map_err(|source| FileError::creating(folder, source))?;
        for (name, page) in &pages {
            write_atomically(&folder.join(name), page, self.force)?;
        }
        let (count, folder) = (pages.len(), folder.display());
        Ok(print(&format!("{count} manual pages written to {folder}\n"))?)
    }
}

/// Names and contents, the program's own page first.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let commands: Vec<Command> =
        program.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    std::iter::once(program)
        .chain(commands)
        .map(|command| {
            let man = Man::new(command).manual("showerforge").source(env!("CARGO_PKG_VERSION"));
            let mut page = Vec::new();
            man.render(&mut page).expect("memory takes all that is written to it");
            (man.get_filename(), page)
        })
        .collect()
}
