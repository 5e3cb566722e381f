//! Surrogates of every configuration without any training: their codecs are fitted to random
//! events, and their weights are drawn, those that begin at 0 or 1 included.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::Path;

use detectors::{ConditionKind, Detector, Scale};
use ndarray::Array2;
use showerforge::codec::{EventCodec, LabelRanges, Labels};
use showerforge::compute::cpu;
use showerforge::events::Events;
use showerforge::gan::Generator;
use showerforge::model::{SurrogateModel, TrainingRecord};
use showerforge::nn::{Module, Parameter};
use showerforge::random::{Purpose, Streams, Uniforms};
use showerforge::settings::CheckedSettings;

/// Names of all configurations in `configs/`, without those that differ in their critics only.
pub const CONFIGURATIONS: [&str; 20] = [
    "atlas-em-barrel",
    "atlas-em-barrel-two-critics",
    "clic-ecal-25",
    "clic-ecal-51",
    "clic-ecal-51-3dgan",
    "clic-ecal-51-sparse",
    "demo",
    "electrons-fine",
    "electrons-geant4",
    "photons-caloshowergan",
    "photons-fastcalogan",
    "photons-geant4",
    "pions-caloshowergan",
    "pions-geant4",
    "radio-sky",
    "regular-grid",
    "regular-grid-getting-high",
    "rich-pid",
    "rich-pid-cramer",
    "rich-rings",
];

/// A configuration of `configs/`.
pub fn settings(name: &str) -> CheckedSettings {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let text = std::fs::read_to_string(folder.join(format!("{name}.toml"))).expect(name);
    CheckedSettings::from_toml(&text).expect(name)
}

/// Conditions within the ranges that a surrogate is for.
///
/// # Shapes
/// `[events, Detector::condition_width]`
pub fn conditions(detector: &Detector, ranges: &LabelRanges, events: usize) -> Array2<f64> {
    let mut uniforms = Streams::new(3, Purpose::Selection).uniforms(0);
    let mut all = Array2::zeros((events, detector.condition_width()));
    for mut row in all.rows_mut() {
        for condition in detector.conditions() {
            for column in condition.columns() {
                let u = f64::from(uniforms.draw());
                row[column] = match &condition.kind {
                    ConditionKind::Number { minimum, maximum, scale } => {
                        let range = ranges.get(&condition.name);
                        let low = range.map_or(*minimum, |range| range.minimum);
                        let high = range.map_or(*maximum, |range| range.maximum);
                        match scale {
                            Scale::Linear => low + u * (high - low),
                            Scale::Logarithmic => low * (high / low).powf(u),
                        }
                    }
                    ConditionKind::Category(names) => (u * names.len() as f64).floor(),
                    ConditionKind::Image(_) => 10.0 * u,
                };
            }
        }
    }
    all
}

/// Random events: sums near what values are fractions of, with many faint cells; columns of a table
/// within their ranges.
pub fn events(detector: &Detector, ranges: &LabelRanges, count: usize) -> Events {
    let conditions = conditions(detector, ranges, count);
    let mut uniforms = Streams::new(4, Purpose::Selection).uniforms(0);
    let mut values = Array2::zeros((count, detector.value_count()));
    for (mut row, conditions) in values.rows_mut().into_iter().zip(conditions.rows()) {
        fill(detector, detector.scale_of(&conditions.to_vec()), &mut uniforms, |i, value| {
            row[i] = value;
        });
    }
    Events { conditions, values, weights: None }
}

fn fill(detector: &Detector, scale: f64, uniforms: &mut Uniforms, mut set: impl FnMut(usize, f32)) {
    let threshold = detector.readout_threshold();
    for (i, column) in detector.columns().iter().enumerate() {
        let share = f64::from(uniforms.draw());
        set(i, (column.minimum + share * (column.maximum - column.minimum)) as f32);
    }
    if detector.columns().is_empty() {
        let mean = scale / detector.value_count() as f64;
        for i in 0..detector.value_count() {
            // The mean of u⁴ is 1/5.
            let mut value = 5.0 * mean * f64::from(uniforms.draw()).powi(4);
            if detector.has_whole_numbers() {
                value = value.round();
            }
            set(i, if value < threshold { 0.0 } else { value as f32 });
        }
    }
}

/// A surrogate of a configuration with drawn weights.
pub fn model(settings: &CheckedSettings) -> SurrogateModel {
    // Fewer events of many values.
    let count = (2_000_000 / settings.detector().value_count()).clamp(40, 400);
    model_of(settings, &events(settings.detector(), &settings.conditions, count))
}

/// The same with the codec fitted to these events.
pub fn model_of(settings: &CheckedSettings, events: &Events) -> SurrogateModel {
    let (detector, ranges, count) = (settings.detector(), &settings.conditions, events.len());
    let labels = Labels::new(detector, ranges);
    let codec = EventCodec::fit(detector, labels, &settings.codec, || [Ok(events.clone())])
        .expect("events in range");
    let mut normals = Streams::new(5, Purpose::Initialisation).normals(0);
    let mut generator = Generator::new(&settings.generator, &codec, &mut normals, &cpu());
    shake(&mut generator);
    let training = TrainingRecord {
        settings: settings.to_toml(),
        seed: 5,
        device: "cpu".to_owned(),
        iteration: 0,
        training_files: Vec::new(),
        training_events: count,
        training_data_sha256: String::new(),
        selection: None,
    };
    SurrogateModel::new(detector, &codec, &settings.generator, &generator, training)
}

/// Moves what begins at 0 or 1, such as biases and the statistics of batch norms.
fn shake(generator: &mut Generator) {
    let mut normals = Streams::new(6, Purpose::Initialisation).normals(0);
    generator.for_each_parameter(&mut |name, parameter| {
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let mut values = parameter.to_host();
        if ends(&["running_variance"]) {
            values.iter_mut().for_each(|value| *value *= 1.0 + 0.5 * normals.uniform());
        } else if ends(&["bias", "scale", "shift", "alpha", "running_mean"]) {
            values.iter_mut().for_each(|value| *value += 0.1 * normals.draw());
        } else {
            return;
        }
        let shape = parameter.shape().to_vec();
        *parameter = if parameter.is_trained() {
            Parameter::new(values, &shape, &cpu())
        } else {
            Parameter::buffer(values, &shape, &cpu())
        };
    });
}
