//! The `showerforge` program: a table of its sub-commands.

use clap::Parser as _;
use showerforge::cli::{Cli, Command, report, start_logging};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    start_logging(cli.verbose);
    match cli.command {
        Command::Train(args) => report("train", args.run()),
        Command::Generate(args) => report("generate", args.run()),
        Command::Validate(args) => report("validate", args.run()),
        Command::Inspect(args) => report("inspect", args.run()),
    }
}
