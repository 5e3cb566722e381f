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
        "--bootstrap",
        "5",
    ];
    let run = showerforge(&arguments);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let summary = text(&run.stdout);
    for expected in ["worst separation power", "bias of the mean response", "report.html"] {
        assert!(summary.contains(expected), "{summary}");
    }

    let html = std::fs::read_to_string(report.join("report.html")).unwrap();
    assert!(html.contains("trained for ten iterations only"));
    let json = std::fs::read_to_string(report.join("report.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let model = &json["models"][0];
    // E_tot/E_inc, depth, containment and hits, 5 layers with E, sparsity, EC_r and W_r, two with EC
    // and W in η and φ, voxels.
    assert_eq!(model["observables"].as_array().unwrap().len(), 1 + 5 + 5 * 4 + 2 * 4 + 1);
    assert_eq!(model["per_condition"].as_array().unwrap().len(), 6);
    assert_eq!(model["layer_images"].as_array().unwrap().len(), 5);
    assert_eq!(json["thresholds"]["sha256"].as_str().unwrap().len(), 64);
    let file = &json["reference"]["files"][0];
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(json["provenance"]["command"][1], "validate");
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

/// `validate` of the surrogate's validation sample with itself, and more arguments.
fn validate_itself(report: &std::path::Path, more: &[&str]) -> std::process::Output {
    let valid = Surrogate::get().valid();
    let mut arguments =
        vec!["validate", "--reference", path(&valid), "--generated", path(&valid), "--output"];
    arguments.push(path(report));
    arguments.extend(["--detector", "calochallenge-photons", "--bootstrap", "0"]);
    arguments.extend(["--figures", "none", "--floor-splits", "2"]);
    arguments.extend(more);
    showerforge(&arguments)
}

#[test]
fn limits_of_ones_own_are_judged_by_and_carried() {
    let folder = tempfile::tempdir().unwrap();
    let limits = folder.path().join("limits.toml");
    let toml = "format_version = 1\n[[criterion]]\nmeasure = \"copies\"\namber = 0.1\nred = 0.5\n\
                [[criterion]]\nmeasure = \"auc\"\namber = 0.1\nred = 0.5\n";
    std::fs::write(&limits, toml).unwrap();
    let report = folder.path().join("report");
    let run = validate_itself(&report, &["--thresholds", path(&limits), "--only", "duplicates"]);
    assert_eq!(run.status.code(), Some(0), "{}", text_of(&run));
    let json = std::fs::read_to_string(report.join("report.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["thresholds"]["text"], toml);
    let criteria = &json["models"][0]["verdict"]["criteria"];
    // Every event of the sample is one of the reference: itself.
    assert_eq!(criteria[0]["status"], "red");
    assert_eq!(criteria[1]["status"], "abstained");
    assert!(criteria[1]["reason"].as_str().unwrap().contains("no classifier"));

    std::fs::write(&limits, "format_version = 1\n[[criterion]]\nmeasure = \"auc\"\nred = 1\n")
        .unwrap();
    let run = validate_itself(&folder.path().join("other"), &["--thresholds", path(&limits)]);
    assert_eq!(run.status.code(), Some(65));
    assert!(text(&run.stderr).contains("missing field `amber`"), "{}", text(&run.stderr));
}

#[test]
fn several_models_stand_in_one_report() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let valid = Surrogate::get().valid();
    let more = ["--generated", path(&valid), "--name", "one", "--name", "two"];
    let run = validate_itself(&report, &[&more[..], &["--only", "conditions"]].concat());
    assert_eq!(run.status.code(), Some(0), "{}", text_of(&run));
    assert!(text(&run.stdout).contains("== two"), "{}", text(&run.stdout));
    let html = std::fs::read_to_string(report.join("report.html")).unwrap();
    assert!(html.contains("one") && html.contains("two"));
    let run = validate_itself(&folder.path().join("other"), &["--name", "one", "--name", "two"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("`--name` is given 2 times, expected once for each of 1"));
}

#[test]
fn other_conditions_are_refused_reweighted_or_matched_by_choice() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = |name: &str, energies: &str| {
        let output = folder.path().join(name);
        let run = showerforge(&[
            "simulate",
            "--detector",
            "calochallenge-photons",
            "--nevents",
            "300",
            "--energies",
            energies,
            "--seed",
            "3",
            "--output",
            path(&output),
        ]);
        assert_eq!(run.status.code(), Some(0), "{}", text_of(&run));
        output
    };
    let reference = simulated("reference.h5", "256,512");
    let skewed = simulated("skewed.h5", "256,512,512");
    let run = |what: &str| {
        let report = folder.path().join(what);
        let run = showerforge(&[
            "validate",
            "--reference",
            path(&reference),
            "--generated",
            path(&skewed),
            "--detector",
            "calochallenge-photons",
            "--output",
            path(&report),
            "--when-conditions-differ",
            what,
            "--only",
            "conditions",
            "--figures",
            "none",
            "--bootstrap",
            "0",
            "--floor-splits",
            "2",
        ]);
        let json = std::fs::read_to_string(report.join("report.json")).unwrap_or_default();
        (run, serde_json::from_str::<serde_json::Value>(&json).unwrap_or_default())
    };
    let different = |json: &serde_json::Value| {
        json["models"][0]["condition_checks"][0]["difference"].is_string()
    };
    let (_, json) = run("report");
    assert!(different(&json), "{json}");
    let (refused, _) = run("refuse");
    assert_eq!(refused.status.code(), Some(65));
    assert!(text(&refused.stderr).contains("`incident_energy` is distributed otherwise"));
    let (_, json) = run("reweight");
    assert!(!different(&json) && json["notes"][0].as_str().unwrap().contains("weights"));
    let (_, json) = run("match");
    assert!(!different(&json));
    // 100 at 256 MeV decide, and as many at 512.
    assert_eq!(json["models"][0]["generated"]["events"], 200);
}

fn text_of(run: &std::process::Output) -> String {
    text(&run.stderr).to_string()
}
