//! What one step is made of: real events, conditions and noise of a whole batch, and the pieces of
//! it that go through the networks one after the other.

use super::sample::Batch;
use super::trainer::{CriticInTraining, TrainingStreams};
use crate::codec::{Conditions, SumConditions};
use crate::compute::{Device, Tensor, cpu, matrix};
use crate::gan::objectives::Objective;
use crate::gan::penalties::Penalty;
use crate::gan::{CriticBatch, Generator, Progress, Side};
use crate::nn::{BatchStatistics, Pass, feature_count};
use crate::settings::{CheckedSettings, CriticSettings};

/// Whom a batch is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    Critics,
    Generator,
}

/// Rows of a batch that go through the networks at once.
///
/// Losses are means over events, so that the gradient of a batch is the sum of those of its pieces,
/// weighted with their shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    first: usize,
    rows: usize,
    number: u64,
}

impl Piece {
    /// Pieces of `rows` events, the last one perhaps smaller.
    pub(super) fn all(size: usize, rows: usize) -> Vec<Self> {
        (0..size)
            .step_by(rows)
            .zip(0..)
            .map(|(first, number)| Self { first, rows: rows.min(size - first), number })
            .collect()
    }

    /// The share of a batch of `size` events that it is.
    pub(super) fn share(self, size: usize) -> f64 {
        self.rows as f64 / size as f64
    }

    fn of<const D: usize>(self, all: &Tensor<D>) -> Tensor<D> {
        self.of_packs(all, 1)
    }

    /// The same events where each row is a pack of them.
    fn of_packs<const D: usize>(self, all: &Tensor<D>, packing: usize) -> Tensor<D> {
        let (first, rows) = (self.first / packing, self.rows / packing);
        if rows == all.dims()[0] { all.clone() } else { all.clone().narrow(0, first, rows) }
    }
}

/// Bytes of one layer's values up to which a piece of a batch stays in the cache of a core.
const CACHED_BYTES: usize = 512 << 10;
/// With fewer events, products of matrices do not reach their speed.
const FEWEST_EVENTS: usize = 128;
/// The same for convolutions, where each event has many positions of the kernel.
const FEWEST_CONVOLVED: usize = 8;

/// Events that go through the networks at once: what the settings say; else all of a batch on a GPU
/// and where events are mixed by batch norm, and on the CPU as many as fit the cache.
pub(super) fn events_per_pass(
    settings: &CheckedSettings,
    generator: &Generator,
    critics: &[CriticInTraining],
    device: &Device,
) -> usize {
    let size = settings.training.batch_size;
    let packing = settings.packing();
    let mixes = generator.mixes_events() || critics.iter().any(|c| c.critic.mixes_events());
    if mixes {
        return size;
    }
    let wanted = match settings.training.events_per_pass {
        Some(wanted) => wanted,
        None if *device != cpu() => size,
        None => {
            let networks = critics.iter().map(|training| training.critic.describe());
            let layers: Vec<_> = networks.chain([generator.describe()]).flatten().collect();
            let widest = layers.iter().map(|layer| feature_count(&layer.output_shape)).max();
            let fewest = if layers.iter().any(|layer| layer.kind.contains("convolution")) {
                FEWEST_CONVOLVED
            } else {
                FEWEST_EVENTS
            };
            (CACHED_BYTES / (4 * widest.unwrap_or(1))).max(fewest)
        }
    };
    // As many pieces as are needed, of the same size.
    let pieces = size.div_ceil(wanted);
    size.div_ceil(pieces).next_multiple_of(packing).min(size)
}

/// All that is random in one batch. What nobody looks at is not there.
#[derive(Debug)]
pub(super) struct Draw {
    pub(super) real: Batch,
    /// Noise of events at the conditions of the real ones.
    pub(super) paired: Option<Tensor<2>>,
    /// Other real events, for their conditions, and noise: for Cramér's objective.
    pub(super) independent: Option<[(Batch, Tensor<2>); 2]>,
    pub(super) number: u64,
    pub(super) user: User,
}

/// A piece of a batch with its generated events.
#[derive(Debug)]
pub(super) struct Sides {
    pub(super) real: Side,
    /// At the conditions of the real events, event by event.
    pub(super) paired: Option<Side>,
    /// At conditions of their own.
    independent: Option<[Side; 2]>,
    /// What the generator's batch norms have seen.
    pub(super) statistics: BatchStatistics,
}

impl Sides {
    /// The generated events that an objective looks at, and others if it takes two batches.
    pub(super) fn fakes(&self, objective: &Objective) -> (&Side, Option<&Side>) {
        if objective.needs_other_fake() {
            let both = self.independent.as_ref().expect("drawn where a critic needs it");
            return (&both[0], Some(&both[1]));
        }
        (self.paired.as_ref().expect("drawn where a critic needs it"), None)
    }
}

impl Draw {
    /// A stream of random numbers for each batch, critic or generated side, use and piece.
    pub(super) fn stream(&self, which: usize, of: u64, piece: Piece) -> u64 {
        let user = u64::from(self.user == User::Generator);
        (((self.number * 2 + user) * 64 + which.min(63) as u64) * 4 + of) * 4096 + piece.number
    }

    /// Real and generated events of a piece. In the generator's graph, if `in_graph`.
    pub(super) fn sides(
        &self,
        generator: &Generator,
        piece: Piece,
        streams: &TrainingStreams,
        in_graph: bool,
    ) -> Sides {
        let mut statistics = BatchStatistics::new();
        let mut made = |which: usize, batch: &Batch, noise: &Tensor<2>| {
            let conditions = batch.conditions.rows(piece);
            let uniforms = streams.regularisation.uniforms(self.stream(which, 2, piece));
            let mut pass = Pass::training(None, uniforms);
            let noise = piece.of(noise);
            let encoded = if in_graph {
                let noise = Tensor::from_inner(noise);
                generator.forward(&noise, &conditions.in_graph(), &mut pass).encoded
            } else {
                Tensor::from_inner(generator.forward(&noise, &conditions, &mut pass).encoded)
            };
            statistics = pass.take_statistics();
            Side { encoded, ..side(batch, piece) }
        };
        let paired = self.paired.as_ref().map(|noise| made(0, &self.real, noise));
        let independent =
            self.independent.as_ref().map(|[(a, x), (b, y)]| [made(1, a, x), made(2, b, y)]);
        Sides { real: side(&self.real, piece), paired, independent, statistics }
    }
}

/// Real events of a piece.
fn side(batch: &Batch, piece: Piece) -> Side {
    Side {
        encoded: Tensor::from_inner(piece.of(&batch.encoded)),
        label: Tensor::from_inner(piece.of(&batch.conditions.label)),
        weights: batch.weights.as_ref().map(|w| Tensor::from_inner(piece.of(w))),
    }
}

/// What is random for one critic in one batch.
#[derive(Debug)]
pub(super) struct CriticExtras {
    /// `[events, 1]`
    epsilon: Tensor<2>,
    flipped: Option<Tensor<2>>,
    /// For each side, `[packs, seen]`; empty without noise.
    instance_noise: Vec<Tensor<2>>,
}

impl CriticExtras {
    /// The noise and the flips that the critic's settings ask for.
    pub(super) fn draw(
        training: &CriticInTraining,
        draw: &Draw,
        streams: &TrainingStreams,
        which: usize,
        progress: Progress,
    ) -> Self {
        let settings = &training.settings;
        let size = draw.real.encoded.dims()[0];
        let device = draw.real.encoded.device();
        let whole = Piece { first: 0, rows: size, number: 0 };
        let column = |values: Vec<f32>| Tensor::from_inner(matrix(values, size, 1, &device));
        let interpolates = |penalty: &Penalty| matches!(penalty, Penalty::GradientPenalty(_));
        let epsilon = if settings.penalty.iter().any(interpolates) {
            let mut uniforms = streams.interpolation.uniforms(draw.number);
            column((0..size).map(|_| uniforms.draw()).collect())
        } else {
            // Nobody looks at it: made where it is, not copied to the device.
            Tensor::from_inner(Tensor::zeros([size, 1], &device))
        };
        let flip = settings.label_flip as f32;
        let flipped = (flip > 0.0).then(|| {
            let mut uniforms = streams.regularisation.uniforms(draw.stream(which, 3, whole));
            let flips = (0..size).map(|_| f32::from(u8::from(uniforms.draw() < flip)));
            column(flips.collect())
        });
        let instance_noise = instance_noise(training, draw, streams, which, progress);
        Self { epsilon, flipped, instance_noise }
    }

    /// What the critic is trained on in a piece.
    pub(super) fn batch(
        &self,
        sides: &Sides,
        piece: Piece,
        settings: &CriticSettings,
    ) -> CriticBatch {
        let (fake, other_fake) = sides.fakes(&settings.objective);
        CriticBatch {
            real: sides.real.clone(),
            fake: fake.clone(),
            other_fake: other_fake.cloned(),
            epsilon: piece.of(&self.epsilon),
            flipped: self.flipped.as_ref().map(|flipped| piece.of(flipped)),
            instance_noise: noise_of(&self.instance_noise, piece, settings.packing),
        }
    }
}

/// Noise on what a critic sees of real, generated and other generated events, `[packs, seen]` each;
/// nothing where its settings ask for none.
pub(super) fn instance_noise(
    training: &CriticInTraining,
    draw: &Draw,
    streams: &TrainingStreams,
    which: usize,
    progress: Progress,
) -> Vec<Tensor<2>> {
    let settings = &training.settings;
    let deviation = settings.instance_noise.at(progress) as f32;
    if deviation <= 0.0 {
        return Vec::new();
    }
    let size = draw.real.encoded.dims()[0];
    let device = draw.real.encoded.device();
    let (rows, width) = (size / settings.packing, training.critic.seen_width());
    let sides = 2 + u64::from(settings.objective.needs_other_fake());
    (0..sides)
        .map(|side| {
            let piece = Piece { first: 0, rows: size, number: 1 + side };
            let mut values = vec![0.0; rows * width];
            streams.regularisation.normals(draw.stream(which, 3, piece)).fill(&mut values);
            values.iter_mut().for_each(|value| *value *= deviation);
            Tensor::from_inner(matrix(values, rows, width, &device))
        })
        .collect()
}

/// The noise of a piece.
pub(super) fn noise_of(noise: &[Tensor<2>], piece: Piece, packing: usize) -> Vec<Tensor<2>> {
    noise.iter().map(|noise| piece.of_packs(noise, packing)).collect()
}

impl Conditions {
    /// Those of some events.
    fn rows(&self, piece: Piece) -> Self {
        Self {
            scales: self.scales[piece.first..piece.first + piece.rows].to_vec(),
            label: piece.of(&self.label),
            sums: self.sums.as_ref().map(|sums| SumConditions {
                mean: piece.of(&sums.mean),
                deviation: piece.of(&sums.deviation),
                threshold: piece.of(&sums.threshold),
            }),
        }
    }

    /// The same conditions as constants of a graph.
    pub fn in_graph(self) -> Self {
        Self {
            label: Tensor::from_inner(self.label),
            sums: self.sums.map(SumConditions::in_graph),
            scales: self.scales,
        }
    }
}

impl SumConditions {
    pub(crate) fn in_graph(self) -> Self {
        Self {
            mean: Tensor::from_inner(self.mean),
            deviation: Tensor::from_inner(self.deviation),
            threshold: Tensor::from_inner(self.threshold),
        }
    }
}
