use std::path::Path;

use serde::{Deserialize, Serialize};

use super::selection::SelectionFigures;
use super::trainer::Trainer;
use crate::codec::EventCodec;
use crate::gan::Optimiser;
use crate::gan::optimisers::OptimiserState;
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
    /// BEGAN's k of each critic.
    pub equilibria: Vec<f64>,
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
        let mut steps = vec![insert_slots(&mut tensors, "generator", &self.generator_optimiser)];
        for training in &self.critics {
            let name = format!("critic.{}", training.settings.name);
            tensors.insert_module(&name, &training.critic);
            steps.push(insert_slots(&mut tensors, &name, &training.optimiser));
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
            equilibria: self.critics.iter().map(|training| training.equilibrium).collect(),
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
        let slots = self.generator_optimiser.slot_count();
        let slots = take_slots(&mut tensors, path, "generator", &self.generator, slots)?;
        self.generator_optimiser.restore(OptimiserState { steps: next(), slots }, &device);
        let equilibria = header.equilibria.iter().copied().chain(std::iter::repeat(0.0));
        for (training, equilibrium) in self.critics.iter_mut().zip(equilibria) {
            let name = format!("critic.{}", training.settings.name);
            tensors.fill_module(path, &name, &mut training.critic, &device)?;
            let slots = training.optimiser.slot_count();
            let slots = take_slots(&mut tensors, path, &name, &training.critic, slots)?;
            training.optimiser.restore(OptimiserState { steps: next(), slots }, &device);
            training.equilibrium = equilibrium;
        }
        self.iteration = header.iteration;
        self.set_rate_factor(header.rate_factor);
        self.set_roll_backs(header.roll_backs);
        Ok(())
    }
}

fn insert_slots(tensors: &mut NamedTensors, network: &str, optimiser: &Optimiser) -> u64 {
    let state = optimiser.state();
    for (name, slots) in state.slots {
        for (i, slot) in slots.into_iter().enumerate() {
            tensors.insert(format!("slot-{i}.{network}.{name}"), vec![slot.len()], slot);
        }
    }
    state.steps
}

/// The running averages of all parameters that an optimiser has moved.
/// The running averages of an optimiser, by the names of the parameters.
type ParameterSlots = Vec<(String, Vec<Vec<f32>>)>;

fn take_slots(
    tensors: &mut NamedTensors,
    path: &Path,
    network: &str,
    module: &impl Module,
    slots: usize,
) -> Result<ParameterSlots, ModelFileError> {
    let mut parameters = Vec::new();
    module.clone().for_each_parameter(&mut |name, parameter| {
        if parameter.is_trained() {
            parameters.push((name.to_owned(), parameter.shape().iter().product::<usize>()));
        }
    });
    let mut all = Vec::new();
    for (name, size) in parameters {
        // A parameter that no loss depends on has none.
        if slots > 0 && tensors.contains(&format!("slot-0.{network}.{name}")) {
            let values = (0..slots)
                .map(|i| tensors.take(path, &format!("slot-{i}.{network}.{name}"), &[size]))
                .collect::<Result<_, _>>()?;
            all.push((name, values));
        }
    }
    Ok(all)
}
