//! `showerforge completions`: what a shell needs to complete our commands.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, print};
use crate::Error;

/// Print a shell's completions of this program's commands and options
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge completions bash > ~/.local/share/bash-completion/completions/showerforge"
)]
pub struct Args {
    shell: Shell,
}

impl Args {
    /// # Errors
    /// Standard output cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "showerforge", &mut text);
        Ok(print(&String::from_utf8_lossy(&text))?)
    }
}
