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
use crate::suite::systems::loop_settings::{iterations, read};
use crate::suite::systems::own_loop::{About, Iterate, OwnLoop, Resolved};
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, Tier, Trained};

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

impl OwnLoop for CRnnGan {
    type Settings = CRnnGanSettings;

    fn about(&self) -> About {
        About {
            name: NAME,
            title: "C-RNN-GAN: a recurrent generator that hears itself",
            source: "Mogren, arXiv:1611.09904",
            formula: "min_d -E ln d(x)_t - E ln(1 - d(g(z))_t), means over the steps; min_g E (R(x) - R(g(z)))^2, R \
         the last recurrent layer of d",
        }
    }

    fn fits(&self, problem: &dyn Problem) -> Result<(), String> {
        match problem.tier() {
            Tier::Series => Ok(()),
            tier => Err(format!("it is of tier `{tier}`, expected `series`")),
        }
    }

    fn resolved(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<CRnnGanSettings>, SuiteError> {
        let settings: CRnnGanSettings = read(NAME, DEFAULTS, options)?;
        settings.check()?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        let all = settings.pretraining(count) + count;
        Ok(Resolved::new(settings, all))
    }

    fn begin<'a>(
        &self,
        settings: CRnnGanSettings,
        problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError> {
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        let pretraining = settings.pretraining(count);
        let series = SeriesData::new(NAME, problem, data, options.seed, [-1.0, 1.0], false)?;
        Ok(Box::new(Run { training: Training::new(settings, series, options), pretraining }))
    }
}

/// A training in its loop.
struct Run {
    training: Training,
    /// Iterations in which the generator learns to predict.
    pretraining: u64,
}

impl Iterate for Run {
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        if progress.iteration < self.pretraining {
            self.training.pretrain(progress, wants_terms)
        } else {
            self.training.iterate(progress, wants_terms)
        }
    }

    fn trained(&self) -> &dyn Trained {
        &self.training
    }

    fn finish(self: Box<Self>) -> Box<dyn Trained> {
        Box::new(self.training)
    }
}
