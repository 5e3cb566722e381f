//! Title, subtitle and the experiment's label of a figure.

use super::canvas::{Anchor, Canvas, Font};
use super::geometry::Rect;
use super::legend::Entry;
use super::rich_text;
use super::style::{FAINT_INK, FigureContext, INK, Theme};

/// Label, title and subtitle in one line above a panel.
pub fn draw_titles(canvas: &mut Canvas, panel: Rect, theme: &Theme, context: &FigureContext) {
    let baseline = panel.y - 7.0;
    let size = theme.legend;
    let subtitle =
        rich_text::fit(&rich_text::literal(context.subtitle), size, false, 0.55 * panel.width);
    let room = panel.width - rich_text::width(&subtitle, size, false) - 12.0;
    canvas.text(&subtitle, (panel.right(), baseline), Anchor::End, Font::new(size, FAINT_INK));
    let mut left = panel.x;
    let mut room = room;
    if let Some(label) = context.label {
        let label = rich_text::fit(&rich_text::literal(label), size, true, room);
        canvas.text(&label, (left, baseline), Anchor::Start, Font::new(size, INK).bold());
        let used = rich_text::width(&label, size, true) + 10.0;
        (left, room) = (left + used, room - used);
    }
    // Beside a label the title is not the most important any more.
    let bold = context.label.is_none();
    let title = rich_text::fit(&rich_text::literal(context.title), size, bold, room.max(0.0));
    let font = Font::new(size, INK).with_weight(bold);
    canvas.text(&title, (left, baseline), Anchor::Start, font);
}

/// The same as lines inside of a panel: the experiment's label with its first word in bold.
#[must_use]
pub fn title_entries(context: &FigureContext) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Some(label) = context.label {
        let (first, rest) = label.split_once(' ').unwrap_or((label, ""));
        entries.push(Entry::Label(rich_text::literal(first), rich_text::literal(rest)));
    }
    for (line, bold) in [(context.title, context.label.is_none()), (context.subtitle, false)] {
        if !line.is_empty() {
            entries.push(Entry::Line(rich_text::literal(line), bold));
        }
    }
    entries
}
