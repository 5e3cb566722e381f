use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use thiserror::Error;

use super::possible::{ImpossibleRequest, check_event_numbers, check_possible};
use super::surrogate::Surrogate;
use crate::Error;
use crate::codec::CodecError;

/// A surrogate inside another program: requests are checked, values go into the caller's memory,
/// and it computes on the calling thread, or on a pool of its own.
///
/// It is never changed, so that any number of threads may share it. Event k depends on the seed,
/// its conditions and k alone, so not on which other events are asked for with it.
#[derive(Debug)]
pub struct EmbeddedSurrogate {
    surrogate: Arc<Surrogate>,
    /// None: the calling thread.
    pool: Option<ThreadPool>,
}

/// Why events were not generated.
#[derive(Debug, Error)]
pub enum EmbeddedError {
    #[error("{what} has {found} values, expected {expected}")]
    Size { what: &'static str, found: usize, expected: String },

    #[error(transparent)]
    Impossible(#[from] ImpossibleRequest),

    #[error(transparent)]
    Codec(#[from] CodecError),

    #[error("cannot start {threads} threads: {problem}")]
    Threads { threads: usize, problem: String },

    #[error(transparent)]
    Other(#[from] Box<Error>),
}

/// Which events, in the order of their conditions.
#[derive(Debug, Clone, Copy)]
pub enum EventNumbers<'a> {
    /// This one and those that follow.
    From(u64),
    /// One each.
    Numbered(&'a [u64]),
}

/// Events that are computed together where there is no engine for the network.
const BLOCK: u64 = super::Sampler::BLOCK;
/// Events that a pool is given at once: a multiple of the above.
const MOST_AT_ONCE: usize = 4096;
/// More threads than this are a mistake.
const MOST_THREADS: usize = 4096;

impl EmbeddedSurrogate {
    /// `threads`: 1 for the calling thread, 0 for as many threads as there are cores.
    ///
    /// # Errors
    /// There is no such file, it is not a model that this version reads, or threads cannot be
    /// started.
    pub fn open(path: &Path, threads: usize) -> Result<Self, EmbeddedError> {
        let surrogate = Surrogate::open(path).map_err(Box::new)?;
        Ok(Self { surrogate: Arc::new(surrogate), pool: pool(threads)? })
    }

    /// The same surrogate on other threads.
    ///
    /// # Errors
    /// Threads cannot be started.
    pub fn on_threads(&self, threads: usize) -> Result<Self, EmbeddedError> {
        Ok(Self { surrogate: Arc::clone(&self.surrogate), pool: pool(threads)? })
    }

    pub fn surrogate(&self) -> &Surrogate {
        &self.surrogate
    }

    /// Values of one event.
    pub fn value_count(&self) -> usize {
        self.surrogate.model().detector.value_count()
    }

    /// Numbers in the conditions of one event.
    pub fn condition_width(&self) -> usize {
        self.surrogate.model().detector.condition_width()
    }

    /// Whether events can be generated for these conditions, and whether the model was trained for
    /// them.
    ///
    /// # Shapes
    /// `conditions`: `[events × condition_width]`.
    ///
    /// # Errors
    /// As [`Self::generate`], and [`CodecError::OutOfRange`] for the first condition outside of
    /// the training's range.
    pub fn check(&self, events: EventNumbers<'_>, conditions: &[f64]) -> Result<(), EmbeddedError> {
        let conditions = self.conditions(events, conditions)?;
        for (row, conditions) in conditions.axis_iter(Axis(0)).enumerate() {
            let one = conditions.insert_axis(Axis(0));
            self.surrogate.check(events.number(row), one)?;
        }
        Ok(())
    }

    /// Generates events into `values`. Conditions outside of the training's range are allowed.
    ///
    /// # Shapes
    /// `conditions`: `[events × condition_width]`; `values`: `[events × value_count]`, in the
    /// detector's unit, 0 below the read-out threshold.
    ///
    /// # Errors
    /// Sizes that do not fit, a condition that no network can be told, or an event number that
    /// there is not. `values` may have been written to in part then.
    pub fn generate(
        &self,
        seed: u64,
        events: EventNumbers<'_>,
        conditions: &[f64],
        values: &mut [f32],
    ) -> Result<(), EmbeddedError> {
        let conditions = self.conditions(events, conditions)?;
        let expected = conditions.nrows().checked_mul(self.value_count());
        if expected != Some(values.len()) {
            return Err(EmbeddedError::Size {
                what: "the output",
                found: values.len(),
                expected: format!(
                    "{} for each of {} events",
                    self.value_count(),
                    conditions.nrows()
                ),
            });
        }
        match &self.pool {
            None => self.generate_here(seed, events, conditions, values),
            Some(pool) => pool.install(|| self.generate_here(seed, events, conditions, values)),
        }
    }

    fn generate_here(
        &self,
        seed: u64,
        events: EventNumbers<'_>,
        conditions: ArrayView2<'_, f64>,
        mut values: &mut [f32],
    ) -> Result<(), EmbeddedError> {
        let width = self.value_count();
        let mut parts = Vec::new();
        let (mut conditions, mut row) = (conditions, 0);
        while conditions.nrows() > 0 {
            let count = self.chunk(events, row, conditions.nrows());
            let (now, later) = conditions.split_at(Axis(0), count);
            let (into, rest) = values.split_at_mut(count * width);
            parts.push((events.number(row), now, into));
            (conditions, values, row) = (later, rest, row + count);
        }
        let part = |(first, conditions, into): (u64, ArrayView2<'_, f64>, &mut [f32])| {
            Ok(self.surrogate.generate_into(seed, first, conditions, into)?)
        };
        match self.pool {
            None => parts.into_iter().try_for_each(part),
            Some(_) => parts.into_par_iter().try_for_each(part),
        }
    }

    /// How many of the next `left` events are generated at once: as many as go on one thread, and
    /// more where the pool shares them out.
    fn chunk(&self, events: EventNumbers<'_>, row: usize, left: usize) -> usize {
        let event = events.number(row);
        let group = match self.surrogate.engine() {
            Some(engine) => engine.group_events(),
            None => (BLOCK - event % BLOCK) as usize,
        };
        match events {
            EventNumbers::From(_) if self.pool.is_some() => left.min(MOST_AT_ONCE),
            EventNumbers::From(_) => left.min(group),
            EventNumbers::Numbered(numbers) => {
                let next = numbers[row..].iter().take(left.min(group)).enumerate();
                next.take_while(|(i, number)| **number == event + *i as u64).count()
            }
        }
    }

    /// The conditions as rows, if they are possible.
    fn conditions<'a>(
        &self,
        events: EventNumbers<'_>,
        conditions: &'a [f64],
    ) -> Result<ArrayView2<'a, f64>, EmbeddedError> {
        let width = self.condition_width();
        let rows = conditions.len() / width;
        let wrong = |expected: String| EmbeddedError::Size {
            what: "the list of conditions",
            found: conditions.len(),
            expected,
        };
        if !conditions.len().is_multiple_of(width) {
            return Err(wrong(format!("a multiple of {width}")));
        }
        match events {
            EventNumbers::From(first) => check_event_numbers(first, rows as u64)?,
            EventNumbers::Numbered(numbers) => {
                if rows != numbers.len() {
                    return Err(wrong(format!("{width} for each of {} events", numbers.len())));
                }
                numbers.iter().try_for_each(|number| check_event_numbers(*number, 1))?;
            }
        }
        let conditions =
            ArrayView2::from_shape((rows, width), conditions).expect("so many rows of this width");
        let detector = &self.surrogate.model().detector;
        for (row, conditions) in conditions.axis_iter(Axis(0)).enumerate() {
            check_possible(detector, events.number(row), conditions)?;
        }
        Ok(conditions)
    }
}

/// None for the calling thread.
fn pool(threads: usize) -> Result<Option<ThreadPool>, EmbeddedError> {
    let threads = match threads {
        0 => available_parallelism().map_or(1, NonZeroUsize::get),
        threads => threads,
    };
    if threads == 1 {
        return Ok(None);
    }
    let failed = |problem: String| EmbeddedError::Threads { threads, problem };
    if threads > MOST_THREADS {
        return Err(failed(format!("at most {MOST_THREADS} are allowed")));
    }
    let builder = ThreadPoolBuilder::new().num_threads(threads);
    let pool = builder.thread_name(|i| format!("showerforge {i}")).build();
    pool.map(Some).map_err(|error| failed(error.to_string()))
}

impl EventNumbers<'_> {
    /// The number of the event in this row.
    fn number(self, row: usize) -> u64 {
        match self {
            Self::From(first) => first + row as u64,
            Self::Numbered(numbers) => numbers[row],
        }
    }
}
