use super::graph::{GraphBuilder, Value};
use super::message::Attribute;
use crate::export::ExportError;
use crate::nn::operation::{PoolOperation, SlidingOperation, UpsampleOperation};
use crate::nn::{DenseOperation, Elementwise, Operation, feature_count};

/// Adds the operations of a network, in 32 bits.
///
/// # Shapes
/// x: `[events, features]`, label: `[events, labels]`; gives `[events, outputs]`.
///
/// # Errors
/// An operation that depends on the other events of a batch.
pub(super) fn network(
    graph: &mut GraphBuilder,
    operations: &[Operation],
    x: Value,
    features: usize,
    label: Option<&Value>,
) -> Result<Value, ExportError> {
    let mut behind = (x, features);
    for operation in operations {
        let (x, features) = &behind;
        let y = step(graph, operation, x, *features, label)?;
        behind = (y, operation.output_width(*features));
    }
    Ok(behind.0)
}

fn step(
    graph: &mut GraphBuilder,
    operation: &Operation,
    x: &Value,
    features: usize,
    label: Option<&Value>,
) -> Result<Value, ExportError> {
    let told = || label.expect("a network that looks at conditions has labels");
    Ok(match operation {
        Operation::Dense(operation) => dense(graph, operation, x),
        Operation::Elementwise(function) => elementwise(graph, *function, x),
        Operation::Swish { slope, places } => {
            let slope = if slope.len() == 1 {
                graph.float(slope[0])
            } else {
                let spread: Vec<f32> =
                    slope.iter().flat_map(|slope| std::iter::repeat_n(*slope, *places)).collect();
                graph.floats(&[1, features], &spread)
            };
            let scaled = graph.node("Mul", &[x, &slope]);
            let gate = graph.node("Sigmoid", &[&scaled]);
            graph.node("Mul", &[x, &gate])
        }
        Operation::ChannelAffine { scale, shift, places } => {
            affine(graph, x, scale, shift, *places, features)
        }
        Operation::LayerNorm { scale, shift, places, epsilon } => {
            let mean = graph.mean(x, 1);
            let centred = graph.node("Sub", &[x, &mean]);
            let square = graph.node("Mul", &[&centred, &centred]);
            let variance = graph.mean(&square, 1);
            let normal = divided_by_root(graph, &centred, &variance, *epsilon);
            affine(graph, &normal, scale, shift, *places, features)
        }
        Operation::PixelNorm { channels, places, epsilon } => {
            let x = graph.reshape(x, &[*channels, *places]);
            let square = graph.node("Mul", &[&x, &x]);
            let mean = graph.mean(&square, 1);
            let normal = divided_by_root(graph, &x, &mean, *epsilon);
            graph.reshape(&normal, &[features])
        }
        Operation::Softmax => graph.node_with("Softmax", &[x], vec![Attribute::integer("axis", 1)]),
        Operation::Concatenate { embedding, width, places, .. } => {
            let mut beside = told().clone();
            if let Some(embedding) = embedding {
                beside = dense(graph, embedding, &beside);
            }
            if *places > 1 {
                let one = graph.reshape(&beside, &[*width, 1]);
                let repeats = graph.integers([1, 1, *places as i64]);
                let all = graph.node("Tile", &[&one, &repeats]);
                beside = graph.reshape(&all, &[width * places]);
            }
            graph.beside(&[x.clone(), beside])
        }
        Operation::Projection { score, embedding } => {
            let score = dense(graph, score, x);
            let along = dense(graph, embedding, told());
            let product = graph.node("Mul", &[x, &along]);
            let projected = graph.sum(&product, 1);
            graph.node("Add", &[&score, &projected])
        }
        Operation::Convolution(sliding) => convolution(graph, sliding, x),
        Operation::TransposedConvolution(sliding) => transposed_convolution(graph, sliding, x),
        Operation::AveragePool(pool) => average_pool(graph, *pool, x),
        Operation::Upsample(upsample) => upsampled(graph, *upsample, x),
        Operation::Pad(frame) => {
            let x = graph.reshape(x, &frame.inner);
            let ends = |ends: [usize; 3]| [0, 0, ends[0], ends[1], ends[2]].map(|n| n as i64);
            let pads = graph.integers(ends(frame.low).into_iter().chain(ends(frame.high)));
            let padded = graph.node("Pad", &[&x, &pads]);
            graph.reshape(&padded, &[feature_count(&frame.outer())])
        }
        Operation::Crop(frame) => {
            let x = graph.reshape(x, &frame.outer());
            let starts = graph.integers(frame.low.map(|low| low as i64));
            let end = |i: usize| (frame.low[i] + frame.inner[i + 1]) as i64;
            let ends = graph.integers([end(0), end(1), end(2)]);
            let axes = graph.integers([2, 3, 4]);
            let inside = graph.node("Slice", &[&x, &starts, &ends, &axes]);
            graph.reshape(&inside, &[feature_count(&frame.inner)])
        }
        Operation::Gated { half, tanh } => {
            let mut value = graph.columns(x, 0, *half);
            if *tanh {
                value = graph.node("Tanh", &[&value]);
            }
            let gate = graph.columns(x, *half, *half);
            let gate = graph.node("Sigmoid", &[&gate]);
            graph.node("Mul", &[&value, &gate])
        }
        Operation::Maxout { channels, pieces, places } => {
            let x = graph.reshape(x, &[*channels, *pieces, *places]);
            let axes = vec![Attribute::integers("axes", &[2])];
            let largest = graph.node_with("ReduceMax", &[&x], axes);
            graph.reshape(&largest, &[channels * places])
        }
        Operation::Branches(branches) => {
            let mut outputs = Vec::with_capacity(branches.len());
            for branch in branches {
                outputs.push(network(graph, branch, x.clone(), features, label)?);
            }
            graph.beside(&outputs)
        }
        Operation::Residual { body, shortcut } => {
            let y = network(graph, body, x.clone(), features, label)?;
            let skipped = network(graph, shortcut, x.clone(), features, label)?;
            graph.node("Add", &[&skipped, &y])
        }
        Operation::Recurrent(_)
        | Operation::PerStep { .. }
        | Operation::MinibatchDeviation { .. } => {
            return Err(ExportError::Layer { format: "ONNX", kind: operation.kind() });
        }
    })
}

/// x W + b.
pub(super) fn dense(graph: &mut GraphBuilder, operation: &DenseOperation, x: &Value) -> Value {
    let weight = graph.floats(&[operation.inputs, operation.outputs], &operation.weight);
    let bias = graph.floats(&[operation.outputs], &operation.bias);
    graph.node("Gemm", &[x, &weight, &bias])
}

fn elementwise(graph: &mut GraphBuilder, function: Elementwise, x: &Value) -> Value {
    match function {
        Elementwise::Rectifier { slope: 0.0 } => graph.node("Relu", &[x]),
        Elementwise::Rectifier { slope } => {
            let alpha = Attribute::float("alpha", slope as f32);
            graph.node_with("LeakyRelu", &[x], vec![alpha])
        }
        Elementwise::Silu => {
            let gate = graph.node("Sigmoid", &[x]);
            graph.node("Mul", &[x, &gate])
        }
        Elementwise::Gelu => {
            let root = graph.float(std::f32::consts::FRAC_1_SQRT_2);
            let (one, half) = (graph.float(1.0), graph.float(0.5));
            let scaled = graph.node("Mul", &[x, &root]);
            let erf = graph.node("Erf", &[&scaled]);
            let twice = graph.node("Add", &[&erf, &one]);
            let share = graph.node("Mul", &[&twice, &half]);
            graph.node("Mul", &[x, &share])
        }
        Elementwise::Tanh => graph.node("Tanh", &[x]),
        Elementwise::Sigmoid => graph.node("Sigmoid", &[x]),
    }
}

/// scale · x + shift, one of each for `places` neighbouring features.
fn affine(
    graph: &mut GraphBuilder,
    x: &Value,
    scale: &[f32],
    shift: &[f32],
    places: usize,
    features: usize,
) -> Value {
    let shape = [1, scale.len(), places.min(1)];
    let x = graph.reshape(x, &[scale.len(), places]);
    let (scale, shift) = (graph.floats(&shape, scale), graph.floats(&shape, shift));
    let scaled = graph.node("Mul", &[&x, &scale]);
    let shifted = graph.node("Add", &[&scaled, &shift]);
    graph.reshape(&shifted, &[features])
}

/// x / √(square + ε).
fn divided_by_root(graph: &mut GraphBuilder, x: &Value, square: &Value, epsilon: f64) -> Value {
    let epsilon = graph.float(epsilon as f32);
    let sum = graph.node("Add", &[square, &epsilon]);
    let root = graph.node("Sqrt", &[&sum]);
    graph.node("Div", &[x, &root])
}

/// Zeros at the low ends, then at the high ends.
fn pads(sliding: &SlidingOperation) -> Attribute {
    Attribute::integers("pads", &[sliding.padding.as_slice(), &sliding.padding].concat())
}

fn convolution(graph: &mut GraphBuilder, sliding: &SlidingOperation, x: &Value) -> Value {
    let x = graph.reshape(x, &sliding.wide);
    let weight = graph.floats(&sliding.weight_shape(), &sliding.weight);
    let bias = graph.floats(&[sliding.bias.len()], &sliding.bias);
    let attributes = vec![
        Attribute::integers("kernel_shape", &sliding.kernel),
        Attribute::integers("strides", &sliding.stride),
        pads(sliding),
    ];
    let y = graph.node_with("Conv", &[&x, &weight, &bias], attributes);
    graph.reshape(&y, &[feature_count(&sliding.narrow)])
}

fn transposed_convolution(
    graph: &mut GraphBuilder,
    sliding: &SlidingOperation,
    x: &Value,
) -> Value {
    let x = graph.reshape(x, &sliding.narrow);
    let weight = graph.floats(&sliding.weight_shape(), &sliding.weight);
    let bias = graph.floats(&[sliding.bias.len()], &sliding.bias);
    let attributes = vec![
        Attribute::integers("kernel_shape", &sliding.kernel),
        Attribute::integers("strides", &sliding.stride),
        pads(sliding),
        Attribute::integers("output_padding", &sliding.output_padding()),
    ];
    let y = graph.node_with("ConvTranspose", &[&x, &weight, &bias], attributes);
    graph.reshape(&y, &[feature_count(&sliding.wide)])
}

fn average_pool(graph: &mut GraphBuilder, pool: PoolOperation, x: &Value) -> Value {
    let x = graph.reshape(x, &pool.input);
    let attributes = vec![
        Attribute::integers("kernel_shape", &pool.kernel),
        Attribute::integers("strides", &pool.kernel),
    ];
    let y = graph.node_with("AveragePool", &[&x], attributes);
    graph.reshape(&y, &[feature_count(&pool.output)])
}

fn upsampled(graph: &mut GraphBuilder, upsample: UpsampleOperation, x: &Value) -> Value {
    let [channels, depth, rows, columns] = upsample.input;
    let [d, r, c] = upsample.factors.map(|factor| factor as i64);
    let x = graph.reshape(x, &[channels, depth, 1, rows, 1, columns, 1]);
    let repeats = graph.integers([1, 1, 1, d, 1, r, 1, c]);
    let y = graph.node("Tile", &[&x, &repeats]);
    graph.reshape(&y, &[feature_count(&upsample.output())])
}
