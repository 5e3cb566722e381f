use std::any::Any;
use std::error::Error as _;
use std::ffi::{CStr, CString};

use showerforge::codec::CodecError;
use showerforge::generate::EmbeddedError;
use showerforge::model::ModelFileError;
use showerforge::{Error, ExitCode};

use crate::types::showerforge_code;

/// A code and a message for people.
#[derive(Debug)]
pub struct Failure {
    pub code: showerforge_code,
    message: CString,
}

impl Failure {
    pub fn new(code: showerforge_code, message: &str) -> Self {
        Self { code, message: c_text(message) }
    }

    /// What was thrown where nothing should be.
    pub fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("of unknown kind");
        let message = format!("this is a bug in showerforge, please report it: {text}");
        Self::new(showerforge_code::SHOWERFORGE_INTERNAL, &message)
    }

    pub fn message(&self) -> &CStr {
        &self.message
    }
}

impl From<EmbeddedError> for Failure {
    fn from(error: EmbeddedError) -> Self {
        use showerforge::generate::ImpossibleRequest;
        use showerforge_code::{
            SHOWERFORGE_BAD_ARGUMENT, SHOWERFORGE_BAD_CONDITION, SHOWERFORGE_BAD_MODEL,
            SHOWERFORGE_IO, SHOWERFORGE_NEWER_MODEL, SHOWERFORGE_NO_SUCH_FILE,
            SHOWERFORGE_OUT_OF_RANGE,
        };
        let code = match &error {
            EmbeddedError::Size { .. }
            | EmbeddedError::Impossible(ImpossibleRequest::EventNumber { .. }) => {
                SHOWERFORGE_BAD_ARGUMENT
            }
            EmbeddedError::Impossible(_) => SHOWERFORGE_BAD_CONDITION,
            EmbeddedError::Codec(CodecError::OutOfRange(_)) => SHOWERFORGE_OUT_OF_RANGE,
            EmbeddedError::Codec(_) => SHOWERFORGE_BAD_CONDITION,
            EmbeddedError::Threads { .. } => SHOWERFORGE_BAD_ARGUMENT,
            EmbeddedError::Other(error) => match &**error {
                Error::Model(ModelFileError::TooNew { .. }) => SHOWERFORGE_NEWER_MODEL,
                error => match error.exit_code() {
                    ExitCode::MissingInput => SHOWERFORGE_NO_SUCH_FILE,
                    ExitCode::InputOutput => SHOWERFORGE_IO,
                    _ => SHOWERFORGE_BAD_MODEL,
                },
            },
        };
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self::new(code, &message)
    }
}

/// Text for C: it ends where its first NUL would be, so there is none.
pub fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).expect("NULs were replaced")
}
