//! Trainable values and buffers, named, and free of any graph until a training step asks for one.

use crate::compute::{Device, Gradients, Tensor, to_host};

/// One weight matrix, bias vector, or buffer such as the running mean of batch norm.
///
/// It is held flat, so that optimisers, averages and files treat every rank alike; layers ask for
/// it in its own shape.
#[derive(Debug, Clone)]
pub struct Parameter {
    shape: Vec<usize>,
    /// None only between [`Parameter::take_flat`] and [`Parameter::set_flat`].
    flat: Option<Tensor<1>>,
    trained: bool,
}

const NEVER_LEFT_EMPTY: &str = "whoever takes the values sets new ones at once";

impl Parameter {
    pub fn new(values: Vec<f32>, shape: &[usize], device: &Device) -> Self {
        assert_eq!(values.len(), shape.iter().product::<usize>(), "values fill the shape");
        let flat = Tensor::from_floats(values.as_slice(), device);
        Self { shape: shape.to_vec(), flat: Some(flat), trained: true }
    }

    /// Values that belong to the state of a network but are not moved by gradients.
    pub fn buffer(values: Vec<f32>, shape: &[usize], device: &Device) -> Self {
        Self { trained: false, ..Self::new(values, shape, device) }
    }

    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether an optimiser moves it.
    pub fn is_trained(&self) -> bool {
        self.trained
    }

    pub fn flat(&self) -> Tensor<1> {
        self.flat.clone().expect(NEVER_LEFT_EMPTY)
    }

    /// The values for a moment, to be replaced in place by [`Self::set_flat`]: without another
    /// owner they can be changed without a copy.
    pub fn take_flat(&mut self) -> Tensor<1> {
        self.flat.take().expect(NEVER_LEFT_EMPTY)
    }

    pub fn set_flat(&mut self, flat: Tensor<1>) {
        debug_assert_eq!(flat.dims()[0], self.shape.iter().product::<usize>());
        self.flat = Some(flat);
    }

    pub fn to_host(&self) -> Vec<f32> {
        to_host(self.flat())
    }

    /// The parameter in its own shape.
    ///
    /// # Panics
    /// If `D` is not its rank, which is a mistake in a layer.
    pub fn tensor<const D: usize>(&self) -> Tensor<D> {
        let shape: [usize; D] = self.shape.as_slice().try_into().expect("a layer knows its rank");
        self.flat().reshape(shape)
    }

    /// ∂loss/∂parameter, flat; none if the loss does not depend on it.
    pub fn gradient(&self, gradients: &Gradients) -> Option<Tensor<1>> {
        if self.trained { self.flat.as_ref()?.grad(gradients) } else { None }
    }
}

/// Anything with parameters.
pub trait Module: Clone {
    /// Shows every parameter and buffer with its name, such as `layers.0.weight`, in a fixed order.
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter));

    /// Trained parameters, without buffers.
    fn parameter_count(&self) -> usize {
        let mut count = 0;
        self.clone().for_each_parameter(&mut |_, p| {
            if p.trained {
                count += p.shape.iter().product::<usize>();
            }
        });
        count
    }
}

/// A copy whose parameters are leaves of a graph: a loss computed with it has their gradients.
pub fn tracked<M: Module>(module: &M) -> M {
    map(module, |parameter| {
        let flat = Tensor::from_inner(parameter.flat());
        if parameter.trained { flat.require_grad() } else { flat }
    })
}

/// A copy whose parameters are constants of a graph: gradients flow through it to its input only.
pub fn frozen<M: Module>(module: &M) -> M {
    map(module, |parameter| Tensor::from_inner(parameter.flat()))
}

fn map<M: Module>(module: &M, change: impl Fn(&Parameter) -> Tensor<1>) -> M {
    let mut copy = module.clone();
    copy.for_each_parameter(&mut |_, parameter| parameter.set_flat(change(parameter)));
    copy
}

/// Shows the parameters of a part under `prefix`.
pub(crate) fn for_each_in(
    part: &mut impl Module,
    prefix: &str,
    visit: &mut dyn FnMut(&str, &mut Parameter),
) {
    part.for_each_parameter(&mut |name, parameter| visit(&format!("{prefix}.{name}"), parameter));
}
