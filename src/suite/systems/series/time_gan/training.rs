use ndarray::{ArrayView2, Axis};

use super::settings::TimeGanSettings;
use crate::compute::{Device, Tensor, scalar};
use crate::events::Events;
use crate::gan::{MovingAverage, Progress};
use crate::nn::{Module, Network, Pass};
use crate::random::{Purpose, Streams};
use crate::suite::systems::series::adversarial_losses::{
    taken_for_generated, taken_for_real, with_cotangents,
};
use crate::suite::systems::series::data::{SeriesData, below, blocks, part};
use crate::suite::systems::series::member::{Last, Member, RecurrentStack, site};
use crate::suite::{RunOptions, SuiteError, Trained};

/// The phases of the training, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Of the autoencoder alone.
    Embedding,
    /// Of the supervisor alone.
    Supervision,
    Joint,
}

/// The five networks.
#[derive(Debug)]
pub(super) struct Training {
    settings: TimeGanSettings,
    series: SeriesData,
    embedder: Member,
    recovery: Member,
    generator: Member,
    supervisor: Member,
    discriminator: Member,
    /// Of generator, supervisor and recovery, which are what generates.
    averages: [MovingAverage<Network>; 3],
    averaged: u64,
    latent: usize,
    noise: Streams,
    device: Device,
}

type Terms = Vec<(String, f64)>;

/// Keeps square roots of 0 differentiable.
const SMALL: f64 = 1e-12;
/// Added to variances, as the authors do.
const VARIANCE_EPSILON: f64 = 1e-6;

impl Training {
    pub(super) fn new(settings: TimeGanSettings, series: SeriesData, options: &RunOptions) -> Self {
        let device = options.device.clone();
        let initial = Streams::new(options.seed, Purpose::Initialisation);
        let TimeGanSettings { hidden, layers, .. } = settings;
        let latent = settings.latent.unwrap_or(series.features);
        let build = |stream, features, layers, outputs, last| {
            let stack = RecurrentStack {
                kind: settings.cell.kind(),
                steps: series.steps,
                features,
                hidden,
                layers,
                outputs,
                last,
            };
            stack.build(&mut site(0, &mut initial.normals(stream), &device))
        };
        let (optimiser, of_critic) = (settings.optimiser, settings.discriminator_optimiser);
        let features = series.features;
        let embedder = build(0, features, layers, hidden, Last::Sigmoid);
        let recovery = build(1, hidden, layers, features, Last::Sigmoid);
        let generator = build(2, latent, layers, hidden, Last::Sigmoid);
        let supervisor = build(3, hidden, layers - 1, hidden, Last::Sigmoid);
        let discriminator = build(4, hidden, layers, 1, Last::Linear);
        let average = |network| MovingAverage::new(network, settings.average_decay);
        Self {
            averages: [average(&generator), average(&supervisor), average(&recovery)],
            averaged: 0,
            embedder: Member::new(embedder, optimiser, None),
            recovery: Member::new(recovery, optimiser, None),
            generator: Member::new(generator, optimiser, None),
            supervisor: Member::new(supervisor, optimiser, None),
            discriminator: Member::new(discriminator, of_critic, None),
            latent,
            noise: Streams::new(options.seed, Purpose::GeneratorNoise),
            settings,
            series,
            device,
        }
    }

    /// Each phase has optimisers of its own.
    pub(super) fn begin_phase(&mut self) {
        for member in [&mut self.embedder, &mut self.recovery, &mut self.supervisor] {
            member.forget_steps();
        }
    }

    /// One iteration, `number` counted over all phases; its losses if they are wanted.
    pub(super) fn iterate(
        &mut self,
        phase: Phase,
        number: u64,
        progress: Progress,
        wants_terms: bool,
    ) -> Terms {
        // Batches of the joint phase: one for each step of the generator, and one for the critic.
        let first = number * (self.settings.generator_steps + 1);
        let terms = match phase {
            Phase::Embedding => {
                let x = self.real(first);
                let (h, embedding) = self.embedder.record(&x, None, None);
                vec![("reconstruction", self.step_autoencoder(&x, &h, embedding, 0.0, progress))]
            }
            Phase::Supervision => {
                let h = self.embedder.forward(&self.real(first), None);
                vec![("supervised loss", self.step_supervisor(&h, progress))]
            }
            Phase::Joint => {
                let mut terms = Vec::new();
                for step in 0..self.settings.generator_steps {
                    terms = self.step_generator(first + step, progress);
                }
                let last = first + self.settings.generator_steps;
                terms.push(("critic loss", self.step_discriminator(last, progress)));
                terms
            }
        };
        let averaged = [&self.generator, &self.supervisor, &self.recovery];
        self.averaged += 1;
        for (average, member) in self.averages.iter_mut().zip(averaged) {
            average.update(&member.network, self.averaged);
        }
        if !wants_terms {
            return Vec::new();
        }
        terms.into_iter().map(|(name, loss)| (name.to_owned(), scalar(loss))).collect()
    }

    fn real(&self, number: u64) -> Tensor<2> {
        self.series.batch(number, self.settings.batch_size, &self.device).x
    }

    fn noise(&self, number: u64) -> Tensor<2> {
        let size = self.settings.batch_size;
        let shape = [size, self.series.steps, self.latent];
        self.settings.noise.draw(&self.noise, number * size as u64, shape, &self.device)
    }

    /// Generator and supervisor, then the autoencoder on the same series.
    fn step_generator(
        &mut self,
        number: u64,
        progress: Progress,
    ) -> Vec<(&'static str, Tensor<1>)> {
        let size = self.settings.batch_size;
        let x = self.real(number);
        let (h, embedding) = self.embedder.record(&x, None, None);
        let (made, generation) = self.generator.record(&self.noise(number), None, None);
        // Both at once: g(z), and h.
        let (next, supervision) = self.supervisor.record(&below(&[&made, &h]), None, None);
        let (fake, next_of_h) = (part(&next, 0, size), part(&next, size, size));
        let (logits, judgement) = self.discriminator.pass(&below(&[&fake, &made]), None, None);
        let (recovered, recovery) = self.recovery.pass(&fake, None, None);
        let settings = &self.settings;
        let hidden = settings.hidden;
        let ([of_logits, of_next, of_recovered], terms) =
            with_cotangents([&logits, &next_of_h, &recovered], |[logits, next_of_h, recovered]| {
                let adversarial = taken_for_real(&part(logits, 0, size))
                    + taken_for_real(&part(logits, size, size)) * settings.embedded_weight;
                let h = Tensor::from_inner(h.clone());
                let supervised = supervised_loss(&h, next_of_h, hidden);
                let x = Tensor::from_inner(x.clone());
                let moments = moment_difference(&x, recovered);
                let loss = adversarial.clone()
                    + (supervised.clone() + SMALL).sqrt() * settings.supervised_weight
                    + moments.clone() * settings.moment_weight;
                let terms = [
                    ("generator loss", adversarial.inner()),
                    ("supervised loss", supervised.inner()),
                    ("moments", moments.inner()),
                ];
                (loss, terms)
            });
        let of_judged = judgement.pull_back(of_logits).input;
        let of_fake = recovery.pull_back(of_recovered).input + part(&of_judged, 0, size);
        let pulled = supervision.pull_back(below(&[&of_fake, &of_next]));
        let of_made = part(&pulled.input, 0, size) + part(&of_judged, size, size);
        self.supervisor.step(pulled, progress);
        self.generator.step(generation.pull_back(of_made), progress);
        let weight = self.settings.embedding_supervised_weight;
        let reconstruction = self.step_autoencoder(&x, &h, embedding, weight, progress);
        terms.into_iter().chain([("reconstruction", reconstruction)]).collect()
    }

    /// Embedder and recovery; L_R.
    fn step_autoencoder(
        &mut self,
        x: &Tensor<2>,
        h: &Tensor<2>,
        embedding: crate::nn::Recording,
        supervised_weight: f64,
        progress: Progress,
    ) -> Tensor<1> {
        let weight = self.settings.reconstruction_weight;
        let hidden = self.settings.hidden;
        let (recovered, recovery) = self.recovery.record(h, None, None);
        let root = |recovered: &Tensor<2>| {
            let difference = Tensor::from_inner(x.clone()) - recovered.clone();
            (difference.square().mean() + SMALL).sqrt()
        };
        let (of_recovered, of_h, loss) = if supervised_weight > 0.0 {
            let (next, supervision) = self.supervisor.pass(h, None, None);
            let ([of_recovered, of_next, of_h], loss) =
                with_cotangents([&recovered, &next, h], |[recovered, next, h]| {
                    let loss = root(recovered);
                    let supervised = supervised_loss(h, next, hidden) * supervised_weight;
                    (loss.clone() * weight + supervised, loss.inner())
                });
            (of_recovered, Some(of_h + supervision.pull_back(of_next).input), loss)
        } else {
            let ([of_recovered], loss) = with_cotangents([&recovered], |[recovered]| {
                let loss = root(recovered);
                (loss.clone() * weight, loss.inner())
            });
            (of_recovered, None, loss)
        };
        let through = self.recovery.step(recovery.pull_back(of_recovered), progress);
        let of_h = of_h.map_or(through.clone(), |direct| direct + through);
        self.embedder.step(embedding.pull_back(of_h), progress);
        loss
    }

    /// The supervisor alone; L_S.
    fn step_supervisor(&mut self, h: &Tensor<2>, progress: Progress) -> Tensor<1> {
        let hidden = self.settings.hidden;
        let (next, supervision) = self.supervisor.record(h, None, None);
        let ([of_next], loss) = with_cotangents([&next], |[next]| {
            let loss = supervised_loss(&Tensor::from_inner(h.clone()), next, hidden);
            (loss.clone(), loss.inner())
        });
        self.supervisor.step(supervision.pull_back(of_next), progress);
        loss
    }

    /// The discriminator, unless its loss is small.
    fn step_discriminator(&mut self, number: u64, progress: Progress) -> Tensor<1> {
        let size = self.settings.batch_size;
        let h = self.embedder.forward(&self.real(number), None);
        let made = self.generator.forward(&self.noise(number), None);
        let fake = self.supervisor.forward(&made, None);
        let (logits, judgement) =
            self.discriminator.record(&below(&[&h, &fake, &made]), None, None);
        let weight = self.settings.embedded_weight;
        let ([of_logits], loss) = with_cotangents([&logits], |[logits]| {
            let loss = taken_for_real(&part(logits, 0, size))
                + taken_for_generated(&part(logits, size, size))
                + taken_for_generated(&part(logits, 2 * size, size)) * weight;
            (loss.clone(), loss.inner())
        });
        if scalar(loss.clone()) > self.settings.discriminator_threshold {
            self.discriminator.step(judgement.pull_back(of_logits), progress);
        }
        loss
    }
}

/// E (h₂…ₜ − s(h)₁…ₜ₋₁)².
///
/// # Shapes
/// h and s(h): `[series, steps × hidden]`.
fn supervised_loss(h: &Tensor<2>, next: &Tensor<2>, hidden: usize) -> Tensor<1> {
    let rest = h.dims()[1] - hidden;
    let wanted = h.clone().narrow(1, hidden, rest);
    (wanted - next.clone().narrow(1, 0, rest)).square().mean()
}

/// |√Var x̂ − √Var x| + |⟨x̂⟩ − ⟨x⟩|, the moments over the series, the means over all columns.
fn moment_difference(x: &Tensor<2>, made: &Tensor<2>) -> Tensor<1> {
    let moments = |x: &Tensor<2>| {
        let mean = x.clone().mean_dim(0);
        let variance = (x.clone() - mean.clone()).square().mean_dim(0);
        (mean, (variance + VARIANCE_EPSILON).sqrt())
    };
    let ((mean, deviation), (mean_made, deviation_made)) = (moments(x), moments(made));
    (deviation_made - deviation).abs().mean() + (mean_made - mean).abs().mean()
}

impl Trained for Training {
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError> {
        let count = conditions.nrows();
        let streams = Streams::new(seed, Purpose::Generation);
        let mut values = ndarray::Array2::zeros((0, self.series.width()));
        for (first, size) in blocks(count) {
            let shape = [size, self.series.steps, self.latent];
            let mut x = self.settings.noise.draw(&streams, first as u64, shape, &self.device);
            for network in self.averages.iter().map(MovingAverage::module) {
                x = network.forward(x, &mut Pass::evaluation(None));
            }
            let block = self.series.to_values(x);
            values.append(Axis(0), block.view()).expect("as many columns");
        }
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    /// The mean over the steps of the discriminator's logits.
    fn scores(&self, events: &Events) -> Option<Vec<f64>> {
        let x = self.series.to_networks(&events.values, &self.device);
        let logits = self.discriminator.forward(&self.embedder.forward(&x, None), None);
        let scores = crate::compute::to_host(logits.mean_dim(1));
        Some(scores.into_iter().map(f64::from).collect())
    }

    /// Of generator, supervisor and recovery.
    fn parameters(&self) -> usize {
        let averages = self.averages.iter();
        averages.map(|average| average.module().parameter_count()).sum()
    }
}
