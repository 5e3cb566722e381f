use serde::{Deserialize, Serialize};

use crate::random::Normals;

/// How the weights of a layer begin. Biases begin at 0.
///
/// With n the inputs and m the outputs of one unit (for a convolution, channels × kernel):
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Initialisation {
    /// Normal with variance 2 / n (arXiv:1502.01852), for ReLU-like activations.
    He,
    /// Normal with variance 2 / (n + m) (Glorot and Bengio, AISTATS 2010).
    #[default]
    Glorot,
    /// Uniform with variance 2 / n: ±√(6 / n).
    HeUniform,
    /// Uniform with variance 2 / (n + m): ±√(6 / (n + m)).
    GlorotUniform,
    /// Normal with the given standard deviation.
    Normal { deviation: f64 },
    /// 1 on the diagonal, 0 elsewhere; for dense layers.
    Identity,
}

impl Initialisation {
    /// Weights of a layer in row-major order of `[fan_in, fan_out]`-like shapes; only their number
    /// and the two fans count.
    pub fn draw(
        self,
        count: usize,
        fan_in: usize,
        fan_out: usize,
        normals: &mut Normals,
    ) -> Vec<f32> {
        let (n, m) = (fan_in as f64, fan_out as f64);
        let mut normal = |deviation: f64| {
            (0..count).map(|_| deviation as f32 * normals.draw()).collect::<Vec<f32>>()
        };
        match self {
            Self::He => normal((2.0 / n).sqrt()),
            Self::Glorot => normal((2.0 / (n + m)).sqrt()),
            Self::Normal { deviation } => normal(deviation),
            Self::HeUniform => uniform((6.0 / n).sqrt(), count, normals),
            Self::GlorotUniform => uniform((6.0 / (n + m)).sqrt(), count, normals),
            Self::Identity => {
                let diagonal = |i: usize| if i / fan_out == i % fan_out { 1.0 } else { 0.0 };
                (0..count).map(diagonal).collect()
            }
        }
    }
}

fn uniform(bound: f64, count: usize, normals: &mut Normals) -> Vec<f32> {
    (0..count).map(|_| bound as f32 * (2.0 * normals.uniform() - 1.0)).collect()
}
