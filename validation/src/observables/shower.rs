use detectors::{Calorimeter, Layer};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::{ObservableKind, Quantity};
use crate::ValidationError;

/// Keeps 0/0 away where a layer has no energy: its centres and widths are then 0.
const TINY_MEV: f64 = 1e-16;

/// A number type that voxel energies come in.
pub trait VoxelEnergy: Copy + Into<f64> + Sync {}

impl VoxelEnergy for f32 {}
impl VoxelEnergy for f64 {}

/// All observables of all events of a sample.
///
/// A voxel below the detector's read-out threshold counts as empty, in every sample.
#[derive(Debug, Clone)]
pub struct ShowerObservables {
    kinds: Vec<ObservableKind>,
    /// `[events, observables]`
    values: Array2<f64>,
}

impl ShowerObservables {
    /// The observables of [`ObservableKind::all`], in 64 bits, in one pass over each event.
    ///
    /// # Shapes
    /// `voxels_mev`: `[events, voxels]`, in the detector's flat order;
    /// `incident_energies_mev`: `[events]`.
    ///
    /// # Errors
    /// [`ValidationError::Shape`] if the shapes do not fit each other or the detector.
    pub fn compute<E: VoxelEnergy>(
        detector: &Calorimeter,
        voxels_mev: ArrayView2<'_, E>,
        incident_energies_mev: &[f64],
    ) -> Result<Self, ValidationError> {
        let (events, voxels) = voxels_mev.dim();
        if voxels != detector.voxel_count() || events != incident_energies_mev.len() {
            return Err(ValidationError::Shape {
                found_events: events,
                found_voxels: voxels,
                events: incident_energies_mev.len(),
                voxels: detector.voxel_count(),
            });
        }
        let kinds = ObservableKind::all(detector);
        let layers: Vec<_> = detector.layers().iter().map(LayerPositions::of).collect();
        let threshold_mev = detector.readout_threshold_mev();
        let mut values = Array2::zeros((events, kinds.len()));
        values
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(voxels_mev.axis_iter(Axis(0)))
            .zip(incident_energies_mev)
            .for_each(|((mut row, shower), incident_energy_mev)| {
                let mut total_mev = 0.0;
                let mut column = 2;
                for layer in &layers {
                    let moments = layer.moments(shower, threshold_mev);
                    total_mev += moments.energy_mev;
                    for &quantity in layer.quantities {
                        row[column] = moments.value(quantity, layer.voxel_count());
                        column += 1;
                    }
                }
                row[0] = total_mev;
                row[1] = total_mev / incident_energy_mev;
            });
        Ok(Self { kinds, values })
    }

    pub fn events(&self) -> usize {
        self.values.nrows()
    }

    /// The observables, in the order of the columns.
    pub fn kinds(&self) -> &[ObservableKind] {
        &self.kinds
    }

    /// # Shapes
    /// `[events, observables]`
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// One observable by its stable name, such as `E_tot`, `ECeta_2` or `sparsity_12`.
    ///
    /// # Shapes
    /// `[events]`
    pub fn by_name(&self, name: &str) -> Option<ArrayView1<'_, f64>> {
        let column = self.kinds.iter().position(|kind| kind.to_string() == name)?;
        Some(self.values.column(column))
    }

    /// One observable; `None` if the detector does not have it.
    ///
    /// # Shapes
    /// `[events]`
    pub fn get(&self, kind: ObservableKind) -> Option<ArrayView1<'_, f64>> {
        let column = self.kinds.iter().position(|&known| known == kind)?;
        Some(self.values.column(column))
    }
}

/// Where the voxels of a layer are, with the quantities that are measured on it.
struct LayerPositions {
    first_voxel: usize,
    radius_mm: Vec<f64>,
    /// (η, φ); `None` for a layer that is not cut in angle.
    eta_phi_mm: Option<Vec<(f64, f64)>>,
    quantities: &'static [Quantity],
}

impl LayerPositions {
    fn of(layer: &Layer) -> Self {
        let eta_phi_mm = (layer.angular_bins() > 1)
            .then(|| layer.eta_midpoints_mm().into_iter().zip(layer.phi_midpoints_mm()).collect());
        Self {
            first_voxel: layer.voxels().start,
            radius_mm: layer.radius_midpoints_mm(),
            eta_phi_mm,
            quantities: Quantity::of_layer(layer),
        }
    }

    fn voxel_count(&self) -> usize {
        self.radius_mm.len()
    }

    fn moments<E: VoxelEnergy>(&self, shower: ArrayView1<'_, E>, threshold_mev: f64) -> Moments {
        let mut moments = Moments::default();
        for voxel in 0..self.voxel_count() {
            let energy_mev: f64 = shower[self.first_voxel + voxel].into();
            if energy_mev <= 0.0 || energy_mev < threshold_mev {
                continue;
            }
            moments.hits += 1;
            moments.energy_mev += energy_mev;
            moments.radius.add(self.radius_mm[voxel], energy_mev);
            if let Some(positions) = &self.eta_phi_mm {
                let (eta_mm, phi_mm) = positions[voxel];
                moments.eta.add(eta_mm, energy_mev);
                moments.phi.add(phi_mm, energy_mev);
            }
        }
        moments
    }
}

/// Sums over the voxels of a layer.
#[derive(Default)]
struct Moments {
    hits: usize,
    energy_mev: f64,
    eta: Axial,
    phi: Axial,
    radius: Axial,
}

/// Σ x e and Σ x² e.
#[derive(Default)]
struct Axial {
    first: f64,
    second: f64,
}

impl Axial {
    fn add(&mut self, position_mm: f64, energy_mev: f64) {
        let weighted = position_mm * energy_mev;
        self.first += weighted;
        self.second += position_mm * weighted;
    }

    fn centre_mm(&self, energy_mev: f64) -> f64 {
        self.first / (energy_mev + TINY_MEV)
    }

    fn width_mm(&self, energy_mev: f64) -> f64 {
        let centre = self.centre_mm(energy_mev);
        (self.second / (energy_mev + TINY_MEV) - centre * centre).max(0.0).sqrt()
    }
}

impl Moments {
    fn value(&self, quantity: Quantity, voxels: usize) -> f64 {
        let energy = self.energy_mev;
        match quantity {
            Quantity::LayerEnergy | Quantity::TotalEnergy | Quantity::Response => energy,
            Quantity::CentreEta => self.eta.centre_mm(energy),
            Quantity::CentrePhi => self.phi.centre_mm(energy),
            Quantity::CentreRadius => self.radius.centre_mm(energy),
            Quantity::WidthEta => self.eta.width_mm(energy),
            Quantity::WidthPhi => self.phi.width_mm(energy),
            Quantity::WidthRadius => self.radius.width_mm(energy),
            Quantity::Sparsity => 1.0 - self.hits as f64 / voxels as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photons() -> Calorimeter {
        detectors::builtin("calochallenge-photons").expect("built in")
    }

    #[test]
    fn an_empty_shower_has_finite_observables() {
        let observables =
            ShowerObservables::compute(&photons(), Array2::<f32>::zeros((1, 368)).view(), &[256.0])
                .expect("fits");
        for (kind, value) in observables.kinds().iter().zip(observables.values()) {
            let expected = if kind.quantity == Quantity::Sparsity { 1.0 } else { 0.0 };
            assert_eq!(*value, expected, "{kind}");
        }
    }

    #[test]
    fn a_voxel_below_the_threshold_is_empty_and_one_at_the_threshold_is_not() {
        let mut voxels = Array2::<f32>::zeros((1, 368));
        (voxels[[0, 0]], voxels[[0, 1]]) = (0.999, 1.0);
        let observables =
            ShowerObservables::compute(&photons(), voxels.view(), &[256.0]).expect("fits");
        let value = |name| observables.by_name(name).expect("known")[0];
        assert_eq!((value("E_0"), value("sparsity_0")), (1.0, 0.875));
        assert_eq!((value("ECr_0"), value("Wr_0")), (7.5, 0.0));
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let voxels = Array2::<f32>::zeros((2, 367));
        let error = ShowerObservables::compute(&photons(), voxels.view(), &[256.0; 2]);
        assert_eq!(
            error.expect_err("is refused").to_string(),
            "voxel energies have shape [2, 367], expected [2, 368]"
        );
    }
}
