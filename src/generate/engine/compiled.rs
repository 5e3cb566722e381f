use std::sync::Mutex;

use detectors::Detector;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::head::{ShowerHead, Told};
use super::matrix::{Matrix, Scratch};
use super::network::CompiledNetwork;
use super::noise::NoiseMaker;
use super::packed::{Packed, Precision, Then};
use crate::codec::{CodecError, EventCodec};
use crate::gan::{GeneratorProgram, Head, Noise};
use crate::nn::DependsOnBatch;
use crate::random::Streams;
use crate::simd::Level;

/// A generator that is compiled for inference.
#[derive(Debug)]
pub struct Engine {
    level: Level,
    precision: Precision,
    network: CompiledNetwork,
    mixing: Option<Packed>,
    head: Option<ShowerHead>,
    codec: EventCodec,
    detector: Detector,
    noise: Noise,
    latent: usize,
    noise_width: usize,
    /// Events that go through the network together, at most.
    group: usize,
    /// Room to work in, of threads that are done.
    idle: Mutex<Vec<Room>>,
}

/// What a thread needs to work in.
#[derive(Debug, Default)]
struct Room {
    scratch: Scratch,
    label: Vec<f32>,
    shares: Vec<f32>,
}

/// Events in a group, if they are not too wide: six tiles of rows.
const GROUP: usize = 72;
/// Rows of a tile of the product.
const TILE: usize = 12;
/// Numbers of a group in a matrix, at most (unless one event has more).
const GROUP_NUMBERS: usize = 1 << 18;

impl Engine {
    /// # Errors
    /// A network that cannot make an event without the others of a batch.
    pub fn new(
        program: &GeneratorProgram,
        codec: &EventCodec,
        detector: &Detector,
        precision: Precision,
    ) -> Result<Self, DependsOnBatch> {
        let network = CompiledNetwork::new(&program.network, program.latent, precision)?;
        let (head, mixing) = match &program.head {
            Head::Plain => (None, None),
            Head::Shower(shower) => {
                let threshold = detector.readout_threshold();
                let head = ShowerHead::new(shower, threshold, detector.has_whole_numbers());
                let mixing = shower.noise_mixing.as_ref().map(|dense| {
                    Packed::new(dense.inputs, dense.outputs, &dense.weight, &dense.bias, precision)
                });
                (Some(head), mixing)
            }
        };
        let noise_width = program.noise_width();
        let widest = network.widest().max(noise_width).max(detector.value_count());
        Ok(Self {
            level: Level::best(),
            precision,
            network,
            mixing,
            head,
            codec: codec.clone(),
            detector: detector.clone(),
            noise: program.noise,
            latent: program.latent,
            noise_width,
            group: (GROUP_NUMBERS / widest).clamp(1, GROUP),
            idle: Mutex::default(),
        })
    }

    /// With other vector instructions; the events are the same.
    pub fn at_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// With another number of events that go through the network together; the events are the same.
    ///
    /// # Panics
    /// If it is 0.
    pub fn with_group(mut self, events: usize) -> Self {
        assert!(events > 0, "a group has events");
        self.group = events;
        self
    }

    pub fn level(&self) -> Level {
        self.level
    }

    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Events that go through the network together, and on one thread, at most.
    pub fn group_events(&self) -> usize {
        self.group
    }

    /// Bytes of the packed weights.
    pub fn bytes(&self) -> usize {
        self.network.bytes() + self.mixing.as_ref().map_or(0, Packed::bytes)
    }

    /// Events `first_event`, `first_event` + 1, …, event k with stream k as its noise. More than a
    /// group are divided among the threads of the current rayon pool; no more than that are made on
    /// the calling thread.
    ///
    /// # Shapes
    /// `conditions`: `[events, Detector::condition_width]`; the values: `[events, value_count]`, 0
    /// below the read-out threshold.
    ///
    /// # Errors
    /// A condition that values cannot be fractions of.
    pub fn values(
        &self,
        streams: &Streams,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
    ) -> Result<Array2<f32>, CodecError> {
        let width = self.detector.value_count();
        let mut values = Array2::zeros((conditions.nrows(), width));
        let all = values.as_slice_mut().expect("a new array is in order");
        self.fill(streams, first_event, conditions, all)?;
        Ok(values)
    }

    /// As [`Self::values`], into `values`, `[events × value_count]`.
    ///
    /// # Errors
    /// As [`Self::values`].
    ///
    /// # Panics
    /// If `values` has another length.
    pub fn fill(
        &self,
        streams: &Streams,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
        values: &mut [f32],
    ) -> Result<(), CodecError> {
        let (events, width) = (conditions.nrows(), self.detector.value_count());
        assert_eq!(values.len(), events * width, "values are [events, value_count]");
        let noise = NoiseMaker::new(streams, self.noise, self.latent, self.noise_width);
        let size = self.group_size(events);
        let group = |number: usize, values: &mut [f32]| {
            let first = number * size;
            let (_, rest) = conditions.split_at(Axis(0), first);
            let (these, _) = rest.split_at(Axis(0), values.len() / width);
            self.group(&noise, first_event.wrapping_add(first as u64), these, values)
        };
        if events <= self.group {
            return if events == 0 { Ok(()) } else { group(0, values) };
        }
        let groups = values.par_chunks_mut(size * width).enumerate();
        groups.try_for_each(|(number, values)| group(number, values))
    }

    /// Events of a group, so that groups are about equal and each thread has one.
    fn group_size(&self, events: usize) -> usize {
        if events <= self.group {
            return self.group;
        }
        let groups = events.div_ceil(self.group).max(rayon::current_num_threads());
        events.div_ceil(groups).next_multiple_of(TILE).min(self.group)
    }

    /// The outputs of the network alone, before the head and the codec; for measurements.
    ///
    /// # Shapes
    /// `latent`: `[events, latent]`, `label`: `[events, labels]`, `out`: `[events, outputs]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn outputs(
        &self,
        latent: ArrayView2<'_, f32>,
        label: ArrayView2<'_, f32>,
        out: &mut [f32],
    ) {
        let width = self.network.output();
        assert_eq!(latent.dim(), (label.nrows(), self.latent), "latent is [events, latent]");
        assert_eq!(label.ncols(), self.codec.labels().width(), "label is [events, labels]");
        assert_eq!(out.len(), latent.nrows() * width, "out is [events, outputs]");
        let size = self.group_size(latent.nrows());
        let group = |(number, out): (usize, &mut [f32])| {
            let mut room = self.room();
            let scratch = &mut room.scratch;
            let (first, events) = (number * size, out.len() / width);
            let mut copied = |from: ArrayView2<'_, f32>| {
                let mut matrix = scratch.take(events, from.ncols());
                let rows = from.rows().into_iter().skip(first);
                for (to, from) in matrix.rows_mut().zip(rows) {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                }
                matrix
            };
            let (x, told) = (copied(latent), copied(label));
            let y = self.network.run(self.level, x, &told, scratch);
            for (out, y) in out.chunks_exact_mut(width).zip(y.rows_iter()) {
                out.copy_from_slice(y);
            }
            [told, y].into_iter().for_each(|matrix| scratch.give(matrix));
            self.idle(room);
        };
        if latent.nrows() <= self.group {
            group((0, out));
        } else {
            out.par_chunks_mut(size * width).enumerate().for_each(group);
        }
    }

    /// Room that nobody works in.
    fn room(&self) -> Room {
        self.idle.lock().map_or(None, |mut idle| idle.pop()).unwrap_or_default()
    }

    /// Room that is free again.
    fn idle(&self, room: Room) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(room);
        }
    }

    /// One group, on the calling thread.
    fn group(
        &self,
        noise: &NoiseMaker,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
        values: &mut [f32],
    ) -> Result<(), CodecError> {
        let mut room = self.room();
        let outcome = self.compute(noise, first_event, conditions, values, &mut room);
        self.idle(room);
        outcome
    }

    fn compute(
        &self,
        noise: &NoiseMaker,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
        values: &mut [f32],
        room: &mut Room,
    ) -> Result<(), CodecError> {
        let events = conditions.nrows();
        let labels = self.codec.labels();
        let Room { scratch, label, shares } = room;
        let mut encoded = scratch.take(events, labels.width());
        for (row, encoded) in conditions.rows().into_iter().zip(encoded.rows_mut()) {
            label.clear();
            labels.encode(row, label);
            encoded.copy_from_slice(label);
        }
        let mut drawn = scratch.take(events, self.noise_width);
        let stride = drawn.stride();
        let mut words = std::mem::take(&mut scratch.words);
        noise.fill(self.level, first_event, events, drawn.all_mut(), stride, &mut words);
        scratch.words = words;
        let mut latent = scratch.take(events, self.latent);
        for (to, from) in latent.rows_mut().zip(drawn.rows_iter()) {
            to.copy_from_slice(&from[..self.latent]);
        }
        let raw = self.network.run(self.level, latent, &encoded, scratch);
        let outcome = match &self.head {
            Some(head) => {
                let mixed = self.mixing.as_ref().map(|packed| {
                    let mut mixed = scratch.take(events, packed.outputs());
                    let (from, to) = (drawn.stride(), mixed.stride());
                    let x = &drawn.all()[self.latent..];
                    let y = mixed.all_mut();
                    packed.multiply(self.level, (x, from), events, (y, to), Then::Nothing);
                    mixed
                });
                shares.resize(head.voxels(), 0.0);
                let width = head.voxels();
                for (row, out) in values.chunks_exact_mut(width).enumerate() {
                    let voxel_noise = match &mixed {
                        Some(mixed) => mixed.row(row),
                        None => &drawn.row(row)[self.latent..],
                    };
                    let told = self.told(conditions.row(row));
                    self.level.run(head.event(raw.row(row), voxel_noise, told, shares, out));
                }
                if let Some(mixed) = mixed {
                    scratch.give(mixed);
                }
                Ok(())
            }
            None => self.decode(conditions, &raw, values),
        };
        [encoded, drawn, raw].into_iter().for_each(|matrix| scratch.give(matrix));
        outcome
    }

    fn told(&self, conditions: ArrayView1<'_, f64>) -> Told {
        let scale = self.scale(conditions);
        let (mean, deviation) = match &self.codec {
            EventCodec::Shower(codec) => {
                codec.sum_statistics().total_at(codec.labels.leading(conditions))
            }
            EventCodec::Pipeline(_) => (0.0, 0.0),
        };
        Told { scale, total_mean: mean as f32, total_deviation: deviation as f32 }
    }

    fn scale(&self, conditions: ArrayView1<'_, f64>) -> f64 {
        match conditions.as_slice() {
            Some(row) => self.detector.scale_of(row),
            None => self.detector.scale_of(&conditions.to_vec()),
        }
    }

    /// Values of a network without a head.
    fn decode(
        &self,
        conditions: ArrayView2<'_, f64>,
        raw: &Matrix,
        values: &mut [f32],
    ) -> Result<(), CodecError> {
        let scales: Vec<f64> = conditions.rows().into_iter().map(|row| self.scale(row)).collect();
        let made: Vec<f32> = raw.rows_iter().flatten().copied().collect();
        let made = ArrayView2::from_shape((raw.rows(), raw.width()), &made)
            .expect("rows of the network's width");
        let decoded = self.codec.decode(&self.detector, &scales, made)?;
        values.iter_mut().zip(&decoded).for_each(|(value, decoded)| *value = *decoded);
        Ok(())
    }
}
