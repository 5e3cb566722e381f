use super::check::{Comparison, ExactCheck, ExactResult};
use super::critic_fit::{CriticFit, Penalised, Side};
use super::figure::{Axis, Figure, Line, Panel, Stroke};
use super::judging::sigmoid;
use super::quadrature::{Grid, Normal};
use crate::gan::objectives::Objective;
use crate::gan::penalties::{Differentiated, GradientPenalty, Penalty};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "two-gaussians",
    title: "The optimal discriminator and a WGAN critic of two normal densities",
    formula: "p = N(−3, 1), q = N(3, 1), W₁ = 6. With pairs x′ = x + 6 and x̂ uniform between \
              them, E f(x) − E f(x′) − λ E (|f′(x̂)| − 1)² is greatest at f′ = −(1 + W₁ / 2λ) \
              where there are x̂, and in one dimension has another maximum at f′ = 1 − W₁ / 2λ, \
              which it has not with a one-sided penalty; D* = 1 / (1 + e^(6x)) is flat at either \
              density",
    source: "arXiv:1701.07875, figure 2; arXiv:1704.00028, proposition 1 and equation 3",
    run,
};

const P: Normal = Normal::new(-3.0, 1.0);
const Q: Normal = Normal::new(3.0, 1.0);
const DISTANCE: f64 = 6.0;
const WEIGHT: f64 = 10.0;
/// Events of each side, at equal shares of probability.
const EVENTS: usize = 64;
/// Points between the two of a pair.
const BETWEEN: usize = 8;
const STEPS: u64 = 400;

fn penalty(one_sided: bool) -> Penalty {
    Penalty::GradientPenalty(GradientPenalty {
        weight: WEIGHT.into(),
        norm: 1.0,
        one_sided,
        of: Differentiated::Data,
    })
}

/// Points ε x + (1 − ε) x′ of all pairs, at the middles of equal parts.
fn interpolated(real: &[f64], generated: &[f64]) -> Vec<f64> {
    let share = |i: usize| (i as f64 + 0.5) / BETWEEN as f64;
    real.iter()
        .zip(generated)
        .flat_map(|(x, y)| (0..BETWEEN).map(move |i| share(i) * x + (1.0 - share(i)) * y))
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Events of both sides in pairs, with the points between them.
struct Pairs {
    real: Vec<f64>,
    generated: Vec<f64>,
    between: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Pairs {
    fn new() -> Self {
        let (real, generated) = (P.quantiles(EVENTS), Q.quantiles(EVENTS));
        let between = interpolated(&real, &generated);
        Self { real, generated, between, probabilities: vec![1.0 / EVENTS as f64; EVENTS] }
    }

    fn sides(&self) -> [Side<'_>; 2] {
        [&self.real, &self.generated]
            .map(|points| Side { points, probabilities: &self.probabilities })
    }

    fn train(&self, fit: &mut CriticFit, sides: [Side<'_>; 2], one_sided: bool) {
        let penalty = penalty(one_sided);
        let penalised = Penalised { penalty: &penalty, weight: WEIGHT, points: &self.between };
        fit.train(&Objective::Wasserstein, sides, Some(penalised), STEPS, 0.02);
    }

    /// Mean |f′(x̂)|, its mean deviation from `slope`, and E f(x) − E f(x′).
    fn comparisons(&self, fit: &CriticFit, name: &str, slope: f64, sign: f64) -> Vec<Comparison> {
        let slopes: Vec<f64> = fit.slopes(&self.between).into_iter().map(f64::abs).collect();
        let deviations: Vec<f64> = slopes.iter().map(|found| (found - slope).abs()).collect();
        let difference = mean(&fit.scores(&self.real)) - mean(&fit.scores(&self.generated));
        vec![
            Comparison::new(format!("mean |f′(x̂)|, {name}"), mean(&slopes), slope, 0.005),
            Comparison::new(
                format!("mean deviation from it, {name}"),
                mean(&deviations),
                0.0,
                0.03,
            ),
            Comparison::new(
                format!("E f(x) − E f(x′), {name}"),
                difference,
                sign * DISTANCE * slope,
                0.03,
            ),
        ]
    }
}

fn run() -> Result<ExactResult, SuiteError> {
    let excess = DISTANCE / (2.0 * WEIGHT);
    let pairs = Pairs::new();
    let [real, generated] = pairs.sides();
    let mut fit = CriticFit::new(&[24, 24], 2);
    pairs.train(&mut fit, [real, generated], true);
    let name = "one-sided penalty: 1 + W₁ / 2λ";
    let mut values = pairs.comparisons(&fit, name, 1.0 + excess, 1.0);
    pairs.train(&mut fit, [real, generated], false);
    let name = "two-sided penalty: 1 + W₁ / 2λ";
    values.extend(pairs.comparisons(&fit, name, 1.0 + excess, 1.0));

    let mut wrong = CriticFit::new(&[24, 24], 2);
    pairs.train(&mut wrong, [generated, real], true);
    pairs.train(&mut wrong, [real, generated], false);
    let name = "two-sided penalty, from a critic of the wrong sign: 1 − W₁ / 2λ";
    values.extend(pairs.comparisons(&wrong, name, 1.0 - excess, -1.0));

    let grid = Grid::new(-8.0, 8.0, 128);
    let (p, q) = (grid.probabilities(|x| P.density(x)), grid.probabilities(|x| Q.density(x)));
    let sides = [&p, &q].map(|weights| Side { points: &grid.points, probabilities: weights });
    let mut discriminator = CriticFit::new(&[24, 24], 3);
    discriminator.train(&Objective::NonSaturating, sides, None, STEPS, 0.02);
    let best = |x: f64| sigmoid(-DISTANCE * x);
    for x in [-3.0, 3.0] {
        let found = sigmoid(discriminator.scores(&[x])[0]);
        values.push(Comparison::new(format!("D at {x} after training"), found, best(x), 0.005));
    }
    let figure = figure(&grid, &fit, &discriminator);
    Ok(ExactResult { values, figure: Some(figure) })
}

fn figure(grid: &Grid, critic: &CriticFit, discriminator: &CriticFit) -> String {
    let curve = |values: Vec<f64>| grid.points.iter().copied().zip(values).collect::<Vec<_>>();
    let scores = critic.scores(&grid.points);
    let middle = critic.scores(&[0.0])[0];
    let panel = |title: &str, y, lines| Panel {
        title: title.to_owned(),
        x: Axis::linear("x", -8.0, 8.0),
        y,
        lines,
        circles: Vec::new(),
    };
    let trained: Vec<f64> = discriminator.scores(&grid.points).into_iter().map(sigmoid).collect();
    let first = vec![
        Line::new("p, data", 7, grid.curve(|x| P.density(x))),
        Line::new("q, generated", 4, grid.curve(|x| Q.density(x))),
        Line::new("D*", 0, grid.curve(|x| sigmoid(-DISTANCE * x))),
        Line::new("D, trained", 1, curve(trained).into_iter().step_by(2).collect())
            .stroke(Stroke::Dots),
    ];
    let second = vec![
        Line::new("critic f, trained", 2, curve(scores.iter().map(|f| f - middle).collect())),
        Line::new("slope −(1 + W₁ / 2λ)", 0, grid.curve(|x| -1.3 * x)).stroke(Stroke::Dashed),
    ];
    Figure {
        title: "Optimal discriminator and WGAN-GP critic of two normal densities",
        columns: 2,
        panels: vec![
            panel(
                "Discriminator: flat where the events are",
                Axis::linear("density, D", 0.0, 1.05),
                first,
            ),
            panel(
                "Critic: a slope everywhere between them",
                Axis::linear("f(x) − f(0)", -8.0, 8.0),
                second,
            ),
        ],
    }
    .svg()
}
