use crate::support::{names, showerforge, text};
use crate::surrogate::{Surrogate, path};

#[test]
fn from_a_model_to_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let (surrogate, showers) = (Surrogate::get(), folder.path().join("showers.h5"));
    let (model, valid) = (surrogate.model(), surrogate.valid());
    let run = showerforge(&[
        "generate",
        "--model",
        path(&model),
        "--conditions",
        path(&valid),
        "--output",
        path(&showers),
    ]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let report = folder.path().join("report");
    let arguments = [
        "validate",
        "--reference",
        path(&valid),
        "--generated",
        path(&showers),
        "--detector",
        "calochallenge-photons",
        "--output",
        path(&report),
        "--classifiers",
        "none",
        "--note",
        "trained for ten iterations only",
    ];
    let run = showerforge(&arguments);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let summary = text(&run.stdout);
    assert!(
        summary.contains("worst separation power") && summary.contains("report.html"),
        "{summary}"
    );

    let html = std::fs::read_to_string(report.join("report.html")).unwrap();
    assert!(html.contains("trained for ten iterations only"));
    let json = std::fs::read_to_string(report.join("report.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    // E_tot/E_inc, depth, containment and hits (5), 5 layers with E, sparsity, EC_r and W_r, two
    // with EC and W in η and φ, voxels.
    assert_eq!(json["observables"].as_array().unwrap().len(), 1 + 5 + 5 * 4 + 2 * 4 + 1);
    assert_eq!(json["per_energy"].as_array().unwrap().len(), 6);
    assert_eq!(json["layer_images"].as_array().unwrap().len(), 5);
    let figures = names(&report.join("figures"));
    assert!(figures.iter().filter(|name| name.ends_with(".png")).count() > 30, "{figures:?}");

    let again = showerforge(&arguments);
    assert_eq!(again.status.code(), Some(73), "{}", text(&again.stderr));
}

#[test]
fn samples_that_cannot_be_compared_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let valid = Surrogate::get().valid();
    for (generated, detector, code) in [
        ("tests/fixtures/other_voxels.hdf5", "calochallenge-photons", 65),
        ("tests/fixtures/nan.hdf5", "calochallenge-photons", 65),
        ("tests/fixtures/no_such_file.hdf5", "calochallenge-photons", 66),
        ("tests/fixtures/float32.hdf5", "calochallenge-muons", 78),
    ] {
        let report = folder.path().join("report");
        let run = showerforge(&[
            "validate",
            "--reference",
            path(&valid),
            "--generated",
            generated,
            "--detector",
            detector,
            "--output",
            path(&report),
            "--classifiers",
            "none",
        ]);
        assert_eq!(run.status.code(), Some(code), "{generated}: {}", text(&run.stderr));
    }
}
