use super::progress::Progress;
use crate::Error;
use crate::events::EventSet;

/// Checks every event of files, and warns of what is odd; `task` stands before the bar.
///
/// # Errors
/// The first thing that makes a file useless.
pub(super) fn check_events(events: &EventSet, task: &str) -> Result<(), Error> {
    let mut progress = Progress::new(task, "events", events.len() as u64);
    let oddities = events.check(&mut |done| progress.advance(done));
    progress.finish();
    for (path, oddity) in oddities? {
        tracing::warn!("`{}`: {oddity}", path.display());
    }
    Ok(())
}
