use serde_json::{Value, json};

use super::FORMAT;
use super::graph::{Affine, GraphBuilder, Node};
use crate::export::ExportError;
use crate::nn::{Elementwise, Operation};

/// Adds the operations of a network; a dense layer waits for what can be folded into it.
///
/// # Errors
/// The first operation that lwtnn has no counterpart for.
pub(super) fn network(
    graph: &mut GraphBuilder,
    operations: &[Operation],
    x: Node,
    conditions: Option<Node>,
) -> Result<Node, ExportError> {
    let mut walk = Walk { graph, behind: x, waiting: None };
    for operation in operations {
        walk.step(operation, conditions)?;
    }
    Ok(walk.flushed())
}

struct Walk<'a> {
    graph: &'a mut GraphBuilder,
    behind: Node,
    /// A dense layer behind `behind` without its activation.
    waiting: Option<Affine>,
}

impl Walk<'_> {
    /// The node behind all that was added.
    fn flushed(&mut self) -> Node {
        if let Some(affine) = self.waiting.take() {
            self.behind = self.graph.dense(self.behind, &affine, json!("linear"));
        }
        self.behind
    }

    fn activate(&mut self, activation: Value) {
        self.behind = match self.waiting.take() {
            Some(affine) => self.graph.dense(self.behind, &affine, activation),
            None => self.graph.activated(self.behind, activation),
        };
    }

    fn step(&mut self, operation: &Operation, conditions: Option<Node>) -> Result<(), ExportError> {
        let refused = || ExportError::Layer { format: FORMAT, kind: operation.kind() };
        match operation {
            Operation::Dense(dense) => {
                self.flushed();
                self.waiting = Some(Affine::of(dense));
            }
            Operation::Elementwise(function) => {
                self.activate(activation(*function).ok_or_else(refused)?);
            }
            Operation::Swish { slope, .. } if slope.iter().all(|alpha| *alpha == slope[0]) => {
                self.activate(json!({ "function": "swish", "alpha": slope[0] }));
            }
            Operation::Softmax => self.activate(json!("softmax")),
            Operation::ChannelAffine { scale, shift, places: 1 } => {
                let of = |values: &[f32]| values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
                let affine = match self.waiting.take() {
                    Some(affine) => affine,
                    None => Affine::identities(scale.len(), 1),
                };
                self.waiting = Some(affine.then(&of(scale), &of(shift)));
            }
            Operation::Concatenate { embedding, places: 1, .. } => {
                let x = self.flushed();
                let mut beside = conditions.expect("a network with conditions is given them");
                if let Some(embedding) = embedding {
                    beside = self.graph.dense(beside, &Affine::of(embedding), json!("linear"));
                }
                self.behind = self.graph.concatenated(&[x, beside]);
            }
            Operation::Branches(branches) => {
                let x = self.flushed();
                let mut outputs = Vec::with_capacity(branches.len());
                for branch in branches {
                    outputs.push(network(self.graph, branch, x, conditions)?);
                }
                self.behind = self.graph.concatenated(&outputs);
            }
            Operation::Residual { body, shortcut } => {
                let x = self.flushed();
                let y = network(self.graph, body, x, conditions)?;
                let skipped = network(self.graph, shortcut, x, conditions)?;
                let both = self.graph.concatenated(&[skipped, y]);
                let sum = Affine::identities(self.graph.width(y), 2);
                self.behind = self.graph.dense(both, &sum, json!("linear"));
            }
            _ => return Err(refused()),
        }
        Ok(())
    }
}

/// None where lwtnn has no such function.
fn activation(function: Elementwise) -> Option<Value> {
    Some(match function {
        Elementwise::Rectifier { slope: 0.0 } => json!("rectified"),
        Elementwise::Rectifier { slope } => json!({ "function": "leakyrelu", "alpha": slope }),
        Elementwise::Silu => json!({ "function": "swish", "alpha": 1.0 }),
        Elementwise::Tanh => json!("tanh"),
        Elementwise::Sigmoid => json!("sigmoid"),
        Elementwise::Gelu => return None,
    })
}
