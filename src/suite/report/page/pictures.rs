use serde::Serialize;

use super::problem_tables::entry_name;
use crate::suite::report::artefacts::Artefacts;
use crate::suite::report::figures::{
    SampleView, data_picture, film, has_inputs, sample_picture, surface_picture,
};
use crate::suite::report::notes::Notes;
use crate::suite::report::read::Run;
use crate::suite::report::tables::{Entry, ProblemTable};
use crate::suite::report::text::{escaped, number_html};

/// A picture with its title and what is said of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tile {
    pub title: String,
    pub picture: String,
    pub caption: String,
}

/// Pictures of the median runs.
#[derive(Debug, Default)]
pub struct Pictures {
    /// How they are to be read.
    pub remark: String,
    pub samples: Vec<Tile>,
    pub surfaces: Vec<Tile>,
    pub films: Vec<Tile>,
}

impl Pictures {
    /// Of every system that has left some; what is missing goes to the notes.
    pub fn of(table: &ProblemTable<'_>, notes: &mut Notes) -> Self {
        let mut found = Self::default();
        let (mut view, mut shape) = (None, Vec::new());
        for entry in &table.entries {
            let Some(run) = entry.median_run(table.first_measure()) else { continue };
            let Some(artefacts) = read_artefacts(run, notes) else { continue };
            let name = entry_name(entry, table);
            if view.is_none() {
                view = SampleView::of(&artefacts);
                shape.clone_from(&artefacts.shape);
                if let Some(view) = &view {
                    view.remark().clone_into(&mut found.remark);
                    found.samples.push(Tile {
                        title: "data".to_owned(),
                        picture: data_picture(view, &artefacts),
                        caption: "test events".to_owned(),
                    });
                }
            }
            if artefacts.shape != shape {
                let other = &artefacts.shape;
                let label = run.label();
                notes.add(format!("{label}: samples of shape {other:?}, expected {shape:?}"));
                continue;
            }
            let caption = caption(table, entry, run);
            if let Some(surface) = &artefacts.surface
                && let Some(picture) = surface_picture(&artefacts, surface, &name)
            {
                let (title, caption) = (name.clone(), caption.clone());
                found.surfaces.push(Tile { title, picture, caption });
            }
            let Some(view) = &view else {
                notes.add(format!("{}: its samples cannot be shown", run.label()));
                continue;
            };
            if let Some(picture) = film(view, &artefacts, &name) {
                found.films.push(Tile { title: name.clone(), picture, caption: String::new() });
            }
            let picture = sample_picture(view, &artefacts, &name);
            let caption = caption + &remark(view, &artefacts);
            found.samples.push(Tile { title: name, picture, caption });
        }
        found
    }
}

/// What is to be known of this picture: points that it does not show, what its rows are.
fn remark(view: &SampleView, artefacts: &Artefacts) -> String {
    match view {
        SampleView::Plane(view) => match view.outside(&artefacts.samples) {
            0 => String::new(),
            count => format!(", {count} of {} points outside", artefacts.samples.len()),
        },
        SampleView::Images(_) if has_inputs(artefacts) => {
            "; rows of inputs, samples and data".to_owned()
        }
        _ => String::new(),
    }
}

/// The seed, and the first measure of the run.
fn caption(table: &ProblemTable<'_>, entry: &Entry<'_>, run: &Run) -> String {
    let mut caption = format!("seed {}", run.row.seed);
    if let Some(measure) = table.first_measure()
        && let Some(value) = run.row.measures.get(measure)
    {
        caption += &format!(", {} {}", escaped(measure), number_html(value));
    }
    let ended = entry.runs.len() - entry.failed;
    if ended > 1 {
        caption += &format!(" (median of {ended})");
    }
    caption
}

fn read_artefacts(run: &Run, notes: &mut Notes) -> Option<Artefacts> {
    let json = notes.file_of(run, "artefacts.json")?;
    Artefacts::parse(&json)
        .map_err(|error| notes.add(format!("{}: no samples to show: {error}", run.label())))
        .ok()
}
