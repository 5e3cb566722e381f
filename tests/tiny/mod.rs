//! A detector of 18 cells in two layers with two conditions, and a codec and events for it.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::Path;

use detectors::Detector;
use ndarray::Array2;
use showerforge::codec::{EventCodec, Labels};
use showerforge::compute::{Device, cpu};
use showerforge::events::{EventSet, EventWriter, Events, LayoutChoice, Provenance, WriteOptions};
use showerforge::gan::training::{SampleOptions, Trainer, TrainingSample};
use showerforge::random::{Purpose, Streams};
use showerforge::settings::{CheckedSettings, TrainingSettings};

const DETECTOR: &str = r#"
format_version = 1
name = "tiny"
title = "3 x 3 x 2 cells"
family = "calorimeter"
particle = "electron"
pdg_id = 11
weights_dataset = "weights"

[response]
dataset = "showers"
quantity = "energy"
unit = "MeV"
readout_threshold = 0.1
normalised_by = "incident_energy"

[response.grid]
cells = [3, 3, 2]
cell_size_mm = [10.0, 10.0, 20.0]

[[condition]]
name = "incident_energy"
dataset = "incident_energies"
unit = "MeV"
minimum = 100.0
maximum = 1000.0
scale = "logarithmic"

[[condition]]
name = "angle"
dataset = "angle"
unit = "rad"
minimum = 0.5
maximum = 1.5
"#;

pub fn detector() -> Detector {
    Detector::from_toml(DETECTOR).expect("a description")
}

/// Settings of cells with energy heads: a generator and critics, and what else is given.
pub fn settings(text: &str) -> CheckedSettings {
    let settings: TrainingSettings = toml::from_str(text).expect("settings");
    settings.check(detector()).expect("settings that can run")
}

/// Random events of 4 energies and 3 angles; a quarter of the weights is negative.
pub fn events(count: usize) -> Events {
    let mut uniforms = Streams::new(1, Purpose::Selection).uniforms(0);
    let conditions = Array2::from_shape_fn((count, 2), |(event, column)| match column {
        0 => [100.0, 200.0, 500.0, 1000.0][event % 4],
        _ => [0.6, 1.0, 1.4][event % 3],
    });
    let values = Array2::from_shape_fn((count, 18), |(event, cell)| {
        let share = (1.0 + (cell % 5) as f32) / 60.0;
        share * conditions[[event, 0]] as f32 * uniforms.draw()
    });
    let weights = (0..count).map(|_| if uniforms.draw() < 0.25 { -0.5 } else { 1.5 }).collect();
    Events { conditions, values, weights: Some(weights) }
}

pub fn codec(settings: &CheckedSettings, events: &Events) -> EventCodec {
    let labels = Labels::new(settings.detector(), &settings.conditions);
    EventCodec::fit(settings.detector(), labels, &settings.codec, || [Ok(events.clone())])
        .expect("valid events")
}

/// A training with its sample, written to and read from a file in `folder`.
pub fn training(settings: CheckedSettings, folder: &Path) -> (Trainer, TrainingSample) {
    training_on(settings, folder, cpu())
}

/// The same on a device.
pub fn training_on(
    settings: CheckedSettings,
    folder: &Path,
    device: Device,
) -> (Trainer, TrainingSample) {
    let (detector, path) = (detector(), folder.join("events.hdf5"));
    let events = events(96);
    if !path.exists() {
        let provenance = Provenance::default();
        let options = WriteOptions::default();
        let mut writer =
            EventWriter::create(&path, &detector, true, &provenance, options).expect("new");
        writer.append(&events).expect("valid events");
        writer.finish().expect("valid events");
    }
    let set = EventSet::open(&[path], &detector, &LayoutChoice::Detect).expect("valid events");
    let codec = codec(&settings, &events);
    let options = SampleOptions {
        azimuthal_symmetry: false,
        memory_bytes: 1 << 24,
        events_per_iteration: settings.training.batch_size,
        packing: settings.packing(),
        seed: 1,
    };
    let sample = TrainingSample::new(set, &detector, &codec, options).expect("valid events");
    (Trainer::new(settings, codec, 1, device), sample)
}
