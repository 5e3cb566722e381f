use super::floor::Floor;
use super::inputs::Inputs;
use super::response::EnergyGroup;
use crate::classifier::FeatureSet;
use crate::report::model::{ClassifierResult, Criterion, ObservableComparison, Verdict};
use crate::selection::{PairedValues, range_chi_square, response_chi2_per_ndf};

impl Inputs<'_> {
    /// The criteria of [`super::Limits`], each with the place of its worst value.
    pub(super) fn verdict(
        &self,
        observables: &[ObservableComparison],
        groups: &[EnergyGroup],
        classifiers: &[ClassifierResult],
    ) -> Verdict {
        let limits = &self.settings.limits;
        let mut criteria: Vec<Criterion> = classifiers
            .iter()
            .map(|found| {
                let limit = if found.features == FeatureSet::HighLevel.name() {
                    limits.high_level_auc
                } else {
                    limits.low_level_auc
                };
                let name = format!("AUC on {} features", found.features);
                let place = format!("{} features", found.feature_count);
                criterion(name, found.auc.value, found.auc.floor, limit, place)
            })
            .collect();
        let worst =
            observables.iter().max_by(|a, b| a.separation.value.total_cmp(&b.separation.value));
        if let Some(worst) = worst {
            criteria.push(criterion(
                "worst separation power".to_owned(),
                worst.separation.value,
                worst.separation.floor,
                limits.separation,
                worst.name.clone(),
            ));
        }
        criteria.push(self.response_criterion(groups));
        Verdict { passed: criteria.iter().all(|criterion| criterion.passed), criteria }
    }

    fn response_criterion(&self, groups: &[EnergyGroup]) -> Criterion {
        let pairs: Vec<PairedValues<'_>> = groups
            .iter()
            .map(|group| PairedValues { reference: &group.reference, generated: &group.generated })
            .collect();
        let worst = groups
            .iter()
            .zip(&pairs)
            .max_by(|a, b| {
                let per_ndf = |pair: &PairedValues<'_>| range_chi_square(*pair).per_ndf();
                per_ndf(a.1).total_cmp(&per_ndf(b.1))
            })
            .map_or_else(String::new, |(group, _)| {
                format!("E_inc = {} MeV", group.incident_energy_mev)
            });
        let floor = match &self.floor {
            Floor::SecondReference => {
                let pairs: Vec<PairedValues<'_>> = groups
                    .iter()
                    .map(|group| PairedValues {
                        reference: &group.reference,
                        generated: &group.second,
                    })
                    .collect();
                response_chi2_per_ndf(&pairs)
            }
            Floor::Halves(halves) => {
                let of_split = |in_first: &Vec<bool>| {
                    let halves: Vec<(Vec<f64>, Vec<f64>)> =
                        groups.iter().map(|group| group.halves(in_first)).collect();
                    let pairs: Vec<PairedValues<'_>> = halves
                        .iter()
                        .map(|(reference, generated)| PairedValues { reference, generated })
                        .collect();
                    response_chi2_per_ndf(&pairs)
                };
                halves.iter().map(of_split).sum::<f64>() / halves.len().max(1) as f64
            }
        };
        criterion(
            "χ²/ndf of E_tot / E_inc over the incident energies".to_owned(),
            response_chi2_per_ndf(&pairs),
            floor,
            self.settings.limits.response_chi2_per_ndf,
            worst,
        )
    }
}

impl EnergyGroup {
    fn halves(&self, in_first: &[bool]) -> (Vec<f64>, Vec<f64>) {
        let mut halves = (Vec::new(), Vec::new());
        for (&event, &value) in self.reference_events.iter().zip(&self.reference) {
            if in_first[event] { halves.0.push(value) } else { halves.1.push(value) }
        }
        halves
    }
}

fn criterion(name: String, value: f64, floor: f64, limit: f64, place: String) -> Criterion {
    Criterion { name, value, floor, limit, passed: value <= limit, place }
}
