//! A model file or checkpoint in words.

use std::path::Path;

use super::super::print;
use crate::Error;
use crate::compute::cpu;
use crate::events::cells;
use crate::model::SurrogateModel;

/// # Errors
/// The file is no model that this version reads.
pub(super) fn inspect_model(path: &Path, json: bool) -> Result<(), Error> {
    let model = SurrogateModel::read(path, &cpu())?;
    let header = &model.header;
    if json {
        let text = serde_json::to_string_pretty(header).expect("the header has only plain values");
        return Ok(print(&format!("{text}\n"))?);
    }
    let ranges: Vec<String> = header
        .codec
        .labels()
        .ranges()
        .map(|(name, minimum, maximum, unit)| {
            let unit = if unit == "1" { "" } else { unit };
            format!("{name} {minimum} to {maximum} {unit}").trim_end().to_owned()
        })
        .collect();
    let parts = match model.detector.layers().len() {
        0 => String::new(),
        1 => " in 1 layer".to_owned(),
        layers => format!(" in {layers} layers"),
    };
    let record = &header.training;
    let selection = record.selection.map_or_else(
        || "not chosen on a validation sample".to_owned(),
        |score| format!("chosen at χ²/ndf {score:.2} (mean of the total and the parts)"),
    );
    let layers: Vec<String> = model
        .generator
        .describe()
        .into_iter()
        .filter(|layer| layer.parameters > 0)
        .map(|layer| {
            layer.output_shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
        })
        .collect();
    let text = format!(
        "\
Model of showerforge {version}, format version {format}

Detector:           {detector} ({title})
Events:             {values} {cells}{parts}, in {unit}, read-out threshold {threshold}
Conditions:         {ranges}
Generator:          latent {latent}, layers {layers}, {parameters} parameters
Training:           {iteration} iterations on {device}, seed {seed}, {selection}
Training data:      {events} events of {files}
  SHA-256           {hash}

Settings:
{settings}",
        version = header.showerforge_version,
        format = header.format_version,
        detector = model.detector.name(),
        title = model.detector.title(),
        values = model.detector.value_count(),
        cells = cells(&model.detector),
        unit = model.detector.unit(),
        threshold = model.detector.readout_threshold(),
        ranges = ranges.join(", "),
        latent = header.generator.latent,
        layers = layers.join("-"),
        parameters = model.parameter_count(),
        iteration = record.iteration,
        device = record.device,
        seed = record.seed,
        events = record.training_events,
        files = record.training_files.join(", "),
        hash = record.training_data_sha256,
        settings = indented(&record.settings),
    );
    Ok(print(&text)?)
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") })
        .collect()
}
