//! RGAN and RCGAN (Esteban, Hyland and Rätsch, arXiv:1706.02633).

mod settings;
mod training;

pub use settings::RecurrentGanSettings;

use training::Training;

use super::data::SeriesData;
use crate::gan::Progress;
use crate::suite::systems::loop_settings::{all_finite, iterations, read};
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, System, Tier, Trained, Watch};

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

    fn resolved(&self, options: &RunOptions) -> Result<(RecurrentGanSettings, u64), SuiteError> {
        let settings: RecurrentGanSettings = read(self.name, self.defaults, options)?;
        settings.check(self.name)?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        Ok((settings, count))
    }
}

impl System for RecurrentGan {
    fn name(&self) -> &str {
        self.name
    }

    fn title(&self) -> &str {
        self.title
    }

    fn source(&self) -> &str {
        "Esteban, Hyland and Raetsch, arXiv:1706.02633"
    }

    fn formula(&self) -> &str {
        self.formula
    }

    fn takes(&self, problem: &dyn Problem) -> Result<(), String> {
        if problem.tier() != Tier::Series {
            return Err(format!("it is of tier `{}`, expected `series`", problem.tier()));
        }
        if self.conditional && !problem.has_conditions() {
            return Err("its events have no conditions".to_owned());
        }
        Ok(())
    }

    fn settings(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<(String, u64), SuiteError> {
        let (settings, count) = self.resolved(options)?;
        Ok((toml::to_string(&settings).expect("plain values can be written"), count))
    }

    fn train(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
        watch: &mut dyn Watch,
    ) -> Result<Box<dyn Trained>, SuiteError> {
        let (settings, of) = self.resolved(options)?;
        let range = [-1.0, 1.0];
        let told = self.conditional;
        let series = SeriesData::new(self.name, problem, data, options.seed, range, told)?;
        let selections = settings.selections.min(of);
        let mut training = Training::new(settings, series, options);
        for iteration in 1..=of {
            let progress = Progress { iteration: iteration - 1, iterations: of };
            let wants_terms = watch.wants_terms(iteration) || iteration == of;
            let terms = training.iterate(progress, wants_terms);
            all_finite(&terms, iteration)?;
            let part = |iteration: u64| iteration * selections / of;
            if part(iteration) > part(iteration - 1) {
                training.compare(data)?;
            }
            watch.after(iteration, of, &terms, &training)?;
        }
        training.take_best();
        Ok(Box::new(training))
    }
}
