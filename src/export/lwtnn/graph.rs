use serde_json::{Value, json};

use crate::nn::DenseOperation;

/// The number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node(usize);

impl Node {
    pub fn number(self) -> usize {
        self.0
    }
}

/// y = W x + b with the weights of lwtnn, in 64 bits, before its activation is known.
#[derive(Debug, Clone)]
pub(super) struct Affine {
    inputs: usize,
    /// `[outputs, inputs]`, row-major.
    weight: Vec<f64>,
    /// `[outputs]`
    bias: Vec<f64>,
}

impl Affine {
    pub fn of(dense: &DenseOperation) -> Self {
        let (inputs, outputs) = (dense.inputs, dense.outputs);
        let weight = (0..outputs)
            .flat_map(|o| (0..inputs).map(move |i| f64::from(dense.weight[i * outputs + o])))
            .collect();
        let bias = dense.bias.iter().map(|b| f64::from(*b)).collect();
        Self { inputs, weight, bias }
    }

    /// So many times the identity, side by side, over those many outputs.
    pub fn identities(outputs: usize, times: usize) -> Self {
        let inputs = outputs * times;
        let mut weight = vec![0.0; outputs * inputs];
        for output in 0..outputs {
            (0..times).for_each(|k| weight[output * inputs + k * outputs + output] = 1.0);
        }
        Self { inputs, weight, bias: vec![0.0; outputs] }
    }

    /// Followed by scale · y + shift.
    pub fn then(mut self, scale: &[f64], shift: &[f64]) -> Self {
        for (row, scale) in self.weight.chunks_exact_mut(self.inputs).zip(scale) {
            row.iter_mut().for_each(|w| *w *= scale);
        }
        for ((b, scale), shift) in self.bias.iter_mut().zip(scale).zip(shift) {
            *b = *b * scale + shift;
        }
        self
    }
}

#[derive(Debug, Default)]
pub(super) struct GraphBuilder {
    layers: Vec<Value>,
    nodes: Vec<Value>,
    widths: Vec<usize>,
}

impl GraphBuilder {
    pub fn width(&self, node: Node) -> usize {
        self.widths[node.0]
    }

    /// Input number `source` of the graph.
    pub fn input(&mut self, source: usize, size: usize) -> Node {
        self.push(json!({ "type": "input", "sources": [source], "size": size }), size)
    }

    pub fn concatenated(&mut self, parts: &[Node]) -> Node {
        let width = parts.iter().map(|part| self.width(*part)).sum();
        let sources: Vec<usize> = parts.iter().map(|part| part.0).collect();
        self.push(json!({ "type": "concatenate", "sources": sources }), width)
    }

    /// f(W x + b).
    pub fn dense(&mut self, x: Node, affine: &Affine, activation: Value) -> Node {
        self.layers.push(json!({
            "architecture": "dense",
            "activation": activation,
            "weights": affine.weight,
            "bias": affine.bias,
        }));
        self.feed_forward(x, affine.bias.len())
    }

    /// f(x).
    pub fn activated(&mut self, x: Node, activation: Value) -> Node {
        let identity = Affine::identities(self.width(x), 1);
        self.dense(x, &identity, activation)
    }

    /// scale · x: lwtnn's normalization layer, weights · (x + bias).
    pub fn scaled(&mut self, x: Node, scale: &[f64]) -> Node {
        self.layers.push(json!({
            "architecture": "normalization",
            "weights": scale,
            "bias": vec![0.0; scale.len()],
        }));
        self.feed_forward(x, scale.len())
    }

    fn feed_forward(&mut self, x: Node, width: usize) -> Node {
        let layer = self.layers.len() - 1;
        self.push(json!({ "type": "feed_forward", "sources": [x.0], "layer_index": layer }), width)
    }

    fn push(&mut self, node: Value, width: usize) -> Node {
        self.nodes.push(node);
        self.widths.push(width);
        Node(self.nodes.len() - 1)
    }

    /// The layers and the nodes.
    pub fn into_json(self) -> (Vec<Value>, Vec<Value>) {
        (self.layers, self.nodes)
    }
}
