use burn::tensor::backend::Backend as _;

use super::direction::Direction;
use super::lanes::{Gradients, Lanes, Record, Weights};
use super::settings::RecurrentKind;
use super::steps::{by_events, by_steps, split};
use crate::compute::{Backend, Tensor, is_cpu};
use crate::nn::layer::{LabelCotangent, Layer, Pass, Site, Trace};
use crate::nn::operation::{Operation, RecurrentOperation, RecurrentWeights};
use crate::nn::parameter::Parameter;

/// A recurrent layer in one direction or both.
#[derive(Debug, Clone)]
pub struct Recurrent {
    kind: RecurrentKind,
    directions: Vec<Direction>,
    /// `[steps, features]`
    input: [usize; 2],
    hidden: usize,
    /// `[steps, directions × hidden]`
    shape: [usize; 2],
}

impl Recurrent {
    pub(super) fn new(
        kind: RecurrentKind,
        input: [usize; 2],
        hidden: usize,
        directions: usize,
        site: &mut Site<'_>,
    ) -> Self {
        let mut direction = |number: usize| {
            Direction::new(kind, [input[1], hidden], number == 1, site.normals, site.device)
        };
        Self {
            kind,
            directions: (0..directions).map(&mut direction).collect(),
            input,
            hidden,
            shape: [input[0], directions * hidden],
        }
    }

    pub(in crate::nn) fn steps(&self) -> usize {
        self.input[0]
    }

    fn weights(&self) -> Vec<Weights> {
        let of = |direction: &Direction| {
            let parameters = direction.parameters().map(Parameter::to_host);
            let features = self.input[1];
            Weights::new(self.kind, [features, self.hidden], parameters, direction.is_reversed())
        };
        self.directions.iter().map(of).collect()
    }

    /// All steps at once, outside of any graph.
    pub(in crate::nn) fn run(&self, x: &Lanes) -> Lanes {
        let parts = self.weights().iter().map(|weights| weights.run(x)).collect();
        Lanes::beside(parts)
    }

    /// As [`Self::run`], with what [`Self::pull_back`] needs.
    pub(in crate::nn) fn record(&self, x: Lanes) -> (Lanes, RecurrentRecord) {
        let weights = self.weights();
        let (parts, kept): (Vec<_>, Vec<_>) =
            weights.iter().map(|weights| weights.record(&x)).unzip();
        (Lanes::beside(parts), RecurrentRecord { weights, kept, x })
    }

    /// The cotangent of x, and the gradients of the parameters in their order, if they are wanted.
    pub(in crate::nn) fn pull_back(
        &self,
        record: &RecurrentRecord,
        cotangent: Lanes,
        with_parameters: bool,
    ) -> (Lanes, Vec<Option<Tensor<1>>>) {
        let count = self.directions.len();
        let mut of_x: Option<Lanes> = None;
        let mut gradients = Vec::with_capacity(4 * count);
        for (number, (weights, kept)) in record.weights.iter().zip(&record.kept).enumerate() {
            let of_output = cotangent.units(number * self.hidden, self.hidden);
            let (of_input, found) = weights.pull_back(&record.x, kept, &of_output, with_parameters);
            of_x = Some(match of_x {
                Some(sum) => sum.plus(&of_input),
                None => of_input,
            });
            gradients.push(found);
        }
        let parameters = self.directions.iter().flat_map(Direction::parameters);
        let parts = |found: Option<Gradients>| match found {
            Some(found) => found.into_parts().map(Some),
            None => [const { None }; 4],
        };
        let gradients = gradients.into_iter().flat_map(parts);
        let tensor = |(values, parameter): (Option<Vec<f32>>, &Parameter)| {
            let device = parameter.flat().device();
            values.map(|values| Tensor::<1>::from_floats(values.as_slice(), &device))
        };
        let gradients = gradients.zip(parameters).map(tensor).collect();
        (of_x.expect("there is a direction at least"), gradients)
    }

    fn run_as_tensors(&self, x: Tensor<2>) -> (Tensor<2>, Vec<Tensor<2>>) {
        let steps = self.steps();
        let x = by_steps(x, steps);
        let mut states: Vec<Vec<Tensor<2>>> = vec![Vec::new(); steps];
        let mut kept = Vec::new();
        for direction in &self.directions {
            let (outputs, part) = direction.run(x.clone(), steps);
            states.iter_mut().zip(outputs).for_each(|(states, output)| states.push(output));
            kept.extend(part);
        }
        (Tensor::cat(states.concat(), 1), kept)
    }
}

/// What a forward pass outside of a graph left behind.
#[derive(Debug)]
pub(in crate::nn) struct RecurrentRecord {
    weights: Vec<Weights>,
    /// Of each direction.
    kept: Vec<Record>,
    x: Lanes,
}

/// Whether a tensor can be taken to the host without leaving a graph.
pub(in crate::nn) fn is_plain(x: &Tensor<2>) -> bool {
    let device = x.device();
    is_cpu(&device) && !Backend::ad_enabled(&device)
}

impl Layer for Recurrent {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        if is_plain(&x) {
            let device = x.device();
            return self.run(&Lanes::from_tensor(x, self.steps())).into_tensor(&device);
        }
        self.run_as_tensors(x).0
    }

    /// The trace is what each step of each direction keeps.
    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let (y, kept) = self.run_as_tensors(x);
        (y, Trace::of(kept))
    }

    /// Back-propagation through time.
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let steps = self.steps();
        let of_states = split(by_steps(cotangent, steps), steps);
        let mut kept = trace.tensors.as_slice();
        let mut sum: Option<Tensor<2>> = None;
        for (number, direction) in self.directions.iter().enumerate() {
            let (own, rest) = kept.split_at(steps * direction.kept_per_step());
            kept = rest;
            let part = |of_state: &Tensor<2>| {
                of_state.clone().narrow(1, number * self.hidden, self.hidden)
            };
            let parts: Vec<Tensor<2>> = of_states.iter().map(part).collect();
            let of_x = direction.pull_back(own, &parts);
            sum = Some(match sum {
                Some(sum) => sum + of_x,
                None => of_x,
            });
        }
        by_events(sum.expect("there is a direction at least"), steps)
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.directions.iter_mut().for_each(|direction| direction.for_each_parameter(visit));
    }

    fn as_recurrent(&self) -> Option<&Recurrent> {
        Some(self)
    }

    fn operations(&self) -> Vec<Operation> {
        let of = |direction: &Direction| {
            let [input, recurrent, input_bias, recurrent_bias] =
                direction.parameters().map(Parameter::to_host);
            RecurrentWeights { input, recurrent, input_bias, recurrent_bias }
        };
        vec![Operation::Recurrent(RecurrentOperation {
            kind: self.kind,
            steps: self.steps(),
            features: self.input[1],
            hidden: self.hidden,
            directions: self.directions.iter().map(of).collect(),
        })]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
