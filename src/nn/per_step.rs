use serde::{Deserialize, Serialize};

use super::layer::{
    BatchStatistics, Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count,
};
use super::layer_settings::LayerSettings;
use super::network::{Network, output_shape};
use super::operation::Operation;
use super::parameter::{Module, Parameter};
use super::recurrent::{check_steps, steps_of};
use crate::compute::Tensor;

/// The same layers, with the same weights, on the features of every step alone. A layer
/// `concatenate` inside brings the conditions to every step.
///
/// # Shapes
/// `[steps, features]` to `[steps, outputs]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerStepSettings {
    pub layer: Vec<LayerSettings>,
}

#[derive(Debug, Clone)]
struct PerStep {
    inside: Network,
    /// `[steps, features]`
    input: [usize; 2],
    /// `[steps, outputs]`
    shape: [usize; 2],
}

impl Blueprint for PerStepSettings {
    fn output_shape(&self, input: &[usize], labels: usize) -> Result<Vec<usize>, String> {
        let [steps, features] = check_steps(input)?;
        if self.layer.is_empty() {
            return Err("has no layers inside".to_owned());
        }
        let inside = output_shape(&self.layer, &[features], labels)?;
        Ok(vec![steps, feature_count(&inside)])
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let [steps, features] = steps_of(input);
        let inside = Network::build(&self.layer, &[features], site);
        let shape = [steps, feature_count(inside.output_shape())];
        Box::new(PerStep { inside, input: [steps, features], shape })
    }
}

impl PerStep {
    /// Every step as an event of its own.
    ///
    /// # Shapes
    /// `[events, steps × features]` to `[events × steps, features]`.
    fn steps(&self, x: Tensor<2>) -> Tensor<2> {
        let [events, width] = x.dims();
        let steps = self.input[0];
        x.reshape([events * steps, width / steps])
    }

    /// # Shapes
    /// `[events × steps, features]` to `[events, steps × features]`.
    fn events(&self, x: Tensor<2>) -> Tensor<2> {
        let [rows, features] = x.dims();
        let steps = self.input[0];
        x.reshape([rows / steps, steps * features])
    }

    /// Goes through the layers with the conditions of its event at every step.
    fn run<T>(&self, pass: &mut Pass, go: impl FnOnce(&mut Pass) -> T) -> T {
        let label = pass.take_label();
        let steps = self.input[0];
        let repeated = label.clone().map(|label| {
            let [events, labels] = label.dims();
            let by_step = label.reshape([events, 1, labels]).repeat_dim(1, steps);
            by_step.reshape([events * steps, labels])
        });
        pass.set_label(repeated);
        let result = go(pass);
        pass.set_label(label);
        result
    }
}

impl Layer for PerStep {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        let x = self.steps(x);
        self.events(self.run(pass, |pass| self.inside.forward(x, pass)))
    }

    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        let x = self.steps(x);
        let (y, trace) = self.run(pass, |pass| self.inside.forward_with_trace(x, pass));
        (self.events(y), trace)
    }

    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, label: &mut LabelCotangent) -> Tensor<2> {
        let mut of_steps = match label.is_wanted() {
            true => LabelCotangent::wanted(),
            false => LabelCotangent::default(),
        };
        let of_x = self.inside.vjp(trace, self.steps(cotangent), &mut of_steps);
        if let Some(of_label) = of_steps.into_sum() {
            let [rows, labels] = of_label.dims();
            let [steps, _] = self.input;
            let by_event = of_label.reshape([rows / steps, steps, labels]);
            label.add(by_event.sum_dim(1).reshape([rows / steps, labels]));
        }
        self.events(of_x)
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
        let [steps, features] = self.input;
        vec![Operation::PerStep { steps, features, inside: self.inside.operations() }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
