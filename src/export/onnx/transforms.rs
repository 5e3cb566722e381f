use super::graph::{GraphBuilder, Value};
use super::head::rounded;
use super::message::{Attribute, Element};
use super::normal;
use crate::codec::transforms::{
    CategoryIndex, LayerFractions, OneHot, Pipeline, QuantileNormal, Transform,
};

/// Decodes what a network made, step after step in 64 bits, and rounds once.
///
/// # Shapes
/// `encoded`: `[events, width]`, 32 bits; scale: `[events, 1]` or one number, 64 bits; gives
/// `[events, columns]`, 32 bits.
pub(super) fn decode(
    graph: &mut GraphBuilder,
    pipeline: &Pipeline,
    encoded: &Value,
    scale: &Value,
) -> Value {
    let mut values = graph.cast(encoded, Element::Double);
    // Width behind each step, from which decoding it starts.
    let mut widths = vec![pipeline.columns()];
    for transform in pipeline.steps() {
        let width = widths[widths.len() - 1];
        widths.push(match transform {
            Transform::LayerFractions(step) => width + step.layers() + 1,
            Transform::OneHot(step) => width + step.categories - 1,
            _ => width,
        });
    }
    for (transform, width) in pipeline.steps().iter().zip(&widths[1..]).rev() {
        values = step(graph, transform, &values, *width, scale);
    }
    graph.cast(&values, Element::Float)
}

fn step(
    graph: &mut GraphBuilder,
    transform: &Transform,
    y: &Value,
    width: usize,
    scale: &Value,
) -> Value {
    match transform {
        Transform::IncidentEnergyFraction(_) => graph.node("Mul", &[y, scale]),
        Transform::LayerFractions(step) => layer_fractions(graph, step, y, scale),
        Transform::Power(step) => {
            let exponent = graph.double(1.0 / step.exponent);
            let magnitude = graph.node("Abs", &[y]);
            let power = graph.node("Pow", &[&magnitude, &exponent]);
            let sign = graph.node("Sign", &[y]);
            graph.node("Mul", &[&power, &sign])
        }
        Transform::Logarithm(step) => {
            let (one, offset) = (graph.double(1.0), graph.double(step.offset));
            let y = graph.at_least_zero(y);
            let power = graph.node("Exp", &[&y]);
            let less = graph.node("Sub", &[&power, &one]);
            graph.node("Mul", &[&less, &offset])
        }
        Transform::Threshold(step) => {
            let [lowest, minimum] = step.decoding_limits().map(|limit| graph.double(limit));
            let zero = graph.double(0.0);
            let raised = graph.node("Max", &[y, &minimum]);
            let is_below = graph.node("Less", &[y, &lowest]);
            graph.choose(&is_below, &zero, &raised)
        }
        Transform::Dequantise(step) => {
            let unit = graph.double(step.width);
            let y = graph.at_least_zero(y);
            let steps = graph.node("Div", &[&y, &unit]);
            let whole = graph.node("Floor", &[&steps]);
            graph.node("Mul", &[&whole, &unit])
        }
        Transform::Standard(step) => {
            let deviation = graph.doubles(&[1, width], step.deviation());
            let mean = graph.doubles(&[1, width], step.mean());
            let spread = graph.node("Mul", &[y, &deviation]);
            graph.node("Add", &[&spread, &mean])
        }
        Transform::DeviationOnly(step) => {
            let deviation = graph.doubles(&[1, width], step.deviation());
            graph.node("Mul", &[y, &deviation])
        }
        Transform::QuantileNormal(step) => quantile_normal(graph, step, y),
        Transform::OneHot(step) => one_hot(graph, step, y, width),
        Transform::CategoryIndex(step) => category_index(graph, step, y, width),
    }
}

fn layer_fractions(
    graph: &mut GraphBuilder,
    step: &LayerFractions,
    y: &Value,
    scale: &Value,
) -> Value {
    let y = graph.at_least_zero(y);
    let columns = step.layer_of_column().len();
    let fractions = graph.columns(&y, 0, columns);
    let shares = graph.columns(&y, columns, step.layers());
    let total = graph.columns(&y, columns + step.layers(), 1);
    let total = graph.node("Mul", &[&total, scale]);
    let energies = graph.node("Mul", &[&shares, &total]);
    let of_column = graph.gather(&energies, step.layer_of_column().iter().copied());
    graph.node("Mul", &[&fractions, &of_column])
}

/// q_left + (place − left) (q_right − q_left) at place = Φ(z) (n − 1).
fn quantile_normal(graph: &mut GraphBuilder, step: &QuantileNormal, z: &Value) -> Value {
    let quantiles = step.quantiles();
    let columns = quantiles.len();
    let row = |graph: &mut GraphBuilder, of: &dyn Fn(&Vec<f64>) -> f64| {
        let values: Vec<f64> = quantiles.iter().map(of).collect();
        graph.doubles(&[1, columns], &values)
    };
    let last = row(graph, &|q| (q.len() - 1) as f64);
    let before_last = row(graph, &|q| (q.len() - 1).saturating_sub(1) as f64);
    let (least, greatest) = (row(graph, &|q| q[0]), row(graph, &|q| q[q.len() - 1]));
    let offsets: Vec<f64> = quantiles
        .iter()
        .scan(0, |next, q| {
            *next += q.len();
            Some((*next - q.len()) as f64)
        })
        .collect();
    let offsets = graph.doubles(&[1, columns], &offsets);
    let all = quantiles.concat();
    let table = graph.doubles(&[all.len()], &all);

    let probability = normal::cumulative(graph, z);
    let place = graph.node("Mul", &[&probability, &last]);
    let down = graph.node("Floor", &[&place]);
    let left = graph.node("Min", &[&down, &before_last]);
    let one = graph.double(1.0);
    let right = graph.node("Add", &[&left, &one]);
    let right = graph.node("Min", &[&right, &last]);
    let at = |graph: &mut GraphBuilder, number: &Value| {
        let index = graph.node("Add", &[number, &offsets]);
        let index = graph.cast(&index, Element::Integer);
        graph.node("Gather", &[&table, &index])
    };
    let (from, to) = (at(graph, &left), at(graph, &right));
    let share = graph.node("Sub", &[&place, &left]);
    let distance = graph.node("Sub", &[&to, &from]);
    let along = graph.node("Mul", &[&share, &distance]);
    let value = graph.node("Add", &[&from, &along]);

    let (low, high) =
        (graph.double(-QuantileNormal::END_SCORE), graph.double(QuantileNormal::END_SCORE));
    let is_least = graph.node("LessOrEqual", &[z, &low]);
    let is_greatest = graph.node("GreaterOrEqual", &[z, &high]);
    let value = graph.choose(&is_greatest, &greatest, &value);
    graph.choose(&is_least, &least, &value)
}

fn one_hot(graph: &mut GraphBuilder, step: &OneHot, y: &Value, width: usize) -> Value {
    let columns = graph.columns(y, step.column, step.categories);
    let own = graph.node_with("ArgMax", &[&columns], vec![Attribute::integer("axis", 1)]);
    let own = graph.cast(&own, Element::Double);
    replaced(graph, y, width, step.column, step.categories, own)
}

fn category_index(
    graph: &mut GraphBuilder,
    step: &CategoryIndex,
    y: &Value,
    width: usize,
) -> Value {
    let column = graph.columns(y, step.column, 1);
    let nearest = rounded(graph, &column, Element::Double);
    let (first, last) = (graph.double(0.0), graph.double((step.categories - 1) as f64));
    let own = graph.node("Clip", &[&nearest, &first, &last]);
    replaced(graph, y, width, step.column, 1, own)
}

/// The values with `count` columns from `first` on replaced by others.
fn replaced(
    graph: &mut GraphBuilder,
    y: &Value,
    width: usize,
    first: usize,
    count: usize,
    by: Value,
) -> Value {
    let mut parts = Vec::new();
    if first > 0 {
        parts.push(graph.columns(y, 0, first));
    }
    parts.push(by);
    let behind = first + count;
    if behind < width {
        parts.push(graph.columns(y, behind, width - behind));
    }
    graph.beside(&parts)
}
