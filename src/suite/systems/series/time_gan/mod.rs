//! TimeGAN (Yoon, Jarrett and van der Schaar, NeurIPS 2019).

mod settings;
mod training;

pub use settings::{Cell, TimeGanSettings};

use settings::{DEFAULTS, NAME};
use training::{Phase, Training};

use super::data::SeriesData;
use crate::gan::Progress;
use crate::suite::systems::loop_settings::{iterations, read};
use crate::suite::systems::own_loop::{About, Iterate, OwnLoop, Resolved};
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, Trained};

/// TimeGAN: a GAN in a space that an autoencoder has learned, with a supervised loss that teaches it
/// what follows what.
///
/// Five recurrent networks, each with a dense layer on every step behind it: the embedder e takes
/// series x to latent series h = e(x), the recovery r back, the generator g makes latent series of
/// noise, the supervisor s predicts the next step of a latent series from those up to it, and the
/// discriminator d judges latent series step by step. With ŷ = s(g(z)), x̂ = r(ŷ), and the losses
///
/// L_R = √E (x − r(e(x)))², L_S = E (h₂…ₜ − s(h)₁…ₜ₋₁)²,
///
/// the three phases are, as in the code of the authors,
///
/// 1. min over e, r of 10 L_R;
/// 2. min over s of L_S;
/// 3. jointly, twice for each update of d: min over g, s of
///    U(ŷ) + γ U(g(z)) + 100 √L_S + 100 (|√Var x̂ − √Var x| + |⟨x̂⟩ − ⟨x⟩|), the moments over the batch
///    at each step and feature and U the non-saturating loss −ln d, averaged over the steps; then min
///    over e, r of 10 L_R + 0.1 L_S; and min over d of the cross entropy of h as real and of ŷ and,
///    times γ, g(z) as generated, only while it is above 0.15.
///
/// (The paper has L_S and L_R with weights λ = 1 and η = 10 in its equations (10) and (11).)
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeGan;

impl OwnLoop for TimeGan {
    type Settings = TimeGanSettings;

    fn about(&self) -> About {
        About {
            name: NAME,
            title: "TimeGAN: a GAN in a learned latent space, with a supervised loss",
            source: "Yoon, Jarrett and van der Schaar, NeurIPS 2019, and the code of the authors",
            formula: "e, r: 10 sqrt(E (x - r(e(x)))^2) + 0.1 L_S; g, s: U(s(g(z))) + gamma U(g(z)) + 100 sqrt(L_S) + \
         100 (difference of the first two moments); d: cross entropy of e(x) against s(g(z)) and g(z)",
        }
    }

    fn fits(&self, problem: &dyn Problem) -> Result<(), String> {
        match problem.tier() {
            crate::suite::Tier::Series => Ok(()),
            tier => Err(format!("it is of tier `{tier}`, expected `series`")),
        }
    }

    fn resolved(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<TimeGanSettings>, SuiteError> {
        let settings: TimeGanSettings = read(NAME, DEFAULTS, options)?;
        settings.check()?;
        let joint = iterations(options, settings.short_iterations, settings.paper_iterations);
        let all = settings.phases(joint).iter().sum();
        Ok(Resolved::new(settings, all))
    }

    fn begin<'a>(
        &self,
        settings: TimeGanSettings,
        problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError> {
        let joint = iterations(options, settings.short_iterations, settings.paper_iterations);
        let phases = settings.phases(joint);
        let series = SeriesData::new(NAME, problem, data, options.seed, [0.0, 1.0], false)?;
        Ok(Box::new(Run { training: Training::new(settings, series, options), phases }))
    }
}

/// A training in its loop.
struct Run {
    training: Training,
    /// Iterations of each phase.
    phases: [u64; 3],
}

impl Iterate for Run {
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)> {
        let number = progress.iteration;
        let [embedding, supervision, joint] = self.phases;
        let (phase, first, iterations) = if number < embedding {
            (Phase::Embedding, 0, embedding)
        } else if number < embedding + supervision {
            (Phase::Supervision, embedding, supervision)
        } else {
            (Phase::Joint, embedding + supervision, joint)
        };
        if number == first {
            self.training.begin_phase();
        }
        let progress = Progress { iteration: number - first, iterations };
        self.training.iterate(phase, number, progress, wants_terms)
    }

    fn trained(&self) -> &dyn Trained {
        &self.training
    }

    fn finish(self: Box<Self>) -> Box<dyn Trained> {
        Box::new(self.training)
    }
}
