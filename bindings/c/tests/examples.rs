//! The C++ examples: compiled, and run on event 12,345, which the program generates too.

use std::path::{Path, PathBuf};
use std::process::Command;

use showerforge::generate::Surrogate;

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn repository() -> PathBuf {
    crate_folder().join("../..")
}

fn model() -> PathBuf {
    repository().join("data/models/photons-geant4.safetensors")
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    eprint!("{said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Where cargo has put the libraries: beside this test, or one folder up.
fn built() -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    let folders = test.ancestors().skip(1).take(2);
    let found = folders.map(Path::to_owned).find(|folder| {
        ["so", "a"].iter().all(|kind| folder.join(format!("libshowerforge_c.{kind}")).exists())
    });
    found.expect("the libraries are built with the tests")
}

fn install(prefix: &Path) {
    let script = repository().join("scripts/install-c.sh");
    run(Command::new(script).arg(built()).arg(prefix).env_remove("DESTDIR"));
}

#[test]
fn the_cpp_example_makes_the_same_event_12345() {
    let missing: Vec<_> =
        ["cmake", "c++", "pkg-config"].into_iter().filter(|program| !is_there(program)).collect();
    if cfg!(not(target_os = "linux")) || !missing.is_empty() {
        eprintln!("SKIPPED: the C++ example is not built; missing: {}", missing.join(", "));
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (prefix, build) = (folder.path().join("a prefix"), folder.path().join("build"));
    install(&prefix);
    let pkg_config = prefix.join("lib/pkgconfig");
    run(Command::new("cmake")
        .env("PKG_CONFIG_PATH", &pkg_config)
        .args(["-DCMAKE_BUILD_TYPE=Release", "-S"])
        .arg(crate_folder().join("examples/cpp"))
        .arg("-B")
        .arg(&build));
    run(Command::new("cmake").arg("--build").arg(&build));
    let shower = build.join("shower");
    let values = run(Command::new(&shower).arg(model()).args(["1", "12345", "1024"]));
    let values: Vec<f32> = values.lines().map(|line| line.parse().expect("a number")).collect();

    let surrogate = Surrogate::open(&model()).expect("a model");
    let expected = surrogate.generate(1, 12_345, ndarray::array![[1024.0]].view()).expect("made");
    assert_eq!(values, expected.into_iter().collect::<Vec<f32>>());

    let again = folder.path().join("static");
    run(Command::new("c++")
        .args(["-std=c++17", "-I"])
        .arg(prefix.join("include"))
        .arg(crate_folder().join("examples/cpp/shower.cpp"))
        .arg(prefix.join("lib/libshowerforge.a"))
        .args(["-Wl,--gc-sections", "-lpthread", "-ldl", "-lm", "-o"])
        .arg(&again));
    let again = run(Command::new(&again).arg(model()).args(["1", "12345", "1024"]));
    let again: Vec<f32> = again.lines().map(|line| line.parse().expect("a number")).collect();
    assert_eq!(again, values, "the static library");

    let said =
        run(Command::new(&shower).arg(model()).args(["1", "0", "1024", "--stress", "256", "8"]));
    assert!(said.starts_with("256 events on 8 threads, 0 differ"), "{said}");
    let failed = Command::new(&shower).arg(model()).args(["1", "0", "nan"]).output().expect("runs");
    assert!(!failed.status.success());
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(said.contains("`incident_energy` of event 0 is NaN"), "{said}");
    has_no_errors_under_valgrind(&shower);
}

/// No bad access, no use of what was never set, no leak: of a model that is opened, one event, and an
/// error.
fn has_no_errors_under_valgrind(shower: &Path) {
    if !is_there("valgrind") {
        eprintln!("SKIPPED: the C++ example is not run under valgrind, which is missing");
        return;
    }
    for (energy, expected) in [("1024", 0), ("nan", 1)] {
        let output = Command::new("valgrind")
            .args(["--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=all"])
            .arg("--errors-for-leak-kinds=all")
            .arg(format!("--suppressions={}/tests/valgrind.supp", crate_folder().display()))
            .arg(shower)
            .arg(model())
            .args(["1", "12345", energy])
            .output()
            .expect("it can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{said}");
        let summary = said.lines().find(|line| line.contains("ERROR SUMMARY"));
        eprintln!("valgrind, {energy} MeV: {}", summary.unwrap_or("no summary"));
    }
}

/// Against declarations of our own, since Geant4 is in no registry.
#[test]
fn the_geant4_example_compiles_against_stand_ins() {
    if !is_there("c++") {
        eprintln!("SKIPPED: the Geant4 example is not compiled; missing: c++");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for name in [
        "Event",
        "EventManager",
        "FastHit",
        "FastSimHitMaker",
        "FastStep",
        "FastTrack",
        "ParticleDefinition",
        "Run",
        "RunManager",
        "SystemOfUnits",
        "ThreeVector",
        "Track",
        "VFastSimulationModel",
    ] {
        let include = "#pragma once\n#include \"geant4_stand_in.hh\"\n";
        let path = folder.path().join(format!("G4{name}.hh"));
        showerforge::files::write_atomically(&path, include.as_bytes(), false).expect("written");
    }
    let examples = crate_folder().join("examples");
    run(Command::new("c++")
        .args(["-std=c++17", "-Wall", "-Wextra", "-Wno-mismatched-tags", "-fsyntax-only", "-I"])
        .arg(folder.path())
        .arg("-I")
        .arg(crate_folder().join("tests"))
        .arg("-I")
        .arg(crate_folder().join("include"))
        .arg("-I")
        .arg(examples.join("cpp"))
        .arg(examples.join("geant4/ShowerModel.cc")));
}
