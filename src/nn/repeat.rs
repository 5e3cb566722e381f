use serde::{Deserialize, Serialize};

use super::layer::{BatchStatistics, Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::layer_settings::LayerSettings;
use super::network::{Network, shape_behind};
use super::operation::Operation;
use super::parameter::{Module, Parameter};
use crate::compute::Tensor;

/// The same layers several times one after the other, each time with weights of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatSettings {
    pub times: usize,
    pub layer: Vec<LayerSettings>,
}

/// More is a mistake in the settings.
const MOST_TIMES: usize = 10_000;

#[derive(Debug, Clone)]
struct Repeat {
    inside: Network,
}

impl RepeatSettings {
    fn layers(&self) -> Vec<LayerSettings> {
        std::iter::repeat_n(&self.layer, self.times).flatten().cloned().collect()
    }
}

impl Blueprint for RepeatSettings {
    fn output_shape(&self, input: &[usize], labels: usize) -> Result<Vec<usize>, String> {
        if self.layer.is_empty() {
            return Err("has no layers inside".to_owned());
        }
        if !(1..=MOST_TIMES).contains(&self.times) {
            return Err(format!("has `times` = {}, expected 1 to {MOST_TIMES}", self.times));
        }
        // Without copies of layers that may turn out not to fit.
        shape_behind(std::iter::repeat_n(&self.layer, self.times).flatten(), input, labels)
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        Box::new(Repeat { inside: Network::build(&self.layers(), input, site) })
    }
}

impl Layer for Repeat {
    fn output_shape(&self) -> &[usize] {
        self.inside.output_shape()
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        self.inside.forward(x, pass)
    }

    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        self.inside.forward_with_trace(x, pass)
    }

    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, label: &mut LabelCotangent) -> Tensor<2> {
        self.inside.vjp(trace, cotangent, label)
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.inside.for_each_parameter(visit);
    }

    fn before_step(&mut self) {
        self.inside.before_step();
    }

    fn absorb(&mut self, statistics: &mut BatchStatistics) {
        self.inside.absorb(statistics);
    }

    fn mixes_events(&self) -> bool {
        self.inside.mixes_events()
    }

    fn operations(&self) -> Vec<Operation> {
        self.inside.operations()
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
