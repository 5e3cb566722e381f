//! Pictures of the events of a file.

use std::path::Path;

use validation::plots::{EVENT_SIZE, PNG_SCALE, event_display, mean_event_display, render_png};

use super::super::print;
use crate::Error;
use crate::events::EventFile;
use crate::files::{FileError, write_atomically};

/// Events that the mean is of.
const EVENTS_OF_MEAN: usize = 1000;
/// Values of these in memory at most.
const VALUES_OF_MEAN: usize = 64 << 20;

/// Draws the first `count` events and the mean of the first 1,000 into `folder`.
///
/// # Errors
/// The file cannot be read, or the pictures cannot be written.
pub(super) fn draw(file: &EventFile, count: usize, folder: &Path) -> Result<(), Error> {
    fs_err::create_dir_all(folder).map_err(|source| FileError::creating(folder, source))?;
    let detector = file.detector();
    let of_mean = EVENTS_OF_MEAN.min(VALUES_OF_MEAN / detector.value_count()).max(1);
    let mut events = file.read(0..file.len().min(of_mean.max(count)))?;
    events.apply_readout_threshold(detector);
    let write = |name: String, svg: &str| -> Result<(), Error> {
        let png = render_png(svg, PNG_SCALE)?;
        Ok(write_atomically(&folder.join(name), &png, true)?)
    };
    let drawn = count.min(events.len());
    for event in 0..drawn {
        let one = events.select(&[event]);
        let conditions = one.conditions.row(0).to_vec();
        let title = format!("{}, event {event}", detector.title());
        let values = one.values.row(0).to_vec();
        let svg = event_display(detector, &conditions, &values, &title, EVENT_SIZE)?;
        write(format!("event_{event:04}.png"), &svg)?;
    }
    let averaged = events.len().min(of_mean);
    let first: Vec<usize> = (0..averaged).collect();
    let mean = events.select(&first);
    let (conditions, values) = (mean.conditions.view(), mean.values.view());
    let title = format!("{}, mean of {averaged} events", detector.title());
    let svg = mean_event_display(detector, conditions, values, &title, EVENT_SIZE)?;
    write("mean.png".to_owned(), &svg)?;
    let folder = folder.display();
    Ok(print(&format!("\n{drawn} events and the mean of {averaged} drawn in {folder}\n"))?)
}
