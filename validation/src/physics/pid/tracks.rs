use detectors::Detector;
use serde::{Deserialize, Serialize};

use crate::Sample;
use crate::observables::{ObservableKind, Quantity};
use crate::physics::conditions::{categories, index, number};

/// Names of the conditions of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PidConditions {
    /// The category that is the species.
    pub species: String,
    pub momentum: String,
    pub pseudorapidity: String,
}

impl Default for PidConditions {
    /// Those of the built-in detectors: `species`, `P`, `ETA`.
    fn default() -> Self {
        Self {
            species: "species".to_owned(),
            momentum: "P".to_owned(),
            pseudorapidity: "ETA".to_owned(),
        }
    }
}

/// Tracks in ranges of momentum and pseudorapidity, low ≤ x < high; `None` for all.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct TrackBin {
    /// In the unit of the condition: MeV.
    pub momentum: Option<[f64; 2]>,
    pub pseudorapidity: Option<[f64; 2]>,
}

/// A quantity that tells two species apart: a column, or the difference of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discriminant {
    pub signal: String,
    pub background: String,
    /// What it is called: `RichDLLk`, `RichDLLp - RichDLLk`.
    pub name: String,
    /// Numbers of the columns: the first less the second.
    pub(super) columns: (usize, Option<usize>),
}

impl Discriminant {
    /// K/π by DLL_K, p/π by DLL_p, μ/π by DLL_μ, e/π by DLL_e and p/K by DLL_p − DLL_K, as far as
    /// the table has columns that end in `DLLk`, `DLLp`, `DLLmu`, `DLLe` and the species.
    pub fn standard(detector: &Detector, conditions: &PidConditions) -> Vec<Self> {
        const PAIRS: [(&str, &str, &str, Option<&str>); 5] = [
            ("kaon", "pion", "dllk", None),
            ("proton", "pion", "dllp", None),
            ("muon", "pion", "dllmu", None),
            ("electron", "pion", "dlle", None),
            ("proton", "kaon", "dllp", Some("dllk")),
        ];
        let species = categories(detector, &conditions.species).unwrap_or_default();
        let column = |ending: &str| {
            detector.columns().iter().position(|c| c.name.to_lowercase().ends_with(ending))
        };
        let name = |column: usize| detector.columns()[column].name.as_str();
        PAIRS
            .iter()
            .filter(|(signal, background, ..)| {
                [signal, background].iter().all(|wanted| species.iter().any(|s| s == **wanted))
            })
            .filter_map(|(signal, background, plus, minus)| {
                let plus = column(plus)?;
                let minus = match minus {
                    Some(minus) => Some(column(minus)?),
                    None => None,
                };
                let name = match minus {
                    Some(minus) => format!("{} - {}", name(plus), name(minus)),
                    None => name(plus).to_owned(),
                };
                let (signal, background) = ((*signal).to_owned(), (*background).to_owned());
                Some(Self { signal, background, name, columns: (plus, minus) })
            })
            .collect()
    }

    /// A column between any two species.
    pub(super) fn of_column(
        detector: &Detector,
        column: usize,
        signal: &str,
        background: &str,
    ) -> Self {
        Self {
            signal: signal.to_owned(),
            background: background.to_owned(),
            name: detector.columns()[column].name.clone(),
            columns: (column, None),
        }
    }
}

/// Bins with equally many tracks of the reference each, in momentum, and in pseudorapidity if more
/// than one is asked for. Empty where the conditions are missing or do not vary.
pub fn track_bins(
    reference: &Sample,
    conditions: &PidConditions,
    momentum_bins: usize,
    pseudorapidity_bins: usize,
) -> Vec<TrackBin> {
    let edges = |name: &str, bins: usize| -> Option<Vec<[f64; 2]>> {
        let mut values = reference.condition(number(reference.detector(), name)?).to_vec();
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        let mut edges: Vec<f64> =
            (0..=bins).map(|edge| values[(edge * last + bins / 2) / bins]).collect();
        edges.dedup();
        if let Some(last) = edges.last_mut() {
            *last = last.next_up();
        }
        (edges.len() > 1).then(|| edges.windows(2).map(|pair| [pair[0], pair[1]]).collect())
    };
    let Some(momenta) = edges(&conditions.momentum, momentum_bins.max(1)) else {
        return Vec::new();
    };
    let pseudorapidities = match pseudorapidity_bins {
        0 | 1 => Some(vec![None]),
        bins => edges(&conditions.pseudorapidity, bins)
            .map(|edges| edges.into_iter().map(Some).collect::<Vec<_>>()),
    };
    let Some(pseudorapidities) = pseudorapidities else { return Vec::new() };
    momenta
        .into_iter()
        .flat_map(|momentum| {
            pseudorapidities
                .iter()
                .map(move |&pseudorapidity| TrackBin { momentum: Some(momentum), pseudorapidity })
        })
        .collect()
}

/// The tracks of a sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tracks<'a> {
    pub sample: &'a Sample,
    pub species: &'a [String],
    species_column: &'a [f64],
    momentum: Option<&'a [f64]>,
    pseudorapidity: Option<&'a [f64]>,
}

impl<'a> Tracks<'a> {
    /// `None` for what is no table, or has no such species.
    pub fn of(sample: &'a Sample, conditions: &PidConditions) -> Option<Self> {
        let detector = sample.detector();
        if detector.columns().is_empty() {
            return None;
        }
        let column = |name: &str| Some(sample.condition(number(detector, name)?));
        Some(Self {
            sample,
            species: categories(detector, &conditions.species)?,
            species_column: sample.condition(index(detector, &conditions.species)?),
            momentum: column(&conditions.momentum),
            pseudorapidity: column(&conditions.pseudorapidity),
        })
    }

    /// Values of the tracks of a species in a bin, with their weights.
    pub fn values(
        &self,
        species: &str,
        bin: TrackBin,
        columns: (usize, Option<usize>),
    ) -> Vec<(f64, f64)> {
        let column = |column: usize| {
            let kind = ObservableKind { quantity: Quantity::Column(column), layer: None };
            self.sample.observables().get(kind).unwrap_or_default()
        };
        let plus = column(columns.0);
        let minus = columns.1.map(column);
        let Some(number) = self.species.iter().position(|known| known == species) else {
            return Vec::new();
        };
        (0..self.sample.events())
            .filter(|&track| {
                self.species_column[track] == number as f64
                    && is_inside(self.momentum, bin.momentum, track)
                    && is_inside(self.pseudorapidity, bin.pseudorapidity, track)
            })
            .map(|track| {
                let value = plus[track] - minus.map_or(0.0, |minus| minus[track]);
                (value, self.sample.weights().map_or(1.0, |weights| weights[track]))
            })
            .collect()
    }
}

fn is_inside(values: Option<&[f64]>, range: Option<[f64; 2]>, track: usize) -> bool {
    match (values, range) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(values), Some([low, high])) => (low..high).contains(&values[track]),
    }
}
