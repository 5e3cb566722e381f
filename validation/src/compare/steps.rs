use super::settings::Topic;
use crate::Progress;

const STAGE: &str = "comparing";

/// The steps of a comparison before the classifiers, which tell of their own.
pub(super) struct Steps<'a> {
    progress: &'a dyn Progress,
    done: usize,
    total: usize,
}

impl<'a> Steps<'a> {
    pub(super) fn new(progress: &'a dyn Progress, topics: &[Topic]) -> Self {
        let total = 1 + topics.iter().filter(|topic| **topic != Topic::Classifiers).count();
        progress.step(STAGE, 0, total);
        Self { progress, done: 0, total }
    }

    pub(super) fn next(&mut self) {
        self.done += 1;
        self.progress.step(STAGE, self.done, self.total);
    }

    pub(super) fn after<T>(&mut self, compute: impl FnOnce() -> T) -> T {
        let found = compute();
        self.next();
        found
    }
}
