//! Models as ONNX graphs that hold everything between noise and events: the encoding of the
//! conditions, the network, the head, the decoding, thresholds and units.
//!
//! What scales matter to (logarithms of energies, the statistics of sums, decoding) is computed in
//! 64 bits, all else in 32.

mod conditions;
mod graph;
mod head;
mod message;
mod metadata;
mod network;
mod normal;
mod signature;
mod transforms;

use prost::Message as _;

use crate::export::ExportError;
use crate::gan::Head;
use crate::generate::Surrogate;
use conditions::Told;
use graph::{GraphBuilder, Value};
use message::{Model, OperatorSet};
pub(super) use signature::output_name;
pub use signature::{OnnxSettings, Signature};

/// Version of the operators; every runtime of the last years has them.
pub const OPERATOR_SET: i64 = 17;
const IR_VERSION: i64 = 8;

/// The bytes of an ONNX file.
///
/// # Errors
/// A model that does not fit the signature, or a layer that ONNX has no operator for.
pub fn write(surrogate: &Surrogate, settings: &OnnxSettings) -> Result<Vec<u8>, ExportError> {
    let graph = signature::graph(surrogate.model(), settings)?;
    let model = Model {
        ir_version: IR_VERSION,
        producer_name: "showerforge".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        doc_string: format!("{}, made by a GAN", surrogate.model().detector.title()),
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPERATOR_SET }],
        metadata_props: metadata::entries(surrogate, settings)?,
    };
    Ok(model.encode_to_vec())
}

/// Adds everything behind the inputs.
///
/// # Shapes
/// noise: `[events, noise_width]`, 32 bits, of the model's own distribution; physical:
/// `[events, Detector::condition_width]`, 64 bits, in the detector's units. Gives
/// `[events, values]`, 32 bits, in the detector's unit.
fn events(
    graph: &mut GraphBuilder,
    model: &crate::model::SurrogateModel,
    noise: &Value,
    physical: &Value,
) -> Result<Value, ExportError> {
    let program = model.generator.program();
    let Told { label, scale, sums } = conditions::conditions(graph, model, physical);
    let latent = graph.columns(noise, 0, program.latent);
    let raw = network::network(graph, &program.network, latent, program.latent, label.as_ref())?;
    let values = match (&program.head, &model.header.codec) {
        (Head::Shower(head), _) => {
            let rest = program.noise_width() - program.latent;
            let voxel_noise = (rest > 0).then(|| graph.columns(noise, program.latent, rest));
            let sums = sums.expect("a shower codec tells sums");
            let fractions = head::shower(graph, head, &raw, voxel_noise.as_ref(), &sums);
            let fractions = graph.cast(&fractions, message::Element::Double);
            let values = graph.node("Mul", &[&fractions, &scale]);
            graph.cast(&values, message::Element::Float)
        }
        (Head::Plain, crate::codec::EventCodec::Pipeline(codec)) => {
            transforms::decode(graph, &codec.pipeline, &raw, &scale)
        }
        (Head::Plain, crate::codec::EventCodec::Shower(_)) => {
            unreachable!("generators of a shower codec have a shower head")
        }
    };
    Ok(head::read_values(graph, &model.detector, &values))
}
