//! A recurrent layer in one direction, as tensor operations.

use super::settings::RecurrentKind;
use super::steps::split;
use super::{gru, lstm};
use crate::compute::{Device, Tensor};
use crate::nn::parameter::Parameter;
use crate::random::Normals;

/// The weights of one direction.
///
/// # Shapes
/// W: `[features, gates × hidden]`, U: `[hidden, gates × hidden]`, b and c: `[gates × hidden]`.
#[derive(Debug, Clone)]
pub(super) struct Direction {
    kind: RecurrentKind,
    hidden: usize,
    /// From the last step to the first.
    reversed: bool,
    /// W
    input: Parameter,
    /// U
    recurrent: Parameter,
    /// b
    input_bias: Parameter,
    /// c
    recurrent_bias: Parameter,
}

/// h U + c.
pub(super) struct Recurrence {
    weight: Tensor<2>,
    bias: Tensor<2>,
}

/// The state behind a step, h first, and what its derivative needs.
pub(super) struct Stepped {
    pub state: Vec<Tensor<2>>,
    pub kept: Vec<Tensor<2>>,
}

/// Cotangents of what goes into a step.
pub(super) struct Pulled {
    /// Of x W + b, `[events, gates × hidden]`.
    pub input: Tensor<2>,
    /// Of h U + c; that of the input where there is none.
    pub recurrent: Option<Tensor<2>>,
    /// Of the state, without what goes through h U.
    pub state: Vec<Option<Tensor<2>>>,
}

impl Recurrence {
    pub(super) fn apply(&self, state: Tensor<2>) -> Tensor<2> {
        state.matmul(self.weight.clone()) + self.bias.clone()
    }
}

impl Direction {
    /// Uniform within ± 1/√hidden.
    pub(super) fn new(
        kind: RecurrentKind,
        [features, hidden]: [usize; 2],
        reversed: bool,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let bound = 1.0 / (hidden as f32).sqrt();
        let columns = kind.gates() * hidden;
        let mut drawn = |shape: &[usize]| {
            let count = shape.iter().product();
            let values = (0..count).map(|_| bound * (2.0 * normals.uniform() - 1.0)).collect();
            Parameter::new(values, shape, device)
        };
        Self {
            kind,
            hidden,
            reversed,
            input: drawn(&[features, columns]),
            recurrent: drawn(&[hidden, columns]),
            input_bias: drawn(&[columns]),
            recurrent_bias: drawn(&[columns]),
        }
    }

    pub(super) fn is_reversed(&self) -> bool {
        self.reversed
    }

    /// W, U, b, c.
    pub(super) fn parameters(&self) -> [&Parameter; 4] {
        [&self.input, &self.recurrent, &self.input_bias, &self.recurrent_bias]
    }

    pub(super) fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        let prefix = if self.reversed { "reversed." } else { "" };
        for (name, parameter) in [
            ("weight", &mut self.input),
            ("recurrent_weight", &mut self.recurrent),
            ("bias", &mut self.input_bias),
            ("recurrent_bias", &mut self.recurrent_bias),
        ] {
            visit(&format!("{prefix}{name}"), parameter);
        }
    }

    fn recurrence(&self) -> Recurrence {
        let bias = self.recurrent_bias.tensor::<1>().unsqueeze();
        Recurrence { weight: self.recurrent.tensor(), bias }
    }

    /// The numbers of the steps in the order in which they are taken.
    fn order(&self, steps: usize) -> Vec<usize> {
        if self.reversed { (0..steps).rev().collect() } else { (0..steps).collect() }
    }

    /// The state in front of the first step.
    ///
    /// # Shapes
    /// `[events, hidden]` each.
    pub(super) fn initial_state(&self, events: usize, device: &Device) -> Vec<Tensor<2>> {
        vec![Tensor::zeros([events, self.hidden], device); self.kind.states()]
    }

    /// The state behind one step.
    pub(super) fn step(&self, x: Tensor<2>, state: &[Tensor<2>]) -> Vec<Tensor<2>> {
        self.stepped(&self.of_input(x), &self.recurrence(), state).state
    }

    /// x W + b.
    fn of_input(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.input.tensor()) + self.input_bias.tensor::<1>().unsqueeze()
    }

    fn stepped(&self, input: &Tensor<2>, recurrence: &Recurrence, state: &[Tensor<2>]) -> Stepped {
        match self.kind {
            RecurrentKind::Gru => gru::step(input, recurrence, state),
            RecurrentKind::Lstm => lstm::step(input, recurrence, state),
        }
    }

    /// The states of all steps, and what their derivatives need, step by step.
    ///
    /// # Shapes
    /// x: `[steps × events, features]`; the states: steps times `[events, hidden]`.
    pub(super) fn run(&self, x: Tensor<2>, steps: usize) -> (Vec<Tensor<2>>, Vec<Tensor<2>>) {
        let events = x.dims()[0] / steps;
        // The products of all steps at once.
        let inputs = split(self.of_input(x), steps);
        let recurrence = self.recurrence();
        let mut state = self.initial_state(events, &inputs[0].device());
        let mut outputs: Vec<Option<Tensor<2>>> = vec![None; steps];
        let mut all_kept: Vec<Vec<Tensor<2>>> = vec![Vec::new(); steps];
        for number in self.order(steps) {
            let stepped = self.stepped(&inputs[number], &recurrence, &state);
            state = stepped.state;
            outputs[number] = Some(state[0].clone());
            all_kept[number] = stepped.kept;
        }
        let outputs = outputs.into_iter().map(|state| state.expect("every step was taken"));
        (outputs.collect(), all_kept.concat())
    }

    /// Tensors that [`Self::run`] keeps of each step.
    pub(super) fn kept_per_step(&self) -> usize {
        match self.kind {
            RecurrentKind::Gru => gru::KEPT,
            RecurrentKind::Lstm => lstm::KEPT,
        }
    }

    /// The cotangent of x by back-propagation through time.
    ///
    /// # Shapes
    /// `cotangents`: steps times `[events, hidden]`; the result: `[steps × events, features]`.
    pub(super) fn pull_back(&self, kept: &[Tensor<2>], cotangents: &[Tensor<2>]) -> Tensor<2> {
        let weight = self.recurrence().weight.transpose();
        let steps = cotangents.len();
        let per_step = self.kept_per_step();
        let mut inputs: Vec<Option<Tensor<2>>> = vec![None; steps];
        let mut later: Vec<Option<Tensor<2>>> = vec![None; self.kind.states()];
        for number in self.order(steps).into_iter().rev() {
            let of_output = cotangents[number].clone();
            later[0] = Some(match later[0].take() {
                Some(later) => later + of_output,
                None => of_output,
            });
            let kept = &kept[number * per_step..(number + 1) * per_step];
            let pulled = match self.kind {
                RecurrentKind::Gru => gru::pull_back(kept, &later),
                RecurrentKind::Lstm => lstm::pull_back(kept, &later),
            };
            let recurrent = pulled.recurrent.unwrap_or_else(|| pulled.input.clone());
            let through = recurrent.matmul(weight.clone());
            later = pulled.state;
            later[0] = Some(match later[0].take() {
                Some(direct) => direct + through,
                None => through,
            });
            inputs[number] = Some(pulled.input);
        }
        let inputs = inputs.into_iter().map(|input| input.expect("every step was taken"));
        Tensor::cat(inputs.collect(), 0).matmul(self.input.tensor::<2>().transpose())
    }
}
