//! What every layer can do.
//!
//! Between layers, events are always flat, `[events, features]`; a layer that works on images or
//! grids knows the shape of its features, `[channels, (depth,) rows, columns]`, row-major.

use std::fmt;

use burn::tensor::backend::Backend as _;

use super::operation::Operation;
use super::parameter::Parameter;
use crate::compute::{Backend, Device, Tensor};
use crate::random::{Normals, Uniforms};

/// One step of a network, from `[events, input features]` to `[events, output features]`.
///
/// A gradient penalty goes through a layer by [`Layer::vjp`], which is written as ordinary tensor
/// operations: ∇ₓD is then a first-order graph that is differentiated once with respect to the
/// weights.
pub trait Layer: fmt::Debug + Send + Sync {
    /// Shape of the features of one event.
    fn output_shape(&self) -> &[usize];

    /// In which order of axes it takes values and gives them, for so many events.
    fn axes(&self, _events: usize, _is_cpu: bool) -> Axes {
        Axes::EventsFirst
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2>;

    /// The output, and what [`Self::vjp`] needs.
    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace);

    /// The cotangent of the input from that of the output, at the input that left `trace`; the
    /// cotangent of the conditions is added to `label`.
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, label: &mut LabelCotangent) -> Tensor<2>;

    /// Shows every parameter and buffer with its name in a fixed order.
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter));

    /// Called on the network itself before each step of training: power iterations of spectral
    /// normalisation.
    fn before_step(&mut self) {}

    /// Takes up what a training pass has seen, in the order of the layers: batch norm's running
    /// mean and variance.
    fn absorb(&mut self, _statistics: &mut BatchStatistics) {}

    /// Whether the output for one event depends on the others of its batch.
    fn mixes_events(&self) -> bool {
        false
    }

    /// As a dense layer, whose weights a generator's head may choose.
    fn as_dense_mut(&mut self) -> Option<&mut super::Dense> {
        None
    }

    /// As a recurrent layer, which can go through all steps outside of a graph.
    fn as_recurrent(&self) -> Option<&super::recurrent::Recurrent> {
        None
    }

    /// What it is after the training, as plain operations; none if it does nothing then or only
    /// changes shapes.
    fn operations(&self) -> Vec<Operation>;

    fn clone_box(&self) -> Box<dyn Layer>;
}

impl Clone for Box<dyn Layer> {
    fn clone(&self) -> Self {
        self.clone_box()
    }
}

/// The order of axes of what goes into a layer and comes out of it, its cotangents included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axes {
    /// `[events, features]`
    EventsFirst,
    /// `[features, events]`, as convolutions on the CPU like it.
    EventsLast,
    /// Either: element by element.
    Any,
}

/// A layer as it stands in the settings: its shapes are known before anything is allocated.
pub trait Blueprint {
    /// Shape of the output features for those of the input, of networks whose conditions have
    /// `labels` columns.
    ///
    /// # Errors
    /// Why such a layer cannot stand behind features of this shape, as a fragment of a sentence.
    fn output_shape(&self, input: &[usize], labels: usize) -> Result<Vec<usize>, String>;

    /// Builds it, once the shapes are known to fit.
    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer>;
}

/// Where a network is built.
#[derive(Debug)]
pub struct Site<'a> {
    /// Columns of the conditions.
    pub labels: usize,
    pub normals: &'a mut Normals,
    pub device: &'a Device,
}

/// What goes along with a batch on its way through a network.
#[derive(Debug)]
pub struct Pass {
    /// Conditions, `[events, labels]`.
    label: Option<Tensor<2>>,
    /// Random numbers for dropout; none outside of training.
    uniforms: Option<Uniforms>,
    statistics: BatchStatistics,
    /// Whether the layer that is called now has [`Axes::EventsLast`].
    pub(super) events_last: bool,
}

/// Mean and variance of what batch norms have seen, `[channels]` each, without a graph, in the
/// order of the layers.
pub type BatchStatistics = std::collections::VecDeque<[Tensor<1>; 2]>;

impl Pass {
    /// Dropout does nothing and batch norm uses its running statistics.
    pub fn evaluation(label: Option<Tensor<2>>) -> Self {
        Self { label, uniforms: None, statistics: BatchStatistics::new(), events_last: false }
    }

    pub fn training(label: Option<Tensor<2>>, uniforms: Uniforms) -> Self {
        Self {
            label,
            uniforms: Some(uniforms),
            statistics: BatchStatistics::new(),
            events_last: false,
        }
    }

    pub fn is_training(&self) -> bool {
        self.uniforms.is_some()
    }

    /// Conditions, `[events, labels]`.
    ///
    /// # Panics
    /// If a network that has conditions is used without.
    pub fn label(&self) -> Tensor<2> {
        self.label.clone().expect("a network with conditions is given them")
    }

    /// Random numbers, in training.
    pub fn uniforms(&mut self) -> Option<&mut Uniforms> {
        self.uniforms.as_mut()
    }

    /// Conditions of another batch, with the random numbers going on.
    pub fn set_label(&mut self, label: Option<Tensor<2>>) {
        self.label = label;
    }

    /// The conditions for a moment, to be set again by [`Self::set_label`].
    pub(super) fn take_label(&mut self) -> Option<Tensor<2>> {
        self.label.take()
    }

    /// Keeps what a batch norm has seen, `[channels]` each, outside of any graph.
    pub(super) fn record(&mut self, statistics: [Tensor<1>; 2]) {
        self.statistics.push_back(statistics.map(without_graph));
    }

    /// What batch norms have seen so far.
    pub fn take_statistics(&mut self) -> BatchStatistics {
        std::mem::take(&mut self.statistics)
    }
}

fn without_graph(tensor: Tensor<1>) -> Tensor<1> {
    if Backend::ad_enabled(&tensor.device()) { tensor.inner() } else { tensor }
}

/// What a forward pass left behind for [`Layer::vjp`].
#[derive(Debug, Default)]
pub struct Trace {
    pub tensors: Vec<Tensor<2>>,
    /// Of the layers inside.
    pub parts: Vec<Trace>,
    /// Whether the layer had [`Axes::EventsLast`].
    pub events_last: bool,
}

impl Trace {
    pub fn of(tensors: Vec<Tensor<2>>) -> Self {
        Self { tensors, ..Self::default() }
    }
}

/// Sums up the cotangent of the conditions, if anybody wants it.
#[derive(Debug, Default)]
pub struct LabelCotangent {
    wanted: bool,
    sum: Option<Tensor<2>>,
}

impl LabelCotangent {
    pub fn wanted() -> Self {
        Self { wanted: true, sum: None }
    }

    pub fn is_wanted(&self) -> bool {
        self.wanted
    }

    pub fn add(&mut self, cotangent: Tensor<2>) {
        if self.wanted {
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + cotangent,
                None => cotangent,
            });
        }
    }

    /// `[events, labels]`, none if nothing depends on the conditions.
    pub fn into_sum(self) -> Option<Tensor<2>> {
        self.sum
    }
}

/// The number of features of a shape.
pub fn feature_count(shape: &[usize]) -> usize {
    shape.iter().product()
}
