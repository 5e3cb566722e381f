//! Generators and discriminators set against each other, from nothing but matrices of discriminator
//! outputs.

mod generative_adversarial_metric;
mod glicko;
mod relative_discriminator_score;
mod skill_rating;
mod tournament;

pub use generative_adversarial_metric::{
    DuelOutputs, DuelSettings, DuelWinner, GenerativeAdversarialMetric,
    generative_adversarial_metric,
};
pub use glicko::{GlickoGame, GlickoRating, rate_period};
pub use relative_discriminator_score::relative_discriminator_scores;
pub use skill_rating::{SkillRatingSettings, SkillRatings, skill_ratings};
pub use tournament::{WinRates, fooled_shares, tournament_win_rates};
