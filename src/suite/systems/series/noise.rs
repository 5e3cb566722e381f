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
}

impl StepNoise {
    /// Noise of `count` series from number `first` on, each with a stream of its own.
    ///
    /// # Shapes
    /// `[count, width]`
    pub(super) fn draw(
        self,
        streams: &Streams,
        first: u64,
        (count, width): (usize, usize),
        device: &Device,
    ) -> Tensor<2> {
        let mut values = vec![0.0; count * width];
        values.par_chunks_mut(width).enumerate().for_each(|(row, values)| {
            let number = first + row as u64;
            match self {
                Self::Normal => streams.normals(number).fill(values),
                Self::Uniform => {
                    let mut uniforms = streams.uniforms(number);
                    values.iter_mut().for_each(|value| *value = uniforms.draw());
                }
            }
        });
        matrix(values, count, width, device)
    }
}
