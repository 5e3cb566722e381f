use std::error::Error as _;
use std::process;

use crate::{Error, ExitCode};

/// Says on standard error why `task` failed, if it did, and turns the outcome into an exit status.
///
/// The causes of the error follow on the same line, each after a colon.
pub fn report(task: &str, outcome: Result<(), Error>) -> process::ExitCode {
    let code = match outcome {
        Ok(()) => ExitCode::Success,
        Err(error) => {
            eprintln!("error: failed to {task}: {}", with_causes(&error));
            error.exit_code()
        }
    };
    code.into()
}

fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let source_text = source.to_string();
        // A source that its parent has already quoted is not said twice.
        if !text.contains(&source_text) {
            text.push_str(": ");
            text.push_str(&source_text);
        }
        cause = source.source();
    }
    text
}
