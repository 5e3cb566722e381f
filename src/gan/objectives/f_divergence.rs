use serde::{Deserialize, Serialize};

use super::lambert::lambert_of_exponential;
use super::score::{ScoreLosses, softplus};
use crate::compute::Tensor;

/// An f-divergence by its variational bound (arXiv:1606.00709):
/// D_f(P‖Q) = E_Q f(p/q) ≥ E_P T − E_Q f*(T), T = g_f(v), v the network's output.
///
/// The critic maximises the bound; the generator minimises it, −E_Q f*(T), or, as an alternative
/// that does not saturate, −E_Q T.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FDivergence {
    pub divergence: Divergence,
    /// The generator minimises −E T.
    #[serde(default)]
    pub alternative: bool,
}

/// f, with its conjugate f* and the activation g_f that keeps T in the domain of f*; large v means
/// real. f as in arXiv:1606.00709, so that f(1) = 0 but for [`Divergence::Gan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Divergence {
    /// u ln u; f* = e^(t−1), g = v
    KullbackLeibler,
    /// −ln u; f* = −1 − ln(−t), g = −e^(−v)
    ReverseKullbackLeibler,
    /// (u − 1)²; f* = t²/4 + t, g = v
    Pearson,
    /// (1 − u)²/u; f* = 2 − 2 √(1 − t), g = 1 − e^(−v)
    Neyman,
    /// (√u − 1)²; f* = t / (1 − t), g = 1 − e^(−v)
    SquaredHellinger,
    /// (u − 1) ln u; f* = W + 1/W + t − 2 with W the Lambert function at e^(1−t), g = v
    Jeffrey,
    /// u ln u − (u + 1) ln((1 + u) / 2), twice the Jensen–Shannon divergence;
    /// f* = −ln(2 − eᵗ), g = ln 2 − softplus(−v)
    JensenShannon,
    /// u ln u − (u + 1) ln(u + 1), with f(1) = −ln 4; f* = −ln(1 − eᵗ), g = −softplus(−v)
    Gan,
    /// |u − 1| / 2; f* = t for |t| ≤ 1/2, g = tanh(v) / 2
    TotalVariation,
}

impl Divergence {
    pub const ALL: [Self; 9] = [
        Self::KullbackLeibler,
        Self::ReverseKullbackLeibler,
        Self::Pearson,
        Self::Neyman,
        Self::SquaredHellinger,
        Self::Jeffrey,
        Self::JensenShannon,
        Self::Gan,
        Self::TotalVariation,
    ];

    /// T = g_f(v).
    ///
    /// # Shapes
    /// `[events, 1]`.
    pub fn activation(self, v: Tensor<2>) -> Tensor<2> {
        match self {
            Self::KullbackLeibler | Self::Pearson | Self::Jeffrey => v,
            Self::ReverseKullbackLeibler => -((-v).exp()),
            Self::Neyman | Self::SquaredHellinger => -((-v).exp()) + 1.0,
            Self::JensenShannon => -softplus(-v) + std::f64::consts::LN_2,
            Self::Gan => -softplus(-v),
            Self::TotalVariation => v.tanh() * 0.5,
        }
    }

    /// f*(g_f(v)), from v in a form that loses no digits.
    ///
    /// # Shapes
    /// `[events, 1]`.
    pub fn conjugate_of_activation(self, v: Tensor<2>) -> Tensor<2> {
        match self {
            Self::KullbackLeibler => (v - 1.0).exp(),
            Self::ReverseKullbackLeibler => v - 1.0,
            Self::Pearson => v.clone().square() * 0.25 + v,
            Self::Neyman => (v * -0.5).exp() * -2.0 + 2.0,
            Self::SquaredHellinger => v.exp() - 1.0,
            Self::Jeffrey => jeffrey_conjugate(v),
            Self::JensenShannon => softplus(v) - std::f64::consts::LN_2,
            Self::Gan => softplus(v),
            Self::TotalVariation => self.activation(v),
        }
    }

    /// f(u), u > 0.
    pub fn f(self, u: f64) -> f64 {
        match self {
            Self::KullbackLeibler => u * u.ln(),
            Self::ReverseKullbackLeibler => -u.ln(),
            Self::Pearson => (u - 1.0).powi(2),
            Self::Neyman => (1.0 - u).powi(2) / u,
            Self::SquaredHellinger => (u.sqrt() - 1.0).powi(2),
            Self::Jeffrey => (u - 1.0) * u.ln(),
            Self::JensenShannon => u * u.ln() - (u + 1.0) * ((1.0 + u) * 0.5).ln(),
            Self::Gan => u * u.ln() - (u + 1.0) * (u + 1.0).ln(),
            Self::TotalVariation => 0.5 * (u - 1.0).abs(),
        }
    }
}

/// W + 1/W + t − 2. Its derivative is the u at which the supremum is, 1/W, so that the value can
/// stay outside of the graph.
fn jeffrey_conjugate(t: Tensor<2>) -> Tensor<2> {
    let w = lambert_of_exponential(-t.clone().detach() + 1.0);
    let inverse = w.clone().recip();
    let value = w + inverse.clone() + t.clone().detach() - 2.0;
    value + (t.clone() - t.detach()) * inverse
}

impl ScoreLosses for FDivergence {
    /// −T
    fn real(&self, score: Tensor<2>) -> Tensor<2> {
        -self.divergence.activation(score)
    }

    /// f*(T)
    fn fake(&self, score: Tensor<2>) -> Tensor<2> {
        self.divergence.conjugate_of_activation(score)
    }

    /// −f*(T), or −T
    fn generator(&self, score: Tensor<2>) -> Tensor<2> {
        if self.alternative {
            -self.divergence.activation(score)
        } else {
            -self.divergence.conjugate_of_activation(score)
        }
    }
}
