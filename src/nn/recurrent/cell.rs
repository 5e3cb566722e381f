use super::direction::Direction;
use super::settings::RecurrentKind;
use crate::compute::{Device, Tensor};
use crate::nn::parameter::{Module, Parameter};
use crate::random::Normals;

/// A recurrent unit that is taken step by step, for networks whose output at one step goes into
/// the next. See [`RecurrentKind`] for what a step is.
#[derive(Debug, Clone)]
pub struct RecurrentCell {
    direction: Direction,
}

/// The state of a cell between two steps: h, and of long short-term memory m.
///
/// # Shapes
/// `[events, hidden]` each.
#[derive(Debug, Clone)]
pub struct CellState(Vec<Tensor<2>>);

impl RecurrentCell {
    /// Weights and biases uniform within ± 1/√hidden.
    pub fn new(
        kind: RecurrentKind,
        features: usize,
        hidden: usize,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        Self { direction: Direction::new(kind, [features, hidden], false, normals, device) }
    }

    /// The state in front of the first step: 0. `device` is that of the steps' tensors.
    pub fn initial_state(&self, events: usize, device: &Device) -> CellState {
        CellState(self.direction.initial_state(events, device))
    }

    /// # Shapes
    /// x: `[events, features]`.
    pub fn step(&self, x: Tensor<2>, state: &CellState) -> CellState {
        CellState(self.direction.step(x, &state.0))
    }
}

impl CellState {
    /// h, `[events, hidden]`.
    pub fn hidden(&self) -> Tensor<2> {
        self.0[0].clone()
    }
}

impl Module for RecurrentCell {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.direction.for_each_parameter(visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};
    use crate::nn::{LayerSettings, Network, Pass, Site};
    use crate::random::{Purpose, Streams};

    /// From the same random numbers a layer has the same weights.
    #[test]
    fn a_cell_does_step_by_step_what_a_layer_does_at_once() {
        let normals = || Streams::new(5, Purpose::Initialisation).normals(0);
        let x: Vec<f32> = (0..2 * 12).map(|i| (i as f32 * 0.7).sin()).collect();
        for (kind, name) in [(RecurrentKind::Gru, "gru"), (RecurrentKind::Lstm, "lstm")] {
            let text = format!("kind = \"{name}\"\nhidden = 5");
            let layer: LayerSettings = toml::from_str(&text).expect("a layer");
            let mut site = Site { labels: 0, normals: &mut normals(), device: &cpu() };
            let network = Network::build(&[layer], &[4, 3], &mut site);
            let at_once =
                network.forward(matrix(x.clone(), 2, 12, &cpu()), &mut Pass::evaluation(None));
            let cell = RecurrentCell::new(kind, 3, 5, &mut normals(), &cpu());
            let mut state = cell.initial_state(2, &cpu());
            let mut steps = Vec::new();
            for step in 0..4 {
                let x = matrix(x.clone(), 2, 12, &cpu()).narrow(1, 3 * step, 3);
                state = cell.step(x, &state);
                steps.push(state.hidden());
            }
            let found = to_host(Tensor::cat(steps, 1));
            let expected = to_host(at_once);
            approx::assert_abs_diff_eq!(found.as_slice(), expected.as_slice(), epsilon = 1e-6);
        }
    }
}
