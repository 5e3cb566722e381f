use rayon::prelude::*;

use super::drawn::{Drawn, side};
use super::log::{CriticLog, LogLine, PenaltyLog};
use super::sample::TrainingSample;
use crate::codec::{CodecError, Conditions, EventCodec, SumConditions};
use crate::compute::{Device, Tensor, matrix, scalar};
use crate::gan::objectives::{Objective, weighted_mean};
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{
    Critic, CriticBatch, CriticTerms, Generator, Matching, MovingAverage, ObservableMap, Optimiser,
    OptimiserSettings, Progress, Side,
};
use crate::nn::{BatchStatistics, Module, Pass, frozen, tracked};
use crate::random::{Normals, Purpose, Streams};
use crate::settings::{CheckedSettings, CriticSettings};

/// The networks of a training, their optimisers, and how far they have come.
///
/// An iteration is `critic_steps` updates of every critic (or as many as its own `steps`) and
/// `generator_steps` of the generator. All random numbers follow from (seed, purpose, step), so
/// that the state between two iterations is just the weights, the optimisers' running averages,
/// BEGAN's k, the factor of the learning rates and the number of iterations.
#[derive(Debug)]
pub struct Trainer {
    pub(super) settings: CheckedSettings,
    pub(super) codec: EventCodec,
    pub(super) device: Device,
    pub(super) seed: u64,
    pub(super) generator: Generator,
    pub(super) generator_optimiser: Optimiser,
    pub(super) average: MovingAverage<Generator>,
    pub(super) critics: Vec<CriticInTraining>,
    pub(super) iteration: u64,
    matching: Option<MatchedObservables>,
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
    pub(super) optimiser: Optimiser,
    /// BEGAN's k.
    pub(super) equilibrium: f64,
}

#[derive(Debug)]
pub(super) struct TrainingStreams {
    critic_batch: Streams,
    critic_noise: Streams,
    generator_batch: Streams,
    generator_noise: Streams,
    interpolation: Streams,
    regularisation: Streams,
}

/// The observables that generated events share with real ones.
#[derive(Debug)]
struct MatchedObservables {
    terms: Vec<(Matching, ObservableMap)>,
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
            regularisation: stream(Purpose::Regularisation),
        }
    }
}

/// The losses of one iteration, still on the device.
#[derive(Debug)]
pub struct IterationTerms {
    pub(super) critics: Vec<CriticTerms>,
    pub(super) generator: Vec<Tensor<1>>,
    matching: Option<Tensor<1>>,
}

impl Trainer {
    /// Untrained networks.
    pub fn new(settings: CheckedSettings, codec: EventCodec, seed: u64, device: Device) -> Self {
        let initial = Streams::new(seed, Purpose::Initialisation);
        let generator =
            Generator::new(&settings.generator, &codec, &mut initial.normals(0), &device);
        let cells = match &codec {
            EventCodec::Shower(shower) => {
                Some(ObservableMap::new(settings.detector(), shower, &device))
            }
            EventCodec::Pipeline(_) => None,
        };
        let critics = settings
            .critic
            .iter()
            .zip(1..)
            .map(|(settings, stream)| CriticInTraining {
                critic: Critic::new(
                    settings,
                    &codec,
                    cells.as_ref(),
                    &mut initial.normals(stream),
                    &device,
                ),
                optimiser: Optimiser::new(settings.optimiser),
                settings: settings.clone(),
                equilibrium: 0.0,
            })
            .collect();
        let matching = cells.filter(|_| !settings.generator.matching.is_empty()).map(|cells| {
            let terms = settings.generator.matching.iter();
            MatchedObservables {
                terms: terms.map(|term| (*term, cells.selecting(&[term.observable]))).collect(),
            }
        });
        Self {
            average: MovingAverage::new(&generator, settings.training.average_decay),
            generator_optimiser: Optimiser::new(settings.generator.optimiser),
            generator,
            critics,
            iteration: 0,
            matching,
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

    /// The generator as it is trained.
    pub fn generator(&self) -> &Generator {
        &self.generator
    }

    /// The averaged generator, which is what is used after the training.
    pub fn averaged_generator(&self) -> &Generator {
        self.average.module()
    }

    /// Name and network of every critic.
    pub fn critics(&self) -> impl Iterator<Item = (&str, &Critic)> {
        self.critics.iter().map(|training| (training.settings.name.as_str(), &training.critic))
    }

    fn progress(&self) -> Progress {
        Progress { iteration: self.iteration, iterations: self.settings.training.iterations }
    }

    /// One iteration.
    ///
    /// # Errors
    /// Events that cannot be read or encoded, where the sample is streamed.
    pub fn iterate(&mut self, sample: &mut TrainingSample) -> Result<IterationTerms, CodecError> {
        sample.prepare(self.iteration)?;
        let run = self.settings.training;
        let steps =
            |training: &CriticInTraining| training.settings.steps.unwrap_or(run.critic_steps);
        let most = self.critics.iter().map(steps).max().unwrap_or(0);
        let mut critics: Vec<Option<CriticTerms>> = self.critics.iter().map(|_| None).collect();
        for step in 0..most {
            let number = self.iteration * most + step;
            let active: Vec<bool> = self.critics.iter().map(|c| step < steps(c)).collect();
            for (last, terms) in
                critics.iter_mut().zip(self.update_critics(sample, number, &active))
            {
                if terms.is_some() {
                    *last = terms;
                }
            }
        }
        let critics = critics.into_iter().flatten().collect();
        let mut generator = (Vec::new(), None);
        for step in 0..run.generator_steps {
            generator = self.update_generator(sample, self.iteration * run.generator_steps + step);
        }
        self.iteration += 1;
        self.average.update(&self.generator, self.iteration);
        Ok(IterationTerms { critics, generator: generator.0, matching: generator.1 })
    }

    fn update_critics(
        &mut self,
        sample: &TrainingSample,
        step: u64,
        active: &[bool],
    ) -> Vec<Option<CriticTerms>> {
        let parts = self.settings.training.accumulation;
        let progress = self.progress();
        for (training, _) in self.critics.iter_mut().zip(active).filter(|(_, active)| **active) {
            training.critic.before_step();
        }
        let mut sums: Vec<Option<(ParameterGradients, CriticTerms)>> =
            self.critics.iter().map(|_| None).collect();
        for part in step * parts..(step + 1) * parts {
            let drawn = self.draw_for_critics(sample, part);
            for (i, training) in self.critics.iter_mut().enumerate().filter(|(i, _)| active[*i]) {
                let batch = training.batch(&drawn, &self.streams, part, i as u64, progress);
                let in_graph = tracked(&training.critic);
                let dropout = self.streams.regularisation.uniforms(stream_of(part, i as u64, 0));
                let mut terms = in_graph.terms(&batch, dropout, training.equilibrium, progress);
                let gradients = ParameterGradients::of(&in_graph, &terms.loss.backward());
                training.critic.absorb(&mut terms);
                sums[i] = Some(match sums[i].take() {
                    Some((sum, _)) => (sum.plus(gradients), terms),
                    None => (gradients, terms),
                });
            }
        }
        let factor = self.rate_factor;
        sums.into_iter()
            .zip(&mut self.critics)
            .map(|(sum, training)| {
                let (gradients, terms) = sum?;
                training.step(gradients, &terms, parts, factor, progress);
                Some(terms)
            })
            .collect()
    }

    /// Real events, and generated ones outside of any graph of the generator's.
    fn draw_for_critics(&self, sample: &TrainingSample, number: u64) -> Drawn {
        let size = self.settings.training.batch_size;
        let batch = |third: u64| {
            sample.batch(&self.streams.critic_batch, 3 * number + third, size, &self.device)
        };
        let made = |conditions: &Conditions, third: u64| {
            let noise = self.noise(&self.streams.critic_noise, 3 * number + third, size);
            let uniforms = self.streams.regularisation.uniforms(stream_of(number, third, 3));
            let mut pass = Pass::training(None, uniforms);
            Tensor::from_inner(self.generator.forward(&noise, conditions, &mut pass).encoded)
        };
        let real = batch(0);
        let paired = self.needs_pairs().then(|| made(&real.conditions, 0));
        let independent = self.needs_independent_batches().then(|| {
            [1, 2].map(|third| {
                let drawn = batch(third);
                let encoded = made(&drawn.conditions, third);
                Side { encoded, ..side(drawn) }
            })
        });
        Drawn::new(side(real), paired, independent)
    }

    /// Whether anything compares real events with generated ones at the same conditions.
    fn needs_pairs(&self) -> bool {
        let mut objectives = self.critics.iter().map(|training| &training.settings.objective);
        self.matching.is_some() || objectives.any(|objective| !objective.needs_other_fake())
    }

    fn needs_independent_batches(&self) -> bool {
        self.critics.iter().any(|training| training.settings.objective.needs_other_fake())
    }

    fn update_generator(
        &mut self,
        sample: &TrainingSample,
        step: u64,
    ) -> (Vec<Tensor<1>>, Option<Tensor<1>>) {
        let parts = self.settings.training.accumulation;
        self.generator.before_step();
        let mut sum: Option<ParameterGradients> = None;
        let mut last = (Vec::new(), None);
        for part in step * parts..(step + 1) * parts {
            let in_graph = tracked(&self.generator);
            let (losses, matching, statistics) = self.generator_losses(&in_graph, sample, part);
            let total = losses
                .iter()
                .zip(&self.critics)
                .map(|(loss, training)| loss.clone() * training.settings.weight)
                .chain(matching.clone())
                .reduce(|sum, loss| sum + loss)
                .expect("checked settings have a critic");
            let gradients = ParameterGradients::of(&in_graph, &total.backward());
            self.generator.absorb(statistics);
            sum = Some(match sum {
                Some(sum) => sum.plus(gradients),
                None => gradients,
            });
            last = (losses, matching);
        }
        let settings = &self.settings.generator;
        let mut gradients = averaged(sum.expect("there is a batch at least"), parts);
        if let Some(largest) = settings.gradient_clip {
            gradients = gradients.clip(largest);
        }
        let rate = settings.optimiser.learning_rate().at(self.progress()) * self.rate_factor;
        self.generator_optimiser.step(&mut self.generator, gradients, rate);
        last
    }

    /// The losses of a generator in a graph against each critic, that of matched observables, and
    /// what its batch norms have seen.
    fn generator_losses(
        &self,
        in_graph: &Generator,
        sample: &TrainingSample,
        number: u64,
    ) -> (Vec<Tensor<1>>, Option<Tensor<1>>, BatchStatistics) {
        let size = self.settings.training.batch_size;
        let batch = |third: u64| {
            sample.batch(&self.streams.generator_batch, 3 * number + third, size, &self.device)
        };
        let mut statistics = BatchStatistics::new();
        let mut made = |conditions: Conditions, third: u64| {
            let noise = self.noise(&self.streams.generator_noise, 3 * number + third, size);
            let uniforms = self.streams.regularisation.uniforms(stream_of(number, third, 6));
            let mut pass = Pass::training(None, uniforms);
            let noise = Tensor::from_inner(noise);
            let made = in_graph.forward(&noise, &conditions.in_graph(), &mut pass).encoded;
            statistics = pass.take_statistics();
            made
        };
        let real = batch(0);
        let paired = self.needs_pairs().then(|| made(real.conditions.clone(), 0));
        let independent = self.needs_independent_batches().then(|| {
            [1, 2].map(|third| {
                let drawn = batch(third);
                let encoded = made(drawn.conditions.clone(), third);
                Side { encoded, ..side(drawn) }
            })
        });
        let drawn = Drawn::new(side(real), paired, independent);
        let losses = self.critics.iter().zip(0..).map(|(training, which)| {
            let stream = |of| stream_of(number, which, of);
            let normals = self.streams.regularisation.normals(stream(10));
            let noise = training.instance_noise(&drawn.real, normals, self.progress());
            let uniforms = self.streams.regularisation.uniforms(stream(9));
            let (fake, other) = drawn.fakes(&training.settings.objective);
            let critic = frozen(&training.critic);
            critic.generator_loss(&drawn.real, fake, other, noise.as_ref(), uniforms)
        });
        let losses = losses.collect();
        let pair = drawn.paired.as_ref().map(|fake| (&drawn.real, fake));
        let matching = self.matching.as_ref().zip(pair).map(|(m, (real, fake))| m.loss(real, fake));
        (losses, matching, statistics)
    }

    /// Noise of batch number `number`: one stream for each event, drawn in parallel.
    fn noise(&self, streams: &Streams, number: u64, size: usize) -> Tensor<2> {
        let width = self.generator.noise_width();
        let mut values = vec![0.0_f32; size * width];
        let first = number * size as u64;
        values.par_chunks_mut(width).enumerate().for_each(|(i, row)| {
            self.generator.fill_noise(&mut streams.normals(first + i as u64), row);
        });
        self.generator.noise(values, &self.device)
    }

    /// The terms of the last iteration as a line of the log.
    pub fn log_line(&self, terms: &IterationTerms) -> LogLine {
        let progress = Progress { iteration: self.iteration - 1, ..self.progress() };
        let rate =
            |settings: &OptimiserSettings| settings.learning_rate().at(progress) * self.rate_factor;
        let critics = self
            .critics
            .iter()
            .zip(&terms.critics)
            .zip(&terms.generator)
            .map(|((training, terms), generator)| {
                let reconstruction = terms.reconstruction.clone().map(|losses| losses.map(scalar));
                let convergence = match (&training.settings.objective, reconstruction) {
                    (Objective::Began(began), Some([real, fake])) => {
                        Some(began.convergence(real, fake))
                    }
                    _ => None,
                };
                let penalties = terms.penalties.iter().zip(&training.settings.penalty);
                CriticLog {
                    name: training.settings.name.clone(),
                    loss: scalar(terms.loss.clone()),
                    objective: scalar(terms.objective.clone()),
                    penalties: penalties
                        .map(|(value, penalty)| PenaltyLog {
                            kind: penalty.kind().to_owned(),
                            value: scalar(value.clone()),
                            weight: penalty.weight_at(progress),
                        })
                        .collect(),
                    auxiliary: terms.auxiliary.clone().map(scalar),
                    equilibrium: convergence.map(|_| training.equilibrium),
                    convergence,
                    score_difference: scalar(terms.score_difference.clone()),
                    generator_loss: scalar(generator.clone()),
                    learning_rate: rate(&training.settings.optimiser),
                }
            })
            .collect();
        LogLine {
            iteration: self.iteration,
            critics,
            matching: terms.matching.clone().map(scalar),
            generator_learning_rate: rate(&self.settings.generator.optimiser),
            variance_ratio: None,
            selection: None,
        }
    }
}

/// A stream for each batch, critic or side, and use.
fn stream_of(number: u64, which: u64, of: u64) -> u64 {
    (number * 64 + which.min(63)) * 12 + of
}

fn averaged(gradients: ParameterGradients, batches: u64) -> ParameterGradients {
    if batches == 1 { gradients } else { gradients.scale(1.0 / batches as f64) }
}

impl CriticInTraining {
    /// What this critic is trained on, with the noise and the flips that its settings ask for.
    fn batch(
        &self,
        drawn: &Drawn,
        streams: &TrainingStreams,
        number: u64,
        which: u64,
        progress: Progress,
    ) -> CriticBatch {
        let size = drawn.real.label.dims()[0];
        let device = plain_device(&drawn.real.label);
        let column = |values: Vec<f32>| Tensor::from_inner(matrix(values, size, 1, &device));
        let mut uniforms = streams.interpolation.uniforms(number);
        let epsilon = column((0..size).map(|_| uniforms.draw()).collect());
        let flip = self.settings.label_flip as f32;
        let flipped = (flip > 0.0).then(|| {
            let mut uniforms = streams.regularisation.uniforms(stream_of(number, which, 1));
            let flips = (0..size).map(|_| f32::from(u8::from(uniforms.draw() < flip)));
            column(flips.collect())
        });
        let normals = streams.regularisation.normals(stream_of(number, which, 2));
        let (fake, other_fake) = drawn.fakes(&self.settings.objective);
        CriticBatch {
            real: drawn.real.clone(),
            fake: fake.clone(),
            other_fake: other_fake.cloned(),
            epsilon,
            flipped,
            instance_noise: self.instance_noise(&drawn.real, normals, progress),
        }
    }

    /// Noise on what the critic sees of all sides of a step, one below the other; `real` is one of
    /// them.
    fn instance_noise(
        &self,
        real: &Side,
        mut normals: Normals,
        progress: Progress,
    ) -> Option<Tensor<2>> {
        let deviation = self.settings.instance_noise.at(progress);
        if deviation <= 0.0 {
            return None;
        }
        let sides = if self.settings.objective.needs_other_fake() { 3 } else { 2 };
        let rows = sides * real.label.dims()[0] / self.settings.packing;
        let width = self.critic.seen_width();
        let mut values = vec![0.0; rows * width];
        normals.fill(&mut values);
        values.iter_mut().for_each(|value| *value *= deviation as f32);
        Some(Tensor::from_inner(matrix(values, rows, width, &plain_device(&real.label))))
    }

    /// One update.
    fn step(
        &mut self,
        gradients: ParameterGradients,
        terms: &CriticTerms,
        batches: u64,
        rate_factor: f64,
        progress: Progress,
    ) {
        let mut gradients = averaged(gradients, batches);
        if let Some(largest) = self.settings.gradient_clip {
            gradients = gradients.clip(largest);
        }
        let rate = self.settings.optimiser.learning_rate().at(progress) * rate_factor;
        self.optimiser.step(&mut self.critic, gradients, rate);
        if let Some(largest) = self.settings.weight_clip {
            clip_weights(&mut self.critic, largest);
        }
        if let (Objective::Began(began), Some(losses)) =
            (&self.settings.objective, &terms.reconstruction)
        {
            let [real, fake] = losses.clone().map(scalar);
            self.equilibrium = began.next_equilibrium(self.equilibrium, real, fake);
        }
    }
}

/// Keeps the weights of the network that is used within ± `largest` (arXiv:1701.07875,
/// algorithm 1).
fn clip_weights(critic: &mut Critic, largest: f64) {
    critic.for_each_parameter(&mut |_, parameter| {
        if parameter.is_trained() {
            let clipped = parameter.take_flat().clamp(-largest, largest);
            parameter.set_flat(clipped);
        }
    });
}

impl MatchedObservables {
    /// Σ weight · E loss(observable of the generated event, that of the real one).
    fn loss(&self, real: &Side, fake: &Side) -> Tensor<1> {
        self.terms
            .iter()
            .map(|(term, observable)| {
                let target = observable.of(&real.encoded).detach();
                let losses = term.loss.of(observable.of(&fake.encoded), target);
                weighted_mean(losses, fake.weights.as_ref()) * term.weight
            })
            .reduce(|sum, loss| sum + loss)
            .expect("there is a term at least")
    }
}

/// The device of a tensor, without its graph.
fn plain_device(tensor: &Tensor<2>) -> Device {
    tensor.clone().inner().device()
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
