use detectors::{ConditionKind, Detector, Scale};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Sample;
use crate::observables::{ObservableKind, Quantity};

/// Keeps the logarithm of an empty layer finite.
const TINY: f64 = 1e-8;

/// What a classifier sees of an event, for showers as CaloChallenge defines it. The read-out
/// threshold is applied first.
///
/// Conditions come first: a number as log₁₀ where its scale is logarithmic, else as it is; a
/// category as one feature for each name, 1 for that of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureSet {
    /// Conditions (log₁₀ E_inc; of an image the sum), log₁₀(E_l + 10⁻⁸), EC_η/100, EC_φ/100,
    /// W_η/100, W_φ/100, log₁₀(E_tot + 10⁻⁸), sparsity, EC_r/100, W_r/100 (MeV and mm): 30
    /// features for data set 1 photons. Where cells are not rings, what else is measured on the
    /// whole event too: depth, containment, shower shapes. The columns of a table.
    HighLevel,
    /// Conditions (of an image all pixels) and each cell over the incident energy or typical sum.
    LowLevel,
}

impl FeatureSet {
    /// `high-level` or `low-level`.
    pub fn name(self) -> &'static str {
        match self {
            Self::HighLevel => "high-level",
            Self::LowLevel => "low-level",
        }
    }

    /// Whether there is something to see beyond the other set: a table is its columns.
    pub fn exists(self, detector: &Detector) -> bool {
        self == Self::HighLevel || !detector.layers().is_empty()
    }
}

/// Events of one class as a classifier takes them: features are made only of those it uses.
pub trait Features: Sync {
    fn events(&self) -> usize;

    /// Features of an event.
    fn width(&self) -> usize;

    /// # Shapes
    /// `[events, features]`
    fn rows(&self, events: &[usize]) -> Array2<f32>;

    /// Weights of these events, where there are any.
    fn weights(&self, _events: &[usize]) -> Option<Vec<f64>> {
        None
    }
}

impl Features for ArrayView2<'_, f32> {
    fn events(&self) -> usize {
        self.nrows()
    }

    fn width(&self) -> usize {
        self.ncols()
    }

    fn rows(&self, events: &[usize]) -> Array2<f32> {
        self.select(Axis(0), events)
    }
}

/// The features of some events of a sample.
#[derive(Debug, Clone)]
pub struct SampleFeatures<'a> {
    sample: &'a Sample,
    features: FeatureSet,
    /// Rows among the events of the sample, or among those whose values are kept.
    rows: Vec<usize>,
    columns: Vec<FeatureColumn>,
}

/// Where a feature comes from.
#[derive(Debug, Clone, Copy)]
enum FeatureColumn {
    /// A number or the sum of an image: the condition's number.
    Condition(usize, Scale),
    Category(usize, usize),
    Pixel(usize),
    Observable(usize, Quantity),
    Cell(usize),
}

impl<'a> SampleFeatures<'a> {
    /// The features of all events that have them and of which `chosen` says so: low-level ones
    /// only events whose values are kept.
    pub fn of(features: FeatureSet, sample: &'a Sample, chosen: impl Fn(usize) -> bool) -> Self {
        let rows = match features {
            FeatureSet::HighLevel => (0..sample.events()).filter(|&event| chosen(event)).collect(),
            FeatureSet::LowLevel => {
                let kept = sample.kept_events().iter().enumerate();
                kept.filter(|(_, event)| chosen(**event)).map(|(row, _)| row).collect()
            }
        };
        Self { sample, features, rows, columns: columns(features, sample) }
    }

    fn event(&self, row: usize) -> usize {
        match self.features {
            FeatureSet::HighLevel => row,
            FeatureSet::LowLevel => self.sample.kept_events()[row],
        }
    }
}

impl Features for SampleFeatures<'_> {
    fn events(&self) -> usize {
        self.rows.len()
    }

    fn width(&self) -> usize {
        self.columns.len()
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
                    FeatureColumn::Pixel(pixel) => images[[row, pixel]],
                    FeatureColumn::Observable(index, quantity) => {
                        let value = self.sample.observables().column(index)[event];
                        observable_feature(quantity, value) as f32
                    }
                    FeatureColumn::Cell(cell) => {
                        let value = f64::from(values[[row, cell]]);
                        if value >= threshold { (value / scale) as f32 } else { 0.0 }
                    }
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

fn columns(features: FeatureSet, sample: &Sample) -> Vec<FeatureColumn> {
    let detector = sample.detector();
    let mut columns = Vec::new();
    let mut pixels = 0;
    for (index, condition) in detector.conditions().iter().enumerate() {
        match &condition.kind {
            ConditionKind::Number { scale, .. } => {
                columns.push(FeatureColumn::Condition(index, *scale));
            }
            ConditionKind::Category(names) => {
                let names = 0..names.len();
                columns.extend(names.map(|name| FeatureColumn::Category(index, name)));
            }
            ConditionKind::Image(_) if features == FeatureSet::HighLevel => {
                columns.push(FeatureColumn::Condition(index, Scale::Linear));
            }
            ConditionKind::Image(_) => {
                columns.extend((pixels..pixels + condition.width()).map(FeatureColumn::Pixel));
                pixels += condition.width();
            }
        }
    }
    match features {
        FeatureSet::LowLevel => {
            columns.extend((0..detector.value_count()).map(FeatureColumn::Cell));
        }
        FeatureSet::HighLevel => {
            let kinds = sample.observables().kinds();
            columns.extend(
                in_order(kinds, detector)
                    .map(|column| FeatureColumn::Observable(column, kinds[column].quantity)),
            );
        }
    }
    columns
}

/// The observables in CaloChallenge's order of features, then what it does not have.
fn in_order<'a>(
    kinds: &'a [ObservableKind],
    detector: &'a Detector,
) -> impl Iterator<Item = usize> + 'a {
    const ORDER: [Quantity; 9] = [
        Quantity::LayerTotal,
        Quantity::CentreX,
        Quantity::CentreY,
        Quantity::WidthX,
        Quantity::WidthY,
        Quantity::Total,
        Quantity::Sparsity,
        Quantity::CentreRadius,
        Quantity::WidthRadius,
    ];
    let is_challenges = |kind: &ObservableKind| {
        ORDER.contains(&kind.quantity) && (kind.layer.is_some() || kind.quantity == Quantity::Total)
    };
    let found = move |wanted: &dyn Fn(&ObservableKind) -> bool| -> Vec<usize> {
        let columns = kinds.iter().enumerate();
        columns
            .filter(|(_, kind)| kind.is_high_level_feature(detector) && wanted(kind))
            .map(|(column, _)| column)
            .collect()
    };
    ORDER
        .into_iter()
        .flat_map(move |quantity| found(&|kind| kind.quantity == quantity && is_challenges(kind)))
        .chain(found(&|kind| !is_challenges(kind)))
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
