use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BinomialTest, binomial_test};
use crate::ValidationError;

/// One event shown, and what the observer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategorisationTrial {
    /// Whether the event was generated.
    pub generated: bool,
    /// Whether the observer called it generated.
    pub called_generated: bool,
    /// For how long it was shown.
    pub milliseconds: u32,
}

/// The trials of one duration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Categorisation {
    pub milliseconds: u32,
    /// Real events shown.
    pub real: u64,
    /// Of these, called real.
    pub real_called_real: u64,
    /// Generated events shown.
    pub generated: u64,
    /// Of these, called real: what fooled the observer.
    pub generated_called_real: u64,
    /// Right answers against guessing, ½. Only a fair test where real and generated events are
    /// shown equally often: otherwise an observer who always answers the same is right more often.
    pub right: BinomialTest,
}

impl Categorisation {
    /// The share of generated events that are called real; ½ for a perfect generator, if real ones
    /// are called so as often. `None` where none was shown.
    pub fn fooling_rate(&self) -> Option<f64> {
        (self.generated > 0).then(|| self.generated_called_real as f64 / self.generated as f64)
    }
}

/// Rapid categorisation of scenes: for each duration, in ascending order, how often observers who
/// see an event only briefly tell real from generated (as Denton et al., arXiv:1506.05751, with 50
/// to 2,000 ms), with an exact binomial test against guessing.
///
/// # Errors
/// No trials.
pub fn rapid_categorisation(
    trials: &[CategorisationTrial],
) -> Result<Vec<Categorisation>, ValidationError> {
    if trials.is_empty() {
        let purpose = "rapid categorisation".to_owned();
        return Err(ValidationError::TooFewEvents { purpose, found: 0, needed: 1 });
    }
    // By duration: [generated][called generated].
    let mut counts: BTreeMap<u32, [[u64; 2]; 2]> = BTreeMap::new();
    for trial in trials {
        let table = counts.entry(trial.milliseconds).or_default();
        table[usize::from(trial.generated)][usize::from(trial.called_generated)] += 1;
    }
    counts
        .into_iter()
        .map(|(milliseconds, [real, generated])| {
            let shown = real.iter().sum::<u64>() + generated.iter().sum::<u64>();
            Ok(Categorisation {
                milliseconds,
                real: real.iter().sum(),
                real_called_real: real[0],
                generated: generated.iter().sum(),
                generated_called_real: generated[0],
                right: binomial_test(real[0] + generated[1], shown, 0.5)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_are_counted_by_duration() {
        let trial = |milliseconds, generated, called_generated| CategorisationTrial {
            generated,
            called_generated,
            milliseconds,
        };
        let mut trials = vec![trial(500, false, false); 9];
        trials.extend([trial(500, true, true); 8]);
        trials.extend([trial(500, true, false), trial(500, false, true)]);
        trials.extend([trial(50, true, false), trial(50, false, false)]);
        let found = rapid_categorisation(&trials).expect("trials");
        assert_eq!(found.iter().map(|group| group.milliseconds).collect::<Vec<_>>(), [50, 500]);
        assert_eq!((found[0].right.p_value, found[0].fooling_rate()), (1.0, Some(1.0)));
        let long = found[1];
        assert_eq!((long.real, long.real_called_real), (10, 9));
        assert_eq!((long.generated, long.generated_called_real), (9, 1));
        assert_eq!(long.right, binomial_test(17, 19, 0.5).expect("valid"));
        assert!(rapid_categorisation(&[]).is_err());
        assert_eq!(rapid_categorisation(&trials[..1]).expect("one")[0].fooling_rate(), None);
    }
}
