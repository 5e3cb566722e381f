//! The detectors that come with showerforge.

use crate::{Detector, DetectorError};

/// A built-in detector needs a line here and nothing else.
const BUILTIN: &[(&str, &str)] = &[
    ("calochallenge-photons", include_str!("calorimeter/calochallenge_photons.toml")),
    ("calochallenge-pions", include_str!("calorimeter/calochallenge_pions.toml")),
    ("calochallenge-electrons", include_str!("calorimeter/calochallenge_electrons.toml")),
    ("calochallenge-electrons-fine", include_str!("calorimeter/calochallenge_electrons_fine.toml")),
    ("atlas-em-barrel", include_str!("calorimeter/atlas_em_barrel.toml")),
    ("clic-ecal-25", include_str!("calorimeter/clic_ecal_25.toml")),
    ("clic-ecal-51", include_str!("calorimeter/clic_ecal_51.toml")),
    ("regular-grid", include_str!("calorimeter/regular_grid.toml")),
    ("rich-pid", include_str!("cherenkov/rich_pid.toml")),
    ("rich-rings", include_str!("cherenkov/rich_rings.toml")),
    ("radio-sky", include_str!("radio/radio_sky.toml")),
];

/// Names of the built-in detectors, in the order they are listed to users.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|(name, _)| *name)
}

/// The description of a built-in detector as its author wrote it, with comments: a start for a
/// detector of one's own.
///
/// # Errors
/// [`DetectorError::Unknown`], naming the detectors that exist.
pub fn builtin_toml(name: &str) -> Result<&'static str, DetectorError> {
    BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).ok_or_else(|| {
        DetectorError::Unknown {
            name: name.to_owned(),
            known: builtin_names().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "),
        }
    })
}

/// The built-in detector called `name`.
///
/// ```
/// let photons = detectors::builtin("calochallenge-photons")?;
/// assert_eq!(photons.value_count(), 368);
/// # Ok::<(), detectors::DetectorError>(())
/// ```
///
/// # Errors
/// [`DetectorError::Unknown`], naming the detectors that exist.
pub fn builtin(name: &str) -> Result<Detector, DetectorError> {
    Detector::from_toml(builtin_toml(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_detector_is_valid_and_carries_its_own_name() {
        for name in builtin_names() {
            let detector = builtin(name).expect("built-in detectors are valid");
            assert_eq!(detector.name(), name);
            let again = Detector::from_toml(&detector.to_toml()).expect("own output");
            assert_eq!(again, detector);
        }
    }

    #[test]
    fn as_many_values_as_published() {
        let counts: Vec<usize> =
            builtin_names().map(|n| builtin(n).expect("valid").value_count()).collect();
        assert_eq!(counts, [368, 533, 6_480, 40_500, 266, 15_625, 65_025, 27_000, 5, 4_096, 1_024]);
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let message = builtin("calochallenge-muons").unwrap_err().to_string();
        assert!(message.starts_with(
            "unknown detector `calochallenge-muons`; known detectors are `calochallenge-photons`, \
             `calochallenge-pions`"
        ));
    }
}
