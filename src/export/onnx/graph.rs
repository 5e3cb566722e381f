use super::message::{Attribute, Element, Graph, Node, Tensor, ValueInfo};

/// The name of what a node makes, or of a constant or input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value(String);

/// Builds a graph node by node. All tensors are `[events, …]`, with the events in front, or
/// constants that broadcast with them.
#[derive(Debug, Default)]
pub(super) struct GraphBuilder {
    nodes: Vec<Node>,
    constants: Vec<Tensor>,
}

impl GraphBuilder {
    /// An input of the graph, to be declared in [`Self::finish`].
    pub fn input(name: &str) -> Value {
        Value(name.to_owned())
    }

    pub fn node(&mut self, op: &str, inputs: &[&Value]) -> Value {
        self.node_with(op, inputs, Vec::new())
    }

    pub fn node_with(&mut self, op: &str, inputs: &[&Value], attributes: Vec<Attribute>) -> Value {
        let name = format!("{}_{}", op.to_lowercase(), self.nodes.len());
        self.nodes.push(Node {
            input: inputs.iter().map(|input| input.0.clone()).collect(),
            output: vec![name.clone()],
            name: name.clone(),
            op_type: op.to_owned(),
            attribute: attributes,
        });
        Value(name)
    }

    pub fn floats(&mut self, shape: &[usize], values: &[f32]) -> Value {
        self.constant(Element::Float, shape, values.iter().flat_map(|v| v.to_le_bytes()))
    }

    pub fn doubles(&mut self, shape: &[usize], values: &[f64]) -> Value {
        self.constant(Element::Double, shape, values.iter().flat_map(|v| v.to_le_bytes()))
    }

    /// A list of 64-bit integers.
    pub fn integers(&mut self, values: impl IntoIterator<Item = i64>) -> Value {
        let values: Vec<i64> = values.into_iter().collect();
        let bytes = values.iter().flat_map(|v| v.to_le_bytes());
        self.constant(Element::Integer, &[values.len()], bytes)
    }

    pub fn float(&mut self, value: f32) -> Value {
        self.floats(&[], &[value])
    }

    pub fn double(&mut self, value: f64) -> Value {
        self.doubles(&[], &[value])
    }

    fn constant(
        &mut self,
        element: Element,
        shape: &[usize],
        bytes: impl Iterator<Item = u8>,
    ) -> Value {
        let name = format!("constant_{}", self.constants.len());
        self.constants.push(Tensor {
            dims: shape.iter().map(|size| *size as i64).collect(),
            data_type: element as i32,
            name: name.clone(),
            raw_data: bytes.collect(),
        });
        Value(name)
    }

    pub fn cast(&mut self, x: &Value, to: Element) -> Value {
        self.node_with("Cast", &[x], vec![Attribute::integer("to", to as i64)])
    }

    /// `[events, features]`, or whatever the shape of an event is, in another shape.
    pub fn reshape(&mut self, x: &Value, event: &[usize]) -> Value {
        // 0: as many events as there are.
        let sizes = event.iter().map(|size| *size as i64);
        let shape = self.integers(std::iter::once(0).chain(sizes));
        self.node("Reshape", &[x, &shape])
    }

    /// Columns `first..first + count` of `[events, columns]`.
    pub fn columns(&mut self, x: &Value, first: usize, count: usize) -> Value {
        let starts = self.integers([first as i64]);
        let ends = self.integers([(first + count) as i64]);
        let axes = self.integers([1]);
        self.node("Slice", &[x, &starts, &ends, &axes])
    }

    /// The columns of these numbers, in this order.
    pub fn gather(&mut self, x: &Value, columns: impl IntoIterator<Item = usize>) -> Value {
        let indices = self.integers(columns.into_iter().map(|column| column as i64));
        self.node_with("Gather", &[x, &indices], vec![Attribute::integer("axis", 1)])
    }

    /// Side by side, `[events, columns of all]`.
    pub fn beside(&mut self, parts: &[Value]) -> Value {
        match parts {
            [only] => only.clone(),
            _ => {
                let parts: Vec<&Value> = parts.iter().collect();
                self.node_with("Concat", &parts, vec![Attribute::integer("axis", 1)])
            }
        }
    }

    /// The sum over an axis, which stays with a length of 1.
    pub fn sum(&mut self, x: &Value, axis: i64) -> Value {
        let axes = self.integers([axis]);
        self.node("ReduceSum", &[x, &axes])
    }

    /// The mean over an axis, which stays with a length of 1.
    pub fn mean(&mut self, x: &Value, axis: usize) -> Value {
        self.node_with("ReduceMean", &[x], vec![Attribute::integers("axes", &[axis])])
    }

    /// Where `condition`, `then`, else `otherwise`.
    pub fn choose(&mut self, condition: &Value, then: &Value, otherwise: &Value) -> Value {
        self.node("Where", &[condition, then, otherwise])
    }

    /// max(0, x) of 64-bit numbers, for which not every runtime has a `Relu`.
    pub fn at_least_zero(&mut self, x: &Value) -> Value {
        let zero = self.double(0.0);
        self.node("Max", &[x, &zero])
    }

    /// Horner's scheme on 64-bit numbers, highest power first.
    pub fn polynomial(&mut self, coefficients: &[f64], x: &Value) -> Value {
        let mut sum = self.double(coefficients[0]);
        for coefficient in &coefficients[1..] {
            let constant = self.double(*coefficient);
            let product = self.node("Mul", &[&sum, x]);
            sum = self.node("Add", &[&product, &constant]);
        }
        sum
    }

    /// The graph that gives `output` under the name of its declaration.
    pub fn finish(
        mut self,
        name: &str,
        inputs: Vec<ValueInfo>,
        output: &Value,
        declared: ValueInfo,
    ) -> Graph {
        self.nodes.push(Node {
            input: vec![output.0.clone()],
            output: vec![declared.name.clone()],
            name: declared.name.clone(),
            op_type: "Identity".to_owned(),
            attribute: Vec::new(),
        });
        Graph {
            node: self.nodes,
            name: name.to_owned(),
            initializer: self.constants,
            input: inputs,
            output: vec![declared],
        }
    }
}
