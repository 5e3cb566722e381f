use ndarray::{Array2, ArrayView2};

use super::super::loop_settings::{iterations, read};
use super::super::own_loop::{About, Iterate, OwnLoop, Resolved};
use super::super::translation::{Batches, rows_of};
use super::critic::DenseCritic;
use super::inner_optimiser::InnerOptimiser;
use super::settings::UnrolledSettings;
use super::unrolling::{CriticInTraining, unroll};
use crate::compute::{Device, Tensor, matrix, scalar, to_host};
use crate::events::Events;
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{MovingAverage, Optimiser, Progress};
use crate::nn::{DenseSettings, LayerSettings, Module, Network, Pass, Site, output_shape, tracked};
use crate::random::{Purpose, Streams};
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, Tier, Trained};

/// An unrolled GAN (arXiv:1611.02163): the generator minimises its loss against the critic after K
/// more steps, φ_K(θ), and its gradient goes through these steps, so that it does not move to where
/// the critic will have followed by then. The critic itself takes one step.
///
/// With K = 0 it is a GAN of the same networks, which hops from mode to mode of a ring (figure 2
/// there).
#[derive(Debug, Clone, Copy)]
pub struct Unrolled {
    /// K, if it is not that of the settings.
    steps: Option<usize>,
}

const DEFAULTS: &str = include_str!("../../../../configs/suite/unrolled.toml");

impl Unrolled {
    pub const DEFAULT: Self = Self { steps: None };
    /// The same networks and optimisers without unrolling, for comparison.
    pub const WITHOUT: Self = Self { steps: Some(0) };

    fn read(self, options: &RunOptions) -> Result<UnrolledSettings, SuiteError> {
        let mut options = options.clone();
        if let Some(steps) = self.steps {
            let steps = i64::try_from(steps).unwrap_or(i64::MAX);
            options.overrides.entry("steps").or_insert(steps.into());
        }
        let settings: UnrolledSettings = read(self.about().name, DEFAULTS, &options)?;
        settings.check(self.about().name)?;
        Ok(settings)
    }
}

impl OwnLoop for Unrolled {
    type Settings = UnrolledSettings;

    fn about(&self) -> About {
        let (name, title) = match self.steps {
            Some(0) => ("unrolled-0", "Unrolled GAN's networks, not unrolled"),
            _ => ("unrolled", "Unrolled GAN"),
        };
        About {
            name,
            title,
            source: "Metz et al., arXiv:1611.02163",
            formula: "min_G f(G, D_K(G)), D_K = K steps of the critic from D",
        }
    }

    fn fits(&self, problem: &dyn Problem) -> Result<(), String> {
        if problem.tier() != Tier::Toys {
            return Err("its critic has dense layers for points".to_owned());
        }
        if problem.has_conditions() {
            return Err("its networks know no conditions".to_owned());
        }
        Ok(())
    }

    fn resolved(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<UnrolledSettings>, SuiteError> {
        let settings = self.read(options)?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        Ok(Resolved::new(settings, count))
    }

    fn begin<'a>(
        &self,
        settings: UnrolledSettings,
        problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError> {
        let values = data.train.values.ncols();
        let points = Batches::new(data.train.values.clone(), problem.name())?;
        Ok(Box::new(Training::new(settings, self.about().name, points, values, options)?))
    }
}

#[derive(Debug)]
struct Training {
    settings: UnrolledSettings,
    points: Batches,
    generator: Network,
    average: MovingAverage<Network>,
    optimiser: Optimiser,
    critic: CriticInTraining,
    batches: Streams,
    noise: Streams,
    values: usize,
    device: Device,
}

impl Training {
    fn new(
        settings: UnrolledSettings,
        name: &str,
        points: Batches,
        values: usize,
        options: &RunOptions,
    ) -> Result<Self, SuiteError> {
        let UnrolledSettings { generator_hidden, activation, initialisation, .. } = &settings;
        let dense = |outputs: usize| {
            LayerSettings::Dense(DenseSettings {
                outputs,
                initialisation: *initialisation,
                bias: true,
                spectral_norm: false,
            })
        };
        let mut layers = Vec::new();
        for &width in generator_hidden {
            layers.extend([dense(width), LayerSettings::activation(*activation)]);
        }
        layers.push(dense(values));
        output_shape(&layers, &[settings.latent], 0).map_err(|problem| SuiteError::Settings {
            name: name.to_owned(),
            problem: format!("the generator: {problem}"),
        })?;
        let initial = Streams::new(options.seed, Purpose::Initialisation);
        let device = &options.device;
        let mut site = Site { labels: 0, normals: &mut initial.normals(0), device };
        let generator = Network::build(&layers, &[settings.latent], &mut site);
        let mut site = Site { labels: 0, normals: &mut initial.normals(1), device };
        let critic = DenseCritic::new(
            values,
            &settings.critic_hidden,
            settings.activation,
            settings.initialisation,
            &mut site,
        );
        Ok(Self {
            average: MovingAverage::new(&generator, settings.average_decay),
            generator,
            optimiser: Optimiser::new(settings.optimiser),
            critic: CriticInTraining::new(critic),
            batches: Streams::new(options.seed, Purpose::CriticBatch),
            noise: Streams::new(options.seed, Purpose::GeneratorNoise),
            values,
            device: device.clone(),
            points,
            settings,
        })
    }
}

impl Iterate for Training {
    /// One update of the generator and one of the critic, on the same batch and from the same state.
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let step = progress.iteration;
        let UnrolledSettings { batch_size, latent, .. } = self.settings;
        let real = self.points.draw(batch_size, &mut self.batches.uniforms(step), &self.device);
        let mut noise = vec![0.0; batch_size * latent];
        self.noise.normals(step).fill(&mut noise);
        let noise = Tensor::from_inner(matrix(noise, batch_size, latent, &self.device));
        let generator = tracked(&self.generator);
        let fake = generator.forward(noise, &mut Pass::evaluation(None));

        let optimiser = InnerOptimiser::of(&self.settings.critic_optimiser, progress)
            .expect("checked settings have one whose steps are known");
        let unrolled = unroll(
            &self.critic,
            optimiser,
            self.settings.generator_objective,
            self.settings.steps,
            &real,
            &fake.clone().inner(),
        );
        // Its gradient is the one given, since that is a constant here.
        let pulled = (fake * Tensor::from_inner(unrolled.gradient)).sum();
        let gradients = ParameterGradients::of(&generator, &pulled.backward());
        let rate = self.settings.optimiser.learning_rate().at(progress);
        self.optimiser.step(&mut self.generator, gradients, rate);
        self.average.update(&self.generator, step + 1);
        self.critic = unrolled.first_step;
        if !wants_terms {
            return Vec::new();
        }
        [("critic loss", unrolled.critic_loss), ("generator loss", unrolled.generator_loss)]
            .map(|(name, loss)| (name.to_owned(), scalar(loss)))
            .into()
    }

    fn trained(&self) -> &dyn Trained {
        self
    }

    fn finish(self: Box<Self>) -> Box<dyn Trained> {
        self
    }
}

impl Trained for Training {
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError> {
        let streams = Streams::new(seed, Purpose::Generation);
        let (count, latent) = (conditions.nrows(), self.settings.latent);
        let mut noise = vec![0.0; count * latent];
        for (number, row) in (0..).zip(noise.chunks_exact_mut(latent)) {
            streams.normals(number).fill(row);
        }
        let noise = matrix(noise, count, latent, &self.device);
        let made = self.average.module().forward(noise, &mut Pass::evaluation(None));
        let values = Array2::from_shape_vec((count, self.values), to_host(made))
            .expect("the generator gives events");
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    fn scores(&self, events: &Events) -> Option<Vec<f64>> {
        let scores = self.critic.critic().scores(rows_of(events.values.view(), &self.device));
        Some(to_host(scores).into_iter().map(f64::from).collect())
    }

    fn parameters(&self) -> usize {
        self.generator.parameter_count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::test_problem::TestProblem;
    use super::*;
    use crate::suite::{Silent, System};

    const SMALL: &str = "latent = 4\ngenerator_hidden = [16]\ncritic_hidden = [16]\n\
                         activation = 'tanh'\nbatch_size = 64\n\
                         [optimiser]\nlearning_rate = 5e-3\n\
                         [critic_optimiser]\nlearning_rate = 5e-3";

    #[test]
    fn points_come_to_the_data() {
        let (problem, options) = (TestProblem::Points, TestProblem::options(300, SMALL));
        let data = problem.data();
        for system in [Unrolled::DEFAULT, Unrolled::WITHOUT] {
            let trained = system.train(&problem, &data, &options, &mut Silent).expect("trains");
            let made = trained.generate(Array2::zeros((500, 0)).view(), 3).expect("generates");
            let mean = made.values.mean_axis(ndarray::Axis(0)).expect("there are points");
            let away = (mean[0] - 2.0).abs().max((mean[1] + 1.0).abs());
            assert!(away < 0.6, "{}: {mean}", system.name());
            assert!(trained.scores(&made).expect("it has a critic").len() == 500);
        }
    }

    #[test]
    fn the_steps_are_those_of_the_file_or_none_and_the_run_may_change_them() {
        let text = |system: Unrolled, overrides: &str| {
            let (problem, options) = (TestProblem::Points, TestProblem::options(1, overrides));
            system.settings(&problem, &problem.data(), &options).map(|(text, _)| text)
        };
        let has = |system, overrides, line| {
            text(system, overrides).expect("fits").lines().any(|found| found == line)
        };
        assert!(has(Unrolled::DEFAULT, "", "steps = 5"));
        assert!(has(Unrolled::WITHOUT, "", "steps = 0"));
        assert!(has(Unrolled::WITHOUT, "steps = 2", "steps = 2"));
        let rmsprop = "critic_optimiser = { kind = 'rmsprop', learning_rate = 1e-3 }";
        let error = text(Unrolled::DEFAULT, rmsprop).expect_err("no way back").to_string();
        assert!(error.contains("`critic_optimiser` must be"), "{error}");
    }
}
