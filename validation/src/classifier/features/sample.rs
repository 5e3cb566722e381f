//! The features of a sample's events.

use detectors::Scale;
use ndarray::{Array2, Axis};
use rayon::prelude::*;

use super::columns::{FeatureColumn, columns};
use super::{FeatureSet, Features};
use crate::Sample;
use crate::observables::Quantity;

/// Keeps the logarithm of an empty layer finite.
const TINY: f64 = 1e-8;
/// Keeps the shares of an empty layer finite.
const TINY_SUM: f64 = 1e-16;

/// The features of some events of a sample.
#[derive(Debug, Clone)]
pub struct SampleFeatures<'a> {
    sample: &'a Sample,
    features: FeatureSet,
    /// Rows among the events of the sample, or among those whose values are kept.
    rows: Vec<usize>,
    columns: Vec<FeatureColumn>,
}

impl<'a> SampleFeatures<'a> {
    /// The features of all events that have them and of which `chosen` says so: low-level ones
    /// only events whose values are kept.
    pub fn of(features: FeatureSet, sample: &'a Sample, chosen: impl Fn(usize) -> bool) -> Self {
        let rows = if features.needs_cells() {
            let kept = sample.kept_events().iter().enumerate();
            kept.filter(|(_, event)| chosen(**event)).map(|(row, _)| row).collect()
        } else {
            (0..sample.events()).filter(|&event| chosen(event)).collect()
        };
        let columns = columns(features, sample.detector(), sample.observables().kinds());
        Self { sample, features, rows, columns }
    }

    fn event(&self, row: usize) -> usize {
        if self.features.needs_cells() { self.sample.kept_events()[row] } else { row }
    }
}

impl Features for SampleFeatures<'_> {
    fn events(&self) -> usize {
        self.rows.len()
    }

    fn width(&self) -> usize {
        self.columns.len()
    }

    fn condition_columns(&self) -> usize {
        // The pixels of an image are too many.
        let is_condition = |column: &FeatureColumn| {
            matches!(column, FeatureColumn::Condition(..) | FeatureColumn::Category(..))
        };
        self.columns.iter().take_while(|column| is_condition(column)).count()
    }

    fn rows(&self, events: &[usize]) -> Array2<f32> {
        let detector = self.sample.detector();
        let (threshold, kept) = (detector.readout_threshold(), self.sample.kept());
        let (values, images) = (kept.values(), kept.images());
        let normalising = detector.normalising_column();
        let normalising =
            detector.conditions().iter().position(|c| Some(c.first_column) == normalising);
        let mut features = Array2::zeros((events.len(), self.columns.len()));
        features.axis_iter_mut(Axis(0)).into_par_iter().zip(events).for_each(|(target, &index)| {
            let row = self.rows[index];
            let event = self.event(row);
            let scale = match normalising {
                Some(condition) => self.sample.condition(condition)[event],
                None => detector.scale_of(&[]),
            };
            let layer_sums: Vec<f64> = match self.features {
                FeatureSet::LowLevelNormalised => detector
                    .layers()
                    .iter()
                    .map(|layer| layer.cells().map(|cell| f64::from(values[[row, cell]])).sum())
                    .collect(),
                FeatureSet::HighLevel | FeatureSet::LowLevel => Vec::new(),
            };
            for (target, &column) in target.into_iter().zip(&self.columns) {
                *target = match column {
                    FeatureColumn::Condition(index, Scale::Logarithmic) => {
                        self.sample.condition(index)[event].log10() as f32
                    }
                    FeatureColumn::Condition(index, Scale::Linear) => {
                        self.sample.condition(index)[event] as f32
                    }
                    FeatureColumn::Category(index, name) => {
                        f32::from(self.sample.condition(index)[event] == name as f64)
                    }
                    FeatureColumn::Pixel { among_all, .. } => images[[row, among_all]],
                    FeatureColumn::Observable(index, quantity) => {
                        let value = self.sample.observables().column(index)[event];
                        observable_feature(quantity, value) as f32
                    }
                    FeatureColumn::Cell { cell, .. } => {
                        let value = f64::from(values[[row, cell]]);
                        if value >= threshold { (value / scale) as f32 } else { 0.0 }
                    }
                    FeatureColumn::ShareOfLayer { cell, layer } => {
                        (f64::from(values[[row, cell]]) / (layer_sums[layer] + TINY_SUM)) as f32
                    }
                    FeatureColumn::LayerSum(layer) => (layer_sums[layer] + TINY).log10() as f32,
                };
            }
        });
        features
    }

    fn weights(&self, events: &[usize]) -> Option<Vec<f64>> {
        let weights = self.sample.weights()?;
        Some(events.iter().map(|&index| weights[self.event(self.rows[index])]).collect())
    }
}

fn observable_feature(quantity: Quantity, value: f64) -> f64 {
    match quantity {
        Quantity::LayerTotal | Quantity::Total | Quantity::Peak => (value + TINY).log10(),
        Quantity::Hits | Quantity::RingHits => (value + 1.0).log10(),
        Quantity::CentreX
        | Quantity::CentreY
        | Quantity::CentreRadius
        | Quantity::WidthX
        | Quantity::WidthY
        | Quantity::WidthRadius
        | Quantity::Radius50
        | Quantity::Radius90
        | Quantity::RingRadius => value / 100.0,
        Quantity::Sparsity
        | Quantity::Response
        | Quantity::Depth
        | Quantity::DepthWidth
        | Quantity::Third(_)
        | Quantity::Shape(_)
        | Quantity::PowerSlope
        | Quantity::Column(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(features: FeatureSet, sample: &Sample) -> Array2<f32> {
        let found = SampleFeatures::of(features, sample, |_| true);
        let events: Vec<usize> = (0..found.events()).collect();
        found.rows(&events)
    }

    #[test]
    fn features_of_data_set_1_photons() {
        let photons = detectors::builtin("calochallenge-photons").expect("built in");
        let mut voxels = Array2::zeros((1, 368));
        // The first voxel of the presampler (2.5 mm) and of the strips, and one below threshold.
        (voxels[[0, 0]], voxels[[0, 8]], voxels[[0, 9]]) = (10.0, 90.0, 0.5);
        let conditions = ndarray::array![[1000.0]];
        let sample = Sample::new("test", &photons, conditions, voxels, None, Vec::new());
        let sample = sample.expect("valid");
        let high = rows(FeatureSet::HighLevel, &sample);
        assert_eq!(high.dim(), (1, 30));
        approx::assert_relative_eq!(high[[0, 0]], 3.0);
        approx::assert_relative_eq!(high[[0, 1]], 1.0);
        approx::assert_relative_eq!(high[[0, 2]], 90f32.log10());
        approx::assert_relative_eq!(high[[0, 3]], -8.0);
        // EC_η of the strips at α = −0.9 π, 1 mm; then log₁₀ E_tot, the sparsities and EC_r.
        approx::assert_relative_eq!(
            high[[0, 6]],
            0.01 * (0.9 * std::f32::consts::PI).cos(),
            max_relative = 1e-5
        );
        approx::assert_relative_eq!(high[[0, 14]], 2.0);
        approx::assert_relative_eq!(high[[0, 15]], 0.875);
        approx::assert_relative_eq!(high[[0, 20]], 0.025);
        let low = rows(FeatureSet::LowLevel, &sample);
        assert_eq!(low.dim(), (1, 369));
        assert_eq!([low[[0, 1]], low[[0, 9]], low[[0, 10]]], [0.01, 0.09, 0.0]);
        // What is below the threshold counts here.
        let normalised = rows(FeatureSet::LowLevelNormalised, &sample);
        assert_eq!(normalised.dim(), (1, 1 + 368 + 5));
        assert_eq!([normalised[[0, 0]], normalised[[0, 1]]], [3.0, 1.0]);
        let strips = [normalised[[0, 9]], normalised[[0, 10]]];
        assert_eq!(strips, [90.0 / 90.5, 0.5 / 90.5]);
        let sums = [normalised[[0, 370]], normalised[[0, 371]]];
        assert_eq!(sums, [90.500_000_01_f64.log10() as f32, -8.0]);
    }

    #[test]
    fn widths_are_those_of_the_challenge() {
        for (name, high, cells, layers) in [
            ("calochallenge-photons", 30, 368, 5),
            ("calochallenge-pions", 46, 533, 7),
            ("calochallenge-electrons", 362, 6480, 45),
        ] {
            let detector = detectors::builtin(name).expect("built in");
            let conditions = Array2::from_elem((1, detector.condition_width()), 1000.0);
            let voxels = Array2::ones((1, cells));
            let sample = Sample::new("test", &detector, conditions, voxels, None, Vec::new());
            let sample = sample.expect("valid");
            let width = |set| SampleFeatures::of(set, &sample, |_| true).width();
            assert_eq!(width(FeatureSet::HighLevel), high, "{name}");
            assert_eq!(width(FeatureSet::LowLevel), 1 + cells, "{name}");
            assert_eq!(width(FeatureSet::LowLevelNormalised), 1 + cells + layers, "{name}");
        }
    }

    #[test]
    fn features_of_rings_a_table_and_the_sky() {
        let rings = detectors::builtin("rich-rings").expect("built in");
        let mut hits = Array2::zeros((1, 4096));
        hits[[0, 7]] = 5.0;
        let conditions = ndarray::array![[10_000.0, 2.5, 80.0, 3.0]];
        let sample = Sample::new("rings", &rings, conditions.clone(), hits, None, Vec::new());
        let sample = sample.expect("valid");
        let high = rows(FeatureSet::HighLevel, &sample);
        // P, ETA, nTracks, five species; hits, the ring, and seven of their positions.
        assert_eq!(high.dim(), (1, 8 + 10));
        let start: Vec<f32> = high.iter().copied().take(8).collect();
        assert_eq!(start, [4.0, 2.5, 80.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let low = rows(FeatureSet::LowLevel, &sample);
        assert_eq!((low.dim(), low[[0, 8 + 7]]), ((1, 8 + 4096), 0.01));
        let normalised = rows(FeatureSet::LowLevelNormalised, &sample);
        assert_eq!((normalised.dim(), normalised[[0, 8 + 7]]), ((1, 8 + 4096 + 1), 1.0));

        let table = detectors::builtin("rich-pid").expect("built in");
        let row = ndarray::array![[1.0f32, -2.0, 3.0, -4.0, 5.0]];
        let sample = Sample::new("table", &table, conditions, row, None, Vec::new());
        let sample = sample.expect("valid");
        let high = rows(FeatureSet::HighLevel, &sample);
        assert_eq!(high.dim(), (1, 8 + 5));
        assert_eq!([high[[0, 9]], high[[0, 12]]], [-2.0, 5.0]);
        assert!(!FeatureSet::LowLevel.exists(&table) && FeatureSet::LowLevel.exists(&rings));

        let sky = detectors::builtin("radio-sky").expect("built in");
        let conditions = Array2::from_shape_fn((1, 1024), |(_, pixel)| pixel as f64);
        let sample = Sample::new("sky", &sky, conditions, Array2::ones((1, 1024)), None, vec![]);
        let sample = sample.expect("valid");
        let high = rows(FeatureSet::HighLevel, &sample);
        // The sum of the condition; flux density, peak, slope of the spectrum, seven positions.
        assert_eq!((high.dim(), high[[0, 0]]), ((1, 1 + 10), 1023.0 * 512.0));
        let low = rows(FeatureSet::LowLevel, &sample);
        assert_eq!((low.dim(), low[[0, 1023]], low[[0, 1024]]), ((1, 2048), 1023.0, 0.01));
    }
}
