//! Observables of events, physics of samples and measures of images against numpy, SciPy,
//! scikit-learn, scikit-image and pytorch-msssim: `tests/crosscheck/observables.json`, made by
//! `observables.py` beside it. Run with `--nocapture` to see the greatest differences.

use detectors::Detector;
use ndarray::{Array2, ArrayView2};
use serde_json::Value;
use validation::Sample;
use validation::metrics::images::{
    contrast, filter_kurtosis, ms_ssim, psnr, sharpness_difference, ssim,
};
use validation::observables::{
    EventObservables, VoxelSpectrum, radial_power_spectrum, voxel_edges,
};
use validation::physics::pid::weighted_auc;
use validation::physics::{
    LayerCorrelations, LayerScale, Measured, ProfilePoint, ResolutionPoint, fit_resolution,
    lateral_profile, longitudinal_profile, profile, resolution_points,
};
use validation::tests::separation_power;

const CLOSED_FORM: f64 = 1e-9;

fn fixture() -> Value {
    let text = include_str!("../../tests/crosscheck/observables.json");
    serde_json::from_str(text).expect("the fixture is JSON")
}

fn builtin(name: &str) -> Detector {
    detectors::builtin(name).expect("built in")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

/// v = ((7919 i + 104729 e + 15485863 s) mod 1009) / 10, and 0 where (31 i + 17 e + 13 s) mod 7 < 3.
fn events(count: usize, cells: usize, sample: usize) -> Array2<f64> {
    Array2::from_shape_fn((count, cells), |(e, i)| {
        if (31 * i + 17 * e + 13 * sample) % 7 < 3 {
            return 0.0;
        }
        ((7919 * i + 104_729 * e + 15_485_863 * sample) % 1009) as f64 / 10.0
    })
}

/// Remembers the greatest difference of a measure, and the first number as an example.
struct Differences {
    measure: &'static str,
    tolerance: f64,
    greatest: f64,
    example: Option<(String, f64, f64)>,
}

impl Differences {
    fn of(measure: &'static str, tolerance: f64) -> Self {
        Self { measure, tolerance, greatest: 0.0, example: None }
    }

    /// Relative to the expected number, or to `scale` where that is greater.
    fn check(&mut self, what: &str, found: f64, expected: f64, scale: f64) {
        let difference = (found - expected).abs() / expected.abs().max(scale).max(1e-300);
        self.greatest = self.greatest.max(difference);
        self.example.get_or_insert_with(|| (what.to_owned(), found, expected));
        let (measure, tolerance) = (self.measure, self.tolerance);
        assert!(difference <= tolerance, "{measure}, {what}: {found}, expected {expected}");
    }
}

impl Drop for Differences {
    fn drop(&mut self) {
        let (measure, greatest) = (self.measure, self.greatest);
        if let Some((what, ours, theirs)) = &self.example {
            eprintln!("| {measure}, {what} | {ours:.10} | {theirs:.10} | | {greatest:.1e} |");
        }
    }
}

#[test]
fn every_observable_of_an_event() {
    let fixture = fixture();
    for (name, expected) in fixture["events"].as_object().expect("an object") {
        let detector = builtin(name);
        let values = events(3, detector.value_count(), 1);
        let found =
            EventObservables::compute(&detector, values.view(), &[1000.0; 3]).expect("fits");
        let mut differences = Differences::of("observables of events", CLOSED_FORM);
        let expected = expected.as_object().expect("an object");
        for (observable, expected) in expected {
            let column = found.by_name(observable).unwrap_or_else(|| panic!("{observable}"));
            for (event, expected) in numbers(expected).into_iter().enumerate() {
                // Means about 0 are known to the rounding of what they are means of, about 100 mm.
                let what = format!("{name} {observable} of event {event}");
                differences.check(&what, column[event], expected, 1e-3);
            }
        }
        // Of many layers, the fixture has the whole event only.
        let whole = found.kinds().iter().filter(|kind| kind.layer.is_none()).count();
        let all = found.kinds().len();
        assert!(expected.len() == all || expected.len() == whole, "{name}: {}", expected.len());
    }
}

#[test]
fn spectra_of_voxels_and_their_separation() {
    let fixture = fixture();
    for (name, expected) in fixture["voxels"].as_object().expect("an object") {
        let detector = builtin(name);
        let of = |sample| events(64, detector.value_count(), sample);
        let (reference, generated) = (of(1), of(2));
        let greatest = reference.iter().copied().fold(0.0, f64::max);
        let edges = voxel_edges(&detector, greatest);
        let fill = |values: ArrayView2<'_, f64>| {
            VoxelSpectrum::fill(&edges, values, detector.readout_threshold()).total(None).counts
        };
        let (reference, generated) = (fill(reference.view()), fill(generated.view()));
        assert_eq!(reference, numbers(&expected["reference"]), "{name}");
        assert_eq!(generated, numbers(&expected["generated"]), "{name}");
        let separation = separation_power(&reference, &generated);
        let mut differences = Differences::of("separation of voxels", CLOSED_FORM);
        differences.check(name, separation, number(&expected["separation"]), 0.0);
    }
}

fn sample(detector: &Detector, count: usize, number: usize, weights: Option<Vec<f64>>) -> Sample {
    let values = events(count, detector.value_count(), number).mapv(|value| value as f32);
    let mut conditions = Array2::zeros((count, detector.condition_width()));
    for (event, mut row) in conditions.outer_iter_mut().enumerate() {
        row[0] = 1000.0 * f64::from(1 << (event % 4));
    }
    Sample::new("sample", detector, conditions, values, weights, Vec::new()).expect("valid")
}

fn check_point(differences: &mut Differences, what: &str, point: &ProfilePoint, expected: &[f64]) {
    let found = [point.mean.value, point.mean.error, point.spread.value, point.spread.error];
    for (found, &expected) in found.iter().zip(expected) {
        differences.check(what, *found, expected, 1e-6);
    }
}

#[test]
fn profiles_correlations_and_resolution_of_samples() {
    let fixture = fixture();
    for (name, expected) in fixture["samples"].as_object().expect("an object") {
        let detector = builtin(name);
        let count = number(&expected["events"]) as usize;
        let weights = |shift: f64| -> Option<Vec<f64>> {
            Some((0..count).map(|event| (event * 37 % 11) as f64 + shift).collect())
        };
        let plain = sample(&detector, count, 1, None);
        let positive = sample(&detector, count, 1, weights(0.5));
        let signed = sample(&detector, count, 1, weights(-2.0));

        let mut profiles = Differences::of("longitudinal and lateral profiles", CLOSED_FORM);
        for (key, sample, scale) in [
            ("longitudinal", &signed, LayerScale::Energy),
            ("longitudinal_over_E_inc", &plain, LayerScale::OverIncident),
        ] {
            let found = longitudinal_profile(sample, scale);
            let expected = expected[key].as_array().expect("a list");
            assert_eq!(found.len(), expected.len());
            for (layer, (point, expected)) in found.iter().zip(expected).enumerate() {
                assert_eq!((point.low + point.high) / 2.0, layer as f64);
                check_point(&mut profiles, &format!("{name} {key}"), point, &numbers(expected));
            }
        }
        let found = lateral_profile(&signed);
        let rings = expected["lateral"].as_array().expect("a list");
        assert_eq!(found.len(), rings.len(), "{name}");
        for (point, expected) in found.iter().zip(rings) {
            let expected = numbers(expected);
            profiles.check("edge", point.low, expected[0], 1.0);
            profiles.check("edge", point.high, expected[1], 1.0);
            check_point(&mut profiles, &format!("{name} lateral"), point, &expected[2..]);
        }

        let mut correlations = Differences::of("Pearson correlations", CLOSED_FORM);
        let own = LayerCorrelations::of(&plain).expect("layers");
        for (key, found) in [
            ("correlation", &own),
            ("correlation_weighted", &LayerCorrelations::of(&positive).expect("layers")),
        ] {
            for (row, expected) in expected[key].as_object().expect("an object") {
                let row: usize = row.parse().expect("a number");
                for (found, expected) in found.coefficients[row].iter().zip(numbers(expected)) {
                    correlations.check(&format!("{name} {key} {row}"), *found, expected, 1e-3);
                }
            }
        }
        let other = LayerCorrelations::of(&sample(&detector, count, 2, None)).expect("layers");
        let difference = own.difference(&other).expect("same layers");
        let expected_of = |key: &str| number(&expected[key]);
        correlations.check(name, difference.greatest, expected_of("greatest_difference"), 1e-3);
        correlations.check(name, difference.root_mean_square, expected_of("rms_difference"), 1e-3);

        let mut resolution = Differences::of("response and resolution", CLOSED_FORM);
        let found = resolution_points(&positive, &positive);
        let expected = expected["resolution"].as_array().expect("a list");
        assert_eq!(found.len(), expected.len());
        for (point, expected) in found.iter().zip(expected) {
            let found = [
                point.incident_energy_mev,
                point.response.value,
                point.response.error,
                point.resolution.value,
                point.resolution.error,
            ];
            for (found, expected) in found.iter().zip(numbers(expected)) {
                resolution.check(name, *found, expected, 0.0);
            }
        }
    }
}

#[test]
fn the_fit_of_the_resolution() {
    // An iteration: SciPy's ends at its own precision.
    let mut differences = Differences::of("fit of the resolution", 1e-6);
    for case in fixture()["resolution_fits"].as_array().expect("a list") {
        let of = |key: &str| numbers(&case[key]);
        let points: Vec<ResolutionPoint> = of("energy_mev")
            .into_iter()
            .zip(of("resolution"))
            .zip(of("error"))
            .map(|((incident_energy_mev, value), error)| ResolutionPoint {
                incident_energy_mev,
                events: 1000,
                response: Measured { value: 1.0, error: 0.01 },
                resolution: Measured { value, error },
            })
            .collect();
        let fit = fit_resolution(&points).expect("enough points");
        let name = case["name"].as_str().expect("a name");
        let terms = case["terms"].as_str().expect("letters");
        let coefficients = [("a", fit.stochastic), ("b", fit.noise), ("c", fit.constant)];
        let (expected, errors) = (of("coefficients"), of("errors"));
        for (letter, found) in coefficients {
            match terms.find(letter) {
                Some(index) => {
                    differences.check(
                        &format!("{name} {letter}"),
                        found.value,
                        expected[index],
                        0.0,
                    );
                    let error = found.error.expect("the term is there");
                    differences.check(&format!("{name} ±{letter}"), error, errors[index], 0.0);
                }
                None => assert_eq!((found.value, found.error), (0.0, None), "{name} {letter}"),
            }
        }
        differences.check(name, fit.chi2, number(&case["chi2"]), 0.0);
        assert_eq!(fit.ndf, points.len() - terms.len());
    }
}

#[test]
fn areas_between_species() {
    let fixture = fixture();
    let expected = &fixture["tracks"];
    let signal = |i: usize| (i * 7919 % 211) as f64 / 10.0 + 3.0;
    let background = |i: usize| (i * 104_729 % 223) as f64 / 10.0;
    let mut differences = Differences::of("weighted AUC", CLOSED_FORM);
    for (key, shifts) in
        [("unweighted", None), ("positive", Some((0.5, 0.25))), ("signed", Some((-2.0, -1.0)))]
    {
        let weight = |i: usize, step: usize, modulus: usize, shift: Option<f64>| {
            shift.map_or(1.0, |shift| (i * step % modulus) as f64 + shift)
        };
        let first: Vec<(f64, f64)> =
            (0..300).map(|i| (signal(i), weight(i, 37, 11, shifts.map(|s| s.0)))).collect();
        let second: Vec<(f64, f64)> =
            (0..250).map(|i| (background(i), weight(i, 17, 7, shifts.map(|s| s.1)))).collect();
        let found = weighted_auc(&first, &second).expect("enough tracks");
        let expected_of_key = numbers(&expected[key]);
        differences.check(key, found.value, expected_of_key[0], 0.0);
        differences.check(key, found.error, expected_of_key[1], 0.0);
        if let Some(theirs) = expected.get(format!("sklearn_{key}")) {
            differences.check(key, found.value, number(theirs), 0.0);
        }
    }
}

#[test]
fn a_profile_in_bins_of_momentum() {
    let fixture = fixture();
    let expected = &fixture["momentum_profile"];
    let x: Vec<f64> = (0..400).map(|i| 3000.0 * (1.0 + (i * 7919 % 397) as f64 / 12.0)).collect();
    let y: Vec<f64> = (0..400).map(|i| (i * 104_729 % 1009) as f64 / 10.0).collect();
    let found = profile(&x, &y, None, &numbers(&expected["edges"]));
    let count = numbers(&expected["count"]);
    assert_eq!(found.len(), count.iter().filter(|count| **count >= 2.0).count());
    let mut differences = Differences::of("profile in bins", CLOSED_FORM);
    let theirs = numbers(&expected["mean"]).into_iter().zip(numbers(&expected["spread"]));
    let theirs = theirs.zip(count).filter(|(_, count)| *count >= 2.0);
    for (point, ((mean, spread), count)) in found.iter().zip(theirs) {
        assert_eq!(point.events, count as usize);
        differences.check("mean", point.mean.value, mean, 0.0);
        differences.check("spread", point.spread.value, spread, 0.0);
    }
}

#[test]
fn measures_of_images() {
    for expected in fixture()["images"].as_array().expect("a list") {
        let size = number(&expected["size"]) as usize;
        let a = Array2::from_shape_fn((size, size), |(y, x)| {
            50.0 + 30.0 * ((x * x + 3 * y * y) % 97) as f64 / 97.0 + 0.5 * x as f64
        });
        let b = Array2::from_shape_fn((size, size), |(y, x)| {
            a[[y, x]] + ((7919 * x + 104_729 * y) % 101) as f64 / 10.0 - 5.0
        });
        let range = number(&expected["range"]);
        let pair = (a.view(), b.view());
        let filters: Vec<Array2<f64>> = [1, 2, 3]
            .map(|s| {
                Array2::from_shape_fn((8, 8), |(y, x)| {
                    ((8 * y + x) * 7919 + s * 31) as f64 % 113.0 / 56.0 - 1.0
                })
            })
            .to_vec();
        let spectrum = radial_power_spectrum(b.view());
        let mut found = vec![
            ("psnr", psnr(pair.0, pair.1, range).expect("fits")),
            ("ssim", ssim(pair.0, pair.1, range).expect("fits")),
            ("sharpness_difference", sharpness_difference(pair.0, pair.1, range).expect("fits")),
            ("contrast", contrast(b.view())),
            ("filter_kurtosis", filter_kurtosis(b.view(), &filters).expect("fits")),
            ("power_slope", spectrum.slope()),
        ];
        if size >= 176 {
            found.push(("ms_ssim", ms_ssim(pair.0, pair.1, range).expect("fits")));
        }
        for (name, found) in found {
            let mut differences = Differences::of(name, CLOSED_FORM);
            differences.check(&size.to_string(), found, number(&expected[name]), 0.0);
        }
        let mut differences = Differences::of("radial power spectrum", CLOSED_FORM);
        for (found, expected) in spectrum.power.iter().zip(numbers(&expected["power"])) {
            differences.check(&size.to_string(), *found, expected, 0.0);
        }
    }
}
