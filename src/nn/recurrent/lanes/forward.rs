use super::layout::Lanes;
use super::product::{Columns, add_product, splat};
use super::weights::{GROUPS, Record, Weights};
use super::{Vector, gates};
use crate::simd::{Level, Vectorised};
use rayon::prelude::*;

impl Weights {
    /// The states of all steps.
    ///
    /// # Shapes
    /// x: `features` units a step, the states: `hidden`.
    pub(in crate::nn::recurrent) fn run(&self, x: &Lanes) -> Lanes {
        let mut states = x.like(self.hidden);
        let level = Level::best();
        states.blocks_mut().zip(x.blocks()).for_each(|(states, x)| {
            // Every step in the same place.
            let kept = &mut vec![splat(0.0); self.kept()];
            level.run(Forward { weights: self, x, kept, kept_stride: 0, states });
        });
        states
    }

    /// As [`Self::run`], with what [`Self::pull_back`] needs.
    pub(in crate::nn::recurrent) fn record(&self, x: &Lanes) -> (Lanes, Record) {
        let (mut kept, mut states) = (x.like(self.kept()), x.like(self.hidden));
        let level = Level::best();
        let blocks = states.blocks_mut().zip(kept.blocks_mut()).zip(x.blocks());
        blocks.for_each(|((states, kept), x)| {
            level.run(Forward { weights: self, x, kept, kept_stride: self.kept(), states });
        });
        (states.clone(), Record { kept, states })
    }
}

/// All steps of one block.
pub(super) struct Forward<'a> {
    pub weights: &'a Weights,
    pub x: &'a [Vector],
    pub kept: &'a mut [Vector],
    /// From one step to the next.
    pub kept_stride: usize,
    pub states: &'a mut [Vector],
}

impl Vectorised for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { weights, x, kept, kept_stride, states } = self;
        let (features, hidden, columns) = (weights.features, weights.hidden, weights.columns());
        let steps = states.len() / hidden;
        let mut state = vec![splat(0.0); hidden];
        let mut memory = state.clone();
        let mut bias = vec![splat(0.0); GROUPS * hidden];
        for (vector, value) in bias.iter_mut().zip(&weights.bias) {
            *vector = splat(*value);
        }
        for taken in 0..steps {
            let (number, _) = weights.step(taken, steps);
            let kept = &mut kept[number * kept_stride..][..weights.kept()];
            let sums = &mut kept[..GROUPS * hidden];
            sums.copy_from_slice(&bias);
            let x = &x[number * features..][..features];
            let of_x = Columns { weights: &weights.input, stride: columns, first: 0 };
            add_product(&mut sums[..columns], x, of_x);
            for groups in weights.recurrent_groups() {
                let sums = &mut sums[groups.first * hidden..][..groups.count * hidden];
                let first = groups.column * hidden;
                let of_state = Columns { weights: &weights.recurrent, stride: columns, first };
                add_product(sums, &state, of_state);
            }
            gates::step(weights.kind, kept, &mut state, &mut memory);
            states[number * hidden..][..hidden].copy_from_slice(&state);
        }
    }
}
