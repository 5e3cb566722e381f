use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::convolution::{Convolution, ConvolutionParts, check_common};
use super::convolve::Sliding;
use super::initialisation::Initialisation;
use super::layer::{Blueprint, Layer, Site};
use super::shapes::{per_axis, positive_per_axis};

/// A transposed convolution in the settings (arXiv:1603.07285): the adjoint of a convolution with
/// the same kernel, so that an image or grid grows by its stride.
///
/// # Shapes
/// `[channels, (depth,) rows, columns]` to `[outputs, …]`, each axis of
/// (size − 1) stride + kernel − 2 padding + output_padding places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransposedConvolutionSettings {
    /// Channels behind it.
    pub outputs: usize,
    /// `[(depth,) rows, columns]`, as all that follow.
    pub kernel: Vec<usize>,
    /// 1 where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stride: Vec<usize>,
    /// Places cut off on both sides; none where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub padding: Vec<usize>,
    /// Places added on the high side, fewer than the stride; none where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output_padding: Vec<usize>,
    #[serde(default)]
    pub initialisation: Initialisation,
    #[serde(default = "super::dense::yes")]
    pub bias: bool,
    /// Divides the weights by their largest singular value (arXiv:1802.05957).
    #[serde(default, skip_serializing_if = "super::dense::is_false")]
    pub spectral_norm: bool,
}

/// The settings, and the number of axes that the kind of the layer says.
#[derive(Debug, Clone, Copy)]
pub(super) struct TransposedConvolutionBlueprint<'a> {
    pub axes: usize,
    pub settings: &'a TransposedConvolutionSettings,
}

impl TransposedConvolutionBlueprint<'_> {
    fn sliding(&self, input: &[usize]) -> Result<Sliding, String> {
        let settings = self.settings;
        check_common(
            input,
            self.axes,
            settings.outputs,
            &settings.kernel,
            settings.initialisation,
        )?;
        let kernel = positive_per_axis("kernel", &settings.kernel, self.axes, 1)?;
        let stride = positive_per_axis("stride", &settings.stride, self.axes, 1)?;
        let padding = per_axis("padding", &settings.padding, self.axes, 0)?;
        let behind = per_axis("output_padding", &settings.output_padding, self.axes, 0)?;
        let mut wide = vec![settings.outputs];
        for i in 0..self.axes {
            if behind[i] >= stride[i] {
                return Err(format!(
                    "has `output_padding` = {behind:?}, expected less than `stride` = {stride:?} \
                     on each axis"
                ));
            }
            let reached = (input[i + 1] - 1) * stride[i] + kernel[i] + behind[i];
            if reached <= 2 * padding[i] {
                return Err(format!(
                    "has `padding` = {padding:?}, which leaves nothing of features of shape \
                     {input:?}"
                ));
            }
            wide.push(reached - 2 * padding[i]);
        }
        Ok(Sliding {
            wide,
            narrow: input.to_vec(),
            kernel,
            stride,
            padding,
            places: Arc::default(),
        })
    }
}

impl Blueprint for TransposedConvolutionBlueprint<'_> {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        self.sliding(input).map(|sliding| sliding.wide)
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let parts = ConvolutionParts {
            sliding: self.sliding(input).expect("the shapes were found to fit"),
            transposed: true,
            initialisation: self.settings.initialisation,
            bias: self.settings.bias,
            spectral_norm: self.settings.spectral_norm,
        };
        Box::new(Convolution::new(parts, site))
    }
}
