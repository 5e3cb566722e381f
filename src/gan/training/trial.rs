use std::time::Instant;

use serde::Serialize;

use super::sample::TrainingSample;
use super::trainer::Trainer;
use crate::codec::CodecError;
use crate::nn::{LayerDescription, Module};

/// What a training would take, found out with a few real iterations.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    pub networks: Vec<NetworkSummary>,
    /// Weights of all networks.
    pub parameters: usize,
    /// Bytes of weights: those in training, and the generator's average.
    pub parameter_bytes: usize,
    /// Bytes of the optimisers' moments.
    pub moment_bytes: usize,
    /// Bytes of the encoded training events in memory.
    pub sample_bytes: usize,
    /// The greatest memory of the process so far, trial included.
    pub peak_bytes: Option<u64>,
    /// Median wall time of an iteration.
    pub seconds_per_iteration: f64,
    /// Iterations that were timed.
    pub timed_iterations: usize,
    /// Iterations of the whole training.
    pub iterations: u64,
    /// Wall time of all of them, without evaluations and checkpoints.
    pub seconds: f64,
}

/// A network, layer by layer.
#[derive(Debug, Clone, Serialize)]
pub struct NetworkSummary {
    pub name: String,
    pub layers: Vec<LayerDescription>,
    /// Weights of a generator that are in none of the layers: the mixing of its voxel noise.
    pub other_parameters: usize,
    pub parameters: usize,
}

/// The first iteration allocates what later ones use again.
const WARM_UP: usize = 1;
/// With more, the median is hardly better.
const MOST_TIMED: usize = 25;

impl Trial {
    /// Trains for a few iterations, at most about `seconds` long. Nothing is written.
    /// `sample_bytes` is what the encoded events take.
    ///
    /// # Errors
    /// As [`Trainer::iterate`].
    pub fn run(
        mut trainer: Trainer,
        sample: &mut TrainingSample,
        sample_bytes: usize,
        seconds: f64,
    ) -> Result<Self, CodecError> {
        let started = Instant::now();
        let mut times = Vec::new();
        while times.len() < WARM_UP + 1
            || (times.len() < WARM_UP + MOST_TIMED && started.elapsed().as_secs_f64() < seconds)
        {
            let begun = Instant::now();
            let terms = trainer.iterate(sample)?;
            // Waits for the device.
            let _ = trainer.log_line(&terms);
            times.push(begun.elapsed().as_secs_f64());
        }
        let mut timed = times.split_off(WARM_UP);
        timed.sort_by(f64::total_cmp);
        let seconds_per_iteration = timed[timed.len() / 2];
        let networks = trainer.networks();
        let parameters: usize = networks.iter().map(|network| network.parameters).sum();
        let generator = trainer.generator().parameter_count();
        let float = size_of::<f32>();
        let iterations = trainer.settings().training.iterations;
        Ok(Self {
            networks,
            parameters,
            parameter_bytes: (parameters + generator) * float,
            moment_bytes: trainer.moment_bytes(),
            sample_bytes,
            peak_bytes: peak_bytes(),
            seconds_per_iteration,
            timed_iterations: timed.len(),
            iterations,
            seconds: seconds_per_iteration * iterations as f64,
        })
    }
}

impl Trainer {
    /// The generator, and every critic.
    pub fn networks(&self) -> Vec<NetworkSummary> {
        let generator = (&self.generator.describe(), self.generator.parameter_count());
        let mut networks = vec![summary("generator".to_owned(), generator.0, generator.1)];
        networks.extend(self.critics.iter().map(|training| {
            let critic = &training.critic;
            let name = format!("critic `{}`", training.settings.name);
            summary(name, &critic.describe(), critic.parameter_count())
        }));
        networks
    }

    /// Bytes of the optimisers' running averages.
    fn moment_bytes(&self) -> usize {
        let critics = self
            .critics
            .iter()
            .map(|training| training.critic.parameter_count() * training.optimiser.slot_count());
        let generator = self.generator.parameter_count() * self.generator_optimiser.slot_count();
        (generator + critics.sum::<usize>()) * size_of::<f32>()
    }
}

fn summary(name: String, layers: &[LayerDescription], parameters: usize) -> NetworkSummary {
    let inside: usize = layers.iter().map(|layer| layer.parameters).sum();
    let layers = layers.to_vec();
    NetworkSummary { name, layers, other_parameters: parameters - inside, parameters }
}

/// The greatest resident memory of this process, where the system tells.
fn peak_bytes() -> Option<u64> {
    let status = fs_err::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
