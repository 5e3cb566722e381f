use serde::{Deserialize, Serialize};

use super::dense::Dense;
use super::initialisation::Initialisation;
use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::operation::Operation;
use super::parameter::{Module, Parameter};
use super::shapes::check_count;
use crate::compute::Tensor;

/// Conditions beside the features (arXiv:1411.1784), as they are or through a learned linear
/// embedding of `width` numbers.
///
/// Flat features get more columns; images and grids get channels that are constant in each event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcatenateSettings {
    /// Width of a learned embedding; the conditions themselves where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<usize>,
}

#[derive(Debug, Clone)]
struct Concatenate {
    embedding: Option<Dense>,
    width: usize,
    /// Pixels or cells that each number is repeated over; 1 for flat features.
    places: usize,
    features: usize,
    shape: Vec<usize>,
}

impl ConcatenateSettings {
    fn width(&self, labels: usize) -> usize {
        self.embedding.unwrap_or(labels)
    }
}

impl Blueprint for ConcatenateSettings {
    fn output_shape(&self, input: &[usize], labels: usize) -> Result<Vec<usize>, String> {
        if self.embedding == Some(0) {
            return Err("has `embedding` = 0, expected at least 1".to_owned());
        }
        check_count("weights", &[labels, self.width(labels)])?;
        let mut shape = input.to_vec();
        shape[0] += self.width(labels);
        Ok(shape)
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let width = self.width(site.labels);
        let embedding = self.embedding.map(|width| {
            Dense::new(site.labels, width, Initialisation::Glorot, site.normals, site.device)
        });
        let mut shape = input.to_vec();
        shape[0] += width;
        Box::new(Concatenate {
            embedding,
            width,
            places: feature_count(&input[1..]),
            features: feature_count(input),
            shape,
        })
    }
}

impl Layer for Concatenate {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        if self.width == 0 {
            return x;
        }
        let mut label = pass.label();
        if let Some(embedding) = &self.embedding {
            label = embedding.apply(label);
        }
        if self.places > 1 {
            let events = label.dims()[0];
            // [events, width] to [events, width × places]
            label = label
                .reshape([events, self.width, 1])
                .repeat_dim(2, self.places)
                .reshape([events, self.width * self.places]);
        }
        Tensor::cat(vec![x, label], 1)
    }

    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        (self.forward(x, pass), Trace::default())
    }

    fn vjp(&self, _: &Trace, cotangent: Tensor<2>, label: &mut LabelCotangent) -> Tensor<2> {
        if self.width == 0 {
            return cotangent;
        }
        if label.is_wanted() {
            let events = cotangent.dims()[0];
            let behind = cotangent.clone().narrow(1, self.features, self.width * self.places);
            // [events, width]
            let summed = behind
                .reshape([events, self.width, self.places])
                .sum_dim(2)
                .reshape([events, self.width]);
            label.add(match &self.embedding {
                Some(embedding) => summed.matmul(embedding.matrix().transpose()),
                None => summed,
            });
        }
        cotangent.narrow(1, 0, self.features)
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        if let Some(embedding) = &mut self.embedding {
            Module::for_each_parameter(embedding, visit);
        }
    }

    fn operations(&self) -> Vec<Operation> {
        if self.width == 0 {
            return Vec::new();
        }
        vec![Operation::Concatenate {
            embedding: self.embedding.as_ref().map(Dense::operation),
            features: self.features,
            width: self.width,
            places: self.places,
        }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
