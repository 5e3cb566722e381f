use crate::support::{showerforge, text};
use crate::surrogate::{SETTINGS, Surrogate, path};

#[test]
fn a_surrogate_is_judged_at_the_energy_it_never_saw() {
    let folder = tempfile::tempdir().unwrap();
    let valid = Surrogate::get().valid();
    let config = folder.path().join("tiny.toml");
    std::fs::write(&config, SETTINGS).unwrap();
    let out = folder.path().join("interpolation");
    let arguments = [
        "leave-one-out",
        path(&config),
        "--data",
        path(&valid),
        "--valid",
        path(&valid),
        "--energy",
        "1024",
        "--max-iterations",
        "2",
        "--out",
        path(&out),
    ];
    let run = showerforge(&arguments);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains("| 1024 | interpolation | Red |"), "{}", text(&run.stdout));
    let one = out.join("without_1024_mev");
    assert!(one.join("report/report.html").exists() && one.join("generated.hdf5").exists());
    let rows = std::fs::read_to_string(out.join("leave-one-out.json")).unwrap();
    let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
    assert_eq!(rows[0]["extrapolation"], false);
    let report = std::fs::read_to_string(one.join("report/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let energies = report["reference"]["discrete_energies"].as_array().unwrap();
    assert_eq!((energies.len(), &energies[0][0]), (1, &serde_json::json!(1024.0)));

    // What is done is not done again.
    std::fs::remove_file(one.join("run/model.safetensors")).unwrap();
    let again = showerforge(&arguments);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert_eq!(text(&again.stdout), text(&run.stdout));

    let none = showerforge(&[&arguments[..7], &["777"], &arguments[8..]].concat());
    assert_eq!(none.status.code(), Some(65));
    assert!(text(&none.stderr).contains("no events at 777 MeV"), "{}", text(&none.stderr));
}
