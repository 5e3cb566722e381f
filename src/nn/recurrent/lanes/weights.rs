use super::layout::Lanes;
use crate::nn::recurrent::settings::RecurrentKind;

/// The weights of one direction on the host.
///
/// A step goes by four groups of sums, as many as `hidden` each: those of the gates in the order of
/// the columns, x W + h U + b + c; a gated recurrent unit has the two parts of its candidate as
/// groups of their own, x W_n + b_n and h U_n + c_n, since the reset gate stands between them.
#[derive(Debug)]
pub(in crate::nn::recurrent) struct Weights {
    pub(super) kind: RecurrentKind,
    pub(super) features: usize,
    pub(super) hidden: usize,
    pub(super) reversed: bool,
    /// `[features, columns]`
    pub(super) input: Vec<f32>,
    /// `[hidden, columns]`
    pub(super) recurrent: Vec<f32>,
    /// Of the four groups, `[4 × hidden]`.
    pub(super) bias: Vec<f32>,
}

/// What a pass leaves behind for the way back.
#[derive(Debug)]
pub(in crate::nn::recurrent) struct Record {
    /// Gates and what else the derivatives need, [`Weights::kept`] units a step.
    pub(super) kept: Lanes,
    /// `hidden` units a step.
    pub(super) states: Lanes,
}

/// Gradients of W, U, b and c.
#[derive(Debug)]
pub(in crate::nn::recurrent) struct Gradients(pub(super) [Vec<f32>; 4]);

/// Groups that stand beside each other in the sums and in the columns of U.
#[derive(Debug, Clone, Copy)]
pub(super) struct Groups {
    pub first: usize,
    pub count: usize,
    /// The first of them among the columns.
    pub column: usize,
}

/// Groups of sums in a step.
pub(super) const GROUPS: usize = 4;

impl Weights {
    /// `parameters`: W, U, b, c.
    pub(in crate::nn::recurrent) fn new(
        kind: RecurrentKind,
        [features, hidden]: [usize; 2],
        [input, recurrent, input_bias, recurrent_bias]: [Vec<f32>; 4],
        reversed: bool,
    ) -> Self {
        let both = input_bias.iter().zip(&recurrent_bias).map(|(b, c)| b + c);
        let bias = match kind {
            RecurrentKind::Lstm => both.collect(),
            RecurrentKind::Gru => {
                let candidate =
                    input_bias[2 * hidden..].iter().chain(&recurrent_bias[2 * hidden..]);
                both.take(2 * hidden).chain(candidate.copied()).collect()
            }
        };
        Self { kind, features, hidden, reversed, input, recurrent, bias }
    }

    /// Columns of W and U.
    pub(super) fn columns(&self) -> usize {
        self.kind.gates() * self.hidden
    }

    /// Units that a step keeps: the four groups, and of long short-term memory m and tanh m.
    pub(super) fn kept(&self) -> usize {
        match self.kind {
            RecurrentKind::Gru => GROUPS * self.hidden,
            RecurrentKind::Lstm => (GROUPS + 2) * self.hidden,
        }
    }

    /// The groups that h U is added to. x W is added to the first ones.
    pub(super) fn recurrent_groups(&self) -> &'static [Groups] {
        match self.kind {
            RecurrentKind::Gru => &[
                Groups { first: 0, count: 2, column: 0 },
                Groups { first: 3, count: 1, column: 2 },
            ],
            RecurrentKind::Lstm => &[Groups { first: 0, count: GROUPS, column: 0 }],
        }
    }

    /// The number of the step that is taken as number `taken`, and that of the step before.
    pub(super) fn step(&self, taken: usize, steps: usize) -> (usize, Option<usize>) {
        let number = |taken: usize| if self.reversed { steps - 1 - taken } else { taken };
        (number(taken), taken.checked_sub(1).map(number))
    }
}

impl Gradients {
    pub(in crate::nn::recurrent) fn into_parts(self) -> [Vec<f32>; 4] {
        self.0
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        for (sums, parts) in self.0.iter_mut().zip(&other.0) {
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        }
        self
    }
}
