use std::f64::consts::LN_2;

use validation::metrics::transport::wasserstein_of_sorted;
use validation::tests::jensen_shannon;

use super::check::{Comparison, ExactCheck, ExactResult};
use super::judging::{batch, column, derivative};
use crate::compute::scalar;
use crate::gan::objectives::Objective;
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "disjoint-supports",
    title: "Disjoint supports",
    formula: "V(D*) = 0, JSD = ln 2 with halves and 2 ln 2 without, and no gradient of the \
              minimax loss, however far apart the supports are; W₁ tells near from far",
    source: "arXiv:1701.04862, theorems 2.1 and 2.4",
    run,
};

/// Probabilities of two real atoms, then of two generated ones.
const P: [f64; 4] = [0.6, 0.4, 0.0, 0.0];
const Q: [f64; 4] = [0.0, 0.0, 0.7, 0.3];
/// A score that is certain in 32 bits.
const SURE: f64 = 60.0;
/// Places of the real atoms, and of the generated ones of two generators.
const REAL: [f64; 2] = [0.0, 1.0];
const GENERATORS: [(&str, [f64; 2]); 2] = [("near", [2.0, 3.0]), ("far", [10.0, 11.0])];

fn run() -> Result<ExactResult, SuiteError> {
    let sure = [SURE, SURE, -SURE, -SURE];
    let value = |objective: &Objective| {
        -scalar(objective.critic_loss(&batch(&column(&sure), &P, &Q), 0.0, None))
    };
    let mut values = vec![
        Comparison::new("V(D*)", value(&Objective::Saturating), 0.0, 1e-7),
        Comparison::new(
            "JSD with halves, (V(D*) + ln 4) / 2",
            0.5 * (value(&Objective::Saturating) + 2.0 * LN_2),
            LN_2,
            1e-7,
        ),
        Comparison::new(
            "JSD without halves",
            2.0 * LN_2 * jensen_shannon(&P, &Q),
            2.0 * LN_2,
            1e-14,
        ),
    ];
    let slopes = |objective: &Objective| {
        let of = derivative(&sure, |v| objective.generator_loss(&batch(v, &P, &Q)));
        of.into_iter().map(f64::abs).fold(0.0, f64::max)
    };
    values.push(Comparison::new(
        "largest dL/ds of the saturating generator",
        slopes(&Objective::Saturating),
        0.0,
        1e-20,
    ));
    values.push(Comparison::new(
        "largest dL/ds of the non-saturating one: q(1 − D) = 0.7",
        slopes(&Objective::NonSaturating),
        0.7,
        1e-6,
    ));
    // By hand: 0.6 stays with the first atom, 0.1 goes from the second to the first, 0.3 stays with
    // the second.
    for (name, places) in GENERATORS {
        let found = wasserstein_of_sorted(&tenths(REAL, 6), &tenths(places, 7), 1);
        let [first, second] = places;
        let expected = 0.6 * (first - REAL[0]) + 0.1 * (first - REAL[1]) + 0.3 * (second - REAL[1]);
        values.push(Comparison::new(format!("W₁ of the {name} generator"), found, expected, 1e-12));
    }
    Ok(ExactResult { values, figure: None })
}

/// Ten events at two places, so many of them at the first.
fn tenths([first, second]: [f64; 2], at_first: usize) -> Vec<f64> {
    let mut places = vec![first; at_first];
    places.resize(10, second);
    places
}
