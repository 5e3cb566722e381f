use std::f64::consts::LN_2;

use validation::tests::jensen_shannon;

use super::check::{Comparison, ExactCheck, ExactResult};
use super::figure::{Axis, Figure, GREY, Line, Panel, Stroke};
use super::judging::{batch, best_scores, column, derivative, judged};
use crate::compute::{Tensor, scalar};
use crate::gan::objectives::{JudgedBatch, Objective};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "value-of-the-game",
    title: "The value of the minimax game",
    formula: "C(G) = max over D of V = −ln 4 + 2 JSD(p, q), JSD with halves; least, −ln 4, where \
              q = p alone; descent on C reaches it",
    source: "arXiv:1406.2661, theorem 1 and proposition 2",
    run,
};

const P: [f64; 4] = [0.5, 0.2, 0.2, 0.1];
const Q: [f64; 4] = [0.1, 0.3, 0.2, 0.4];
const STEPS: usize = 250;
const RATE: f64 = 2.0;
/// Rounding of the losses, which are in 32 bits, moves C less than this.
const ROUNDING: f64 = 1e-12;

fn run() -> Result<ExactResult, SuiteError> {
    let mut values = Vec::new();
    for (name, q) in [("(0.1, 0.3, 0.2, 0.4)", Q), ("uniform", [0.25; 4]), ("p", P)] {
        let scores = best_scores(&Objective::Saturating, &P, &q);
        let judged = batch(&column(&scores), &P, &q);
        let value = -scalar(Objective::Saturating.critic_loss(&judged, 0.0, None));
        values.push(Comparison::new(
            format!("V of the trained critic, q = {name}: −ln 4 + 2 JSD"),
            value,
            game_value(&q),
            2e-6,
        ));
        let seen = scalar(Objective::Saturating.generator_loss(&judged));
        let expected: f64 = P.iter().zip(q).map(|(p, q)| q * (q / (p + q)).ln()).sum();
        let what = format!("the generator's part, q = {name}: E_q ln(1 − D*)");
        values.push(Comparison::new(what, seen, expected, 2e-6));
    }
    values.push(Comparison::new("C at q = p: −ln 4", game_value(&P), -(4f64.ln()), 1e-15));

    let starts = [("from (0.1, 0.3, 0.2, 0.4)", Q), ("from uniform", [0.25; 4])];
    let mut lines = Vec::new();
    for (number, (name, start)) in starts.into_iter().enumerate() {
        let (path, end) = descend(start);
        let rises = path.windows(2).filter(|pair| pair[1] > pair[0] + ROUNDING).count();
        values.push(Comparison::none(format!("steps of the descent {name} that raise C"), rises));
        let worst = P.iter().zip(end).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
        values.push(Comparison::new(
            format!("largest |p − q| at its end, {name}"),
            worst,
            0.0,
            1e-4,
        ));
        let points = path.into_iter().enumerate().map(|(step, c)| (step as f64, c)).collect();
        lines.push(Line::new(name, number, points));
    }
    let bound = vec![(0.0, -(4f64.ln())), (STEPS as f64, -(4f64.ln()))];
    lines.push(Line::new("−ln 4", GREY, bound).stroke(Stroke::Dashed));
    let panel = Panel {
        title: "C along the descent, with the best critic of each step".to_owned(),
        x: Axis::linear("step", 0.0, 100.0),
        y: Axis::linear("C(G)", -1.4, -1.15),
        lines,
        circles: Vec::new(),
    };
    let title = "The value of the minimax game";
    let figure = Figure { title, columns: 1, panels: vec![panel] }.svg();
    Ok(ExactResult { values, figure: Some(figure) })
}

/// −ln 4 + 2 JSD(P, q), from the divergence that the validation computes, which is in bits.
fn game_value(q: &[f64]) -> f64 {
    -2.0 * LN_2 + 2.0 * LN_2 * jensen_shannon(&P, q)
}

/// Gradient descent of the minimax generator on the logits of q, the critic being the best one at
/// each step: C at each step, and the last q.
fn descend(start: [f64; 4]) -> (Vec<f64>, [f64; 4]) {
    let mut logits = start.map(f64::ln);
    let mut path = Vec::new();
    for _ in 0..=STEPS {
        let q = softmax(logits);
        path.push(game_value(&q));
        let scores = column(&std::array::from_fn::<f64, 4, _>(|i| (P[i] / q[i]).ln()));
        let slope = derivative(&logits, |logits| {
            let q = logits.clone().exp();
            let batch = JudgedBatch {
                real: judged(&scores, column(&P)),
                fake: judged(&scores, q.clone() / total(q)),
                other_fake: None,
            };
            Objective::Saturating.generator_loss(&batch)
        });
        logits.iter_mut().zip(slope).for_each(|(logit, slope)| *logit -= RATE * slope);
    }
    (path, softmax(logits))
}

/// The sum, `[1, 1]`.
fn total(values: Tensor<2>) -> Tensor<2> {
    values.sum_dim(0)
}

fn softmax(logits: [f64; 4]) -> [f64; 4] {
    let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
    logits.map(|logit| logit.exp() / sum)
}
