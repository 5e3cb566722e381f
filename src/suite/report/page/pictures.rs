use serde::Serialize;

use super::problem_tables::entry_name;
use crate::files;
use crate::suite::report::artefacts::Artefacts;
use crate::suite::report::figures::{
    SampleView, data_picture, film, sample_picture, surface_picture,
};
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
    pub fn of(table: &ProblemTable<'_>, notes: &mut Vec<String>) -> Self {
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
                notes.push(format!("{label}: samples of shape {other:?}, expected {shape:?}"));
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
                notes.push(format!("{}: its samples cannot be shown", run.label()));
                continue;
            };
            if let Some(picture) = film(view, &artefacts, &name) {
                found.films.push(Tile { title: name.clone(), picture, caption: String::new() });
            }
            let picture = sample_picture(view, &artefacts, &name);
            let caption = caption + &outside(view, &artefacts);
            found.samples.push(Tile { title: name, picture, caption });
        }
        found
    }
}

/// Generated points that the picture does not show.
fn outside(view: &SampleView, artefacts: &Artefacts) -> String {
    match view {
        SampleView::Plane(view) => match view.outside(&artefacts.samples) {
            0 => String::new(),
            count => format!(", {count} of {} points outside", artefacts.samples.len()),
        },
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

fn read_artefacts(run: &Run, notes: &mut Vec<String>) -> Option<Artefacts> {
    let path = run.folder.as_ref()?.join("artefacts.json");
    let json = files::read(&path).map_err(|error| error.to_string());
    json.and_then(|json| Artefacts::parse(&json))
        .map_err(|error| notes.push(format!("{}: no samples to show: {error}", run.label())))
        .ok()
}
