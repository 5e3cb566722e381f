//! Files of other programs, the same events in each.

use std::path::Path;

use hdf5_metno as hdf5;
use ndarray::{Array1, Array3, Array4};
use showerforge::events::{EventFile, EventSet, Events, LayoutChoice, Split};

use crate::support::{repository, showerforge, text};
use crate::surrogate::path;

fn simulated(detector: &str, events: usize, to: &Path) -> Events {
    let run = showerforge(&[
        "simulate",
        "--detector",
        detector,
        "--nevents",
        &events.to_string(),
        "--output",
        path(to),
    ]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let detector = detectors::builtin(detector).unwrap();
    EventFile::open(to, &detector).unwrap().read_all().unwrap()
}

fn close(a: &Events, b: &Events, tolerance: f32) {
    assert_eq!(a.values.dim(), b.values.dim());
    let differ = |(x, y): (&f32, &f32)| (x - y).abs() > tolerance * x.abs();
    assert_eq!(a.values.iter().zip(&b.values).position(differ), None);
    let differ = |(x, y): (&f64, &f64)| (x - y).abs() > 1e-9 * x.abs();
    assert_eq!(a.conditions.iter().zip(&b.conditions).position(differ), None);
}

#[test]
fn the_layouts_of_3dgan_and_ddml_are_read_as_our_own() {
    let folder = tempfile::tempdir().unwrap();
    let clic = detectors::builtin("clic-ecal-51").unwrap();
    let ours = simulated("clic-ecal-51", 12, &folder.path().join("ours.h5"));
    // Ours is [events, z, y, x] in MeV.
    let zyx = Array4::from_shape_vec((12, 25, 51, 51), ours.values.iter().copied().collect());
    let gev = zyx.unwrap().mapv(|value| value / 1000.0);
    let energy: Array1<f64> = ours.conditions.column(0).mapv(|value| value / 1000.0);
    let theta = ours.conditions.column(1).to_owned();
    for name in ["ECAL", "layers"] {
        let theirs = folder.path().join(format!("{name}.h5"));
        let file = hdf5::File::create(&theirs).unwrap();
        let axes = if name == "ECAL" { [0, 3, 2, 1] } else { [0, 1, 2, 3] };
        let stored = gev.view().permuted_axes(axes).as_standard_layout().to_owned();
        file.new_dataset_builder().with_data(&stored).create(name).unwrap();
        file.new_dataset_builder().with_data(&energy).create("energy").unwrap();
        file.new_dataset_builder().with_data(&theta).create("theta").unwrap();
        file.close().unwrap();
        let read = EventFile::open(&theirs, &clic).unwrap().read_all().unwrap();
        close(&read, &ours, 3e-7);
        let inspected = showerforge(&["inspect", path(&theirs), "--detector", "clic-ecal-51"]);
        assert_eq!(inspected.status.code(), Some(0), "{}", text(&inspected.stderr));
    }
}

#[test]
fn a_mapping_reads_a_table_of_named_columns() {
    let folder = tempfile::tempdir().unwrap();
    let rich = detectors::builtin("rich-pid").unwrap();
    let ours = simulated("rich-pid", 300, &folder.path().join("ours.h5"));
    let (columns, mapped) = (folder.path().join("columns.h5"), folder.path().join("mapped.h5"));
    let names = ["RichDLLe", "RichDLLmu", "RichDLLk", "RichDLLp", "RichDLLbt"];
    let codes = [11.0, 13.0, 211.0, 321.0, 2212.0];
    for (to, in_gev) in [(&columns, false), (&mapped, true)] {
        let file = hdf5::File::create(to).unwrap();
        let write = |name: &str, values: Array1<f64>| {
            file.new_dataset_builder().with_data(&values).create(name).unwrap();
        };
        for (i, name) in names.iter().enumerate() {
            let name = if in_gev { format!("dll_{i}") } else { (*name).to_owned() };
            write(&name, ours.values.column(i).mapv(f64::from));
        }
        let condition = |column: usize| ours.conditions.column(column).to_owned();
        if in_gev {
            write("p_gev", condition(0) / 1000.0);
            write("pdg", condition(3).mapv(|species| codes[species as usize]));
        } else {
            write("P", condition(0));
            write("nTracks", condition(2));
            write("species", condition(3));
        }
        write("ETA", condition(1));
        write("sw", Array1::from_shape_fn(300, |event| if event % 3 == 0 { -0.5 } else { 1.0 }));
        file.close().unwrap();
    }
    let read = EventFile::open(&columns, &rich).unwrap().read_all().unwrap();
    close(&read, &ours, 0.0);
    assert_eq!(read.weights, None);

    let mapping = folder.path().join("mapping.toml");
    std::fs::write(
        &mapping,
        "format_version = 1\n[response]\ncolumns = [\"dll_0\", \"dll_1\", \"dll_2\", \"dll_3\", \
         \"dll_4\"]\n[condition.P]\ndataset = \"p_gev\"\nunit = \"GeV\"\n[condition.ETA]\n\
         dataset = \"ETA\"\n[condition.nTracks]\nconstant = 100\n[condition.species]\n\
         dataset = \"pdg\"\ncodes = [11, 13, 211, 321, 2212]\n[weights]\ndataset = \"sw\"\n",
    )
    .unwrap();
    let layout = LayoutChoice::File(mapping.clone());
    let read = EventFile::open_as(&mapped, &rich, &layout).unwrap().read_all().unwrap();
    assert!(read.conditions.column(2).iter().all(|tracks| *tracks == 100.0));
    assert_eq!(read.conditions.column(3), ours.conditions.column(3));
    assert_eq!(read.weights.as_ref().unwrap()[..3], [-0.5, 1.0, 1.0]);
    let arguments =
        ["inspect", path(&mapped), "--detector", "rich-pid", "--layout", path(&mapping)];
    let described = text(&showerforge(&arguments).stdout);
    // 100 events of -0.5 and 200 of 1: (150)² / 225.
    assert!(described.contains("as precise as 100 events of weight 1"), "{described}");
    assert!(described.contains("events with a negative weight: 100"), "{described}");

    // And it becomes a file of our own, weights and all.
    let merged = folder.path().join("merged.h5");
    let arguments = ["merge", path(&mapped), "--detector", "rich-pid", "--layout", path(&mapping)];
    let run = showerforge(&[&arguments[..], &["--output", path(&merged)]].concat());
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let again = EventFile::open(&merged, &rich).unwrap().read_all().unwrap();
    assert_eq!(again, read);
}

#[test]
fn files_are_one_data_set_in_order_and_merge_to_the_same_events() {
    let folder = tempfile::tempdir().unwrap();
    let photons = detectors::builtin("calochallenge-photons").unwrap();
    let mut parts = Vec::new();
    for (part, first) in [("part_1.h5", "0"), ("part_2.h5", "40"), ("part_3.h5", "80")] {
        let to = folder.path().join(part);
        let run = showerforge(&[
            "simulate",
            "--detector",
            "calochallenge-photons",
            "--nevents",
            "40",
            "--first-event",
            first,
            "--seed",
            "1",
            "--output",
            path(&to),
        ]);
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        parts.push(EventFile::open(&to, &photons).unwrap().read_all().unwrap());
    }
    let whole = simulated("calochallenge-photons", 120, &folder.path().join("whole.h5"));
    assert_eq!(Events::joined(&parts).unwrap(), whole, "a production may be cut into jobs");
    let pattern = folder.path().join("part_*.h5");
    let set =
        EventSet::open(std::slice::from_ref(&pattern), &photons, &LayoutChoice::Detect).unwrap();
    assert_eq!((set.len(), set.files().len()), (120, 3));
    assert_eq!(set.read_all().unwrap(), whole);
    assert_eq!(
        set.read_conditions(35..85).unwrap(),
        whole.conditions.slice(ndarray::s![35..85, ..])
    );
    let merged = folder.path().join("merged.h5");
    let run = showerforge(&["merge", path(&pattern), "--output", path(&merged)]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert_eq!(EventFile::open(&merged, &photons).unwrap().read_all().unwrap(), whole);

    let split = Split { validation_fraction: 0.3 };
    let side = |validation| {
        let set = EventSet::open(std::slice::from_ref(&pattern), &photons, &LayoutChoice::Detect)
            .unwrap();
        set.on_side(split, validation).read_all().unwrap()
    };
    let (train, valid) = (side(false), side(true));
    assert_eq!(train.len() + valid.len(), 120);
    assert!((20..52).contains(&valid.len()), "{}", valid.len());
    assert_eq!(valid, split.side(&whole, true), "the split does not depend on the files");
    let nothing = folder.path().join("none_*.h5");
    let run = showerforge(&["merge", path(&nothing), "--output", path(&merged), "--force"]);
    assert_eq!(run.status.code(), Some(66), "{}", text(&run.stderr));
}

/// In production there is no answer to the maps.
#[test]
fn conditions_alone_are_enough_to_generate() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, alone) = (folder.path().join("whole.h5"), folder.path().join("alone.h5"));
    let maps = simulated("radio-sky", 90, &whole);
    let low = Array3::from_shape_vec((90, 32, 32), maps.conditions.iter().copied().collect());
    let file = hdf5::File::create(&alone).unwrap();
    file.new_dataset_builder().with_data(&low.unwrap()).create("low_resolution").unwrap();
    file.close().unwrap();
    let config = repository().join("configs/radio-sky.toml");
    let tiny = std::fs::read_to_string(config).unwrap().replace("512, 512, 512", "8");
    let config = folder.path().join("tiny.toml");
    std::fs::write(&config, tiny).unwrap();
    let out = folder.path().join("run");
    let train = ["train", path(&config), "--data", path(&whole), "--out", path(&out)];
    let run = showerforge(&[&train[..], &["--max-iterations", "1"]].concat());
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let model = out.join("model.safetensors");
    let generated = |conditions: &Path, to: &str| {
        let to = folder.path().join(to);
        let made = ["generate", "--model", path(&model), "--output", path(&to), "--conditions"];
        let run = showerforge(&[&made[..], &[path(conditions)]].concat());
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        let detector = detectors::builtin("radio-sky").unwrap();
        EventFile::open(&to, &detector).unwrap().read_all().unwrap()
    };
    assert_eq!(generated(&alone, "a.h5"), generated(&whole, "b.h5"));
    // As reference, the answers are missing.
    let run = showerforge(&["inspect", path(&alone), "--detector", "radio-sky"]);
    assert_eq!(run.status.code(), Some(65));
    assert!(text(&run.stderr).contains("no data set `high_resolution`"), "{}", text(&run.stderr));
}
