//! Judgements by people or simulated observers, as a table: can they tell generated events from
//! real ones, and which model do they prefer?

mod binomial_test;
mod bradley_terry;
mod categorisation;

pub use binomial_test::{BinomialTest, binomial_test};
pub use bradley_terry::{BradleyTerry, Preference, bradley_terry, preference_counts};
pub use categorisation::{Categorisation, CategorisationTrial, rapid_categorisation};
