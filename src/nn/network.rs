use serde::Serialize;

use super::dense::Dense;
use super::layer::{Axes, BatchStatistics, Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::layer_settings::LayerSettings;
use super::operation::Operation;
use super::parameter::{Module, Parameter};
use super::shapes::check_count;
use crate::compute::{Tensor, is_cpu};

/// Layers one after the other.
#[derive(Debug, Clone)]
pub struct Network {
    layers: Vec<Box<dyn Layer>>,
    kinds: Vec<&'static str>,
    input_shape: Vec<usize>,
}

/// A layer of a network, for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerDescription {
    pub kind: &'static str,
    /// Shape of the features behind it.
    pub output_shape: Vec<usize>,
    /// Trained parameters.
    pub parameters: usize,
}

/// The shape of the features behind all layers.
///
/// # Errors
/// The first layer that cannot stand where it does, with its number from 0.
pub fn output_shape(
    layers: &[LayerSettings],
    input: &[usize],
    labels: usize,
) -> Result<Vec<usize>, String> {
    shape_behind(layers.iter(), input, labels)
}

/// As [`output_shape`], of layers from anywhere.
pub(super) fn shape_behind<'a>(
    layers: impl Iterator<Item = &'a LayerSettings>,
    input: &[usize],
    labels: usize,
) -> Result<Vec<usize>, String> {
    layers.enumerate().try_fold(input.to_vec(), |shape, (i, layer)| {
        let checked = || {
            let behind = layer.output_shape(&shape, labels)?;
            check_count("features behind it", &behind)
                .map_err(|problem| format!("layer `{}` {problem}", layer.kind()))?;
            Ok(behind)
        };
        checked().map_err(|problem: String| format!("{i}: {problem}"))
    })
}

impl Network {
    /// Builds layers whose shapes were found to fit by [`output_shape`].
    pub fn build(settings: &[LayerSettings], input: &[usize], site: &mut Site<'_>) -> Self {
        let mut layers: Vec<Box<dyn Layer>> = Vec::with_capacity(settings.len());
        for settings in settings {
            let shape = layers.last().map_or(input, |layer| layer.output_shape()).to_vec();
            layers.push(settings.build(&shape, site));
        }
        let kinds = settings.iter().map(LayerSettings::kind).collect();
        Self { layers, kinds, input_shape: input.to_vec() }
    }

    pub(super) fn layers(&self) -> &[Box<dyn Layer>] {
        &self.layers
    }

    /// Some of the layers, as a network of their own.
    pub(super) fn part(&self, range: std::ops::Range<usize>) -> Self {
        let input_shape = match range.start.checked_sub(1) {
            Some(before) => self.layers[before].output_shape().to_vec(),
            None => self.input_shape.clone(),
        };
        let kinds = self.kinds[range.clone()].to_vec();
        Self { layers: self.layers[range].to_vec(), kinds, input_shape }
    }

    pub fn output_shape(&self) -> &[usize] {
        self.layers.last().map_or(&self.input_shape, |layer| layer.output_shape())
    }

    /// # Shapes
    /// `[events, input features]` to `[events, output features]`.
    pub fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        self.run(x, pass, &mut |layer, x, pass| layer.forward(x, pass))
    }

    /// The output, and what [`Self::vjp`] needs.
    pub fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        let mut trace = Trace::default();
        let y = self.run(x, pass, &mut |layer, x, pass| {
            let events_last = pass.events_last;
            let (y, part) = layer.forward_with_trace(x, pass);
            trace.parts.push(Trace { events_last, ..part });
            y
        });
        (y, trace)
    }

    /// Goes through the layers, and turns the axes where a layer wants them in the other order.
    fn run(
        &self,
        mut x: Tensor<2>,
        pass: &mut Pass,
        go: &mut dyn FnMut(&dyn Layer, Tensor<2>, &mut Pass) -> Tensor<2>,
    ) -> Tensor<2> {
        let (events, on_cpu) = (x.dims()[0], is_cpu(&x.device()));
        let mut events_last = false;
        for layer in &self.layers {
            let wanted = match layer.axes(events, on_cpu) {
                Axes::EventsFirst => false,
                Axes::EventsLast => true,
                Axes::Any => events_last,
            };
            x = turned(x, events_last, wanted);
            events_last = wanted;
            pass.events_last = events_last;
            x = go(&**layer, x, pass);
        }
        pass.events_last = false;
        turned(x, events_last, false)
    }

    /// The cotangent of the input from that of the output: the layers' own vjp from the last to
    /// the first, as a graph that can be differentiated once more with respect to the weights.
    ///
    /// # Shapes
    /// `[events, output features]` to `[events, input features]`.
    pub fn vjp(
        &self,
        trace: &Trace,
        cotangent: Tensor<2>,
        label: &mut LabelCotangent,
    ) -> Tensor<2> {
        let mut events_last = false;
        let layers = self.layers.iter().zip(&trace.parts).rev();
        let g = layers.fold(cotangent, |g, (layer, part)| {
            let g = turned(g, events_last, part.events_last);
            events_last = part.events_last;
            layer.vjp(part, g, label)
        });
        turned(g, events_last, false)
    }

    pub fn before_step(&mut self) {
        self.layers.iter_mut().for_each(|layer| layer.before_step());
    }

    pub fn absorb(&mut self, statistics: &mut BatchStatistics) {
        self.layers.iter_mut().for_each(|layer| layer.absorb(statistics));
    }

    pub fn mixes_events(&self) -> bool {
        self.layers.iter().any(|layer| layer.mixes_events())
    }

    /// The last layer, if it is dense.
    pub fn last_dense_mut(&mut self) -> Option<&mut Dense> {
        self.layers.last_mut()?.as_dense_mut()
    }

    /// What it is after the training, as plain operations.
    pub fn operations(&self) -> Vec<Operation> {
        self.layers.iter().flat_map(|layer| layer.operations()).collect()
    }

    pub fn describe(&self) -> Vec<LayerDescription> {
        let of = |(mut layer, kind): (Box<dyn Layer>, &&'static str)| {
            let mut parameters = 0;
            layer.for_each_parameter(&mut |_, parameter| {
                if parameter.is_trained() {
                    parameters += parameter.shape().iter().product::<usize>();
                }
            });
            LayerDescription { kind, output_shape: layer.output_shape().to_vec(), parameters }
        };
        self.layers.clone().into_iter().zip(&self.kinds).map(of).collect()
    }
}

/// Values with the axes in the wanted order.
fn turned(x: Tensor<2>, events_last: bool, wanted: bool) -> Tensor<2> {
    if events_last == wanted { x } else { x.transpose() }
}

impl Module for Network {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for (i, layer) in self.layers.iter_mut().enumerate() {
            layer.for_each_parameter(&mut |name, parameter| {
                visit(&format!("layers.{i}.{name}"), parameter);
            });
        }
    }
}
