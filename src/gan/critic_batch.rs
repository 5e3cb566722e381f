use crate::compute::Tensor;
use crate::nn::BatchStatistics;

/// Events of one kind, real or generated.
///
/// # Shapes
/// `encoded`: `[events, EncodedLayout::width]`; `label`: `[events, labels]`; `weights`:
/// `[events, 1]`, which may be negative and whose mean should be 1.
#[derive(Debug, Clone)]
pub struct Side {
    pub encoded: Tensor<2>,
    pub label: Tensor<2>,
    pub weights: Option<Tensor<2>>,
}

/// What a critic is trained on in one step: real events, and as many generated ones; at the same
/// conditions event by event, but for Cramér's objective, which has two independent batches.
#[derive(Debug, Clone)]
pub struct CriticBatch {
    pub real: Side,
    pub fake: Side,
    pub other_fake: Option<Side>,
    /// Where gradient penalties are taken between real and generated events, `[events, 1]`.
    pub epsilon: Tensor<2>,
    /// Which pairs are called by the other name, `[events, 1]`, 0 or 1.
    pub flipped: Option<Tensor<2>>,
    /// Noise added to what the critic sees of each side, `[packs, seen]`; empty without.
    pub instance_noise: Vec<Tensor<2>>,
}

/// The terms of a critic's loss, each `[1]`.
#[derive(Debug)]
pub struct CriticTerms {
    /// What the critic minimises: objective + Σ weight × penalty + the losses of its heads.
    pub loss: Tensor<1>,
    pub objective: Tensor<1>,
    /// In the order of the settings, without their weights.
    pub penalties: Vec<Tensor<1>>,
    /// The weighted losses of its heads together.
    pub auxiliary: Option<Tensor<1>>,
    /// E D(real) − E D(generated): the estimate of the Wasserstein distance for that objective.
    pub score_difference: Tensor<1>,
    /// BEGAN's L(x) and L(G(z)).
    pub reconstruction: Option<[Tensor<1>; 2]>,
    /// What batch norms have seen, in each pass.
    pub(super) statistics: Vec<BatchStatistics>,
}

impl CriticTerms {
    /// The terms times a factor, outside of their graph, for sums over the pieces of a batch.
    pub(super) fn detached(self, factor: f64) -> Self {
        let plain = |term: Tensor<1>| {
            let term = term.inner();
            if factor == 1.0 { term } else { term * factor }
        };
        Self {
            loss: plain(self.loss),
            objective: plain(self.objective),
            penalties: self.penalties.into_iter().map(plain).collect(),
            auxiliary: self.auxiliary.map(plain),
            score_difference: plain(self.score_difference),
            reconstruction: self.reconstruction.map(|losses| losses.map(plain)),
            statistics: self.statistics,
        }
    }

    pub(super) fn add(self, other: Self) -> Self {
        let pairs = self.penalties.into_iter().zip(other.penalties);
        Self {
            loss: self.loss + other.loss,
            objective: self.objective + other.objective,
            penalties: pairs.map(|(a, b)| a + b).collect(),
            auxiliary: self.auxiliary.zip(other.auxiliary).map(|(a, b)| a + b),
            score_difference: self.score_difference + other.score_difference,
            reconstruction: self
                .reconstruction
                .zip(other.reconstruction)
                .map(|([a, b], [c, d])| [a + c, b + d]),
            statistics: other.statistics,
        }
    }
}
