//! The parts of a production put together, and looked at.

use std::path::{Path, PathBuf};
use std::process::Output;

use showerforge::events::EventFile;
use showerforge::files::{sha256, write_checksum};
use tempfile::TempDir;

use crate::support::{names, photons, showerforge, text};
use crate::surrogate::{Surrogate, path};

/// Events of one production: `first` and `count` of each part.
struct Production {
    folder: TempDir,
    parts: Vec<PathBuf>,
}

const SETTINGS: [&str; 4] = ["--seed", "6", "--energy-range", "256..8192"];

fn generate(to: &Path, first: u64, count: u64, more: &[&str]) -> PathBuf {
    let (model, first, count) = (Surrogate::get().model(), first.to_string(), count.to_string());
    let mut arguments = vec!["generate", "--model", path(&model), "--output", path(to)];
    arguments.extend(["--first-event", &first, "--nevents", &count]);
    arguments.extend(more);
    let run = showerforge(&arguments);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    to.to_owned()
}

impl Production {
    fn of(parts: &[(u64, u64)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let parts = parts
            .iter()
            .enumerate()
            .map(|(number, (first, count))| {
                // Names that do not sort as the events do.
                let to = folder.path().join(format!("part_{}.h5", parts.len() - number));
                generate(&to, *first, *count, &SETTINGS)
            })
            .collect();
        Self { folder, parts }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn merge(&self, parts: &[&Path], to: &str, more: &[&str]) -> Output {
        let to = self.path(to);
        let mut arguments = vec!["merge"];
        arguments.extend(parts.iter().map(|part| path(part)));
        arguments.extend(["--output", path(&to)]);
        arguments.extend(more);
        showerforge(&arguments)
    }

    fn all(&self) -> Vec<&Path> {
        self.parts.iter().map(PathBuf::as_path).collect()
    }

    /// Nothing is written, and the message has all of `expected`.
    fn assert_refused(&self, parts: &[&Path], more: &[&str], expected: &[&str]) {
        let run = self.merge(parts, "refused.h5", more);
        let said = text(&run.stderr);
        assert_eq!(run.status.code(), Some(65), "{said}");
        for expected in expected {
            assert!(said.contains(expected), "`{said}` should contain `{expected}`");
        }
        assert!(!self.path("refused.h5").exists());
    }
}

fn verify(arguments: &[&str]) -> (i32, String, String) {
    let run = showerforge(&[&["verify"], arguments].concat());
    (run.status.code().unwrap(), text(&run.stdout), text(&run.stderr))
}

#[test]
fn the_parts_put_together_are_the_bytes_of_one_run() {
    // Chunks of 356 events: parts that begin in the middle of one, at its end, and after few events.
    let production = Production::of(&[(712, 1288), (0, 356), (360, 352), (356, 4)]);
    let whole = generate(&production.path("whole.h5"), 0, 2000, &SETTINGS);
    let run = production.merge(&production.all(), "merged.h5", &["--nevents", "2000"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let merged = production.path("merged.h5");
    assert!(std::fs::read(&merged).unwrap() == std::fs::read(&whole).unwrap());
    let checksum = std::fs::read_to_string(production.path("merged.h5.sha256")).unwrap();
    assert_eq!(checksum, format!("{}  merged.h5\n", sha256([merged.as_path()]).unwrap()));
    // Merged parts are parts again.
    let (a, b) = production.parts.split_at(2);
    let some = [&a[1], &b[0], &b[1]].map(PathBuf::as_path);
    assert_eq!(production.merge(&some, "some.h5", &[]).status.code(), Some(0));
    let (some, last) = (production.path("some.h5"), &production.parts[0]);
    assert_eq!(production.merge(&[last, &some], "again.h5", &[]).status.code(), Some(0));
    assert!(std::fs::read(production.path("again.h5")).unwrap() == std::fs::read(&whole).unwrap());
}

#[test]
fn another_compression_of_the_parts_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let production = Production { folder, parts: Vec::new() };
    let of = |name: &str, first, count, gzip: &str| {
        generate(&production.path(name), first, count, &[&SETTINGS[..], &["--gzip", gzip]].concat())
    };
    let whole = of("whole.h5", 0, 1000, "4");
    let parts = [of("a.h5", 0, 712, "1"), of("b.h5", 712, 288, "0")];
    let run = production.merge(&[&parts[1], &parts[0]], "merged.h5", &[]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert!(std::fs::read(production.path("merged.h5")).unwrap() == std::fs::read(whole).unwrap());
}

#[test]
fn what_is_missing_twice_or_of_another_production_is_named() {
    let production = Production::of(&[(0, 10), (10, 10), (30, 10), (45, 5), (15, 10)]);
    let [a, b, c, d, twice] = [0, 1, 2, 3, 4].map(|part| production.parts[part].as_path());
    let missing = ["events 20 to 29 are missing", "part_4.h5", "part_3.h5", "and 1 more gaps"];
    production.assert_refused(&[a, b, c, d], &[], &missing);
    production.assert_refused(&[c, d, a], &[], &["events 10 to 29 are missing"]);
    production.assert_refused(
        &[a, twice, b],
        &[],
        &["events 15 to 19 are in", "part_4.h5` and in", "part_1.h5"],
    );
    production.assert_refused(&[a, b, a], &[], &["events 0 to 9 are in"]);
    production.assert_refused(
        &[a, b],
        &["--nevents", "30"],
        &["have 20 events, expected 30; the last one is event 19"],
    );
    let seed = generate(&production.path("seed.h5"), 20, 10, &["--energy-range", "256..8192"]);
    production.assert_refused(&[a, b, &seed], &[], &["`seed` is `6` and `1`", "seed.h5"]);
    let energies = ["--seed", "6", "--energies", "1000"];
    let settings = generate(&production.path("energies.h5"), 20, 10, &energies);
    production.assert_refused(&[&settings, a, b], &[], &["`conditions` is", "energies.h5"]);
    production.assert_refused(&[a, &Surrogate::get().valid()], &[], &["merge them apart"]);
    production.assert_refused(
        &[&Surrogate::get().valid()],
        &["--allow-gaps"],
        &["none of the files"],
    );
}

#[test]
fn another_model_is_another_production() {
    let production = Production::of(&[(0, 10)]);
    let mut bytes = std::fs::read(Surrogate::get().model()).unwrap();
    let end = bytes.len();
    // The sign of the last weight.
    bytes[end - 1] ^= 0x80;
    let model = production.path("other.safetensors");
    std::fs::write(&model, bytes).unwrap();
    let other = production.path("other.h5");
    let run = showerforge(&[
        "generate",
        "--model",
        path(&model),
        "--output",
        path(&other),
        "--first-event",
        "10",
        "--nevents",
        "10",
        "--seed",
        "6",
        "--energy-range",
        "256..8192",
    ]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    production.assert_refused(
        &[&production.parts[0], &other],
        &[],
        &["are not of one production: `model_sha256` is"],
    );
    let (code, said, _) = verify(&[path(&production.parts[0]), "--model", path(&model)]);
    assert_eq!(code, 65, "{said}");
    assert!(said.contains("it was made by the model"), "{said}");
}

#[test]
fn gaps_are_merged_where_they_are_allowed_and_the_file_says_so() {
    let production = Production::of(&[(30, 10), (0, 10), (10, 5)]);
    let run = production.merge(&production.all(), "gaps.h5", &["--allow-gaps"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains("25 events of 3 files"), "{}", text(&run.stdout));
    let gaps = production.path("gaps.h5");
    let file = EventFile::open(&gaps, &photons()).unwrap();
    let attributes = file.provenance().unwrap();
    for (name, value) in [("gaps", "15-29"), ("events", "25"), ("first_event", "0")] {
        assert!(attributes.contains(&(name.to_owned(), value.to_owned())), "{attributes:?}");
    }
    let last = EventFile::open(&production.parts[0], &photons()).unwrap().read_all().unwrap();
    assert_eq!(file.read(15..25).unwrap(), last);
    let (model, all) = (Surrogate::get().model(), "--all");
    let (code, said, _) = verify(&[path(&gaps), "--model", path(&model), all]);
    assert!(code == 0 && said.contains("25 equal"), "{said}");
    production.assert_refused(&[&gaps], &[], &["has gaps already (15-29)"]);
}

#[test]
fn companions_that_lie_are_found_out() {
    let production = Production::of(&[(0, 10), (10, 10)]);
    let part = &production.parts[0];
    let name = part.file_name().unwrap().to_str().unwrap();
    let (checksum, record) =
        (production.path(&format!("{name}.sha256")), production.path(&format!("{name}.json")));
    let (good_checksum, good_record) =
        (std::fs::read(&checksum).unwrap(), std::fs::read_to_string(&record).unwrap());
    let model = Surrogate::get().model();
    let lies = |expected: &str| {
        production.assert_refused(&production.all(), &[], &[expected, name]);
        let (code, said, error) = verify(&[path(part), "--model", path(&model)]);
        assert_eq!(code, 65, "{said}");
        assert!(said.contains(expected) && said.contains("BAD"), "{said}");
        assert!(error.contains("1 of 1 files are not what they should be"), "{error}");
    };
    write_checksum(part, &"0".repeat(64)).unwrap();
    lies("`.sha256` says 000000");
    std::fs::write(&checksum, "nothing").unwrap();
    lies("is no SHA-256 of");
    std::fs::write(&checksum, good_checksum).unwrap();
    for (from, to, expected) in [
        ("\"events\": 10", "\"events\": 11", "tells of 11 events, the file has 10"),
        ("\"first_event\": 0", "\"first_event\": 5", "has 5 as first event"),
        ("\"seed\": 6", "\"seed\": 7", "has the seed 7"),
        ("\"sha256\": \"", "\"sha256\": \"00", "has the SHA-256 00"),
        ("{", "", "is no record of an output"),
    ] {
        assert!(good_record.contains(from));
        std::fs::write(&record, good_record.replacen(from, to, 1)).unwrap();
        lies(expected);
    }
    std::fs::write(&record, good_record).unwrap();
    assert_eq!(verify(&[path(part)]).0, 0);
    assert_eq!(production.merge(&production.all(), "merged.h5", &[]).status.code(), Some(0));
}

/// The same attributes, other events.
#[test]
fn events_that_the_model_does_not_make_are_found_out() {
    let production = Production::of(&[(100, 50)]);
    let part = &production.parts[0];
    let model = Surrogate::get().model();
    let (code, said, _) = verify(&[path(part), "--model", path(&model)]);
    assert_eq!(code, 0, "{said}");
    for expected in ["good", "20 equal", "there", "compared"] {
        assert!(said.contains(expected), "{said}");
    }
    let json = verify(&[path(part), "--model", path(&model), "--all", "--json"]).1;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["regenerated"], &json[0]["different"]), (&50.into(), &0.into()));

    let file = EventFile::open(part, &photons()).unwrap();
    let (provenance, events) = (file.provenance().unwrap(), file.read_all().unwrap());
    drop(file);
    let rewrite = |name: &str, change: &dyn Fn(&mut showerforge::events::Events)| {
        let mut events = events.clone();
        change(&mut events);
        let to = production.path(name);
        let provenance = showerforge::events::Provenance::of(&provenance);
        let options = showerforge::events::WriteOptions::default();
        let mut writer =
            showerforge::events::EventWriter::create(&to, &photons(), false, &provenance, options)
                .unwrap();
        writer.append(&events).unwrap();
        writer.finish().unwrap();
        to
    };
    let same = rewrite("same.h5", &|_| {});
    assert!(std::fs::read(&same).unwrap() == std::fs::read(part).unwrap());
    let bit = |events: &mut showerforge::events::Events| {
        let hit = events.values.row(33).iter().position(|value| *value > 2.0).unwrap();
        let value = &mut events.values[[33, hit]];
        *value = f32::from_bits(value.to_bits() + 1);
    };
    let changed = rewrite("bit.h5", &bit);
    let (code, said, _) = verify(&[path(&changed), "--model", path(&model), "--all"]);
    assert_eq!(code, 65, "{said}");
    assert!(
        said.contains("1 of 50 events that were made again differ, the first is event 133"),
        "{said}"
    );
    assert!(said.contains("the largest difference is "), "{said}");
    let energy = rewrite("energy.h5", &|events| events.conditions[[7, 0]] = 1000.0);
    let (code, said, _) = verify(&[path(&energy)]);
    assert!(code == 65 && said.contains("the conditions of event 107 are not those of"), "{said}");
    let low = rewrite("low.h5", &|events| events.values[[0, 0]] = 0.01);
    let (code, said, _) = verify(&[path(&low)]);
    assert!(code == 65 && said.contains("1 values are above 0 and below"), "{said}");
    let short =
        rewrite("short.h5", &|events| *events = events.select(&(0..49).collect::<Vec<_>>()));
    let (code, said, _) = verify(&[path(&short), path(part)]);
    assert!(code == 65 && said.contains("its attribute `events` is 50"), "{said}");
    assert!(said.contains("good") && said.contains("BAD"), "{said}");
    production.assert_refused(&[&short], &[], &["has 49 events, its attribute says 50"]);
}

#[test]
fn damage_is_a_row_of_the_table_and_a_missing_file_an_error() {
    let production = Production::of(&[(0, 400)]);
    let part = &production.parts[0];
    let bytes = std::fs::read(part).unwrap();
    let cut = production.path("cut.h5");
    std::fs::write(&cut, &bytes[..bytes.len() - 50]).unwrap();
    let text_file = production.path("text.h5");
    std::fs::write(&text_file, "events").unwrap();
    let (code, said, _) = verify(&[path(&cut), path(&text_file), path(part)]);
    assert_eq!(code, 65, "{said}");
    assert_eq!(said.matches("BAD").count(), 2, "{said}");
    assert_eq!(verify(&[path(&production.path("none.h5"))]).0, 66);
    // A flipped bit of a chunk, where there is no checksum beside the file.
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    let damaged = production.path("damaged.h5");
    std::fs::write(&damaged, flipped).unwrap();
    assert_eq!(verify(&[path(&damaged)]).0, 65);
    assert!(names(production.folder.path()).iter().all(|name| !name.contains("partial")));
}

#[test]
fn conditions_of_files_are_of_the_production_too() {
    let folder = tempfile::tempdir().unwrap();
    let production = Production { folder, parts: Vec::new() };
    let valid = Surrogate::get().valid();
    let conditions = ["--conditions", path(&valid)];
    let of = |name: &str, first, count| generate(&production.path(name), first, count, &conditions);
    let (a, b, whole) = (of("a.h5", 0, 100), of("b.h5", 100, 140), of("whole.h5", 0, 240));
    assert_eq!(production.merge(&[&b, &a], "merged.h5", &[]).status.code(), Some(0));
    assert!(std::fs::read(production.path("merged.h5")).unwrap() == std::fs::read(&whole).unwrap());
    let model = Surrogate::get().model();
    let (code, said, _) = verify(&[path(&whole), "--model", path(&model)]);
    assert!(code == 0 && said.contains("cannot be derived from `240 events of files"), "{said}");
}
