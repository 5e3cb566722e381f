use serde_json::{Value, json};

use super::message::Entry;
use super::signature::{OnnxSettings, Signature, par04_maximum_energy_mev};
use crate::codec::LabelEncoding;
use crate::export::ExportError;
use crate::gan::Noise;
use crate::generate::Surrogate;

/// What a user of the file has to know, as texts; what is more than a word is JSON.
///
/// # Errors
/// Settings that do not fit the model.
pub(super) fn entries(
    surrogate: &Surrogate,
    settings: &OnnxSettings,
) -> Result<Vec<Entry>, ExportError> {
    let model = surrogate.model();
    let detector = &model.detector;
    let mut entries = vec![
        ("format_version", "1".to_owned()),
        ("signature", settings.signature.name().to_owned()),
        ("detector", detector.name().to_owned()),
        ("model_sha256", surrogate.sha256().to_owned()),
        ("quantity", detector.quantity().to_owned()),
        ("unit", detector.unit().to_owned()),
        ("event_shape", json!(detector.event_shape()).to_string()),
        ("readout_threshold", detector.readout_threshold().to_string()),
        ("noise", noise(surrogate, settings.signature).to_string()),
        ("conditions", conditions(surrogate).to_string()),
    ];
    if !detector.columns().is_empty() {
        let columns: Vec<Value> = detector
            .columns()
            .iter()
            .map(|column| json!({ "name": column.name, "unit": column.unit }))
            .collect();
        entries.push(("columns", Value::Array(columns).to_string()));
    }
    if settings.signature == Signature::Par04 {
        let energy = par04_maximum_energy_mev(model, settings)?;
        entries.push(("maximum_energy_mev", energy.to_string()));
    }
    if !settings.fixed.is_empty() {
        let fixed: Vec<String> = settings.fixed.iter().map(ToString::to_string).collect();
        entries.push(("fixed_conditions", json!(fixed).to_string()));
    }
    Ok(entries.into_iter().map(|(key, value)| Entry { key: key.to_owned(), value }).collect())
}

/// Which numbers the noise input wants, group by group.
fn noise(surrogate: &Surrogate, signature: Signature) -> Value {
    let program = surrogate.model().generator.program();
    let normal = json!({ "distribution": "normal", "mean": 0.0, "deviation": 1.0 });
    let rest = program.noise_width() - program.latent;
    let group = |count: usize, distribution: Value| {
        let mut group = distribution;
        group["count"] = json!(count);
        group
    };
    match signature {
        Signature::Showerforge => {
            let latent = match program.noise {
                Noise::Normal { mean, deviation } => {
                    json!({ "distribution": "normal", "mean": mean, "deviation": deviation })
                }
                Noise::Uniform { minimum, maximum } => {
                    json!({ "distribution": "uniform", "minimum": minimum, "maximum": maximum })
                }
            };
            let mut groups = vec![group(program.latent, latent)];
            if rest > 0 {
                groups.push(group(rest, normal));
            }
            Value::Array(groups)
        }
        Signature::Par04 => json!([group(program.noise_width(), normal)]),
        Signature::Ddml => {
            let uniform = json!({ "distribution": "uniform", "minimum": -1.0, "maximum": 1.0 });
            json!([group(program.noise_width(), uniform)])
        }
    }
}

/// The conditions in the order of their columns, with the ranges that the model is for.
fn conditions(surrogate: &Surrogate) -> Value {
    let model = surrogate.model();
    let of = |(name, unit, encoding): (&str, &str, LabelEncoding)| match encoding {
        LabelEncoding::Number { minimum, maximum, .. } => {
            json!({ "name": name, "unit": unit, "minimum": minimum, "maximum": maximum })
        }
        LabelEncoding::Category { .. } => {
            let condition = model.detector.conditions().iter().find(|c| c.name == name);
            let categories = match condition.map(|condition| &condition.kind) {
                Some(detectors::ConditionKind::Category(names)) => names.clone(),
                _ => Vec::new(),
            };
            json!({ "name": name, "categories": categories })
        }
        LabelEncoding::Image { pixels, .. } => {
            json!({ "name": name, "unit": unit, "pixels": pixels })
        }
    };
    Value::Array(model.header.codec.labels().encodings().map(of).collect())
}
