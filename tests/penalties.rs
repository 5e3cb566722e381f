//! Penalties of a whole critic, from events on, against PyTorch float64 with double
//! differentiation (tests/golden/penalties.py).

mod tiny;

mod recipe;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use showerforge::compute::{Tensor, cpu, matrix, scalar, to_host};
use showerforge::gan::objectives::Objective;
use showerforge::gan::optimisers::ParameterGradients;
use showerforge::gan::penalties::{GradientPenalty, Penalty};
use showerforge::gan::{Critic, CriticBatch, CriticTerms, Progress, Side};
use showerforge::nn::{Module, Parameter, tracked};
use showerforge::random::{Purpose, Streams};
use showerforge::settings::CriticSettings;

use recipe::recipe;

#[derive(Deserialize)]
struct Golden {
    events: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    hidden: Vec<usize>,
    activation: String,
    objective: Objective,
    penalty: Penalty,
    #[serde(default = "single")]
    packing: usize,
    /// Of the gradient of each event.
    norms: Vec<f64>,
    value: f64,
    gradients: BTreeMap<String, GoldenGradient>,
}

#[derive(Deserialize)]
struct GoldenGradient {
    norm: f64,
    values: Vec<f64>,
}

fn single() -> usize {
    1
}

const FEATURES: usize = 18;
const LABELS: usize = 2;

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/penalties.json")).expect("golden file")
}

/// The script counts dense layers only; here conditions and activations are layers, too.
fn name_in_script(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    let number: usize = parts[1].parse().expect("the number of a layer");
    format!("layers.{}.{}", number / 2, parts[2])
}

impl Case {
    /// The critic, with the weights of the recipe.
    fn critic(&self) -> Critic {
        let settings = CriticSettings {
            objective: self.objective.clone(),
            penalty: vec![self.penalty],
            packing: self.packing,
            ..toml::from_str(&format!(
                r#"
                name = "shower"
                sees = "shower"
                network = {{ hidden = {:?}, activation = "{}" }}
                objective = {{ kind = "wasserstein" }}
                optimiser = {{ kind = "sgd", learning_rate = 0.1 }}
                "#,
                self.hidden, self.activation
            ))
            .expect("a critic")
        };
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let codec = tiny::codec(&tiny::settings(TRANSFORMED), &tiny::events(40));
        let mut critic = Critic::new(&settings, &codec, None, &mut normals, &cpu());
        let mut layer = 0;
        critic.for_each_parameter(&mut |name, parameter| {
            let shape = parameter.shape().to_vec();
            let values = if name.ends_with("weight") {
                recipe(shape[0], shape[1], 2 * layer + 1, (6.0 / shape[0] as f64).sqrt())
            } else {
                layer += 1;
                recipe(1, shape[0], 2 * layer, 0.1)
            };
            *parameter = Parameter::new(values, &shape, &cpu());
        });
        critic
    }

    fn terms(&self, critic: &Critic, events: usize) -> CriticTerms {
        self.terms_of(critic, events, 0..events)
    }

    /// Of a part of the events.
    fn terms_of(&self, critic: &Critic, events: usize, part: Range<usize>) -> CriticTerms {
        self.terms_of_batch(critic, &self.batch(events, part))
    }

    fn terms_of_batch(&self, critic: &Critic, batch: &CriticBatch) -> CriticTerms {
        let uniforms = Streams::new(1, Purpose::Regularisation).uniforms(0);
        critic.terms(batch, uniforms, 0.0, Progress { iteration: 0, iterations: 1 })
    }

    fn batch(&self, events: usize, part: Range<usize>) -> CriticBatch {
        let tensor = |values: Vec<f32>, columns: usize| {
            let all = Tensor::from_inner(matrix(values, events, columns, &cpu()));
            all.narrow(0, part.start, part.len())
        };
        let side = |salt: u64| Side {
            encoded: tensor(recipe(events, FEATURES, salt, 1.5), FEATURES),
            label: tensor(recipe(events, LABELS, salt + 50, 1.0), LABELS),
            weights: None,
        };
        let epsilon = recipe(events, 1, 107, 0.5).into_iter().map(|e| e + 0.5).collect();
        CriticBatch {
            real: side(101),
            fake: side(102),
            other_fake: self.objective.needs_other_fake().then(|| side(103)),
            epsilon: tensor(epsilon, 1),
            flipped: None,
            instance_noise: Vec::new(),
        }
    }
}

/// Cells by a list of transforms: what a critic sees is 18 values, and 2 labels.
const TRANSFORMED: &str = r#"
format_version = 2
detector = "tiny"
codec = { transform = [{ kind = "incident-energy-fraction" }] }

[generator]
latent = 2
network = { hidden = [4], activation = "silu" }
optimiser = { kind = "sgd", learning_rate = 0.1 }

[[critic]]
name = "shower"
sees = "shower"
network = { hidden = [4], activation = "silu" }
objective = { kind = "wasserstein" }
optimiser = { kind = "sgd", learning_rate = 0.1 }

[training]
iterations = 1
batch_size = 8
critic_steps = 1
average_decay = 0.9
"#;

#[test]
fn values_and_weight_gradients_agree_with_pytorch() {
    let golden = golden();
    let mut worst = (0.0, String::new());
    for case in &golden.cases {
        let in_graph = tracked(&case.critic());
        let mut terms = case.terms(&in_graph, golden.events);
        let penalty = terms.penalties.remove(0);
        let mut error = (scalar(penalty.clone()) / case.value - 1.0).abs();
        let gradients = penalty.backward();
        in_graph.clone().for_each_parameter(&mut |name, parameter| {
            let size = parameter.shape().iter().product();
            let found: Vec<f64> = parameter
                .gradient(&gradients)
                .map_or(vec![0.0; size], to_host)
                .into_iter()
                .map(f64::from)
                .collect();
            let expected = &case.gradients[&name_in_script(name)];
            let norm = found.iter().map(|v| v * v).sum::<f64>().sqrt();
            if expected.norm == 0.0 {
                assert_eq!(norm, 0.0, "{}: {name}", case.name);
                return;
            }
            let step = (found.len() / 97).max(1);
            let sampled = found.iter().step_by(step).take(97);
            let square = |values: Vec<f64>| values.into_iter().map(|v| v * v).sum::<f64>();
            let difference =
                square(sampled.zip(&expected.values).map(|(f, e)| f - e).collect()).sqrt();
            let scale = square(expected.values.clone()).sqrt();
            error = error.max(difference / scale).max((norm / expected.norm - 1.0).abs());
        });
        assert!(error <= 1e-5, "{}: relative error {error:.1e}", case.name);
        if error > worst.0 {
            worst = (error, case.name.clone());
        }
    }
    eprintln!("worst relative error of a penalty: {:.1e} ({})", worst.0, worst.1);
}

/// Guards against one norm over the whole batch, which published tools have had.
#[test]
fn the_norm_of_a_gradient_penalty_is_that_of_each_event() {
    let golden = golden();
    let mut compared = 0;
    for case in &golden.cases {
        let Penalty::GradientPenalty(settings) = case.penalty else { continue };
        let excess = |norm: f64| {
            let excess = norm - settings.norm;
            if settings.one_sided { excess.max(0.0).powi(2) } else { excess.powi(2) }
        };
        let by_event = case.norms.iter().map(|n| excess(*n)).sum::<f64>() / case.norms.len() as f64;
        let of_batch = excess(case.norms.iter().map(|n| n * n).sum::<f64>().sqrt());
        let found = scalar(case.terms(&tracked(&case.critic()), golden.events).penalties.remove(0));
        approx::assert_relative_eq!(found, by_event, max_relative = 1e-5);
        assert!((found / of_batch - 1.0).abs() > 0.05, "{}: {found} and {of_batch}", case.name);
        compared += 1;
    }
    assert_eq!(compared, 12);
}

/// The loss of a critic is its objective and its penalties times their weights.
#[test]
fn penalties_enter_the_loss_with_their_weights() {
    let golden = golden();
    for case in &golden.cases {
        let penalty = match case.penalty {
            Penalty::GradientPenalty(settings) => {
                Penalty::GradientPenalty(GradientPenalty { weight: 3.5.into(), ..settings })
            }
            Penalty::R1 { .. } => Penalty::R1 { weight: 3.5.into() },
            Penalty::R2 { .. } => Penalty::R2 { weight: 3.5.into() },
            Penalty::Drift { .. } => Penalty::Drift { weight: 3.5.into() },
        };
        let case = Case { penalty, ..clone(case) };
        let terms = case.terms(&tracked(&case.critic()), golden.events);
        let expected = scalar(terms.objective) + 3.5 * case.value;
        approx::assert_relative_eq!(scalar(terms.loss), expected, max_relative = 1e-5);
    }
}

/// The events of a pack are drawn one by one, each with its weight: so a pack counts as often as
/// the product says.
#[test]
fn the_weight_of_a_pack_is_the_product_of_its_events() {
    let golden = golden();
    let case = Case { packing: 2, ..clone(&golden.cases[0]) };
    let critic = tracked(&case.critic());
    let objective = |weights: [f32; 8]| {
        let mut batch = case.batch(golden.events, 0..8);
        let weights = || Some(Tensor::from_inner(matrix(weights.to_vec(), 8, 1, &cpu())));
        (batch.real.weights, batch.fake.weights) = (weights(), weights());
        scalar(case.terms_of_batch(&critic, &batch).objective)
    };
    let expected = objective([6.0, 1.0, 1.0, -4.0, -2.0, 1.0, 1.0, 0.5]);
    let found = objective([2.0, 3.0, -1.0, 4.0, -2.0, 1.0, 0.5, 1.0]);
    approx::assert_relative_eq!(found, expected, max_relative = 1e-5);
    assert!((found - objective([1.0; 8])).abs() > 0.1);
}

/// All losses are means over events and penalties have no weights of events, so that accumulated
/// gradients of parts of one size are those of the whole.
#[test]
fn the_mean_gradient_of_two_halves_is_that_of_the_whole() {
    let golden = golden();
    for case in &golden.cases {
        let critic = case.critic();
        let gradients = |part: Range<usize>| {
            let in_graph = tracked(&critic);
            let loss = case.terms_of(&in_graph, golden.events, part).loss;
            ParameterGradients::of(&in_graph, &loss.backward())
        };
        let half = golden.events / 2;
        let mean = gradients(0..half).plus(gradients(half..golden.events)).scale(0.5);
        let whole = gradients(0..golden.events);
        let largest = scalar(whole.squared_norm().expect("there are gradients")).sqrt();
        for (mean, whole) in mean.iter().zip(whole.iter()) {
            let difference = mean.expect("as for the whole").clone() - whole.expect("used").clone();
            let error = scalar(difference.square().sum()).sqrt() / largest;
            assert!(error < 1e-6, "{}: {error:.1e}", case.name);
        }
    }
}

fn clone(case: &Case) -> Case {
    Case {
        name: case.name.clone(),
        hidden: case.hidden.clone(),
        activation: case.activation.clone(),
        objective: case.objective.clone(),
        penalty: case.penalty,
        packing: case.packing,
        norms: case.norms.clone(),
        value: case.value,
        gradients: BTreeMap::new(),
    }
}
