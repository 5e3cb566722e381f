//! What theory says about the objectives, exactly: discrete spaces, the Bernoulli example of
//! biased gradients (arXiv:1705.10743), and the Dirac-GAN (arXiv:1801.04406).

#[path = "gan_theory/bernoulli.rs"]
mod bernoulli;
#[path = "gan_theory/dirac.rs"]
mod dirac;
#[path = "gan_theory/discrete.rs"]
mod discrete;

use showerforge::compute::{Tensor, cpu, matrix};

/// A constant of a graph, `[values, 1]`.
fn column(values: &[f64]) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    let rows = values.len();
    Tensor::from_inner(matrix(values, rows, 1, &cpu()))
}
