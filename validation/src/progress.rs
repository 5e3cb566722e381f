/// Told how far a long validation is, to show it or not.
pub trait Progress: Sync {
    /// `done` of `total` steps of `stage` are finished, such as epochs of a classifier.
    fn step(&self, stage: &str, done: usize, total: usize);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _stage: &str, _done: usize, _total: usize) {}
}
