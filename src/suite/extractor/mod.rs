//! Networks that measures have their features and classes from: our own small classifier, trained
//! once for each data set, or one that the user brings. None of them is Inception, and a row names
//! the one that it was measured with.

mod classifier;
mod file;
mod prepared;
mod training;

pub use classifier::{Extracted, Extractor, ExtractorDescription};
pub(super) use prepared::register;
pub use prepared::{prepare, registered};
