use serde::{Deserialize, Serialize};

use super::began::Began;
use super::constrainer::{self, Constrainer};
use super::cramer::{self, Cramer, CramerGenerator};
use super::f_divergence::FDivergence;
use super::hinge::Hinge;
use super::least_squares::LeastSquares;
use super::non_saturating::NonSaturating;
use super::relativistic_paired;
use super::saturating::Saturating;
use super::score::ScoreLosses;
use super::wasserstein::Wasserstein;
use crate::compute::Tensor;

/// The adversarial objective of one critic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Objective {
    Saturating,
    NonSaturating,
    LeastSquares(LeastSquares),
    Hinge,
    Wasserstein,
    Cramer(Cramer),
    FDivergence(FDivergence),
    Began(Began),
    RelativisticPaired,
    Constrainer(Constrainer),
}

/// What a critic's network gave for real or generated events, with what it saw.
///
/// # Shapes
/// `output`: `[events, Objective::output_width]`; `seen`: `[events, values]`; `weight` and
/// `target`: `[events, 1]`.
#[derive(Debug, Clone)]
pub struct Judged {
    pub output: Tensor<2>,
    pub seen: Tensor<2>,
    /// Weights, which may be negative; 1 where there are none.
    pub weight: Option<Tensor<2>>,
    /// The condition that a constrainer tells.
    pub target: Option<Tensor<2>>,
}

/// A batch: real events, and generated ones event by event at the same conditions. Cramér's
/// objective has two independent batches of generated events instead, at conditions of their own.
#[derive(Debug, Clone)]
pub struct JudgedBatch {
    pub real: Judged,
    pub fake: Judged,
    pub other_fake: Option<Judged>,
}

impl Objective {
    /// Outputs that the critic's network must have, `seen` being the values that it sees.
    pub fn output_width(&self, seen: usize) -> usize {
        match self {
            Self::Cramer(cramer) => cramer.dimension,
            Self::Began(_) => seen,
            _ => 1,
        }
    }

    /// Whether the generator's loss looks at real events at all.
    pub fn pairs_with_real(&self) -> bool {
        matches!(self, Self::RelativisticPaired | Self::Cramer(_) | Self::Constrainer(_))
    }

    /// Whether two independent batches of generated events are needed.
    pub fn needs_other_fake(&self) -> bool {
        matches!(self, Self::Cramer(_))
    }

    /// Whether the critic is one function of an event, whose gradient can be penalised.
    pub fn has_score(&self) -> bool {
        !matches!(self, Self::Began(_) | Self::Constrainer(_))
    }

    /// The condition that the critic is told to find out.
    pub fn target_condition(&self) -> Option<&str> {
        match self {
            Self::Constrainer(constrainer) => Some(&constrainer.condition),
            _ => None,
        }
    }

    fn score_losses(&self) -> Option<&dyn ScoreLosses> {
        match self {
            Self::Saturating => Some(&Saturating),
            Self::NonSaturating => Some(&NonSaturating),
            Self::LeastSquares(settings) => Some(settings),
            Self::Hinge => Some(&Hinge),
            Self::Wasserstein => Some(&Wasserstein),
            Self::FDivergence(settings) => Some(settings),
            Self::Cramer(_) | Self::Began(_) | Self::RelativisticPaired | Self::Constrainer(_) => {
                None
            }
        }
    }

    /// What the critic minimises, without its penalties. `equilibrium` is BEGAN's k.
    ///
    /// Weights belong to the real events, and to the generated ones at the same conditions: the
    /// expectation over events is that of the weighted sample. They may be negative (sWeights,
    /// arXiv:physics/0402083).
    ///
    /// `flipped`, 0 or 1 for each pair `[events, 1]`, exchanges what is called real.
    ///
    /// # Panics
    /// If the batch lacks what the objective needs.
    pub fn critic_loss(
        &self,
        batch: &JudgedBatch,
        equilibrium: f64,
        flipped: Option<&Tensor<2>>,
    ) -> Tensor<1> {
        let (real, fake) = (&batch.real, &batch.fake);
        if let Some(losses) = self.score_losses() {
            let of = |judged: &Judged, is_real: bool| {
                let score = || judged.output.clone();
                let plain = |is_real: bool| {
                    if is_real { losses.real(score()) } else { losses.fake(score()) }
                };
                let loss = match flipped {
                    None => plain(is_real),
                    Some(flip) => {
                        plain(is_real) * (-flip.clone() + 1.0) + plain(!is_real) * flip.clone()
                    }
                };
                weighted_mean(loss, judged.weight.as_ref())
            };
            return of(real, true) + of(fake, false);
        }
        match self {
            Self::Cramer(_) => -cramer_surrogate(batch),
            Self::Began(_) => {
                let [real, fake] = self.reconstruction_losses(batch).expect("it is BEGAN's");
                real - fake * equilibrium
            }
            Self::Constrainer(_) => {
                let losses = constrainer::critic_losses(real.output.clone(), target(real));
                weighted_mean(losses, real.weight.as_ref())
            }
            _ => {
                let losses =
                    relativistic_paired::critic_losses(real.output.clone(), fake.output.clone());
                weighted_mean(losses, real.weight.as_ref())
            }
        }
    }

    /// What the generator minimises.
    ///
    /// # Panics
    /// If the batch lacks what the objective needs.
    pub fn generator_loss(&self, batch: &JudgedBatch) -> Tensor<1> {
        let (real, fake) = (&batch.real, &batch.fake);
        let losses = match self {
            Self::Cramer(Cramer { generator: CramerGenerator::EnergyDistance, .. }) => {
                return energy_distance(batch);
            }
            Self::Cramer(_) => return cramer_surrogate(batch),
            Self::Began(began) => began.reconstruction(fake.seen.clone(), fake.output.clone()),
            Self::Constrainer(_) => constrainer::generator_losses(
                real.output.clone(),
                fake.output.clone(),
                target(fake),
            ),
            Self::RelativisticPaired => {
                relativistic_paired::generator_losses(real.output.clone(), fake.output.clone())
            }
            _ => {
                let losses = self.score_losses().expect("all others take one score an event");
                losses.generator(fake.output.clone())
            }
        };
        weighted_mean(losses, fake.weight.as_ref())
    }

    /// E D(real) − E D(fake) of what the critic tells them apart by: the estimate of the
    /// distance for Wasserstein's and Cramér's objectives. `critic_loss` is that of the same batch.
    pub fn score_difference(&self, batch: &JudgedBatch, critic_loss: &Tensor<1>) -> Tensor<1> {
        let (real, fake) = (&batch.real, &batch.fake);
        match self {
            Self::Cramer(_) => -critic_loss.clone(),
            Self::Began(_) => {
                let [real, fake] = self.reconstruction_losses(batch).expect("it is BEGAN's");
                fake - real
            }
            _ => {
                weighted_mean(real.output.clone(), real.weight.as_ref())
                    - weighted_mean(fake.output.clone(), fake.weight.as_ref())
            }
        }
    }

    /// BEGAN's L(x) and L(G(z)).
    pub fn reconstruction_losses(&self, batch: &JudgedBatch) -> Option<[Tensor<1>; 2]> {
        let Self::Began(began) = self else { return None };
        Some([&batch.real, &batch.fake].map(|judged| {
            let losses = began.reconstruction(judged.seen.clone(), judged.output.clone());
            weighted_mean(losses, judged.weight.as_ref())
        }))
    }

    /// The cotangent of the network's output for the gradient that penalties look at: 1 for a
    /// score; for Cramér's objective ∂f/∂h, with the transforms of other generated events.
    ///
    /// # Shapes
    /// `[events, output_width]`.
    pub fn output_cotangent(&self, output: &Tensor<2>, other: Option<&Tensor<2>>) -> Tensor<2> {
        match (self, other) {
            (Self::Cramer(_), Some(other)) => {
                cramer::surrogate_cotangent(output.clone(), other.clone())
            }
            _ => output.ones_like().detach(),
        }
    }
}

fn target(judged: &Judged) -> Tensor<2> {
    judged.target.clone().expect("a constrainer's batch has the condition")
}

/// E w_a w_b of(h(a), h(b)).
fn mean_over_pairs(a: &Judged, b: &Judged, of: fn(Tensor<2>, Tensor<2>) -> Tensor<2>) -> Tensor<1> {
    let weight = match (&a.weight, &b.weight) {
        (Some(a), Some(b)) => Some(a.clone() * b.clone()),
        (a, b) => a.clone().or_else(|| b.clone()),
    };
    weighted_mean(of(a.output.clone(), b.output.clone()), weight.as_ref())
}

fn other_fake(batch: &JudgedBatch) -> &Judged {
    batch.other_fake.as_ref().expect("Cramér's batch has two generated ones")
}

/// E w_x w_x″ f(x) − E w_x′ w_x″ f(x′).
fn cramer_surrogate(batch: &JudgedBatch) -> Tensor<1> {
    let part = |judged| mean_over_pairs(judged, other_fake(batch), cramer::surrogate);
    part(&batch.real) - part(&batch.fake)
}

/// E w_x w_x′ |h(x) − h(x′)| + E w_x w_x″ |h(x) − h(x″)| − E w_x′ w_x″ |h(x′) − h(x″)|.
fn energy_distance(batch: &JudgedBatch) -> Tensor<1> {
    let (real, fake, other) = (&batch.real, &batch.fake, other_fake(batch));
    let distance = |a, b| mean_over_pairs(a, b, cramer::distance);
    distance(real, fake) + distance(real, other) - distance(fake, other)
}

/// Σ w x / n, or the mean without weights.
///
/// # Shapes
/// `values`, `weights`: `[events, 1]`.
pub(crate) fn weighted_mean(values: Tensor<2>, weights: Option<&Tensor<2>>) -> Tensor<1> {
    match weights {
        None => values.mean(),
        Some(weights) => (values * weights.clone()).mean(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, scalar};
    use crate::gan::objectives::Divergence;

    fn column(values: [f32; 3]) -> Tensor<2> {
        matrix(values.to_vec(), 3, 1, &cpu())
    }

    fn judged(output: Tensor<2>, weight: Option<Tensor<2>>) -> Judged {
        let target = Some(output.ones_like() * 0.5);
        Judged { seen: output.clone() * 0.3, output, weight, target }
    }

    fn batch(weights: Option<Tensor<2>>) -> JudgedBatch {
        let other = judged(column([0.1, -0.4, 2.5]), weights.clone());
        JudgedBatch {
            real: judged(column([1.0, 2.0, 6.0]), weights.clone()),
            fake: judged(column([0.5, 0.5, 2.0]), weights),
            other_fake: Some(other),
        }
    }

    fn all() -> Vec<Objective> {
        let divergence =
            |divergence| Objective::FDivergence(FDivergence { divergence, alternative: false });
        let mut all = vec![
            Objective::Saturating,
            Objective::NonSaturating,
            Objective::LeastSquares(LeastSquares::default()),
            Objective::Hinge,
            Objective::Wasserstein,
            Objective::Cramer(Cramer { dimension: 1, ..Cramer::default() }),
            Objective::Cramer(Cramer { dimension: 1, generator: CramerGenerator::Surrogate }),
            Objective::Began(Began::default()),
            Objective::RelativisticPaired,
            Objective::Constrainer(Constrainer { condition: "incident_energy".to_owned() }),
        ];
        all.extend(Divergence::ALL.map(divergence));
        all
    }

    #[test]
    fn wasserstein_losses_are_differences_of_means() {
        let critic = Objective::Wasserstein.critic_loss(&batch(None), 0.0, None);
        approx::assert_relative_eq!(scalar(critic), 1.0 - 3.0, epsilon = 1e-6);
        assert_eq!(scalar(Objective::Wasserstein.generator_loss(&batch(None))), -1.0);
    }

    #[test]
    fn relativistic_losses_are_softplus_of_the_pair_difference() {
        let batch = JudgedBatch {
            real: judged(column([1.0, 0.0, 80.0]), None),
            fake: judged(column([0.0, 0.0, -80.0]), None),
            other_fake: None,
        };
        let expected = ((1.0 + (-1.0_f64).exp()).ln() + 2.0_f64.ln()) / 3.0;
        let critic = scalar(Objective::RelativisticPaired.critic_loss(&batch, 0.0, None));
        approx::assert_relative_eq!(critic, expected, epsilon = 1e-6);
        let expected = ((1.0 + 1.0_f64.exp()).ln() + 2.0_f64.ln() + 160.0) / 3.0;
        let generator = scalar(Objective::RelativisticPaired.generator_loss(&batch));
        approx::assert_relative_eq!(generator, expected, epsilon = 1e-4);
    }

    #[test]
    fn weights_count_events_and_negative_ones_take_them_away() {
        let weights = [1.0, 3.0, -1.0];
        let weighted = batch(Some(column(weights)));
        for objective in all() {
            let single = |i: usize| {
                let at = |judged: &Judged| Judged {
                    output: judged.output.clone().narrow(0, i, 1),
                    seen: judged.seen.clone().narrow(0, i, 1),
                    weight: None,
                    target: judged.target.clone().map(|t| t.narrow(0, i, 1)),
                };
                let plain = batch(None);
                let one = JudgedBatch {
                    real: at(&plain.real),
                    fake: at(&plain.fake),
                    other_fake: plain.other_fake.as_ref().map(at),
                };
                let critic = scalar(objective.critic_loss(&one, 0.4, None));
                (critic, scalar(objective.generator_loss(&one)))
            };
            // Both events of Cramér's terms have a weight.
            let power = if objective.needs_other_fake() { 2 } else { 1 };
            let mean = |part: fn((f64, f64)) -> f64| {
                let sum = (0..3).map(|i| part(single(i)) * f64::from(weights[i]).powi(power));
                sum.sum::<f64>() / 3.0
            };
            let (critic, generator) = (mean(|l| l.0), mean(|l| l.1));
            let found = scalar(objective.critic_loss(&weighted, 0.4, None));
            approx::assert_relative_eq!(found, critic, epsilon = 1e-5, max_relative = 1e-5);
            let found = scalar(objective.generator_loss(&weighted));
            approx::assert_relative_eq!(found, generator, epsilon = 1e-5, max_relative = 1e-5);
        }
    }

    #[test]
    fn a_flipped_pair_is_called_by_the_other_name() {
        let (plain, flipped) = (batch(None), column([1.0; 3]));
        let exchanged =
            JudgedBatch { real: plain.fake.clone(), fake: plain.real.clone(), other_fake: None };
        for objective in [Objective::NonSaturating, Objective::Hinge] {
            let found = scalar(objective.critic_loss(&plain, 0.0, Some(&flipped)));
            let expected = scalar(objective.critic_loss(&exchanged, 0.0, None));
            approx::assert_relative_eq!(found, expected, epsilon = 1e-6);
        }
    }

    #[test]
    fn began_holds_its_equilibrium() {
        let began = Began { diversity: 0.5, proportional_gain: 0.1, exponent: 1 };
        approx::assert_relative_eq!(began.next_equilibrium(0.2, 1.0, 0.1), 0.24);
        assert_eq!(began.next_equilibrium(0.99, 10.0, 0.0), 1.0);
        assert_eq!(began.next_equilibrium(0.0, 0.0, 10.0), 0.0);
        approx::assert_relative_eq!(began.convergence(1.0, 0.2), 1.3);
    }
}
