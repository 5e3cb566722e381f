use detectors::Detector;
use ndarray::{Array2, ArrayView1, Axis, concatenate};
use xxhash_rust::xxh3::Xxh3Default;

/// A block of events in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// What each event was made for, in the units of the detector.
    ///
    /// # Shapes
    /// `[events, Detector::condition_width]`
    pub conditions: Array2<f64>,
    /// What was read out, in the unit and the flat order of the detector.
    ///
    /// # Shapes
    /// `[events, Detector::value_count]`
    pub values: Array2<f32>,
    /// One weight an event, which may be negative; `None` if all are 1.
    pub weights: Option<Vec<f64>>,
}

impl Events {
    /// No events.
    pub fn none(detector: &Detector) -> Self {
        Self {
            conditions: Array2::zeros((0, detector.condition_width())),
            values: Array2::zeros((0, detector.value_count())),
            weights: None,
        }
    }

    pub fn len(&self) -> usize {
        self.values.nrows()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets every value below the threshold to 0, as CaloChallenge does before anything else. A
    /// table has no threshold.
    pub fn apply_readout_threshold(&mut self, detector: &Detector) {
        let threshold = detector.readout_threshold();
        if threshold == 0.0 {
            return;
        }
        self.values.map_inplace(|value| {
            if f64::from(*value) < threshold {
                *value = 0.0;
            }
        });
    }

    /// What the values of each event are fractions of.
    ///
    /// # Shapes
    /// `[events]`
    pub fn scales(&self, detector: &Detector) -> Vec<f64> {
        let rows = self.conditions.rows().into_iter();
        rows.map(|row| detector.scale_of(row.as_slice().expect("rows are contiguous"))).collect()
    }

    /// The sum of each event's values (E_tot of a calorimeter), added in 64 bits.
    pub fn sums(&self) -> Vec<f64> {
        let rows = self.values.rows().into_iter();
        rows.map(|event| event.iter().map(|&value| f64::from(value)).sum()).collect()
    }

    /// The chosen events, in the order they are chosen.
    #[must_use]
    pub fn select(&self, chosen: &[usize]) -> Self {
        Self {
            conditions: self.conditions.select(Axis(0), chosen),
            values: self.values.select(Axis(0), chosen),
            weights: self.weights.as_ref().map(|all| chosen.iter().map(|&i| all[i]).collect()),
        }
    }

    /// All blocks as one; events of a block without weights count once where others have them.
    pub fn joined(blocks: &[Self]) -> Option<Self> {
        let conditions: Vec<_> = blocks.iter().map(|block| block.conditions.view()).collect();
        let values: Vec<_> = blocks.iter().map(|block| block.values.view()).collect();
        let weighted = blocks.iter().any(|block| block.weights.is_some());
        let weights = weighted.then(|| {
            blocks
                .iter()
                .flat_map(|block| block.weights.clone().unwrap_or_else(|| vec![1.0; block.len()]))
                .collect()
        });
        Some(Self {
            conditions: concatenate(Axis(0), &conditions).ok()?,
            values: concatenate(Axis(0), &values).ok()?,
            weights,
        })
    }

    /// A 64-bit hash of each event's conditions and values (XXH3): the same in every file, on every
    /// machine and with every version.
    pub fn hashes(&self) -> Vec<u64> {
        let rows = self.conditions.rows().into_iter().zip(self.values.rows());
        rows.map(|(conditions, values)| hash(conditions, values)).collect()
    }
}

/// XXH3 of the little-endian bytes of conditions, then values.
pub(super) fn hash(conditions: ArrayView1<'_, f64>, values: ArrayView1<'_, f32>) -> u64 {
    let mut hash = Xxh3Default::new();
    let bytes: Vec<u8> = conditions.iter().flat_map(|number| number.to_le_bytes()).collect();
    hash.update(&bytes);
    let bytes: Vec<u8> = values.iter().flat_map(|number| number.to_le_bytes()).collect();
    hash.update(&bytes);
    hash.digest()
}
