use super::trainer::{Trainer, TrainingStreams};

impl Trainer {
    /// What all learning rates are multiplied by.
    pub fn rate_factor(&self) -> f64 {
        self.rate_factor
    }

    pub fn set_rate_factor(&mut self, factor: f64) {
        self.rate_factor = factor;
    }

    /// How often the training was rolled back.
    pub fn roll_backs(&self) -> u64 {
        self.roll_backs
    }

    /// Goes on with other batches and other noise than after fewer roll-backs: the same would
    /// diverge in the same way again.
    pub fn set_roll_backs(&mut self, roll_backs: u64) {
        self.roll_backs = roll_backs;
        self.streams = TrainingStreams::new(self.seed, roll_backs);
    }

    /// Begins anew with untrained networks.
    pub fn restart(&mut self) {
        let (settings, codec) = (self.settings.clone(), self.codec.clone());
        *self = Self::new(settings, codec, self.seed, self.device.clone());
    }
}
