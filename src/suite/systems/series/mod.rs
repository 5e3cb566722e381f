//! Systems for time series, whose recurrent networks are differentiated outside of burn's graph
//! ([`crate::nn::Recording`]): the losses give cotangents of the networks' outputs, which are pulled
//! back from network to network.

mod adversarial_losses;
mod c_rnn_gan;
mod data;
mod member;
mod noise;
mod recurrent_gan;
mod scale;
#[cfg(test)]
mod tests;
mod time_gan;

pub use c_rnn_gan::{CRnnGan, CRnnGanSettings, GeneratorLoss};
pub use recurrent_gan::{RecurrentGan, RecurrentGanSettings};
pub use time_gan::{Cell, TimeGan, TimeGanSettings};
