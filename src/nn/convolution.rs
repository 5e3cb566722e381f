use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::convolve::Sliding;
use super::initialisation::Initialisation;
use super::layer::{Axes, Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::operation::{Operation, SlidingOperation};
use super::parameter::Parameter;
use super::shapes::{axes_of, check_count, per_axis, positive_per_axis};
use super::weight::{OutputAxis, Weight};
use crate::compute::{Tensor, to_host};

/// A convolution in the settings: y_o = b_o + Σ_c W_oc ⋆ x_c, with zeros outside of x.
///
/// # Shapes
/// `[channels, (depth,) rows, columns]` to `[outputs, …]`, each axis of
/// ⌊(size + 2 padding − kernel) / stride⌋ + 1 places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvolutionSettings {
    /// Channels behind it.
    pub outputs: usize,
    /// `[(depth,) rows, columns]`, as all that follow.
    pub kernel: Vec<usize>,
    /// 1 where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stride: Vec<usize>,
    /// Zeros on both sides; none where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub padding: Vec<usize>,
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
pub(super) struct ConvolutionBlueprint<'a> {
    pub axes: usize,
    pub settings: &'a ConvolutionSettings,
}

/// A convolution from the wide to the narrow side of its kernel, or a transposed one from the
/// narrow to the wide side: each is the other's adjoint.
#[derive(Debug, Clone)]
pub(super) struct Convolution {
    weight: Weight,
    bias: Option<Parameter>,
    sliding: Sliding,
    transposed: bool,
}

/// What a convolution and a transposed one are both built from.
pub(super) struct ConvolutionParts {
    pub sliding: Sliding,
    pub transposed: bool,
    pub initialisation: Initialisation,
    pub bias: bool,
    pub spectral_norm: bool,
}

/// Checks what the settings of convolutions and transposed ones have in common.
pub(super) fn check_common(
    input: &[usize],
    axes: usize,
    outputs: usize,
    kernel: &[usize],
    initialisation: Initialisation,
) -> Result<(), String> {
    if axes_of(input)? != axes {
        let layout = if axes == 2 {
            "[channels, rows, columns]"
        } else {
            "[channels, depth, rows, columns]"
        };
        return Err(format!("stands behind features of shape {input:?}, expected {layout}"));
    }
    if outputs == 0 {
        return Err("has `outputs` = 0, expected at least 1".to_owned());
    }
    check_count("weights", &[&[input[0], outputs], kernel].concat())?;
    if kernel.is_empty() {
        return Err(format!("has `kernel` = [], expected {axes} numbers, one for each axis"));
    }
    if initialisation == Initialisation::Identity {
        return Err("has `initialisation` of kind `identity`, which is for dense layers".to_owned());
    }
    Ok(())
}

impl ConvolutionBlueprint<'_> {
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
        let mut narrow = vec![settings.outputs];
        for i in 0..self.axes {
            let padded = input[i + 1] + 2 * padding[i];
            if padded < kernel[i] {
                return Err(format!(
                    "has `kernel` = {kernel:?} and `padding` = {padding:?} on features of shape \
                     {input:?}, expected a kernel that fits inside"
                ));
            }
            narrow.push((padded - kernel[i]) / stride[i] + 1);
        }
        Ok(Sliding {
            wide: input.to_vec(),
            narrow,
            kernel,
            stride,
            padding,
            places: Arc::default(),
        })
    }
}

impl Blueprint for ConvolutionBlueprint<'_> {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        self.sliding(input).map(|sliding| sliding.narrow)
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let parts = ConvolutionParts {
            sliding: self.sliding(input).expect("the shapes were found to fit"),
            transposed: false,
            initialisation: self.settings.initialisation,
            bias: self.settings.bias,
            spectral_norm: self.settings.spectral_norm,
        };
        Box::new(Convolution::new(parts, site))
    }
}

impl Convolution {
    pub fn new(parts: ConvolutionParts, site: &mut Site<'_>) -> Self {
        let ConvolutionParts { sliding, transposed, initialisation, bias, spectral_norm } = parts;
        let (narrow, wide) = (sliding.narrow[0], sliding.wide[0]);
        let (inputs, outputs, output_axis) = if transposed {
            (narrow, wide, OutputAxis::Second)
        } else {
            (wide, narrow, OutputAxis::First)
        };
        let places: usize = sliding.kernel.iter().product();
        let (fan_in, fan_out) = (inputs * places, outputs * places);
        let values = initialisation.draw(inputs * outputs * places, fan_in, fan_out, site.normals);
        let values = Parameter::new(values, &sliding.weight_shape(), site.device);
        let mut weight = Weight::new(values);
        if spectral_norm {
            weight.normalise(output_axis, site.normals, site.device);
        }
        let bias = bias.then(|| Parameter::new(vec![0.0; outputs], &[outputs], site.device));
        Self { weight, bias, sliding, transposed }
    }

    fn apply(&self, x: Tensor<2>, weight: Tensor<1>, events_last: bool) -> Tensor<2> {
        let bias = self.bias.as_ref().map(Parameter::flat);
        if self.transposed {
            self.sliding.transpose(x, weight, bias, events_last)
        } else {
            self.sliding.convolve(x, weight, bias, events_last)
        }
    }
}

impl Layer for Convolution {
    fn output_shape(&self) -> &[usize] {
        if self.transposed { &self.sliding.wide } else { &self.sliding.narrow }
    }

    fn axes(&self, events: usize, is_cpu: bool) -> Axes {
        let is_gathered = is_cpu && self.sliding.is_gathered(events);
        if is_gathered { Axes::EventsLast } else { Axes::EventsFirst }
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        self.apply(x, self.weight.flat(), pass.events_last)
    }

    /// The trace is the weights that were used, `[1, weights]`.
    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        let weight = self.weight.flat();
        let y = self.apply(x, weight.clone(), pass.events_last);
        (y, Trace::of(vec![weight.unsqueeze()]))
    }

    /// By the adjoint: a transposed convolution with the same weights, or a convolution.
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let weight = trace.tensors[0].clone().reshape([feature_count(self.weight.shape())]);
        if self.transposed {
            self.sliding.convolve(cotangent, weight, None, trace.events_last)
        } else {
            self.sliding.transpose(cotangent, weight, None, trace.events_last)
        }
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.weight.for_each_parameter(visit);
        if let Some(bias) = &mut self.bias {
            visit("bias", bias);
        }
    }

    fn before_step(&mut self) {
        self.weight.before_step();
    }

    fn operations(&self) -> Vec<Operation> {
        let Sliding { wide, narrow, kernel, stride, padding, .. } = self.sliding.clone();
        let outputs = if self.transposed { wide[0] } else { narrow[0] };
        let weight = to_host(self.weight.flat());
        let bias = self.bias.as_ref().map_or_else(|| vec![0.0; outputs], Parameter::to_host);
        let sliding = SlidingOperation { wide, narrow, kernel, stride, padding, weight, bias };
        vec![if self.transposed {
            Operation::TransposedConvolution(sliding)
        } else {
            Operation::Convolution(sliding)
        }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
