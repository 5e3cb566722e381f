//! The detectors that come with showerforge.

use crate::{Calorimeter, DetectorError};

const BUILTIN: &[(&str, &str)] =
    &[("calochallenge-photons", include_str!("calorimeter/calochallenge_photons.toml"))];

/// Names of the built-in detectors, in the order they are listed to users.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|(name, _)| *name)
}

/// The built-in detector called `name`.
///
/// ```
/// let photons = detectors::builtin("calochallenge-photons")?;
/// assert_eq!(photons.voxel_count(), 368);
/// # Ok::<(), detectors::DetectorError>(())
/// ```
///
/// # Errors
/// [`DetectorError::Unknown`], naming the detectors that exist.
pub fn builtin(name: &str) -> Result<Calorimeter, DetectorError> {
    let (_, text) =
        BUILTIN.iter().find(|(known, _)| *known == name).ok_or_else(|| DetectorError::Unknown {
            name: name.to_owned(),
            known: builtin_names().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "),
        })?;
    Calorimeter::from_toml(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_detector_is_valid_and_carries_its_own_name() {
        for name in builtin_names() {
            assert_eq!(builtin(name).expect("built-in detectors are valid").name(), name);
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let message = builtin("calochallenge-muons").unwrap_err().to_string();
        assert_eq!(
            message,
            "unknown detector `calochallenge-muons`; known detectors are `calochallenge-photons`"
        );
    }
}
