//! Histograms and tests of every observable, with their floors.

use ndarray::ArrayView1;
use rayon::prelude::*;

use super::floor::{Floor, members};
use super::inputs::{Inputs, Measured};
use crate::observables::{
    Histogram, ObservableKind, Quantity, VoxelSpectrum, bin_edges, per_energy_response_edges,
    voxel_edges,
};
use crate::report::model::{EnergyComparison, HistogramPair, ObservableComparison, WithFloor};
use crate::sample::{DiscreteEnergy, same_energy};
use crate::tests::{
    ChiSquare, KolmogorovSmirnov, chi_square, kolmogorov_smirnov_sorted, separation_power,
};

/// Voxels that enter the Kolmogorov–Smirnov test of the voxel spectrum; beyond it every k-th
/// event is taken. The histograms always hold all voxels.
const VOXELS_TESTED: usize = 4_000_000;

/// Values of one quantity, rising, with the event that each belongs to.
struct Entries(Vec<(f64, u32)>);

impl Entries {
    fn new(values: impl Iterator<Item = (f64, u32)>) -> Self {
        let mut values: Vec<_> = values.collect();
        values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        Self(values)
    }

    fn of_events(column: ArrayView1<'_, f64>, events: impl Iterator<Item = usize>) -> Self {
        Self::new(events.map(|event| (column[event], event as u32)))
    }

    fn voxels(sample: &Measured<'_>, threshold_mev: f64) -> Self {
        let voxels = sample.sample.voxels_mev();
        let stride = voxels.len().div_ceil(VOXELS_TESTED).max(1);
        Self::new((0..voxels.nrows()).step_by(stride).flat_map(|event| {
            let read_out = move |&energy_mev: &f64| energy_mev > 0.0 && energy_mev >= threshold_mev;
            let row = voxels.row(event).to_vec();
            row.into_iter().map(f64::from).filter(read_out).map(move |v| (v, event as u32))
        }))
    }

    fn all(&self) -> Vec<f64> {
        self.0.iter().map(|(value, _)| *value).collect()
    }

    /// Those of the first half and those of the second, still sorted.
    fn halves(&self, in_first: &[bool]) -> (Vec<f64>, Vec<f64>) {
        let (first, second): (Vec<_>, Vec<_>) =
            self.0.iter().partition(|(_, event)| in_first[*event as usize]);
        let values =
            |entries: Vec<(f64, u32)>| entries.into_iter().map(|(value, _)| value).collect();
        (values(first), values(second))
    }
}

/// The tests of one pair of samples.
struct Figures {
    ks: KolmogorovSmirnov,
    chi2: ChiSquare,
    separation: f64,
}

impl Figures {
    fn of(a: &[f64], b: &[f64], a_histogram: &Histogram, b_histogram: &Histogram) -> Self {
        Self {
            ks: kolmogorov_smirnov_sorted(a, b),
            chi2: chi_square(&with_outside(a_histogram), &with_outside(b_histogram)),
            separation: separation_power(&a_histogram.counts, &b_histogram.counts),
        }
    }
}

/// Counts with one more bin for what lies outside: a χ² without it would not see a generator that
/// misses the range of the reference.
fn with_outside(histogram: &Histogram) -> Vec<f64> {
    let mut counts = histogram.counts.clone();
    counts.push(histogram.outside as f64);
    counts
}

/// The names and axes of an observable in the report.
struct Heading {
    name: String,
    label: String,
    group: &'static str,
    layer: Option<usize>,
    logarithmic: bool,
}

impl Heading {
    fn of(kind: ObservableKind) -> Self {
        Self {
            name: kind.to_string(),
            label: kind.label(),
            group: kind.quantity.group(),
            layer: kind.layer,
            logarithmic: matches!(kind.quantity, Quantity::LayerEnergy | Quantity::TotalEnergy),
        }
    }

    fn voxels() -> Self {
        Self {
            name: "voxel_energy".to_owned(),
            label: "Voxel energy (MeV)".to_owned(),
            group: "voxels",
            layer: None,
            logarithmic: true,
        }
    }

    fn comparison(
        self,
        edges: Vec<f64>,
        histograms: (Histogram, Histogram),
        figures: &Figures,
        floors: &[Figures],
    ) -> ObservableComparison {
        let (reference, generated) = histograms;
        let floor = |figure: fn(&Figures) -> f64| {
            floors.iter().map(figure).sum::<f64>() / floors.len().max(1) as f64
        };
        let with_floor = |figure: fn(&Figures) -> f64| WithFloor {
            value: figure(figures),
            floor: floor(figure),
        };
        ObservableComparison {
            name: self.name,
            label: self.label,
            group: self.group.to_owned(),
            layer: self.layer,
            log_x: self.logarithmic,
            log_y: self.group == "voxels",
            ks: with_floor(|figures| figures.ks.distance),
            ks_p_value: figures.ks.p_value,
            chi2_per_ndf: with_floor(|figures| figures.chi2.per_ndf()),
            chi2_ndf: figures.chi2.ndf,
            chi2_p_value: figures.chi2.p_value,
            separation: with_floor(|figures| figures.separation),
            histogram: HistogramPair {
                reference_entries: reference.inside() + reference.outside,
                generated_entries: generated.inside() + generated.outside,
                reference_outside: reference.outside,
                generated_outside: generated.outside,
                reference: reference.counts,
                generated: generated.counts,
                edges,
            },
        }
    }
}

/// Events of each sample that are compared; all, or those of one incident energy.
struct Chosen {
    reference: Vec<usize>,
    generated: Vec<usize>,
    second: Vec<usize>,
}

impl Inputs<'_> {
    /// E_tot/E_inc, every observable of every layer, and the voxels, over all incident energies.
    pub(super) fn compare_observables(&self) -> Vec<ObservableComparison> {
        let chosen = Chosen {
            reference: (0..self.reference.sample.events()).collect(),
            generated: (0..self.generated.sample.events()).collect(),
            second: self.second.iter().flat_map(|second| 0..second.sample.events()).collect(),
        };
        // E_tot itself is E_tot/E_inc smeared by the spectrum of the incident energies.
        let kinds: Vec<ObservableKind> = ObservableKind::all(self.detector)
            .into_iter()
            .filter(|kind| kind.quantity != Quantity::TotalEnergy)
            .collect();
        let mut compared: Vec<ObservableComparison> = kinds
            .par_iter()
            .filter_map(|&kind| {
                let column = self.reference.observables.get(kind)?;
                let maximum = column.iter().copied().fold(0.0, f64::max);
                self.compare_kind(kind, bin_edges(kind, self.detector, maximum), &chosen)
            })
            .collect();
        compared.push(self.compare_voxels());
        compared
    }

    /// E_tot/E_inc at each discrete incident energy that both samples have.
    pub(super) fn compare_energies(&self) -> Vec<EnergyComparison> {
        let generated = self.generated.sample.discrete_energies();
        let second = self.second.as_ref().map(|second| second.sample.discrete_energies());
        let at = |energies: &[DiscreteEnergy], energy_mev: f64| {
            energies
                .iter()
                .find(|energy| same_energy(energy.incident_energy_mev, energy_mev))
                .map_or_else(Vec::new, |energy| energy.events.clone())
        };
        let kind = ObservableKind { quantity: Quantity::Response, layer: None };
        let reference = self.reference.sample.discrete_energies();
        reference
            .into_par_iter()
            .filter_map(|energy| {
                let incident_energy_mev = energy.incident_energy_mev;
                let chosen = Chosen {
                    reference: energy.events,
                    generated: at(&generated, incident_energy_mev),
                    second: second.as_ref().map_or_else(Vec::new, |s| at(s, incident_energy_mev)),
                };
                if chosen.generated.is_empty() {
                    return None;
                }
                let edges = per_energy_response_edges(self.detector, incident_energy_mev);
                let compared = self.compare_kind(kind, edges, &chosen)?;
                Some(EnergyComparison { incident_energy_mev, observables: vec![compared] })
            })
            .collect()
    }

    fn compare_kind(
        &self,
        kind: ObservableKind,
        edges: Vec<f64>,
        chosen: &Chosen,
    ) -> Option<ObservableComparison> {
        let entries = |sample: &Measured<'_>, events: &[usize]| {
            let column = sample.observables.get(kind)?;
            Some(Entries::of_events(column, events.iter().copied()))
        };
        let reference = entries(&self.reference, &chosen.reference)?;
        let generated = entries(&self.generated, &chosen.generated)?;
        let figures = |a: &[f64], b: &[f64]| {
            let (p, q) = (Histogram::of_sorted(&edges, a), Histogram::of_sorted(&edges, b));
            (Figures::of(a, b, &p, &q), (p, q))
        };
        let all = reference.all();
        let (found, histograms) = figures(&all, &generated.all());
        let floors: Vec<Figures> = match (&self.floor, &self.second) {
            (Floor::Halves(halves), _) => halves
                .iter()
                .map(|in_first| {
                    let (a, b) = reference.halves(in_first);
                    figures(&a, &b).0
                })
                .collect(),
            (Floor::SecondReference, Some(second)) => {
                vec![figures(&all, &entries(second, &chosen.second)?.all()).0]
            }
            (Floor::SecondReference, None) => Vec::new(),
        };
        Some(Heading::of(kind).comparison(edges, histograms, &found, &floors))
    }

    fn compare_voxels(&self) -> ObservableComparison {
        let threshold_mev = self.detector.readout_threshold_mev();
        let maximum = self
            .reference
            .sample
            .voxels_mev()
            .iter()
            .fold(0.0, |maximum: f64, &voxel| maximum.max(f64::from(voxel)));
        let edges = voxel_edges(self.detector, maximum);
        let of = |measured: &Measured<'_>| {
            let spectrum = VoxelSpectrum::fill(&edges, measured.sample.voxels_mev(), threshold_mev);
            (Entries::voxels(measured, threshold_mev), spectrum)
        };
        let (reference, reference_spectrum) = of(&self.reference);
        let (generated, generated_spectrum) = of(&self.generated);
        let (all, total) = (reference.all(), reference_spectrum.total());
        let generated_total = generated_spectrum.total();
        let found = Figures::of(&all, &generated.all(), &total, &generated_total);
        let floors: Vec<Figures> = match (&self.floor, &self.second) {
            (Floor::Halves(halves), _) => halves
                .par_iter()
                .map(|in_first| {
                    let (a, b) = reference.halves(in_first);
                    let (first, second) = members(in_first);
                    let p = reference_spectrum.of_events(first);
                    let q = reference_spectrum.of_events(second);
                    Figures::of(&a, &b, &p, &q)
                })
                .collect(),
            (Floor::SecondReference, Some(second)) => {
                let (second, spectrum) = of(second);
                vec![Figures::of(&all, &second.all(), &total, &spectrum.total())]
            }
            (Floor::SecondReference, None) => Vec::new(),
        };
        Heading::voxels().comparison(edges, (total, generated_total), &found, &floors)
    }
}
