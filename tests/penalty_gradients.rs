//! Weight gradients of the critics' penalties against PyTorch's float64 double differentiation
//! (tests/golden/gradient_penalty.py), and against finite differences.

mod recipe;

use std::collections::BTreeMap;

use serde::Deserialize;
use showerforge::compute::{Tensor, cpu, matrix, scalar, to_host};
use showerforge::gan::penalties::{Differentiated, GradientPenalty, Penalty};
use showerforge::nn::{
    Activation, LabelCotangent, Module, Network, NetworkSettings, Parameter, Pass, Site, tracked,
};
use showerforge::random::{Purpose, Streams};

use recipe::recipe;

#[derive(Deserialize)]
struct Golden {
    events: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    widths: Vec<usize>,
    activation: Activation,
    penalty: String,
    value: f64,
    gradients: BTreeMap<String, GoldenGradient>,
}

#[derive(Deserialize)]
struct GoldenGradient {
    norm: f64,
    values: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/gradient_penalty.json")).expect("golden file")
}

/// The script counts dense layers only; here conditions and activations are layers, too.
fn name_in_script(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    let number: usize = parts[1].parse().expect("the number of a layer");
    format!("layers.{}.{}", number / 2, parts[2])
}

/// A network with one score an event.
#[derive(Clone)]
struct Critic(Network);

impl Critic {
    fn gradient(&self, x: &Tensor<2>, label: &Tensor<2>) -> Tensor<2> {
        let mut pass = Pass::evaluation(Some(label.clone()));
        let (score, trace) = self.0.forward_with_trace(x.clone(), &mut pass);
        self.0.vjp(&trace, score.ones_like().detach(), &mut LabelCotangent::default())
    }
}

impl Module for Critic {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.0.for_each_parameter(visit);
    }
}

impl Case {
    fn penalty(&self) -> Penalty {
        match self.penalty.as_str() {
            "gradient-penalty" => Penalty::GradientPenalty(GradientPenalty {
                weight: 1.0.into(),
                norm: 1.0,
                one_sided: false,
                of: Differentiated::Data,
            }),
            "zero-centred" => Penalty::R1 { weight: 1.0.into() },
            other => panic!("unknown penalty `{other}` in the golden file"),
        }
    }

    /// The script's zero-centred penalty is over real and generated events: R1 + R2, twice the
    /// mean over both.
    fn scale(&self) -> f64 {
        if self.penalty == "zero-centred" { 2.0 } else { 1.0 }
    }

    fn critic(&self) -> Critic {
        let (features, hidden) = (self.widths[0] - 1, &self.widths[1..self.widths.len() - 1]);
        let settings = NetworkSettings {
            hidden: hidden.to_vec(),
            activation: Some(self.activation),
            ..NetworkSettings::default()
        };
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let mut site = Site { labels: 1, normals: &mut normals, device: &cpu() };
        let layers = settings.layers(1).expect("dense layers");
        let mut critic = Critic(Network::build(&layers, &[features], &mut site));
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

    fn events(&self, events: usize) -> (Tensor<2>, Tensor<2>) {
        let features = self.widths[0] - 1;
        let x = matrix(recipe(events, features, 101, 2.0), events, features, &cpu());
        (x, matrix(recipe(events, 1, 102, 1.0), events, 1, &cpu()))
    }

    fn value(&self, critic: &Critic, events: usize) -> f64 {
        let (x, label) = self.events(events);
        self.scale() * scalar(self.penalty().of(critic.gradient(&x, &label)))
    }

    fn gradients(&self, critic: &Critic, events: usize) -> BTreeMap<String, Vec<f32>> {
        let (x, label) = self.events(events);
        let mut in_graph = tracked(critic);
        let gradient = in_graph.gradient(&Tensor::from_inner(x), &Tensor::from_inner(label));
        let gradients = (self.penalty().of(gradient) * self.scale()).backward();
        let mut found = BTreeMap::new();
        in_graph.for_each_parameter(&mut |name, parameter| {
            let size = parameter.shape().iter().product();
            let values = parameter.gradient(&gradients).map_or(vec![0.0; size], to_host);
            found.insert(name.to_owned(), values);
        });
        found
    }
}

#[test]
fn penalty_gradients_agree_with_pytorch_to_a_millionth() {
    let golden = golden();
    let mut worst: f64 = 0.0;
    for case in &golden.cases {
        let critic = case.critic();
        let value = case.value(&critic, golden.events);
        approx::assert_relative_eq!(value, case.value, max_relative = 1e-6);
        for (name, values) in case.gradients(&critic, golden.events) {
            let expected = &case.gradients[&name_in_script(&name)];
            let norm = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
            let step = (values.len() / 97).max(1);
            let sampled = values.iter().step_by(step).take(97).map(|v| f64::from(*v));
            let difference = sampled
                .zip(&expected.values)
                .map(|(ours, theirs)| (ours - theirs).powi(2))
                .sum::<f64>()
                .sqrt();
            let scale = expected.values.iter().map(|v| v * v).sum::<f64>().sqrt();
            if expected.norm == 0.0 {
                assert_eq!(norm, 0.0, "{}: {name}", case.name);
                continue;
            }
            let error = (difference / scale).max((norm / expected.norm - 1.0).abs());
            assert!(error <= 1e-6, "{}: {name}: relative error {error:.1e}", case.name);
            worst = worst.max(error);
        }
    }
    eprintln!("worst relative error of a penalty gradient against PyTorch float64: {worst:.1e}");
}

/// A penalty of a piecewise linear critic jumps where an event crosses a kink, and a difference
/// that crosses one says nothing about the slope. So every event is taken alone with a small step,
/// which most of them do without a crossing, and the median is compared.
#[test]
fn penalty_gradients_agree_with_finite_differences() {
    let golden = golden();
    for case in &golden.cases {
        let critic = case.critic();
        let mut errors: Vec<f64> =
            (0..golden.events).map(|event| finite_difference_error(case, &critic, event)).collect();
        errors.sort_by(f64::total_cmp);
        let median = errors[errors.len() / 2];
        assert!(median < 5e-3, "{}: relative errors {errors:?}", case.name);
    }
}

fn finite_difference_error(case: &Case, critic: &Critic, event: usize) -> f64 {
    let one_event = |critic: &Critic| {
        let (x, label) = case.events(16);
        critic.gradient(&x.narrow(0, event, 1), &label.narrow(0, event, 1))
    };
    let value = |critic: &Critic| scalar(case.penalty().of(one_event(critic)));
    let in_graph = tracked(critic);
    let (x, label) = case.events(16);
    let (x, label) = (x.narrow(0, event, 1), label.narrow(0, event, 1));
    let gradient = in_graph.gradient(&Tensor::from_inner(x), &Tensor::from_inner(label));
    let backward = case.penalty().of(gradient).backward();
    let mut gradients = BTreeMap::new();
    in_graph.clone().for_each_parameter(&mut |name, parameter| {
        if let Some(found) = parameter.gradient(&backward) {
            gradients.insert(name.to_owned(), to_host(found));
        }
    });
    // Along the gradient itself the penalty changes by step × |gradient|.
    let norm = gradients.values().flatten().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    let step = 2e-4;
    let moved = |by: f64| {
        let mut moved = critic.clone();
        moved.for_each_parameter(&mut |name, parameter| {
            let Some(gradient) = gradients.get(name) else { return };
            let values = parameter
                .to_host()
                .iter()
                .zip(gradient)
                .map(|(value, g)| (f64::from(*value) + by * f64::from(*g) / norm) as f32)
                .collect();
            let shape = parameter.shape().to_vec();
            *parameter = Parameter::new(values, &shape, &cpu());
        });
        value(&moved)
    };
    ((moved(step) - moved(-step)) / (2.0 * step) / norm - 1.0).abs()
}
