use ndarray::{Array2, ArrayView2, Axis, s};
use validation::metrics::FeatureMatrix;
use validation::metrics::kernels::{Kernel, maximum_mean_discrepancy};

use super::settings::RecurrentGanSettings;
use crate::compute::{Device, Tensor, scalar, to_host};
use crate::events::Events;
use crate::gan::Progress;
use crate::nn::{Module, Network};
use crate::random::{Purpose, Streams};
use crate::suite::systems::series::adversarial_losses::{
    taken_for_generated, taken_for_real, with_cotangents,
};
use crate::suite::systems::series::data::{SeriesBatch, SeriesData, below, blocks, part};
use crate::suite::systems::series::member::{Last, Member, RecurrentStack, site};
use crate::suite::{ProblemData, RunOptions, SuiteError, Trained};

/// Series of each side that are compared to choose a generator.
const COMPARED: usize = 500;
/// Seed of the generated ones.
const COMPARED_SEED: u64 = 0;

/// Generator and discriminator.
#[derive(Debug)]
pub(super) struct Training {
    settings: RecurrentGanSettings,
    series: SeriesData,
    generator: Member,
    discriminator: Member,
    /// The least discrepancy so far, and its generator.
    best: Option<(f64, Network)>,
    critic_noise: Streams,
    generator_noise: Streams,
    device: Device,
}

impl Training {
    pub(super) fn new(
        settings: RecurrentGanSettings,
        series: SeriesData,
        options: &RunOptions,
    ) -> Self {
        let device = options.device.clone();
        let initial = Streams::new(options.seed, Purpose::Initialisation);
        let labels = series.label_width();
        let build = |stream, features, hidden, outputs, last| {
            let stack = RecurrentStack {
                kind: settings.cell.kind(),
                steps: series.steps,
                features,
                hidden,
                layers: settings.layers,
                outputs,
                last,
            };
            stack.build(&mut site(labels, &mut initial.normals(stream), &device))
        };
        let generator = build(0, settings.latent, settings.hidden, series.features, Last::Tanh);
        let discriminator =
            build(1, series.features, settings.discriminator_hidden, 1, Last::Linear);
        Self {
            generator: Member::new(generator, settings.optimiser, None),
            discriminator: Member::new(discriminator, settings.discriminator_optimiser, None),
            best: None,
            critic_noise: Streams::new(options.seed, Purpose::CriticNoise),
            generator_noise: Streams::new(options.seed, Purpose::GeneratorNoise),
            settings,
            series,
            device,
        }
    }

    /// Updates of the discriminator and one of the generator; the losses if they are wanted.
    pub(super) fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let steps = self.settings.discriminator_steps;
        let mut terms = Vec::new();
        for step in 0..steps {
            let number = progress.iteration * (steps + 1) + step;
            let loss = self.step_discriminator(number, progress);
            terms = vec![("critic loss", loss)];
        }
        let last = progress.iteration * (steps + 1) + steps;
        terms.push(("generator loss", self.step_generator(last, progress)));
        if !wants_terms {
            return Vec::new();
        }
        terms.into_iter().map(|(name, loss)| (name.to_owned(), scalar(loss))).collect()
    }

    fn batch(&self, number: u64) -> SeriesBatch {
        self.series.batch(number, self.settings.batch_size, &self.device)
    }

    fn noise(&self, streams: &Streams, first: u64, count: usize) -> Tensor<2> {
        let shape = [count, self.series.steps, self.settings.latent];
        self.settings.noise.draw(streams, first, shape, &self.device)
    }

    fn step_discriminator(&mut self, number: u64, progress: Progress) -> Tensor<1> {
        let size = self.settings.batch_size;
        let SeriesBatch { x, label } = self.batch(number);
        let noise = self.noise(&self.critic_noise, number * size as u64, size);
        let fake = self.generator.forward(&noise, label.as_ref());
        let twice = label.map(|label| below(&[&label, &label]));
        let (logits, judgement) =
            self.discriminator.record(&below(&[&x, &fake]), twice.as_ref(), None);
        let ([of_logits], loss) = with_cotangents([&logits], |[logits]| {
            let loss = taken_for_real(&part(logits, 0, size))
                + taken_for_generated(&part(logits, size, size));
            (loss.clone(), loss.inner())
        });
        self.discriminator.step(judgement.pull_back(of_logits), progress);
        loss
    }

    fn step_generator(&mut self, number: u64, progress: Progress) -> Tensor<1> {
        let size = self.settings.batch_size;
        let SeriesBatch { label, .. } = self.batch(number);
        let noise = self.noise(&self.generator_noise, number * size as u64, size);
        let (fake, generation) = self.generator.record(&noise, label.as_ref(), None);
        let (logits, judgement) = self.discriminator.pass(&fake, label.as_ref(), None);
        let ([of_logits], loss) = with_cotangents([&logits], |[logits]| {
            let loss = taken_for_real(logits);
            (loss.clone(), loss.inner())
        });
        let of_fake = judgement.pull_back(of_logits).input;
        self.generator.step(generation.pull_back(of_fake), progress);
        loss
    }

    /// Keeps the generator if no earlier one was as near to the data.
    ///
    /// # Errors
    /// Series that are not finite.
    pub(super) fn compare(&mut self, data: &ProblemData) -> Result<(), SuiteError> {
        let count = COMPARED.min(data.train.len());
        let rows =
            |values: &Array2<f32>, label| FeatureMatrix::new(label, values.slice(s![..count, ..]));
        let made = self.generate(data.train.conditions.slice(s![..count, ..]), COMPARED_SEED)?;
        let (real, made) = (rows(&data.train.values, "data")?, rows(&made.values, "generated")?);
        let kernel = Kernel::gaussian_of_median(&real, &real)?;
        let discrepancy = maximum_mean_discrepancy(&real, &made, &kernel)?.unbiased;
        if self.best.as_ref().is_none_or(|(least, _)| discrepancy < *least) {
            self.best = Some((discrepancy, self.generator.network.clone()));
        }
        Ok(())
    }

    /// Goes back to the best generator, at the end of a training.
    pub(super) fn take_best(&mut self) {
        if let Some((_, best)) = self.best.take() {
            self.generator.network = best;
        }
    }
}

impl Trained for Training {
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError> {
        let streams = Streams::new(seed, Purpose::Generation);
        let mut values = Array2::zeros((0, self.series.width()));
        for (first, size) in blocks(conditions.nrows()) {
            let told = conditions.slice(s![first..first + size, ..]);
            let label = self.series.label(told, &self.device);
            let noise = self.noise(&streams, first as u64, size);
            let block = self.series.to_values(self.generator.forward(&noise, label.as_ref()));
            values.append(Axis(0), block.view()).expect("as many columns");
        }
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    /// The mean over the steps of the discriminator's logits.
    fn scores(&self, events: &Events) -> Option<Vec<f64>> {
        let x = self.series.to_networks(&events.values, &self.device);
        let label = self.series.label(events.conditions.view(), &self.device);
        let logits = self.discriminator.forward(&x, label.as_ref());
        Some(to_host(logits.mean_dim(1)).into_iter().map(f64::from).collect())
    }

    fn parameters(&self) -> usize {
        self.generator.network.parameter_count()
    }
}
