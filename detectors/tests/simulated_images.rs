//! Physics of the parametric rings, likelihoods and radio maps, through the public interface.

use detectors::simulation::Simulation;
use detectors::{Detector, builtin};

const FOCAL_LENGTH_MM: f64 = 1_350.0;
const ELECTRON: f64 = 0.0;
const PION: f64 = 2.0;
const KAON: f64 = 3.0;

fn simulation(name: &str) -> Simulation {
    Simulation::of(&builtin(name).expect("built in")).expect("has a simulation")
}

/// Images of tracks with nothing else in the detector.
fn rings(momentum_mev: f64, species: f64, count: usize) -> Vec<f32> {
    let row = [momentum_mev, 3.5, 0.0, species];
    simulation("rich-rings").events_at(1, 0, &row.repeat(count)).expect("conditions").values
}

#[test]
fn nothing_is_seen_below_the_threshold_momentum() {
    // n − 1 is at most 1.56e-3 here: m / √(n² − 1) is 8.8 GeV or more for kaons.
    assert_eq!(rings(8_700.0, KAON, 50).iter().sum::<f32>(), 0.0);
    assert!(rings(12_000.0, KAON, 50).iter().sum::<f32>() > 50.0);
    // Pions: 2.5 GeV.
    assert!(rings(3_000.0, PION, 50).iter().sum::<f32>() > 50.0);
}

#[test]
fn a_fast_ring_has_the_radius_and_the_photons_of_frank_and_tamm() {
    let count = 400;
    let images = rings(80_000.0, ELECTRON, count);
    let hits = f64::from(images.iter().sum::<f32>()) / count as f64;
    // The efficiency integrates to 0.3591 eV; at a typical n − 1 = 1.46e-3, sin²θ = 1 − 1/n². A few
    // photons share a pixel.
    let sine_squared = 1.0 - 1.0 / (1.00146_f64 * 1.00146);
    let photons = 36.981 * 850.0 / 3.5_f64.tanh() * 0.3591 * sine_squared;
    assert!((0.88 * photons..1.02 * photons).contains(&hits), "{hits}, {photons} photons");

    let middle = |pixel: usize| (pixel as f64 - 31.5) * 2.8;
    let (mut sum, mut all) = (0.0, 0.0);
    for (index, hit) in images.iter().enumerate() {
        let pixel = index % 4096;
        sum += f64::from(*hit) * middle(pixel % 64).hypot(middle(pixel / 64));
        all += f64::from(*hit);
    }
    let expected = FOCAL_LENGTH_MM * (sine_squared / (1.0 - sine_squared)).sqrt();
    assert!((sum / all - expected).abs() < 1.0, "{}, expected {expected}", sum / all);
}

#[test]
fn images_hold_ones_and_grow_with_the_number_of_tracks() {
    let rings = simulation("rich-rings");
    let hits = |tracks: f64| {
        let block = rings.events_at(3, 0, &[20_000.0, 3.5, tracks, PION].repeat(100));
        let values = block.expect("conditions that fit").values;
        assert!(values.iter().all(|value| *value == 0.0 || *value == 1.0));
        values.iter().sum::<f32>() / 100.0
    };
    let (few, many) = (hits(50.0), hits(400.0));
    assert!(many > 3.0 * few, "{few} {many}");
    // The mean of the Geant4 images is 505.
    let drawn = rings.events(4, 0, 1_000).values.iter().sum::<f32>() / 1_000.0;
    assert!((450.0..560.0).contains(&drawn), "{drawn}");
}

#[test]
fn likelihoods_tell_kaons_from_pions() {
    let pid = simulation("rich-pid");
    let differences = |momentum_mev: f64, species: f64| {
        let row = [momentum_mev, 3.5, 100.0, species];
        pid.events_at(5, 0, &row.repeat(300)).expect("conditions that fit").values
    };
    let right = |values: &[f32], positive: bool| {
        let hits = values.chunks(5).filter(|row| (row[2] > 0.0) == positive).count();
        hits as f64 / 300.0
    };
    assert!(right(&differences(25_000.0, KAON), true) > 0.95);
    assert!(right(&differences(25_000.0, PION), false) > 0.95);
    // Far above both thresholds the rings are alike.
    assert!(right(&differences(95_000.0, PION), false) < 0.85);
    // A kaon that emits nothing looks like a proton and like nothing at all.
    for row in differences(5_000.0, KAON).chunks(5) {
        assert!(row[2] == row[3] && row[3] == row[4], "{row:?}");
    }
}

#[test]
fn weights_are_1_without_a_background_and_take_it_off_with_one() {
    let pure = simulation("rich-pid").events(6, 0, 50).weights.expect("rich-pid has weights");
    assert!(pure.iter().all(|weight| *weight == 1.0));

    let text = builtin("rich-pid").expect("built in").to_toml();
    let mixed =
        text.replace("sweight_background_fraction = 0.0", "sweight_background_fraction = 0.4");
    assert_ne!(mixed, text);
    let detector = Detector::from_toml(&mixed).expect("a valid description");
    let count = 4_000;
    let row = [30_000.0, 3.5, 100.0, KAON];
    let mixture = Simulation::of(&detector).expect("has a simulation");
    let block = mixture.events_at(7, 0, &row.repeat(count)).expect("conditions that fit");
    let weights = block.weights.expect("rich-pid has weights");
    assert!(weights.iter().any(|weight| *weight < 0.0));
    let sum: f64 = weights.iter().sum();
    assert!((sum / count as f64 - 0.6).abs() < 0.05, "{sum}");

    // Mean RichDLLk of kaons: of a pure sample, of the mixture, and of the weighted mixture.
    let pure = simulation("rich-pid").events_at(8, 0, &row.repeat(count)).expect("they fit");
    let mean = |values: &[f32], weights: &[f64]| {
        let weighted = values.chunks(5).zip(weights).map(|(row, w)| w * f64::from(row[2]));
        weighted.sum::<f64>() / weights.iter().sum::<f64>()
    };
    let ones = vec![1.0; count];
    let (truth, raw) = (mean(&pure.values, &ones), mean(&block.values, &ones));
    let weighted = mean(&block.values, &weights);
    assert!((weighted - truth).abs() < 0.25 * (raw - truth).abs(), "{truth} {raw} {weighted}");
}

#[test]
fn both_radio_maps_show_the_same_sky() {
    let sky = simulation("radio-sky");
    let count = 300;
    let block = sky.events(9, 0, count);
    assert!(block.values.iter().all(|value| *value >= 0.0));
    assert!(block.conditions.iter().all(|value| *value >= 0.0));
    let high: f64 = block.values.iter().map(|value| f64::from(*value)).sum();
    let low: f64 = block.conditions.iter().sum();
    // In flux per beam the same sky is brighter by the ratio of the beams' areas: (8/3)².
    let ratio = low / high;
    assert!((5.5..7.5).contains(&ratio), "{ratio}");
    let typical = high / count as f64;
    assert!((50.0..200.0).contains(&typical), "{typical}");
    // Pixel by pixel, the two maps of one sky are correlated, those of two skies are not.
    let correlation = |shift: usize| {
        let pairs = (0..count).flat_map(|event| {
            let other = (event + shift) % count;
            (0..1024).map(move |pixel| (1024 * event + pixel, 1024 * other + pixel))
        });
        let logs: Vec<(f64, f64)> = pairs
            .map(|(h, l)| {
                ((0.1 + f64::from(block.values[h])).ln(), (0.1 + block.conditions[l]).ln())
            })
            .collect();
        let n = logs.len() as f64;
        let (x, y) = logs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0 / n, y + pair.1 / n));
        let [xx, yy, xy] = logs.iter().fold([0.0; 3], |[xx, yy, xy], (a, b)| {
            let (a, b) = (a - x, b - y);
            [xx + a * a, yy + b * b, xy + a * b]
        });
        xy / (xx * yy).sqrt()
    };
    let (same, other) = (correlation(0), correlation(1));
    assert!(same > 0.5 && other.abs() < 0.15, "{same} {other}");
}
