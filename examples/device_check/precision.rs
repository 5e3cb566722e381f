//! How exact a device's products of matrices are, which decides how far two devices may differ.

use std::fmt;

use showerforge::compute::{Device, matrix, to_host};
use showerforge::random::{Purpose, Streams};

/// The unit round-off u of the products: with u = 2⁻²⁴ for 32-bit floats, and 2⁻¹¹ where tensor
/// cores cut the factors to TF32 (10 bits of mantissa), which burn does without asking on GPUs that
/// have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    Float32,
    Tf32,
}

/// Side of the matrices.
const SIZE: usize = 256;
/// Between the errors of both, 1e-7 and 1e-4 to 1e-3.
const BETWEEN: f64 = 1e-5;

impl Precision {
    /// By the product of two random matrices against one in 64-bit floats: the norm of the error
    /// over that of the product, which is printed too.
    pub fn measured(device: &Device) -> (Self, f64) {
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let mut random = || (0..SIZE * SIZE).map(|_| normals.draw()).collect::<Vec<f32>>();
        let (a, b) = (random(), random());
        let on_device = |values: &[f32]| matrix(values.to_vec(), SIZE, SIZE, device);
        let found = to_host(on_device(&a).matmul(on_device(&b)));
        let (mut error, mut norm) = (0.0, 0.0);
        for i in 0..SIZE {
            for j in 0..SIZE {
                let exact: f64 = (0..SIZE)
                    .map(|k| f64::from(a[i * SIZE + k]) * f64::from(b[k * SIZE + j]))
                    .sum();
                error += (f64::from(found[i * SIZE + j]) - exact).powi(2);
                norm += exact * exact;
            }
        }
        let relative = (error / norm).sqrt();
        (if relative < BETWEEN { Self::Float32 } else { Self::Tf32 }, relative)
    }

    /// The largest difference that two right computations may have. Sums of some hundred terms in
    /// another order, two critic steps and a generator step, each with a derivative of a derivative,
    /// multiply u by about 100 (the CPU against itself comes to 1e-5); the limit leaves a factor of
    /// ten for functions that devices compute differently (exp, tanh, erf). With TF32 ten u are
    /// already 0.5 %, so that only 2 % can be asked for; a wrong kernel is off by 10 % and more.
    pub fn limit(self) -> f64 {
        match self {
            Self::Float32 => 1e-4,
            Self::Tf32 => 2e-2,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Float32 => "32-bit floats",
            Self::Tf32 => "TF32",
        })
    }
}
