use rayon::prelude::*;

use super::draw::{CriticExtras, Draw, Piece, User, events_per_pass, instance_noise, noise_of};
use super::sample::TrainingSample;
use super::terms::IterationTerms;
use crate::codec::{CodecError, EventCodec};
use crate::compute::{Device, Tensor, scalar};
use crate::gan::objectives::{Objective, weighted_mean};
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{
    Critic, CriticTerms, Generator, Matching, MovingAverage, ObservableMap, Optimiser, Progress,
    Side,
};
use crate::nn::{BatchStatistics, Module, frozen, tracked};
use crate::random::{Purpose, Streams};
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
    /// Events that go through the networks at once.
    events_per_pass: usize,
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
    pub(super) interpolation: Streams,
    pub(super) regularisation: Streams,
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
            .collect::<Vec<_>>();
        let matching = cells.filter(|_| !settings.generator.matching.is_empty()).map(|cells| {
            let terms = settings.generator.matching.iter();
            MatchedObservables {
                terms: terms.map(|term| (*term, cells.selecting(&[term.observable]))).collect(),
            }
        });
        let events_per_pass = events_per_pass(&settings, &generator, &critics, &device);
        Self {
            events_per_pass,
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

    pub(super) fn progress(&self) -> Progress {
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
        let batches = self.settings.training.accumulation;
        let progress = self.progress();
        for (training, _) in self.critics.iter_mut().zip(active).filter(|(_, active)| **active) {
            training.critic.before_step();
        }
        let mut sums: Vec<Option<(ParameterGradients, CriticTerms)>> =
            self.critics.iter().map(|_| None).collect();
        for number in step * batches..(step + 1) * batches {
            let draw = self.draw(sample, number, User::Critics);
            let extras: Vec<CriticExtras> = (0..self.critics.len())
                .map(|which| {
                    let training = &self.critics[which];
                    CriticExtras::draw(training, &draw, &self.streams, which, progress)
                })
                .collect();
            for piece in self.pieces() {
                let sides = draw.sides(&self.generator, piece, &self.streams, false);
                let share = piece.share(self.settings.training.batch_size) / batches as f64;
                for (i, training) in self.critics.iter_mut().enumerate() {
                    if !active[i] {
                        continue;
                    }
                    let batch = extras[i].batch(&sides, piece, &training.settings);
                    let in_graph = tracked(&training.critic);
                    let dropout = self.streams.regularisation.uniforms(draw.stream(i, 0, piece));
                    let mut terms = in_graph.terms(&batch, dropout, training.equilibrium, progress);
                    let loss = scaled(terms.loss.clone(), share);
                    let gradients = ParameterGradients::of(&in_graph, &loss.backward());
                    training.critic.absorb(&mut terms);
                    let terms = terms.detached(share);
                    sums[i] = Some(match sums[i].take() {
                        Some((sum, before)) => (sum.plus(gradients), before.add(terms)),
                        None => (gradients, terms),
                    });
                }
            }
        }
        let factor = self.rate_factor;
        sums.into_iter()
            .zip(&mut self.critics)
            .map(|(sum, training)| {
                let (gradients, terms) = sum?;
                training.step(gradients, &terms, factor, progress);
                Some(terms)
            })
            .collect()
    }

    /// The parts of a batch that go through the networks one after the other.
    fn pieces(&self) -> Vec<Piece> {
        Piece::all(self.settings.training.batch_size, self.events_per_pass)
    }

    /// Whether anything compares real events with generated ones at the same conditions.
    fn needs_pairs(&self) -> bool {
        let mut objectives = self.critics.iter().map(|training| &training.settings.objective);
        self.matching.is_some() || objectives.any(|objective| !objective.needs_other_fake())
    }

    fn needs_independent_batches(&self) -> bool {
        self.critics.iter().any(|training| training.settings.objective.needs_other_fake())
    }

    /// All that is random in batch number `number`.
    fn draw(&self, sample: &TrainingSample, number: u64, user: User) -> Draw {
        let size = self.settings.training.batch_size;
        let (batches, noises) = match user {
            User::Critics => (&self.streams.critic_batch, &self.streams.critic_noise),
            User::Generator => (&self.streams.generator_batch, &self.streams.generator_noise),
        };
        let batch = |third: u64| sample.batch(batches, 3 * number + third, size, &self.device);
        let noise = |third: u64| self.noise(noises, 3 * number + third, size);
        Draw {
            real: batch(0),
            paired: self.needs_pairs().then(|| noise(0)),
            independent: self
                .needs_independent_batches()
                .then(|| [1, 2].map(|third| (batch(third), noise(third)))),
            number,
            user,
        }
    }

    fn update_generator(
        &mut self,
        sample: &TrainingSample,
        step: u64,
    ) -> (Vec<Tensor<1>>, Option<Tensor<1>>) {
        let batches = self.settings.training.accumulation;
        let size = self.settings.training.batch_size;
        self.generator.before_step();
        let mut sum: Option<(ParameterGradients, Vec<Tensor<1>>, Option<Tensor<1>>)> = None;
        for number in step * batches..(step + 1) * batches {
            let draw = self.draw(sample, number, User::Generator);
            let (critics, progress) = (self.critics.iter().enumerate(), self.progress());
            let noises: Vec<_> = critics
                .map(|(i, training)| instance_noise(training, &draw, &self.streams, i, progress))
                .collect();
            for piece in self.pieces() {
                let in_graph = tracked(&self.generator);
                let (losses, matching, statistics) =
                    self.generator_losses(&in_graph, &draw, &noises, piece);
                let share = piece.share(size) / batches as f64;
                let total = losses
                    .iter()
                    .zip(&self.critics)
                    .map(|(loss, training)| scaled(loss.clone(), training.settings.weight))
                    .chain(matching.clone())
                    .reduce(|sum, loss| sum + loss)
                    .expect("checked settings have a critic");
                let gradients = ParameterGradients::of(&in_graph, &scaled(total, share).backward());
                self.generator.absorb(statistics);
                let plain = |loss: Tensor<1>| scaled(loss.inner(), share);
                let (losses, matching) =
                    (losses.into_iter().map(plain).collect::<Vec<_>>(), matching.map(plain));
                sum = Some(match sum.take() {
                    None => (gradients, losses, matching),
                    Some((sum, before, matched)) => (
                        sum.plus(gradients),
                        before.into_iter().zip(losses).map(|(a, b)| a + b).collect(),
                        matched.zip(matching).map(|(a, b)| a + b),
                    ),
                });
            }
        }
        let (mut gradients, losses, matching) = sum.expect("there is a batch at least");
        let settings = &self.settings.generator;
        if let Some(largest) = settings.gradient_clip {
            gradients = gradients.clip(largest);
        }
        let rate = settings.optimiser.learning_rate().at(self.progress()) * self.rate_factor;
        self.generator_optimiser.step(&mut self.generator, gradients, rate);
        (losses, matching)
    }

    /// The losses of a generator in a graph against each critic, that of matched observables, and
    /// what its batch norms have seen.
    fn generator_losses(
        &self,
        in_graph: &Generator,
        draw: &Draw,
        noises: &[Vec<Tensor<2>>],
        piece: Piece,
    ) -> (Vec<Tensor<1>>, Option<Tensor<1>>, BatchStatistics) {
        let sides = draw.sides(in_graph, piece, &self.streams, true);
        let losses = self.critics.iter().enumerate().map(|(i, training)| {
            let settings = &training.settings;
            let uniforms = self.streams.regularisation.uniforms(draw.stream(i, 1, piece));
            let noise = noise_of(&noises[i], piece, settings.packing);
            let (fake, other) = sides.fakes(&settings.objective);
            frozen(&training.critic).generator_loss(&sides.real, fake, other, &noise, uniforms)
        });
        let losses = losses.collect();
        let pair = sides.paired.as_ref().map(|fake| (&sides.real, fake));
        let matching = self.matching.as_ref().zip(pair).map(|(m, (real, fake))| m.loss(real, fake));
        (losses, matching, sides.statistics)
    }

    /// Noise of batch number `number`: one stream for each event, drawn in parallel.
    fn noise(&self, streams: &Streams, number: u64, size: usize) -> Tensor<2> {
        let width = self.generator.noise_width();
        let mut values = vec![0.0_f32; size * width];
        let first = number * size as u64;
        let at_once = (VALUES_A_TASK / width).max(1);
        values.par_chunks_mut(at_once * width).enumerate().for_each(|(i, rows)| {
            self.generator.fill_noise_of_events(streams, first + (i * at_once) as u64, rows);
        });
        self.generator.noise(values, &self.device)
    }
}

/// Values that are drawn or copied in less time than it takes to hand them to another thread.
pub(super) const VALUES_A_TASK: usize = 4_096;

impl CriticInTraining {
    /// One update.
    fn step(
        &mut self,
        mut gradients: ParameterGradients,
        terms: &CriticTerms,
        rate_factor: f64,
        progress: Progress,
    ) {
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

/// A loss times a factor, without an operation where it is 1.
fn scaled(loss: Tensor<1>, factor: f64) -> Tensor<1> {
    if factor == 1.0 { loss } else { loss * factor }
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
