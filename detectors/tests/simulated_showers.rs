//! Physics of the parametric showers, through the public interface.

use detectors::simulation::Simulation;
use detectors::{Detector, builtin};

fn simulation(name: &str) -> Simulation {
    Simulation::of(&builtin(name).expect("built in")).expect("has a simulation")
}

/// Showers at one row of conditions.
fn showers(simulation: &Simulation, row: &[f64], count: usize) -> Vec<Vec<f64>> {
    let values = simulation.detector().value_count();
    let block = simulation.events_at(1, 0, &row.repeat(count)).expect("conditions that fit");
    let wide: Vec<f64> = block.values.iter().map(|value| f64::from(*value)).collect();
    wide.chunks(values).map(<[f64]>::to_vec).collect()
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(s, n), x| (s + x, n + 1.0));
    sum / count
}

fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let middle = mean(values.iter().copied());
    (middle, mean(values.iter().map(|x| (x - middle) * (x - middle))).sqrt())
}

fn layer_sums(detector: &Detector, shower: &[f64]) -> Vec<f64> {
    detector.layers().iter().map(|layer| shower[layer.cells()].iter().sum()).collect()
}

/// Mean of x and of y, weighted with the energies of one layer of all showers.
fn centroid_mm(detector: &Detector, layer: usize, showers: &[Vec<f64>]) -> [f64; 2] {
    let layer = &detector.layers()[layer];
    let (x, y) = (layer.eta_midpoints_mm(), layer.phi_midpoints_mm());
    let mut sums = [0.0; 3];
    for shower in showers {
        for ((energy, x), y) in shower[layer.cells()].iter().zip(&x).zip(&y) {
            sums[0] += energy;
            sums[1] += energy * x;
            sums[2] += energy * y;
        }
    }
    [sums[1] / sums[0], sums[2] / sums[0]]
}

#[test]
fn the_mean_depth_grows_by_one_radiation_length_per_e_fold() {
    let electrons = simulation("calochallenge-electrons");
    let x0_per_layer = 0.805;
    let depth = |energy_mev: f64| {
        let depths = showers(&electrons, &[energy_mev], 400).into_iter().map(|shower| {
            let sums = layer_sums(electrons.detector(), &shower);
            let weighted: f64 = sums.iter().zip(0..).map(|(e, k)| e * f64::from(k)).sum();
            weighted / sums.iter().sum::<f64>()
        });
        x0_per_layer * mean(depths)
    };
    // Four e-folds; the shape α grows with the energy too, which adds a little.
    let slope = (depth(2_000.0 * 4.0_f64.exp()) - depth(2_000.0)) / 4.0;
    assert!((0.95..1.2).contains(&slope), "{slope}");
}

#[test]
fn response_and_resolution_of_electrons() {
    let electrons = simulation("calochallenge-electrons");
    for energy_mev in [1_000.0, 16_000.0] {
        let responses: Vec<f64> = showers(&electrons, &[energy_mev], 1_000)
            .iter()
            .map(|shower| shower.iter().sum::<f64>() / energy_mev)
            .collect();
        let (response, spread) = mean_and_spread(&responses);
        assert!((response - 0.967).abs() < 0.02, "{energy_mev}: {response}");
        let term = spread / response * f64::sqrt(1e-3 * energy_mev);
        assert!((term - 0.132).abs() < 0.015, "{energy_mev}: {term}");
    }
}

#[test]
fn a_tera_electronvolt_is_as_well_measured_as_its_many_spots_allow() {
    let electrons = simulation("calochallenge-electrons");
    let energy_mev = 1e6;
    let responses: Vec<f64> = showers(&electrons, &[energy_mev], 100)
        .iter()
        .map(|shower| shower.iter().sum::<f64>() / energy_mev)
        .collect();
    let (response, spread) = mean_and_spread(&responses);
    assert!((response - 0.96).abs() < 0.02, "{response}");
    assert!(spread < 0.01, "{spread}");
}

#[test]
fn half_and_nine_tenths_of_an_electrons_energy_are_near_the_axis() {
    let electrons = simulation("calochallenge-electrons");
    let detector = electrons.detector();
    let mut rings = [0.0; 9];
    for shower in showers(&electrons, &[8_000.0], 300) {
        shower.iter().enumerate().for_each(|(index, energy)| rings[index % 9] += energy);
    }
    let edges = detector.layers()[0].radial_edges_mm().expect("rings");
    let radius = |part: f64| {
        let wanted = part * rings.iter().sum::<f64>();
        let mut sum = 0.0;
        for (ring, pair) in rings.iter().zip(edges.windows(2)) {
            if sum + ring >= wanted {
                return pair[0] + (wanted - sum) / ring * (pair[1] - pair[0]);
            }
            sum += ring;
        }
        unreachable!("all rings hold everything")
    };
    // Geant4: 3.3 and 12.5 mm; the Molière radius is 10.9 mm.
    let (half, most) = (radius(0.5), radius(0.9));
    assert!((2.9..3.7).contains(&half), "{half}");
    assert!((11.0..14.0).contains(&most), "{most}");
}

#[test]
fn photons_start_deeper_than_electrons() {
    let photons = builtin("calochallenge-photons").expect("built in");
    let text = photons.to_toml().replace("primary = \"photon\"", "primary = \"electron\"");
    let electrons = Detector::from_toml(&text).expect("a valid description");
    let strips_part = |detector: &Detector| {
        let simulation = Simulation::of(detector).expect("has a simulation");
        mean(showers(&simulation, &[8_192.0], 500).iter().map(|shower| {
            let sums = layer_sums(detector, shower);
            sums[1] / sums.iter().sum::<f64>()
        }))
    };
    let (of_photons, of_electrons) = (strips_part(&photons), strips_part(&electrons));
    assert!((of_photons - 0.22).abs() < 0.02, "{of_photons}");
    assert!(of_electrons > of_photons + 0.05, "{of_electrons}");
}

#[test]
fn pions_respond_less_than_electrons_and_in_the_hadronic_layers() {
    let pions = simulation("calochallenge-pions");
    let showers = showers(&pions, &[8_192.0], 1_000);
    let responses: Vec<f64> =
        showers.iter().map(|shower| shower.iter().sum::<f64>() / 8_192.0).collect();
    let (response, spread) = mean_and_spread(&responses);
    assert!((0.75..0.92).contains(&response), "{response}");
    let term = spread / response * 8.192_f64.sqrt();
    assert!((0.33..0.45).contains(&term), "{term}");
    let tile = mean(showers.iter().map(|shower| {
        let sums = layer_sums(pions.detector(), shower);
        sums[4..].iter().sum::<f64>() / sums.iter().sum::<f64>().max(1e-9)
    }));
    assert!((0.35..0.65).contains(&tile), "{tile}");
}

#[test]
fn a_tilted_shower_drifts_by_the_tangent_of_its_angle() {
    // Layers 14 and 4 of 5.05 mm are 50.5 mm apart.
    let clic = simulation("clic-ecal-51");
    let polar = 1.2_f64;
    let tilted = showers(&clic, &[50_000.0, polar], 100);
    let [x14, y14] = centroid_mm(clic.detector(), 14, &tilted);
    let [x4, _] = centroid_mm(clic.detector(), 4, &tilted);
    let expected = 50.5 / polar.tan();
    assert!((x14 - x4 - expected).abs() < 0.1 * expected, "{x14} {x4}, expected {expected}");
    assert!(y14.abs() < 1.0, "{y14}");

    let grid = simulation("regular-grid");
    let (polar, azimuth) = (0.3_f64, 2.0_f64);
    let tilted = showers(&grid, &[50_000.0, polar, azimuth], 100);
    let [x14, y14] = centroid_mm(grid.detector(), 14, &tilted);
    let [x4, y4] = centroid_mm(grid.detector(), 4, &tilted);
    let shift = 50.0 * polar.tan();
    let (x, y) = (shift * azimuth.cos(), shift * azimuth.sin());
    assert!((x14 - x4 - x).abs() < 0.15 * shift, "{x14} {x4}, expected {x}");
    assert!((y14 - y4 - y).abs() < 0.15 * shift, "{y14} {y4}, expected {y}");
}

#[test]
fn the_impact_moves_the_shower_and_the_indices_move_the_coarse_cells() {
    let atlas = simulation("atlas-em-barrel");
    let detector = atlas.detector();
    let at = |phi_index: f64, eta_index: f64, eta: f64, phi: f64| {
        showers(&atlas, &[50_000.0, phi_index, eta_index, eta, phi], 200)
    };
    let middle = |showers: &[Vec<f64>]| centroid_mm(detector, 2, showers);
    let [x, y] = middle(&at(0.0, 0.0, 0.0, 0.0));
    assert!(x.abs() < 1.0 && y.abs() < 1.0, "{x} {y}");
    let [x, y] = middle(&at(0.0, 0.0, 0.01, -0.01));
    assert!(x > 5.0 && y < -5.0, "{x} {y}");

    // The impact cell is the lowest of the four in its coarse cell, or the highest: the shower is
    // then below or above the middle of the coarse cells.
    for (index, sign) in [(0.0, -1.0), (3.0, 1.0)] {
        let [_, y] = centroid_mm(detector, 1, &at(index, 0.0, 0.0, 0.0));
        assert!(y * sign > 1.0, "{index}: {y}");
    }
    for (index, sign) in [(0.0, -1.0), (1.0, 1.0)] {
        let [x, _] = centroid_mm(detector, 3, &at(0.0, index, 0.0, 0.0));
        assert!(x * sign > 5.0, "{index}: {x}");
    }
}

#[test]
fn drawn_energies_are_those_of_the_description() {
    let photons = simulation("calochallenge-photons").events(2, 0, 300);
    let mut energies = photons.conditions;
    energies.sort_by(f64::total_cmp);
    energies.dedup();
    assert_eq!(energies, [256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0]);
    let electrons = simulation("calochallenge-electrons").events(2, 0, 300);
    assert!(electrons.conditions.iter().all(|energy| (1_000.0..=16_000.0).contains(energy)));
}

#[test]
fn simulations_that_make_no_sense_are_refused_by_name() {
    let good = builtin("calochallenge-photons").expect("built in").to_toml();
    let cases = [
        ("kind = \"electromagnetic-shower\"", "kind = \"magic\"", "unknown variant `magic`"),
        ("critical_energy_mev = 10.3", "critical_energy_gev = 0.01", "unknown field"),
        ("critical_energy_mev = 10.3", "critical_energy_mev = 0.0", "`simulation.medium.critical"),
        ("thickness_x0 = 4.24", "thickness_x0 = -4.24", "`thickness_x0` is -4.24"),
        ("read_out = false", "read_out = true", "6 slabs that are read out, expected one for"),
        ("incident_energies_mev = [256.0", "incident_energies_mev = [-256.0", "positive energies"),
    ];
    for (from, to, expected) in cases {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "`{from}` is in the description");
        let message = Detector::from_toml(&bad)
            .and_then(|detector| Simulation::of(&detector).map(|_| ()))
            .expect_err(to)
            .to_string();
        assert!(message.contains(expected), "`{message}` should contain `{expected}`");
    }
    let silent = good.split("[simulation]").next().expect("the part before").to_owned();
    let detector = Detector::from_toml(&silent).expect("a description without a simulation");
    let message = Simulation::of(&detector).expect_err("nothing to simulate").to_string();
    assert!(message.contains("has no `[simulation]`"), "{message}");
}
