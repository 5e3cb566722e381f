use super::conditions::ToldSums;
use super::graph::{GraphBuilder, Value};
use super::message::{Attribute, Element};
use super::network::dense;
use crate::codec::VoxelScale;
use crate::gan::{HeadKind, ShowerProgram};
use crate::settings::VoxelNoise;

/// The shower head in 32 bits, step by step as [`ShowerProgram`] says.
///
/// # Shapes
/// raw: `[events, outputs of the network]`, noise: `[events, voxels]`, not looked at without voxel
/// noise; gives fractions, `[events, voxels]`.
pub(super) fn shower(
    graph: &mut GraphBuilder,
    head: &ShowerProgram,
    raw: &Value,
    noise: Option<&Value>,
    sums: &ToldSums,
) -> Value {
    let voxels = head.voxels();
    let mut u = graph.columns(raw, 0, voxels);
    let mut outputs = voxels;
    if head.voxel_noise != VoxelNoise::None {
        let noise = noise.expect("a head with voxel noise is given it");
        let mixed = match &head.noise_mixing {
            Some(mixing) => dense(graph, mixing, noise),
            None => noise.clone(),
        };
        let amplitudes = graph.columns(raw, voxels, voxels);
        let added = graph.node("Mul", &[&amplitudes, &mixed]);
        u = graph.node("Add", &[&u, &added]);
        outputs += voxels;
    }
    let shape = shape(graph, head, &u);
    if head.kind == HeadKind::Rectified {
        return read_out(graph, &shape, &sums.threshold);
    }
    let logits = graph.columns(raw, outputs, head.layers());
    let total = graph.columns(raw, outputs + head.layers(), 1);
    let energies = layer_energies(graph, &logits, &total, sums);
    let layers = LayerSums::new(head);

    let sum = layers.sum(graph, &shape);
    let per_shape = graph.node("Div", &[&energies, &sum]);
    let unread = layers.scale(graph, &shape, &per_shape);
    let kept = read_out(graph, &unread, &sums.threshold);

    let sum = layers.sum(graph, &kept);
    let (zero, one) = (graph.float(0.0), graph.float(1.0));
    let is_read = graph.node("Greater", &[&sum, &zero]);
    let divisor = graph.choose(&is_read, &sum, &one);
    let rescale = graph.node("Div", &[&energies, &divisor]);
    layers.scale(graph, &kept, &rescale)
}

/// E_l = softmax(f)_l max(0, μ + σ t), `[events, layers]`.
fn layer_energies(
    graph: &mut GraphBuilder,
    logits: &Value,
    total: &Value,
    sums: &ToldSums,
) -> Value {
    let shares = graph.node_with("Softmax", &[logits], vec![Attribute::integer("axis", 1)]);
    let spread = graph.node("Mul", &[&sums.total_deviation, total]);
    let total = graph.node("Add", &[&sums.total_mean, &spread]);
    let total = graph.node("Relu", &[&total]);
    graph.node("Mul", &[&shares, &total])
}

fn shape(graph: &mut GraphBuilder, head: &ShowerProgram, u: &Value) -> Value {
    if head.kind == HeadKind::SoftmaxShares {
        let largest = head.largest_logit as f32;
        let (low, high) = (graph.float(-largest), graph.float(largest));
        let kept = graph.node("Clip", &[u, &low, &high]);
        return graph.node("Exp", &[&kept]);
    }
    let shares = head.kind == HeadKind::EnergyShares;
    let factor = if shares { 2.0 } else { 1.0 };
    let deviation: Vec<f32> = head.voxel_deviation.iter().map(|d| factor * d).collect();
    let deviation = graph.floats(&[1, deviation.len()], &deviation);
    let positive = graph.node("Relu", &[u]);
    let stretched = graph.node("Mul", &[&positive, &deviation]);
    let relaxed = relax(graph, head.voxel_scale, &stretched);
    if shares {
        let smallest = graph.float(head.smallest_shape as f32);
        graph.node("Add", &[&relaxed, &smallest])
    } else {
        relaxed
    }
}

fn relax(graph: &mut GraphBuilder, scale: VoxelScale, u: &Value) -> Value {
    match scale {
        VoxelScale::Linear => u.clone(),
        VoxelScale::SquareRoot => graph.node("Mul", &[u, u]),
        VoxelScale::Power085 => {
            let smallest = graph.float(VoxelScale::SMALLEST_POWERED as f32);
            let exponent = graph.float((1.0 / 0.85) as f32);
            let u = graph.node("Max", &[u, &smallest]);
            graph.node("Pow", &[&u, &exponent])
        }
    }
}

/// 0 below the threshold.
fn read_out(graph: &mut GraphBuilder, fractions: &Value, threshold: &Value) -> Value {
    let is_read = graph.node("GreaterOrEqual", &[fractions, threshold]);
    let zero = graph.float(0.0);
    graph.choose(&is_read, fractions, &zero)
}

/// Sums over the voxels of each layer.
enum LayerSums<'a> {
    /// All layers have as many voxels.
    Even {
        layers: usize,
        voxels_each: usize,
    },
    Uneven {
        layers: usize,
        voxel_layer: &'a [usize],
    },
}

impl<'a> LayerSums<'a> {
    fn new(head: &'a ShowerProgram) -> Self {
        let (layers, voxels) = (head.layers(), head.voxels());
        let each = voxels / layers;
        let is_even = |(voxel, layer): (usize, &usize)| voxel / each == *layer;
        if voxels == layers * each && head.voxel_layer.iter().enumerate().all(is_even) {
            Self::Even { layers, voxels_each: each }
        } else {
            Self::Uneven { layers, voxel_layer: &head.voxel_layer }
        }
    }

    /// `[events, voxels]` to `[events, layers]`.
    fn sum(&self, graph: &mut GraphBuilder, x: &Value) -> Value {
        match self {
            Self::Even { layers, voxels_each } => {
                let x = graph.reshape(x, &[*layers, *voxels_each]);
                let sum = graph.sum(&x, 2);
                graph.reshape(&sum, &[*layers])
            }
            Self::Uneven { layers, voxel_layer } => {
                let mut membership = vec![0.0; voxel_layer.len() * layers];
                for (voxel, layer) in voxel_layer.iter().enumerate() {
                    membership[voxel * layers + layer] = 1.0;
                }
                let membership = graph.floats(&[voxel_layer.len(), *layers], &membership);
                graph.node("MatMul", &[x, &membership])
            }
        }
    }

    /// Multiplies the voxels of each layer, `[events, voxels]`, by its factor, `[events, layers]`.
    fn scale(&self, graph: &mut GraphBuilder, x: &Value, factors: &Value) -> Value {
        match self {
            Self::Even { layers, voxels_each } => {
                let x = graph.reshape(x, &[*layers, *voxels_each]);
                let factors = graph.reshape(factors, &[*layers, 1]);
                let scaled = graph.node("Mul", &[&x, &factors]);
                graph.reshape(&scaled, &[layers * voxels_each])
            }
            Self::Uneven { voxel_layer, .. } => {
                let factors = graph.gather(factors, voxel_layer.iter().copied());
                graph.node("Mul", &[x, &factors])
            }
        }
    }
}

/// What is not read out is 0, and counts are whole: the last step of decoding.
///
/// # Shapes
/// `[events, values]` in the detector's unit, 32 bits.
pub(super) fn read_values(
    graph: &mut GraphBuilder,
    detector: &detectors::Detector,
    values: &Value,
) -> Value {
    let mut values = values.clone();
    if !detector.layers().is_empty() {
        let threshold = graph.float(not_below(detector.readout_threshold()));
        values = read_out(graph, &values, &threshold);
    }
    if detector.has_whole_numbers() {
        values = rounded(graph, &values, Element::Float);
    }
    values
}

/// The least 32-bit number that is not below a threshold, and 0 at least: 32-bit values are below
/// both or neither.
fn not_below(threshold: f64) -> f32 {
    let nearest = threshold.max(0.0) as f32;
    if f64::from(nearest) < threshold { nearest.next_up() } else { nearest }
}

/// To the nearest whole number, halves away from 0 (ONNX's `Round` takes them to even numbers).
pub(super) fn rounded(graph: &mut GraphBuilder, x: &Value, element: Element) -> Value {
    let constant = |graph: &mut GraphBuilder, value: f64| match element {
        Element::Double => graph.double(value),
        Element::Float | Element::Integer => graph.float(value as f32),
    };
    let (half, one) = (constant(graph, 0.5), constant(graph, 1.0));
    let magnitude = graph.node("Abs", &[x]);
    let down = graph.node("Floor", &[&magnitude]);
    let rest = graph.node("Sub", &[&magnitude, &down]);
    let up = graph.node("Add", &[&down, &one]);
    let is_up = graph.node("GreaterOrEqual", &[&rest, &half]);
    let nearest = graph.choose(&is_up, &up, &down);
    let sign = graph.node("Sign", &[x]);
    graph.node("Mul", &[&nearest, &sign])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_rounded_up() {
        assert_eq!(not_below(1.0), 1.0);
        assert_eq!(not_below(0.0), 0.0);
        assert_eq!(not_below(-2.0), 0.0);
        for threshold in [0.1, 0.01515, 0.3] {
            let found = not_below(threshold);
            assert!(f64::from(found) >= threshold);
            assert!(f64::from(found.next_down()) < threshold);
        }
    }
}
