//! Optimisers and the clipping of gradients against PyTorch float64 (tests/golden/optimisers.py);
//! the moving average; and what a training does with clipping and with accumulated batches.

mod tiny;

use serde::Deserialize;
use showerforge::compute::{Tensor, cpu, to_host};
use showerforge::gan::optimisers::ParameterGradients;
use showerforge::gan::{MovingAverage, Optimiser, OptimiserSettings};
use showerforge::nn::{Module, Parameter, tracked};

#[derive(Deserialize)]
struct Golden {
    start: [Vec<f32>; 2],
    curvature: [Vec<f32>; 2],
    target: [Vec<f32>; 2],
    rates: Vec<f64>,
    cases: Vec<Case>,
    clipped: Vec<Clipped>,
}

#[derive(Deserialize)]
struct Case {
    settings: OptimiserSettings,
    end: [Vec<f64>; 2],
}

#[derive(Deserialize)]
struct Clipped {
    largest: f64,
    norm: f64,
    gradients: [Vec<f64>; 2],
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/optimisers.json")).expect("golden file")
}

/// Two parameters, and one that is not trained between them.
#[derive(Clone)]
struct Pair([Parameter; 3]);

impl Pair {
    fn new(values: &[Vec<f32>; 2]) -> Self {
        let parameter = |values: &Vec<f32>| Parameter::new(values.clone(), &[values.len()], &cpu());
        let buffer = Parameter::buffer(vec![7.0], &[1], &cpu());
        Self([parameter(&values[0]), buffer, parameter(&values[1])])
    }

    fn values(&self) -> [Vec<f32>; 2] {
        [self.0[0].to_host(), self.0[2].to_host()]
    }
}

impl Module for Pair {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for (parameter, name) in self.0.iter_mut().zip(["a", "fixed", "b"]) {
            visit(name, parameter);
        }
    }
}

/// Gradients of Σ g w, which are g.
fn gradients(pair: &Pair, of: &[Vec<f32>; 2]) -> ParameterGradients {
    let in_graph = tracked(pair);
    let part = |parameter: &Parameter, g: &Vec<f32>| {
        let g = Tensor::from_inner(Tensor::<1>::from_floats(g.as_slice(), &cpu()));
        (parameter.flat() * g).sum()
    };
    let loss = part(&in_graph.0[0], &of[0]) + part(&in_graph.0[2], &of[1]);
    ParameterGradients::of(&in_graph, &loss.backward())
}

fn on_host(gradients: &ParameterGradients) -> [Vec<f32>; 2] {
    let all: Vec<Option<Vec<f32>>> = gradients.iter().map(|g| g.cloned().map(to_host)).collect();
    assert_eq!(all.len(), 3);
    assert_eq!(all[1], None, "a buffer has no gradient");
    [0, 2].map(|i| all[i].clone().expect("it is used"))
}

/// The greatest relative error.
fn error(found: &[Vec<f32>; 2], expected: &[Vec<f64>; 2]) -> f64 {
    let pairs = found.iter().flatten().zip(expected.iter().flatten());
    pairs.map(|(f, e)| (f64::from(*f) - e).abs() / e.abs().max(0.1)).fold(0.0, f64::max)
}

#[test]
fn ten_steps_agree_with_pytorch() {
    let golden = golden();
    for case in &golden.cases {
        let mut pair = Pair::new(&golden.start);
        let mut optimiser = Optimiser::new(case.settings);
        for rate in &golden.rates {
            let values = pair.values();
            let gradient = [0, 1].map(|i| {
                let rows = values[i].iter().zip(&golden.curvature[i]).zip(&golden.target[i]);
                rows.map(|((w, c), t)| c * (w - t) + 3.0 * (3.0 * w).cos()).collect::<Vec<f32>>()
            });
            let gradients = gradients(&pair, &gradient);
            optimiser.step(&mut pair, gradients, *rate);
        }
        let error = error(&pair.values(), &case.end);
        assert!(error < 1e-5, "{:?}: relative error {error:.1e}", case.settings);
        assert_eq!(pair.0[1].to_host(), [7.0], "what is not trained stays");
        assert_eq!(optimiser.steps(), 10);
    }
}

#[test]
fn clipped_gradients_agree_with_pytorch() {
    let golden = golden();
    let pair = Pair::new(&golden.start);
    for case in &golden.clipped {
        let plain = gradients(&pair, &golden.start);
        let square = plain.squared_norm().expect("there are gradients");
        let norm = showerforge::compute::scalar(square).sqrt();
        approx::assert_relative_eq!(norm, case.norm, max_relative = 1e-6);
        let clipped = on_host(&plain.clip(case.largest));
        // PyTorch adds 1e-6 to the norm that it divides by.
        assert!(error(&clipped, &case.gradients) < 3e-6, "{}", case.largest);
    }
}

#[test]
fn sums_and_multiples_of_gradients() {
    let golden = golden();
    let pair = Pair::new(&golden.start);
    let one = || gradients(&pair, &golden.start);
    let found = on_host(&one().plus(one()).scale(0.25));
    let expected = golden.start.clone().map(|g| g.iter().map(|g| g * 0.5).collect::<Vec<f32>>());
    assert_eq!(found, expected);
}

/// θ̄ ← β θ̄ + (1 − β) θ, over many steps the sum of all θ with weights (1 − β) βᵏ.
#[test]
fn the_moving_average_forgets_at_its_decay() {
    const DECAY: f64 = 0.8;
    // Late enough for the warm-up to be over.
    const LATER: u64 = 10_000;
    let at = |value: f32| Pair::new(&[vec![value, -value, 1.0], vec![2.0 * value, 0.0]]);
    let mut average = MovingAverage::new(&at(0.0), DECAY);
    for step in 1..=12 {
        average.update(&at(step as f32), LATER + step);
    }
    let expected: f64 = (1..=12).map(|k| (1.0 - DECAY) * DECAY.powi(12 - k) * f64::from(k)).sum();
    let found = average.module().values();
    approx::assert_relative_eq!(f64::from(found[0][0]), expected, max_relative = 1e-5);
    approx::assert_relative_eq!(f64::from(found[0][1]), -expected, max_relative = 1e-5);
    approx::assert_relative_eq!(f64::from(found[1][0]), 2.0 * expected, max_relative = 1e-5);
    assert_eq!(found[0][2], 1.0);
}

/// A linear generator and a critic without a penalty.
fn training_settings(critic: &str, batch_size: usize, accumulation: u64) -> String {
    format!(
        r#"
        format_version = 2
        detector = "tiny"
        codec = {{ voxel_scale = "square-root" }}

        [generator]
        latent = 4
        network = {{ hidden = [8], activation = "silu" }}
        optimiser = {{ kind = "sgd", learning_rate = 0.01 }}

        [[critic]]
        name = "shower"
        sees = "shower"
        network = {{ hidden = [16], activation = "leaky-relu" }}
        objective = {{ kind = "wasserstein" }}
        {critic}

        [training]
        iterations = 10
        batch_size = {batch_size}
        critic_steps = 1
        accumulation = {accumulation}
        average_decay = 0.9
        "#
    )
}

/// Guards against clipping a copy of the weights, which published tools have done.
#[test]
fn the_weights_that_are_clipped_are_those_of_the_network_in_use() {
    const LARGEST: f32 = 0.01;
    let optimiser = r#"optimiser = { kind = "rmsprop", learning_rate = 5e-5 }"#;
    let weights = |clip: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let text = training_settings(&format!("{clip}\n{optimiser}"), 8, 1);
        let (mut trainer, mut sample) = tiny::training(tiny::settings(&text), folder.path());
        trainer.iterate(&mut sample).expect("in memory");
        let (_, critic) = trainer.critics().next().expect("there is one");
        let mut weights = Vec::new();
        critic.clone().for_each_parameter(&mut |_, parameter| weights.extend(parameter.to_host()));
        weights
    };
    let plain = weights("");
    assert!(plain.iter().any(|w| w.abs() > 10.0 * LARGEST));
    let clipped = weights("weight_clip = 0.01");
    assert!(clipped.iter().all(|w| w.abs() <= LARGEST), "{clipped:?}");
    // The signs are those of the weights without clipping, so nothing else has happened to them.
    assert!(clipped.iter().zip(&plain).all(|(c, p)| *c == p.clamp(-LARGEST, LARGEST)));
}

/// With plain gradient descent and rate 1 the change of the weights is the gradient.
#[test]
fn the_gradient_that_is_clipped_is_that_of_all_parameters_together() {
    let step = |clip: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let optimiser = r#"optimiser = { kind = "sgd", learning_rate = 1.0 }"#;
        let text = training_settings(&format!("{clip}\n{optimiser}"), 8, 1);
        let (mut trainer, mut sample) = tiny::training(tiny::settings(&text), folder.path());
        let weights = |trainer: &showerforge::gan::training::Trainer| {
            let mut all = Vec::new();
            let (_, critic) = trainer.critics().next().expect("there is one");
            critic.clone().for_each_parameter(&mut |_, parameter| all.extend(parameter.to_host()));
            all
        };
        let before = weights(&trainer);
        trainer.iterate(&mut sample).expect("in memory");
        let after = weights(&trainer);
        before.iter().zip(after).map(|(b, a)| f64::from(b - a)).collect::<Vec<f64>>()
    };
    let norm = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>().sqrt();
    let (plain, clipped) = (step(""), step("gradient_clip = 0.05"));
    assert!(norm(&plain) > 0.1, "{}", norm(&plain));
    approx::assert_relative_eq!(norm(&clipped), 0.05, max_relative = 1e-4);
    let factor = 0.05 / norm(&plain);
    for (clipped, plain) in clipped.iter().zip(&plain) {
        approx::assert_abs_diff_eq!(*clipped, plain * factor, epsilon = 1e-6);
    }
}

/// The gradient of a linear critic does not depend on its weights, and the generator stands still:
/// then one step with two accumulated batches is two steps with half the rate.
#[test]
fn accumulated_batches_are_averaged() {
    let weights = |rate: f64, accumulation: u64, iterations: usize| {
        let folder = tempfile::tempdir().expect("a folder");
        let critic = format!(r#"optimiser = {{ kind = "sgd", learning_rate = {rate} }}"#);
        let text = training_settings(&critic, 8, accumulation)
            .replace(
                r#"hidden = [16], activation = "leaky-relu""#,
                r#"layer = [{ kind = "dense", outputs = 1 }]"#,
            )
            .replace("learning_rate = 0.01", "learning_rate = 0.0");
        let (mut trainer, mut sample) = tiny::training(tiny::settings(&text), folder.path());
        for _ in 0..iterations {
            trainer.iterate(&mut sample).expect("in memory");
        }
        let mut all = Vec::new();
        let (_, critic) = trainer.critics().next().expect("there is one");
        critic.clone().for_each_parameter(&mut |_, parameter| all.extend(parameter.to_host()));
        all
    };
    let (once, twice) = (weights(0.5, 2, 1), weights(0.25, 1, 2));
    let untrained = weights(0.5, 2, 0);
    assert!(once.iter().zip(&untrained).any(|(a, b)| (a - b).abs() > 1e-3));
    for (once, twice) in once.iter().zip(&twice) {
        approx::assert_abs_diff_eq!(once, twice, epsilon = 1e-5);
    }
}
