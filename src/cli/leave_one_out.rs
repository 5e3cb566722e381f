//! `showerforge leave-one-out`: how well does a surrogate interpolate between the energies it knows?

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use detectors::Detector;
use serde::Serialize;
use validation::report::from_json;
use validation::report::model::{Status, ValidationReport};

use super::detector_args::open_detector;
use super::{Cli, Command, print};
use crate::Error;
use crate::events::{
    EnergyFilter, EnergyRange, EventSet, EventWriter, Events, LayoutChoice, Provenance,
    WriteOptions,
};
use crate::files::{self, FileError, write_atomically};
use crate::settings::TrainingSettings;

/// Train without one incident energy at a time, and judge each surrogate on the one it never saw
///
/// For each energy E the folder of `--out` receives without_E/run (the training), reference.hdf5
/// (the validation events of that energy), generated.hdf5 and report; and at the end
/// leave-one-out.json and leave-one-out.md with one row an energy. What is already there is not
/// done again: a command that was stopped goes on where it was.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge leave-one-out configs/photons-geant4.toml --data train.hdf5 --valid valid.hdf5 --energy 1024 --energy 2048 --out interpolation"
)]
pub struct Args {
    /// Configuration in TOML
    config: PathBuf,
    /// HDF5 files to train on, or patterns such as 'train_*.hdf5'
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// HDF5 files to choose models by and to judge them with
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    valid: Vec<PathBuf>,
    /// Incident energy in MeV to leave out, or a range such as 1000..2000; may be repeated [default:
    /// each discrete energy but the lowest and the highest]
    #[arg(long, value_name = "MEV")]
    energy: Vec<EnergyRange>,
    /// Folder to write
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seed of trainings, events and classifiers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    device: String,
    /// Stop each training after this iteration
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_iterations: Option<u64>,
    /// Limits of the verdicts in TOML
    #[arg(long, value_name = "FILE.toml")]
    thresholds: Option<PathBuf>,
}

/// How a surrogate did at the energy it never saw.
#[derive(Debug, Serialize)]
struct Row {
    energy_mev: EnergyOrRange,
    /// Below the lowest or above the highest energy that the training had.
    extrapolation: bool,
    status: Status,
    events: usize,
    response_bias: f64,
    response_bias_error: f64,
    resolution_bias: f64,
    worst_separation: f64,
    worst_separation_of: String,
    high_level_auc: Option<f64>,
    report: PathBuf,
}

#[derive(Debug, Serialize)]
struct EnergyOrRange {
    from: f64,
    to: f64,
}

impl Args {
    /// # Errors
    /// As those of `train`, `generate` and `validate`; a detector without an incident energy, or an
    /// energy without validation events.
    pub fn run(&self) -> Result<(), Error> {
        let detector = self.detector()?;
        let layout = LayoutChoice::default();
        let valid = EventSet::open(&self.valid, &detector, &layout)?;
        let known = energies(&valid, &detector)?;
        let wanted = if self.energy.is_empty() { inner(&known)? } else { self.energy.clone() };
        let mut rows = Vec::new();
        for energy in wanted {
            let folder = self.out.join(format!("without_{energy}_mev"));
            self.one(energy, &folder, &detector)?;
            let text = files::read_to_string(&folder.join("report/report.json"))?;
            rows.push(row(energy, &known, &from_json(&text)?, &folder));
        }
        let json = serde_json::to_string_pretty(&rows).expect("rows have plain values") + "\n";
        self.write("leave-one-out.json", &json)?;
        let table = markdown(&rows);
        self.write("leave-one-out.md", &table)?;
        Ok(print(&table)?)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), FileError> {
        write_atomically(&self.out.join(name), text.as_bytes(), true)
    }

    fn detector(&self) -> Result<Detector, Error> {
        let text = files::read_to_string(&self.config)?;
        let settings = TrainingSettings::from_toml(&text)
            .map_err(|source| Error::Settings { path: self.config.clone(), source })?;
        let folder = self.config.parent().unwrap_or(Path::new(""));
        let detector = open_detector(&settings.detector, folder)?;
        match detector.incident_energy_column() {
            Some(_) => Ok(detector),
            None => Err(Error::NoIncidentEnergy { detector: detector.name().to_owned() }),
        }
    }

    /// Everything at one energy that is not yet there.
    fn one(&self, energy: EnergyRange, folder: &Path, detector: &Detector) -> Result<(), Error> {
        fs_err::create_dir_all(folder).map_err(|source| FileError::creating(folder, source))?;
        let (run, reference) = (folder.join("run"), folder.join("reference.hdf5"));
        let (generated, report) = (folder.join("generated.hdf5"), folder.join("report"));
        let model = run.join("model.safetensors");
        if report.join("report.html").exists() {
            tracing::info!("{} is done", folder.display());
            return Ok(());
        }
        if !reference.exists() {
            self.write_reference(energy, &reference, detector)?;
        }
        let seed = self.seed.to_string();
        if !generated.exists() {
            let mut train = line(["train".as_ref(), self.config.as_os_str()]);
            train.extend(line(["--data".as_ref()]));
            train.extend(self.data.iter().map(|path| path.clone().into_os_string()));
            train.extend(line(["--valid".as_ref()]));
            train.extend(self.valid.iter().map(|path| path.clone().into_os_string()));
            train.extend(line(["--out".as_ref(), run.as_os_str()]));
            train.push(format!("--without-energy={energy}").into());
            train.push(format!("--seed={seed}").into());
            train.push(format!("--device={}", self.device).into());
            train.extend(self.max_iterations.map(|n| format!("--max-iterations={n}").into()));
            if run.join("checkpoint.safetensors").exists() {
                train.push("--resume".into());
            }
            run_command(train)?;
            let mut generate = line(["generate".as_ref(), "--model".as_ref(), model.as_os_str()]);
            generate.extend(line(["--conditions".as_ref(), reference.as_os_str()]));
            generate.extend(line(["--output".as_ref(), generated.as_os_str()]));
            generate.push(format!("--seed={seed}").into());
            run_command(generate)?;
        }
        let mut validate =
            line(["validate".as_ref(), "--reference".as_ref(), reference.as_os_str()]);
        validate.extend(line(["--generated".as_ref(), generated.as_os_str()]));
        validate.extend(line(["--training".as_ref(), run.as_os_str()]));
        validate.extend(line(["--output".as_ref(), report.as_os_str()]));
        validate.push(format!("--seed={seed}").into());
        validate.push(
            format!("--note=The surrogate was trained without events of {energy} MeV: this is how it interpolates.")
                .into(),
        );
        if let Some(path) = &self.thresholds {
            validate.extend(line(["--thresholds".as_ref(), path.as_os_str()]));
        }
        validate.push("--force".into());
        run_command(validate)
    }

    /// The validation events of one energy, as a file.
    fn write_reference(
        &self,
        energy: EnergyRange,
        path: &Path,
        detector: &Detector,
    ) -> Result<(), Error> {
        let filter = EnergyFilter { ranges: vec![energy], inside: true };
        let set = EventSet::open(&self.valid, detector, &LayoutChoice::default())?;
        let set = set.with_energies(filter);
        let events: Vec<Events> =
            set.blocks().iter().map(|block| set.read(block)).collect::<Result<_, _>>()?;
        let events = Events::joined(&events).expect("blocks of one detector have equal widths");
        if events.is_empty() {
            return Err(Error::NoEventsAt { energy: energy.to_string() });
        }
        let weighted = events.weights.is_some();
        let options = WriteOptions { force: true, ..WriteOptions::default() };
        let provenance = Provenance::default();
        let mut writer = EventWriter::create(path, detector, weighted, &provenance, options)?;
        writer.append(&events)?;
        writer.finish()?;
        Ok(())
    }
}

fn line<const N: usize>(arguments: [&std::ffi::OsStr; N]) -> Vec<OsString> {
    arguments.map(std::ffi::OsStr::to_owned).to_vec()
}

/// Runs a command of this program, and says which.
fn run_command(arguments: Vec<OsString>) -> Result<(), Error> {
    let shown: Vec<String> =
        arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    tracing::info!("showerforge {}", shown.join(" "));
    let all = std::iter::once(OsString::from("showerforge")).chain(arguments);
    let cli = Cli::try_parse_from(all).expect("the command line is made of checked arguments");
    match cli.command {
        Command::Train(args) => args.run(),
        Command::Generate(args) => args.run(),
        Command::Validate(args) => args.run(),
        _ => Ok(()),
    }
}

/// The different incident energies, rising; one for each event of a continuous spectrum.
fn energies(set: &EventSet, detector: &Detector) -> Result<Vec<f64>, Error> {
    let column = detector.incident_energy_column().expect("checked before");
    let mut found = set.read_conditions(0..set.len())?.column(column).to_vec();
    found.sort_by(f64::total_cmp);
    found.dedup_by(|a, b| EnergyRange::at(*b).contains(*a));
    Ok(found)
}

/// Energies of a discrete spectrum that lie between others.
fn inner(known: &[f64]) -> Result<Vec<EnergyRange>, Error> {
    /// More different energies are a continuous spectrum.
    const MOST: usize = 30;
    match known {
        [_, inner @ .., _] if !inner.is_empty() && known.len() <= MOST => {
            Ok(inner.iter().map(|&energy| EnergyRange::at(energy)).collect())
        }
        _ => Err(Error::NoInnerEnergies { energies: known.len() }),
    }
}

fn row(energy: EnergyRange, known: &[f64], report: &ValidationReport, folder: &Path) -> Row {
    let model = &report.models[0];
    let worst = model
        .observables
        .iter()
        .filter(|one| one.separation.value.is_finite())
        .max_by(|a, b| a.separation.value.total_cmp(&b.separation.value));
    let bias = model.response_bias.as_ref();
    let others = known.iter().copied().filter(|&e| !energy.contains(e));
    let lowest = others.clone().fold(f64::INFINITY, f64::min);
    let highest = others.fold(0.0, f64::max);
    Row {
        extrapolation: energy.from_mev() < lowest || energy.to_mev() > highest,
        energy_mev: EnergyOrRange { from: energy.from_mev(), to: energy.to_mev() },
        status: model.verdict.status,
        events: model.generated.events,
        response_bias: bias.map_or(f64::NAN, |bias| bias.mean.value),
        response_bias_error: bias.map_or(f64::NAN, |bias| bias.mean.error),
        resolution_bias: bias.map_or(f64::NAN, |bias| bias.resolution.value),
        worst_separation: worst.map_or(f64::NAN, |one| one.separation.value),
        worst_separation_of: worst.map_or_else(String::new, |one| one.name.clone()),
        high_level_auc: model
            .classifiers
            .iter()
            .find(|one| one.features == "high-level")
            .map(|one| one.auc.value),
        report: folder.join("report/report.html"),
    }
}

fn markdown(rows: &[Row]) -> String {
    let mut text = "| left out (MeV) | | verdict | response bias | resolution bias | worst separation | AUC, high level |\n\
                    |---|---|---|---|---|---|---|\n"
        .to_owned();
    for row in rows {
        let EnergyOrRange { from, to } = row.energy_mev;
        let energy = if from == to { from.to_string() } else { format!("{from} to {to}") };
        let auc = row.high_level_auc.map_or_else(|| "n/a".to_owned(), |auc| format!("{auc:.3}"));
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {energy} | {} | {:?} | {:.2} ± {:.2} % | {:.1} % | {:.4} ({}) | {auc} |",
            if row.extrapolation { "extrapolation" } else { "interpolation" },
            row.status,
            100.0 * row.response_bias,
            100.0 * row.response_bias_error,
            100.0 * row.resolution_bias,
            row.worst_separation,
            row.worst_separation_of,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_energies_are_those_between_others() {
        let found = inner(&[256.0, 512.0, 1024.0, 2048.0]).expect("two between");
        assert_eq!(found, [EnergyRange::at(512.0), EnergyRange::at(1024.0)]);
        assert!(inner(&[256.0, 512.0]).is_err());
        let continuous: Vec<f64> = (1..100).map(f64::from).collect();
        assert!(inner(&continuous).is_err());
    }
}
