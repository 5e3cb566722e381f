use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use validation::ValidationError;
use validation::metrics::FeatureMatrix;
use validation::metrics::scores::ClassProbabilities;

use crate::compute::{Tensor, cpu, matrix, to_host};
use crate::nn::{
    LayerSettings, Module, Network, Parameter, Pass, Site, check_layer_count, feature_count,
    for_each_in, output_shape,
};
use crate::random::Normals;
use crate::suite::problem::ExtractorId;

/// What an extractor is, beside its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractorDescription {
    pub format_version: u64,
    /// As in rows and reports.
    pub name: String,
    /// Of an image: `[channels, rows, columns]`.
    pub shape: Vec<usize>,
    /// From pixels of −1 to 1 to features.
    pub trunk: Vec<LayerSettings>,
    /// From features to the logits of the classes.
    pub head: Vec<LayerSettings>,
    /// Share of images held out from its training that it finds the class of, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
}

pub(super) const FORMAT_VERSION: u64 = 1;

/// A classifier of images, whose features are those in front of its last layers.
#[derive(Debug, Clone)]
pub struct Extractor {
    description: ExtractorDescription,
    network: Classifier,
    sha256: String,
}

/// Features, then classes.
#[derive(Debug, Clone)]
pub(super) struct Classifier {
    pub trunk: Network,
    pub head: Network,
}

/// What an extractor makes of images.
#[derive(Debug, Clone)]
pub struct Extracted {
    /// `[images, features]`
    pub features: FeatureMatrix,
    /// `[images, classes]`
    pub probabilities: ClassProbabilities,
}

/// Images that go through the network at once.
const AT_ONCE: usize = 250;

impl ExtractorDescription {
    /// The number of features and of classes.
    ///
    /// # Errors
    /// Layers that do not fit, as a fragment of a sentence.
    pub fn widths(&self) -> Result<[usize; 2], String> {
        let behind = |layers: &[LayerSettings], input: &[usize], name: &str| {
            if layers.is_empty() {
                return Err(format!("`{name}` has no layers"));
            }
            if layers.iter().any(LayerSettings::uses_conditions) {
                return Err(format!("`{name}` has layers for conditions, expected none"));
            }
            check_layer_count(layers).map_err(|problem| format!("`{name}`: {problem}"))?;
            output_shape(layers, input, 0).map_err(|problem| format!("`{name}`: layer {problem}"))
        };
        let pixels = feature_count(&self.shape);
        if self.shape.len() != 3 || pixels == 0 {
            let found = &self.shape;
            return Err(format!("`shape` is {found:?}, expected [channels, rows, columns]"));
        }
        let features = behind(&self.trunk, &[pixels], "trunk")?;
        let classes = feature_count(&behind(&self.head, &features, "head")?);
        if classes < 2 {
            return Err(format!("`head` ends with {classes} classes, expected 2 at least"));
        }
        Ok([feature_count(&features), classes])
    }
}

impl Classifier {
    /// # Panics
    /// If the description was not checked by [`ExtractorDescription::widths`].
    pub fn new(description: &ExtractorDescription, normals: &mut Normals) -> Self {
        let mut site = Site { labels: 0, normals, device: &cpu() };
        let pixels = feature_count(&description.shape);
        let trunk = Network::build(&description.trunk, &[pixels], &mut site);
        let head = Network::build(&description.head, trunk.output_shape(), &mut site);
        Self { trunk, head }
    }

    /// Features and logits.
    pub fn forward(&self, images: Tensor<2>, pass: &mut Pass) -> [Tensor<2>; 2] {
        let features = self.trunk.forward(images, pass);
        let logits = self.head.forward(features.clone(), pass);
        [features, logits]
    }
}

impl Module for Classifier {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.trunk, "trunk", visit);
        for_each_in(&mut self.head, "head", visit);
    }
}

impl Extractor {
    pub(super) fn new(description: ExtractorDescription, network: Classifier) -> Self {
        let mut hash = Sha256::new();
        network.clone().for_each_parameter(&mut |name, parameter| {
            hash.update(name);
            parameter.to_host().iter().for_each(|value| hash.update(value.to_le_bytes()));
        });
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { description, network, sha256 }
    }

    pub fn description(&self) -> &ExtractorDescription {
        &self.description
    }

    pub(super) fn network(&self) -> &Classifier {
        &self.network
    }

    /// What rows name it by.
    pub fn id(&self) -> ExtractorId {
        ExtractorId { name: self.description.name.clone(), sha256: self.sha256.clone() }
    }

    /// Features and classes of images; `label` names the sample in messages.
    ///
    /// # Shapes
    /// `images`: `[images, pixels]`, the pixels those of the extractor's shape.
    ///
    /// # Errors
    /// No images, or pixels that are not finite.
    ///
    /// # Panics
    /// If images have another number of pixels.
    pub fn extract(
        &self,
        label: &str,
        images: ArrayView2<'_, f32>,
    ) -> Result<Extracted, ValidationError> {
        if images.is_empty() {
            let purpose = format!("features of `{label}`");
            return Err(ValidationError::TooFewEvents { purpose, found: 0, needed: 1 });
        }
        if let Some(((image, pixel), value)) = images.indexed_iter().find(|(_, v)| !v.is_finite()) {
            let problem = format!("has {value} in image {image}, pixel {pixel}");
            return Err(ValidationError::Sample { label: label.to_owned(), problem });
        }
        let [mut features, mut logits] = [Vec::new(), Vec::new()];
        for block in images.axis_chunks_iter(ndarray::Axis(0), AT_ONCE) {
            let values: Vec<f32> = block.iter().copied().collect();
            let x = matrix(values, block.nrows(), block.ncols(), &cpu());
            let [found, scores] = self.network.forward(x, &mut Pass::evaluation(None));
            features.extend(to_host(found));
            logits.extend(to_host(scores));
        }
        let rows = |values: Vec<f32>| {
            let columns = values.len() / images.nrows();
            Array2::from_shape_vec((images.nrows(), columns), values).expect("a row an image")
        };
        Ok(Extracted {
            features: FeatureMatrix::new(label, rows(features).view())?,
            probabilities: ClassProbabilities::from_logits(label, rows(logits).view())?,
        })
    }
}
