use thiserror::Error;

/// Why a detector description cannot be used.
#[derive(Debug, Error)]
pub enum DetectorError {
    #[error("unknown detector `{name}`; known detectors are {known}")]
    Unknown { name: String, known: String },

    #[error("detector description is not valid TOML: {0}")]
    Toml(#[from] toml::de::Error),

    #[error("binning file is not valid XML: {0}")]
    Xml(#[from] roxmltree::Error),

    #[error("binning file {problem}")]
    XmlContent { problem: String },

    #[error("detector `{detector}`: {problem}")]
    Invalid { detector: String, problem: String },

    #[error(
        "detector `{detector}` has no parametric simulation: its description has no `[simulation]`"
    )]
    NoSimulation { detector: String },

    #[error("conditions for `{detector}` {problem}")]
    Conditions { detector: String, problem: String },
}
