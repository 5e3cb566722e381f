use std::path::Path;

use serde::{Deserialize, Serialize};

use super::selection::SelectionFigures;
use super::trainer::Trainer;
use crate::codec::EventCodec;
use crate::gan::{Adam, NamedMoments};
use crate::model::{ModelFileError, NamedTensors};
use crate::nn::Module;

const FORMAT_VERSION: u64 = 3;

/// All of a training's state but the tensors.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointHeader {
    pub format_version: u64,
    pub iteration: u64,
    pub seed: u64,
    /// The resolved settings, as TOML.
    pub settings: String,
    pub codec: EventCodec,
    pub training_data_sha256: String,
    pub best: Option<BestModel>,
    /// What all learning rates are multiplied by.
    pub rate_factor: f64,
    /// How often the training was rolled back.
    pub roll_backs: u64,
    /// Length of the log when the checkpoint was written.
    pub log_bytes: u64,
    /// Updates of each optimiser: the generator's, then the critics'.
    pub optimiser_steps: Vec<u64>,
}

/// The best model so far on the validation sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BestModel {
    pub iteration: u64,
    pub figures: SelectionFigures,
}

impl CheckpointHeader {
    /// Reads the header of a checkpoint and its tensors.
    ///
    /// # Errors
    /// If the file is not a checkpoint of a format this version reads.
    pub fn read(path: &Path) -> Result<(Self, NamedTensors), ModelFileError> {
        let (tensors, header) = NamedTensors::read(path, "a checkpoint", FORMAT_VERSION)?;
        Ok((header, tensors))
    }
}

impl Trainer {
    /// Writes everything that is needed to go on, in place of an earlier checkpoint.
    ///
    /// # Errors
    /// If the disk refuses; the earlier checkpoint is then still there.
    pub fn write_checkpoint(
        &self,
        path: &Path,
        training_data_sha256: &str,
        best: Option<&BestModel>,
        log_bytes: u64,
    ) -> Result<(), ModelFileError> {
        let mut tensors = NamedTensors::default();
        tensors.insert_module("generator", &self.generator);
        tensors.insert_module("average", self.average.module());
        let mut steps = vec![insert_moments(&mut tensors, "generator", &self.generator_optimiser)];
        for training in &self.critics {
            let name = format!("critic.{}", training.settings.name);
            tensors.insert_module(&name, &training.critic);
            steps.push(insert_moments(&mut tensors, &name, &training.optimiser));
        }
        let header = CheckpointHeader {
            format_version: FORMAT_VERSION,
            iteration: self.iteration,
            seed: self.seed,
            settings: self.settings.to_toml(),
            codec: self.codec.clone(),
            training_data_sha256: training_data_sha256.to_owned(),
            best: best.cloned(),
            rate_factor: self.rate_factor,
            roll_backs: self.roll_backs,
            log_bytes,
            optimiser_steps: steps,
        };
        let json = serde_json::to_string(&header).expect("the header has only plain values");
        tensors.write(path, json, true)
    }

    /// Takes up the state of a checkpoint.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit these settings.
    pub fn restore(
        &mut self,
        path: &Path,
        header: &CheckpointHeader,
        mut tensors: NamedTensors,
    ) -> Result<(), ModelFileError> {
        let device = self.device.clone();
        tensors.fill_module(path, "generator", &mut self.generator, &device)?;
        tensors.fill_module(path, "average", self.average.module_mut(), &device)?;
        let mut steps = header.optimiser_steps.iter().copied();
        let mut next = || steps.next().unwrap_or_default();
        let moments = take_moments(&mut tensors, path, "generator", &self.generator)?;
        self.generator_optimiser.restore(next(), moments, &device);
        for training in &mut self.critics {
            let name = format!("critic.{}", training.settings.name);
            tensors.fill_module(path, &name, &mut training.critic, &device)?;
            let moments = take_moments(&mut tensors, path, &name, &training.critic)?;
            training.optimiser.restore(next(), moments, &device);
        }
        self.iteration = header.iteration;
        self.set_rate_factor(header.rate_factor);
        self.set_roll_backs(header.roll_backs);
        Ok(())
    }
}

fn insert_moments(tensors: &mut NamedTensors, network: &str, optimiser: &Adam) -> u64 {
    let (steps, moments) = optimiser.state();
    for (name, first, second) in moments {
        tensors.insert(format!("first-moment.{network}.{name}"), vec![first.len()], first);
        tensors.insert(format!("second-moment.{network}.{name}"), vec![second.len()], second);
    }
    steps
}

fn take_moments(
    tensors: &mut NamedTensors,
    path: &Path,
    network: &str,
    module: &impl Module,
) -> Result<Vec<NamedMoments>, ModelFileError> {
    let mut parameters = Vec::new();
    module.clone().for_each_parameter(&mut |name, parameter| {
        parameters.push((name.to_owned(), parameter.shape().iter().product::<usize>()));
    });
    parameters
        .into_iter()
        .map(|(name, size)| {
            let first = tensors.take(path, &format!("first-moment.{network}.{name}"), &[size])?;
            let second = tensors.take(path, &format!("second-moment.{network}.{name}"), &[size])?;
            Ok((name, first, second))
        })
        .collect()
}
