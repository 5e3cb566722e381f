use super::kernels::{self, PANEL};
use crate::simd::Level;

/// How the weights of an engine are stored. Sums are always of 32-bit floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// 32-bit floats, as in the model file.
    #[default]
    F32,
    /// The upper 16 bits of a float, rounded to nearest, ties to even (bfloat16).
    Bf16,
    /// Whole numbers from −127 to 127, with one scale for each output of a layer.
    Int8,
}

impl std::str::FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "f32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            "int8" => Ok(Self::Int8),
            _ => Err("expected f32, bf16 or int8".to_owned()),
        }
    }
}

impl Precision {
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }
}

/// A matrix of weights with a bias, in the order in which the product reads it: panels of
/// [`PANEL`] outputs, and in each panel one row for every input. Outputs past the last are 0.
#[derive(Debug, Clone)]
pub struct Packed {
    inputs: usize,
    outputs: usize,
    weights: Weights,
    /// `[panels × PANEL]`
    bias: Vec<f32>,
    /// `[panels × PANEL]`: what whole numbers are multiplied by.
    scale: Vec<f32>,
}

#[derive(Debug, Clone)]
enum Weights {
    F32(Vec<f32>),
    Bf16(Vec<u16>),
    Int8(Vec<i8>),
}

/// What follows a product, on the numbers while they are in registers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Then {
    Nothing,
    /// x for x ≥ 0, slope · x below.
    Rectify(f32),
}

impl Packed {
    /// # Shapes
    /// `weight`: `[inputs, outputs]`, row-major; `bias`: `[outputs]`.
    ///
    /// # Panics
    /// If the lengths do not fit.
    pub fn new(
        inputs: usize,
        outputs: usize,
        weight: &[f32],
        bias: &[f32],
        precision: Precision,
    ) -> Self {
        assert_eq!(weight.len(), inputs * outputs, "weights are [inputs, outputs]");
        assert_eq!(bias.len(), outputs, "biases are [outputs]");
        let padded = padded(outputs);
        let mut padded_bias = bias.to_vec();
        padded_bias.resize(padded, 0.0);
        let mut scale = vec![1.0; padded];
        if precision == Precision::Int8 {
            for (output, scale) in scale.iter_mut().enumerate().take(outputs) {
                let column = weight.iter().skip(output).step_by(outputs);
                let largest = column.fold(0.0_f32, |largest, w| largest.max(w.abs()));
                *scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
            }
        }
        let mut at = Vec::with_capacity(padded * inputs);
        for panel in 0..padded / PANEL {
            for input in 0..inputs {
                for output in panel * PANEL..(panel + 1) * PANEL {
                    at.push(match output < outputs {
                        true => weight[input * outputs + output],
                        false => 0.0,
                    });
                }
            }
        }
        let weights = match precision {
            Precision::F32 => Weights::F32(at),
            Precision::Bf16 => Weights::Bf16(at.into_iter().map(to_bf16).collect()),
            Precision::Int8 => {
                let output = |i: usize| i / (inputs * PANEL) * PANEL + i % PANEL;
                let whole = |(i, w): (usize, f32)| (w / scale[output(i)]).round() as i8;
                Weights::Int8(at.into_iter().enumerate().map(whole).collect())
            }
        };
        Self { inputs, outputs, weights, bias: padded_bias, scale }
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Bytes of the weights.
    pub fn bytes(&self) -> usize {
        match &self.weights {
            Weights::F32(weights) => 4 * weights.len(),
            Weights::Bf16(weights) => 2 * weights.len(),
            Weights::Int8(weights) => weights.len(),
        }
    }

    /// y = then(x W + b), each output a sum over the inputs in their order.
    ///
    /// # Shapes
    /// x: `rows` rows of `inputs` numbers, and how far they are apart; y: `rows` rows of
    /// [`padded`]`(outputs)` numbers, and how far they are apart.
    ///
    /// # Panics
    /// If x or y is too short.
    pub fn multiply(
        &self,
        level: Level,
        (x, x_stride): (&[f32], usize),
        rows: usize,
        (y, y_stride): (&mut [f32], usize),
        then: Then,
    ) {
        let shape = kernels::Shape { inputs: self.inputs, rows, x_stride, y_stride, then };
        let columns = kernels::Columns { bias: &self.bias, scale: &self.scale };
        match &self.weights {
            Weights::F32(weights) => kernels::multiply(level, shape, x, weights, columns, y),
            Weights::Bf16(weights) => kernels::multiply(level, shape, x, weights, columns, y),
            Weights::Int8(weights) => kernels::multiply(level, shape, x, weights, columns, y),
        }
    }
}

/// Outputs with those that fill the last panel.
pub fn padded(outputs: usize) -> usize {
    outputs.next_multiple_of(PANEL)
}

fn to_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    (bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}
