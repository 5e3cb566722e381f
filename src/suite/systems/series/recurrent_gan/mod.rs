//! RGAN and RCGAN (Esteban, Hyland and Rätsch, arXiv:1706.02633).

mod settings;
mod training;

pub use settings::RecurrentGanSettings;

use training::Training;

use super::data::SeriesData;
use crate::gan::Progress;
use crate::suite::systems::loop_settings::{iterations, read};
use crate::suite::systems::own_loop::{About, Iterate, OwnLoop, Resolved};
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, Tier, Trained};

/// The recurrent GAN (arXiv:1706.02633): generator and discriminator are recurrent networks, noise
/// comes in at every step, and the discriminator judges every step:
///
/// min over d of −⟨ln d(x)ₜ⟩ − ⟨ln(1 − d(g(z))ₜ)⟩, min over g of −⟨ln d(g(z))ₜ⟩,
///
/// the means over events and steps. The conditional one tells both networks the condition at every
/// step. At regular points of the training the generator is compared with the data by the maximum
/// mean discrepancy with a Gaussian kernel of the median distance, and the best one is used.
#[derive(Debug, Clone, Copy)]
pub struct RecurrentGan {
    name: &'static str,
    title: &'static str,
    formula: &'static str,
    defaults: &'static str,
    conditional: bool,
}

impl RecurrentGan {
    /// RGAN: conditions are ignored.
    pub const PLAIN: Self = Self {
        name: "rgan",
        title: "RGAN: recurrent networks, judged at every step",
        formula: "min_d -E ln d(x)_t - E ln(1 - d(g(z))_t); min_g -E ln d(g(z))_t, means over the steps",
        defaults: include_str!("../../../../../configs/suite/rgan.toml"),
        conditional: false,
    };

    /// RCGAN: conditions at every step of both networks.
    pub const CONDITIONAL: Self = Self {
        name: "rcgan",
        title: "RCGAN: as RGAN, with conditions at every step",
        formula: "min_d -E ln d(x, c)_t - E ln(1 - d(g(z, c), c)_t); min_g -E ln d(g(z, c), c)_t, means \
                  over the steps",
        defaults: include_str!("../../../../../configs/suite/rcgan.toml"),
        conditional: true,
    };
}

impl OwnLoop for RecurrentGan {
    type Settings = RecurrentGanSettings;

    fn about(&self) -> About {
        About {
            name: self.name,
            title: self.title,
            source: "Esteban, Hyland and Raetsch, arXiv:1706.02633",
            formula: self.formula,
        }
    }

    fn fits(&self, problem: &dyn Problem) -> Result<(), String> {
        if problem.tier() != Tier::Series {
            return Err(format!("it is of tier `{}`, expected `series`", problem.tier()));
        }
        if self.conditional && !problem.has_conditions() {
            return Err("its events have no conditions".to_owned());
        }
        Ok(())
    }

    fn resolved(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<RecurrentGanSettings>, SuiteError> {
        let settings: RecurrentGanSettings = read(self.name, self.defaults, options)?;
        settings.check(self.name)?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        Ok(Resolved::new(settings, count))
    }

    fn begin<'a>(
        &self,
        settings: RecurrentGanSettings,
        problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError> {
        let (range, told) = ([-1.0, 1.0], self.conditional);
        let series = SeriesData::new(self.name, problem, data, options.seed, range, told)?;
        let selections = settings.selections;
        Ok(Box::new(Run { training: Training::new(settings, series, options), data, selections }))
    }
}

/// A training in its loop.
struct Run<'a> {
    training: Training,
    data: &'a ProblemData,
    /// How often the generator is compared with the data.
    selections: u64,
}

impl Iterate for Run<'_> {
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        self.training.iterate(progress, wants_terms)
    }

    fn look_back(&mut self, progress: Progress) -> Result<(), SuiteError> {
        let Progress { iteration, iterations } = progress;
        let part = |done: u64| done * self.selections.min(iterations) / iterations;
        if part(iteration + 1) > part(iteration) {
            self.training.compare(self.data)?;
        }
        Ok(())
    }

    fn trained(&self) -> &dyn Trained {
        &self.training
    }

    fn finish(mut self: Box<Self>) -> Box<dyn Trained> {
        self.training.take_best();
        Box::new(self.training)
    }
}
