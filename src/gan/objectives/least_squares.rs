use serde::{Deserialize, Serialize};

use super::score::ScoreLosses;
use crate::compute::Tensor;

/// Least squares (arXiv:1611.04076, equation 2): the critic minimises
/// ½ E (D(real) − b)² + ½ E (D(fake) − a)², the generator ½ E (D(fake) − c)².
///
/// With b − c = 1 and b − a = 2 the generator minimises Pearson's χ² between p_data + p_g and
/// 2 p_g (section 3.2 there).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeastSquares {
    /// a
    pub fake: f64,
    /// b
    pub real: f64,
    /// c
    pub generator: f64,
}

impl Default for LeastSquares {
    fn default() -> Self {
        Self { fake: 0.0, real: 1.0, generator: 1.0 }
    }
}

impl ScoreLosses for LeastSquares {
    fn real(&self, score: Tensor<2>) -> Tensor<2> {
        (score - self.real).square() * 0.5
    }

    fn fake(&self, score: Tensor<2>) -> Tensor<2> {
        (score - self.fake).square() * 0.5
    }

    fn generator(&self, score: Tensor<2>) -> Tensor<2> {
        (score - self.generator).square() * 0.5
    }
}
