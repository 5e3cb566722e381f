//! Histograms and tests of every observable, with their floors.

use std::sync::Arc;

use rayon::prelude::*;

use super::conditions::Bin;
use super::entries::{Entries, Figures, Scaling, or_nan, with_floor};
use super::floor::{Floor, halves_of_parts, members};
use super::inputs::Inputs;
use crate::Sample;
use crate::observables::{
    Histogram, ObservableKind, PARTS, Quantity, VoxelSpectrum, bin_edges, capitalised, snapped,
    voxel_edges,
};
use crate::report::model::{HistogramPair, ObservableComparison};
use crate::tests::{OneDimensionalFigures, PValue, bootstrap_errors, holm};
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
        found: &Figures,
        floors: &[Figures],
        errors: &OneDimensionalFigures,
    ) -> ObservableComparison {
        let (reference, generated) = histograms;
        let figure = |scaling, error: Option<f64>, figure: fn(&Figures) -> f64| {
            with_floor(found, floors, scaling, figure, or_nan(error))
        };
        // In standard deviations of the reference.
        let relative = |scaling, error: Option<f64>, of: fn(&Figures) -> f64| {
            let error = or_nan(error) / found.deviation;
            with_floor(found, floors, scaling, |figures| of(figures) / found.deviation, error)
        };
        let p_value = |p_value: PValue| p_value.unwrap_or(f64::NAN);
        let off = |auc: Option<f64>| (or_nan(auc) - 0.5).abs();
        ObservableComparison {
            name: self.name,
            label: self.label,
            group: self.group.to_owned(),
            layer: self.layer,
            log_x: self.log_x,
            log_y: self.log_y,
            ks: figure(Scaling::Root, errors.kolmogorov_smirnov, |f| {
                or_nan(f.figures.kolmogorov_smirnov)
            }),
            ks_p_value: p_value(found.p_values.kolmogorov_smirnov),
            chi2_per_ndf: figure(Scaling::None, errors.chi2_per_ndf, |f| {
                or_nan(f.figures.chi2_per_ndf)
            }),
            chi2_ndf: found.chi2_ndf,
            chi2_p_value: p_value(found.p_values.chi_square),
            separation: figure(Scaling::Linear, errors.separation, |f| {
                or_nan(f.figures.separation)
            }),
            anderson_darling: figure(Scaling::None, errors.anderson_darling, |f| {
                or_nan(f.figures.anderson_darling)
            }),
            anderson_darling_p_value: p_value(found.p_values.anderson_darling),
            mann_whitney: with_floor(
                found,
                floors,
                Scaling::Root,
                |figures| off(figures.figures.auc),
                or_nan(errors.auc),
            ),
            mann_whitney_p_value: p_value(found.p_values.mann_whitney),
            wasserstein: relative(Scaling::Root, errors.wasserstein_1, |f| {
                or_nan(f.figures.wasserstein_1)
            }),
            energy_distance: relative(Scaling::Linear, errors.energy_distance, |f| {
                or_nan(f.figures.energy_distance)
            }),
            jensen_shannon: figure(Scaling::Linear, errors.jensen_shannon, |f| {
                or_nan(f.figures.jensen_shannon)
            }),
            ks_p_value_adjusted: f64::NAN,
            abstained: found.p_values.kolmogorov_smirnov.err().map(|reason| reason.to_string()),
            histogram: HistogramPair {
                reference_entries: reference.inside() + reference.outside,
                generated_entries: generated.inside() + generated.outside,
                reference_underflow: reference.below,
                reference_overflow: reference.above(),
                generated_underflow: generated.below,
                generated_overflow: generated.above(),
                reference_variances: reference.weighted.map(|sums| sums.variances),
                generated_variances: generated.weighted.map(|sums| sums.variances),
                reference: reference.counts,
                generated: generated.counts,
                edges,
            },
        }
    }
}

/// What a comparison of one observable found.
pub(super) struct Compared {
    pub found: Figures,
    pub floors: Arc<Vec<Figures>>,
    pub histograms: (Histogram, Histogram),
    /// Standard errors of the figures.
    pub errors: OneDimensionalFigures,
}

impl Inputs<'_> {
    /// Every observable of the event and of every layer, and the single values, over all events.
    pub(super) fn compare_observables(&self) -> Vec<ObservableComparison> {
        let all = self.whole();
        let kinds = self.kinds();
        let mut compared: Vec<ObservableComparison> = kinds
            .par_iter()
            .filter_map(|&kind| {
                let edges = self.edges(kind)?;
                self.compare_kind(kind, edges, &all)
            })
            .collect();
        if !self.detector.layers().is_empty() {
            compared.push(self.compare_voxels());
        }
        let p_values: Vec<f64> = compared.iter().map(|one| one.ks_p_value).collect();
        for (one, adjusted) in compared.iter_mut().zip(holm(&p_values)) {
            one.ks_p_value_adjusted = adjusted;
        }
        compared
    }

    /// Every observable but E_tot where there is E_tot/E_inc, which the spectrum of the incident
    /// energies only smears.
    pub(super) fn kinds(&self) -> Vec<ObservableKind> {
        let has_response = self.detector.normalising_column().is_some();
        ObservableKind::all(self.detector)
            .into_iter()
            .filter(|kind| !(has_response && kind.quantity == Quantity::Total))
            .collect()
    }

    /// The bins of an observable over all events.
    pub(super) fn edges(&self, kind: ObservableKind) -> Option<Vec<f64>> {
        let column = self.reference.observables().get(kind)?;
        let maximum = column.iter().copied().fold(0.0, f64::max);
        let minimum = column.iter().copied().fold(maximum, f64::min);
        Some(bin_edges(kind, self.detector, minimum..=maximum))
    }

    /// One observable of the events in a bin.
    pub(super) fn compare_kind(
        &self,
        kind: ObservableKind,
        edges: Vec<f64>,
        bin: &Bin,
    ) -> Option<ObservableComparison> {
        let Compared { found, floors, histograms, errors } =
            self.figures_of_kind(kind, &edges, bin)?;
        let heading = Heading::of(kind, self.detector);
        Some(heading.comparison(edges, histograms, &found, &floors, &errors))
    }

    /// The figures of the comparison, those of the floor, and the histograms of both samples.
    pub(super) fn figures_of_kind(
        &self,
        kind: ObservableKind,
        edges: &[f64],
        bin: &Bin,
    ) -> Option<Compared> {
        let entries = |sample: &Sample, events: &[usize]| {
            Some(Entries::of_events(sample.observables().get(kind)?, events))
        };
        let reference = entries(self.reference, &bin.reference)?;
        let generated = entries(self.generated, &bin.generated)?;
        let weights = self.reference.weights();
        let all = reference.all(weights);
        let of_generated = generated.all(self.generated.weights());
        let histograms = (all.histogram(edges), of_generated.histogram(edges));
        let found = Figures::of(&all, &of_generated, edges);
        let replicas = self.settings.bootstrap_replicas;
        let errors = if replicas > 0 && bin.condition.is_empty() {
            let (a, b) = (all.view(), of_generated.view());
            bootstrap_errors(a, b, edges, replicas, self.settings.seed).standard_errors
        } else {
            OneDimensionalFigures::default()
        };
        let key = format!("{kind:?} {} {}", bin.condition, bin.label);
        let floors = self.floors.figures(key, || match (self.floor, self.second) {
            (Floor::Halves(halves), _) => halves
                .iter()
                .map(|in_first| {
                    let (a, b) = reference.halves(in_first, weights);
                    Figures::of(&a, &b, edges)
                })
                .collect(),
            (Floor::SecondReference, Some(second)) => entries(second, &bin.second)
                .map(|of_second| Figures::of(&all, &of_second.all(second.weights()), edges))
                .into_iter()
                .collect(),
            (Floor::SecondReference, None) => Vec::new(),
        });
        Some(Compared { found, floors, histograms, errors })
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
        // The values of one event belong together: it is events that fluctuate.
        let size = |sample: &Sample| 1.0 / sample.effective_events();
        let sized = |figures: Figures, inverse_size| Figures { inverse_size, ..figures };
        let found = sized(
            Figures::of(&all, &of_generated, &edges).with_histograms(&total, &generated_total),
            size(self.reference) + size(self.generated),
        );
        let key = format!("voxels {complete}");
        let floors = self.floors.figures(key, || match (self.floor, self.second) {
            (Floor::Halves(halves), _) => halves
                .par_iter()
                .enumerate()
                .map(|(split, in_first)| {
                    let (a, b) = reference.entries.halves(in_first, self.reference.weights());
                    let (p, q) = reference.halves(in_first, split, self.settings.seed);
                    let figures = Figures::of(&a, &b, &edges).with_histograms(&p, &q);
                    sized(figures, 4.0 * size(self.reference))
                })
                .collect(),
            (Floor::SecondReference, Some(second)) => {
                let inverse_size = size(self.reference) + size(second);
                let second = of(second);
                let figures = Figures::of(&all, &second.entries(), &edges)
                    .with_histograms(&total, &second.total());
                vec![sized(figures, inverse_size)]
            }
            (Floor::SecondReference, None) => Vec::new(),
        });
        let histograms = (total, generated_total);
        // A replica draws single values, and these belong together: the floor has to do.
        let errors = OneDimensionalFigures::default();
        Heading::voxels(self.detector).comparison(edges, histograms, &found, &floors, &errors)
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
