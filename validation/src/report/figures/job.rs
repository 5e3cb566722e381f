//! Figures that are yet to be drawn.

use std::collections::HashMap;

use crate::plots::{FigureSize, Plot};

/// A figure to draw, and where it belongs.
pub(super) struct Job {
    pub stem: String,
    pub section: String,
    pub title: String,
    pub subtitle: String,
    pub size: FigureSize,
    pub plot: Box<dyn Plot>,
    pub variant: Option<OtherForm>,
    pub on_page: bool,
}

/// Another form of a figure.
pub(super) struct OtherForm {
    pub plot: Box<dyn Plot>,
    /// Whether the page shows it first.
    pub first: bool,
    /// What the figure and this form of it are called.
    pub names: [&'static str; 2],
}

impl Job {
    pub(super) fn new(
        stem: &str,
        section: &str,
        title: &str,
        subtitle: &str,
        size: FigureSize,
        plot: impl Plot + 'static,
    ) -> Self {
        Self {
            stem: safe_stem(stem),
            section: section.to_owned(),
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            size,
            plot: Box::new(plot),
            variant: None,
            on_page: true,
        }
    }
}

/// A file name without what file systems or addresses could misread.
pub(super) fn safe_stem(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '_' };
    name.chars().map(safe).take(80).collect()
}

/// Numbers the stems of figures that have one in common; `STEM_log` belongs to a variant.
pub(super) fn make_stems_unique(jobs: &mut [Job]) {
    let mut seen = HashMap::<String, usize>::new();
    for job in jobs {
        let count = seen.entry(job.stem.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            job.stem = format!("{}_{count}", job.stem);
        }
    }
}
