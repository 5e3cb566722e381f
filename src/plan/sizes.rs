use serde::Serialize;

use super::Measurement;

/// How long a task shall be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TaskLength {
    Events(u64),
    /// By the measured speed.
    Minutes(f64),
}

/// How a production is cut into tasks, and what these take.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sizes {
    pub events_per_task: u64,
    pub tasks: u64,
    /// Of a full task on the machine of the measurement.
    pub task_seconds: f64,
    /// Cores times time of all tasks.
    pub core_hours: f64,
    /// Of all outputs.
    pub disk_bytes: u64,
    pub time_limit_minutes: u64,
    pub memory_mb: u64,
    pub task_disk_mb: u64,
}

/// Nodes may be slower than the machine of the measurement, or shared with others.
const TIME_MARGIN: f64 = 2.0;
const EXTRA_MINUTES: f64 = 10.0;
const MEMORY_MARGIN: f64 = 1.5;
const EXTRA_MEMORY_BYTES: f64 = 200e6;
/// A task holds its output and, while it goes on after a stop, what was kept of it.
const DISK_MARGIN: f64 = 2.5;

impl Sizes {
    /// The sizes of `events` (at least 1) in tasks of such a length on `threads` cores.
    ///
    /// Where the length allows, a task has a whole number of chunks of `chunk_events` events, which
    /// are then merged as they are compressed.
    pub fn new(
        measured: &Measurement,
        events: u64,
        length: TaskLength,
        chunk_events: u64,
        threads: u32,
    ) -> Self {
        let events_per_task = match length {
            TaskLength::Events(events) => events,
            TaskLength::Minutes(minutes) => {
                let seconds = (60.0 * minutes - measured.startup_seconds).max(0.0);
                whole_chunks((measured.events_per_second * seconds) as u64, chunk_events)
            }
        }
        .clamp(1, events);
        let tasks = events.div_ceil(events_per_task);
        let of_task =
            |events: u64| measured.startup_seconds + events as f64 / measured.events_per_second;
        let task_seconds = of_task(events_per_task);
        let all_seconds =
            tasks as f64 * measured.startup_seconds + events as f64 / measured.events_per_second;
        let task_bytes = events_per_task as f64 * measured.bytes_per_event;
        Self {
            events_per_task,
            tasks,
            task_seconds,
            core_hours: all_seconds * f64::from(threads) / 3600.0,
            disk_bytes: (events as f64 * measured.bytes_per_event) as u64,
            time_limit_minutes: (TIME_MARGIN * task_seconds / 60.0 + EXTRA_MINUTES).ceil() as u64,
            memory_mb: hundreds(
                (MEMORY_MARGIN * measured.peak_bytes as f64 + EXTRA_MEMORY_BYTES) / 1e6,
            ),
            task_disk_mb: hundreds(DISK_MARGIN * task_bytes / 1e6 + 100.0),
        }
    }
}

/// The next multiple of 100.
fn hundreds(number: f64) -> u64 {
    (number / 100.0).ceil() as u64 * 100
}

/// Events of a chunk of a data set of one value an event, such as an incident energy.
const LARGEST_CHUNK: u64 = 1000;

/// The largest number up to `events` that fills the chunks of all data sets, or those of the
/// responses at least; `events` itself if it fills none.
fn whole_chunks(events: u64, chunk_events: u64) -> u64 {
    let chunk_events = chunk_events.max(1);
    let all = chunk_events / greatest_common_divisor(chunk_events, LARGEST_CHUNK) * LARGEST_CHUNK;
    let unit = [all, chunk_events, 1].into_iter().find(|unit| *unit <= events).unwrap_or(1);
    events / unit * unit
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Machine;

    fn measured() -> Measurement {
        Measurement {
            machine: Machine { host: "node".to_owned(), cpu: "CPU".to_owned(), cores: 4 },
            threads: 1,
            seconds: 5.0,
            events: 5000,
            events_per_second: 1000.0,
            startup_seconds: 0.5,
            bytes_per_event: 200.0,
            peak_bytes: 300_000_000,
            cpu_share: 1.0,
        }
    }

    #[test]
    fn tasks_of_half_an_hour() {
        let sizes = Sizes::new(&measured(), 100_000_000, TaskLength::Minutes(30.0), 356, 1);
        // 1799.5 s at 1000 events/s, in multiples of 89,000.
        assert_eq!((sizes.events_per_task, sizes.tasks), (1_780_000, 57));
        assert_eq!(sizes.task_seconds, 1780.5);
        assert!((sizes.core_hours - (100_000.0 + 57.0 * 0.5) / 3600.0).abs() < 1e-9);
        assert_eq!(sizes.disk_bytes, 20_000_000_000);
        assert_eq!(sizes.time_limit_minutes, 70);
        assert_eq!(sizes.memory_mb, 700);
        assert_eq!(sizes.task_disk_mb, 1000);
    }

    #[test]
    fn lengths_at_the_limits() {
        let tasks = |events, length| {
            let sizes = Sizes::new(&measured(), events, length, 356, 2);
            (sizes.events_per_task, sizes.tasks)
        };
        assert_eq!(tasks(10, TaskLength::Events(3)), (3, 4));
        assert_eq!(tasks(10, TaskLength::Events(100)), (10, 1));
        assert_eq!(tasks(1000, TaskLength::Minutes(30.0)), (1000, 1));
        // Shorter than the start of the program: still one event.
        assert_eq!(tasks(7, TaskLength::Minutes(0.001)), (1, 7));
    }

    #[test]
    fn tasks_of_whole_chunks() {
        let chunks = |events| whole_chunks(events, 356);
        // 89,000 is the least common multiple of 356 and 1000.
        assert_eq!([0, 355, 356, 1000, 88_999].map(chunks), [0, 355, 356, 712, 88_644]);
        assert_eq!([89_000, 200_000, 1_799_500].map(chunks), [89_000, 178_000, 1_780_000]);
        assert_eq!([7, 5_000].map(|events| whole_chunks(events, 1)), [7, 5_000]);
    }
}
