use detectors::Detector;
use ndarray::{Array2, ArrayView2, Axis};

use crate::codec::CodecError;
use crate::events::Events;
use crate::generate::Sampler;

/// Groups of events that are looked at.
const GROUPS: usize = 4;
/// Events that are generated for each.
const DRAWS: usize = 16;

/// Compares how much events vary at fixed conditions: those of the generator with those of the data.
///
/// V = Σ_i Var(x_i / s), over the values i of an event and what they are fractions of, s. Of up to
/// four groups of events with the same leading condition (or neighbouring ones), V of the data is
/// that of the group, and V of the generator that of 16 events at the conditions of the group's
/// middle event. The figure is the mean of the ratios.
#[derive(Debug)]
pub struct VarianceProbe {
    /// `[groups × DRAWS, condition width]`
    conditions: Array2<f64>,
    scales: Vec<f64>,
    /// V of the data. `[groups]`
    variances: Vec<f64>,
}

impl VarianceProbe {
    pub fn new(detector: &Detector, events: &Events, groups: &[Vec<usize>]) -> Self {
        let scales = events.scales(detector);
        let stride = groups.len().div_ceil(GROUPS).max(1);
        let (mut chosen, mut variances) = (Vec::new(), Vec::new());
        for group in groups.iter().skip(stride / 2).step_by(stride) {
            let of_group: Vec<f64> = group.iter().map(|&event| scales[event]).collect();
            let values = events.values.select(Axis(0), group);
            let variance = variance(values.view(), &of_group);
            if variance > 0.0 {
                chosen.extend([group[group.len() / 2]; DRAWS]);
                variances.push(variance);
            }
        }
        Self {
            conditions: events.conditions.select(Axis(0), &chosen),
            scales: chosen.iter().map(|&event| scales[event]).collect(),
            variances,
        }
    }

    /// None where the data do not vary.
    pub fn variance_ratio(&self, sampler: &Sampler<'_>) -> Result<Option<f64>, CodecError> {
        if self.variances.is_empty() {
            return Ok(None);
        }
        let values = sampler.values(0, self.conditions.view())?;
        let groups = values.axis_chunks_iter(Axis(0), DRAWS).zip(self.scales.chunks(DRAWS));
        let ratios = groups
            .zip(&self.variances)
            .map(|((values, scales), of_data)| variance(values, scales) / of_data);
        Ok(Some(ratios.sum::<f64>() / self.variances.len() as f64))
    }
}

/// Σ_i Var(x_i / s)
fn variance(values: ArrayView2<'_, f32>, scales: &[f64]) -> f64 {
    let count = values.nrows().max(1) as f64;
    values
        .axis_iter(Axis(1))
        .map(|column| {
            let of = || column.iter().zip(scales).map(|(&value, scale)| f64::from(value) / scale);
            let mean = of().sum::<f64>() / count;
            of().map(|value| (value - mean).powi(2)).sum::<f64>() / count
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_variance_is_that_of_fractions() {
        let values = array![[1.0_f32, 10.0], [3.0, 10.0]];
        assert_eq!(variance(values.view(), &[1.0, 1.0]), 1.0);
        assert_eq!(variance(values.view(), &[2.0, 2.0]), 0.25);
    }

    #[test]
    fn groups_that_do_not_vary_are_left_out() {
        let detector = detectors::builtin("calochallenge-photons").expect("built in");
        let values = Array2::from_shape_fn(
            (6, 368),
            |(event, _)| if event < 4 { 1.0 } else { event as f32 },
        );
        let conditions = array![[256.0], [256.0], [512.0], [512.0], [1024.0], [1024.0]];
        let events = Events { conditions, values, weights: None };
        let groups = [vec![0, 1], vec![2, 3], vec![4, 5]];
        let probe = VarianceProbe::new(&detector, &events, &groups);
        assert_eq!(probe.variances.len(), 1);
        assert_eq!(probe.conditions.dim(), (DRAWS, 1));
        assert!(probe.conditions.iter().all(|&energy| energy == 1024.0));
        approx::assert_relative_eq!(probe.variances[0], 368.0 * 0.25 / 1024.0_f64.powi(2));
    }
}
