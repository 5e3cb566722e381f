use ndarray::{Array2, ArrayView2};

use super::super::loop_settings::{iterations, read};
use super::super::own_loop::{About, Iterate, OwnLoop, Resolved};
use super::super::translation::Batches;
use super::equalised::equalised;
use super::networks::{GrowingCritic, GrowingGenerator};
use super::settings::ProgressiveSettings;
use super::stage::{SMALLEST_SIDE, Stage};
use crate::compute::{Device, Tensor, matrix, scalar, to_host};
use crate::events::Events;
use crate::gan::optimisers::ParameterGradients;
use crate::gan::penalties::{Differentiated, GradientPenalty, interpolate};
use crate::gan::{MovingAverage, Optimiser, Progress};
use crate::nn::{Module, Site, frozen, tracked};
use crate::random::{Purpose, Streams};
use crate::suite::Task;
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, Tier, Trained};

/// Progressive growing (arXiv:1710.10196): WGAN-GP with the drift term,
///
/// critic: E D(G(z)) − E D(x) + λ E (‖∇D(x̂)‖ − 1)² + ε E D(x)², generator: −E D(G(z)),
///
/// on images that grow from 4 × 4 by factors of 2. A new level is faded in: the generator's image is
/// (1 − α) · the old one enlarged + α · the new one, the critic's features likewise, and the real
/// images lose their finest details by as much. Pixel norm in the generator, the deviation over the
/// batch in the critic, equalised learning rates, and a moving average of the generator.
///
/// Images whose side is no 4 · 2ⁿ are set in a frame of their smallest value, which is cut off
/// again. Conditions are not told to the networks.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProgressiveGrowing;

const NAME: &str = "progressive-growing";
const DEFAULTS: &str = include_str!("../../../../configs/suite/progressive-growing.toml");

impl OwnLoop for ProgressiveGrowing {
    type Settings = ProgressiveSettings;

    fn about(&self) -> About {
        About {
            name: NAME,
            title: "Progressive growing",
            source: "Karras et al., arXiv:1710.10196",
            formula: "E D(G(z)) - E D(x) + lambda E (|grad D| - 1)^2 + epsilon E D(x)^2, faded in by alpha",
        }
    }

    fn fits(&self, problem: &dyn Problem) -> Result<(), String> {
        if problem.tier() != Tier::Images || problem.task() != Task::Generation {
            return Err("it is not one of generating images".to_owned());
        }
        Ok(())
    }

    fn resolved(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<ProgressiveSettings>, SuiteError> {
        let settings: ProgressiveSettings = read(NAME, DEFAULTS, options)?;
        settings.check(NAME)?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        Ok(Resolved::new(settings, count))
    }

    fn begin<'a>(
        &self,
        settings: ProgressiveSettings,
        problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError> {
        let frame = Framing::of(data).map_err(|reason| SuiteError::DoesNotFit {
            system: NAME.to_owned(),
            problem: problem.name().to_owned(),
            reason,
        })?;
        let images = Batches::new(frame.framed(data.train.values.view()), problem.name())?;
        Ok(Box::new(Training::new(settings, frame, images, options)?))
    }
}

/// Images in a frame that makes their side 4 · 2ⁿ.
#[derive(Debug, Clone)]
struct Framing {
    channels: usize,
    side: usize,
    framed_side: usize,
    levels: usize,
    background: f32,
}

impl Framing {
    fn of(data: &ProblemData) -> Result<Self, String> {
        let [channels, side, columns] = *data.shape else {
            return Err(format!("its events have the shape {:?}, expected images", data.shape));
        };
        if side != columns || side == 0 {
            return Err(format!("its images are {side}x{columns}, expected square ones"));
        }
        let mut levels = 1;
        while SMALLEST_SIDE << (levels - 1) < side {
            levels += 1;
        }
        let background = data.train.values.iter().copied().fold(f32::INFINITY, f32::min);
        let framed_side = SMALLEST_SIDE << (levels - 1);
        Ok(Self { channels, side, framed_side, levels, background })
    }

    /// Where a pixel is in the framed image.
    fn place(&self, pixel: usize) -> usize {
        let Self { side, framed_side, .. } = *self;
        let before = (framed_side - side) / 2;
        let (channel, rest) = (pixel / (side * side), pixel % (side * side));
        let (row, column) = (rest / side + before, rest % side + before);
        (channel * framed_side + row) * framed_side + column
    }

    fn framed(&self, images: ArrayView2<'_, f32>) -> Array2<f32> {
        let values = self.channels * self.framed_side * self.framed_side;
        let mut framed = Array2::from_elem((images.nrows(), values), self.background);
        for (mut framed, image) in framed.rows_mut().into_iter().zip(images.rows()) {
            image.iter().enumerate().for_each(|(i, value)| framed[self.place(i)] = *value);
        }
        framed
    }

    fn cropped(&self, framed: ArrayView2<'_, f32>) -> Array2<f32> {
        let values = self.channels * self.side * self.side;
        Array2::from_shape_fn((framed.nrows(), values), |(row, i)| framed[[row, self.place(i)]])
    }
}

#[derive(Debug)]
struct Streamed {
    batch: Streams,
    critic_noise: Streams,
    generator_noise: Streams,
    interpolation: Streams,
}

#[derive(Debug)]
struct Training {
    settings: ProgressiveSettings,
    images: Batches,
    frame: Framing,
    generator: GrowingGenerator,
    critic: GrowingCritic,
    average: MovingAverage<GrowingGenerator>,
    generator_optimiser: Optimiser,
    critic_optimiser: Optimiser,
    /// Of the last iteration.
    stage: Stage,
    streams: Streamed,
    device: Device,
}

impl Training {
    fn new(
        settings: ProgressiveSettings,
        frame: Framing,
        images: Batches,
        options: &RunOptions,
    ) -> Result<Self, SuiteError> {
        let Some(channels) = settings.channels.get(..frame.levels) else {
            return Err(SuiteError::Settings {
                name: NAME.to_owned(),
                problem: format!(
                    "`channels` has {} numbers, expected {} for images of {} x {}",
                    settings.channels.len(),
                    frame.levels,
                    frame.side,
                    frame.side
                ),
            });
        };
        let initial = Streams::new(options.seed, Purpose::Initialisation);
        let device = &options.device;
        let mut site = Site { labels: 0, normals: &mut initial.normals(0), device };
        let generator = GrowingGenerator::new(settings.latent, channels, frame.channels, &mut site);
        let mut site = Site { labels: 0, normals: &mut initial.normals(1), device };
        let critic = GrowingCritic::new(channels, frame.channels, &mut site);
        let stream = |purpose| Streams::new(options.seed, purpose);
        Ok(Self {
            average: MovingAverage::new(&generator, settings.average_decay),
            generator,
            critic,
            generator_optimiser: Optimiser::new(settings.optimiser),
            critic_optimiser: Optimiser::new(settings.optimiser),
            stage: Stage { level: 0, alpha: 1.0 },
            streams: Streamed {
                batch: stream(Purpose::CriticBatch),
                critic_noise: stream(Purpose::CriticNoise),
                generator_noise: stream(Purpose::GeneratorNoise),
                interpolation: stream(Purpose::Interpolation),
            },
            device: device.clone(),
            frame,
            images,
            settings,
        })
    }

    fn noise(&self, streams: &Streams, number: u64) -> Tensor<2> {
        let ProgressiveSettings { batch_size, latent, .. } = self.settings;
        let mut values = vec![0.0; batch_size * latent];
        streams.normals(number).fill(&mut values);
        matrix(values, batch_size, latent, &self.device)
    }

    /// Real images as the stage has them: (1 − α) · the enlarged ones of the level before + α · those
    /// of its own.
    fn real(&self, step: u64) -> Tensor<2> {
        let size = self.settings.batch_size;
        let full = self.images.draw(size, &mut self.streams.batch.uniforms(step), &self.device);
        let Stage { level, alpha } = self.stage;
        let new = self.critic.reduce(full, self.frame.levels - 1, level);
        if alpha == 1.0 {
            return new;
        }
        let old = self.critic.reduce(new.clone(), level, level - 1);
        let old = self.generator.enlarge(old, level - 1, level);
        old * (1.0 - alpha) + new * alpha
    }

    /// E D(real) − E D(generated), and the gradient penalty.
    fn update_critic(&mut self, step: u64, rate: f64) -> [Tensor<1>; 2] {
        let stage = self.stage;
        let real = self.real(step);
        let noise = self.noise(&self.streams.critic_noise, step);
        let fake = equalised(&self.generator).forward(noise, stage);
        let size = self.settings.batch_size;
        let mut uniforms = self.streams.interpolation.uniforms(step);
        let epsilon = (0..size).map(|_| uniforms.draw()).collect();
        let epsilon = matrix(epsilon, size, 1, &self.device);
        let between = Tensor::from_inner(interpolate(real.clone(), fake.clone(), epsilon));

        let leaves = tracked(&self.critic);
        let critic = equalised(&leaves);
        // One by one: the deviation is that of either batch.
        let of_real = critic.forward(Tensor::from_inner(real), stage);
        let of_fake = critic.forward(Tensor::from_inner(fake), stage);
        let (output, trace) = critic.forward_with_trace(between, stage);
        let gradient = critic.vjp(&trace, output.ones_like().detach());
        let penalty = GradientPenalty {
            weight: self.settings.penalty_weight.into(),
            norm: 1.0,
            one_sided: false,
            of: Differentiated::Data,
        };
        let penalty = penalty.of_gradient(gradient);
        let distance = of_real.clone().mean() - of_fake.mean();
        let loss = penalty.clone() * self.settings.penalty_weight - distance.clone()
            + of_real.square().mean() * self.settings.drift_weight;
        let gradients = ParameterGradients::of(&leaves, &loss.backward());
        self.critic_optimiser.step(&mut self.critic, gradients, rate);
        [distance.inner(), penalty.inner()]
    }

    fn update_generator(&mut self, step: u64, rate: f64) -> Tensor<1> {
        let noise = Tensor::from_inner(self.noise(&self.streams.generator_noise, step));
        let leaves = tracked(&self.generator);
        let fake = equalised(&leaves).forward(noise, self.stage);
        let loss = -equalised(&frozen(&self.critic)).forward(fake, self.stage).mean();
        let gradients = ParameterGradients::of(&leaves, &loss.backward());
        self.generator_optimiser.step(&mut self.generator, gradients, rate);
        loss.inner()
    }
}

impl Iterate for Training {
    /// The critic's updates, then one of the generator.
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let stage = Stage::at(progress.iteration, progress.iterations, self.frame.levels);
        if stage.level != self.stage.level {
            self.generator_optimiser = Optimiser::new(self.settings.optimiser);
            self.critic_optimiser = Optimiser::new(self.settings.optimiser);
        }
        self.stage = stage;
        let rate = self.settings.optimiser.learning_rate().at(progress);
        let steps = self.settings.critic_steps;
        let mut critic_losses = None;
        for step in progress.iteration * steps..(progress.iteration + 1) * steps {
            critic_losses = Some(self.update_critic(step, rate));
        }
        let generator_loss = self.update_generator(progress.iteration, rate);
        self.average.update(&self.generator, progress.iteration + 1);
        let Some([distance, penalty]) = critic_losses.filter(|_| wants_terms) else {
            return Vec::new();
        };
        vec![
            ("score difference".to_owned(), scalar(distance)),
            ("gradient-penalty".to_owned(), scalar(penalty)),
            ("generator loss".to_owned(), scalar(generator_loss)),
            ("side".to_owned(), stage.side() as f64),
            ("alpha".to_owned(), stage.alpha),
        ]
    }

    fn trained(&self) -> &dyn Trained {
        self
    }

    fn finish(self: Box<Self>) -> Box<dyn Trained> {
        self
    }
}

/// Images are generated in blocks of this many.
const BLOCK: usize = 64;

impl Trained for Training {
    /// Images of the averaged generator at its stage, enlarged to the whole size.
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError> {
        let streams = Streams::new(seed, Purpose::Generation);
        let (count, latent) = (conditions.nrows(), self.settings.latent);
        let generator = equalised(self.average.module());
        let full = self.frame.levels - 1;
        let mut values = Vec::new();
        for first in (0..count).step_by(BLOCK) {
            let size = BLOCK.min(count - first);
            let mut noise = vec![0.0; size * latent];
            for (number, row) in (first as u64..).zip(noise.chunks_exact_mut(latent)) {
                streams.normals(number).fill(row);
            }
            let images = generator.forward(matrix(noise, size, latent, &self.device), self.stage);
            values.extend(to_host(generator.enlarge(images, self.stage.level, full)));
        }
        let columns = self.frame.channels * self.frame.framed_side * self.frame.framed_side;
        let framed = Array2::from_shape_vec((count, columns), values)
            .expect("the generator gives images of the whole size");
        let values = self.frame.cropped(framed.view());
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    fn parameters(&self) -> usize {
        self.generator.parameter_count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::test_problem::TestProblem;
    use super::*;
    use crate::suite::{Silent, System, Watch};

    const SMALL: &str = "channels = [12, 8]\nlatent = 8\nbatch_size = 16\naverage_decay = 0.9\n\
                         [optimiser]\nlearning_rate = 1e-2";

    /// The mean over events of each pixel.
    fn mean_image(events: &Events) -> Vec<f64> {
        let mean = events.values.mapv(f64::from).mean_axis(ndarray::Axis(0));
        mean.expect("there are events").to_vec()
    }

    #[test]
    fn images_grow_towards_the_data() {
        let (problem, options) = (TestProblem::Spots, TestProblem::options(200, SMALL));
        let data = problem.data();
        let trained =
            ProgressiveGrowing.train(&problem, &data, &options, &mut Silent).expect("trains");
        let none = Array2::zeros((100, 0));
        let made = trained.generate(none.view(), 3).expect("generates");
        assert_eq!(made.values.dim(), (100, 64));
        // Each image has noise of its own, however many there are.
        let few = trained.generate(none.slice(ndarray::s![..7, ..]), 3).expect("generates");
        assert_eq!(few.values.row(6), made.values.row(6));
        let distance = |a: Vec<f64>, b: Vec<f64>| {
            a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum::<f64>() / a.len() as f64
        };
        // A dark image is 0.32 away, on average.
        let found = distance(mean_image(&made), mean_image(&data.train));
        assert!(found < 0.2, "{found}");
    }

    /// Looks at the images in the middle of fading, which are of the whole size.
    struct Sizes(Vec<(f64, usize)>);

    impl Watch for Sizes {
        fn wants_terms(&self, _iteration: u64) -> bool {
            true
        }

        fn after(
            &mut self,
            _iteration: u64,
            _of: u64,
            terms: &[(String, f64)],
            trained: &dyn Trained,
        ) -> Result<(), SuiteError> {
            let side = terms.iter().find(|(name, _)| name == "side").expect("it is told").1;
            let made = trained.generate(Array2::zeros((2, 0)).view(), 1)?;
            self.0.push((side, made.values.ncols()));
            Ok(())
        }
    }

    #[test]
    fn images_are_of_the_whole_size_at_every_stage() {
        let (problem, options) = (TestProblem::Spots, TestProblem::options(6, SMALL));
        let mut sizes = Sizes(Vec::new());
        let data = problem.data();
        ProgressiveGrowing.train(&problem, &data, &options, &mut sizes).expect("trains");
        let expected = [4.0, 4.0, 8.0, 8.0, 8.0, 8.0].map(|side| (side, 64));
        assert_eq!(sizes.0, expected);
        let few = TestProblem::options(6, "channels = [4]");
        let error = ProgressiveGrowing
            .train(&problem, &data, &few, &mut Silent)
            .map(|_| ())
            .expect_err("too few");
        assert!(error.to_string().contains("has 1 numbers, expected 2"), "{error}");
    }

    #[test]
    fn a_frame_is_put_around_an_image_and_cut_off_again() {
        let frame = Framing { channels: 2, side: 6, framed_side: 8, levels: 2, background: -1.0 };
        let images = Array2::from_shape_fn((3, 72), |(row, i)| (row * 72 + i) as f32);
        let framed = frame.framed(images.view());
        assert_eq!(framed.dim(), (3, 128));
        assert_eq!((framed[[0, 0]], framed[[0, 9]], framed[[0, 10]]), (-1.0, 0.0, 1.0));
        assert_eq!(framed.iter().filter(|value| **value == -1.0).count(), 3 * (128 - 72));
        assert_eq!(frame.cropped(framed.view()), images);
    }
}
