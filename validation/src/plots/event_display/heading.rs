use detectors::{ConditionKind, Detector};
use ndarray::ArrayView2;

use crate::plots::drawing::canvas::{Anchor, Canvas, Font};
use crate::plots::drawing::rich_text::{fit, literal};
use crate::plots::drawing::style::{FAINT_INK, FigureSize, INK, Theme};
use crate::plots::drawing::ticks::{grouped, number};
use crate::report::energy;

/// Height of the heading, above the panels and their titles.
pub(super) const HEIGHT: f64 = 48.0;
/// Left of all panels.
pub(super) const MARGIN: f64 = 14.0;

/// The lines above the panels.
pub(super) struct Heading {
    title: String,
    conditions: String,
}

impl Heading {
    pub(super) fn of(detector: &Detector, conditions: ArrayView2<'_, f64>, title: &str) -> Self {
        let events = conditions.nrows();
        let mut parts = Vec::new();
        if events > 1 {
            parts.push(format!("mean of {} events", grouped(events)));
        }
        for condition in detector.conditions() {
            let column = || conditions.column(condition.first_column);
            let lowest = column().iter().copied().fold(f64::INFINITY, f64::min);
            let highest = column().iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let name = literal(&condition.name);
            match &condition.kind {
                ConditionKind::Number { .. } => {
                    let is_energy =
                        Some(condition.first_column) == detector.incident_energy_column();
                    let (name, value): (_, &dyn Fn(f64) -> String) = if is_energy {
                        ("E_inc".to_owned(), &energy)
                    } else {
                        (name, &|value| with_unit(value, &condition.unit))
                    };
                    let (low, high) = (value(lowest), value(highest));
                    let range = if low == high { low } else { format!("{low} to {high}") };
                    parts.push(format!("{name} = {range}"));
                }
                ConditionKind::Category(names) if lowest == highest => {
                    let category = names.get(lowest as usize).map_or("", String::as_str);
                    // A number alone would not say of what.
                    let bare = category.parse::<f64>().is_ok();
                    let category = literal(category);
                    parts.push(if bare { format!("{name} = {category}") } else { category });
                }
                ConditionKind::Category(_) | ConditionKind::Image(_) => {}
            }
        }
        Self { title: title.to_owned(), conditions: parts.join(", ") }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, size: FigureSize, theme: &Theme) {
        let room = f64::from(size.width) - 2.0 * MARGIN;
        let font = Font::new(theme.label, INK).bold();
        let title = fit(&literal(&self.title), font.size, true, room);
        canvas.text(&title, (MARGIN, 22.0), Anchor::Start, font);
        let font = Font::new(theme.legend, FAINT_INK);
        let conditions = fit(&self.conditions, font.size, false, room);
        canvas.text(&conditions, (MARGIN, 41.0), Anchor::Start, font)
    }
}

/// A number with its unit, of which energies have the one that keeps them short.
pub(super) fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "1" => number(value),
        "MeV" => energy(value),
        unit => format!("{} {}", number(value), literal(unit)),
    }
}
