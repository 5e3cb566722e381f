//! Values and gradients of every objective against PyTorch float64 (tests/golden/objectives.py),
//! and against finite differences.

use std::collections::BTreeMap;

use serde::Deserialize;
use showerforge::compute::{Tensor, cpu, matrix, scalar, to_host};
use showerforge::gan::objectives::{CramerGenerator, Divergence, Judged, JudgedBatch, Objective};

#[derive(Deserialize)]
struct Golden {
    weights: BTreeMap<String, Vec<f32>>,
    flipped: Vec<f32>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    objective: Objective,
    inputs: BTreeMap<String, Input>,
    weighted: bool,
    #[serde(default)]
    flipped: bool,
    #[serde(default)]
    scores: String,
    #[serde(default)]
    equilibrium: f64,
    target: Option<Vec<f32>>,
    critic: Expected,
    generator: Expected,
}

#[derive(Deserialize, Clone)]
struct Input {
    columns: usize,
    values: Vec<f32>,
}

#[derive(Deserialize)]
struct Expected {
    value: f64,
    gradients: BTreeMap<String, Vec<f64>>,
}

#[derive(Clone, Copy)]
enum Role {
    Critic,
    Generator,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/objectives.json")).expect("golden file")
}

impl Case {
    fn name(&self, role: Role) -> String {
        let role = match role {
            Role::Critic => "critic",
            Role::Generator => "generator",
        };
        let Self { objective, scores, weighted, flipped, .. } = self;
        format!("{role}, {objective:?} {scores}, weighted: {weighted}, flipped: {flipped}")
    }

    fn expected(&self, role: Role) -> &Expected {
        match role {
            Role::Critic => &self.critic,
            Role::Generator => &self.generator,
        }
    }

    /// The inputs as leaves of a graph.
    fn leaves(&self, inputs: &BTreeMap<String, Input>) -> BTreeMap<String, Tensor<2>> {
        let leaf = |input: &Input| {
            let rows = input.values.len() / input.columns;
            let plain = matrix(input.values.clone(), rows, input.columns, &cpu());
            Tensor::from_inner(plain).require_grad()
        };
        inputs.iter().map(|(name, input)| (name.clone(), leaf(input))).collect()
    }

    /// The loss of already tracked inputs.
    fn loss(&self, golden: &Golden, leaves: &BTreeMap<String, Tensor<2>>, role: Role) -> Tensor<1> {
        let column =
            |values: &[f32]| Tensor::from_inner(matrix(values.to_vec(), values.len(), 1, &cpu()));
        // Pairs of the same condition share the weight of the real event.
        let paired = !self.objective.needs_other_fake();
        let judged = |side: &str| {
            let weight_of = if paired { "real" } else { side };
            Judged {
                output: leaves[side].clone(),
                seen: leaves.get(&format!("{side}_seen")).unwrap_or(&leaves[side]).clone(),
                weight: self.weighted.then(|| column(&golden.weights[weight_of])),
                target: self.target.as_deref().map(column),
            }
        };
        let batch = JudgedBatch {
            real: judged("real"),
            fake: judged("fake"),
            other_fake: leaves.contains_key("other").then(|| judged("other")),
        };
        match role {
            Role::Critic => {
                let flipped = self.flipped.then(|| column(&golden.flipped));
                self.objective.critic_loss(&batch, self.equilibrium, flipped.as_ref())
            }
            Role::Generator => self.objective.generator_loss(&batch),
        }
    }

    fn value(&self, golden: &Golden, inputs: &BTreeMap<String, Input>, role: Role) -> f64 {
        scalar(self.loss(golden, &self.leaves(inputs), role))
    }

    /// The value, and the gradient with respect to each input.
    fn found(&self, golden: &Golden, role: Role) -> (f64, BTreeMap<String, Vec<f64>>) {
        let leaves = self.leaves(&self.inputs);
        let loss = self.loss(golden, &leaves, role);
        let value = scalar(loss.clone());
        let gradients = loss.backward();
        let of = |(name, leaf): (&String, &Tensor<2>)| {
            let size = self.inputs[name].values.len();
            let values = leaf.grad(&gradients).map_or(vec![0.0; size], to_host);
            (name.clone(), values.into_iter().map(f64::from).collect())
        };
        (value, leaves.iter().map(of).collect())
    }
}

/// The greatest error of an element over its own size, or over a hundredth of the greatest element
/// where it is smaller: unit vectors of Cramér's objective may cancel. Where all scores are sure,
/// derivatives differ by many orders of magnitude and each must be right.
fn relative_error(found: &[f64], expected: &[f64], elementwise: bool) -> f64 {
    let largest = expected.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let floor = if elementwise { 1e-30 } else { largest * 1e-2 };
    let error =
        |(f, e): (&f64, &f64)| if f == e { 0.0 } else { (f - e).abs() / e.abs().max(floor) };
    found.iter().zip(expected).map(error).fold(0.0, f64::max)
}

#[test]
fn values_and_gradients_agree_with_pytorch() {
    let golden = golden();
    let mut worst = (0.0, String::new());
    let mut failures = Vec::new();
    for case in &golden.cases {
        for role in [Role::Critic, Role::Generator] {
            let name = case.name(role);
            let expected = case.expected(role);
            let (value, gradients) = case.found(&golden, role);
            // A sum of terms of the order of 1, which negative weights may let cancel.
            let mut error = (value - expected.value).abs() / expected.value.abs().max(0.1);
            for (input, found) in &gradients {
                let sure = case.scores == "sure";
                error = error.max(relative_error(found, &expected.gradients[input], sure));
            }
            if error.is_nan() || error > 1e-5 {
                failures.push(format!("{name}: {error:.1e}"));
            }
            if error > worst.0 {
                worst = (error, name);
            }
        }
    }
    assert!(failures.is_empty(), "relative errors above 1e-5:\n{}", failures.join("\n"));
    eprintln!("worst relative error against PyTorch float64: {:.1e} ({})", worst.0, worst.1);
}

/// Guards the documentation: what it says to write into a configuration can be read.
#[test]
fn documented_objectives_can_be_read() {
    let text = include_str!("../docs/objectives.md");
    let kinds: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `{ kind") || line.starts_with("objective = {"))
        .filter_map(|line| line.get(line.find('{')?..=line.find('}')?))
        .collect();
    assert_eq!(kinds.len(), 15);
    for kind in kinds.into_iter().filter(|kind| !kind.contains('…')) {
        let text = format!("objective = {kind}");
        let read = toml::from_str::<BTreeMap<String, Objective>>(&text);
        assert!(read.is_ok(), "{text}: {read:?}");
    }
}

/// Guards the golden file against a new objective that is not in it.
#[test]
fn every_objective_is_compared() {
    let golden = golden();
    let has = |wanted: &dyn Fn(&Objective) -> bool| {
        let cases: Vec<&Case> = golden.cases.iter().filter(|c| wanted(&c.objective)).collect();
        cases.iter().any(|c| c.weighted) && cases.iter().any(|c| !c.weighted)
    };
    assert!(has(&|o| matches!(o, Objective::Saturating)));
    assert!(has(&|o| matches!(o, Objective::NonSaturating)));
    assert!(has(&|o| matches!(o, Objective::LeastSquares(l) if l.generator == 0.0)));
    assert!(has(&|o| matches!(o, Objective::LeastSquares(l) if l.generator == 1.0)));
    assert!(has(&|o| matches!(o, Objective::Hinge)));
    assert!(has(&|o| matches!(o, Objective::Wasserstein)));
    for generator in [CramerGenerator::EnergyDistance, CramerGenerator::Surrogate] {
        assert!(has(&|o| matches!(o, Objective::Cramer(c) if c.generator == generator)));
    }
    assert!(has(&|o| matches!(o, Objective::Began(b) if b.exponent == 1)));
    assert!(has(&|o| matches!(o, Objective::Began(b) if b.exponent == 2)));
    assert!(has(&|o| matches!(o, Objective::RelativisticPaired)));
    assert!(has(&|o| matches!(o, Objective::Constrainer(_))));
    for divergence in Divergence::ALL {
        for alternative in [false, true] {
            assert!(has(&|o| matches!(o, Objective::FDivergence(f)
                if f.divergence == divergence && f.alternative == alternative)));
        }
    }
}

/// Central differences in 32 bits: the step is a compromise between their two errors.
#[test]
fn gradients_agree_with_finite_differences() {
    const STEP: f32 = 1.0 / 128.0;
    let golden = golden();
    for case in golden.cases.iter().filter(|case| case.scores != "sure") {
        for role in [Role::Critic, Role::Generator] {
            let (_, gradients) = case.found(&golden, role);
            let size = gradients.values().flatten().fold(0.05_f64, |most, v| most.max(v.abs()));
            for (input, gradient) in &gradients {
                for (i, gradient) in gradient.iter().enumerate() {
                    let moved = |by: f32| {
                        let mut inputs = case.inputs.clone();
                        inputs.get_mut(input).expect("one of them").values[i] += by;
                        case.value(&golden, &inputs, role)
                    };
                    let difference = (moved(STEP) - moved(-STEP)) / f64::from(2.0 * STEP);
                    let error = (difference - gradient).abs() / size;
                    assert!(
                        error < 2e-3,
                        "{}: ∂/∂{input}[{i}] is {gradient}, by differences {difference}",
                        case.name(role)
                    );
                }
            }
        }
    }
}

#[test]
fn derivatives_at_a_score_of_zero_are_not_lost() {
    let zero = || Tensor::<2>::from_inner(matrix(vec![0.0], 1, 1, &cpu())).require_grad();
    let judged = |output: &Tensor<2>| Judged {
        output: output.clone(),
        seen: output.clone(),
        weight: None,
        target: None,
    };
    for objective in
        [Objective::Saturating, Objective::NonSaturating, Objective::RelativisticPaired]
    {
        let (real, fake) = (zero(), zero());
        let batch = JudgedBatch { real: judged(&real), fake: judged(&fake), other_fake: None };
        let gradients = objective.critic_loss(&batch, 0.0, None).backward();
        let of = |leaf: &Tensor<2>| to_host(leaf.grad(&gradients).expect("it is used"))[0];
        assert_eq!((of(&real), of(&fake)), (-0.5, 0.5), "{objective:?}");
    }
}
