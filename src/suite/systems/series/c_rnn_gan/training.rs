use ndarray::{Array2, ArrayView2, Axis};

use super::discriminator::{Discriminator, Judgement};
use super::generator::{Generator, GeneratorShape};
use super::settings::{CRnnGanSettings, GeneratorLoss};
use crate::compute::{Device, Tensor, scalar, to_host};
use crate::events::Events;
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{Optimiser, OptimiserSettings, Progress};
use crate::nn::{Module, Parameter, Tracking, tracked};
use crate::random::{Purpose, Streams};
use crate::suite::systems::series::adversarial_losses::{
    taken_for_generated, taken_for_real, with_cotangents,
};
use crate::suite::systems::series::data::{SeriesData, below, blocks, part};
use crate::suite::systems::series::member::site;
use crate::suite::systems::series::noise::StepNoise;
use crate::suite::{RunOptions, SuiteError, Trained};

/// Generator and discriminator.
#[derive(Debug)]
pub(super) struct Training {
    settings: CRnnGanSettings,
    series: SeriesData,
    generator: Generator,
    discriminator: Discriminator,
    optimiser: Optimiser,
    discriminator_optimiser: Optimiser,
    critic_noise: Streams,
    generator_noise: Streams,
    dropout: Streams,
    device: Device,
}

/// Who draws masks of dropout in an iteration.
#[derive(Debug, Clone, Copy)]
enum User {
    CriticsFake,
    Critic,
    Generator,
    GeneratorsCritic,
    GeneratorsReal,
}

impl Training {
    pub(super) fn new(settings: CRnnGanSettings, series: SeriesData, options: &RunOptions) -> Self {
        let device = options.device.clone();
        let initial = Streams::new(options.seed, Purpose::Initialisation);
        let CRnnGanSettings { latent, hidden, layers, dropout, .. } = settings;
        let (steps, features) = (series.steps, series.features);
        let shape = GeneratorShape { latent, steps, features, hidden, layers, dropout };
        let generator = Generator::new(shape, &mut site(0, &mut initial.normals(0), &device));
        let discriminator = Discriminator::new(
            [steps, features],
            hidden,
            layers,
            dropout,
            &mut site(0, &mut initial.normals(1), &device),
        );
        Self {
            generator,
            discriminator,
            optimiser: Optimiser::new(settings.optimiser),
            discriminator_optimiser: Optimiser::new(settings.discriminator_optimiser),
            critic_noise: Streams::new(options.seed, Purpose::CriticNoise),
            generator_noise: Streams::new(options.seed, Purpose::GeneratorNoise),
            dropout: Streams::new(options.seed, Purpose::Regularisation),
            settings,
            series,
            device,
        }
    }

    fn noise(&self, streams: &Streams, first: u64, count: usize) -> Tensor<2> {
        let shape = [count, self.series.steps, self.settings.latent];
        StepNoise::Uniform.draw(streams, first, shape, &self.device)
    }

    fn masks(&self, iteration: u64, user: User) -> Option<crate::random::Uniforms> {
        Some(self.dropout.uniforms(iteration * 5 + user as u64))
    }

    /// The generator predicts the next step of real series.
    pub(super) fn pretrain(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let (number, size) = (progress.iteration, self.settings.batch_size);
        let x = self.series.batch(number, size, &self.device).x;
        let noise = self.noise(&self.generator_noise, number * size as u64, size);
        let in_graph = tracked(&self.generator);
        let (x, noise) = (Tensor::from_inner(x), Tensor::from_inner(noise));
        let predicted = in_graph.forward(&noise, Some(&x), self.masks(number, User::Generator));
        let loss = (x - predicted).square().mean();
        let gradients = ParameterGradients::of(&in_graph, &loss.backward());
        self.step_generator(gradients, progress);
        if wants_terms { vec![("prediction".to_owned(), scalar(loss.inner()))] } else { Vec::new() }
    }

    /// One update of each network; the losses if they are wanted.
    pub(super) fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let of_critic = self.update_discriminator(progress);
        let of_generator = self.update_generator(progress);
        if !wants_terms {
            return Vec::new();
        }
        [("critic loss", of_critic), ("generator loss", of_generator)]
            .map(|(name, loss)| (name.to_owned(), scalar(loss)))
            .into()
    }

    fn update_discriminator(&mut self, progress: Progress) -> Tensor<1> {
        let (number, size) = (progress.iteration, self.settings.batch_size);
        let x = self.series.batch(2 * number, size, &self.device).x;
        let noise = self.noise(&self.critic_noise, number * size as u64, size);
        let fake = self.generator.forward(&noise, None, self.masks(number, User::CriticsFake));
        let judgement = self.discriminator.judge(
            below(&[&x, &fake]),
            self.masks(number, User::Critic),
            Tracking::Parameters,
        );
        let ([of_logits], loss) = with_cotangents([&judgement.logits], |[logits]| {
            let loss = taken_for_real(&part(logits, 0, size))
                + taken_for_generated(&part(logits, size, size));
            (loss.clone(), loss.inner())
        });
        let pulled = judgement.pull_back(of_logits);
        let gradients = ParameterGradients::from_places(pulled.parameters);
        let settings = &self.settings;
        let gradients = regularised(&self.discriminator, gradients, settings);
        let rate = rate(&settings.discriminator_optimiser, progress);
        self.discriminator_optimiser.step(&mut self.discriminator, gradients, rate);
        loss
    }

    fn update_generator(&mut self, progress: Progress) -> Tensor<1> {
        let (number, size) = (progress.iteration, self.settings.batch_size);
        let noise = self.noise(&self.generator_noise, number * size as u64, size);
        let in_graph = tracked(&self.generator);
        let masks = self.masks(number, User::Generator);
        let fake = in_graph.forward(&Tensor::from_inner(noise), None, masks);
        let judge = |x: Tensor<2>, user| -> Judgement {
            self.discriminator.judge(x, self.masks(number, user), Tracking::Input)
        };
        let judgement = judge(fake.clone().inner(), User::GeneratorsCritic);
        let (of_fake, loss) = match self.settings.generator_loss {
            GeneratorLoss::FeatureMatching => {
                let x = self.series.batch(2 * number + 1, size, &self.device).x;
                let real = judge(x, User::GeneratorsReal).features;
                let ([of_features], loss) = with_cotangents([&judgement.features], |[features]| {
                    let difference = Tensor::from_inner(real) - features.clone();
                    let loss = difference.square().mean();
                    (loss.clone(), loss.inner())
                });
                (judgement.pull_features_back(of_features), loss)
            }
            adversarial => {
                let ([of_logits], loss) = with_cotangents([&judgement.logits], |[logits]| {
                    let loss = match adversarial {
                        GeneratorLoss::Saturating => -taken_for_generated(logits),
                        _ => taken_for_real(logits),
                    };
                    (loss.clone(), loss.inner())
                });
                (judgement.pull_back(of_logits).input, loss)
            }
        };
        let gradients = (fake * Tensor::from_inner(of_fake)).sum().backward();
        self.step_generator(ParameterGradients::of(&in_graph, &gradients), progress);
        loss
    }

    fn step_generator(&mut self, gradients: ParameterGradients, progress: Progress) {
        let gradients = regularised(&self.generator, gradients, &self.settings);
        let rate = rate(&self.settings.optimiser, progress);
        self.optimiser.step(&mut self.generator, gradients, rate);
    }
}

fn rate(settings: &OptimiserSettings, progress: Progress) -> f64 {
    settings.learning_rate().at(progress)
}

/// Gradients with those of λ Σ w², and of limited norm.
fn regularised<M: Module>(
    module: &M,
    gradients: ParameterGradients,
    settings: &CRnnGanSettings,
) -> ParameterGradients {
    let mut decay = Vec::new();
    module.clone().for_each_parameter(&mut |_, parameter: &mut Parameter| {
        decay.push(parameter.is_trained().then(|| parameter.flat() * (2.0 * settings.l2_weight)));
    });
    gradients.plus(ParameterGradients::from_places(decay)).clip(settings.largest_gradient)
}

impl Trained for Training {
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError> {
        let streams = Streams::new(seed, Purpose::Generation);
        let mut values = Array2::zeros((0, self.series.width()));
        for (first, size) in blocks(conditions.nrows()) {
            let noise = self.noise(&streams, first as u64, size);
            let block = self.series.to_values(self.generator.forward(&noise, None, None));
            values.append(Axis(0), block.view()).expect("as many columns");
        }
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    /// The mean over the steps of the discriminator's logits.
    fn scores(&self, events: &Events) -> Option<Vec<f64>> {
        let x = self.series.to_networks(&events.values, &self.device);
        let logits = self.discriminator.judge(x, None, Tracking::Input).logits;
        Some(to_host(logits.mean_dim(1)).into_iter().map(f64::from).collect())
    }

    fn parameters(&self) -> usize {
        self.generator.parameter_count()
    }
}
