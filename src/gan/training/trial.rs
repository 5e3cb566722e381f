use std::time::Instant;

use serde::Serialize;

use super::sample::TrainingSample;
use super::trainer::Trainer;
use crate::codec::CodecError;
use crate::nn::Module;

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

/// The layers of a network.
#[derive(Debug, Clone, Serialize)]
pub struct NetworkSummary {
    pub name: String,
    /// Its weights by name, with their shapes.
    pub weights: Vec<WeightSummary>,
    pub parameters: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct WeightSummary {
    pub name: String,
    pub shape: Vec<usize>,
    pub parameters: usize,
}

/// The first iterations allocate what later ones use again.
const WARM_UP: usize = 2;

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
        while times.len() < WARM_UP + 3
            || (times.len() < WARM_UP + 25 && started.elapsed().as_secs_f64() < seconds)
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
            moment_bytes: 2 * parameters * float,
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
        let critics = self.critics.iter().map(|training| {
            summary(format!("critic `{}`", training.settings.name), &training.critic)
        });
        std::iter::once(summary("generator".to_owned(), &self.generator)).chain(critics).collect()
    }
}

fn summary(name: String, module: &impl Module) -> NetworkSummary {
    let mut weights = Vec::new();
    module.clone().for_each_parameter(&mut |name, parameter| {
        let shape = parameter.shape().to_vec();
        let parameters = shape.iter().product();
        weights.push(WeightSummary { name: name.to_owned(), shape, parameters });
    });
    NetworkSummary { name, parameters: weights.iter().map(|w| w.parameters).sum(), weights }
}

/// The greatest resident memory of this process, where the system tells.
fn peak_bytes() -> Option<u64> {
    let status = fs_err::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
