use validation::ValidationError;
use validation::metrics::transport::{cheapest_assignment, wasserstein_of_sorted};
use validation::tests::{Abstention, WeightedSample, wasserstein_1_weighted};

use super::check::{Comparison, ExactCheck, ExactResult};
use super::judging::{batch, column};
use crate::compute::scalar;
use crate::gan::objectives::Objective;
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "earth-mover",
    title: "The earth mover's distance and its dual",
    formula: "min over plans of E |x − x′| = max over f with |f(x) − f(x′)| ≤ |x − x′| of E_p f \
              − E_q f = ∫ |F_p − F_q| dx; with K |x − x′| it is K times as much. Piles 3, 2, 1, \
              4 become 1, 2, 4, 3 at places 1 to 4 for 5 units",
    source: "Kantorovich and Rubinstein (1958); Vallender, Theory Probab. Appl. 18 (1974) 784; \
             the piles are a lecture's",
    run,
};

const PLACES: [f64; 4] = [1.0, 2.0, 3.0, 4.0];
const BEFORE: [f64; 4] = [3.0, 2.0, 1.0, 4.0];
const AFTER: [f64; 4] = [1.0, 2.0, 4.0, 3.0];
const UNITS: f64 = 10.0;

/// What a distance of the validation abstains for does not come up with the numbers here.
pub(super) fn abstained(abstention: Abstention) -> SuiteError {
    let problem = abstention.to_string();
    ValidationError::Sample { label: "exact check".to_owned(), problem }.into()
}

/// E_p f − E_q f by the loss of the Wasserstein objective.
fn dual(f: &[f64], p: &[f64], q: &[f64]) -> f64 {
    -scalar(Objective::Wasserstein.critic_loss(&batch(&column(f), p, q), 0.0, None))
}

/// Places of single units of earth.
fn units(piles: &[f64; 4]) -> Vec<f64> {
    let of = |(place, height): (f64, &f64)| std::iter::repeat_n(place, *height as usize);
    PLACES.into_iter().zip(piles).flat_map(of).collect()
}

fn run() -> Result<ExactResult, SuiteError> {
    let (from, to) = (units(&BEFORE), units(&AFTER));
    let costs: Vec<f64> =
        from.iter().flat_map(|x| to.iter().map(move |y| f64::abs(x - y))).collect();
    let primal = cheapest_assignment(from.len(), &costs).cost;
    let piles = |heights| WeightedSample { values: &PLACES, weights: Some(heights) };
    let area = wasserstein_1_weighted(piles(&BEFORE), piles(&AFTER)).map_err(abstained)?;
    let (p, q) = (BEFORE.map(|h| h / UNITS), AFTER.map(|h| h / UNITS));
    // f rises where less has come by than must, and falls where more has: F_p − F_q is 0.2, 0.2
    // and −0.1 behind the first three places.
    let best = [0.0, -1.0, -2.0, -1.0];
    let mut values = vec![
        Comparison::new("piles: the cheapest plan for single units", primal, 5.0, 1e-12),
        Comparison::new("piles: ∫ |F_p − F_q| dx, times 10 units", UNITS * area, 5.0, 1e-12),
        Comparison::new(
            "piles: the dual's best f, times 10 units",
            UNITS * dual(&best, &p, &q),
            5.0,
            1e-5,
        ),
    ];
    // Every f with slopes of ±1 between neighbours; those with smaller slopes lie between them.
    let largest = (0..8)
        .map(|signs: u32| {
            let mut f = [0.0; 4];
            for i in 1..4 {
                f[i] = f[i - 1] + if signs >> (i - 1) & 1 == 1 { 1.0 } else { -1.0 };
            }
            UNITS * dual(&f, &p, &q)
        })
        .fold(f64::NEG_INFINITY, f64::max);
    values.push(Comparison::new("piles: the greatest dual of all corners", largest, 5.0, 1e-5));
    for k in [0.5, 3.0] {
        let f = best.map(|f| k * f);
        let what = format!("piles: the dual of slopes up to K = {k}: 5 K");
        values.push(Comparison::new(what, UNITS * dual(&f, &p, &q), 5.0 * k, 1e-5 * k.max(1.0)));
    }
    // p at 0 and q at 1: f(x) = −x has the value 1, which is the distance.
    let (zero, one) = ([1.0, 0.0], [0.0, 1.0]);
    values.push(Comparison::new(
        "points at 0 and 1: f(x) = −x",
        dual(&[0.0, -1.0], &zero, &one),
        1.0,
        1e-7,
    ));
    let distance = wasserstein_of_sorted(&[0.0], &[1.0], 1);
    values.push(Comparison::new("points at 0 and 1: W₁", distance, 1.0, 1e-14));
    Ok(ExactResult { values, figure: None })
}
