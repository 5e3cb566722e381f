//! Networks whose gradients are pulled back outside of burn's graph.
//!
//! In a graph a recurrent layer is some twenty operations a step, each with a node, a tensor and a
//! share of the way back of its own; outside it is one loop over all steps. So a system that trains
//! on series records the networks that it goes through, finds the cotangents of their outputs from
//! its losses, and pulls them back from network to network.

use std::ops::Range;

use super::layer::Pass;
use super::network::Network;
use super::parameter::{Module, frozen, tracked};
use super::recurrent::lanes::Lanes;
use super::recurrent::{Recurrent, RecurrentRecord, is_plain};
use crate::compute::Tensor;
use crate::random::Uniforms;

/// What a forward pass left behind for the way back.
#[derive(Debug)]
pub struct Recording {
    pieces: Vec<Piece>,
    tracking: Tracking,
}

/// Whose gradients a recording gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracking {
    /// Of the input and of the parameters.
    Parameters,
    /// Of the input alone.
    Input,
}

/// Gradients of the sum of a network's outputs times their cotangents.
#[derive(Debug, Clone)]
pub struct PulledBack {
    /// Of the input, `[events, input features]`.
    pub input: Tensor<2>,
    /// Of each parameter and buffer in the network's order; none where there is none, or where it
    /// was not wanted.
    pub parameters: Vec<Option<Tensor<1>>>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a network has few pieces, and most are recurrent")]
enum Piece {
    Recurrent {
        layer: Recurrent,
        record: RecurrentRecord,
    },
    /// Other layers, in a graph of their own.
    Graph {
        network: Network,
        x: Tensor<2>,
        y: Tensor<2>,
    },
}

impl Network {
    /// The output, outside of any graph, and the way back.
    ///
    /// `label`: conditions, `[events, labels]`; `uniforms`: random numbers of dropout, in training.
    /// Batch norms are not supported: what they see is not taken up.
    ///
    /// # Shapes
    /// `[events, input features]` to `[events, output features]`.
    pub fn record(
        &self,
        x: Tensor<2>,
        label: Option<&Tensor<2>>,
        uniforms: Option<Uniforms>,
        tracking: Tracking,
    ) -> (Tensor<2>, Recording) {
        let label = label.map(|label| Tensor::from_inner(label.clone()));
        let mut pass = match uniforms {
            Some(uniforms) => Pass::training(label, uniforms),
            None => Pass::evaluation(label),
        };
        let mut pieces = Vec::new();
        let mut x = x;
        for range in self.pieces(is_plain(&x)) {
            let (y, piece) = self.record_piece(range, x, &mut pass, tracking);
            pieces.push(piece);
            x = y;
        }
        (x, Recording { pieces, tracking })
    }

    /// Recurrent layers alone, if they can go outside of a graph, and the others together.
    fn pieces(&self, outside: bool) -> Vec<Range<usize>> {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        let mut alone = true;
        for (number, layer) in self.layers().iter().enumerate() {
            let is_recurrent = outside && layer.as_recurrent().is_some();
            match pieces.last_mut() {
                Some(last) if !alone && !is_recurrent => last.end = number + 1,
                _ => pieces.push(number..number + 1),
            }
            alone = is_recurrent;
        }
        pieces
    }

    fn record_piece(
        &self,
        range: Range<usize>,
        x: Tensor<2>,
        pass: &mut Pass,
        tracking: Tracking,
    ) -> (Tensor<2>, Piece) {
        if let Some(layer) = self.layers()[range.start].as_recurrent()
            && is_plain(&x)
        {
            let device = x.device();
            let (y, record) = layer.record(Lanes::from_tensor(x, layer.steps()));
            let piece = Piece::Recurrent { layer: layer.clone(), record };
            return (y.into_tensor(&device), piece);
        }
        let part = self.part(range);
        let network = match tracking {
            Tracking::Parameters => tracked(&part),
            Tracking::Input => frozen(&part),
        };
        let x = Tensor::from_inner(x).require_grad();
        let y = network.forward(x.clone(), pass);
        (y.clone().inner(), Piece::Graph { network, x, y })
    }
}

impl Recording {
    /// # Shapes
    /// `cotangent`: `[events, output features]`.
    pub fn pull_back(self, cotangent: Tensor<2>) -> PulledBack {
        let with_parameters = self.tracking == Tracking::Parameters;
        let mut parts = Vec::with_capacity(self.pieces.len());
        let mut cotangent = cotangent;
        for piece in self.pieces.into_iter().rev() {
            let PulledBack { input, parameters } = piece.pull_back(cotangent, with_parameters);
            cotangent = input;
            parts.push(parameters);
        }
        PulledBack { input: cotangent, parameters: parts.into_iter().rev().flatten().collect() }
    }
}

impl Piece {
    fn pull_back(self, cotangent: Tensor<2>, with_parameters: bool) -> PulledBack {
        match self {
            Self::Recurrent { layer, record } => {
                let device = cotangent.device();
                let cotangent = Lanes::from_tensor(cotangent, layer.steps());
                let (input, parameters) = layer.pull_back(&record, cotangent, with_parameters);
                PulledBack { input: input.into_tensor(&device), parameters }
            }
            Self::Graph { mut network, x, y } => {
                let gradients = (y * Tensor::from_inner(cotangent)).sum().backward();
                let input = x.grad(&gradients).unwrap_or_else(|| x.clone().inner().zeros_like());
                let mut parameters = Vec::new();
                network.for_each_parameter(&mut |_, parameter| {
                    let gradient = parameter.gradient(&gradients);
                    parameters.push(gradient.filter(|_| with_parameters));
                });
                PulledBack { input, parameters }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};
    use crate::nn::{LayerSettings, Site, output_shape};
    use crate::random::{Purpose, Streams};

    const LAYERS: &str = r#"layer = [
        { kind = "reshape", shape = [6, 3] },
        { kind = "per-step", layer = [{ kind = "concatenate" }] },
        { kind = "gru", hidden = 7 },
        { kind = "lstm", hidden = 4, bidirectional = true },
        { kind = "dropout", rate = 0.2 },
        { kind = "per-step", layer = [{ kind = "dense", outputs = 5 }, { kind = "tanh" }] },
        { kind = "gru", hidden = 2, bidirectional = true },
        { kind = "lstm", hidden = 1 },
    ]"#;

    fn network() -> Network {
        #[derive(serde::Deserialize)]
        struct Layers {
            layer: Vec<LayerSettings>,
        }
        let layers = toml::from_str::<Layers>(LAYERS).expect("layers").layer;
        assert_eq!(output_shape(&layers, &[18], 2), Ok(vec![6, 1]));
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let mut site = Site { labels: 2, normals: &mut normals, device: &cpu() };
        Network::build(&layers, &[18], &mut site)
    }

    fn normals(rows: usize, columns: usize, stream: u64) -> Tensor<2> {
        let mut values = vec![0.0; rows * columns];
        Streams::new(2, Purpose::CriticNoise).normals(stream).fill(&mut values);
        matrix(values, rows, columns, &cpu())
    }

    fn uniforms() -> Uniforms {
        Streams::new(3, Purpose::Regularisation).uniforms(0)
    }

    /// More events than lanes, and a part of a block.
    #[test]
    fn what_is_pulled_back_is_burns_gradient() {
        let network = network();
        let (x, label, cotangent) = (normals(21, 18, 0), normals(21, 2, 1), normals(21, 6, 2));

        let mut in_graph = tracked(&network);
        let leaf = Tensor::from_inner(x.clone()).require_grad();
        let mut pass = Pass::training(Some(Tensor::from_inner(label.clone())), uniforms());
        let expected = in_graph.forward(leaf.clone(), &mut pass);
        let gradients = (expected.clone() * Tensor::from_inner(cotangent.clone())).sum().backward();
        let close = |found: Tensor<2>, expected: Tensor<2>| {
            let (found, expected) = (to_host(found), to_host(expected));
            assert!(expected.iter().any(|value| value.abs() > 1e-3));
            approx::assert_abs_diff_eq!(found.as_slice(), expected.as_slice(), epsilon = 2e-5);
        };

        let record = |tracking| network.record(x.clone(), Some(&label), Some(uniforms()), tracking);
        let (y, recording) = record(Tracking::Parameters);
        close(y, expected.inner());
        let pulled = recording.pull_back(cotangent.clone());
        let of_x = leaf.grad(&gradients).expect("a leaf");
        close(pulled.input, of_x.clone());
        let mut found = pulled.parameters.into_iter();
        in_graph.for_each_parameter(&mut |_, parameter| {
            let expected = parameter.gradient(&gradients).expect("every parameter counts");
            let found = found.next().flatten().expect("and is recorded");
            close(found.unsqueeze(), expected.unsqueeze());
        });
        assert!(found.next().is_none());

        let (_, recording) = record(Tracking::Input);
        let pulled = recording.pull_back(cotangent);
        close(pulled.input, of_x);
        assert!(pulled.parameters.iter().all(Option::is_none));
    }
}
