use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::Operation;
use super::parameter::Parameter;
use crate::compute::{Tensor, matrix};

/// Dropout (arXiv:1207.0580): in training each feature is 0 with probability `rate`, and else
/// divided by 1 − rate, so that its mean stays. Elsewhere it does nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropoutSettings {
    pub rate: f64,
}

#[derive(Debug, Clone)]
struct Dropout {
    rate: f64,
    shape: Vec<usize>,
}

impl Blueprint for DropoutSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        if !(0.0..1.0).contains(&self.rate) {
            return Err(format!("has `rate` = {}, expected from 0 to less than 1", self.rate));
        }
        Ok(input.to_vec())
    }

    fn build(&self, input: &[usize], _site: &mut Site<'_>) -> Box<dyn Layer> {
        Box::new(Dropout { rate: self.rate, shape: input.to_vec() })
    }
}

impl Dropout {
    /// 0 or 1 / (1 − rate) for each feature of each event, in training. Drawn on the host, so that
    /// every device drops the same.
    fn mask(&self, x: &Tensor<2>, pass: &mut Pass) -> Option<Tensor<2>> {
        let uniforms = pass.uniforms()?;
        let [events, features] = x.dims();
        let (rate, kept) = (self.rate as f32, (1.0 / (1.0 - self.rate)) as f32);
        let values = (0..events * features)
            .map(|_| if uniforms.draw() < rate { 0.0 } else { kept })
            .collect();
        Some(matrix(values, events, features, &x.device()))
    }
}

impl Layer for Dropout {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        match self.mask(&x, pass) {
            Some(mask) => x * mask,
            None => x,
        }
    }

    /// The trace is the mask, if there is one.
    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        match self.mask(&x, pass) {
            Some(mask) => (x * mask.clone(), Trace::of(vec![mask])),
            None => (x, Trace::default()),
        }
    }

    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        match trace.tensors.first() {
            Some(mask) => cotangent * mask.clone(),
            None => cotangent,
        }
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        Vec::new()
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, to_host};
    use crate::random::{Purpose, Streams};

    fn dropout(rate: f64) -> Dropout {
        Dropout { rate, shape: vec![1000] }
    }

    fn training() -> Pass {
        Pass::training(None, Streams::new(1, Purpose::Regularisation).uniforms(0))
    }

    #[test]
    fn training_drops_the_rate_and_keeps_the_mean_and_evaluation_does_nothing() {
        let x = matrix(vec![2.0; 10_000], 10, 1000, &cpu());
        let dropout = dropout(0.2);
        let y = to_host(dropout.forward(x.clone(), &mut training()));
        let dropped = y.iter().filter(|&&v| v == 0.0).count();
        // √(10,000 · 0.2 · 0.8) = 40
        assert!(dropped.abs_diff(2000) < 200, "{dropped}");
        assert!(y.iter().all(|&v| v == 0.0 || v == 2.5));
        assert_eq!(to_host(dropout.forward(x, &mut Pass::evaluation(None))), [2.0; 10_000]);
    }

    #[test]
    fn the_vjp_goes_through_the_features_that_were_kept() {
        let x = matrix((0..3000).map(|i| i as f32 + 1.0).collect(), 3, 1000, &cpu());
        let dropout = dropout(0.5);
        let (y, trace) = dropout.forward_with_trace(x.clone(), &mut training());
        let again = dropout.forward(x.clone(), &mut training());
        assert_eq!(to_host(y.clone()), to_host(again));
        // With g = x the vjp is mask · x, which is the output.
        assert_eq!(to_host(dropout.vjp(&trace, x, &mut LabelCotangent::default())), to_host(y));
    }

    #[test]
    fn gradients_flow_through_the_features_that_were_kept() {
        let x = Tensor::from_inner(matrix(vec![1.0; 1000], 1, 1000, &cpu())).require_grad();
        let (y, trace) = dropout(0.5).forward_with_trace(x.clone(), &mut training());
        let gradients = y.clone().sum().backward();
        assert_eq!(to_host(x.grad(&gradients).expect("x is a leaf")), to_host(y));
        let g = dropout(0.5).vjp(&trace, x.clone(), &mut LabelCotangent::default());
        let gradients = g.clone().sum().backward();
        assert_eq!(to_host(x.grad(&gradients).expect("x is a leaf")), to_host(g));
    }

    #[test]
    fn a_rate_of_one_is_refused() {
        let problem = DropoutSettings { rate: 1.0 }.output_shape(&[3], 0).expect_err("a rate of 1");
        assert_eq!(problem, "has `rate` = 1, expected from 0 to less than 1");
    }
}
