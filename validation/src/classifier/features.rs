use detectors::Calorimeter;
use ndarray::{Array2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::observables::{Quantity, ShowerObservables};
use crate::{Sample, ValidationError};

/// Keeps the logarithm of an empty layer finite.
const TINY_MEV: f64 = 1e-8;

/// What a classifier sees of a shower, as CaloChallenge defines it. The read-out threshold is
/// applied first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureSet {
    /// log₁₀ E_inc, log₁₀(E_l + 10⁻⁸), EC_η/100, EC_φ/100, W_η/100, W_φ/100, log₁₀(E_tot + 10⁻⁸),
    /// sparsity, EC_r/100, W_r/100 (MeV and mm): 30 features for data set 1 photons.
    HighLevel,
    /// log₁₀ E_inc and each voxel over E_inc.
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

    /// # Shapes
    /// `[events, features]`
    ///
    /// # Errors
    /// [`ValidationError::Shape`] if sample or observables are of another detector.
    pub fn of(
        self,
        detector: &Calorimeter,
        sample: &Sample,
        observables: &ShowerObservables,
    ) -> Result<Array2<f32>, ValidationError> {
        let (events, voxels) = sample.voxels_mev().dim();
        if voxels != detector.voxel_count() || observables.events() != events {
            return Err(ValidationError::Shape {
                found_events: observables.events(),
                found_voxels: voxels,
                events,
                voxels: detector.voxel_count(),
            });
        }
        Ok(match self {
            Self::HighLevel => high_level(sample, observables),
            Self::LowLevel => low_level(detector, sample),
        })
    }
}

fn high_level(sample: &Sample, observables: &ShowerObservables) -> Array2<f32> {
    let columns: Vec<(usize, Quantity)> = [
        Quantity::LayerEnergy,
        Quantity::CentreEta,
        Quantity::CentrePhi,
        Quantity::WidthEta,
        Quantity::WidthPhi,
        Quantity::TotalEnergy,
        Quantity::Sparsity,
        Quantity::CentreRadius,
        Quantity::WidthRadius,
    ]
    .into_iter()
    .flat_map(|quantity| {
        observables
            .kinds()
            .iter()
            .enumerate()
            .filter(move |(_, kind)| kind.quantity == quantity)
            .map(move |(column, _)| (column, quantity))
    })
    .collect();
    let values = observables.values();
    let energies = sample.incident_energies_mev();
    Array2::from_shape_fn((energies.len(), columns.len() + 1), |(event, feature)| {
        let Some(index) = feature.checked_sub(1) else {
            return energies[event].log10() as f32;
        };
        let (column, quantity) = columns[index];
        let value = values[[event, column]];
        let feature = match quantity {
            Quantity::LayerEnergy | Quantity::TotalEnergy => (value + TINY_MEV).log10(),
            Quantity::Sparsity | Quantity::Response => value,
            _ => value / 100.0,
        };
        feature as f32
    })
}

fn low_level(detector: &Calorimeter, sample: &Sample) -> Array2<f32> {
    let threshold_mev = detector.readout_threshold_mev();
    let voxels = sample.voxels_mev();
    let mut features = Array2::zeros((sample.events(), detector.voxel_count() + 1));
    features
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .zip(voxels.axis_iter(Axis(0)))
        .zip(sample.incident_energies_mev())
        .for_each(|((mut row, shower), incident_energy_mev)| {
            row[0] = incident_energy_mev.log10() as f32;
            for (feature, &voxel_mev) in row.iter_mut().skip(1).zip(shower) {
                let voxel_mev = f64::from(voxel_mev);
                if voxel_mev >= threshold_mev {
                    *feature = (voxel_mev / incident_energy_mev) as f32;
                }
            }
        });
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_of_data_set_1_photons() {
        let photons = detectors::builtin("calochallenge-photons").expect("built in");
        let mut voxels = Array2::zeros((1, 368));
        // The first voxel of the presampler (2.5 mm) and of the strips, and one below threshold.
        (voxels[[0, 0]], voxels[[0, 8]], voxels[[0, 9]]) = (10.0, 90.0, 0.5);
        let sample =
            Sample::new("test", &photons, vec![1000.0], voxels, Vec::new()).expect("valid");
        let observables = ShowerObservables::compute(
            &photons,
            sample.voxels_mev(),
            sample.incident_energies_mev(),
        )
        .expect("fits");
        let high = FeatureSet::HighLevel.of(&photons, &sample, &observables).expect("fits");
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
        let low = FeatureSet::LowLevel.of(&photons, &sample, &observables).expect("fits");
        assert_eq!(low.dim(), (1, 369));
        assert_eq!([low[[0, 1]], low[[0, 9]], low[[0, 10]]], [0.01, 0.09, 0.0]);
    }
}
