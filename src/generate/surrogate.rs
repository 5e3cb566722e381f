use std::path::Path;

use ndarray::{Array2, ArrayView2};

use super::engine::{Engine, Precision};
use super::sampler::Sampler;
use crate::Error;
use crate::codec::CodecError;
use crate::compute::cpu;
use crate::files;
use crate::model::SurrogateModel;
use crate::random::{Purpose, Streams};

/// A trained model that is ready to generate events on the CPU, for programs that do so
/// themselves: the bindings to other languages, and `showerforge generate`.
///
/// It is never changed, so that any number of threads may share it. Event k depends on the seed
/// and k alone.
#[derive(Debug)]
pub struct Surrogate {
    model: SurrogateModel,
    sha256: String,
    /// None for networks that the engine does not take.
    engine: Option<Engine>,
}

impl Surrogate {
    /// # Errors
    /// There is no such file, or it is not a model that this version reads.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let model = SurrogateModel::read(path, &cpu())?;
        let program = model.generator.program();
        let engine =
            Engine::new(&program, &model.header.codec, &model.detector, Precision::default()).ok();
        Ok(Self { model, sha256: files::sha256([path])?, engine })
    }

    /// The same model with weights of another precision; the events are others then.
    pub fn at_precision(&self, precision: Precision) -> Self {
        let model = self.model.clone();
        let program = model.generator.program();
        let engine = Engine::new(&program, &model.header.codec, &model.detector, precision).ok();
        Self { model, sha256: self.sha256.clone(), engine }
    }

    /// What makes the events; none for networks whose events depend on each other.
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// Detector, codec and training.
    pub fn model(&self) -> &SurrogateModel {
        &self.model
    }

    /// SHA-256 of the model file, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// # Shapes
    /// `conditions`: `[events, Detector::condition_width]`.
    ///
    /// # Errors
    /// The first condition outside of what the model was trained for; events are counted from
    /// `first_event`.
    pub fn check(
        &self,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
    ) -> Result<(), CodecError> {
        self.model.header.codec.labels().check(first_event, conditions)
    }

    /// Events `first_event`, `first_event` + 1, … on the threads of the rayon pool that it is
    /// called in, a few dozen at most on the calling thread. Conditions are not checked against the
    /// ranges of the training.
    ///
    /// # Shapes
    /// `conditions`: `[events, Detector::condition_width]`; the values:
    /// `[events, Detector::value_count]`, in the detector's unit (MeV for energies), 0 below the
    /// read-out threshold.
    ///
    /// # Errors
    /// A condition that values cannot be fractions of.
    pub fn generate(
        &self,
        seed: u64,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
    ) -> Result<Array2<f32>, CodecError> {
        let mut values = Array2::zeros((conditions.nrows(), self.model.detector.value_count()));
        let all = values.as_slice_mut().expect("a new array is in order");
        self.generate_into(seed, first_event, conditions, all)?;
        Ok(values)
    }

    /// As [`Self::generate`], into `values`, `[events × value_count]`, without allocating.
    ///
    /// # Errors
    /// As [`Self::generate`].
    ///
    /// # Panics
    /// If `values` has another length.
    pub fn generate_into(
        &self,
        seed: u64,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
        values: &mut [f32],
    ) -> Result<(), CodecError> {
        if let Some(engine) = &self.engine {
            let streams = Streams::new(seed, Purpose::Generation);
            return engine.fill(&streams, first_event, conditions, values);
        }
        let model = &self.model;
        let (generator, codec) = (&model.generator, &model.header.codec);
        let made =
            Sampler::new(generator, codec, &model.detector, seed, Purpose::Generation, cpu())
                .values(first_event, conditions)?;
        assert_eq!(values.len(), made.len(), "values are [events, value_count]");
        values.iter_mut().zip(&made).for_each(|(value, made)| *value = *made);
        Ok(())
    }
}
