use super::sample::Batch;
use crate::compute::Tensor;
use crate::gan::Side;
use crate::gan::objectives::Objective;

/// What is drawn and generated for one update: real events, generated ones at the same conditions
/// event by event, and for Cramér's objective two independent batches at conditions of their own.
/// What no critic looks at is not there.
pub(super) struct Drawn {
    pub(super) real: Side,
    pub(super) paired: Option<Side>,
    independent: Option<[Side; 2]>,
}

impl Drawn {
    /// `paired` are the encoded events generated at the conditions of the real ones, whose weights
    /// they have, too.
    pub(super) fn new(
        real: Side,
        paired: Option<Tensor<2>>,
        independent: Option<[Side; 2]>,
    ) -> Self {
        let paired = paired.map(|encoded| Side { encoded, ..real.clone() });
        Self { real, paired, independent }
    }

    /// The generated events that an objective looks at, and others if it takes two batches.
    pub(super) fn fakes(&self, objective: &Objective) -> (&Side, Option<&Side>) {
        if objective.needs_other_fake() {
            let both = self.independent.as_ref().expect("drawn where a critic needs it");
            return (&both[0], Some(&both[1]));
        }
        (self.paired.as_ref().expect("drawn where a critic needs it"), None)
    }
}

/// Real events as one side of a step.
pub(super) fn side(batch: Batch) -> Side {
    Side {
        encoded: Tensor::from_inner(batch.encoded),
        label: Tensor::from_inner(batch.conditions.label),
        weights: batch.weights.map(Tensor::from_inner),
    }
}
