//! Histograms and tests of every observable, with their floors.

use rayon::prelude::*;

use super::entries::{Entries, Figures};
use super::floor::{Floor, halves_of_parts, members};
use super::inputs::Inputs;
use crate::Sample;
use crate::observables::{
    Histogram, ObservableKind, PARTS, Quantity, VoxelSpectrum, bin_edges, capitalised,
    per_energy_response_edges, snapped, voxel_edges,
};
use crate::report::model::{EnergyComparison, HistogramPair, ObservableComparison, WithFloor};
use crate::sample::{DiscreteEnergy, same_energy};
use detectors::{Detector, Family};

/// The names and axes of an observable in the report.
struct Heading {
    name: String,
    label: String,
    group: &'static str,
    layer: Option<usize>,
    log_x: bool,
    log_y: bool,
}

impl Heading {
    fn of(kind: ObservableKind, detector: &Detector) -> Self {
        let of_sum = matches!(kind.quantity, Quantity::LayerTotal | Quantity::Total);
        Self {
            name: kind.name(detector),
            label: kind.label(detector),
            group: kind.group(detector),
            layer: kind.shown_layer(detector),
            log_x: of_sum && !detector.has_whole_numbers(),
            log_y: false,
        }
    }

    fn voxels(detector: &Detector) -> Self {
        let (quantity, unit) = (detector.quantity(), detector.unit());
        let (name, label, group) = if detector.family() == Family::Calorimeter {
            ("voxel_energy".to_owned(), format!("Voxel energy ({unit})"), "voxels")
        } else {
            let name = format!("pixel_{}", quantity.replace(' ', "_"));
            (name, format!("{} of a pixel ({unit})", capitalised(quantity)), "pixels")
        };
        let log_x = !detector.has_whole_numbers();
        Self { name, label, group, layer: None, log_x, log_y: true }
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
            log_x: self.log_x,
            log_y: self.log_y,
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
                reference_variances: reference.weighted.map(|sums| sums.variances),
                generated_variances: generated.weighted.map(|sums| sums.variances),
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
    /// Every observable of the event and of every layer, and the single values, over all events.
    pub(super) fn compare_observables(&self) -> Vec<ObservableComparison> {
        let chosen = Chosen {
            reference: (0..self.reference.events()).collect(),
            generated: (0..self.generated.events()).collect(),
            second: self.second.iter().flat_map(|second| 0..second.events()).collect(),
        };
        // E_tot itself is E_tot/E_inc smeared by the spectrum of the incident energies.
        let has_response = self.detector.normalising_column().is_some();
        let kinds: Vec<ObservableKind> = ObservableKind::all(self.detector)
            .into_iter()
            .filter(|kind| !(has_response && kind.quantity == Quantity::Total))
            .collect();
        let mut compared: Vec<ObservableComparison> = kinds
            .par_iter()
            .filter_map(|&kind| {
                let column = self.reference.observables().get(kind)?;
                let maximum = column.iter().copied().fold(0.0, f64::max);
                let minimum = column.iter().copied().fold(maximum, f64::min);
                let edges = bin_edges(kind, self.detector, minimum..=maximum);
                self.compare_kind(kind, edges, &chosen)
            })
            .collect();
        if !self.detector.layers().is_empty() {
            compared.push(self.compare_voxels());
        }
        compared
    }

    /// E_tot/E_inc at each discrete incident energy that both samples have.
    pub(super) fn compare_energies(&self) -> Vec<EnergyComparison> {
        let generated = self.generated.discrete_energies();
        let second = self.second.map(Sample::discrete_energies);
        let at = |energies: &[DiscreteEnergy], energy_mev: f64| {
            energies
                .iter()
                .find(|energy| same_energy(energy.incident_energy_mev, energy_mev))
                .map_or_else(Vec::new, |energy| energy.events.clone())
        };
        let kind = ObservableKind { quantity: Quantity::Response, layer: None };
        let reference = self.reference.discrete_energies();
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
        let entries = |sample: &Sample, events: &[usize]| {
            Some(Entries::of_events(sample.observables().get(kind)?, events))
        };
        let reference = entries(self.reference, &chosen.reference)?;
        let generated = entries(self.generated, &chosen.generated)?;
        let weights = self.reference.weights();
        let all = reference.all(weights);
        let of_generated = generated.all(self.generated.weights());
        let histograms = (all.histogram(&edges), of_generated.histogram(&edges));
        let found = Figures::of(&all, &of_generated, &histograms.0, &histograms.1);
        let floors: Vec<Figures> = match (&self.floor, self.second) {
            (Floor::Halves(halves), _) => halves
                .iter()
                .map(|in_first| {
                    let (a, b) = reference.halves(in_first, weights);
                    Figures::of(&a, &b, &a.histogram(&edges), &b.histogram(&edges))
                })
                .collect(),
            (Floor::SecondReference, Some(second)) => {
                let second = entries(second, &chosen.second)?.all(second.weights());
                vec![Figures::of(&all, &second, &histograms.0, &second.histogram(&edges))]
            }
            (Floor::SecondReference, None) => Vec::new(),
        };
        Some(Heading::of(kind, self.detector).comparison(edges, histograms, &found, &floors))
    }

    fn compare_voxels(&self) -> ObservableComparison {
        let edges = voxel_edges(self.detector, self.reference.greatest_value());
        let samples = [self.reference, self.generated].into_iter().chain(self.second);
        let complete = samples.into_iter().all(|s| s.kept_events().len() == s.events());
        // Of samples that do not fit in memory there is only a fine spectrum, with its own edges.
        let edges = if complete { edges } else { snapped(&edges) };
        let of = |sample| Spectrum::of(sample, &edges, self.detector.readout_threshold(), complete);
        let (reference, generated) = (of(self.reference), of(self.generated));
        let (all, total) = (reference.entries(), reference.total());
        let (of_generated, generated_total) = (generated.entries(), generated.total());
        let found = Figures::of(&all, &of_generated, &total, &generated_total);
        let floors: Vec<Figures> = match (&self.floor, self.second) {
            (Floor::Halves(halves), _) => halves
                .par_iter()
                .enumerate()
                .map(|(split, in_first)| {
                    let (a, b) = reference.entries.halves(in_first, self.reference.weights());
                    let (p, q) = reference.halves(in_first, split, self.settings.seed);
                    Figures::of(&a, &b, &p, &q)
                })
                .collect(),
            (Floor::SecondReference, Some(second)) => {
                let second = of(second);
                vec![Figures::of(&all, &second.entries(), &total, &second.total())]
            }
            (Floor::SecondReference, None) => Vec::new(),
        };
        let histograms = (total, generated_total);
        Heading::voxels(self.detector).comparison(edges, histograms, &found, &floors)
    }
}

/// The single values of a sample.
struct Spectrum<'a> {
    sample: &'a Sample,
    edges: &'a [f64],
    /// Those of the kept events, for the unbinned test.
    entries: Entries,
    /// Event by event, where the values of all events are kept.
    exact: Option<VoxelSpectrum>,
}

impl<'a> Spectrum<'a> {
    fn of(sample: &'a Sample, edges: &'a [f64], threshold: f64, complete: bool) -> Self {
        let fill = || VoxelSpectrum::fill(edges, sample.kept_values(), threshold);
        Self {
            sample,
            edges,
            entries: Entries::voxels(sample, threshold),
            exact: complete.then(fill),
        }
    }

    fn entries(&self) -> super::entries::Sorted {
        self.entries.all(self.sample.weights())
    }

    fn total(&self) -> Histogram {
        match &self.exact {
            Some(exact) => exact.total(self.sample.weights()),
            None => self.sample.spectrum().histogram(self.edges, 0..PARTS),
        }
    }

    /// Of random halves: those of single events, or of the parts of a fine spectrum.
    fn halves(&self, in_first: &[bool], split: usize, seed: u64) -> (Histogram, Histogram) {
        if let Some(exact) = &self.exact {
            let (first, second) = members(in_first);
            let of = |events| exact.of_events(events, self.sample.weights());
            return (of(first), of(second));
        }
        let (first, second) = halves_of_parts(PARTS, split, seed);
        let of =
            |parts: Vec<usize>| self.sample.spectrum().histogram(self.edges, parts.iter().copied());
        (of(first), of(second))
    }
}
