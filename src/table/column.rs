/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Unique among the columns of a table.
    pub name: String,
    /// `1` where there is none.
    pub unit: String,
    pub description: String,
}

/// Where the rows of a table come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Name of the detector.
    pub detector: String,
    /// Names of the files of events, without their folders.
    pub input_files: Vec<String>,
    /// SHA-256 of these files, one after the other, in hexadecimal.
    pub input_sha256: String,
}
