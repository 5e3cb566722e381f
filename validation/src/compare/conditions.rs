//! The same comparison in bins of each condition: energy, angle, species.

use detectors::{Condition, ConditionKind, Scale};
use rayon::prelude::*;

use super::entries::{Scaling, or_nan, with_floor};
use super::inputs::Inputs;
use super::observables::Compared;
use crate::Sample;
use crate::observables::{
    ObservableKind, Quantity, bin_of, linear_edges, logarithmic_edges, per_energy_response_edges,
};
use crate::report::energy;
use crate::report::model::{BinFigure, ConditionBin, ObservableComparison, WithFloor};

/// Values of a condition that are told apart as they are; more are put into bins.
const MOST_VALUES: usize = 30;
/// Bins of a continuous condition.
const BINS: usize = 6;
/// With fewer events of one of the samples, a bin says nothing.
const FEWEST_EVENTS: usize = 20;

/// The events of each sample in one bin of a condition, or all.
pub(super) struct Bin {
    pub condition: String,
    pub label: String,
    pub from: f64,
    pub to: f64,
    pub reference: Vec<usize>,
    pub generated: Vec<usize>,
    pub second: Vec<usize>,
}

impl Inputs<'_> {
    /// All events.
    pub(super) fn whole(&self) -> Bin {
        Bin {
            condition: String::new(),
            label: "all".to_owned(),
            from: f64::NAN,
            to: f64::NAN,
            reference: (0..self.reference.events()).collect(),
            generated: (0..self.generated.events()).collect(),
            second: self.second.iter().flat_map(|second| 0..second.events()).collect(),
        }
    }

    /// The bins of every condition in which both samples have enough events, and remarks on the
    /// others. A condition with one value only has no bins.
    pub(super) fn bins(&self) -> (Vec<Bin>, Vec<String>) {
        let (mut bins, mut notes) = (Vec::new(), Vec::new());
        for (index, condition) in self.detector.conditions().iter().enumerate() {
            let found = Binning::of(condition, self.reference.condition(index));
            let is_energy = self.detector.incident_energy_column() == Some(condition.first_column);
            for number in 0..found.len() {
                let (from, to) = found.range(number);
                let events = |sample: &Sample| {
                    let values = sample.condition(index).iter().enumerate();
                    let inside = values.filter(|(_, value)| found.bin(**value) == Some(number));
                    inside.map(|(event, _)| event).collect::<Vec<usize>>()
                };
                let bin = Bin {
                    condition: condition.name.clone(),
                    label: found.label(condition, is_energy, number),
                    from,
                    to,
                    reference: events(self.reference),
                    generated: events(self.generated),
                    second: self.second.map(events).unwrap_or_default(),
                };
                let fewest = bin.reference.len().min(bin.generated.len());
                if found.len() < 2 && fewest > 0 {
                    continue;
                }
                if fewest < FEWEST_EVENTS {
                    notes.push(format!(
                        "There are no figures for {} {}: {} reference and {} generated events, at \
                         least {FEWEST_EVENTS} of each are needed.",
                        bin.condition,
                        bin.label,
                        bin.reference.len(),
                        bin.generated.len()
                    ));
                    continue;
                }
                bins.push(bin);
            }
        }
        (bins, notes)
    }

    /// Every observable in every bin; with histograms where it is E_tot/E_inc or a column.
    pub(super) fn compare_bins(&self, bins: &[Bin]) -> Vec<ConditionBin> {
        let kinds = self.kinds();
        let edges: Vec<Option<Vec<f64>>> = kinds.iter().map(|&kind| self.edges(kind)).collect();
        bins.par_iter()
            .map(|bin| {
                let figures: Vec<BinFigure> = kinds
                    .par_iter()
                    .zip(&edges)
                    .filter_map(|(&kind, edges)| self.bin_figure(kind, edges.as_ref()?, bin))
                    .collect();
                let drawn = kinds.iter().filter(|kind| is_drawn(**kind));
                ConditionBin {
                    condition: bin.condition.clone(),
                    label: bin.label.clone(),
                    from: bin.from,
                    to: bin.to,
                    reference_events: bin.reference.len(),
                    generated_events: bin.generated.len(),
                    figures,
                    observables: drawn.filter_map(|&kind| self.drawn(kind, bin)).collect(),
                    auc: Vec::new(),
                }
            })
            .collect()
    }

    fn bin_figure(&self, kind: ObservableKind, edges: &[f64], bin: &Bin) -> Option<BinFigure> {
        let Compared { found, floors, .. } = self.figures_of_kind(kind, edges, bin)?;
        let figure = |scaling, figure: fn(&super::entries::Figures) -> f64| {
            with_floor(&found, &floors, scaling, figure, f64::NAN)
        };
        let shift_error = found.inverse_size.sqrt();
        Some(BinFigure {
            observable: kind.name(self.detector),
            ks: figure(Scaling::Root, |f| or_nan(f.figures.kolmogorov_smirnov)),
            ks_p_value: found.p_values.kolmogorov_smirnov.unwrap_or(f64::NAN),
            separation: figure(Scaling::Linear, |f| or_nan(f.figures.separation)),
            mean_shift: WithFloor {
                value: found.mean_shift,
                error: shift_error,
                floor: 0.0,
                floor_error: 0.0,
            },
            spread_ratio: figure(Scaling::None, |figures| figures.spread_ratio),
        })
    }

    fn drawn(&self, kind: ObservableKind, bin: &Bin) -> Option<ObservableComparison> {
        let narrow = kind.quantity == Quantity::Response && bin.from == bin.to;
        let edges = if narrow {
            per_energy_response_edges(self.detector, bin.from)
        } else {
            self.edges(kind)?
        };
        // The floor of other bins must not be taken for that of these.
        let named = Bin { label: format!("{} (drawn)", bin.label), ..bin.copied() };
        self.compare_kind(kind, edges, &named)
    }
}

impl Bin {
    fn copied(&self) -> Self {
        Self {
            condition: self.condition.clone(),
            label: self.label.clone(),
            reference: self.reference.clone(),
            generated: self.generated.clone(),
            second: self.second.clone(),
            ..*self
        }
    }
}

/// Of a bin, the observables of the whole event that a reader looks for first.
fn is_drawn(kind: ObservableKind) -> bool {
    matches!(kind.quantity, Quantity::Response | Quantity::Column(_))
        || (kind.quantity == Quantity::Total && kind.layer.is_none())
}

/// How the values of a condition are put into bins.
enum Binning {
    /// Each value by itself, rising.
    Values(Vec<f64>),
    /// `[bins + 1]`
    Edges(Vec<f64>),
}

impl Binning {
    fn of(condition: &Condition, values: &[f64]) -> Self {
        let mut distinct: Vec<f64> = Vec::new();
        for &value in values {
            if !distinct.iter().any(|known| same(*known, value)) {
                distinct.push(value);
                if distinct.len() > MOST_VALUES {
                    break;
                }
            }
        }
        distinct.sort_by(f64::total_cmp);
        if distinct.len() <= MOST_VALUES {
            return Self::Values(distinct);
        }
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match condition.kind {
            ConditionKind::Number { scale: Scale::Logarithmic, .. } if lowest > 0.0 => {
                Self::Edges(logarithmic_edges(lowest, highest, BINS))
            }
            _ => Self::Edges(linear_edges(lowest, highest, BINS)),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Edges(edges) => edges.len() - 1,
        }
    }

    fn bin(&self, value: f64) -> Option<usize> {
        match self {
            Self::Values(values) => values.iter().position(|known| same(*known, value)),
            Self::Edges(edges) => bin_of(edges, value),
        }
    }

    fn range(&self, number: usize) -> (f64, f64) {
        match self {
            Self::Values(values) => (values[number], values[number]),
            Self::Edges(edges) => (edges[number], edges[number + 1]),
        }
    }

    fn label(&self, condition: &Condition, is_energy: bool, number: usize) -> String {
        let (from, to) = self.range(number);
        let unit = condition.unit.as_str();
        match &condition.kind {
            ConditionKind::Category(names) => {
                names.get(from as usize).cloned().unwrap_or_else(|| from.to_string())
            }
            _ if is_energy && unit == "MeV" && from == to => energy(from),
            _ if unit == "MeV" => format!("{} to {}", energy(from), energy(to)),
            _ => {
                let short = |value: f64| format!("{value:.3e}").parse().unwrap_or(value);
                let unit = if unit == "1" { String::new() } else { format!(" {unit}") };
                if from == to {
                    format!("{}{unit}", short(from))
                } else {
                    format!("{} to {}{unit}", short(from), short(to))
                }
            }
        }
    }
}

/// Whether two values differ by rounding only.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(detector: &str) -> Condition {
        detectors::builtin(detector).expect("built in").conditions()[0].clone()
    }

    #[test]
    fn few_values_are_bins_and_many_are_put_into_bins() {
        let photons = condition("calochallenge-photons");
        let discrete = Binning::of(&photons, &[512.0, 256.0, 512.0, 256.000_01]);
        assert_eq!(discrete.len(), 2);
        assert_eq!(discrete.bin(512.0), Some(1));
        assert_eq!(discrete.bin(300.0), None);
        assert_eq!(discrete.label(&photons, true, 0), "256 MeV");
        let many: Vec<f64> = (0..100).map(|n| 1000.0 * 1.05f64.powi(n)).collect();
        let binned = Binning::of(&condition("calochallenge-electrons"), &many);
        assert_eq!(binned.len(), BINS);
        let counts: Vec<usize> = (0..BINS)
            .map(|bin| many.iter().filter(|value| binned.bin(**value) == Some(bin)).count())
            .collect();
        assert_eq!(counts.iter().sum::<usize>(), 100);
        assert!(counts.iter().all(|count| (16..=18).contains(count)), "{counts:?}");
    }
}
