use detectors::Detector;
use ndarray::{Array2, ArrayView2, s};

use super::engine::{Engine, Precision};
use crate::codec::{CodecError, EventCodec};
use crate::compute::{Device, cpu, to_host};
use crate::gan::Generator;
use crate::random::{Purpose, Streams};

/// Makes events from a generator: on the CPU by the [`Engine`], on other devices by the network
/// itself.
///
/// On other devices, and for networks that the engine does not take, events are computed in blocks
/// of [`Sampler::BLOCK`], aligned to the number of the event: event k is always row k mod `BLOCK` of
/// block k / `BLOCK`, and its noise is stream k. So an event is the same however many are asked for,
/// whichever is the first, and on however many threads they are made.
#[derive(Debug)]
pub struct Sampler<'a> {
    generator: &'a Generator,
    codec: &'a EventCodec,
    detector: &'a Detector,
    streams: Streams,
    device: Device,
    engine: Option<Engine>,
    /// Conditions of the rows of a block that nobody asked for.
    filling: Vec<f64>,
}

impl<'a> Sampler<'a> {
    /// Events computed at once.
    pub const BLOCK: u64 = 64;

    pub fn new(
        generator: &'a Generator,
        codec: &'a EventCodec,
        detector: &'a Detector,
        seed: u64,
        purpose: Purpose,
        device: Device,
    ) -> Self {
        let precision = Precision::default();
        Self::with_precision(generator, codec, detector, (seed, purpose), device, precision)
    }

    /// With weights of another precision, on the CPU; the events are others then.
    pub fn with_precision(
        generator: &'a Generator,
        codec: &'a EventCodec,
        detector: &'a Detector,
        (seed, purpose): (u64, Purpose),
        device: Device,
        precision: Precision,
    ) -> Self {
        let compiled = || Engine::new(&generator.program(), codec, detector, precision).ok();
        let engine = (device == cpu()).then(compiled).flatten();
        let filling = codec.labels().middle(detector.condition_width());
        let streams = Streams::new(seed, purpose);
        Self { generator, codec, detector, streams, device, engine, filling }
    }

    /// Values of one event.
    pub fn value_count(&self) -> usize {
        self.detector.value_count()
    }

    /// Whether the engine makes the events, and so with weights of the precision that was asked for.
    pub fn has_engine(&self) -> bool {
        self.engine.is_some()
    }

    /// As the network itself makes them, not the engine: what the engine is compared with.
    pub fn without_engine(mut self) -> Self {
        self.engine = None;
        self
    }

    /// Events `first_event`, `first_event` + 1, … for these conditions.
    ///
    /// # Shapes
    /// `conditions`: `[events, Detector::condition_width]`; the values: `[events, value_count]`, 0
    /// below the read-out threshold.
    ///
    /// # Errors
    /// A condition that values cannot be fractions of.
    pub fn values(
        &self,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
    ) -> Result<Array2<f32>, CodecError> {
        if let Some(engine) = &self.engine {
            return engine.values(&self.streams, first_event, conditions);
        }
        let events = conditions.nrows();
        let last_event = first_event + events as u64;
        let blocks = first_event / Self::BLOCK..last_event.div_ceil(Self::BLOCK);
        let block = |number: u64| -> Result<(usize, Array2<f32>), CodecError> {
            let start = number * Self::BLOCK;
            let wanted = first_event.max(start)..last_event.min(start + Self::BLOCK);
            let inside = Array2::from_shape_fn(
                (Self::BLOCK as usize, self.filling.len()),
                |(row, column)| {
                    let event = start + row as u64;
                    if wanted.contains(&event) {
                        conditions[[(event - first_event) as usize, column]]
                    } else {
                        self.filling[column]
                    }
                },
            );
            let rows = self.block(start, inside.view())?;
            let (low, high) = ((wanted.start - start) as usize, (wanted.end - start) as usize);
            Ok(((wanted.start - first_event) as usize, rows.slice_move(s![low..high, ..])))
        };
        let mut all = Array2::zeros((events, self.detector.value_count()));
        for made in blocks.map(block) {
            let (at, rows) = made?;
            all.slice_mut(s![at..at + rows.nrows(), ..]).assign(&rows);
        }
        Ok(all)
    }

    fn block(
        &self,
        start: u64,
        conditions: ArrayView2<'_, f64>,
    ) -> Result<Array2<f32>, CodecError> {
        let width = self.generator.noise_width();
        let mut noise = vec![0.0_f32; conditions.nrows() * width];
        for (event, row) in (start..).zip(noise.chunks_mut(width)) {
            self.generator.fill_noise(&mut self.streams.normals(event), row);
        }
        let noise = self.generator.noise(noise, &self.device);
        let told = self.codec.conditions(self.detector, conditions, &self.device);
        let made = self.generator.generate(&noise, &told).made;
        let [events, values] = made.dims();
        let made = Array2::from_shape_vec((events, values), to_host(made))
            .expect("the generator makes all values of all events");
        self.codec.decode(self.detector, &told.scales, made.view())
    }
}
