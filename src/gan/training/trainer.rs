use rayon::prelude::*;

use super::log::{CriticLog, LogLine};
use super::sample::{Batch, TrainingSample};
use crate::codec::{CodecError, Conditions, EventCodec, SumConditions};
use crate::compute::{Device, Tensor, matrix, scalar};
use crate::gan::{Adam, Critic, CriticTerms, Generator, MovingAverage};
use crate::nn::{frozen, tracked};
use crate::random::{Purpose, Streams};
use crate::settings::{CheckedSettings, CriticSettings};

/// The networks of a training, their optimisers, and how far they have come.
///
/// An iteration is `critic_steps` updates of every critic and one of the generator. All random
/// numbers follow from (seed, purpose, step), so that the state between two iterations is just
/// the weights, the moments and the number of iterations.
#[derive(Debug)]
pub struct Trainer {
    pub(super) settings: CheckedSettings,
    pub(super) codec: EventCodec,
    pub(super) device: Device,
    pub(super) seed: u64,
    pub(super) generator: Generator,
    pub(super) generator_optimiser: Adam,
    pub(super) average: MovingAverage<Generator>,
    pub(super) critics: Vec<CriticInTraining>,
    pub(super) iteration: u64,
    /// All learning rates are multiplied by this.
    pub(super) rate_factor: f64,
    /// How often the training was rolled back, which its random numbers depend on.
    pub(super) roll_backs: u64,
    pub(super) streams: TrainingStreams,
}

#[derive(Debug)]
pub(super) struct CriticInTraining {
    pub(super) settings: CriticSettings,
    pub(super) critic: Critic,
    pub(super) optimiser: Adam,
}

#[derive(Debug)]
pub(super) struct TrainingStreams {
    critic_batch: Streams,
    critic_noise: Streams,
    generator_batch: Streams,
    generator_noise: Streams,
    interpolation: Streams,
}

impl TrainingStreams {
    pub(super) fn new(seed: u64, roll_backs: u64) -> Self {
        let stream = |purpose| Streams::of_attempt(seed, purpose, roll_backs);
        Self {
            critic_batch: stream(Purpose::CriticBatch),
            critic_noise: stream(Purpose::CriticNoise),
            generator_batch: stream(Purpose::GeneratorBatch),
            generator_noise: stream(Purpose::GeneratorNoise),
            interpolation: stream(Purpose::Interpolation),
        }
    }
}

/// The losses of one iteration, still on the device.
#[derive(Debug)]
pub struct IterationTerms {
    pub(super) critics: Vec<CriticTerms>,
    pub(super) generator: Vec<Tensor<1>>,
}

impl Trainer {
    /// Untrained networks.
    pub fn new(settings: CheckedSettings, codec: EventCodec, seed: u64, device: Device) -> Self {
        let initial = Streams::new(seed, Purpose::Initialisation);
        let generator =
            Generator::new(&settings.generator, &codec, &mut initial.normals(0), &device);
        let layout = codec.layout();
        let critics = settings
            .critic
            .iter()
            .zip(1..)
            .map(|(settings, stream)| CriticInTraining {
                critic: Critic::new(settings, &layout, &mut initial.normals(stream), &device),
                optimiser: Adam::new(settings.optimiser.betas()),
                settings: settings.clone(),
            })
            .collect();
        Self {
            average: MovingAverage::new(&generator, settings.training.average_decay),
            generator_optimiser: Adam::new(settings.generator.optimiser.betas()),
            generator,
            critics,
            iteration: 0,
            rate_factor: 1.0,
            roll_backs: 0,
            streams: TrainingStreams::new(seed, 0),
            settings,
            codec,
            device,
            seed,
        }
    }

    /// Iterations done.
    pub fn iteration(&self) -> u64 {
        self.iteration
    }

    pub fn settings(&self) -> &CheckedSettings {
        &self.settings
    }

    pub fn codec(&self) -> &EventCodec {
        &self.codec
    }

    /// The averaged generator, which is what is used after the training.
    pub fn averaged_generator(&self) -> &Generator {
        self.average.module()
    }

    /// The generator as it is trained.
    pub fn generator(&self) -> &Generator {
        &self.generator
    }

    /// One iteration.
    ///
    /// # Errors
    /// Events that cannot be read or encoded, where the sample is streamed.
    pub fn iterate(&mut self, sample: &mut TrainingSample) -> Result<IterationTerms, CodecError> {
        sample.prepare(self.iteration)?;
        let progress = self.iteration as f64 / self.settings.training.iterations as f64;
        let steps = self.settings.training.critic_steps;
        let mut critics = Vec::new();
        for step in self.iteration * steps..(self.iteration + 1) * steps {
            critics = self.update_critics(sample, step, progress);
        }
        let generator = self.update_generator(sample, progress);
        self.iteration += 1;
        self.average.update(&self.generator, self.iteration);
        Ok(IterationTerms { critics, generator })
    }

    fn update_critics(
        &mut self,
        sample: &TrainingSample,
        step: u64,
        progress: f64,
    ) -> Vec<CriticTerms> {
        let size = self.settings.training.batch_size;
        let batch = sample.batch(&self.streams.critic_batch, step, size, &self.device);
        let noise = self.noise(&self.streams.critic_noise, step, size);
        let fake = self.generator.forward(&noise, &batch.conditions).encoded;
        let mut uniforms = self.streams.interpolation.uniforms(step);
        let epsilon = (0..size).map(|_| uniforms.draw()).collect();
        let epsilon = Tensor::from_inner(matrix(epsilon, size, 1, &self.device));
        let (real, label) =
            (Tensor::from_inner(batch.encoded), Tensor::from_inner(batch.conditions.label));
        let fake = Tensor::from_inner(fake);
        let weights = batch.weights.map(Tensor::from_inner);
        self.critics
            .iter_mut()
            .map(|training| {
                let in_graph = tracked(&training.critic);
                let weight = training.settings.penalty.weight_at(progress);
                let terms =
                    in_graph.terms(&real, &fake, &label, &epsilon, weights.as_ref(), weight);
                let gradients = terms.loss.backward();
                let rate = training.settings.optimiser.schedule().at(progress) * self.rate_factor;
                training.optimiser.step(&mut training.critic, &in_graph, &gradients, rate);
                terms
            })
            .collect()
    }

    fn update_generator(&mut self, sample: &TrainingSample, progress: f64) -> Vec<Tensor<1>> {
        let size = self.settings.training.batch_size;
        let step = self.iteration;
        let Batch { encoded, conditions, weights } =
            sample.batch(&self.streams.generator_batch, step, size, &self.device);
        let noise = Tensor::from_inner(self.noise(&self.streams.generator_noise, step, size));
        let (real, conditions) = (Tensor::from_inner(encoded), conditions.in_graph());
        let weights = weights.map(Tensor::from_inner);
        let in_graph = tracked(&self.generator);
        let fake = in_graph.forward(&noise, &conditions).encoded;
        let losses: Vec<Tensor<1>> = self
            .critics
            .iter()
            .map(|training| {
                let critic = frozen(&training.critic);
                critic.generator_loss(&real, &fake, &conditions.label, weights.as_ref())
            })
            .collect();
        let total = losses
            .iter()
            .zip(&self.critics)
            .map(|(loss, training)| loss.clone() * training.settings.weight)
            .reduce(|sum, loss| sum + loss)
            .expect("checked settings have a critic");
        let gradients = total.backward();
        let rate = self.settings.generator.optimiser.schedule().at(progress) * self.rate_factor;
        self.generator_optimiser.step(&mut self.generator, &in_graph, &gradients, rate);
        losses
    }

    /// Noise of batch number `number`: one stream for each event, drawn in parallel.
    fn noise(&self, streams: &Streams, number: u64, size: usize) -> Tensor<2> {
        let width = self.generator.noise_width();
        let mut values = vec![0.0_f32; size * width];
        let first = number * size as u64;
        values
            .par_chunks_mut(width)
            .enumerate()
            .for_each(|(i, row)| streams.normals(first + i as u64).fill(row));
        self.generator.noise(values, &self.device)
    }

    /// The terms of the last iteration as a line of the log.
    pub fn log_line(&self, terms: &IterationTerms) -> LogLine {
        let progress = (self.iteration - 1) as f64 / self.settings.training.iterations as f64;
        let critics = self
            .critics
            .iter()
            .zip(&terms.critics)
            .zip(&terms.generator)
            .map(|((training, terms), generator)| CriticLog {
                name: training.settings.name.clone(),
                loss: scalar(terms.loss.clone()),
                objective: scalar(terms.objective.clone()),
                penalty: scalar(terms.penalty.clone()),
                penalty_weight: training.settings.penalty.weight_at(progress),
                score_difference: scalar(terms.score_difference.clone()),
                generator_loss: scalar(generator.clone()),
                learning_rate: training.settings.optimiser.schedule().at(progress)
                    * self.rate_factor,
            })
            .collect();
        LogLine {
            iteration: self.iteration,
            critics,
            generator_learning_rate: self.settings.generator.optimiser.schedule().at(progress)
                * self.rate_factor,
            variance_ratio: None,
            selection: None,
        }
    }
}

impl Conditions {
    /// The same conditions as constants of a graph.
    pub fn in_graph(self) -> Self {
        Self {
            label: Tensor::from_inner(self.label),
            sums: self.sums.map(SumConditions::in_graph),
            scales: self.scales,
        }
    }
}

impl SumConditions {
    pub(crate) fn in_graph(self) -> Self {
        Self {
            mean: Tensor::from_inner(self.mean),
            deviation: Tensor::from_inner(self.deviation),
            threshold: Tensor::from_inner(self.threshold),
        }
    }
}
