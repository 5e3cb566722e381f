use ndarray::ArrayView2;

use crate::ValidationError;
use crate::metrics::checks::{problem_of, setting};

/// The normalised relative discriminative score NRDS (Zhang et al., arXiv:1801.06790): one fresh
/// discriminator learns to tell real events from those of all generators together; A_i is the area
/// under the curve of its mean output on the events of generator i against the epoch (trapezoids),
/// and the score is
///
/// A_i / Σ_j A_j.
///
/// The better the generator, the longer the discriminator takes its events for real, and the
/// greater its score; the scores sum to 1. Outputs are probabilities or otherwise not below 0.
///
/// ```
/// use ndarray::arr2;
/// use validation::metrics::adversaries::relative_discriminator_scores;
/// let curves = arr2(&[[0.5, 0.5, 0.5], [0.5, 0.25, 0.0]]);
/// let scores = relative_discriminator_scores(curves.view(), &[1.0, 2.0, 3.0])?;
/// assert!((scores[0] - 2.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Shapes
/// `curves`: `[generators, epochs]`; `epochs`: `[epochs]`, ascending; the result is `[generators]`.
///
/// # Errors
/// No generator, fewer than two epochs, epochs that do not ascend, outputs that are below 0 or not
/// finite, or areas that are all 0.
pub fn relative_discriminator_scores(
    curves: ArrayView2<'_, f64>,
    epochs: &[f64],
) -> Result<Vec<f64>, ValidationError> {
    if curves.nrows() == 0 {
        return Err(problem_of("discriminator curves", "has no generator".to_owned()));
    }
    if epochs.len() < 2 || epochs.len() != curves.ncols() {
        let found = format!("{} for outputs of {}", epochs.len(), curves.ncols());
        return Err(setting("epochs", found, "as many as outputs, at least 2"));
    }
    if epochs.iter().any(|epoch| !epoch.is_finite()) || !epochs.is_sorted_by(|a, b| a < b) {
        return Err(setting("epochs", format!("{epochs:?}"), "finite and ascending"));
    }
    if let Some(((generator, epoch), output)) =
        curves.indexed_iter().find(|(_, output)| !(output.is_finite() && **output >= 0.0))
    {
        let problem = format!("has output {output} of generator {generator} at position {epoch}");
        return Err(problem_of("discriminator curves", problem));
    }
    let areas: Vec<f64> = curves
        .outer_iter()
        .map(|curve| {
            (1..epochs.len())
                .map(|k| (epochs[k] - epochs[k - 1]) * (curve[k] + curve[k - 1]) / 2.0)
                .sum()
        })
        .collect();
    let total: f64 = areas.iter().sum();
    if total <= 0.0 {
        return Err(problem_of("discriminator curves", "has only outputs of 0".to_owned()));
    }
    Ok(areas.into_iter().map(|area| area / total).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    #[test]
    fn areas_follow_the_distances_of_the_epochs() {
        let curves = arr2(&[[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]);
        let scores = relative_discriminator_scores(curves.view(), &[0.0, 1.0, 4.0]);
        // 1 + 1.5 and 0.5 + 3.
        let scores = scores.expect("valid");
        approx::assert_relative_eq!(scores[0], 2.5 / 6.0, max_relative = 1e-15);
        approx::assert_relative_eq!(scores.iter().sum::<f64>(), 1.0, max_relative = 1e-15);
    }

    #[test]
    fn curves_without_an_area_are_refused() {
        let score = |curves: Array2<f64>, epochs: &[f64]| {
            relative_discriminator_scores(curves.view(), epochs)
        };
        assert!(score(arr2(&[[0.0, 0.0]]), &[0.0, 1.0]).is_err());
        assert!(score(arr2(&[[0.1, -0.1]]), &[0.0, 1.0]).is_err());
        assert!(score(arr2(&[[0.1, 0.2]]), &[1.0, 1.0]).is_err());
        assert!(score(arr2(&[[0.1, 0.2]]), &[1.0]).is_err());
        assert!(score(arr2(&[[0.1]]), &[1.0]).is_err());
        assert!(score(Array2::zeros((0, 2)), &[0.0, 1.0]).is_err());
    }
}
