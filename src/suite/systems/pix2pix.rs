use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::loop_settings::{iterations, read, require};
use super::own_loop::{About, Iterate, OwnLoop, Resolved};
use super::translation::{
    Batches, Stack, generate_in_blocks, image_shape, patch_critic, rows_of, u_net,
};
use crate::compute::{Device, Tensor, scalar};
use crate::events::Events;
use crate::gan::objectives::{Judged, JudgedBatch, Objective};
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{Optimiser, OptimiserSettings, Progress};
use crate::nn::{Initialisation, Module, Pass, Site, feature_count, frozen, tracked};
use crate::random::{Purpose, Streams};
use crate::suite::Task;
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, Trained};

/// pix2pix (arXiv:1611.07004): an image from an image, learned from pairs.
///
/// The U-Net G makes y from x, with dropout as its only noise, in the training and after it; the
/// critic D sees x beside y and gives a map of scores, one for each patch:
///
/// min over G, max over D of E ln D(x, y) + E ln(1 − D(x, G(x))) + λ E |y − G(x)|,
///
/// with the generator's loss in its non-saturating form, and D's loss halved (section 3.3).
#[derive(Debug, Clone, Copy, Default)]
pub struct Pix2Pix;

const NAME: &str = "pix2pix";
const DEFAULTS: &str = include_str!("../../../configs/suite/pix2pix.toml");

/// Settings of [`Pix2Pix`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pix2PixSettings {
    pub short_iterations: u64,
    pub paper_iterations: u64,
    pub batch_size: usize,
    /// Of the U-Net, behind each convolution with stride 2.
    pub channels: Vec<usize>,
    /// Of the critic, behind each convolution with stride 2.
    pub critic_channels: Vec<usize>,
    /// Share of the features of the inner levels that are dropped.
    pub dropout: f64,
    /// λ
    pub l1_weight: f64,
    /// What the critic's loss is multiplied by.
    pub critic_weight: f64,
    pub objective: Objective,
    pub initialisation: Initialisation,
    pub optimiser: OptimiserSettings,
    pub critic_optimiser: OptimiserSettings,
}

impl Pix2PixSettings {
    fn check(&self) -> Result<(), SuiteError> {
        let require = |holds, problem: &str| require(NAME, holds, problem);
        require(self.batch_size > 0, "`batch_size` is 0, expected at least 1")?;
        let positive = |channels: &[usize]| !channels.is_empty() && !channels.contains(&0);
        require(positive(&self.channels), "`channels` needs positive numbers")?;
        require(positive(&self.critic_channels), "`critic_channels` needs positive numbers")?;
        require((0.0..1.0).contains(&self.dropout), "`dropout` must be from 0 to less than 1")?;
        let weights = [self.l1_weight, self.critic_weight];
        require(
            weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0),
            "`l1_weight` and `critic_weight` must be at least 0",
        )?;
        require(
            self.objective.output_width(2) == 1 && !self.objective.needs_other_fake(),
            "`objective` must be one of scores",
        )?;
        for (key, optimiser) in
            [("optimiser", &self.optimiser), ("critic_optimiser", &self.critic_optimiser)]
        {
            let checked = optimiser.check();
            require(checked.is_ok(), &format!("`{key}`: {}", checked.err().unwrap_or_default()))?;
        }
        Ok(())
    }
}

impl OwnLoop for Pix2Pix {
    type Settings = Pix2PixSettings;

    fn about(&self) -> About {
        About {
            name: NAME,
            title: "pix2pix: images from images, by pairs",
            source: "Isola et al., arXiv:1611.07004",
            formula: "min_G max_D E ln D(x, y) + E ln(1 - D(x, G(x))) + lambda E |y - G(x)|",
        }
    }

    fn fits(&self, problem: &dyn Problem) -> Result<(), String> {
        match problem.task() {
            Task::Paired => Ok(()),
            _ => Err("it has no pairs of images".to_owned()),
        }
    }

    fn resolved(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<Pix2PixSettings>, SuiteError> {
        let settings: Pix2PixSettings = read(NAME, DEFAULTS, options)?;
        settings.check()?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        Ok(Resolved::new(settings, count))
    }

    fn begin<'a>(
        &self,
        settings: Pix2PixSettings,
        problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError> {
        Ok(Box::new(Training::new(settings, problem, data, options)?))
    }
}

/// The networks and their optimisers.
#[derive(Debug)]
struct Training {
    settings: Pix2PixSettings,
    inputs: Batches,
    targets: Batches,
    generator: Stack,
    critic: Stack,
    generator_optimiser: Optimiser,
    critic_optimiser: Optimiser,
    values: usize,
    batches: Streams,
    dropout: Streams,
    device: Device,
}

impl Training {
    fn new(
        settings: Pix2PixSettings,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Self, SuiteError> {
        let does_not_fit = |reason: String| SuiteError::DoesNotFit {
            system: NAME.to_owned(),
            problem: problem.name().to_owned(),
            reason,
        };
        let input =
            image_shape(data.train.conditions.ncols(), &data.shape).map_err(does_not_fit)?;
        if input[1] % 2 != 0 || input[2] % 2 != 0 {
            return Err(does_not_fit(format!("its images are {}x{}", input[1], input[2])));
        }
        let outputs = data.shape[0];
        let (streams, device) =
            (Streams::new(options.seed, Purpose::Initialisation), &options.device);
        let build = |parts: &[_], input: &[usize], stream| {
            let mut normals = streams.normals(stream);
            let mut site = Site { labels: 0, normals: &mut normals, device };
            Stack::build(parts, input, &mut site).map_err(does_not_fit)
        };
        let initialisation = settings.initialisation;
        let parts = u_net(&input, outputs, &settings.channels, settings.dropout, initialisation);
        let generator = build(&parts, &input, 0)?;
        let seen = [input[0] + outputs, input[1], input[2]];
        let critic = build(&patch_critic(&settings.critic_channels, initialisation), &seen, 1)?;
        let inputs = data.train.conditions.mapv(|value| value as f32);
        Ok(Self {
            inputs: Batches::new(inputs, problem.name())?,
            targets: Batches::new(data.train.values.clone(), problem.name())?,
            generator,
            critic,
            generator_optimiser: Optimiser::new(settings.optimiser),
            critic_optimiser: Optimiser::new(settings.critic_optimiser),
            values: feature_count(&data.shape),
            batches: Streams::new(options.seed, Purpose::CriticBatch),
            dropout: Streams::new(options.seed, Purpose::Regularisation),
            device: device.clone(),
            settings,
        })
    }
}

impl Iterate for Training {
    /// One update of the critic, then one of the generator, on the same batch.
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let step = progress.iteration;
        let rows =
            self.inputs.draw_rows(self.settings.batch_size, &mut self.batches.uniforms(step));
        let input = Tensor::from_inner(self.inputs.tensor(&rows, &self.device));
        let real = Tensor::from_inner(self.targets.tensor(&rows, &self.device));
        let generator = tracked(&self.generator);
        let dropped = self.dropout.uniforms(step);
        let fake = generator.forward(input.clone(), &mut Pass::training(None, dropped));

        let critic = tracked(&self.critic);
        let constant = Tensor::from_inner(fake.clone().inner());
        let batch = judged(&critic, &input, [&real, &constant]);
        let critic_loss = self.settings.objective.critic_loss(&batch, 0.0, None);
        let loss = critic_loss.clone() * self.settings.critic_weight;
        let gradients = ParameterGradients::of(&critic, &loss.backward());
        let rate = self.settings.critic_optimiser.learning_rate().at(progress);
        self.critic_optimiser.step(&mut self.critic, gradients, rate);

        let batch = judged(&frozen(&self.critic), &input, [&real, &fake]);
        let adversarial = self.settings.objective.generator_loss(&batch);
        let l1 = (real - fake).abs().mean();
        let loss = adversarial.clone() + l1.clone() * self.settings.l1_weight;
        let gradients = ParameterGradients::of(&generator, &loss.backward());
        let rate = self.settings.optimiser.learning_rate().at(progress);
        self.generator_optimiser.step(&mut self.generator, gradients, rate);

        if !wants_terms {
            return Vec::new();
        }
        [("critic loss", critic_loss), ("generator loss", adversarial), ("l1", l1)]
            .map(|(name, loss)| (name.to_owned(), scalar(loss.inner())))
            .into()
    }

    fn trained(&self) -> &dyn Trained {
        self
    }

    fn finish(self: Box<Self>) -> Box<dyn Trained> {
        self
    }
}

/// The scores of all patches of real and of generated images beside their inputs.
fn judged(critic: &Stack, input: &Tensor<2>, images: [&Tensor<2>; 2]) -> JudgedBatch {
    let [real, fake] = images.map(|image| {
        let seen = Tensor::cat(vec![input.clone(), image.clone()], 1);
        let output = critic.forward(seen.clone(), &mut Pass::evaluation(None));
        Judged { output, seen, weight: None, target: None }
    });
    JudgedBatch { real, fake, other_fake: None }
}

impl Trained for Training {
    /// The dropout of each block of images follows from the seed.
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError> {
        let dropout = Streams::new(seed, Purpose::Generation);
        let values = generate_in_blocks(conditions, self.values, &self.device, |x, block| {
            self.generator.forward(x, &mut Pass::training(None, dropout.uniforms(block)))
        });
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    /// The mean over the patches.
    fn scores(&self, events: &Events) -> Option<Vec<f64>> {
        let inputs = events.conditions.mapv(|value| value as f32);
        let seen = Tensor::cat(
            vec![rows_of(inputs.view(), &self.device), rows_of(events.values.view(), &self.device)],
            1,
        );
        let map = self.critic.forward(seen, &mut Pass::evaluation(None));
        Some(crate::compute::to_host(map.mean_dim(1)).into_iter().map(f64::from).collect())
    }

    fn parameters(&self) -> usize {
        self.generator.parameter_count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_problem::TestProblem;
    use super::*;
    use crate::suite::{Silent, System};

    const SMALL: &str = "channels = [8, 12]\ncritic_channels = [8]\nbatch_size = 8";

    fn train(iterations: u64, overrides: &str) -> Result<Box<dyn Trained>, SuiteError> {
        let (problem, options) = (TestProblem::Pairs, TestProblem::options(iterations, overrides));
        Pix2Pix.train(&problem, &problem.data(), &options, &mut Silent)
    }

    #[test]
    fn a_short_training_comes_near_to_the_truth() {
        let overrides = format!("{SMALL}\n[optimiser]\nlearning_rate = 2e-3");
        let trained = train(150, &overrides).expect("trains");
        let data = TestProblem::Pairs.data();
        let made = trained.generate(data.test.conditions.view(), 5).expect("generates");
        let share = TestProblem::share_of_identity(&data, &made);
        assert!(share < 0.2, "{share}");
        // Dropout is drawn in generating, too, from the seed alone.
        let again = |seed| trained.generate(data.test.conditions.view(), seed).expect("generates");
        assert_eq!(again(5), made);
        assert_ne!(again(6).values, made.values);
        assert_eq!(trained.scores(&made).expect("it has a critic").len(), made.len());
    }

    #[test]
    fn two_trainings_from_one_seed_are_equal() {
        let data = TestProblem::Pairs.data();
        let made = || {
            let trained = train(3, SMALL).expect("trains");
            trained.generate(data.test.conditions.view(), 1).expect("generates").values
        };
        assert_eq!(made(), made());
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        for (overrides, expected) in [
            ("dropout = 1.0", "`dropout` must be"),
            ("channels = []", "`channels` needs"),
            ("objective = { kind = 'cramer', dimension = 8 }", "`objective` must be"),
            ("blocks = 3", "unknown field `blocks`"),
        ] {
            let error = train(1, overrides).map(|_| ()).expect_err(overrides).to_string();
            assert!(error.contains(expected), "{overrides}: {error}");
        }
        assert!(Pix2Pix.takes(&TestProblem::Domains).is_err());
    }
}
