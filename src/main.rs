//! The `showerforge` program: a table of its sub-commands.

use clap::Parser as _;
use showerforge::cli::{Cli, Command, print, report, start_logging};
use showerforge::events::structure;
use showerforge::memory;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == structure::ARGUMENT) {
        if let Some(path) = arguments.next() {
            let _ = print(&structure::walk(path.as_ref()));
        }
        return std::process::ExitCode::SUCCESS;
    }
    if let Ok(program) = std::env::current_exe() {
        structure::guard(program);
    }
    let cli = Cli::parse();
    start_logging(cli.verbose);
    match cli.command {
        Command::Train(args) => {
            memory::keep_freed_memory();
            report("train", args.run())
        }
        Command::Generate(args) => report("generate", args.run()),
        Command::Export(args) => report("export", args.run()),
        Command::Validate(args) => report("validate", args.run()),
        Command::Compare(args) => report("compare", args.run()),
        Command::LeaveOneOut(args) => {
            memory::keep_freed_memory();
            report("leave out an energy", args.run())
        }
        Command::Inspect(args) => report("inspect", args.run()),
        Command::Observables(args) => report("measure observables", args.run()),
        Command::Simulate(args) => report("simulate", args.run()),
        Command::Merge(args) => report("merge", args.run()),
        Command::Verify(args) => report("verify", args.run()),
        Command::Detectors(args) => report("describe the detector", args.run()),
        Command::Suite(args) => report("run the suite", args.run()),
        Command::Plan(args) => report("plan", args.run()),
        Command::Completions(args) => report("print completions", args.run()),
        Command::Man(args) => report("write manual pages", args.run()),
    }
}
