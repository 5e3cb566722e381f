use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Generator, InversionSettings, invert};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::random::mixed;

/// How closely a generator can come to each of the events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReconstructionErrors {
    /// min_z |G(z) − x|² of each event.
    pub squared_errors: Vec<f64>,
    pub mean: f64,
    pub median: f64,
    /// Share of the events whose search ended before its steps did.
    pub converged: f64,
}

/// The reconstruction error min_z |G(z) − x|² of each event x, also known as inference by
/// optimisation (IvOM; Metz et al., arXiv:1611.02163; Xiang and Li, arXiv:1704.03971): great for
/// events of a mode that the generator has lost. See [`invert`] for the search. To be read beside
/// the errors of the training events: greater ones of new events show memorisation.
///
/// # Errors
/// What [`invert`] refuses.
pub fn reconstruction_errors(
    generator: &dyn Generator,
    events: &FeatureMatrix,
    settings: &InversionSettings,
) -> Result<ReconstructionErrors, ValidationError> {
    settings.check()?;
    let found = (0..events.events())
        .into_par_iter()
        .map(|event| {
            // Other starts for each event.
            let seed = settings.seed ^ mixed(event as u64);
            let settings = InversionSettings { seed, ..settings.clone() };
            invert(generator, events.event(event), &settings)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let count = found.len() as f64;
    let converged = found.iter().filter(|found| found.converged).count() as f64 / count;
    let squared_errors: Vec<f64> = found.into_iter().map(|found| found.squared_error).collect();
    let mut sorted = squared_errors.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    };
    let mean = squared_errors.iter().sum::<f64>() / count;
    Ok(ReconstructionErrors { squared_errors, mean, median, converged })
}

#[cfg(test)]
mod tests {
    use super::super::GeneratorFunction;
    use super::*;
    use ndarray::arr2;

    #[test]
    fn events_of_a_lost_mode_are_far_from_the_generator() {
        // A half circle, where the events lie on a whole one.
        let half = GeneratorFunction::new(1, 2, |z, x| {
            let angle = std::f64::consts::FRAC_PI_2 * z[0].tanh();
            (x[0], x[1]) = (angle.cos(), angle.sin());
        });
        let events = arr2(&[[1.0, 0.0], [0.0, 2.0], [-1.0, 0.0], [0.6, 0.8]]);
        let events = FeatureMatrix::new("test", events.view()).expect("valid");
        let settings = InversionSettings { starts: 4, ..InversionSettings::default() };
        let found = reconstruction_errors(&half, &events, &settings).expect("finite");
        for (found, expected) in found.squared_errors.iter().zip([0.0, 1.0, 2.0, 0.0]) {
            assert!((found - expected).abs() < 1e-3, "{found} {expected}");
        }
        assert!((found.mean - 0.75).abs() < 1e-3 && (found.median - 0.5).abs() < 1e-3);
        assert_eq!(found, reconstruction_errors(&half, &events, &settings).expect("finite"));
    }
}
