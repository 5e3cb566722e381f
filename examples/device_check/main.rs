//! Checks a device against the CPU and measures it, without anything beside the binary:
//!
//! ```text
//! device_check parity    --device cuda:0
//! device_check endurance --device cuda:0
//! device_check speed     --device cuda:0
//! ```
//!
//! It prints tables in Markdown. The exit code is 0 if all is well, 1 if something is not, and 69 if
//! there is no such device. `docs/cuda.md` says how to build it and what is compared;
//! `scripts/cuda-check.sh` runs all of it beside PyTorch.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its results")]

mod cases;
mod configurations;
mod endurance;
mod parity;
mod precision;
mod speed;

#[path = "../../benches/simulated/mod.rs"]
mod simulated;
#[path = "../../tests/tiny/mod.rs"]
mod tiny;

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::{Parser, Subcommand};
use showerforge::compute::DeviceChoice;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `EX_UNAVAILABLE` of BSD's `sysexits.h`.
const NO_DEVICE: u8 = 69;

/// Check a device against the CPU, and measure it
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// cpu, cuda or cuda:N
    #[arg(long, global = true, default_value = "cuda:0")]
    device: DeviceChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// One iteration of every part on the CPU and on the device; the CPU against itself checks
    /// batches in pieces
    Parity(parity::Args),
    /// Iterations on simulated events: every loss and weight is finite
    Endurance(endurance::Args),
    /// Iterations per second on simulated events
    Speed(speed::Args),
}

/// Messages of panics in any thread. burn runs a GPU's work in a thread of its own, catches what
/// goes wrong there, and goes on with wrong numbers.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The messages since the last call.
fn take_panics() -> Vec<String> {
    std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

fn main() -> ExitCode {
    showerforge::memory::keep_freed_memory();
    let cli = Cli::parse();
    let device = match cli.device.open() {
        Ok(device) => device,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(NO_DEVICE);
        }
    };
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("a panic without a message");
        PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }));
    let done = std::panic::catch_unwind(|| match &cli.command {
        Command::Parity(args) => args.run(&device),
        Command::Endurance(args) => args.run(&device),
        Command::Speed(args) => args.run(&device),
    });
    let panics = take_panics();
    for text in &panics {
        eprintln!("error: {}", text.trim());
    }
    if done.unwrap_or(false) && panics.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
