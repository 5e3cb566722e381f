//! Events that are there more than once, or copied from the reference.

use std::collections::HashSet;

use super::inputs::Inputs;
use crate::Sample;
use crate::report::model::Duplicates;

impl Inputs<'_> {
    /// Counts events that are equal in every value. Events without any value are not counted, nor
    /// are tables with whole numbers only, where equal rows are no wonder: there it is the floor
    /// that tells.
    pub(super) fn duplicates(&self) -> Duplicates {
        let known: HashSet<u64> = self.reference.fingerprints().iter().copied().collect();
        let copied = self.generated.fingerprints().iter();
        Duplicates {
            generated: repeated(self.generated),
            generated_events: self.generated.events(),
            reference: repeated(self.reference),
            reference_events: self.reference.events(),
            copied_from_reference: copied
                .filter(|print| **print != 0 && known.contains(print))
                .count(),
        }
    }
}

/// Events that are equal to an earlier one.
fn repeated(sample: &Sample) -> usize {
    let mut seen = HashSet::with_capacity(sample.events());
    sample.fingerprints().iter().filter(|print| **print != 0 && !seen.insert(**print)).count()
}
