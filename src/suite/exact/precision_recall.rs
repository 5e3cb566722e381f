use validation::metrics::clusters::{PrecisionRecallCurve, precision_recall_of_distributions};

use super::check::{Comparison, ExactCheck, ExactResult};
use super::figure::{Axis, Figure, Line, Panel, Stroke};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "precision-recall",
    title: "Precision and recall of discrete distributions",
    formula: "α(λ) = Σ min(λ p, q), β(λ) = α(λ) / λ: the greatest precision α and recall β with \
              q ≥ α μ and p ≥ β μ for one μ. At λ = 1 both are 1 − ½ Σ |p − q|; exchanging p and \
              q exchanges them",
    source: "arXiv:1806.00035, definition 1, theorems 1 and 2",
    run,
};

/// An odd number, so that λ = 1 is one of them.
const ANGLES: usize = 1001;

struct Pair {
    name: &'static str,
    /// Real.
    p: &'static [f64],
    /// Generated.
    q: &'static [f64],
    /// Greatest precision and recall, by hand: the shares of q and p on the common support.
    greatest: [f64; 2],
    /// Greatest F₈ and F_1/8, by hand at the corner where the curve has both.
    f: Option<[f64; 2]>,
}

const PAIRS: [Pair; 6] = [
    Pair {
        name: "equal",
        p: &[0.5, 0.5],
        q: &[0.5, 0.5],
        greatest: [1.0, 1.0],
        f: Some([1.0, 1.0]),
    },
    Pair {
        name: "disjoint",
        p: &[1.0, 0.0],
        q: &[0.0, 1.0],
        greatest: [0.0, 0.0],
        f: Some([0.0, 0.0]),
    },
    // The curve's corner is (α, β) = (1, ½): F = (1 + b²) ½ / (b² + ½).
    Pair {
        name: "a mode dropped",
        p: &[0.5, 0.5],
        q: &[1.0, 0.0],
        greatest: [1.0, 0.5],
        f: Some([32.5 / 64.5, 65.0 / 66.0]),
    },
    // (½, 1): F = (1 + b²) ½ / (½ b² + 1).
    Pair {
        name: "a mode invented",
        p: &[1.0, 0.0],
        q: &[0.5, 0.5],
        greatest: [0.5, 1.0],
        f: Some([65.0 / 66.0, 32.5 / 64.5]),
    },
    Pair { name: "other shares", p: &[0.5, 0.5], q: &[0.8, 0.2], greatest: [1.0, 1.0], f: None },
    Pair {
        name: "dropped and invented",
        p: &[0.6, 0.4, 0.0],
        q: &[0.0, 0.7, 0.3],
        greatest: [0.7, 0.4],
        f: None,
    },
];

fn curve(p: &[f64], q: &[f64]) -> Result<PrecisionRecallCurve, SuiteError> {
    Ok(precision_recall_of_distributions(p, q, ANGLES)?)
}

/// Whether a point of the curve is attained and no better one is, by the definition: with
/// μ = min(λ p, q) / α both parts fit, and any more of μ's mass has no room in p or in q.
fn is_attained(pair: &Pair, precision: f64, recall: f64) -> bool {
    if precision == 0.0 {
        return pair.p.iter().zip(pair.q).all(|(p, q)| p * q == 0.0);
    }
    let ratio = precision / recall;
    let states = || pair.p.iter().zip(pair.q);
    let mu: Vec<f64> = states().map(|(p, q)| (ratio * p).min(*q) / precision).collect();
    let fits =
        states().zip(&mu).all(|((p, q), mu)| precision * mu <= q + 1e-9 && recall * mu <= p + 1e-9);
    let full = states()
        .zip(&mu)
        .all(|((p, q), mu)| (q - precision * mu).min(ratio * (p - recall * mu)) < 1e-9);
    fits && full && (mu.iter().sum::<f64>() - 1.0).abs() < 1e-9
}

fn run() -> Result<ExactResult, SuiteError> {
    let mut values = Vec::new();
    let mut lines = Vec::new();
    for (colour, pair) in PAIRS.iter().enumerate() {
        let found = curve(pair.p, pair.q)?;
        let exchanged = curve(pair.q, pair.p)?;
        let mut push = |what: &str, found, expected, tolerance| {
            values.push(Comparison::new(
                format!("{}: {what}", pair.name),
                found,
                expected,
                tolerance,
            ));
        };
        let greatest = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
        push("greatest precision", greatest(&found.precision), pair.greatest[0], 1e-9);
        push("greatest recall", greatest(&found.recall), pair.greatest[1], 1e-9);
        let apart: f64 = pair.p.iter().zip(pair.q).map(|(p, q)| (p - q).abs()).sum();
        let middle = ANGLES / 2;
        push(
            "precision at λ = 1: 1 − ½ Σ |p − q|",
            found.precision[middle],
            1.0 - 0.5 * apart,
            1e-12,
        );
        push("recall there", found.recall[middle], 1.0 - 0.5 * apart, 1e-12);
        if let Some(f) = pair.f {
            // λ takes 1,001 values, and none is at the corner.
            push("greatest F₈", found.greatest_f(8.0), f[0], 2e-3);
            push("greatest F_1/8", found.greatest_f(0.125), f[1], 2e-3);
        }
        let difference = found
            .precision
            .iter()
            .zip(exchanged.recall.iter().rev())
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        push("precision less the recall of q and p exchanged", difference, 0.0, 1e-9);
        let points = || found.precision.iter().copied().zip(found.recall.iter().copied());
        let wrong = points().skip(1).take(ANGLES - 2).filter(|(a, b)| !is_attained(pair, *a, *b));
        let wrong = wrong.count();
        values.push(Comparison::none(
            format!("{}: points of the curve that are not attained or not greatest", pair.name),
            wrong,
        ));
        let mut drawn: Vec<(f64, f64)> = points().map(|(a, b)| (b, a)).step_by(5).collect();
        // Along the axes to both ends of the curve.
        drawn.insert(0, (pair.greatest[1], 0.0));
        drawn.push((0.0, pair.greatest[0]));
        let stroke = if colour < 3 { Stroke::Solid } else { Stroke::Dashed };
        lines.push(Line::new(pair.name, colour, drawn).stroke(stroke));
    }
    let panel = Panel {
        title: "Attainable precision and recall".to_owned(),
        x: Axis::linear("recall β", 0.0, 1.03),
        y: Axis::linear("precision α", 0.0, 1.03),
        lines,
        circles: Vec::new(),
    };
    let title = "Precision and recall of pairs of discrete distributions";
    let figure = Figure { title, columns: 1, panels: vec![panel] }.svg();
    Ok(ExactResult { values, figure: Some(figure) })
}
