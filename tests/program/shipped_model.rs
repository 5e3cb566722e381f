//! The trained model in `data/models`, which is large enough for matrix products on several threads.

use assert_cmd::Command;
use showerforge::events::{EventFile, Events};

use crate::support::{photons, repository, showerforge, text};
use crate::surrogate::path;

const MODEL: &str = "data/models/photons-geant4.safetensors";

fn generated(threads: &str, more: &[&str]) -> Events {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("showers.h5");
    Command::cargo_bin("showerforge")
        .unwrap()
        .current_dir(repository())
        .env("RAYON_NUM_THREADS", threads)
        .args(["generate", "--model", MODEL, "--energies", "2^8..2^13", "--output", path(&to)])
        .args(more)
        .assert()
        .success();
    EventFile::open(&to, &photons()).unwrap().read_all().unwrap()
}

#[test]
fn the_same_events_on_any_number_of_threads_and_in_any_split() {
    let whole = generated("1", &["--nevents", "300"]);
    assert_eq!(generated("2", &["--nevents", "300"]), whole);
    let part = generated("5", &["--nevents", "150", "--first-event", "77"]);
    assert_eq!(part.values, whole.values.slice(ndarray::s![77..227, ..]));
}

#[test]
fn the_response_is_that_of_the_geant4_showers() {
    let made = generated("2", &["--nevents", "3000"]);
    let valid = repository().join("data/geant4_photons_valid.hdf5");
    let mut valid = EventFile::open(&valid, &photons()).unwrap().read_all().unwrap();
    valid.apply_readout_threshold(&photons());
    let moments = |showers: &Events, energy_mev: f64| {
        let totals = showers.sums();
        let of_energy: Vec<f64> = totals
            .iter()
            .zip(showers.conditions.column(0))
            .filter(|(_, e)| **e == energy_mev)
            .map(|(total, e)| total / e)
            .collect();
        let n = of_energy.len() as f64;
        let mean = of_energy.iter().sum::<f64>() / n;
        let variance = of_energy.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
        (mean, variance.sqrt(), n)
    };
    for energy_mev in [256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0] {
        let (mean, spread, n) = moments(&made, energy_mev);
        let (expected, expected_spread, _) = moments(&valid, energy_mev);
        // Five standard errors of the difference of two means, and of two spreads.
        let allowed = 5.0 * expected_spread * (2.0 / n).sqrt();
        assert!((mean - expected).abs() < allowed, "{energy_mev} MeV: {mean} for {expected}");
        let allowed = 5.0 * expected_spread / n.sqrt();
        assert!(
            (spread - expected_spread).abs() < allowed,
            "{energy_mev} MeV: spread {spread} for {expected_spread}"
        );
    }
}

#[test]
fn it_describes_itself() {
    let run = showerforge(&["inspect", MODEL]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains("48000 events of photons_train.hdf5, photons_train_2.hdf5"));
}
