use ndarray::{Array2, ArrayView2};
use toml::Table;

use super::changes::NetworkChange;
use super::system_file::SystemFile;
use crate::codec::{EventCodec, Labels};
use crate::compute::{Device, Tensor, matrix, to_host};
use crate::events::{Events, EventsError};
use crate::gan::training::{CheckpointHeader, LogLine, SampleOptions, Trainer, TrainingSample};
use crate::nn::{LayerSettings, Module as _, NetworkSettings};
use crate::random::Purpose;
use crate::settings::{CheckedSettings, TrainingSettings};
use crate::suite::error::SuiteError;
use crate::suite::merge::{merged, with_short};
use crate::suite::problem::{Problem, ProblemData};
use crate::suite::system::{Protocol, RunOptions, System, Trained, Watch};

/// A system that is an objective, penalties and networks of the core's [`Trainer`], as it stands in
/// a file of `configs/suite/`.
///
/// Its settings on a problem are the problem's template with the file's changes, a training
/// configuration like that of a detector.
#[derive(Debug, Clone)]
pub struct Adversarial {
    file: SystemFile,
}

/// Memory for training events.
const MEMORY_BYTES: usize = 1 << 30;

impl Adversarial {
    /// # Errors
    /// As [`SystemFile::from_toml`].
    pub fn from_toml(text: &str) -> Result<Self, SuiteError> {
        Ok(Self { file: SystemFile::from_toml(text)? })
    }

    pub fn new(file: SystemFile) -> Self {
        Self { file }
    }

    fn wrong(&self, problem: &dyn Problem, text: impl ToString) -> SuiteError {
        SuiteError::Settings {
            name: format!("{} on {}", self.file.name, problem.name()),
            problem: text.to_string().trim().to_owned(),
        }
    }

    /// The training configuration for a problem.
    fn resolved(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<CheckedSettings, SuiteError> {
        let template = problem.template().ok_or_else(|| SuiteError::DoesNotFit {
            system: self.file.name.clone(),
            problem: problem.name().to_owned(),
            reason: "it proposes no networks".to_owned(),
        })?;
        let mut table: Table =
            toml::from_str(template).map_err(|error| self.wrong(problem, error))?;
        table = with_short(Table::new(), table, options.protocol);
        let changes = [
            Some(&self.file.settings),
            self.file.tier.get(&problem.tier()),
            self.file.problem.get(problem.name()),
            Some(&options.overrides),
        ];
        for change in changes.into_iter().flatten() {
            table = with_short(table, change.clone(), options.protocol);
        }
        let mut take = |key: &str| {
            table
                .remove(key)
                .and_then(|value| value.as_integer())
                .and_then(|n| u64::try_from(n).ok())
        };
        let (short, paper) = (take("short_iterations"), take("paper_iterations"));
        let by_protocol = match options.protocol {
            Protocol::Short => short,
            Protocol::Paper => paper.or(short),
        };
        if let Some(iterations) = options.iterations.or(by_protocol) {
            let training = Table::from_iter([(
                "iterations".to_owned(),
                toml::Value::Integer(i64::try_from(iterations).unwrap_or(i64::MAX)),
            )]);
            table = merged(table, Table::from_iter([("training".to_owned(), training.into())]));
        }
        table.insert("detector".to_owned(), data.detector.name().into());
        let mut settings: TrainingSettings = toml::Value::Table(table)
            .try_into()
            .map_err(|error: toml::de::Error| self.wrong(problem, error))?;
        self.change_networks(&mut settings, problem, data)?;
        settings.check(data.detector.clone()).map_err(|source| SuiteError::Training {
            name: format!("{} on {}", self.file.name, problem.name()),
            source,
        })
    }

    fn change_networks(
        &self,
        settings: &mut TrainingSettings,
        problem: &dyn Problem,
        data: &ProblemData,
    ) -> Result<(), SuiteError> {
        let change = |network: &mut NetworkSettings, changes: &[NetworkChange], outputs: usize| {
            for change in changes {
                *network = change.of(network, outputs).map_err(|e| self.wrong(problem, e))?;
            }
            Ok::<(), SuiteError>(())
        };
        let networks = &self.file.networks;
        let layout = crate::settings::encoded_layout(settings, &data.detector);
        let outputs = settings.generator.outputs(&layout);
        change(&mut settings.generator.network, &networks.generator, outputs)?;
        for critic in &mut settings.critic {
            let seen = critic.packing * critic.sees.width(&layout, &critic.observables);
            stack_packs(&mut critic.network, critic.packing, seen);
            let outputs = critic.outputs(seen);
            change(&mut critic.network, &networks.critic, outputs)?;
        }
        Ok(())
    }
}

impl System for Adversarial {
    fn name(&self) -> &str {
        &self.file.name
    }

    fn title(&self) -> &str {
        &self.file.title
    }

    fn source(&self) -> &str {
        &self.file.source
    }

    fn formula(&self) -> &str {
        &self.file.formula
    }

    fn takes(&self, problem: &dyn Problem) -> Result<(), String> {
        let SystemFile { tiers, problems, needs_conditions, .. } = &self.file;
        if problem.template().is_none() {
            return Err("it proposes no networks".to_owned());
        }
        if !tiers.is_empty() && !tiers.contains(&problem.tier()) {
            return Err(format!("it is of tier `{}`", problem.tier()));
        }
        if !problems.is_empty() && !problems.iter().any(|name| name == problem.name()) {
            return Err(format!("the system is for {}", problems.join(", ")));
        }
        if *needs_conditions && !problem.has_conditions() {
            return Err("its events have no conditions".to_owned());
        }
        Ok(())
    }

    fn settings(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<(String, u64), SuiteError> {
        let settings = self.resolved(problem, data, options)?;
        Ok((settings.to_toml(), settings.training.iterations))
    }

    fn train(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
        watch: &mut dyn Watch,
    ) -> Result<Box<dyn Trained>, SuiteError> {
        let settings = self.resolved(problem, data, options)?;
        let detector = &data.detector;
        let codec = EventCodec::fit(
            detector,
            Labels::new(detector, &settings.conditions),
            &settings.codec,
            || std::iter::once(Ok::<Events, EventsError>(data.train.clone())),
        )?;
        let sample_options = SampleOptions {
            azimuthal_symmetry: settings.training.azimuthal_symmetry,
            memory_bytes: MEMORY_BYTES,
            events_per_iteration: settings.training.batch_size,
            packing: settings.packing(),
            seed: options.seed,
        };
        let mut sample =
            TrainingSample::of_events(data.train.clone(), detector, &codec, sample_options)?;
        let iterations = settings.training.iterations;
        let mut trainer = Trainer::new(settings, codec, options.seed, options.device.clone());
        if let Some(path) = watch.resumes_from() {
            let (header, tensors) = CheckpointHeader::read(&path)?;
            trainer.restore(&path, &header, tensors)?;
        }
        let done = trainer.iteration();
        let mut trained = Box::new(TrainedAdversarial { trainer, device: options.device.clone() });
        for iteration in done + 1..=iterations {
            let terms = trained.trainer.iterate(&mut sample)?;
            let mut named = Vec::new();
            if watch.wants_terms(iteration) || iteration == iterations {
                named = named_terms(&trained.trainer.log_line(&terms));
                if let Some((what, _)) = named.iter().find(|(_, value)| !value.is_finite()) {
                    return Err(SuiteError::Diverged { what: what.clone(), iteration });
                }
            }
            watch.after(iteration, iterations, &named, &*trained)?;
            if let Some(path) = watch.wants_state(iteration)? {
                trained.trainer.write_checkpoint(&path, &data.sha256, None, 0)?;
                watch.state_is_kept(iteration)?;
            }
        }
        Ok(trained)
    }
}

/// A network that begins with the shape of one image sees those of a pack as more channels.
fn stack_packs(network: &mut NetworkSettings, packing: usize, seen: usize) {
    if let Some(LayerSettings::Reshape(reshape)) = network.layer.first_mut()
        && reshape.shape.iter().product::<usize>() * packing == seen
    {
        reshape.shape[0] *= packing;
    }
}

/// The losses of one iteration by name.
fn named_terms(line: &LogLine) -> Vec<(String, f64)> {
    let mut terms = Vec::new();
    let single = line.critics.len() == 1;
    for critic in &line.critics {
        let name = |what: &str| {
            if single { what.to_owned() } else { format!("{} {what}", critic.name) }
        };
        terms.push((name("critic loss"), critic.loss));
        terms.push((name("generator loss"), critic.generator_loss));
        terms.push((name("score difference"), critic.score_difference));
        for penalty in &critic.penalties {
            terms.push((name(&penalty.kind), penalty.value));
        }
        if let Some(convergence) = critic.convergence {
            terms.push((name("convergence"), convergence));
        }
    }
    terms
}

struct TrainedAdversarial {
    trainer: Trainer,
    device: Device,
}

impl Trained for TrainedAdversarial {
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError> {
        let settings = self.trainer.settings();
        let sampler = crate::generate::Sampler::new(
            self.trainer.averaged_generator(),
            self.trainer.codec(),
            settings.detector(),
            seed,
            Purpose::Generation,
            self.device.clone(),
        );
        let values = sampler.values(0, conditions)?;
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    fn scores(&self, events: &Events) -> Option<Vec<f64>> {
        let (_, critic) = self.trainer.critics().next()?;
        let codec = self.trainer.codec();
        let detector = self.trainer.settings().detector();
        let encoded: Array2<f32> = codec.encode_with_noise(detector, events, |_| || 0.5).ok()?;
        let (rows, columns) = encoded.dim();
        let encoded: Tensor<2> =
            matrix(encoded.into_raw_vec_and_offset().0, rows, columns, &self.device);
        let told = codec.conditions(detector, events.conditions.view(), &self.device);
        let scores = critic.scores(&encoded, &told.label)?;
        Some(to_host(scores).into_iter().map(f64::from).collect())
    }

    fn parameters(&self) -> usize {
        self.trainer.generator().parameter_count()
    }
}
