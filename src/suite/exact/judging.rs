//! Expectations as sums: every point of a space once, with its probability as the weight of an
//! event.

use crate::compute::{Tensor, cpu, matrix, to_host};
use crate::gan::objectives::{Judged, JudgedBatch, Objective};

/// A constant of a graph.
///
/// # Shapes
/// `[values, 1]`
pub(super) fn column(values: &[f64]) -> Tensor<2> {
    let rows = values.len();
    let values = values.iter().map(|value| *value as f32).collect();
    Tensor::from_inner(matrix(values, rows, 1, &cpu()))
}

/// The scores of all points, of the probabilities `[points, 1]`. The mean over the points is then
/// Σ probability · loss.
pub(super) fn judged(scores: &Tensor<2>, probabilities: Tensor<2>) -> Judged {
    let points = scores.dims()[0] as f64;
    let weight = Some(probabilities * points);
    Judged { output: scores.clone(), seen: scores.clone(), weight, target: None }
}

/// Real and generated events on the same points.
pub(super) fn batch(scores: &Tensor<2>, real: &[f64], fake: &[f64]) -> JudgedBatch {
    JudgedBatch {
        real: judged(scores, column(real)),
        fake: judged(scores, column(fake)),
        other_fake: None,
    }
}

/// One generated event with this score; the real one beside it counts nothing for the generator.
pub(super) fn single(score: &Tensor<2>) -> JudgedBatch {
    let one = Judged { output: score.clone(), seen: score.clone(), weight: None, target: None };
    JudgedBatch { real: one.clone(), fake: one, other_fake: None }
}

/// d loss / d values of a loss that depends on the column `values`.
pub(super) fn derivative(values: &[f64], loss: impl FnOnce(&Tensor<2>) -> Tensor<1>) -> Vec<f64> {
    let leaf = column(values).require_grad();
    let gradients = loss(&leaf).backward();
    let gradient = leaf.grad(&gradients).expect("the loss depends on it");
    to_host(gradient).into_iter().map(f64::from).collect()
}

/// The scores that minimise the critic's loss on a discrete space, by gradient descent from 0:
/// a critic that can be anything.
pub(super) fn best_scores(objective: &Objective, p: &[f64], q: &[f64]) -> Vec<f64> {
    const STEPS: usize = 400;
    const RATE: f64 = 6.0;
    let mut scores = vec![0.0; p.len()];
    for _ in 0..STEPS {
        let gradient = derivative(&scores, |v| objective.critic_loss(&batch(v, p, q), 0.0, None));
        scores.iter_mut().zip(gradient).for_each(|(v, g)| *v -= RATE * g);
    }
    scores
}

pub(super) fn sigmoid(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}
