use serde::{Deserialize, Serialize};

use super::dense::Dense;
use super::initialisation::Initialisation;
use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::operation::Operation;
use super::parameter::{Module, Parameter, for_each_in};
use super::shapes::check_count;
use crate::compute::Tensor;

/// The last layer of a conditional critic (arXiv:1802.05637, equation 4): D = φ w + b + φ · (c V),
/// φ the features and c the conditions of an event.
///
/// # Shapes
/// φ: `[events, features]`, w: `[features, 1]`, c: `[events, labels]`, V: `[labels, features]`,
/// D: `[events, 1]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionSettings {
    /// Of w and V.
    #[serde(default)]
    pub initialisation: Initialisation,
    /// Divides w and V by their largest singular values (arXiv:1802.05957).
    #[serde(default, skip_serializing_if = "super::dense::is_false")]
    pub spectral_norm: bool,
}

#[derive(Debug, Clone)]
struct Projection {
    score: Dense,
    embedding: Dense,
}

impl Blueprint for ProjectionSettings {
    fn output_shape(&self, input: &[usize], labels: usize) -> Result<Vec<usize>, String> {
        if labels == 0 {
            return Err("stands in a network without conditions".to_owned());
        }
        check_count("weights", &[feature_count(input), labels])?;
        Ok(vec![1])
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let features = feature_count(input);
        let mut dense = |inputs, outputs| {
            let mut dense =
                Dense::new(inputs, outputs, self.initialisation, site.normals, site.device);
            if self.spectral_norm {
                dense.normalise(site.normals, site.device);
            }
            dense
        };
        let score = dense(features, 1);
        let embedding = dense(site.labels, features).without_bias();
        Box::new(Projection { score, embedding })
    }
}

impl Layer for Projection {
    fn output_shape(&self) -> &[usize] {
        Layer::output_shape(&self.score)
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        let embedded = self.embedding.apply(pass.label());
        self.score.apply(x.clone()) + (embedded * x).sum_dim(1)
    }

    /// The trace is φ and wᵀ + c V, the gradient of D.
    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        let embedded = self.embedding.apply(pass.label());
        let y = self.score.apply(x.clone()) + (embedded.clone() * x.clone()).sum_dim(1);
        let gradient = embedded + self.score.matrix().transpose();
        (y, Trace::of(vec![x, gradient]))
    }

    /// gφ = g (wᵀ + c V), and g φ Vᵀ for the conditions.
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, label: &mut LabelCotangent) -> Tensor<2> {
        if label.is_wanted() {
            let along = cotangent.clone() * trace.tensors[0].clone();
            label.add(along.matmul(self.embedding.matrix().transpose()));
        }
        cotangent * trace.tensors[1].clone()
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        Module::for_each_parameter(&mut self.score, visit);
        for_each_in(&mut self.embedding, "embedding", visit);
    }

    fn before_step(&mut self) {
        Layer::before_step(&mut self.score);
        Layer::before_step(&mut self.embedding);
    }

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::Projection {
            score: self.score.operation(),
            embedding: self.embedding.operation(),
        }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
