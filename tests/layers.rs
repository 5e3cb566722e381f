//! Every kind of layer against PyTorch's float64 (tests/golden/layers.py): its output, its
//! gradients by burn's differentiation of the forward pass and by its own vjp, and the gradients
//! of a penalty on the vjp.

mod recipe;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use showerforge::compute::{Gradients, Tensor, cpu, matrix, scalar, to_host};
use showerforge::nn::operation::evaluate;
use showerforge::nn::{
    LabelCotangent, LayerSettings, Module, Network, Operation, Parameter, Pass, Site, output_shape,
    tracked,
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
    layer: LayerSettings,
    input: Vec<usize>,
    output_shape: Vec<usize>,
    labels: usize,
    training: bool,
    output: Summary,
    gradients: BTreeMap<String, Summary>,
    penalty: f64,
    penalty_gradients: BTreeMap<String, Summary>,
    #[serde(default)]
    buffers: BTreeMap<String, Summary>,
    singular_value: Option<f64>,
}

#[derive(Deserialize)]
struct Summary {
    norm: f64,
    values: Vec<f64>,
}

/// Above this share of its norm a difference from PyTorch is a mistake; single-precision sums of
/// some hundred terms stay below it.
const TOLERANCE: f64 = 1e-5;

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/layers.json")).expect("golden file")
}

/// The weights of the script.
fn set_parameters(network: &mut Network) {
    let mut number = 10;
    network.for_each_parameter(&mut |name, parameter| {
        if name.ends_with("weight.u") || name.ends_with("weight.v") {
            return;
        }
        let shape = parameter.shape().to_vec();
        let mut values = recipe(shape[0], shape[1..].iter().product(), number, 0.5);
        if ["scale", "alpha", "running_variance"].iter().any(|end| name.ends_with(end)) {
            values.iter_mut().for_each(|value| *value += 1.0);
        }
        number += 1;
        *parameter = if parameter.is_trained() {
            Parameter::new(values, &shape, &cpu())
        } else {
            Parameter::buffer(values, &shape, &cpu())
        };
    });
}

impl Summary {
    /// The relative error of `found`.
    fn error(&self, found: &[f32]) -> f64 {
        let norm = found.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        if self.norm < 1e-12 {
            return norm;
        }
        let step = (found.len() / 31).max(1);
        let sampled = found.iter().step_by(step).take(31).map(|v| f64::from(*v));
        assert_eq!(sampled.len(), self.values.len());
        let difference: f64 =
            sampled.zip(&self.values).map(|(ours, theirs)| (ours - theirs).powi(2)).sum();
        let scale: f64 = self.values.iter().map(|v| v * v).sum();
        (difference / scale).sqrt().max((norm / self.norm - 1.0).abs())
    }
}

impl Case {
    fn network(&self) -> Network {
        let shape = output_shape(std::slice::from_ref(&self.layer), &self.input, self.labels);
        assert_eq!(shape.as_ref(), Ok(&self.output_shape), "{}", self.name);
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let mut site = Site { labels: self.labels, normals: &mut normals, device: &cpu() };
        let mut network = Network::build(std::slice::from_ref(&self.layer), &self.input, &mut site);
        assert_eq!(network.output_shape(), self.output_shape, "{}", self.name);
        set_parameters(&mut network);
        // Power iterations, until u and v are singular vectors.
        (0..200).for_each(|_| network.before_step());
        network
    }

    fn pass(&self, label: &Tensor<2>) -> Pass {
        let label = (self.labels > 0).then(|| label.clone());
        if self.training {
            Pass::training(label, Streams::new(1, Purpose::Regularisation).uniforms(0))
        } else {
            Pass::evaluation(label)
        }
    }

    fn check(&self, what: &str, expected: &Summary, found: &[f32], worst: &mut f64) {
        let error = expected.error(found);
        assert!(error <= TOLERANCE, "{}: {what}: relative error {error:.1e}", self.name);
        *worst = worst.max(error);
    }

    fn check_gradients(
        &self,
        what: &str,
        expected: &BTreeMap<String, Summary>,
        graph: &mut Graph,
        gradients: &Gradients,
        worst: &mut f64,
    ) {
        let mut found = BTreeMap::new();
        let of = |tensor: &Tensor<2>| {
            tensor.grad(gradients).map_or(vec![0.0; tensor.dims().iter().product()], to_host)
        };
        found.insert("x".to_owned(), of(&graph.x));
        if self.labels > 0 {
            found.insert("label".to_owned(), of(&graph.label));
        }
        graph.network.for_each_parameter(&mut |name, parameter| {
            if parameter.is_trained() {
                let size = parameter.shape().iter().product();
                let values = parameter.gradient(gradients).map_or(vec![0.0; size], to_host);
                found.insert(name.to_owned(), values);
            }
        });
        let names: BTreeSet<_> = found.keys().collect();
        assert_eq!(names, expected.keys().collect(), "{}", self.name);
        for (name, values) in &found {
            self.check(&format!("{what} of `{name}`"), &expected[name], values, worst);
        }
    }
}

/// A network, an input and conditions that all have gradients.
struct Graph {
    network: Network,
    x: Tensor<2>,
    label: Tensor<2>,
}

impl Graph {
    fn new(network: &Network, x: &Tensor<2>, label: &Tensor<2>) -> Self {
        let leaf = |tensor: &Tensor<2>| Tensor::from_inner(tensor.clone()).require_grad();
        Self { network: tracked(network), x: leaf(x), label: leaf(label) }
    }
}

#[test]
fn layers_and_their_gradients_agree_with_pytorch() {
    let golden = golden();
    let mut worst_of_all: f64 = 0.0;
    for case in &golden.cases {
        let mut worst = 0.0;
        let network = case.network();
        let features = case.input.iter().product();
        let outputs = case.output_shape.iter().product();
        let x = matrix(recipe(golden.events, features, 101, 2.0), golden.events, features, &cpu());
        let label = matrix(
            recipe(golden.events, case.labels, 102, 1.0),
            golden.events,
            case.labels,
            &cpu(),
        );
        let cotangent =
            matrix(recipe(outputs, golden.events, 103, 1.0), outputs, golden.events, &cpu());

        let y = network.forward(x.clone(), &mut case.pass(&label));
        case.check("output", &case.output, &to_host(y), &mut worst);

        // burn's differentiation of the forward pass.
        let mut graph = Graph::new(&network, &x, &label);
        let cotangent = Tensor::from_inner(cotangent.transpose());
        let y = graph.network.forward(graph.x.clone(), &mut case.pass(&graph.label));
        let by_burn = (y * cotangent.clone()).sum().backward();
        case.check_gradients("gradient", &case.gradients, &mut graph, &by_burn, &mut worst);

        // The layers' own vjp, and a penalty on it.
        let mut graph = Graph::new(&network, &x, &label);
        let mut pass = case.pass(&graph.label);
        let (y, trace) = graph.network.forward_with_trace(graph.x.clone(), &mut pass);
        case.check("output with a trace", &case.output, &to_host(y), &mut worst);
        let mut of_label = LabelCotangent::wanted();
        let gradient = graph.network.vjp(&trace, cotangent, &mut of_label);
        case.check("vjp", &case.gradients["x"], &to_host(gradient.clone()), &mut worst);
        let of_label = of_label.into_sum();
        assert_eq!(of_label.is_some(), case.labels > 0, "{}", case.name);
        if let Some(sum) = of_label {
            case.check("label cotangent", &case.gradients["label"], &to_host(sum), &mut worst);
        }
        let penalty = gradient.square().sum_dim(1).mean();
        approx::assert_relative_eq!(scalar(penalty.clone()), case.penalty, max_relative = 1e-5);
        let gradients = penalty.backward();
        let expected = &case.penalty_gradients;
        case.check_gradients("penalty gradient", expected, &mut graph, &gradients, &mut worst);

        eprintln!("{:45} {worst:.1e}", case.name);
        worst_of_all = worst_of_all.max(worst);
    }
    eprintln!("worst relative error against PyTorch float64: {worst_of_all:.1e}");
}

/// The plain operations of a layer after the training, in 64 bits, one event after the other.
#[test]
fn operations_are_the_layers_after_the_training() {
    let golden = golden();
    let mut refused = Vec::new();
    for case in &golden.cases {
        let network = case.network();
        let operations = network.operations();
        let features: usize = case.input.iter().product();
        let outputs: usize = case.output_shape.iter().product();
        assert_eq!(Operation::width_behind(&operations, features), outputs, "{}", case.name);
        let x = recipe(golden.events, features, 101, 2.0);
        let label = recipe(golden.events, case.labels, 102, 1.0);
        let tensor =
            |values: &[f32], columns| matrix(values.to_vec(), golden.events, columns, &cpu());
        let mut pass = Pass::evaluation((case.labels > 0).then(|| tensor(&label, case.labels)));
        let y = to_host(network.forward(tensor(&x, features), &mut pass));
        let largest = y.iter().fold(0.0_f32, |largest, y| largest.max(y.abs()));
        for event in 0..golden.events {
            let of = |values: &[f32], columns: usize| -> Vec<f64> {
                let row = &values[event * columns..(event + 1) * columns];
                row.iter().map(|v| f64::from(*v)).collect()
            };
            match evaluate(&operations, &of(&x, features), &of(&label, case.labels)) {
                Ok(found) => {
                    for (found, expected) in found.iter().zip(of(&y, outputs)) {
                        let difference = (found - expected).abs();
                        let relative = difference / f64::from(largest);
                        assert!(relative < 1e-5, "{}: {relative:.1e}", case.name);
                    }
                }
                Err(error) => refused.push((error.kind, case.name.as_str())),
            }
        }
    }
    refused.dedup();
    assert!(refused.iter().all(|(kind, _)| *kind == "minibatch-deviation"), "{refused:?}");
    assert!(!refused.is_empty());
}

#[test]
fn running_statistics_of_batch_norm_move_as_those_of_pytorch() {
    let golden = golden();
    let cases = golden.cases.iter().filter(|case| !case.buffers.is_empty());
    let mut compared = 0;
    for case in cases {
        let mut network = case.network();
        let features = case.input.iter().product();
        let x = matrix(recipe(golden.events, features, 101, 2.0), golden.events, features, &cpu());
        // Within a graph, as in training.
        let mut pass = case.pass(&x);
        let _ = tracked(&network).forward(Tensor::from_inner(x), &mut pass);
        let mut statistics = pass.take_statistics();
        assert_eq!(statistics.len(), usize::from(case.training));
        network.absorb(&mut statistics);
        network.for_each_parameter(&mut |name, parameter| {
            if let Some(expected) = case.buffers.get(name) {
                let error = expected.error(&parameter.to_host());
                assert!(error < 1e-6, "{}: {name}: relative error {error:.1e}", case.name);
                compared += 1;
            }
        });
    }
    assert_eq!(compared, 8);
}

#[test]
fn power_iterations_find_the_largest_singular_value() {
    let golden = golden();
    let mut compared = 0;
    for case in &golden.cases {
        let Some(expected) = case.singular_value else { continue };
        let mut network = case.network();
        let (mut values, mut shape) = (BTreeMap::new(), Vec::new());
        network.for_each_parameter(&mut |name, parameter| {
            let name = name.trim_start_matches("layers.0.").to_owned();
            if name == "weight" {
                shape = parameter.shape().to_vec();
            }
            values.insert(name, parameter.to_host());
        });
        // Convolutions have their outputs on the first axis, the others on the second.
        let first = matches!(case.layer, LayerSettings::Convolution2d(_));
        let kernel: usize = shape[2..].iter().product();
        let product = |(i, &weight): (usize, &f32)| {
            let (a, b, k) = (i / kernel / shape[1], i / kernel % shape[1], i % kernel);
            let (output, input) = if first { (a, b) } else { (b, a) };
            let (u, v) = (values["weight.u"][output], values["weight.v"][input * kernel + k]);
            f64::from(u) * f64::from(weight) * f64::from(v)
        };
        let sigma: f64 = values["weight"].iter().enumerate().map(product).sum();
        approx::assert_relative_eq!(sigma, expected, max_relative = 1e-6);
        compared += 1;
    }
    assert_eq!(compared, 3);
}

#[test]
fn every_kind_of_layer_is_compared() {
    let problem = serde_json::from_str::<LayerSettings>("{\"kind\": \"nonsense\"}")
        .expect_err("there is no such kind")
        .to_string();
    let (_, names) = problem.split_once("expected one of").expect("serde lists the kinds");
    let kinds: BTreeSet<&str> = names.split('`').skip(1).step_by(2).collect();
    let golden = golden();
    let compared: BTreeSet<&str> = golden.cases.iter().map(|case| case.layer.kind()).collect();
    assert_eq!(compared, kinds);
}
