use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::changes::NetworkChange;
use crate::suite::SuiteError;
use crate::suite::tier::Tier;

const FORMAT_VERSION: u32 = 1;

/// A system in TOML: what it changes of the training that a problem proposes.
///
/// `settings` holds keys of a training configuration (`docs/training.md`), `critic` standing for all
/// critics. Changes of a tier, then of single problems, come on top.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemFile {
    pub format_version: u32,
    pub name: String,
    pub title: String,
    pub source: String,
    pub formula: String,
    /// Tiers that it is for; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// Only for problems whose events have a class or other conditions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_conditions: bool,
    /// Only for these problems; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    #[serde(default)]
    pub networks: Networks,
    #[serde(default)]
    pub settings: Table,
    #[serde(default)]
    pub tier: BTreeMap<Tier, Table>,
    #[serde(default)]
    pub problem: BTreeMap<String, Table>,
}

/// Changes of the networks that a problem proposes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Networks {
    #[serde(default)]
    pub generator: Vec<NetworkChange>,
    #[serde(default)]
    pub critic: Vec<NetworkChange>,
}

impl SystemFile {
    /// A system that only changes settings.
    pub(super) fn plain(name: &str, title: &str, settings: Table) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            name: name.to_owned(),
            title: title.to_owned(),
            source: String::new(),
            formula: String::new(),
            tiers: Vec::new(),
            needs_conditions: false,
            problems: Vec::new(),
            networks: Networks::default(),
            settings,
            tier: BTreeMap::new(),
            problem: BTreeMap::new(),
        }
    }

    /// # Errors
    /// Broken TOML, an unknown key, another format, or a name that cannot be one of a folder.
    pub fn from_toml(text: &str) -> Result<Self, SuiteError> {
        let wrong =
            |name: &str, problem: String| SuiteError::Settings { name: name.to_owned(), problem };
        let file: Self = toml::from_str(text)
            .map_err(|error| wrong("a system", error.to_string().trim().to_owned()))?;
        if file.format_version != FORMAT_VERSION {
            let found = file.format_version;
            let problem = format!("`format_version` is {found}, expected {FORMAT_VERSION}");
            return Err(wrong(&file.name, problem));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if file.name.is_empty() || !file.name.chars().all(plain) || file.name.contains("--") {
            let problem =
                "`name` must have letters, digits, `-`, `_`, `.` and `/` only, and no `--`";
            return Err(wrong(&file.name, problem.to_owned()));
        }
        Ok(file)
    }
}
