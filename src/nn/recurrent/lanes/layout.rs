use rayon::prelude::*;

use super::{LANES, Vector};
use crate::compute::{Device, Tensor, matrix, to_host};

/// Series of events in blocks of [`LANES`] side by side; lanes without an event are 0.
///
/// # Shapes
/// `[blocks, steps, units]` of vectors.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::nn) struct Lanes {
    values: Vec<Vector>,
    events: usize,
    steps: usize,
    units: usize,
}

impl Lanes {
    pub(super) fn zeros(events: usize, steps: usize, units: usize) -> Self {
        let blocks = events.div_ceil(LANES);
        Self { values: vec![[0.0; LANES]; blocks * steps * units], events, steps, units }
    }

    pub(super) fn like(&self, units: usize) -> Self {
        Self::zeros(self.events, self.steps, units)
    }

    /// # Shapes
    /// x: `[events, steps × units]`.
    pub(in crate::nn) fn from_tensor(x: Tensor<2>, steps: usize) -> Self {
        let [events, width] = x.dims();
        let mut lanes = Self::zeros(events, steps, width / steps);
        let rows = to_host(x);
        lanes.blocks_mut().zip(rows.par_chunks(LANES * width)).for_each(|(block, rows)| {
            for (lane, row) in rows.chunks_exact(width).enumerate() {
                for (vector, value) in block.iter_mut().zip(row) {
                    vector[lane] = *value;
                }
            }
        });
        lanes
    }

    /// # Shapes
    /// `[events, steps × units]`.
    pub(in crate::nn) fn into_tensor(self, device: &Device) -> Tensor<2> {
        let width = self.steps * self.units;
        let mut rows = vec![0.0; self.events * width];
        rows.par_chunks_mut(LANES * width).zip(self.blocks()).for_each(|(rows, block)| {
            for (lane, row) in rows.chunks_exact_mut(width).enumerate() {
                for (value, vector) in row.iter_mut().zip(block) {
                    *value = vector[lane];
                }
            }
        });
        matrix(rows, self.events, width, device)
    }

    /// Blocks of `[steps, units]` vectors.
    pub(super) fn blocks(&self) -> rayon::slice::Chunks<'_, Vector> {
        self.values.par_chunks(self.steps * self.units)
    }

    pub(super) fn blocks_mut(&mut self) -> rayon::slice::ChunksMut<'_, Vector> {
        self.values.par_chunks_mut(self.steps * self.units)
    }

    /// Some of the units of each step.
    pub(in crate::nn::recurrent) fn units(&self, first: usize, count: usize) -> Self {
        if count == self.units {
            return self.clone();
        }
        let steps = self.values.chunks_exact(self.units);
        let values = steps.flat_map(|step| &step[first..first + count]).copied().collect();
        Self { values, units: count, ..*self }
    }

    /// The units of all parts at each step.
    pub(in crate::nn::recurrent) fn beside(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let units = parts.iter().map(|part| part.units).sum();
        let mut all = parts[0].like(units);
        let mut first = 0;
        for part in &parts {
            let steps = all.values.chunks_exact_mut(units);
            for (step, own) in steps.zip(part.values.chunks_exact(part.units)) {
                step[first..first + part.units].copy_from_slice(own);
            }
            first += part.units;
        }
        all
    }

    pub(in crate::nn::recurrent) fn plus(mut self, other: &Self) -> Self {
        for (sum, other) in self.values.iter_mut().zip(&other.values) {
            sum.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu;

    #[test]
    fn series_come_back_as_they_were() {
        // 19 events of 3 steps of 2 features: a full block and a part of one.
        let values: Vec<f32> = (0..19 * 6).map(|i| i as f32).collect();
        let lanes = Lanes::from_tensor(matrix(values.clone(), 19, 6, &cpu()), 3);
        assert_eq!(lanes.values.len(), 2 * 3 * 2);
        assert_eq!(lanes.values[0][1], 6.0);
        assert_eq!(lanes.values[6 + 2][2], 18.0 * 6.0 + 2.0);
        assert_eq!(lanes.values[6][5], 0.0);
        let (first, second) = (lanes.units(0, 1), lanes.units(1, 1));
        assert_eq!(Lanes::beside(vec![first, second]), lanes);
        let twice = lanes.clone().plus(&lanes).into_tensor(&cpu());
        let doubled: Vec<f32> = values.iter().map(|value| 2.0 * value).collect();
        assert_eq!(to_host(twice), doubled);
    }
}
