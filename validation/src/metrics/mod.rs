//! Measures of generated samples that hold for any kind of event.

pub mod classification;
