//! `showerforge detectors`: what can be a target?

use detectors::{ConditionKind, Detector, builtin, builtin_names, builtin_toml};

use super::detector_args::DetectorArgs;
use super::print;
use crate::Error;

/// List the built-in detectors, or print the description of one
///
/// The printed TOML is a start for a detector of your own: change it, and give the file to
/// `--detector`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge detectors\n  showerforge detectors --detector regular-grid > my-grid.toml\n  showerforge detectors --geometry binning.xml --readout-threshold-mev 1 > mine.toml"
)]
pub struct Args {
    #[command(flatten)]
    detector: DetectorArgs,
}

impl Args {
    /// # Errors
    /// An unknown name, or a file that describes no detector.
    pub fn run(&self) -> Result<(), Error> {
        let text = match (&self.detector.detector, self.detector.open()?) {
            (Some(name), Some(detector)) => match builtin_toml(name) {
                Ok(commented) => commented.to_owned(),
                Err(_) => detector.to_toml(),
            },
            (None, Some(detector)) => detector.to_toml(),
            (_, None) => list()?,
        };
        Ok(print(&text)?)
    }
}

fn list() -> Result<String, Error> {
    let mut text = String::new();
    for name in builtin_names() {
        let detector = builtin(name)?;
        let shape: Vec<String> = detector.event_shape().iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "{name:29} {}\n{:29} {} values ({}) in {}, for {}\n",
            detector.title(),
            "",
            detector.value_count(),
            shape.join(" x "),
            detector.unit(),
            conditions(&detector)
        ));
    }
    Ok(text)
}

fn conditions(detector: &Detector) -> String {
    let shown: Vec<String> = detector
        .conditions()
        .iter()
        .map(|condition| match &condition.kind {
            ConditionKind::Number { minimum, maximum, .. } => {
                let unit = if condition.unit == "1" { "" } else { condition.unit.as_str() };
                format!("{} {minimum} to {maximum} {unit}", condition.name).trim_end().to_owned()
            }
            ConditionKind::Category(names) => format!("{} ({})", condition.name, names.join(", ")),
            ConditionKind::Image([rows, columns]) => {
                format!("{} ({rows} x {columns} pixels)", condition.name)
            }
        })
        .collect();
    shown.join(", ")
}
