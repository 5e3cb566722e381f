//! Single events, for the eye.

use detectors::ConditionKind;

use super::Figure;
use crate::Sample;
use crate::plots::{EVENT_SIZE, event_display};

/// Where in the order of their conditions the events are taken.
const RANKS: [f64; 3] = [0.1, 0.5, 0.9];

/// Displays of three events of a sample whose values are kept: at the tenth, the half and nine
/// tenths of the order by the first condition that is a number, so that those of several samples
/// can be compared. None of a table, or where there is no such condition.
#[must_use]
pub fn event_figures(name: &str, sample: &Sample) -> Vec<Figure> {
    let detector = sample.detector();
    let number = detector
        .conditions()
        .iter()
        .position(|condition| matches!(condition.kind, ConditionKind::Number { .. }));
    let Some(number) = number.filter(|_| !detector.layers().is_empty()) else {
        return Vec::new();
    };
    let mut rows: Vec<usize> = (0..sample.kept_events().len()).collect();
    let value = |row: usize| sample.condition(number)[sample.kept_events()[row]];
    rows.sort_by(|&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
    let figure = |(place, rank): (usize, f64)| {
        let row = *rows.get((rank * rows.len() as f64) as usize)?;
        let event = sample.kept_events()[row];
        let title = format!("{name}, event {event}");
        let values = sample.kept_values().row(row).to_vec();
        let svg =
            event_display(detector, &conditions(sample, row), &values, &title, EVENT_SIZE).ok()?;
        Some(Figure {
            stem: format!("event_{}_{}", safe(name), place + 1),
            section: "single events".to_owned(),
            title: format!("An event of {name}"),
            svg,
            variant: None,
            table: None,
            width: EVENT_SIZE.width,
            on_page: true,
        })
    };
    RANKS.into_iter().enumerate().filter_map(figure).collect()
}

/// All conditions of a kept event, of an image every pixel.
fn conditions(sample: &Sample, row: usize) -> Vec<f64> {
    let event = sample.kept_events()[row];
    let pixels = sample.kept().images().row(row).to_vec();
    let mut next = 0;
    let mut values = Vec::new();
    for (index, condition) in sample.detector().conditions().iter().enumerate() {
        if matches!(condition.kind, ConditionKind::Image(_)) {
            let last = next + condition.width();
            values.extend(pixels[next..last].iter().map(|&pixel| f64::from(pixel)));
            next = last;
        } else {
            values.push(sample.condition(index)[event]);
        }
    }
    values
}

fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}
