use crate::compute::Tensor;
use crate::nn::{
    Dense, DropoutSettings, Initialisation, LayerSettings, Module, Network, Parameter, Pass,
    RecurrentCell, RecurrentKind, Site, for_each_in,
};
use crate::random::Uniforms;

/// Recurrent layers that get noise and their own output of the step before.
#[derive(Debug, Clone)]
pub(super) struct Generator {
    cells: Vec<RecurrentCell>,
    head: Dense,
    /// Behind each cell, in training.
    dropout: Network,
    latent: usize,
    steps: usize,
    features: usize,
}

/// Sizes of a [`Generator`].
#[derive(Debug, Clone, Copy)]
pub(super) struct GeneratorShape {
    pub latent: usize,
    pub steps: usize,
    pub features: usize,
    pub hidden: usize,
    pub layers: usize,
    pub dropout: f64,
}

impl Generator {
    pub(super) fn new(shape: GeneratorShape, site: &mut Site<'_>) -> Self {
        let GeneratorShape { latent, steps, features, hidden, layers, dropout } = shape;
        let mut cell = |layer: usize| {
            let inputs = if layer == 0 { latent + features } else { hidden };
            RecurrentCell::new(RecurrentKind::Lstm, inputs, hidden, site.normals, site.device)
        };
        let cells = (0..layers).map(&mut cell).collect();
        let head = Dense::new(hidden, features, Initialisation::Glorot, site.normals, site.device);
        let dropped = LayerSettings::Dropout(DropoutSettings { rate: dropout });
        let dropout = Network::build(&[dropped], &[hidden], site);
        Self { cells, head, dropout, latent, steps, features }
    }

    /// Series from noise. With a `teacher` the step before is taken from it in place of the own
    /// output, so that each step is a prediction of the next one of real series.
    ///
    /// # Shapes
    /// `noise`: `[series, steps × latent]`; `teacher` and the result: `[series, steps × features]`.
    pub(super) fn forward(
        &self,
        noise: &Tensor<2>,
        teacher: Option<&Tensor<2>>,
        dropout: Option<Uniforms>,
    ) -> Tensor<2> {
        let (series, device) = (noise.dims()[0], noise.device());
        let mut pass = match dropout {
            Some(uniforms) => Pass::training(None, uniforms),
            None => Pass::evaluation(None),
        };
        let mut states: Vec<_> =
            self.cells.iter().map(|cell| cell.initial_state(series, &device)).collect();
        let mut before = Tensor::zeros([series, self.features], &device);
        let mut steps = Vec::with_capacity(self.steps);
        for step in 0..self.steps {
            let noise = noise.clone().narrow(1, step * self.latent, self.latent);
            let mut x = Tensor::cat(vec![noise, before], 1);
            for (cell, state) in self.cells.iter().zip(&mut states) {
                *state = cell.step(x, state);
                x = self.dropout.forward(state.hidden(), &mut pass);
            }
            let output = self.head.apply(x);
            before = match teacher {
                Some(teacher) => teacher.clone().narrow(1, step * self.features, self.features),
                None => output.clone(),
            };
            steps.push(output);
        }
        Tensor::cat(steps, 1)
    }
}

impl Module for Generator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for (number, cell) in self.cells.iter_mut().enumerate() {
            for_each_in(cell, &format!("cells.{number}"), visit);
        }
        for_each_in(&mut self.head, "head", visit);
    }
}
