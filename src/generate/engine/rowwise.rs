//! What is done to each row without a product of matrices, as loops that become vector
//! instructions.

use crate::nn::Elementwise;
use crate::simd::Vectorised;
use crate::simd::elementary::{exp, gelu, sigmoid, tanh};

/// Sums are of so many parts that are added up at the end, in the same order at every level.
const LANES: usize = 16;

/// y = f(x), in place.
pub struct Apply<'a> {
    pub function: Elementwise,
    pub values: &'a mut [f32],
}

impl Vectorised for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let values = self.values;
        match self.function {
            Elementwise::Rectifier { slope } => {
                let slope = slope as f32;
                values.iter_mut().for_each(|x| *x = if *x < 0.0 { slope * *x } else { *x });
            }
            Elementwise::Silu => values.iter_mut().for_each(|x| *x *= sigmoid(*x)),
            Elementwise::Gelu => values.iter_mut().for_each(|x| *x = gelu(*x)),
            Elementwise::Tanh => values.iter_mut().for_each(|x| *x = tanh(*x)),
            Elementwise::Sigmoid => values.iter_mut().for_each(|x| *x = sigmoid(*x)),
        }
    }
}

/// y = x σ(α x), in place, α the same for all or one for each value.
pub struct Swish<'a> {
    pub slopes: &'a [f32],
    pub values: &'a mut [f32],
}

impl Vectorised for Swish<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        if let [slope] = self.slopes {
            self.values.iter_mut().for_each(|x| *x *= sigmoid(slope * *x));
        } else {
            for (x, slope) in self.values.iter_mut().zip(self.slopes) {
                *x *= sigmoid(slope * *x);
            }
        }
    }
}

/// y = scale · x + shift, in place, with a scale and a shift for each value.
pub struct ScaleAndShift<'a> {
    pub scale: &'a [f32],
    pub shift: &'a [f32],
    pub values: &'a mut [f32],
}

impl Vectorised for ScaleAndShift<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (x, (scale, shift)) in self.values.iter_mut().zip(self.scale.iter().zip(self.shift)) {
            *x = x.mul_add(*scale, *shift);
        }
    }
}

/// y = (x − μ) / √(σ² + ε), in place, with the mean and the biased variance of the values.
pub struct Normalise<'a> {
    pub epsilon: f32,
    pub values: &'a mut [f32],
}

impl Vectorised for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let count = self.values.len() as f32;
        let mean = sum(self.values, |x| x) / count;
        let variance = sum(self.values, |x| (x - mean) * (x - mean)) / count;
        let inverse = 1.0 / (variance + self.epsilon).sqrt();
        self.values.iter_mut().for_each(|x| *x = (*x - mean) * inverse);
    }
}

/// y = eˣ / Σ eˣ, in place.
pub struct Softmax<'a> {
    pub values: &'a mut [f32],
}

impl Vectorised for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut largest = f32::NEG_INFINITY;
        self.values.iter().for_each(|x| largest = if *x > largest { *x } else { largest });
        self.values.iter_mut().for_each(|x| *x = exp(*x - largest));
        let inverse = 1.0 / sum(self.values, |x| x);
        self.values.iter_mut().for_each(|x| *x *= inverse);
    }
}

/// y = f(a) σ(b), f the identity or tanh.
pub struct Gate<'a> {
    pub tanh: bool,
    pub a: &'a [f32],
    pub b: &'a [f32],
    pub y: &'a mut [f32],
}

impl Vectorised for Gate<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let pairs = self.a.iter().zip(self.b);
        if self.tanh {
            self.y.iter_mut().zip(pairs).for_each(|(y, (a, b))| *y = tanh(*a) * sigmoid(*b));
        } else {
            self.y.iter_mut().zip(pairs).for_each(|(y, (a, b))| *y = *a * sigmoid(*b));
        }
    }
}

/// Σ f(x), by sixteen partial sums.
#[inline(always)]
pub fn sum(values: &[f32], function: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane += function(*x);
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane += function(*x);
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
    }
    lanes[0]
}
