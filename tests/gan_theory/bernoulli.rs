//! The Bernoulli example of arXiv:1705.10743: a generator B(θ) is fitted to B(p) from batches of m
//! events. All expectations over batches are sums over the numbers of ones in them.

use showerforge::compute::{Tensor, scalar, to_host};
use showerforge::gan::objectives::{Cramer, CramerGenerator, Judged, JudgedBatch, Objective};

use super::column;

/// Probabilities of 0 … m ones.
fn binomial(m: u32, p: f64) -> Vec<f64> {
    let mut choose = 1.0;
    (0..=m)
        .map(|k| {
            let probability = choose * p.powf(f64::from(k)) * (1.0 - p).powf(f64::from(m - k));
            choose *= f64::from(m - k) / f64::from(k + 1);
            probability
        })
        .collect()
}

/// The batches of m real events: the share of ones, and the batch's probability.
fn batches(m: u32, p: f64) -> impl Iterator<Item = (f64, f64)> {
    (0..=m).map(move |k| f64::from(k) / f64::from(m)).zip(binomial(m, p))
}

/// The numbers 0 and 1, weighted with 1 − θ and θ.
fn judged(output: &Tensor<2>, theta: &Tensor<2>) -> Judged {
    let zero = -theta.clone() + 1.0;
    let weight = Some(Tensor::cat(vec![zero, theta.clone()], 0) * 2.0);
    Judged { output: output.clone(), seen: output.clone(), weight, target: None }
}

/// W₁ of the batch and B(θ): the largest difference of means of the critics s x, |s| ≤ 1, by the
/// critic's loss of the Wasserstein objective; and its derivative with respect to θ by the
/// generator's loss at the best critic.
fn wasserstein(share: f64, theta: f64) -> (f64, f64) {
    let of = |slope: f64| {
        let scores = column(&[0.0, slope]);
        let theta = column(&[theta]).require_grad();
        let batch = JudgedBatch {
            real: judged(&scores, &column(&[share])),
            fake: judged(&scores, &theta),
            other_fake: None,
        };
        let distance = -scalar(Objective::Wasserstein.critic_loss(&batch, 0.0, None));
        let gradients = Objective::Wasserstein.generator_loss(&batch).backward();
        (distance, f64::from(to_host(theta.grad(&gradients).expect("it is used"))[0]))
    };
    let (up, down) = (of(1.0), of(-1.0));
    if up.0 > down.0 { up } else { down }
}

#[test]
fn the_distance_of_two_bernoulli_distributions_is_the_difference_of_their_means() {
    for (share, theta) in [(0.2, 0.7), (1.0, 0.0), (0.5, 0.25)] {
        let (distance, slope) = wasserstein(share, theta);
        approx::assert_abs_diff_eq!(distance, f64::abs(share - theta), epsilon = 1e-6);
        assert_eq!(slope, f64::signum(theta - share));
    }
}

/// The θ at which the expected distance to a batch is least is the median of the batches' shares,
/// and not p.
#[test]
fn the_wasserstein_gradient_of_batches_is_biased() {
    for (p, minimisers) in [
        (0.6, [(1, 1.0), (2, 0.5), (4, 0.5), (8, 0.625)]),
        (0.9, [(1, 1.0), (2, 1.0), (4, 1.0), (8, 0.875)]),
    ] {
        for (m, expected) in minimisers {
            let distance = |theta: f64| {
                batches(m, p)
                    .map(|(share, chance)| chance * wasserstein(share, theta).0)
                    .sum::<f64>()
            };
            let grid = (0..=40).map(|i| f64::from(i) / 40.0);
            let best = grid.min_by(|a, b| distance(*a).total_cmp(&distance(*b)));
            assert_eq!(best, Some(expected), "p = {p}, m = {m}");
            // At θ = p the true distance is least, and yet the expected gradient is not 0.
            let slope: f64 =
                batches(m, p).map(|(share, chance)| chance * wasserstein(share, p).1).sum();
            assert!(slope.abs() > 0.04, "p = {p}, m = {m}: {slope}");
        }
    }
}

/// The derivative of a Cramér generator's loss with respect to θ, h being the identity. Every
/// triple (x, x′, x″) stands once in the batch, with probabilities as weights.
fn cramer_slope(generator: CramerGenerator, share: f64, theta: f64) -> f64 {
    let theta = column(&[theta]).require_grad();
    let triples: Vec<[f64; 3]> =
        (0..8).map(|i| [i & 1, i >> 1 & 1, i >> 2 & 1].map(f64::from)).collect();
    let side = |place: usize, theta: &Tensor<2>| {
        let output = column(&triples.iter().map(|t| t[place]).collect::<Vec<_>>());
        // A term has the weights of two events, and the triples have each pair twice: so twice the
        // probability each.
        let weight =
            output.clone() * theta.clone() + (-output.clone() + 1.0) * (-theta.clone() + 1.0);
        Judged { seen: output.clone(), output, weight: Some(weight * 2.0), target: None }
    };
    let batch = JudgedBatch {
        real: side(0, &column(&[share])),
        fake: side(1, &theta),
        other_fake: Some(side(2, &theta)),
    };
    let gradients =
        Objective::Cramer(Cramer { dimension: 1, generator }).generator_loss(&batch).backward();
    f64::from(to_host(theta.grad(&gradients).expect("it is used"))[0])
}

/// The energy distance of B(p) and B(θ) is 2 (p − θ)², so that its derivative is 4 (θ − p).
#[test]
fn the_cramer_gradient_of_batches_is_that_of_the_energy_distance() {
    for p in [0.6, 0.9] {
        for m in [1, 2, 4, 8] {
            for theta in [0.0, 0.3, p, 1.0] {
                let slope: f64 = batches(m, p)
                    .map(|(share, chance)| {
                        chance * cramer_slope(CramerGenerator::EnergyDistance, share, theta)
                    })
                    .sum();
                approx::assert_abs_diff_eq!(slope, 4.0 * (theta - p), epsilon = 1e-5);
            }
        }
    }
}

/// The surrogate 2 θ (θ − p), for a fixed h, is least at p / 2: it needs an h that is trained.
#[test]
fn the_surrogate_as_the_loss_of_the_generator_has_another_minimum() {
    for (p, theta) in [(0.6, 0.3), (0.9, 0.9), (0.9, 0.1)] {
        let slope = cramer_slope(CramerGenerator::Surrogate, p, theta);
        approx::assert_abs_diff_eq!(slope, 4.0 * theta - 2.0 * p, epsilon = 1e-5);
    }
}
