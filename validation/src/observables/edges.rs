//! The bins of the figures. For rings they are CaloChallenge's, which picks the ranges of
//! positions by data set and layer number; here the layer's outer radius decides, which is the
//! same for its detectors.

use std::ops::RangeInclusive;

use detectors::{Detector, Family, Layer};

use super::histogram::{linear_edges, logarithmic_edges};
use super::{ObservableKind, Quantity};

/// At most so many bins of counts.
const MOST_COUNT_BINS: f64 = 100.0;

/// Bins of an observable over all events. `reference` is the range of the reference's values.
///
/// | observable | bins |
/// |---|---|
/// | E_tot / E_inc | 100 in 0.5 to 1.5; another ratio, 100 from 0 to the reference's greatest |
/// | E_l (and E_tot) | 39, logarithmic, from the threshold to the greatest value of the reference |
/// | whole numbers | at most 100, each of as many whole numbers, to the reference's greatest |
/// | EC_η, EC_φ | 100 in ±100 mm (±30 mm for compact layers, ±500 mm for wide ones) |
/// | W_η, W_φ | 100 in 0 to 100 mm (30; 400) |
/// | EC_r, W_r | 100 in 0 to 500 mm (42 and 20; 1500) |
/// | the same of rectangles | 100 in ±h (±h/2 if symmetric), 0 to 0.6 h, 0 to h, 0 to h/2 |
/// | sparsity | 20 in 0 to 1; 100 for rectangles |
/// | depth and its width | 100 from 0 to the number of layers, and to half of it |
/// | shares and ratios in 0 to 1 | 100 in 0 to 1 |
/// | radii of containment, other shower shapes, hits of a ring | 100 from 0 to the reference's greatest |
/// | radius of a ring | 100 from 0 to h |
/// | slope of the power spectrum | 100 over the reference's range |
/// | column of a table | 100 in the column's range |
///
/// Compact layers end within 50 mm (data sets 2 and 3), wide ones beyond 1 m (layers 12 to 14 of
/// data set 1). h is the half width of a layer of rectangles.
pub fn bin_edges(
    kind: ObservableKind,
    detector: &Detector,
    reference: RangeInclusive<f64>,
) -> Vec<f64> {
    let maximum = *reference.end();
    let layer = match kind.layer {
        Some(id) => detector.layers().iter().find(|layer| layer.id() == id),
        None => detector.layers().first(),
    };
    let to_the_greatest = || linear_edges(0.0, if maximum > 0.0 { maximum } else { 1.0 }, 100);
    let layers = detector.layers().len() as f64;
    match kind.quantity {
        Quantity::Response if detector.family() == Family::Calorimeter => {
            let expected = detector.sampling_fraction();
            linear_edges(0.5 * expected, 1.5 * expected, 100)
        }
        Quantity::Response | Quantity::Radius50 | Quantity::Radius90 | Quantity::RingHits => {
            to_the_greatest()
        }
        Quantity::RingRadius => linear_edges(0.0, layer.map_or(1.0, Layer::half_width_mm), 100),
        Quantity::Shape(shape) if shape.is_a_fraction() => linear_edges(0.0, 1.0, 100),
        Quantity::Shape(_) => to_the_greatest(),
        Quantity::Third(_) => linear_edges(0.0, 1.0, 100),
        Quantity::Hits => count_edges(-0.5, maximum),
        Quantity::Total | Quantity::LayerTotal | Quantity::Peak if detector.has_whole_numbers() => {
            count_edges(-0.5, maximum)
        }
        Quantity::PowerSlope if maximum > *reference.start() => {
            linear_edges(*reference.start(), maximum, 100)
        }
        Quantity::PowerSlope => linear_edges(maximum - 1.0, maximum + 1.0, 100),
        // A sum of its own right, not one that follows the incident energy: its range is narrow.
        Quantity::Total if detector.normalising_column().is_none() => {
            energy_edges(detector.readout_threshold().max(*reference.start()), maximum, 39)
        }
        Quantity::Peak => {
            energy_edges(detector.readout_threshold().max(*reference.start()), maximum, 39)
        }
        Quantity::Total | Quantity::LayerTotal => {
            energy_edges(detector.readout_threshold(), maximum, 39)
        }
        Quantity::Depth => linear_edges(0.0, layers - 1.0, 100),
        Quantity::DepthWidth => linear_edges(0.0, 0.5 * layers, 100),
        Quantity::Column(column) => match detector.columns().get(column) {
            Some(column) => linear_edges(column.minimum, column.maximum, 100),
            None => linear_edges(0.0, 1.0, 100),
        },
        quantity => match layer {
            Some(layer) if layer.radial_edges_mm().is_none() => {
                edges_of_rectangles(quantity, detector, layer)
            }
            _ => edges_of_rings(quantity, layer.map_or(0.0, Layer::half_width_mm)),
        },
    }
}

fn edges_of_rings(quantity: Quantity, outer_radius_mm: f64) -> Vec<f64> {
    let [compact, normal, wide] = match quantity {
        Quantity::CentreX | Quantity::CentreY => [(-30., 30.), (-100., 100.), (-500., 500.)],
        Quantity::WidthX | Quantity::WidthY => [(0.0, 30.0), (0.0, 100.0), (0.0, 400.0)],
        Quantity::CentreRadius => [(0.0, 42.0), (0.0, 500.0), (0.0, 1500.0)],
        Quantity::WidthRadius => [(0.0, 20.0), (0.0, 500.0), (0.0, 1500.0)],
        _ => return linear_edges(0.0, 1.0, 20),
    };
    let (first, last) = match outer_radius_mm {
        radius if radius <= 50.0 => compact,
        radius if radius <= 1000.0 => normal,
        _ => wide,
    };
    linear_edges(first, last, 100)
}

fn edges_of_rectangles(quantity: Quantity, detector: &Detector, layer: &Layer) -> Vec<f64> {
    let half = layer.half_width_mm();
    let (first, last) = match quantity {
        Quantity::CentreX | Quantity::CentreY if detector.is_azimuthally_symmetric() => {
            (-0.5 * half, 0.5 * half)
        }
        Quantity::CentreX | Quantity::CentreY => (-half, half),
        // An evenly lit square has h/√3.
        Quantity::WidthX | Quantity::WidthY => (0.0, 0.6 * half),
        Quantity::CentreRadius => (0.0, half),
        Quantity::WidthRadius => (0.0, 0.5 * half),
        _ => (0.0, 1.0),
    };
    linear_edges(first, last, 100)
}

/// Bins of E_tot/E_inc at one incident energy: 20 in 0.4 to 1.4; for photons from 4096 MeV, whose
/// resolution is better, in 0.9 to 1.1. All times the sampling fraction of a detector that is not
/// calibrated.
pub fn per_energy_response_edges(detector: &Detector, incident_energy_mev: f64) -> Vec<f64> {
    const PHOTON: i32 = 22;
    let expected = detector.sampling_fraction();
    // CaloChallenge's energies are 2^8, 2^9, … MeV; the narrow range begins with the fifth.
    if detector.pdg_id() == Some(PHOTON) && incident_energy_mev >= 4096.0 {
        linear_edges(0.9 * expected, 1.1 * expected, 20)
    } else {
        linear_edges(0.4 * expected, 1.4 * expected, 20)
    }
}

/// Bins of the single values: 49, logarithmic, from the threshold to the reference's greatest;
/// whole numbers as in [`bin_edges`].
pub fn voxel_edges(detector: &Detector, reference_maximum: f64) -> Vec<f64> {
    if detector.has_whole_numbers() {
        return count_edges(0.5, reference_maximum);
    }
    energy_edges(detector.readout_threshold(), reference_maximum, 49)
}

fn energy_edges(threshold: f64, reference_maximum: f64, bins: usize) -> Vec<f64> {
    /// Width of the axis where there is no threshold, or nothing above it.
    const DECADES: f64 = 1e6;
    let first = match threshold {
        threshold if threshold > 0.0 => threshold,
        _ if reference_maximum > 0.0 => reference_maximum / DECADES,
        _ => 1.0,
    };
    let last = if reference_maximum > first { reference_maximum } else { first * DECADES };
    logarithmic_edges(first, last, bins)
}

/// Bins of whole numbers of equal width, from the half number `first` to beyond `maximum`.
fn count_edges(first: f64, maximum: f64) -> Vec<f64> {
    let span = (maximum - first).max(1.0);
    let width = (span / MOST_COUNT_BINS).ceil();
    let bins = (span / width).ceil() as usize;
    (0..=bins).map(|edge| first + edge as f64 * width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(detector: &Detector, quantity: Quantity, layer: Option<usize>) -> (usize, f64, f64) {
        let edges = bin_edges(ObservableKind { quantity, layer }, detector, 2.0..=777.7);
        (edges.len() - 1, edges[0], edges[edges.len() - 1])
    }

    #[test]
    fn ranges_of_data_set_1_photons() {
        let photons = detectors::builtin("calochallenge-photons").expect("built in");
        assert_eq!(ends(&photons, Quantity::Response, None), (100, 0.5, 1.5));
        let clic = detectors::builtin("clic-ecal-51").expect("built in");
        assert_eq!(ends(&clic, Quantity::Response, None), (100, 0.01, 0.03));
        assert_eq!(ends(&photons, Quantity::LayerTotal, Some(1)), (39, 1.0, 777.7));
        assert_eq!(ends(&photons, Quantity::CentreX, Some(1)), (100, -100.0, 100.0));
        assert_eq!(ends(&photons, Quantity::CentreRadius, Some(12)), (100, 0.0, 1500.0));
        assert_eq!(ends(&photons, Quantity::WidthRadius, Some(3)), (100, 0.0, 500.0));
        assert_eq!(ends(&photons, Quantity::Sparsity, Some(0)), (20, 0.0, 1.0));
        assert_eq!(per_energy_response_edges(&photons, 2048.0)[0], 0.4);
        assert_eq!(per_energy_response_edges(&photons, 4096.0)[0], 0.9);
        assert_eq!(voxel_edges(&photons, 9000.0).len(), 50);
    }

    #[test]
    fn ranges_of_rectangles_counts_and_tables() {
        let rings = detectors::builtin("rich-rings").expect("built in");
        // 64 pixels of 2.8 mm: h = 89.6 mm. 0 to 777 in steps of 8.
        assert_eq!(ends(&rings, Quantity::CentreX, Some(0)), (100, -89.6, 89.6));
        assert_eq!(ends(&rings, Quantity::CentreRadius, Some(0)), (100, 0.0, 89.6));
        assert_eq!(ends(&rings, Quantity::Total, None), (98, -0.5, 783.5));
        assert_eq!(voxel_edges(&rings, 3.0), [0.5, 1.5, 2.5, 3.5]);
        let sky = detectors::builtin("radio-sky").expect("built in");
        assert_eq!(ends(&sky, Quantity::Total, None), (39, 2.0, 777.7));
        let clic = detectors::builtin("clic-ecal-25").expect("built in");
        assert_eq!(ends(&clic, Quantity::Depth, None), (100, 0.0, 24.0));
        let table = detectors::builtin("rich-pid").expect("built in");
        assert_eq!(ends(&table, Quantity::Column(4), None), (100, -150.0, 100.0));
    }

    #[test]
    fn an_empty_reference_still_has_rising_edges() {
        for threshold in [0.0, 1.0] {
            let edges = energy_edges(threshold, 0.0, 39);
            assert!(edges.windows(2).all(|pair| pair[0] < pair[1]), "{edges:?}");
        }
        assert_eq!(count_edges(0.5, 0.0), [0.5, 1.5]);
    }
}
