use serde::{Deserialize, Serialize};

/// Mean and standard deviation of the energy sums at one incident energy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyKnot {
    /// Encoded incident energy.
    pub condition: f64,
    /// `[layers + 1]`: E_layer / E_inc, then E_tot / E_inc.
    pub mean: Vec<f64>,
    /// `[layers + 1]`
    pub deviation: Vec<f64>,
}

/// Mean and standard deviation of the energy sums as functions of the incident energy: linear in
/// the encoded energy between knots, constant beyond the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SumStatistics {
    knots: Vec<EnergyKnot>,
}

/// More distinct energies than this are taken as continuous and grouped.
const MAXIMUM_KNOTS: usize = 16;
/// A sum that hardly varies (an empty layer) is not blown up beyond this fraction.
const SMALLEST_DEVIATION: f64 = 1e-4;

impl SumStatistics {
    /// One knot for each distinct condition; for continuous conditions, groups of equal size.
    ///
    /// # Shapes
    /// `conditions`: `[events]`, `sums`: for each event `[layers + 1]`.
    pub fn fit(conditions: &[f64], sums: &[Vec<f64>]) -> Self {
        let mut order: Vec<usize> = (0..conditions.len()).collect();
        order.sort_by(|&a, &b| conditions[a].total_cmp(&conditions[b]));
        let distinct = order.chunk_by(|&a, &b| conditions[a] == conditions[b]).count();
        let groups: Vec<&[usize]> = if distinct <= MAXIMUM_KNOTS {
            order.chunk_by(|&a, &b| conditions[a] == conditions[b]).collect()
        } else {
            order.chunks(order.len().div_ceil(MAXIMUM_KNOTS)).collect()
        };
        Self { knots: groups.into_iter().map(|group| knot(group, conditions, sums)).collect() }
    }

    /// Whether there are knots in order, each with so many sums, as a fit gives them.
    ///
    /// # Errors
    /// What is not so, as a fragment of a sentence.
    pub(super) fn check(&self, sums: usize) -> Result<(), String> {
        let in_order = self.knots.is_sorted_by(|a, b| a.condition <= b.condition);
        let finite = |value: &f64| (*value as f32).is_finite();
        let is_sound = self.knots.iter().all(|knot| {
            (knot.mean.len(), knot.deviation.len()) == (sums, sums)
                && finite(&knot.condition)
                && knot.mean.iter().all(finite)
                && knot.deviation.iter().all(|value| finite(value) && (*value as f32) > 0.0)
        });
        if self.knots.is_empty() || !in_order || !is_sound {
            return Err(format!(
                "`sums` is not a list of knots with rising conditions, and with the mean and the \
                 positive deviation of {sums} sums each"
            ));
        }
        Ok(())
    }

    pub fn knots(&self) -> &[EnergyKnot] {
        &self.knots
    }

    /// (mean, standard deviation) of every sum at an encoded incident energy.
    pub fn at(&self, condition: f64) -> (Vec<f64>, Vec<f64>) {
        let (lower, upper, share) = self.around(condition);
        let between = |low: &[f64], high: &[f64]| {
            low.iter().zip(high).map(|(l, h)| l + share * (h - l)).collect()
        };
        (between(&lower.mean, &upper.mean), between(&lower.deviation, &upper.deviation))
    }

    /// (mean, standard deviation) of the total at an encoded incident energy.
    pub fn total_at(&self, condition: f64) -> (f64, f64) {
        let (lower, upper, share) = self.around(condition);
        let between = |low: &[f64], high: &[f64]| match (low.last(), high.last()) {
            (Some(l), Some(h)) => l + share * (h - l),
            _ => 0.0,
        };
        (between(&lower.mean, &upper.mean), between(&lower.deviation, &upper.deviation))
    }

    /// The knots on both sides of a condition, and how far it is on the way.
    fn around(&self, condition: f64) -> (&EnergyKnot, &EnergyKnot, f64) {
        let above = self.knots.partition_point(|knot| knot.condition < condition);
        let upper = &self.knots[above.min(self.knots.len() - 1)];
        let lower = &self.knots[above.saturating_sub(1)];
        let width = upper.condition - lower.condition;
        let share =
            if width > 0.0 { ((condition - lower.condition) / width).clamp(0.0, 1.0) } else { 0.0 };
        (lower, upper, share)
    }
}

fn knot(group: &[usize], conditions: &[f64], sums: &[Vec<f64>]) -> EnergyKnot {
    let events = group.len() as f64;
    let width = sums[group[0]].len();
    let mut mean = vec![0.0; width];
    let mut deviation = vec![0.0; width];
    for &event in group {
        mean.iter_mut().zip(&sums[event]).for_each(|(m, s)| *m += s / events);
    }
    for &event in group {
        for (i, d) in deviation.iter_mut().enumerate() {
            *d += (sums[event][i] - mean[i]).powi(2) / events;
        }
    }
    deviation.iter_mut().for_each(|d| *d = d.sqrt().max(SMALLEST_DEVIATION));
    let condition = group.iter().map(|&event| conditions[event]).sum::<f64>() / events;
    EnergyKnot { condition, mean, deviation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discrete_energies_get_a_knot_each_and_are_met_exactly() {
        let conditions = [1.0, -1.0, -1.0, 1.0];
        let sums = vec![vec![0.9], vec![0.2], vec![0.4], vec![1.1]];
        let statistics = SumStatistics::fit(&conditions, &sums);
        assert_eq!(statistics.knots().len(), 2);
        let (mean, deviation) = statistics.at(-1.0);
        approx::assert_relative_eq!(mean[0], 0.3, epsilon = 1e-12);
        approx::assert_relative_eq!(deviation[0], 0.1, epsilon = 1e-12);
        approx::assert_relative_eq!(statistics.at(0.0).0[0], 0.65, epsilon = 1e-12);
        approx::assert_relative_eq!(statistics.at(7.0).0[0], 1.0, epsilon = 1e-12);
        approx::assert_relative_eq!(statistics.at(-7.0).0[0], 0.3, epsilon = 1e-12);
    }

    #[test]
    fn continuous_energies_are_grouped() {
        let conditions: Vec<f64> = (0..1000).map(|i| f64::from(i) / 500.0 - 1.0).collect();
        let sums: Vec<Vec<f64>> = conditions.iter().map(|c| vec![1.0 + 0.1 * c]).collect();
        let statistics = SumStatistics::fit(&conditions, &sums);
        assert_eq!(statistics.knots().len(), MAXIMUM_KNOTS);
        approx::assert_abs_diff_eq!(statistics.at(0.3).0[0], 1.03, epsilon = 2e-3);
    }
}
