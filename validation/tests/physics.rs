//! Physics of simulated samples: what is known of them is found, and what is not there is left out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use detectors::simulation::Simulation;
use detectors::{Detector, builtin_names};
use ndarray::Array2;
use serde::Serialize;
use serde::de::DeserializeOwned;
use validation::Sample;
use validation::observables::{ObservableKind, Quantity};
use validation::physics::pid::{
    PidConditions, TrackBin, dll_spectra, identification_curves, species_aucs, track_bins,
};
use validation::physics::{
    LayerCorrelations, LayerScale, compare_lateral, compare_longitudinal, compare_low_level,
    compare_power_spectra, compare_resolution, compare_rings, lateral_profile, paired_images,
};

fn builtin(name: &str) -> Detector {
    detectors::builtin(name).unwrap()
}

/// Simulated events whose values are multiplied by `scale`.
fn simulated(detector: &Detector, seed: u64, count: usize, scale: f32) -> Sample {
    let block = Simulation::of(detector).unwrap().events(seed, 0, count);
    let conditions =
        Array2::from_shape_vec((count, detector.condition_width()), block.conditions).unwrap();
    let values = Array2::from_shape_vec((count, detector.value_count()), block.values).unwrap();
    let values = values.mapv(|value| value * scale);
    Sample::new("simulated", detector, conditions, values, block.weights, Vec::new()).unwrap()
}

/// What a report keeps must come back from JSON as it was.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    // A number that is not finite would be `null`, which is no number.
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
}

#[test]
fn every_detector_has_the_physics_that_it_can_have() {
    for name in builtin_names() {
        let detector = builtin(name);
        let count = if detector.value_count() > 10_000 { 40 } else { 60 };
        let reference = simulated(&detector, 1, count, 1.0);
        let generated = simulated(&detector, 2, count, 1.0);
        let layers = detector.layers().len() > 1;
        let longitudinal = compare_longitudinal(&reference, &generated, LayerScale::OverIncident);
        assert_eq!(longitudinal.is_some(), layers, "{name}");
        let lateral = compare_lateral(&reference, &generated);
        assert_eq!(lateral.is_some(), layers, "{name}");
        let resolution = compare_resolution(&reference, &generated);
        assert_eq!(resolution.is_some(), layers, "{name}");
        let correlations = LayerCorrelations::of(&reference);
        assert_eq!(correlations.is_some(), layers, "{name}");
        let rings = compare_rings(&reference, &generated, "P", "species");
        assert_eq!(rings.len(), if name == "rich-rings" { 5 } else { 0 }, "{name}");
        let spectra = compare_power_spectra(&reference, &generated);
        assert_eq!(spectra.is_some(), name == "radio-sky");
        let low_level = compare_low_level(&reference, &generated, 1).unwrap();
        assert_eq!(low_level.len(), if name == "radio-sky" { 3 } else { 0 });
        // The conditions of two seeds are not the same.
        assert!(paired_images(&reference, &generated).is_none());
        let conditions = PidConditions::default();
        let all = [TrackBin::default()];
        let curves = identification_curves(&reference, &generated, &conditions, &all);
        assert_eq!(curves.len(), if name == "rich-pid" { 5 } else { 0 }, "{name}");
        round_trip(&(longitudinal, lateral, resolution));
        round_trip(&correlations);
        round_trip(&(rings, spectra, low_level, curves));
    }
}

#[test]
fn rings_of_the_lateral_profile_hold_all_the_energy() {
    for name in ["calochallenge-photons", "clic-ecal-25", "atlas-em-barrel"] {
        let detector = builtin(name);
        let sample = simulated(&detector, 1, 50, 1.0);
        let total = ObservableKind { quantity: Quantity::Total, layer: None };
        let totals = sample.observables().get(total).unwrap();
        let mean = totals.iter().sum::<f64>() / totals.len() as f64;
        let rings = lateral_profile(&sample);
        let sum: f64 = rings.iter().map(|ring| ring.mean.value).sum();
        approx::assert_relative_eq!(sum, mean, max_relative = 1e-9);
        assert!(rings.windows(2).all(|pair| pair[0].high == pair[1].low));
        // An event has 90 % of its energy within its r90, so all have as much within the greatest.
        let r90 = ObservableKind { quantity: Quantity::Radius90, layer: None };
        let most = sample.observables().get(r90).unwrap().iter().copied().fold(0.0, f64::max);
        let within: f64 = rings.iter().filter(|r| r.low < most).map(|r| r.mean.value).sum();
        assert!(within >= 0.9 * mean && most < rings[rings.len() - 1].high, "{name}: {within}");
    }
}

#[test]
fn the_stochastic_term_of_a_simulation_is_found() {
    // 9 % / √E in lead and liquid argon, with fluctuations of the material in front.
    let barrel = builtin("atlas-em-barrel");
    let (reference, scaled) = (simulated(&barrel, 3, 4000, 1.0), simulated(&barrel, 4, 4000, 1.02));
    let found = compare_resolution(&reference, &scaled).unwrap();
    let fit = found.reference_fit.unwrap();
    assert!((0.05..0.15).contains(&fit.stochastic.value), "{fit:?}");
    for point in &found.reference {
        let ratio = fit.at(point.incident_energy_mev) / point.resolution.value;
        assert!((ratio - 1.0).abs() < 0.3, "{ratio} at {} MeV", point.incident_energy_mev);
    }
    for (a, b) in found.reference.iter().zip(&found.generated) {
        assert_eq!(a.incident_energy_mev, b.incident_energy_mev);
        let pull =
            (b.response.value / a.response.value - 1.02) / a.response.error.hypot(b.response.error);
        assert!(pull.abs() < 5.0, "{pull} at {} MeV", a.incident_energy_mev);
        assert!(a.resolution.error > 0.0 && a.resolution.error < a.resolution.value);
    }
}

#[test]
fn a_ring_grows_with_the_momentum_to_that_of_light() {
    let detector = builtin("rich-rings");
    let reference = simulated(&detector, 1, 2500, 1.0);
    let found = compare_rings(&reference, &reference, "P", "species");
    let of = |species: &str, profile: usize| {
        let found = found.iter().find(|one| one.species.as_deref() == Some(species)).unwrap();
        found.profiles[profile].reference.clone()
    };
    // f tan θ with cos θ = 1 / n: 1,350 mm and n − 1 of about 1.4e-3.
    for point in of("electron", 0) {
        assert!((point.mean.value - 72.0).abs() < 5.0, "{point:?}");
    }
    let kaons = of("kaon", 0);
    let (slow, fast) = (kaons.iter().find(|p| p.low > 12_000.0).unwrap(), kaons.last().unwrap());
    assert!(slow.mean.value + 3.0 * slow.mean.error < fast.mean.value, "{slow:?} {fast:?}");
    let photons = of("electron", 1);
    let all = of("electron", 2);
    for (ring, image) in photons.iter().zip(&all) {
        assert!((20.0..45.0).contains(&ring.mean.value), "{ring:?}");
        assert!(image.mean.value > 3.0 * ring.mean.value);
    }
    let missing = compare_rings(&reference, &reference, "momentum", "species");
    assert!(missing.is_empty());
    let together = compare_rings(&reference, &reference, "P", "particle");
    assert_eq!((together.len(), &together[0].species), (1, &None));
}

#[test]
fn kaons_are_told_from_pions_as_well_as_the_sample_says() {
    let detector = builtin("rich-pid");
    let reference = simulated(&detector, 1, 6000, 1.0);
    // A generator whose likelihoods are all half as large orders tracks alike; one whose sign is
    // wrong does not.
    let (same, wrong) = (simulated(&detector, 2, 6000, 0.5), simulated(&detector, 2, 6000, -1.0));
    let conditions = PidConditions::default();
    let bins = track_bins(&reference, &conditions, 5, 1);
    assert_eq!(bins.len(), 5);
    let areas = species_aucs(&reference, &same, &conditions, &bins, false);
    assert_eq!(areas.len(), 5 * 5);
    for area in &areas {
        let error = area.reference.error.hypot(area.generated.error).max(1e-3);
        let pull = (area.reference.value - area.generated.value) / error;
        assert!(pull.abs() < 5.0, "{area:?}");
    }
    let of_kaons: Vec<f64> = areas
        .iter()
        .filter(|area| (area.signal.as_str(), area.background.as_str()) == ("kaon", "pion"))
        .map(|area| area.reference.value)
        .collect();
    // Fast kaons and pions have nearly the same ring.
    assert!(of_kaons[..4].iter().all(|area| *area > 0.85), "{of_kaons:?}");
    assert!(of_kaons[4] < of_kaons[2] && of_kaons[4] > 0.6, "{of_kaons:?}");
    let all = [TrackBin::default()];
    let flipped = species_aucs(&reference, &wrong, &conditions, &all, true);
    assert_eq!(flipped.len(), 10 * 5);
    let kaons = flipped.iter().find(|area| area.signal == "kaon" && area.variable == "RichDLLk");
    assert!(kaons.unwrap().generated.value < 0.2);

    let curves = identification_curves(&reference, &same, &conditions, &all);
    let curve = curves.iter().find(|curve| curve.variable == "RichDLLp - RichDLLk").unwrap();
    assert_eq!((curve.signal.as_str(), curve.background.as_str()), ("proton", "kaon"));
    for curve in &curves {
        for pair in curve.reference.windows(2) {
            assert!(pair[0].cut < pair[1].cut);
            assert!(pair[0].efficiency.value >= pair[1].efficiency.value);
            assert!(pair[0].misidentification.value >= pair[1].misidentification.value);
        }
        // The same order of tracks, the same misidentification at an efficiency.
        for point in &curve.working_points {
            let error = point.reference.error.hypot(point.generated.error).max(1e-3);
            let pull = (point.reference.value - point.generated.value) / error;
            assert!(pull.abs() < 5.0, "{} {point:?}", curve.variable);
        }
    }

    let spectra = dll_spectra(&reference, &same, &conditions, &all, 50);
    assert_eq!(spectra.len(), 5 * 5);
    assert!(spectra.iter().all(|spectrum| spectrum.edges.len() == 51));
    let protons = spectra.iter().find(|s| s.species == "proton" && s.column == "RichDLLp").unwrap();
    assert!(protons.separation > 0.05 && protons.ks_distance > 0.2, "{protons:?}");
}

#[test]
fn pairs_of_maps_are_compared_pixel_by_pixel() {
    let detector = builtin("radio-sky");
    let (reference, brighter) =
        (simulated(&detector, 1, 80, 1.0), simulated(&detector, 1, 80, 1.25));
    let same = paired_images(&reference, &reference).unwrap();
    assert_eq!(same.pairs, 80);
    let recovery = same.flux_recovery.unwrap();
    assert_eq!((recovery.mean.value, recovery.overall, recovery.ratios.len()), (1.0, 1.0, 80));
    // Equal images have an infinite ratio, which no mean can hold.
    let names: Vec<&str> = same.figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names, ["ssim", "ms_ssim"]);
    assert!(same.figures.iter().all(|figure| (figure.mean.value - 1.0).abs() < 1e-9));

    let found = paired_images(&reference, &brighter).unwrap();
    let recovery = found.flux_recovery.clone().unwrap();
    approx::assert_relative_eq!(recovery.mean.value, 1.25, max_relative = 1e-6);
    approx::assert_relative_eq!(recovery.overall, 1.25, max_relative = 1e-6);
    assert_eq!(found.figures.len(), 4);
    assert!(found.figures[1].mean.value < 1.0 && found.figures[1].mean.value > 0.8);
    round_trip(&found);
    let spectra = compare_power_spectra(&reference, &brighter).unwrap();
    assert_eq!(spectra.reference.len(), 16);
    for (a, b) in spectra.reference.iter().zip(&spectra.generated) {
        approx::assert_relative_eq!(b.mean.value, 1.25 * 1.25 * a.mean.value, max_relative = 1e-5);
    }
    assert!(paired_images(&reference, &simulated(&detector, 1, 79, 1.0)).is_none());
}
