use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use detectors::{Detector, Symmetry};
use ndarray::Array2;
use rayon::prelude::*;

use super::packs::Packs;
use super::trainer::VALUES_A_TASK;
use crate::codec::{CodecError, Conditions, EventCodec};
use crate::compute::{Device, Tensor, matrix};
use crate::events::{Block, EventFile, EventSet, Events, EventsError};
use crate::random::{Purpose, Streams};

/// The training events in network units, as many of them as fit the memory.
///
/// A sample that fits is read once. A greater one is read in *windows*: for every epoch the blocks
/// of all files (of about 8 MiB each) are put in a random order that follows from the seed, and cut
/// into windows of as many blocks as fit; batches are drawn at random from the window, as often as
/// it has events, and then comes the next. So an event meets others from all over the files, each
/// block is drawn from equally often, and which window an iteration sees follows from the seed
/// alone: a resumed training sees the same. The next window is read beside the training.
#[derive(Debug)]
pub struct TrainingSample {
    source: Arc<Source>,
    turns: Vec<Vec<usize>>,
    /// Windows of one epoch; 1 if everything fits.
    windows: usize,
    blocks_per_window: usize,
    blocks: usize,
    iterations_per_window: u64,
    order: Streams,
    window: Window,
    next: Option<(u64, JoinHandle<Result<Window, CodecError>>)>,
}

#[derive(Debug)]
struct Source {
    /// None where all events are in memory from the beginning.
    events: Option<EventSet>,
    detector: Detector,
    codec: EventCodec,
    /// For values that are dequantised.
    noise: Streams,
    packing: usize,
}

/// The events that batches are drawn from.
#[derive(Debug, Default)]
struct Window {
    number: Option<u64>,
    conditions: Array2<f64>,
    /// `[events, EncodedLayout::width]`
    encoded: Array2<f32>,
    weights: Option<Vec<f64>>,
    /// Where events are drawn in packs.
    packs: Option<Packs>,
}

/// How a training draws from its sample.
#[derive(Debug, Clone, Copy)]
pub struct SampleOptions {
    pub azimuthal_symmetry: bool,
    /// Encoded events in memory at once, in bytes.
    pub memory_bytes: usize,
    /// Events that one iteration draws.
    pub events_per_iteration: usize,
    /// Events of the same condition that are drawn together.
    pub packing: usize,
    pub seed: u64,
}

/// Real events and their conditions, on the device.
#[derive(Debug)]
pub struct Batch {
    /// `[events, EncodedLayout::width]`
    pub encoded: Tensor<2>,
    pub conditions: Conditions,
    /// `[events, 1]`, of mean 1 in the window.
    pub weights: Option<Tensor<2>>,
}

impl TrainingSample {
    /// # Errors
    /// As [`EventCodec::encode`], and whatever is wrong with a file.
    pub fn new(
        events: EventSet,
        detector: &Detector,
        codec: &EventCodec,
        options: SampleOptions,
    ) -> Result<Self, CodecError> {
        let layout = codec.layout();
        let blocks = events.blocks();
        let event_bytes = 4 * layout.width() + 8 * detector.condition_width();
        let largest = blocks.iter().map(Block::len).max().unwrap_or(1) * event_bytes;
        let everything = events.len().saturating_mul(event_bytes);
        // Two windows are in memory: the one in use, and the next.
        let blocks_per_window = if everything <= options.memory_bytes {
            blocks.len()
        } else {
            (options.memory_bytes / 2 / largest).clamp(1, blocks.len())
        };
        let windows = blocks.len().div_ceil(blocks_per_window);
        let events_per_window = events.len() / windows;
        let mut sample = Self {
            turns: turns(detector, codec, options),
            windows,
            blocks_per_window,
            blocks: blocks.len(),
            iterations_per_window: (events_per_window / options.events_per_iteration.max(1)).max(1)
                as u64,
            order: Streams::new(options.seed, Purpose::Shuffle),
            source: Arc::new(Source::new(Some(events), detector, codec, options)),
            window: Window::default(),
            next: None,
        };
        sample.prepare(0)?;
        Ok(sample)
    }

    /// A sample of events that are in memory, and stay there.
    ///
    /// # Errors
    /// As [`EventCodec::encode`].
    pub fn of_events(
        events: Events,
        detector: &Detector,
        codec: &EventCodec,
        options: SampleOptions,
    ) -> Result<Self, CodecError> {
        let source = Source::new(None, detector, codec, options);
        let mut window = WindowBuilder::default();
        let has_weights = events.weights.is_some();
        window.append(&source, 0, events)?;
        Ok(Self {
            turns: turns(detector, codec, options),
            windows: 1,
            blocks_per_window: 1,
            blocks: 1,
            iterations_per_window: u64::MAX,
            order: Streams::new(options.seed, Purpose::Shuffle),
            window: window.build(&source, 0, has_weights)?,
            source: Arc::new(source),
            next: None,
        })
    }

    /// The files that the events are in.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.source.events.iter().flat_map(EventSet::files).map(EventFile::path)
    }

    /// Whether not all events are in memory at once.
    pub fn is_streamed(&self) -> bool {
        self.windows > 1
    }

    /// Brings the window of an iteration into memory, if it is not there.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn prepare(&mut self, iteration: u64) -> Result<(), CodecError> {
        let number = if self.windows == 1 { 0 } else { iteration / self.iterations_per_window };
        if self.window.number == Some(number) {
            return Ok(());
        }
        let read_ahead = self.next.take_if(|(next, _)| *next == number);
        self.window = match read_ahead {
            Some((_, reading)) => reading.join().expect("the reading thread does not panic")?,
            None => self.source.window(number, &self.blocks_of(number))?,
        };
        if self.windows > 1 {
            let (source, blocks) = (Arc::clone(&self.source), self.blocks_of(number + 1));
            let reading = std::thread::spawn(move || source.window(number + 1, &blocks));
            self.next = Some((number + 1, reading));
        }
        Ok(())
    }

    /// Numbers of the blocks of a window.
    fn blocks_of(&self, number: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.blocks).collect();
        if self.windows == 1 {
            return order;
        }
        let mut uniforms = self.order.uniforms(number / self.windows as u64);
        for last in (1..order.len()).rev() {
            order.swap(last, uniforms.index(last + 1));
        }
        let first = (number % self.windows as u64) as usize * self.blocks_per_window;
        order[first..(first + self.blocks_per_window).min(self.blocks)].to_vec()
    }

    /// Batch number `number` of a stream: events of the window drawn with replacement, each turned
    /// at random. Where events are drawn in packs, those of a pack stand together, and have the
    /// condition of the first.
    pub fn batch(&self, streams: &Streams, number: u64, size: usize, device: &Device) -> Batch {
        let Source { detector, codec, .. } = &*self.source;
        let Window { conditions, encoded, weights, packs, .. } = &self.window;
        let mut uniforms = streams.uniforms(number);
        let mut drawn: Vec<(usize, usize)> = Vec::with_capacity(size);
        for i in 0..size {
            let event = match packs {
                Some(packs) if i % self.source.packing > 0 => {
                    let first = drawn[i - i % self.source.packing].0;
                    packs.companion(first, &mut uniforms)
                }
                _ => uniforms.index(encoded.nrows()),
            };
            drawn.push((event, uniforms.index(self.turns.len())));
        }
        let width = encoded.ncols();
        let mut values = vec![0.0_f32; size * width];
        let rows = values.par_chunks_mut(width).zip(&drawn);
        rows.with_min_len(VALUES_A_TASK / width).for_each(|(out, &(event, turn))| {
            let row = encoded.row(event);
            let row = row.as_slice().expect("rows of the encoded sample are contiguous");
            out.iter_mut().zip(&self.turns[turn]).for_each(|(value, &from)| *value = row[from]);
        });
        let events: Vec<usize> = drawn.iter().map(|&(event, _)| event).collect();
        let packing = self.source.packing;
        let first_of_packs: Vec<usize> = (0..size).map(|i| events[i - i % packing]).collect();
        let conditions = conditions.select(ndarray::Axis(0), &first_of_packs);
        let weights = weights.as_ref().map(|weights| {
            let drawn = events.iter().map(|&event| weights[event] as f32).collect();
            matrix(drawn, size, 1, device)
        });
        Batch {
            encoded: matrix(values, size, width, device),
            conditions: codec.conditions(detector, conditions.view(), device),
            weights,
        }
    }
}

/// For each of the detector's symmetries, the place that every encoded value comes from.
fn turns(detector: &Detector, codec: &EventCodec, options: SampleOptions) -> Vec<Vec<usize>> {
    let layout = codec.layout();
    let symmetry = Symmetry::of(detector);
    let elements = if options.azimuthal_symmetry {
        symmetry.permutations()
    } else {
        &symmetry.permutations()[..1]
    };
    // The energy sums behind the values do not change when an event is turned. A pipeline may
    // have added columns; it is used without symmetry.
    if layout.values != detector.value_count() {
        return vec![(0..layout.width()).collect()];
    }
    let behind = layout.values..layout.width();
    elements.iter().map(|turn| turn.iter().copied().chain(behind.clone()).collect()).collect()
}

/// A window while its blocks come in.
#[derive(Debug, Default)]
struct WindowBuilder {
    encoded: Vec<f32>,
    conditions: Vec<f64>,
    weights: Vec<f64>,
    events: usize,
}

impl WindowBuilder {
    fn append(&mut self, source: &Source, number: u64, block: Events) -> Result<(), CodecError> {
        // One stream for each event that a window has.
        let first = (number << 32) + self.events as u64;
        let noise = |event| {
            let mut uniforms = source.noise.uniforms(first + event);
            move || uniforms.draw()
        };
        self.encoded.extend(source.codec.encode_with_noise(&source.detector, &block, noise)?);
        self.conditions.extend(block.conditions.iter());
        self.events += block.len();
        self.weights.extend(block.weights.unwrap_or_else(|| vec![1.0; block.values.nrows()]));
        Ok(())
    }

    fn build(self, source: &Source, number: u64, has_weights: bool) -> Result<Window, CodecError> {
        let events = self.events;
        if events == 0 {
            return Err(CodecError::NoEvents);
        }
        let fills = "every event has all its columns";
        let width = source.codec.layout().width();
        let encoded = Array2::from_shape_vec((events, width), self.encoded).expect(fills);
        let width = source.detector.condition_width();
        let conditions = Array2::from_shape_vec((events, width), self.conditions).expect(fills);
        let weights = has_weights.then(|| {
            let mean = self.weights.iter().sum::<f64>() / events as f64;
            // Only ratios count; a sum of 0 or less has no distribution to learn.
            let norm = if mean > 0.0 { mean } else { 1.0 };
            self.weights.into_iter().map(|weight| weight / norm).collect()
        });
        let packs = (source.packing > 1).then(|| Packs::new(conditions.view()));
        Ok(Window { number: Some(number), conditions, encoded, weights, packs })
    }
}

impl Source {
    fn new(
        events: Option<EventSet>,
        detector: &Detector,
        codec: &EventCodec,
        options: SampleOptions,
    ) -> Self {
        Self {
            events,
            detector: detector.clone(),
            codec: codec.clone(),
            noise: Streams::new(options.seed, Purpose::Dequantisation),
            packing: options.packing,
        }
    }

    fn window(&self, number: u64, blocks: &[usize]) -> Result<Window, CodecError> {
        let set = self.events.as_ref().expect("windows are only read where there are files");
        let all = set.blocks();
        let mut window = WindowBuilder::default();
        for &block in blocks {
            window.append(self, number, self.read(set, &all[block])?)?;
        }
        window.build(self, number, set.has_weights())
    }

    fn read(&self, set: &EventSet, block: &Block) -> Result<Events, EventsError> {
        let mut events = set.read(block)?;
        events.apply_readout_threshold(&self.detector);
        Ok(events)
    }
}
