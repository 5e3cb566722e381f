//! `showerforge train`: from showers to a surrogate.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Array2, Axis};

use super::print;
use super::progress::Progress;
use crate::Error;
use crate::codec::ShowerCodec;
use crate::compute::{DeviceChoice, device_name};
use crate::events::ShowerFile;
use crate::files::{self, FileError};
use crate::gan::training::{
    BestModel, LogLine, Observer, RunOptions, Selection, Trainer, TrainingSample, train,
};
use crate::model::TrainingRecord;
use crate::settings::CheckedSettings;

/// Train a surrogate on HDF5 files of simulated showers
///
/// The folder of `--out` receives model.safetensors (the best model so far on the validation
/// sample, by χ²/ndf of the total and layer energies), model-last.safetensors, metrics.jsonl (all
/// losses), settings.toml (as resolved) and checkpoint.safetensors. SIGINT and SIGTERM save a
/// checkpoint and exit with 75; the same command with `--resume` goes on as if nothing had
/// happened.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge train configs/photons-geant4.toml --data train.hdf5 --valid valid.hdf5 --out runs/photons"
)]
pub struct Args {
    /// Configuration in TOML
    config: PathBuf,
    /// HDF5 files to train on (MeV, CaloChallenge layout)
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// HDF5 files to choose the best model by [default: the training files]
    #[arg(long, num_args = 1.., value_name = "FILE")]
    valid: Vec<PathBuf>,
    /// Folder of the run
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seed of all random numbers of the training
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Stop after this iteration; learning rates still fall as the configuration says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_iterations: Option<u64>,
    /// Iterations between two checkpoints, in place of the configuration's value
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: Option<u64>,
    /// Go on from the checkpoint in the folder
    #[arg(long)]
    resume: bool,
    /// Begin anew in a folder that holds a training
    #[arg(long, conflicts_with = "resume")]
    force: bool,
}

impl Args {
    /// # Errors
    /// Bad settings or data, an output that exists, a diverged or interrupted training.
    pub fn run(&self) -> Result<(), Error> {
        let settings = read_settings(&self.config)?;
        let device = self.device.open()?;
        let (energies, voxels) = read_showers(&self.data, &settings)?;
        let valid = match self.valid.as_slice() {
            [] => None,
            files => Some(read_showers(files, &settings)?),
        };
        if valid.is_none() {
            tracing::warn!("no `--valid` file: the best model is chosen on the training sample");
        }
        let (valid_energies, valid_voxels) =
            valid.as_ref().map_or((&energies, &voxels), |(e, v)| (e, v));
        let selection = Selection::new(
            valid_energies,
            valid_voxels.view(),
            settings.selection.events,
            self.seed,
            device.clone(),
        );
        let codec = ShowerCodec::fit(
            settings.detector(),
            settings.conditions,
            settings.codec.voxel_scale,
            &energies,
            voxels.view(),
        )?;
        let sample = TrainingSample::new(
            settings.detector(),
            &codec,
            settings.training.azimuthal_symmetry,
            energies,
            voxels.view(),
        )?;
        drop(voxels);
        let options = RunOptions {
            out: self.out.clone(),
            max_iterations: self.max_iterations,
            checkpoint_every: self.checkpoint_every,
            resume: self.resume,
            force: self.force,
            record: self.record(&settings, &sample, &device_name(&device))?,
        };
        let total = settings.training.iterations.min(self.max_iterations.unwrap_or(u64::MAX));
        let mut observer = Terminal::new(total)?;
        let trainer = Trainer::new(settings, codec, self.seed, device);
        let outcome = train(trainer, &sample, Some(&selection), &options, &mut observer);
        observer.progress.finish();
        let outcome = outcome?;
        let chosen = outcome.best.map_or_else(String::new, |best| {
            format!(
                ", the best of the run at iteration {} (χ²/ndf {:.2} of E_tot, {:.2} of the layers)",
                best.iteration,
                best.figures.total_energy_chi2_per_ndf,
                best.figures.layer_energies_chi2_per_ndf
            )
        });
        let model = outcome.model.display();
        Ok(print(&format!("{} iterations done; model {model}{chosen}\n", outcome.iterations))?)
    }

    fn record(
        &self,
        settings: &CheckedSettings,
        sample: &TrainingSample,
        device: &str,
    ) -> Result<TrainingRecord, FileError> {
        let name = |path: &PathBuf| {
            path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
        };
        Ok(TrainingRecord {
            settings: settings.to_toml(),
            seed: self.seed,
            device: device.to_owned(),
            iteration: 0,
            training_files: self.data.iter().map(name).collect(),
            training_events: sample.events(),
            training_data_sha256: files::sha256(self.data.iter().map(PathBuf::as_path))?,
            selection: None,
        })
    }
}

fn read_settings(path: &Path) -> Result<CheckedSettings, Error> {
    let text = files::read_to_string(path)?;
    CheckedSettings::from_toml(&text)
        .map_err(|source| Error::Settings { path: path.to_owned(), source })
}

/// All showers of the files, one file after the other, after the read-out threshold.
fn read_showers(
    paths: &[PathBuf],
    settings: &CheckedSettings,
) -> Result<(Vec<f64>, Array2<f32>), Error> {
    let mut energies = Vec::new();
    let mut voxels = Array2::zeros((0, settings.detector().voxel_count()));
    for path in paths {
        let file = ShowerFile::open(path)?;
        for oddity in file.check_against(settings.detector())? {
            tracing::warn!("`{}`: {oddity}", path.display());
        }
        let mut showers = file.read_all()?;
        showers.apply_readout_threshold(settings.detector().readout_threshold_mev());
        energies.extend(showers.incident_energies_mev);
        voxels
            .append(Axis(0), showers.voxels_mev.view())
            .expect("the check above has compared the voxel counts");
    }
    Ok((energies, voxels))
}

/// Shows a training on standard error and listens to signals.
struct Terminal {
    progress: Progress,
    stop: Arc<AtomicBool>,
}

impl Terminal {
    fn new(total: u64) -> Result<Self, FileError> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&stop))
                .map_err(|source| FileError::writing(Path::new("signal handlers"), source))?;
        }
        Ok(Self { progress: Progress::new("training", "iterations", total), stop })
    }
}

impl Observer for Terminal {
    fn advanced(&mut self, done: u64) {
        self.progress.advance(done);
    }

    fn logged(&mut self, line: &LogLine) {
        let losses = line.critics.iter().map(|critic| {
            format!("{} D {:.3} G {:.3}", critic.name, critic.loss, critic.generator_loss)
        });
        self.progress.message(losses.collect::<Vec<_>>().join(" | "));
        if let Some(figures) = line.selection {
            self.progress.line(&format!(
                "iteration {}: χ²/ndf of E_tot {:.2}, of the layer energies {:.2}",
                line.iteration,
                figures.total_energy_chi2_per_ndf,
                figures.layer_energies_chi2_per_ndf
            ));
        }
    }

    fn improved(&mut self, best: &BestModel) {
        tracing::info!("best model so far saved at iteration {}", best.iteration);
    }

    fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
