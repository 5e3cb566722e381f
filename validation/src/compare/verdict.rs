use super::floor::Floor;
use super::inputs::Inputs;
use super::response::{EnergyGroup, Values};
use crate::classifier::FeatureSet;
use crate::report::model::{ClassifierResult, Criterion, ObservableComparison, Verdict};
use crate::selection::{range_chi_square_weighted, summed_per_ndf};
use crate::tests::ChiSquare;

impl Inputs<'_> {
    /// The criteria of [`super::Limits`], each with the place of its worst value. That of the
    /// response exists where there is an incident energy.
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
        if self.reference.incident_energies_mev().is_some() {
            criteria.push(self.response_criterion(groups));
        }
        Verdict { passed: criteria.iter().all(|criterion| criterion.passed), criteria }
    }

    fn response_criterion(&self, groups: &[EnergyGroup]) -> Criterion {
        let test = |a: &Values, b: &Values| range_chi_square_weighted(a.view(), b.view());
        let tests: Vec<ChiSquare> =
            groups.iter().map(|group| test(&group.reference, &group.generated)).collect();
        let worst = groups
            .iter()
            .zip(&tests)
            .max_by(|a, b| a.1.per_ndf().total_cmp(&b.1.per_ndf()))
            .map_or_else(String::new, |(group, _)| {
                format!("E_inc = {} MeV", group.incident_energy_mev)
            });
        let floor = match &self.floor {
            Floor::SecondReference => {
                summed_per_ndf(groups.iter().map(|group| test(&group.reference, &group.second)))
            }
            Floor::Halves(halves) => {
                let of_split = |in_first: &Vec<bool>| {
                    let tests = groups.iter().map(|group| {
                        let (first, second) = group.reference.halves(in_first);
                        test(&first, &second)
                    });
                    summed_per_ndf(tests)
                };
                halves.iter().map(of_split).sum::<f64>() / halves.len().max(1) as f64
            }
        };
        criterion(
            "χ²/ndf of E_tot / E_inc over the incident energies".to_owned(),
            summed_per_ndf(tests.into_iter()),
            floor,
            self.settings.limits.response_chi2_per_ndf,
            worst,
        )
    }
}

fn criterion(name: String, value: f64, floor: f64, limit: f64, place: String) -> Criterion {
    Criterion { name, value, floor, limit, passed: value <= limit, place }
}
