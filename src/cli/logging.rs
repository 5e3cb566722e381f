use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;

/// Sends logs to standard error: warnings, with one `-v` information, with two everything.
///
/// Colours are for terminals, and only without `NO_COLOR`.
pub fn start_logging(verbose: u8) {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    // A second start, as in tests, keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .with_target(false)
        .without_time()
        .try_init();
}
