//! The bins of CaloChallenge's figures. The challenge picks the ranges of positions by data set
//! and layer number; here the layer's outer radius decides, which is the same for its detectors.

use detectors::{Calorimeter, Layer};

use super::histogram::{linear_edges, logarithmic_edges};
use super::{ObservableKind, Quantity};

/// Bins of an observable over all incident energies.
///
/// | observable | bins |
/// |---|---|
/// | E_tot / E_inc | 100 in 0.5 to 1.5 |
/// | E_l (and E_tot) | 39, logarithmic, from the threshold to the greatest value of the reference |
/// | EC_η, EC_φ | 100 in ±100 mm (±30 mm for compact layers, ±500 mm for wide ones) |
/// | W_η, W_φ | 100 in 0 to 100 mm (30; 400) |
/// | EC_r, W_r | 100 in 0 to 500 mm (42 and 20; 1500) |
/// | sparsity | 20 in 0 to 1 |
///
/// Compact layers end within 50 mm (data sets 2 and 3), wide ones beyond 1 m (layers 12 to 14 of
/// data set 1).
pub fn bin_edges(kind: ObservableKind, detector: &Calorimeter, reference_maximum: f64) -> Vec<f64> {
    let layer = detector.layers().iter().find(|layer| Some(layer.id()) == kind.layer);
    let [compact, normal, wide] = match kind.quantity {
        Quantity::Response => return linear_edges(0.5, 1.5, 100),
        Quantity::TotalEnergy | Quantity::LayerEnergy => {
            return energy_edges(detector.readout_threshold_mev(), reference_maximum, 39);
        }
        Quantity::Sparsity => return linear_edges(0.0, 1.0, 20),
        Quantity::CentreEta | Quantity::CentrePhi => [(-30., 30.), (-100., 100.), (-500., 500.)],
        Quantity::WidthEta | Quantity::WidthPhi => [(0.0, 30.0), (0.0, 100.0), (0.0, 400.0)],
        Quantity::CentreRadius => [(0.0, 42.0), (0.0, 500.0), (0.0, 1500.0)],
        Quantity::WidthRadius => [(0.0, 20.0), (0.0, 500.0), (0.0, 1500.0)],
    };
    let (first, last) = match layer.map_or(0.0, outer_radius_mm) {
        radius if radius <= 50.0 => compact,
        radius if radius <= 1000.0 => normal,
        _ => wide,
    };
    linear_edges(first, last, 100)
}

/// Bins of E_tot/E_inc at one incident energy: 20 in 0.4 to 1.4; for photons from 4096 MeV, whose
/// resolution is better, in 0.9 to 1.1.
pub fn per_energy_response_edges(detector: &Calorimeter, incident_energy_mev: f64) -> Vec<f64> {
    const PHOTON: i32 = 22;
    // CaloChallenge's energies are 2^8, 2^9, … MeV; the narrow range begins with the fifth.
    if detector.pdg_id() == PHOTON && incident_energy_mev >= 4096.0 {
        linear_edges(0.9, 1.1, 20)
    } else {
        linear_edges(0.4, 1.4, 20)
    }
}

/// Bins of the voxel energies: 49, logarithmic, from the threshold to the reference's greatest.
pub fn voxel_edges(detector: &Calorimeter, reference_maximum_mev: f64) -> Vec<f64> {
    energy_edges(detector.readout_threshold_mev(), reference_maximum_mev, 49)
}

fn energy_edges(threshold_mev: f64, reference_maximum_mev: f64, bins: usize) -> Vec<f64> {
    /// Width of the axis where there is no threshold, or nothing above it.
    const DECADES: f64 = 1e6;
    let first = match threshold_mev {
        threshold if threshold > 0.0 => threshold,
        _ if reference_maximum_mev > 0.0 => reference_maximum_mev / DECADES,
        _ => 1.0,
    };
    let last = if reference_maximum_mev > first { reference_maximum_mev } else { first * DECADES };
    logarithmic_edges(first, last, bins)
}

fn outer_radius_mm(layer: &Layer) -> f64 {
    layer.radial_edges_mm().last().copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_data_set_1_photons() {
        let photons = detectors::builtin("calochallenge-photons").expect("built in");
        let ends = |quantity, layer, maximum| {
            let kind = ObservableKind { quantity, layer };
            let edges = bin_edges(kind, &photons, maximum);
            (edges.len() - 1, edges[0], edges[edges.len() - 1])
        };
        assert_eq!(ends(Quantity::Response, None, 0.0), (100, 0.5, 1.5));
        assert_eq!(ends(Quantity::LayerEnergy, Some(1), 777.7), (39, 1.0, 777.7));
        assert_eq!(ends(Quantity::CentreEta, Some(1), 0.0), (100, -100.0, 100.0));
        assert_eq!(ends(Quantity::CentreRadius, Some(12), 0.0), (100, 0.0, 1500.0));
        assert_eq!(ends(Quantity::WidthRadius, Some(3), 0.0), (100, 0.0, 500.0));
        assert_eq!(ends(Quantity::Sparsity, Some(0), 0.0), (20, 0.0, 1.0));
        assert_eq!(per_energy_response_edges(&photons, 2048.0)[0], 0.4);
        assert_eq!(per_energy_response_edges(&photons, 4096.0)[0], 0.9);
        assert_eq!(voxel_edges(&photons, 9000.0).len(), 50);
    }

    #[test]
    fn an_empty_reference_still_has_rising_edges() {
        for threshold in [0.0, 1.0] {
            let edges = energy_edges(threshold, 0.0, 39);
            assert!(edges.windows(2).all(|pair| pair[0] < pair[1]), "{edges:?}");
        }
    }
}
