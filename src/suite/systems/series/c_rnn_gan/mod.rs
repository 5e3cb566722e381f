//! C-RNN-GAN (Mogren, arXiv:1611.09904).

mod discriminator;
mod generator;
mod settings;
mod training;

pub use settings::{CRnnGanSettings, GeneratorLoss};

use settings::{DEFAULTS, NAME};
use training::Training;

use super::data::SeriesData;
use crate::gan::Progress;
use crate::suite::systems::loop_settings::{all_finite, iterations, read};
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, System, Tier, Trained, Watch};

/// C-RNN-GAN (arXiv:1611.09904): the generator is a stack of long short-term memory whose input at
/// each step is noise beside its own output of the step before; the discriminator reads series in
/// both directions and gives a probability at each step:
///
/// min over d of −⟨ln d(x)ₜ⟩ − ⟨ln(1 − d(g(z))ₜ)⟩, the means over series and steps,
///
/// and g minimises ⟨ln(1 − d(g(z))ₜ)⟩, or, by default, matches features (arXiv:1606.03498 in the
/// form of the paper's section 3.1): E (R(x) − R(g(z)))², R the last recurrent layer of d. In front
/// of it the generator is trained to predict the next step of real series by the squared error.
/// Both losses have λ Σ w² added, and the norm of each network's gradient is limited.
#[derive(Debug, Clone, Copy, Default)]
pub struct CRnnGan;

impl CRnnGan {
    fn resolved(options: &RunOptions) -> Result<(CRnnGanSettings, u64), SuiteError> {
        let settings: CRnnGanSettings = read(NAME, DEFAULTS, options)?;
        settings.check()?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        Ok((settings, count))
    }
}

impl System for CRnnGan {
    fn name(&self) -> &str {
        NAME
    }

    fn title(&self) -> &str {
        "C-RNN-GAN: a recurrent generator that hears itself"
    }

    fn source(&self) -> &str {
        "Mogren, arXiv:1611.09904"
    }

    fn formula(&self) -> &str {
        "min_d -E ln d(x)_t - E ln(1 - d(g(z))_t), means over the steps; min_g E (R(x) - R(g(z)))^2, R \
         the last recurrent layer of d"
    }

    fn takes(&self, problem: &dyn Problem) -> Result<(), String> {
        match problem.tier() {
            Tier::Series => Ok(()),
            tier => Err(format!("it is of tier `{tier}`, expected `series`")),
        }
    }

    fn settings(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<(String, u64), SuiteError> {
        let (settings, count) = Self::resolved(options)?;
        let text = toml::to_string(&settings).expect("plain values can be written");
        Ok((text, settings.pretraining(count) + count))
    }

    fn train(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
        watch: &mut dyn Watch,
    ) -> Result<Box<dyn Trained>, SuiteError> {
        let (settings, count) = Self::resolved(options)?;
        let pretraining = settings.pretraining(count);
        let of = pretraining + count;
        let series = SeriesData::new(NAME, problem, data, options.seed, [-1.0, 1.0], false)?;
        let mut training = Training::new(settings, series, options);
        for iteration in 1..=of {
            let progress = Progress { iteration: iteration - 1, iterations: of };
            let wants_terms = watch.wants_terms(iteration) || iteration == of;
            let terms = match iteration <= pretraining {
                true => training.pretrain(progress, wants_terms),
                false => training.iterate(progress, wants_terms),
            };
            all_finite(&terms, iteration)?;
            watch.after(iteration, of, &terms, &training)?;
        }
        Ok(Box::new(training))
    }
}
