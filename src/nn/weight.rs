use super::parameter::Parameter;
use crate::compute::{Device, Tensor};
use crate::random::Normals;

/// The weights of a dense or convolution layer, by choice divided by their largest singular value.
#[derive(Debug, Clone)]
pub(super) struct Weight {
    values: Parameter,
    spectral: Option<SpectralNorm>,
}

/// Which axis of a weight tensor counts the outputs; all others together count the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputAxis {
    First,
    Second,
}

/// Spectral normalisation (arXiv:1802.05957): W / σ(W), σ(W) = uᵀ W v the largest singular value of
/// the weights as a matrix `[outputs, inputs × kernel]`.
///
/// u and v come from one power iteration before each step of training, v ← Wᵀu / ‖Wᵀu‖ and
/// u ← W v / ‖W v‖, and are constants of the graph, while gradients flow through W in σ(W).
#[derive(Debug, Clone)]
struct SpectralNorm {
    outputs: OutputAxis,
    /// u, `[1, outputs]`
    left: Parameter,
    /// v, `[1, inputs × kernel]`
    right: Parameter,
}

/// Power iterations on the first weights, so that even the first step is normalised.
const FIRST_ITERATIONS: usize = 15;
/// Keeps weights that are all 0 finite.
const SMALL: f64 = 1e-12;

impl Weight {
    pub fn new(values: Parameter) -> Self {
        Self { values, spectral: None }
    }

    /// Divides the weights by their largest singular value from now on.
    pub fn normalise(&mut self, outputs: OutputAxis, normals: &mut Normals, device: &Device) {
        let shape = self.values.shape();
        let rows = match outputs {
            OutputAxis::First => shape[0],
            OutputAxis::Second => shape[1],
        };
        let columns = shape.iter().product::<usize>() / rows;
        let left = (0..rows).map(|_| normals.draw()).collect();
        self.spectral = Some(SpectralNorm {
            outputs,
            left: Parameter::buffer(left, &[1, rows], device),
            right: Parameter::buffer(vec![0.0; columns], &[1, columns], device),
        });
        (0..FIRST_ITERATIONS).for_each(|_| self.before_step());
    }

    pub fn shape(&self) -> &[usize] {
        self.values.shape()
    }

    /// The weights that are used, flat.
    pub fn flat(&self) -> Tensor<1> {
        match &self.spectral {
            Some(spectral) => self.values.flat() / spectral.sigma(&self.values),
            None => self.values.flat(),
        }
    }

    /// One power iteration.
    pub fn before_step(&mut self) {
        if let Some(spectral) = &mut self.spectral {
            spectral.iterate(&self.values);
        }
    }

    pub fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        visit("weight", &mut self.values);
        if let Some(spectral) = &mut self.spectral {
            visit("weight.u", &mut spectral.left);
            visit("weight.v", &mut spectral.right);
        }
    }
}

impl SpectralNorm {
    /// uᵀ W v, `[1]`.
    fn sigma(&self, weight: &Parameter) -> Tensor<1> {
        let projected = self.left.tensor::<2>().matmul(self.matrix(weight));
        (projected * self.right.tensor()).sum() + SMALL
    }

    fn iterate(&mut self, weight: &Parameter) {
        let matrix = self.matrix(weight);
        let right = normalised(self.left.tensor::<2>().matmul(matrix.clone()));
        let left = normalised(right.clone().matmul(matrix.transpose()));
        self.right.set_flat(right.flatten(0, 1));
        self.left.set_flat(left.flatten(0, 1));
    }

    /// `[outputs, inputs × kernel]`
    fn matrix(&self, weight: &Parameter) -> Tensor<2> {
        let shape = weight.shape();
        let kernel: usize = shape[2..].iter().product();
        match self.outputs {
            OutputAxis::First => weight.flat().reshape([shape[0], shape[1] * kernel]),
            OutputAxis::Second if kernel == 1 => {
                weight.flat().reshape([shape[0], shape[1]]).transpose()
            }
            OutputAxis::Second => weight
                .flat()
                .reshape([shape[0], shape[1], kernel])
                .swap_dims(0, 1)
                .reshape([shape[1], shape[0] * kernel]),
        }
    }
}

fn normalised(row: Tensor<2>) -> Tensor<2> {
    let norm = row.clone().square().sum_dim(1).sqrt() + SMALL;
    row / norm
}
