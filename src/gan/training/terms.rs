use super::log::{CriticLog, LogLine, PenaltyLog};
use super::trainer::Trainer;
use crate::compute::{Tensor, scalar};
use crate::gan::objectives::Objective;
use crate::gan::{CriticTerms, OptimiserSettings, Progress};

/// The losses of one iteration, still on the device.
#[derive(Debug)]
pub struct IterationTerms {
    pub(super) critics: Vec<CriticTerms>,
    pub(super) generator: Vec<Tensor<1>>,
    pub(super) matching: Option<Tensor<1>>,
}

impl Trainer {
    /// The terms of the last iteration as a line of the log.
    pub fn log_line(&self, terms: &IterationTerms) -> LogLine {
        let progress = Progress { iteration: self.iteration - 1, ..self.progress() };
        let rate =
            |settings: &OptimiserSettings| settings.learning_rate().at(progress) * self.rate_factor;
        let critics = self
            .critics
            .iter()
            .zip(&terms.critics)
            .zip(&terms.generator)
            .map(|((training, terms), generator)| {
                let reconstruction = terms.reconstruction.clone().map(|losses| losses.map(scalar));
                let convergence = match (&training.settings.objective, reconstruction) {
                    (Objective::Began(began), Some([real, fake])) => {
                        Some(began.convergence(real, fake))
                    }
                    _ => None,
                };
                let penalties = terms.penalties.iter().zip(&training.settings.penalty);
                CriticLog {
                    name: training.settings.name.clone(),
                    loss: scalar(terms.loss.clone()),
                    objective: scalar(terms.objective.clone()),
                    penalties: penalties
                        .map(|(value, penalty)| PenaltyLog {
                            kind: penalty.kind().to_owned(),
                            value: scalar(value.clone()),
                            weight: penalty.weight_at(progress),
                        })
                        .collect(),
                    auxiliary: terms.auxiliary.clone().map(scalar),
                    equilibrium: convergence.map(|_| training.equilibrium),
                    convergence,
                    score_difference: scalar(terms.score_difference.clone()),
                    generator_loss: scalar(generator.clone()),
                    learning_rate: rate(&training.settings.optimiser),
                }
            })
            .collect();
        LogLine {
            iteration: self.iteration,
            critics,
            matching: terms.matching.clone().map(scalar),
            generator_learning_rate: rate(&self.settings.generator.optimiser),
            variance_ratio: None,
            selection: None,
        }
    }
}
