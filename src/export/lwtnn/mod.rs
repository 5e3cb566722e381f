//! Dense generators as the JSON graphs that lwtnn reads (<https://github.com/lwtnn/lwtnn>), with
//! FastCaloGAN's names of inputs (arXiv:2109.02551): `Noise` and `mycond`.
//!
//! lwtnn knows dense layers, element-wise activations and concatenations. Residual connections
//! become a concatenation and a dense layer of two identities; batch norms are folded into the dense
//! layer before them. What follows the network is left to the caller as far as lwtnn cannot express it
//! (docs/export.md); heads that share energy among voxels are refused.

mod graph;
mod network;

use serde_json::{Value, json};

use crate::codec::{EventCodec, LabelEncoding, VoxelScale};
use crate::export::ExportError;
use crate::gan::{Head, HeadKind, Noise, ShowerProgram};
use crate::generate::Surrogate;
use crate::settings::VoxelNoise;
use graph::GraphBuilder;

const FORMAT: &str = "lwtnn";

/// The JSON of a graph.
///
/// # Errors
/// A layer or a head that lwtnn has no counterpart for.
pub fn write(surrogate: &Surrogate) -> Result<String, ExportError> {
    let model = surrogate.model();
    let program = model.generator.program();
    let labels = model.header.codec.labels();
    let mut graph = GraphBuilder::default();
    let noise = graph.input(0, program.latent);
    let conditions = (labels.width() > 0).then(|| graph.input(1, labels.width()));
    let mut last = network::network(&mut graph, &program.network, noise, conditions)?;
    let mut left = serde_json::Map::new();
    match (&program.head, &model.header.codec) {
        (Head::Plain, EventCodec::Pipeline(codec)) => {
            let steps = serde_json::to_string(&codec.pipeline).expect("plain values");
            left.insert("decode".to_owned(), json!(steps));
        }
        (Head::Shower(head), EventCodec::Shower(_)) => {
            last = voxels(&mut graph, head, last)?;
            let exponent = match head.voxel_scale {
                VoxelScale::Linear => 1.0,
                VoxelScale::SquareRoot => 2.0,
                VoxelScale::Power085 => 1.0 / 0.85,
            };
            left.insert("exponent".to_owned(), json!(exponent.to_string()));
        }
        _ => unreachable!("a shower head belongs to a shower codec"),
    }
    miscellaneous(surrogate, program.noise, &mut left);
    let width = graph.width(last);
    let outputs: Vec<String> = (0..width).map(|i| format!("out_{i}")).collect();
    let mut inputs = vec![json!({
        "name": "Noise",
        "variables": (0..program.latent).map(|i| variable(i, 0.0, 1.0)).collect::<Vec<_>>(),
    })];
    if conditions.is_some() {
        inputs.push(json!({ "name": "mycond", "variables": condition_variables(surrogate) }));
    }
    let (layers, nodes) = graph.into_json();
    let whole = json!({
        "inputs": inputs,
        "input_sequences": [],
        "layers": layers,
        "nodes": nodes,
        "outputs": { model.detector.name(): { "node_index": last.number(), "labels": outputs } },
        "miscellaneous": left,
    });
    Ok(whole.to_string())
}

fn variable(number: usize, offset: f64, scale: f64) -> Value {
    json!({ "name": format!("variable_{number}"), "offset": offset, "scale": scale })
}

/// What lwtnn computes of its input x: (x + offset) scale.
fn condition_variables(surrogate: &Surrogate) -> Vec<Value> {
    let mut variables = Vec::new();
    for (_, _, encoding) in surrogate.model().header.codec.labels().encodings() {
        match encoding {
            LabelEncoding::Number { minimum, maximum, logarithmic, .. } => {
                let (low, high) = if logarithmic {
                    (libm::log(minimum), libm::log(maximum))
                } else {
                    (minimum, maximum)
                };
                variables.push(variable(variables.len(), -0.5 * (low + high), 2.0 / (high - low)));
            }
            LabelEncoding::Category { count, .. } => {
                (0..count).for_each(|_| variables.push(variable(variables.len(), 0.0, 1.0)));
            }
            LabelEncoding::Image { pixels, root_mean_square, .. } => {
                let scale = 1.0 / root_mean_square;
                (0..pixels).for_each(|_| variables.push(variable(variables.len(), 0.0, scale)));
            }
        }
    }
    variables
}

/// The part of a rectified head that lwtnn can do: out_i = d_i max(0, w_i).
fn voxels(
    graph: &mut GraphBuilder,
    head: &ShowerProgram,
    w: graph::Node,
) -> Result<graph::Node, ExportError> {
    if head.kind != HeadKind::Rectified || head.voxel_noise != VoxelNoise::None {
        let problem = "its head shares the energy of each layer among the voxels; lwtnn can hold \
                       models with `head = \"rectified\"` and `voxel_noise = \"none\"`"
            .to_owned();
        return Err(ExportError::Model { format: FORMAT, problem });
    }
    let rectified = graph.activated(w, json!("rectified"));
    let deviation: Vec<f64> = head.voxel_deviation.iter().map(|d| f64::from(*d)).collect();
    Ok(graph.scaled(rectified, &deviation))
}

/// What the caller has to know and to do, as texts.
fn miscellaneous(surrogate: &Surrogate, noise: Noise, left: &mut serde_json::Map<String, Value>) {
    let detector = &surrogate.model().detector;
    let noise = match noise {
        Noise::Normal { mean, deviation } => format!("normal {mean} {deviation}"),
        Noise::Uniform { minimum, maximum } => format!("uniform {minimum} {maximum}"),
    };
    let mut conditions = Vec::new();
    for (name, unit, encoding) in surrogate.model().header.codec.labels().encodings() {
        match encoding {
            LabelEncoding::Number { logarithmic: true, .. } => {
                conditions.push(format!("ln({name} / {unit})"));
            }
            LabelEncoding::Number { .. } => conditions.push(format!("{name} / {unit}")),
            LabelEncoding::Category { count, .. } => {
                conditions.extend((0..count).map(|k| format!("{name} == {k}")));
            }
            LabelEncoding::Image { pixels, .. } => {
                conditions.extend((0..pixels).map(|k| format!("{name}[{k}] / {unit}")));
            }
        }
    }
    let scale = match detector.normalising_column() {
        Some(column) => detector
            .conditions()
            .iter()
            .find(|condition| condition.first_column == column)
            .map_or_else(|| "1".to_owned(), |condition| condition.name.clone()),
        None => detector.scale_of(&[]).to_string(),
    };
    let texts = [
        ("format", "showerforge lwtnn 1".to_owned()),
        ("showerforge_version", env!("CARGO_PKG_VERSION").to_owned()),
        ("detector", detector.name().to_owned()),
        ("model_sha256", surrogate.sha256().to_owned()),
        ("noise", noise),
        ("conditions", conditions.join("; ")),
        ("quantity", detector.quantity().to_owned()),
        ("unit", detector.unit().to_owned()),
        ("multiply_by", scale),
        ("readout_threshold", detector.readout_threshold().to_string()),
        ("whole_numbers", detector.has_whole_numbers().to_string()),
    ];
    left.extend(texts.map(|(key, text)| (key.to_owned(), json!(text))));
}
