use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::compute::{Device, Tensor, matrix};
use crate::random::Streams;

/// What generators of series get at each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepNoise {
    /// Uniform in 0 to 1.
    Uniform,
    /// Standard normal.
    Normal,
    /// A walk in each number, which tells the steps of a series apart from those of another:
    /// standard normal at the first step, and a normal step of the variance 1/T to each of the
    /// following of T steps.
    Walk,
}

impl StepNoise {
    /// Noise of `count` series from number `first` on, each with a stream of its own.
    ///
    /// # Shapes
    /// `[count, steps × width]`
    pub(super) fn draw(
        self,
        streams: &Streams,
        first: u64,
        [count, steps, width]: [usize; 3],
        device: &Device,
    ) -> Tensor<2> {
        let step = (steps as f32).sqrt().recip();
        let (before, width) = (width, steps * width);
        let mut values = vec![0.0; count * width];
        values.par_chunks_mut(width).enumerate().for_each(|(row, values)| {
            let number = first + row as u64;
            match self {
                Self::Normal => streams.normals(number).fill(values),
                Self::Walk => {
                    streams.normals(number).fill(values);
                    for i in before..width {
                        values[i] = values[i - before] + step * values[i];
                    }
                }
                Self::Uniform => {
                    let mut uniforms = streams.uniforms(number);
                    values.iter_mut().for_each(|value| *value = uniforms.draw());
                }
            }
        });
        matrix(values, count, width, device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, to_host};
    use crate::random::Purpose;

    /// Variance 1 at the first step, and 1 + (t − 1) / T at step t; what two steps have in common is
    /// the earlier one's.
    #[test]
    fn a_walk_begins_normal_and_grows_by_one_over_all_steps() {
        const COUNT: usize = 20_000;
        let streams = Streams::new(1, Purpose::GeneratorNoise);
        let noise = StepNoise::Walk.draw(&streams, 0, [COUNT, 4, 2], &cpu());
        let values: Vec<f64> = to_host(noise).into_iter().map(f64::from).collect();
        let product = |i: usize, j: usize| {
            values.chunks(8).map(|row| row[i] * row[j]).sum::<f64>() / COUNT as f64
        };
        for (i, j, expected) in [
            (0, 0, 1.0),
            (2, 2, 1.25),
            (7, 7, 1.75),
            (1, 7, 1.0),
            (3, 5, 1.25),
            (0, 1, 0.0),
            (6, 7, 0.0),
        ] {
            approx::assert_abs_diff_eq!(product(i, j), expected, epsilon = 0.05);
        }
    }
}
