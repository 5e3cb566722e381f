use thiserror::Error;

use crate::ExitCode;
use crate::codec::CodecError;
use crate::generate::ConditionError;

/// Why a model cannot be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    #[error("layer `{kind}` of the network cannot be expressed in {format}")]
    Layer { format: &'static str, kind: &'static str },

    #[error("the model does not fit the signature `{signature}`: {problem}")]
    Signature { signature: &'static str, problem: String },

    #[error("the model cannot be expressed in {format}: {problem}")]
    Model { format: &'static str, problem: String },

    #[error("`{option}` {problem}")]
    Option { option: &'static str, problem: String },

    #[error(transparent)]
    Conditions(#[from] ConditionError),

    #[error(transparent)]
    Codec(#[from] CodecError),
}

impl ExportError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Layer { .. } | Self::Signature { .. } | Self::Model { .. } => ExitCode::BadData,
            Self::Option { .. } | Self::Conditions(_) => ExitCode::Usage,
            Self::Codec(error) => error.exit_code(),
        }
    }
}
