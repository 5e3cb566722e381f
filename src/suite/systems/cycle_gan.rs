use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::loop_settings::{iterations, read, require};
use super::own_loop::{About, Iterate, OwnLoop, Resolved};
use super::translation::{
    Batches, ImagePool, Stack, generate_in_blocks, image_shape, patch_critic, residual_generator,
    rows_of,
};
use crate::compute::{Device, Tensor, scalar, to_host};
use crate::events::Events;
use crate::gan::objectives::{Judged, JudgedBatch, Objective};
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{Optimiser, OptimiserSettings, Progress, Schedule};
use crate::nn::{Initialisation, Module, Parameter, Pass, Site, feature_count, for_each_in};
use crate::nn::{frozen, tracked};
use crate::random::{Purpose, Streams};
use crate::suite::Task;
use crate::suite::{Measures, Problem, ProblemData, RunOptions, SuiteError, Trained};

/// CycleGAN (arXiv:1703.10593): images of one domain from those of another, without pairs.
///
/// G makes y from x and F makes x from y, each against a critic of patches, with the least-squares
/// objective; and what goes there and back must come out as it was:
///
/// GAN(G, D_Y) + GAN(F, D_X) + λ (E |F(G(x)) − x| + E |G(F(y)) − y|).
///
/// The critics are shown generated images of the past, too (the pool of section 4).
#[derive(Debug, Clone, Copy, Default)]
pub struct CycleGan;

const NAME: &str = "cyclegan";
const DEFAULTS: &str = include_str!("../../../configs/suite/cyclegan.toml");

/// Settings of [`CycleGan`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CycleGanSettings {
    pub short_iterations: u64,
    pub paper_iterations: u64,
    pub batch_size: usize,
    /// Of the generators: the first convolution's, then those of convolutions with stride 2.
    pub channels: Vec<usize>,
    /// Side of the kernels of the generators' first and last convolution; odd.
    pub kernel: usize,
    /// Residual blocks in the middle of the generators.
    pub blocks: usize,
    /// Of the critics, behind each convolution with stride 2.
    pub critic_channels: Vec<usize>,
    /// λ
    pub cycle_weight: Schedule,
    /// Weight of E |G(y) − y| + E |F(x) − x| (section 5.2 of the paper, for paintings); 0 without.
    pub identity_weight: f64,
    /// What the critics' losses are multiplied by.
    pub critic_weight: f64,
    /// Images that the critics' pools remember.
    pub pool: usize,
    pub objective: Objective,
    pub initialisation: Initialisation,
    /// Of both generators.
    pub optimiser: OptimiserSettings,
    /// Of both critics.
    pub critic_optimiser: OptimiserSettings,
}

impl CycleGanSettings {
    fn check(&self) -> Result<(), SuiteError> {
        let require = |holds, problem: &str| require(NAME, holds, problem);
        require(self.batch_size > 0, "`batch_size` is 0, expected at least 1")?;
        let positive = |channels: &[usize]| !channels.is_empty() && !channels.contains(&0);
        require(positive(&self.channels), "`channels` needs positive numbers")?;
        require(positive(&self.critic_channels), "`critic_channels` needs positive numbers")?;
        require(self.kernel % 2 == 1, "`kernel` must be odd")?;
        const LARGEST_WEIGHT: f64 = 1e6;
        if let Err(problem) = self.cycle_weight.check(LARGEST_WEIGHT) {
            return require(false, &format!("`cycle_weight`: {problem}"));
        }
        let weights = [self.identity_weight, self.critic_weight];
        require(
            weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0),
            "`identity_weight` and `critic_weight` must be at least 0",
        )?;
        require(
            self.objective.output_width(2) == 1 && !self.objective.pairs_with_real(),
            "`objective` must be one of scores that looks at each image alone",
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

impl OwnLoop for CycleGan {
    type Settings = CycleGanSettings;

    fn about(&self) -> About {
        About {
            name: NAME,
            title: "CycleGAN: images from images, without pairs",
            source: "Zhu et al., arXiv:1703.10593",
            formula: "GAN(G, D_Y) + GAN(F, D_X) + lambda (E |F(G(x)) - x| + E |G(F(y)) - y|)",
        }
    }

    fn fits(&self, problem: &dyn Problem) -> Result<(), String> {
        match problem.task() {
            Task::Unpaired => Ok(()),
            _ => Err("it has no second domain of images".to_owned()),
        }
    }

    fn resolved(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<CycleGanSettings>, SuiteError> {
        let settings: CycleGanSettings = read(NAME, DEFAULTS, options)?;
        settings.check()?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        Ok(Resolved::new(settings, count))
    }

    fn begin<'a>(
        &self,
        settings: CycleGanSettings,
        problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError> {
        Ok(Box::new(Training::new(settings, problem, data, options)?))
    }
}

/// G and F, which are trained together.
#[derive(Debug, Clone)]
struct Generators {
    /// G: from x to y.
    there: Stack,
    /// F: from y to x.
    back: Stack,
}

impl Module for Generators {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.there, "there", visit);
        for_each_in(&mut self.back, "back", visit);
    }
}

/// One domain: its critic, and the generated images that the critic was shown.
#[derive(Debug)]
struct Domain {
    critic: Stack,
    optimiser: Optimiser,
    pool: ImagePool,
}

#[derive(Debug)]
struct Training {
    settings: CycleGanSettings,
    /// Images of X, then of Y.
    data: [Batches; 2],
    generators: Generators,
    optimiser: Optimiser,
    /// X, then Y.
    domains: [Domain; 2],
    batches: Streams,
    pools: Streams,
    values: usize,
    device: Device,
}

/// The stack's output, without dropout or batch norm in it.
fn forward(stack: &Stack, x: Tensor<2>) -> Tensor<2> {
    stack.forward(x, &mut Pass::evaluation(None))
}

impl Training {
    fn new(
        settings: CycleGanSettings,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Self, SuiteError> {
        let does_not_fit = |reason: String| SuiteError::DoesNotFit {
            system: NAME.to_owned(),
            problem: problem.name().to_owned(),
            reason,
        };
        let other = data.other.as_ref();
        let other =
            other.ok_or_else(|| does_not_fit("it has no second domain of images".to_owned()))?;
        let y = data.shape.clone();
        let x = image_shape(data.train.conditions.ncols(), &y).map_err(does_not_fit)?;
        let halvings = settings.channels.len() - 1;
        if x[1..].iter().any(|side| !side.is_multiple_of(1 << halvings)) {
            return Err(does_not_fit(format!(
                "its images are {}x{}, expected sides that can be halved {halvings} times",
                x[1], x[2]
            )));
        }
        let streams = Streams::new(options.seed, Purpose::Initialisation);
        let build = |parts: &[_], input: &[usize], stream| {
            let mut normals = streams.normals(stream);
            let mut site = Site { labels: 0, normals: &mut normals, device: &options.device };
            Stack::build(parts, input, &mut site).map_err(does_not_fit)
        };
        let generator = |outputs: usize| {
            let CycleGanSettings { channels, kernel, blocks, initialisation, .. } = &settings;
            residual_generator(outputs, channels, *kernel, *blocks, *initialisation)
        };
        let generators = Generators {
            there: build(&generator(y[0]), &x, 0)?,
            back: build(&generator(x[0]), &y, 1)?,
        };
        let critic = patch_critic(&settings.critic_channels, settings.initialisation);
        let domain = |shape: &[usize], stream| {
            Ok::<Domain, SuiteError>(Domain {
                critic: build(&critic, shape, stream)?,
                optimiser: Optimiser::new(settings.critic_optimiser),
                pool: ImagePool::new(settings.pool),
            })
        };
        Ok(Self {
            data: [
                Batches::new(other.values.clone(), problem.name())?,
                Batches::new(data.train.values.clone(), problem.name())?,
            ],
            generators,
            optimiser: Optimiser::new(settings.optimiser),
            domains: [domain(&x, 2)?, domain(&y, 3)?],
            batches: Streams::new(options.seed, Purpose::CriticBatch),
            pools: Streams::new(options.seed, Purpose::Shuffle),
            values: feature_count(&y),
            device: options.device.clone(),
            settings,
        })
    }

    /// The generated images of both domains, outside of the graph, and the losses.
    fn update_generators(
        &mut self,
        real: &[Tensor<2>; 2],
        progress: Progress,
        wants_terms: bool,
    ) -> ([Tensor<2>; 2], Vec<(String, f64)>) {
        let settings = &self.settings;
        let generators = tracked(&self.generators);
        let Generators { there, back } = &generators;
        let [x, y] = real;
        let (fake_y, fake_x) = (forward(there, x.clone()), forward(back, y.clone()));
        let adversarial = |which: usize, fake: &Tensor<2>| {
            let critic = frozen(&self.domains[which].critic);
            let side = judged(&critic, fake);
            let batch = JudgedBatch { real: side.clone(), fake: side, other_fake: None };
            settings.objective.generator_loss(&batch)
        };
        let l1 = |a: Tensor<2>, b: &Tensor<2>| (a - b.clone()).abs().mean();
        let cycle = l1(forward(back, fake_y.clone()), x) + l1(forward(there, fake_x.clone()), y);
        let game = adversarial(1, &fake_y) + adversarial(0, &fake_x);
        let mut loss = game.clone() + cycle.clone() * settings.cycle_weight.at(progress);
        if settings.identity_weight > 0.0 {
            let identity = l1(forward(there, y.clone()), y) + l1(forward(back, x.clone()), x);
            loss = loss + identity * settings.identity_weight;
        }
        let gradients = ParameterGradients::of(&generators, &loss.backward());
        let rate = settings.optimiser.learning_rate().at(progress);
        self.optimiser.step(&mut self.generators, gradients, rate);
        let terms = if wants_terms {
            [("generator loss", game), ("cycle", cycle)]
                .map(|(name, loss)| (name.to_owned(), scalar(loss.inner())))
                .into()
        } else {
            Vec::new()
        };
        ([fake_x.inner(), fake_y.inner()], terms)
    }

    fn update_critic(
        &mut self,
        which: usize,
        real: Tensor<2>,
        fake: Tensor<2>,
        progress: Progress,
    ) -> Tensor<1> {
        let Domain { critic, optimiser, .. } = &mut self.domains[which];
        let in_graph = tracked(critic);
        let batch = JudgedBatch {
            real: judged(&in_graph, &real),
            fake: judged(&in_graph, &fake),
            other_fake: None,
        };
        let loss = self.settings.objective.critic_loss(&batch, 0.0, None);
        let weighted = loss.clone() * self.settings.critic_weight;
        let gradients = ParameterGradients::of(&in_graph, &weighted.backward());
        let rate = self.settings.critic_optimiser.learning_rate().at(progress);
        optimiser.step(critic, gradients, rate);
        loss.inner()
    }
}

/// The scores of all patches.
fn judged(critic: &Stack, images: &Tensor<2>) -> Judged {
    let output = forward(critic, images.clone());
    Judged { output, seen: images.clone(), weight: None, target: None }
}

impl Iterate for Training {
    /// One update of both generators, then one of both critics.
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let mut uniforms = self.batches.uniforms(progress.iteration);
        let real = self.data.each_ref().map(|domain| {
            let batch = domain.draw(self.settings.batch_size, &mut uniforms, &self.device);
            Tensor::from_inner(batch)
        });
        let (fake, mut terms) = self.update_generators(&real, progress, wants_terms);
        let mut uniforms = self.pools.uniforms(progress.iteration);
        for (which, (real, fake)) in real.into_iter().zip(fake).enumerate() {
            let shown = self.domains[which].pool.exchange(fake, &mut uniforms);
            let loss = self.update_critic(which, real, Tensor::from_inner(shown), progress);
            if wants_terms {
                let name = ["critic loss of X", "critic loss of Y"][which];
                terms.push((name.to_owned(), scalar(loss)));
            }
        }
        terms
    }

    fn trained(&self) -> &dyn Trained {
        self
    }

    fn finish(self: Box<Self>) -> Box<dyn Trained> {
        self
    }
}

impl Trained for Training {
    /// G of the images in the conditions; nothing is drawn.
    fn generate(&self, conditions: ArrayView2<'_, f64>, _seed: u64) -> Result<Events, SuiteError> {
        let there = &self.generators.there;
        let values =
            generate_in_blocks(conditions, self.values, &self.device, |x, _| forward(there, x));
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    /// The mean over the patches of D_Y.
    fn scores(&self, events: &Events) -> Option<Vec<f64>> {
        let images = rows_of(events.values.view(), &self.device);
        let map = forward(&self.domains[1].critic, images);
        Some(to_host(map.mean_dim(1)).into_iter().map(f64::from).collect())
    }

    /// `back-l1`: mean |F(y) − x| over test pairs; `cycle-l1`: mean |F(G(x)) − x|.
    fn own_measures(&self, data: &ProblemData) -> Result<Measures, SuiteError> {
        let back = &self.generators.back;
        let x = data.test.conditions.view();
        let l1 = |images: ArrayView2<'_, f64>| {
            let made = generate_in_blocks(images, x.ncols(), &self.device, |y, _| forward(back, y));
            let sum: f64 = made.iter().zip(x).map(|(made, x)| (f64::from(*made) - x).abs()).sum();
            sum / x.len().max(1) as f64
        };
        let truth = data.test.values.mapv(f64::from);
        let there = self.generate(x, 0)?.values.mapv(f64::from);
        Ok(Measures::from([("back-l1", l1(truth.view())), ("cycle-l1", l1(there.view()))]))
    }

    /// Of G.
    fn parameters(&self) -> usize {
        self.generators.there.parameter_count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_problem::TestProblem;
    use super::*;
    use crate::suite::{DataContext, Silent, System, problems};

    fn train(iterations: u64, overrides: &str) -> Result<Box<dyn Trained>, SuiteError> {
        let (problem, options) =
            (TestProblem::Domains, TestProblem::options(iterations, overrides));
        CycleGan.train(&problem, &problem.data(), &options, &mut Silent)
    }

    #[test]
    fn a_short_training_comes_near_to_the_truth_without_pairs() {
        let problem = problems::find("unpaired-digits").expect("it is built in");
        let data = problem.load(&DataContext::default()).expect("it is built in");
        let options = TestProblem::options(150, "");
        let trained = CycleGan.train(&*problem, &data, &options, &mut Silent).expect("trains");
        let made = trained.generate(data.test.conditions.view(), 5).expect("generates");
        let measures = problem.judge(&data, &made, 0).expect("measures");
        let own = trained.own_measures(&data).expect("measures");
        // Inverted digits that have nothing to do with the inputs are 2.6 times below the identity.
        for (measure, least) in [("times-below-identity", 4.0), ("times-below-other", 1.5)] {
            let found = measures.get(measure).expect("measured");
            assert!(found > least, "{measure} {found}");
        }
        for measure in ["cycle-l1", "back-l1"] {
            let found = own.get(measure).expect("measured");
            assert!(found < 0.35, "{measure} {found}");
        }
    }

    #[test]
    fn settings_and_problems_that_cannot_be_are_refused() {
        for (overrides, expected) in [
            ("channels = [4, 4, 4, 4, 4]", "can be halved 4 times"),
            ("cycle_weight = -1.0", "`cycle_weight`"),
            ("kernel = 4", "`kernel` must be odd"),
            ("objective = { kind = 'relativistic-paired' }", "`objective` must be"),
        ] {
            let error = train(1, overrides).map(|_| ()).expect_err(overrides).to_string();
            assert!(error.contains(expected), "{overrides}: {error}");
        }
        assert!(CycleGan.takes(&TestProblem::Pairs).is_err());
    }
}
