use crate::compute::Tensor;
use crate::nn::{
    LayerSettings, Module, Network, Parameter, Pass, Site, feature_count, for_each_in, output_shape,
};

/// A part of a [`Stack`].
#[derive(Debug, Clone, PartialEq)]
pub(in crate::suite::systems) enum PartSettings {
    Layers(Vec<LayerSettings>),
    /// Instance normalisation (arXiv:1607.08022) without parameters: (x − μ) / √(σ² + ε), μ and σ²
    /// the mean and the variance over the places of each channel of each image.
    InstanceNorm,
    /// x + f(x)
    Residual(Vec<PartSettings>),
    /// (x, f(x)): the channels of f behind those of x, on places of the same number.
    Skip(Vec<PartSettings>),
}

/// Networks of image translation: the layers of [`crate::nn`] and what only these need. There is no
/// gradient penalty in their trainings, so that a forward pass is all they know.
#[derive(Debug, Clone)]
pub(in crate::suite::systems) struct Stack {
    parts: Vec<Part>,
    shape: Vec<usize>,
}

#[derive(Debug, Clone)]
enum Part {
    Layers(Network),
    InstanceNorm { channels: usize, places: usize },
    Residual(Stack),
    Skip(Stack),
}

const EPSILON: f64 = 1e-5;

impl Stack {
    /// # Errors
    /// A layer that cannot stand where it does.
    pub fn build(
        settings: &[PartSettings],
        input: &[usize],
        site: &mut Site<'_>,
    ) -> Result<Self, String> {
        let mut shape = input.to_vec();
        let mut parts = Vec::with_capacity(settings.len());
        for part in settings {
            parts.push(match part {
                PartSettings::Layers(layers) => {
                    let behind = output_shape(layers, &shape, 0)?;
                    let network = Network::build(layers, &shape, site);
                    shape = behind;
                    Part::Layers(network)
                }
                PartSettings::InstanceNorm => {
                    Part::InstanceNorm { channels: shape[0], places: feature_count(&shape[1..]) }
                }
                PartSettings::Residual(inner) => {
                    let inner = Self::build(inner, &shape, site)?;
                    if inner.shape != shape {
                        let found = &inner.shape;
                        return Err(format!("residual parts give {found:?}, expected {shape:?}"));
                    }
                    Part::Residual(inner)
                }
                PartSettings::Skip(inner) => {
                    let inner = Self::build(inner, &shape, site)?;
                    if inner.shape[1..] != shape[1..] {
                        let found = &inner.shape;
                        return Err(format!("skipped parts give {found:?} behind {shape:?}"));
                    }
                    shape[0] += inner.shape[0];
                    Part::Skip(inner)
                }
            });
        }
        Ok(Self { parts, shape })
    }

    /// Of the features behind it.
    #[cfg(test)]
    pub fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    /// # Shapes
    /// `[events, input features]` to `[events, output features]`.
    pub fn forward(&self, mut x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        for part in &self.parts {
            x = match part {
                Part::Layers(network) => network.forward(x, pass),
                Part::InstanceNorm { channels, places } => instance_norm(x, *channels, *places),
                Part::Residual(inner) => x.clone() + inner.forward(x, pass),
                Part::Skip(inner) => {
                    let y = inner.forward(x.clone(), pass);
                    Tensor::cat(vec![x, y], 1)
                }
            };
        }
        x
    }
}

/// # Shapes
/// `[events, channels × places]`.
fn instance_norm(x: Tensor<2>, channels: usize, places: usize) -> Tensor<2> {
    let events = x.dims()[0];
    let x = x.reshape([events * channels, places]);
    let mean = x.clone().mean_dim(1);
    let centred = x - mean;
    let variance = centred.clone().square().mean_dim(1);
    (centred / (variance + EPSILON).sqrt()).reshape([events, channels * places])
}

impl Module for Stack {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for (i, part) in self.parts.iter_mut().enumerate() {
            let prefix = i.to_string();
            match part {
                Part::Layers(network) => for_each_in(network, &prefix, visit),
                Part::InstanceNorm { .. } => {}
                Part::Residual(inner) | Part::Skip(inner) => for_each_in(inner, &prefix, visit),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};
    use crate::random::{Purpose, Streams};

    fn build(settings: &[PartSettings], input: &[usize]) -> Result<Stack, String> {
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let device = cpu();
        Stack::build(
            settings,
            input,
            &mut Site { labels: 0, normals: &mut normals, device: &device },
        )
    }

    #[test]
    fn each_channel_of_each_image_is_normalised_by_itself() {
        let stack = build(&[PartSettings::InstanceNorm], &[2, 1, 2]).expect("fits any image");
        // Channels (0, 2), (5, 5) and (10, 30), (−1, 1).
        let x = matrix(vec![0.0, 2.0, 5.0, 5.0, 10.0, 30.0, -1.0, 1.0], 2, 4, &cpu());
        let y = to_host(stack.forward(x, &mut Pass::evaluation(None)));
        let expected = [-1.0_f32, 1.0, 0.0, 0.0, -1.0, 1.0, -1.0, 1.0];
        approx::assert_abs_diff_eq!(y.as_slice(), &expected[..], epsilon = 1e-4);
    }

    #[test]
    fn skips_put_channels_behind_and_residuals_add() {
        let tanh = || vec![PartSettings::Layers(vec![LayerSettings::Tanh])];
        let stack = build(&[PartSettings::Skip(tanh())], &[1, 1, 2]).expect("same places");
        assert_eq!(stack.output_shape(), [2, 1, 2]);
        let x = matrix(vec![0.5, -0.25], 1, 2, &cpu());
        let y = to_host(stack.forward(x.clone(), &mut Pass::evaluation(None)));
        assert_eq!(y, [0.5, -0.25, 0.5_f32.tanh(), (-0.25_f32).tanh()]);
        let stack = build(&[PartSettings::Residual(tanh())], &[1, 1, 2]).expect("same shape");
        let y = to_host(stack.forward(x, &mut Pass::evaluation(None)));
        assert_eq!(y, [0.5 + 0.5_f32.tanh(), -0.25 + (-0.25_f32).tanh()]);
    }

    #[test]
    fn shapes_that_do_not_fit_are_named() {
        let flat = LayerSettings::Reshape(toml::from_str("shape = [4, 1, 1]").expect("a shape"));
        let inner = || vec![PartSettings::Layers(vec![flat.clone()])];
        let problem = build(&[PartSettings::Residual(inner())], &[1, 2, 2]).expect_err("no fit");
        assert_eq!(problem, "residual parts give [4, 1, 1], expected [1, 2, 2]");
        let problem = build(&[PartSettings::Skip(inner())], &[1, 2, 2]).expect_err("no fit");
        assert_eq!(problem, "skipped parts give [4, 1, 1] behind [1, 2, 2]");
    }
}
