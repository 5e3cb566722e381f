//! Legends: swatches with labels, and lines of text; and where in a panel they cover no data.

use super::canvas::{Anchor, Canvas, Font};
use super::font::CAP_HEIGHT;
use super::geometry::Rect;
use super::rich_text;
use super::stroke::Stroke;
use super::style::{
    FAINT_INK, INK, PAPER, REFERENCE_FILL, REFERENCE_LINE, Series, Theme, TitlePlace,
};

const SWATCH_WIDTH: f64 = 30.0;
const SWATCH_GAP: f64 = 8.0;
const LINE_HEIGHT: f64 = 1.42;
/// Between blocks, and between a block and the data.
const BLOCK_GAP: f64 = 5.0;
const DATA_GAP: f64 = 8.0;

/// What stands before a label.
#[derive(Debug, Clone, Copy)]
pub enum Swatch {
    /// The reference: an area with an outline, or a point with its error, as the theme has it.
    Reference,
    /// The reference as an open circle with its error.
    ReferencePoint,
    /// A line with an error bar.
    Line(Series),
    /// A marker with an error bar.
    Point(Series),
    /// A line alone.
    Curve(Stroke),
}

/// One line of a block.
#[derive(Debug, Clone)]
pub enum Entry {
    Sample(Swatch, String),
    /// Small and faint; under a sample's label, indented as it is.
    Note(String),
    Remark(String),
    /// A line of its own, in bold or not.
    Line(String, bool),
    /// The experiment's label: a word in bold and the rest.
    Label(String, String),
}

/// Lines that stand together.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub entries: Vec<Entry>,
    /// Where the block must stand; elsewhere where there is room.
    pub side: Option<Side>,
}

/// Side of the panel at which a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

impl Entry {
    /// Width and height of the line.
    fn size(&self, theme: &Theme) -> (f64, f64) {
        let indent = SWATCH_WIDTH + SWATCH_GAP;
        let (width, size) = match self {
            Self::Sample(_, label) => {
                (indent + rich_text::width(label, theme.legend, false), theme.legend)
            }
            Self::Note(note) => (rich_text::width(note, theme.note, false), theme.note),
            Self::Remark(note) => (indent + rich_text::width(note, theme.note, false), theme.note),
            Self::Line(line, bold) => (rich_text::width(line, theme.legend, *bold), theme.legend),
            Self::Label(first, rest) => {
                let gap = 0.35 * theme.label;
                let words = rich_text::width(first, theme.label, true)
                    + gap
                    + rich_text::width(rest, theme.label, false);
                (words, theme.label)
            }
        };
        (width, LINE_HEIGHT * size)
    }
}

impl Block {
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries, side: None }
    }

    #[must_use]
    pub fn at(self, side: Side) -> Self {
        Self { side: Some(side), ..self }
    }

    /// Titles within the panel, where the theme has them there.
    #[must_use]
    pub fn of_titles(theme: &Theme, entries: Vec<Entry>) -> Option<Self> {
        match theme.title_place {
            TitlePlace::Above => None,
            TitlePlace::InsideLeft => Some(Self::new(entries).at(Side::Left)),
            TitlePlace::InsideRight => Some(Self::new(entries).at(Side::Right)),
        }
    }

    /// Width and height in pixels, no line wider than `room`.
    #[must_use]
    pub fn size(&self, theme: &Theme, room: f64) -> (f64, f64) {
        let mut size: (f64, f64) = (0.0, 0.0);
        for entry in &self.entries {
            let (width, height) = entry.size(theme);
            size = (size.0.max(width.min(room)), size.1 + height);
        }
        size
    }

    /// Width that a panel of the given width leaves for the label of a sample.
    #[must_use]
    pub fn label_room(panel_width: f64, theme: &Theme) -> f64 {
        panel_width - 2.0 * theme.inner_margin() - SWATCH_WIDTH - SWATCH_GAP
    }

    /// Draws the block into `rect`, the lines from its upper left corner.
    pub fn draw(&self, canvas: &mut Canvas, rect: Rect, theme: &Theme) {
        let mut top = rect.y;
        let indent = SWATCH_WIDTH + SWATCH_GAP;
        for entry in &self.entries {
            let height = entry.size(theme).1;
            let middle = top + height / 2.0;
            let mut line = |text: &str, left: f64, font: Font| {
                let text = rich_text::fit(text, font.size, font.bold, rect.right() - left + 0.5);
                let at = (left, middle + CAP_HEIGHT * font.size / 2.0);
                canvas.text(&text, at, Anchor::Start, font);
            };
            match entry {
                Entry::Sample(swatch, label) => {
                    line(label, rect.x + indent, Font::new(theme.legend, INK));
                    swatch.draw(canvas, rect.x, middle, theme);
                }
                Entry::Note(note) => line(note, rect.x, Font::new(theme.note, FAINT_INK)),
                Entry::Remark(note) => {
                    line(note, rect.x + indent, Font::new(theme.note, FAINT_INK));
                }
                Entry::Line(text, bold) => {
                    line(text, rect.x, Font::new(theme.legend, INK).with_weight(*bold));
                }
                Entry::Label(first, rest) => {
                    let font = Font::new(theme.label, INK);
                    line(first, rect.x, font.bold());
                    let used = rich_text::width(first, font.size, true) + 0.35 * font.size;
                    line(rest, rect.x + used, font);
                }
            }
            top += height;
        }
    }
}

impl Swatch {
    fn draw(self, canvas: &mut Canvas, x: f64, y: f64, theme: &Theme) {
        let (middle, right) = (x + SWATCH_WIDTH / 2.0, x + SWATCH_WIDTH);
        let bar = |canvas: &mut Canvas, color, width| {
            canvas.line((middle, y - 6.5), (middle, y + 6.5), Stroke::new(color, width));
        };
        match self {
            Self::Reference if theme.reference_points => {
                bar(canvas, INK, 1.2 * theme.weight);
                canvas.line((x + 6.0, y), (right - 6.0, y), Stroke::new(INK, 1.2 * theme.weight));
                canvas.dot((middle, y), 3.2 * theme.weight, INK);
            }
            Self::Reference => {
                let area = Rect::new(x, y - 5.0, SWATCH_WIDTH, 10.0);
                canvas.rect(area, REFERENCE_FILL);
                canvas.frame(area, Stroke::new(REFERENCE_LINE, 1.0));
            }
            Self::ReferencePoint => {
                bar(canvas, INK, 1.2 * theme.weight);
                canvas.dot((middle, y), 4.4, PAPER);
                canvas.circle((middle, y), 4.2, Stroke::new(INK, 1.4 * theme.weight));
            }
            Self::Line(series) => {
                canvas.line((x, y), (right, y), series.stroke(1.8 * theme.weight));
                bar(canvas, series.color, 1.2 * theme.weight);
            }
            Self::Point(series) => {
                bar(canvas, series.color, 1.2 * theme.weight);
                canvas.markers(&[(middle, y)], 3.4 * theme.weight, series.marker, series.color);
            }
            Self::Curve(stroke) => canvas.line((x, y), (right, y), stroke),
        }
    }
}

/// A block and where it stands.
#[derive(Debug, Clone)]
pub struct Placed {
    pub block: Block,
    pub rect: Rect,
}

/// Places blocks at the top of a panel, each at the left or at the right, such that they ask for
/// the least room above the data.
///
/// `high_end(left, right, share)` is the high end of the vertical axis at which the data between
/// two pixels ends below the panel's upper `share`.
///
/// # Returns
/// The blocks with their places, and the high end of the axis.
pub fn place(
    panel: Rect,
    blocks: &[Block],
    theme: &Theme,
    high_end: impl Fn(f64, f64, f64) -> f64,
) -> (Vec<Placed>, f64) {
    let mut best: Option<(Vec<Placed>, f64)> = None;
    for choice in 0..1_u32 << blocks.len() {
        let side = |index: usize| if choice >> index & 1 == 0 { Side::Left } else { Side::Right };
        let sides: Vec<Side> = (0..blocks.len()).map(side).collect();
        if blocks.iter().zip(&sides).any(|(block, side)| block.side.is_some_and(|own| own != *side))
        {
            continue;
        }
        let placed = stack(panel, blocks, &sides, theme);
        if overlap(&placed, &sides) {
            continue;
        }
        let need = |placed: &Placed| {
            let share = (placed.rect.bottom() + DATA_GAP - panel.y) / panel.height;
            high_end(placed.rect.x - 6.0, placed.rect.right() + 6.0, share)
        };
        let high = placed.iter().map(need).fold(0.0, f64::max);
        if best.as_ref().is_none_or(|(_, least)| high < *least) {
            best = Some((placed, high));
        }
    }
    best.unwrap_or_else(|| {
        // Too wide to stand beside each other: all in one column.
        let sides = vec![Side::Left; blocks.len()];
        let placed = stack(panel, blocks, &sides, theme);
        let bottom = placed.last().map_or(panel.y, |placed| placed.rect.bottom() + DATA_GAP);
        let high = high_end(panel.x, panel.right(), (bottom - panel.y) / panel.height);
        (placed, high)
    })
}

/// Whether a block at the left reaches into one at the right.
fn overlap(placed: &[Placed], sides: &[Side]) -> bool {
    let of = |side: Side| {
        let both = placed.iter().zip(sides);
        both.filter(move |(_, own)| **own == side).map(|(placed, _)| placed.rect)
    };
    of(Side::Left).any(|left| {
        of(Side::Right).any(|right| {
            let beside = left.y < right.bottom() && right.y < left.bottom();
            beside && left.right() + 12.0 > right.x
        })
    })
}

fn stack(panel: Rect, blocks: &[Block], sides: &[Side], theme: &Theme) -> Vec<Placed> {
    let margin = theme.inner_margin();
    let room = panel.width - 2.0 * margin;
    let sizes: Vec<_> = blocks.iter().map(|block| block.size(theme, room)).collect();
    let at_right = sizes.iter().zip(sides).filter(|(_, side)| **side == Side::Right);
    let right_width = at_right.map(|((width, _), _)| *width).fold(0.0, f64::max);
    let mut tops = [panel.y + margin, panel.y + margin];
    let mut placed = Vec::new();
    for ((block, &side), &(width, height)) in blocks.iter().zip(sides).zip(&sizes) {
        let top = &mut tops[usize::from(side == Side::Right)];
        let x = match side {
            Side::Left => panel.x + margin,
            Side::Right => panel.right() - margin - right_width,
        };
        placed.push(Placed { block: block.clone(), rect: Rect::new(x, *top, width, height) });
        *top += height + BLOCK_GAP;
    }
    placed
}
