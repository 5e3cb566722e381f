//! TimeGAN (Yoon, Jarrett and van der Schaar, NeurIPS 2019).

mod settings;
mod training;

pub use settings::{Cell, TimeGanSettings};

use settings::{DEFAULTS, NAME};
use training::{Phase, Training};

use super::data::SeriesData;
use crate::gan::Progress;
use crate::suite::systems::loop_settings::{all_finite, iterations, read};
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, System, Trained, Watch};

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

impl System for TimeGan {
    fn name(&self) -> &str {
        NAME
    }

    fn title(&self) -> &str {
        "TimeGAN: a GAN in a learned latent space, with a supervised loss"
    }

    fn source(&self) -> &str {
        "Yoon, Jarrett and van der Schaar, NeurIPS 2019, and the code of the authors"
    }

    fn formula(&self) -> &str {
        "e, r: 10 sqrt(E (x - r(e(x)))^2) + 0.1 L_S; g, s: U(s(g(z))) + gamma U(g(z)) + 100 sqrt(L_S) + \
         100 (difference of the first two moments); d: cross entropy of e(x) against s(g(z)) and g(z)"
    }

    fn takes(&self, problem: &dyn Problem) -> Result<(), String> {
        match problem.tier() {
            crate::suite::Tier::Series => Ok(()),
            tier => Err(format!("it is of tier `{tier}`, expected `series`")),
        }
    }

    fn settings(
        &self,
        _problem: &dyn Problem,
        _data: &ProblemData,
        options: &RunOptions,
    ) -> Result<(String, u64), SuiteError> {
        let settings: TimeGanSettings = read(NAME, DEFAULTS, options)?;
        settings.check()?;
        let count = iterations(options, settings.short_iterations, settings.paper_iterations);
        let text = toml::to_string(&settings).expect("plain values can be written");
        Ok((text, settings.phases(count).iter().sum()))
    }

    fn train(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
        watch: &mut dyn Watch,
    ) -> Result<Box<dyn Trained>, SuiteError> {
        let settings: TimeGanSettings = read(NAME, DEFAULTS, options)?;
        settings.check()?;
        let joint = iterations(options, settings.short_iterations, settings.paper_iterations);
        let phases = settings.phases(joint);
        let of = phases.iter().sum();
        let series = SeriesData::new(NAME, problem, data, options.seed, [0.0, 1.0], false)?;
        let mut training = Training::new(settings, series, options);
        let mut done = 0;
        for (phase, count) in
            [Phase::Embedding, Phase::Supervision, Phase::Joint].into_iter().zip(phases)
        {
            training.begin_phase();
            for step in 0..count {
                done += 1;
                let wants_terms = watch.wants_terms(done) || done == of;
                let progress = Progress { iteration: step, iterations: count };
                let terms = training.iterate(phase, done - 1, progress, wants_terms);
                all_finite(&terms, done)?;
                watch.after(done, of, &terms, &training)?;
            }
        }
        Ok(Box::new(training))
    }
}
