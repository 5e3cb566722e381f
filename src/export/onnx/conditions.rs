use super::graph::{GraphBuilder, Value};
use super::message::Element;
use crate::codec::{EventCodec, LabelEncoding, Labels, SumStatistics};
use crate::model::SurrogateModel;

/// What the rest of the graph is told about the events.
pub(super) struct Told {
    /// `[events, labels]`, 32 bits; none where there are no conditions.
    pub label: Option<Value>,
    /// What values are fractions of, 64 bits: `[events, 1]`, or one number.
    pub scale: Value,
    /// For a shower head.
    pub sums: Option<ToldSums>,
}

/// `[events, 1]`, 32 bits.
pub(super) struct ToldSums {
    pub total_mean: Value,
    pub total_deviation: Value,
    /// The read-out threshold as a fraction of the scale.
    pub threshold: Value,
}

/// Encodes conditions in 64 bits, and rounds once.
///
/// # Shapes
/// `physical`: `[events, Detector::condition_width]`, 64 bits, in the detector's units.
pub(super) fn conditions(
    graph: &mut GraphBuilder,
    model: &SurrogateModel,
    physical: &Value,
) -> Told {
    let codec = &model.header.codec;
    let (label, leading) = labels(graph, codec.labels(), physical);
    let scale = match model.detector.normalising_column() {
        Some(column) => graph.columns(physical, column, 1),
        None => graph.doubles(&[1, 1], &[model.detector.scale_of(&[])]),
    };
    let sums = match codec {
        EventCodec::Shower(codec) => {
            let leading = leading.unwrap_or_else(|| graph.doubles(&[1, 1], &[0.0]));
            let [total_mean, total_deviation] = totals(graph, codec.sum_statistics(), &leading);
            let threshold = graph.double(codec.readout_threshold());
            let fraction = graph.node("Div", &[&threshold, &scale]);
            let threshold = graph.cast(&fraction, Element::Float);
            Some(ToldSums { total_mean, total_deviation, threshold })
        }
        EventCodec::Pipeline(_) => None,
    };
    Told { label, scale, sums }
}

/// The encoded conditions, and the first number among them in 64 bits.
fn labels(
    graph: &mut GraphBuilder,
    labels: &Labels,
    physical: &Value,
) -> (Option<Value>, Option<Value>) {
    let mut parts = Vec::new();
    let mut leading = None;
    for (_, _, encoding) in labels.encodings() {
        let encoded = match encoding {
            LabelEncoding::Number { column, minimum, maximum, logarithmic } => {
                let x = graph.columns(physical, column, 1);
                let c = number(graph, &x, minimum, maximum, logarithmic);
                leading.get_or_insert_with(|| c.clone());
                c
            }
            LabelEncoding::Category { column, count } => {
                let x = graph.columns(physical, column, 1);
                let numbers: Vec<f64> = (0..count).map(|number| number as f64).collect();
                let numbers = graph.doubles(&[1, count], &numbers);
                let hot = graph.node("Equal", &[&x, &numbers]);
                graph.cast(&hot, Element::Double)
            }
            LabelEncoding::Image { column, pixels, root_mean_square } => {
                let x = graph.columns(physical, column, pixels);
                let unit = graph.double(root_mean_square);
                graph.node("Div", &[&x, &unit])
            }
        };
        parts.push(graph.cast(&encoded, Element::Float));
    }
    let label = (!parts.is_empty()).then(|| graph.beside(&parts));
    (label, leading)
}

fn number(
    graph: &mut GraphBuilder,
    x: &Value,
    minimum: f64,
    maximum: f64,
    logarithmic: bool,
) -> Value {
    let from = graph.double(minimum);
    let (share, width) = if logarithmic {
        let ratio = graph.node("Div", &[x, &from]);
        (graph.node("Log", &[&ratio]), libm::log(maximum / minimum))
    } else {
        (graph.node("Sub", &[x, &from]), maximum - minimum)
    };
    let (slope, one) = (graph.double(2.0 / width), graph.double(1.0));
    let scaled = graph.node("Mul", &[&share, &slope]);
    graph.node("Sub", &[&scaled, &one])
}

/// Mean and standard deviation of the total: with the knots (x_k, m_k),
/// m(c) = m_0 + Σ_k (m_{k+1} − m_k) min(1, max(0, (c − x_k) / (x_{k+1} − x_k))), which is linear
/// between knots and constant beyond them.
fn totals(graph: &mut GraphBuilder, statistics: &SumStatistics, c: &Value) -> [Value; 2] {
    let knots = statistics.knots();
    let total = |values: &[f64]| *values.last().expect("there is always the total");
    let of = [
        knots.iter().map(|knot| total(&knot.mean)).collect::<Vec<f64>>(),
        knots.iter().map(|knot| total(&knot.deviation)).collect(),
    ];
    let segments = knots.len() - 1;
    let shares = (segments > 0).then(|| {
        let starts: Vec<f64> = knots[..segments].iter().map(|knot| knot.condition).collect();
        // A step where two knots are at the same condition.
        let slope = |pair: &[crate::codec::EnergyKnot]| {
            let width = pair[1].condition - pair[0].condition;
            if width > 0.0 { 1.0 / width } else { f64::MAX }
        };
        let slopes: Vec<f64> = knots.windows(2).map(slope).collect();
        let starts = graph.doubles(&[1, segments], &starts);
        let slopes = graph.doubles(&[1, segments], &slopes);
        let offset = graph.node("Sub", &[c, &starts]);
        let share = graph.node("Mul", &[&offset, &slopes]);
        let (zero, one) = (graph.double(0.0), graph.double(1.0));
        graph.node("Clip", &[&share, &zero, &one])
    });
    of.map(|values| {
        let first = graph.doubles(&[1, 1], &values[..1]);
        let sum = match &shares {
            Some(shares) => {
                let steps: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
                let steps = graph.doubles(&[1, segments], &steps);
                let rises = graph.node("Mul", &[shares, &steps]);
                let rise = graph.sum(&rises, 1);
                graph.node("Add", &[&rise, &first])
            }
            None => first,
        };
        graph.cast(&sum, Element::Float)
    })
}
