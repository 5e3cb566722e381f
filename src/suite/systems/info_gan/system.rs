use super::code::Codes;
use super::networks::{CriticWithCode, generator};
use super::settings::{Checked, NAME};
use super::trained::TrainedInfoGan;
use crate::compute::{Tensor, matrix, scalar};
use crate::events::Events;
use crate::gan::objectives::{Judged, JudgedBatch};
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{MovingAverage, Optimiser, Progress};
use crate::nn::{Pass, frozen, tracked};
use crate::random::{Purpose, Streams};
use crate::suite::error::SuiteError;
use crate::suite::problem::{Problem, ProblemData};
use crate::suite::system::{RunOptions, Trained};
use crate::suite::systems::own_loop::{About, Iterate, OwnLoop, Resolved};
use crate::suite::tier::Tier;

/// InfoGAN (arXiv:1606.03657): min_{G,Q} max_D V(D, G) − λ L_I(G, Q), with the bound
/// L_I = E ln Q(c|G(z, c)) + H(c) ≤ I(c; G(z, c)) on the mutual information of code and event.
///
/// D and Q share a trunk. Each iteration updates D and Q, then G: in both steps the loss of reading
/// the code from generated events is minimised, never maximised, by whoever is updated.
#[derive(Debug, Clone, Copy, Default)]
pub struct InfoGan;

struct Training<'a> {
    checked: Checked,
    trained: TrainedInfoGan,
    generator_optimiser: Optimiser,
    critic_optimiser: Optimiser,
    data: &'a Events,
    batches: Streams,
    critic_noise: Streams,
    generator_noise: Streams,
    regularisation: Streams,
}

impl OwnLoop for InfoGan {
    type Settings = Checked;

    fn about(&self) -> About {
        About {
            name: NAME,
            title: "InfoGAN",
            source: "arXiv:1606.03657, equations 5 and 6",
            formula: "min_{G,Q} max_D E log D(x) + E log(1 - D(G(z,c))) - λ (E log Q(c|G(z,c)) + H(c))",
        }
    }

    fn fits(&self, problem: &dyn Problem) -> Result<(), String> {
        if problem.template().is_none() {
            return Err("it proposes no networks".to_owned());
        }
        match problem.tier() {
            Tier::Images | Tier::Gpu => Ok(()),
            tier => Err(format!("it is of tier `{tier}`, and the system is for images")),
        }
    }

    fn resolved(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<Checked>, SuiteError> {
        let settings = Checked::new(problem, data.detector.value_count(), options)?;
        let (text, iterations) = (settings.to_toml(), settings.iterations);
        Ok(Resolved { settings, text, iterations })
    }

    fn begin<'a>(
        &self,
        settings: Checked,
        _problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError> {
        Ok(Box::new(Training::new(settings, data, options)))
    }
}

impl Iterate for Training<'_> {
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let critic = self.update_critic(progress);
        let generator = self.update_generator(progress);
        self.trained.average.update(&self.trained.generator, progress.iteration + 1);
        if !wants_terms {
            return Vec::new();
        }
        let terms = critic.into_iter().chain(generator);
        terms.map(|(name, term)| (name.to_owned(), scalar(term))).collect()
    }

    fn trained(&self) -> &dyn Trained {
        &self.trained
    }

    fn finish(self: Box<Self>) -> Box<dyn Trained> {
        Box::new(self.trained)
    }
}

type Terms = [(&'static str, Tensor<1>); 2];

impl<'a> Training<'a> {
    fn new(checked: Checked, data: &'a ProblemData, options: &RunOptions) -> Self {
        let (seed, device) = (options.seed, options.device.clone());
        let values = data.detector.value_count();
        let generator = generator(&checked, seed, &device);
        let settings = checked.settings.clone();
        let stream = |purpose| Streams::new(seed, purpose);
        Self {
            generator_optimiser: Optimiser::new(settings.generator.optimiser),
            critic_optimiser: Optimiser::new(settings.critic.optimiser),
            trained: TrainedInfoGan {
                average: MovingAverage::new(&generator, settings.average_decay),
                critic: CriticWithCode::new(&checked, values, seed, &device),
                generator,
                settings,
                device,
                values,
            },
            checked,
            data: &data.train,
            batches: stream(Purpose::CriticBatch),
            critic_noise: stream(Purpose::CriticNoise),
            generator_noise: stream(Purpose::GeneratorNoise),
            regularisation: stream(Purpose::Regularisation),
        }
    }

    /// `[batch, values]`
    fn batch(&self, step: u64) -> Tensor<2> {
        let size = self.checked.settings.batch_size;
        let mut random = self.batches.uniforms(step);
        let mut values = Vec::with_capacity(size * self.trained.values);
        for _ in 0..size {
            values.extend(self.data.values.row(random.index(self.data.len())));
        }
        matrix(values, size, self.trained.values, &self.trained.device)
    }

    fn codes(&self, streams: &Streams, step: u64) -> Codes {
        let size = self.checked.settings.batch_size;
        let settings = &self.checked.settings;
        Codes::draw(settings, streams, step * size as u64, size, &self.trained.device)
    }

    /// One update of the critic and Q.
    fn update_critic(&mut self, progress: Progress) -> Terms {
        let step = progress.iteration;
        let settings = &self.checked.settings;
        let codes = self.codes(&self.critic_noise, step);
        let uniforms = |third: u64| self.regularisation.uniforms(3 * step + third);
        let mut pass = Pass::training(None, uniforms(0));
        let fake =
            Tensor::from_inner(self.trained.generator.forward(codes.input.clone(), &mut pass));
        let real = Tensor::from_inner(self.batch(step));
        self.trained.critic.before_step();
        let in_graph = tracked(&self.trained.critic);
        let (of_real, seen_real) = in_graph.train(real.clone(), uniforms(1));
        let (of_fake, seen_fake) = in_graph.train(fake.clone(), uniforms(1));
        let batch = JudgedBatch {
            real: judged(of_real.score, real),
            fake: judged(of_fake.score, fake),
            other_fake: None,
        };
        let loss = settings.objective.critic_loss(&batch, 0.0, None);
        let code_loss = codes.loss(&of_fake.code, settings);
        let gradients = (loss.clone() + code_loss.clone()).backward();
        let gradients = ParameterGradients::of(&in_graph, &gradients);
        let rate = settings.critic.optimiser.learning_rate().at(progress);
        self.trained.critic.absorb(seen_real);
        self.trained.critic.absorb(seen_fake);
        self.critic_optimiser.step(&mut self.trained.critic, gradients, rate);
        [("critic loss", loss.inner()), ("code loss", code_loss.inner())]
    }

    /// One update of the generator.
    fn update_generator(&mut self, progress: Progress) -> Terms {
        let step = progress.iteration;
        let settings = &self.checked.settings;
        let codes = self.codes(&self.generator_noise, step);
        self.trained.generator.before_step();
        let in_graph = tracked(&self.trained.generator);
        let mut pass = Pass::training(None, self.regularisation.uniforms(3 * step + 2));
        let input = Tensor::from_inner(codes.input.clone());
        let fake = in_graph.forward(input, &mut pass);
        let mut seen = pass.take_statistics();
        let critic = frozen(&self.trained.critic);
        let (of_fake, _) = critic.train(fake.clone(), self.regularisation.uniforms(3 * step + 2));
        let real = if settings.objective.pairs_with_real() {
            let real = Tensor::from_inner(self.batch(step));
            let (of_real, _) =
                critic.train(real.clone(), self.regularisation.uniforms(3 * step + 2));
            judged(of_real.score, real)
        } else {
            judged(of_fake.score.clone(), fake.clone())
        };
        let batch = JudgedBatch { real, fake: judged(of_fake.score, fake), other_fake: None };
        let loss = settings.objective.generator_loss(&batch);
        let code_loss = codes.loss(&of_fake.code, settings);
        let gradients = (loss.clone() + code_loss.clone()).backward();
        let gradients = ParameterGradients::of(&in_graph, &gradients);
        let rate = settings.generator.optimiser.learning_rate().at(progress);
        self.trained.generator.absorb(&mut seen);
        self.generator_optimiser.step(&mut self.trained.generator, gradients, rate);
        [("generator loss", loss.inner()), ("generator code loss", code_loss.inner())]
    }
}

fn judged(output: Tensor<2>, seen: Tensor<2>) -> Judged {
    Judged { output, seen, weight: None, target: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu;
    use crate::suite::DataContext;
    use crate::suite::problems::find;
    use crate::suite::system::{Protocol, Silent, System};

    fn options(iterations: u64, overrides: &str) -> RunOptions {
        RunOptions {
            seed: 1,
            device: cpu(),
            protocol: Protocol::Short,
            iterations: Some(iterations),
            overrides: toml::from_str(overrides).expect("overrides"),
        }
    }

    fn loaded() -> (Box<dyn Problem>, ProblemData) {
        let problem = find("digits-8x8").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().to_owned();
        let context = DataContext { folder, user_data: None, extractor: None };
        let data = problem.load(&context).unwrap();
        (problem, data)
    }

    /// Small networks for tests.
    const SMALL: &str = "batch_size = 32\naverage_decay = 0.9\nclasses = 3\nnumber_weight = 2.0\ncode_batch_norm = false\ncritic_batch_norm = false\n\
        generator.network.layer = [{ kind = 'dense', outputs = 32 }, { kind = 'relu' }, \
        { kind = 'dense', outputs = 64 }]\n\
        critic.network.layer = [{ kind = 'dense', outputs = 32 }, { kind = 'leaky-relu' }, \
        { kind = 'dense', outputs = 1 }]";

    #[test]
    fn the_code_is_learned_by_both_and_a_seed_repeats_itself() {
        let (problem, data) = loaded();
        let trained = |iterations| {
            InfoGan.train(&*problem, &data, &options(iterations, SMALL), &mut Silent).unwrap()
        };
        let learned = trained(300);
        let measures = learned.own_measures(&data).unwrap();
        let correlation = measures.get("code correlation").expect("two numbers");
        let before = trained(1).own_measures(&data).unwrap().get("code correlation").unwrap();
        assert!(before < 0.4 && correlation > 0.6, "{before} {correlation}");
        let first = learned.generate(data.conditions(3).view(), 5).unwrap();
        let again = trained(300).generate(data.conditions(3).view(), 5).unwrap();
        assert_eq!(first, again);
        assert_eq!(first.values.dim(), (3, 64));
        assert_eq!(learned.scores(&first).expect("one score an event").len(), 3);
    }

    #[test]
    fn settings_of_a_run_have_all_layers_and_read_themselves() {
        let (problem, data) = loaded();
        let (text, iterations) =
            InfoGan.settings(&*problem, &data, &options(7, "")).expect("the defaults fit");
        assert_eq!(iterations, 7);
        assert!(text.contains("batch-norm") && text.contains("critic_batch_norm = false"));
        let again = InfoGan.settings(&*problem, &data, &options(7, &text)).expect("its own");
        assert_eq!(again.0, text);
    }

    #[test]
    fn wrong_settings_are_named() {
        let (problem, data) = loaded();
        for (overrides, expected) in [
            ("classes = 1", "`classes` is 1, expected 2 to 65536"),
            ("number_weight = -1.0", "`number_weight` is -1, expected 0 to 1000000"),
            ("objective = { kind = 'began' }", "`objective` is of another kind"),
            ("average_decay = 1.0", "`average_decay` is 1, expected 0 to below 1"),
            ("latent = 3", "unknown field `latent`"),
            (
                "critic.network = { layer = [{ kind = 'dense', outputs = 1 }] }",
                "critic.network has one layer, expected two at least",
            ),
            (
                "generator.network = { layer = [{ kind = 'dense', outputs = 3 }] }",
                "generator.network: the last layer has 3 outputs, expected 64",
            ),
            (
                "critic.network = { layer = [{ kind = 'relu' }, { kind = 'projection' }] }",
                "critic.network has a layer `projection`, expected none",
            ),
        ] {
            let error = InfoGan.settings(&*problem, &data, &options(1, overrides));
            let text = error.expect_err(overrides).to_string();
            assert!(text.contains(expected), "{overrides}: {text}");
        }
    }

    #[test]
    fn points_are_not_taken() {
        let reason = InfoGan.takes(&*find("25-gaussians").unwrap()).expect_err("points");
        assert_eq!(reason, "it is of tier `toys`, and the system is for images");
    }
}
