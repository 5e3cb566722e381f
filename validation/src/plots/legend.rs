//! Legends: swatches with labels, and lines of text; and where in a panel they cover no data.

use super::canvas::{Anchor, Canvas, Font, Stroke};
use super::error::PlotError;
use super::font::CAP_HEIGHT;
use super::geometry::Rect;
use super::rich_text;
use super::style::{Color, FAINT_INK, INK, REFERENCE_FILL, REFERENCE_LINE, Typography};

const SWATCH_WIDTH: f64 = 24.0;
const SWATCH_GAP: f64 = 8.0;
const LINE_HEIGHT: f64 = 1.42;
/// Between a block and the frame: outside of the ticks.
pub const MARGIN: f64 = 14.0;

/// What stands before a label.
#[derive(Debug, Clone, Copy)]
pub enum Swatch {
    /// Filled area with an outline: the reference.
    Area,
    /// A line with an error bar.
    Line(Color),
    /// A line alone.
    Curve(Color),
    /// A dashed line.
    Dashes(Color),
    /// A filled circle.
    Dot(Color),
    /// An open circle.
    Circle(Color),
}

/// One line of a block.
#[derive(Debug, Clone)]
pub enum Entry {
    Sample(Swatch, String),
    Note(String),
}

/// Lines that stand together.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub entries: Vec<Entry>,
}

/// Corner of the panel in which a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

impl Block {
    /// Width and height in pixels, no line wider than `room`.
    #[must_use]
    pub fn size(&self, typography: &Typography, room: f64) -> (f64, f64) {
        let mut size: (f64, f64) = (0.0, 0.0);
        for entry in &self.entries {
            let (width, font_size) = match entry {
                Entry::Sample(_, label) => {
                    let text = rich_text::width(label, typography.legend, false);
                    (SWATCH_WIDTH + SWATCH_GAP + text, typography.legend)
                }
                Entry::Note(note) => {
                    (rich_text::width(note, typography.note, false), typography.note)
                }
            };
            size = (size.0.max(width.min(room)), size.1 + LINE_HEIGHT * font_size);
        }
        size
    }

    /// Width that a panel of the given width leaves for the label of a sample.
    #[must_use]
    pub fn label_room(panel_width: f64) -> f64 {
        panel_width - 2.0 * MARGIN - SWATCH_WIDTH - SWATCH_GAP
    }

    /// Draws the block into `rect`, the lines from its upper left corner.
    pub fn draw(
        &self,
        canvas: &mut Canvas,
        rect: Rect,
        typography: &Typography,
    ) -> Result<(), PlotError> {
        let mut top = rect.y;
        for entry in &self.entries {
            match entry {
                Entry::Sample(swatch, label) => {
                    let height = LINE_HEIGHT * typography.legend;
                    let middle = top + height / 2.0;
                    swatch.draw(canvas, rect.x, middle)?;
                    let left = rect.x + SWATCH_WIDTH + SWATCH_GAP;
                    let room = rect.right() - left + 0.5;
                    let label = rich_text::fit(label, typography.legend, false, room);
                    let at = (left, middle + CAP_HEIGHT * typography.legend / 2.0);
                    canvas.text(&label, at, Anchor::Start, Font::new(typography.legend, INK))?;
                    top += height;
                }
                Entry::Note(note) => {
                    let height = LINE_HEIGHT * typography.note;
                    let note = rich_text::fit(note, typography.note, false, rect.width + 0.5);
                    let at = (rect.x, top + height / 2.0 + CAP_HEIGHT * typography.note / 2.0);
                    canvas.text(&note, at, Anchor::Start, Font::new(typography.note, FAINT_INK))?;
                    top += height;
                }
            }
        }
        Ok(())
    }
}

impl Swatch {
    fn draw(self, canvas: &mut Canvas, x: f64, y: f64) -> Result<(), PlotError> {
        let right = x + SWATCH_WIDTH;
        match self {
            Self::Area => {
                let area = Rect::new(x, y - 5.0, SWATCH_WIDTH, 10.0);
                canvas.rect(area, REFERENCE_FILL)?;
                canvas.frame(area, Stroke::new(REFERENCE_LINE, 1.0))
            }
            Self::Line(color) => {
                canvas.line((x, y), (right, y), Stroke::new(color, 1.8))?;
                let middle = x + SWATCH_WIDTH / 2.0;
                canvas.line((middle, y - 6.0), (middle, y + 6.0), Stroke::new(color, 1.2))
            }
            Self::Curve(color) => canvas.line((x, y), (right, y), Stroke::new(color, 1.9)),
            Self::Dashes(color) => {
                canvas.dashed(&[(x, y), (right, y)], (5.0, 4.0), Stroke::new(color, 1.4))
            }
            Self::Dot(color) => canvas.dot((x + SWATCH_WIDTH / 2.0, y), 4.0, color),
            Self::Circle(color) => {
                canvas.circle((x + SWATCH_WIDTH / 2.0, y), 3.8, Stroke::new(color, 1.4))
            }
        }
    }
}

/// A block and where it stands.
#[derive(Debug, Clone)]
pub struct Placed {
    pub block: Block,
    pub rect: Rect,
}

/// Places blocks at the top of a panel: both at the left, both at the right, or one at each side,
/// whichever asks for the least room above the data.
///
/// `high_end(left, right, share)` is the high end of the vertical axis at which the data between
/// two pixels ends below the panel's upper `share`.
///
/// # Returns
/// The blocks with their places, and the high end of the axis.
pub fn place(
    panel: Rect,
    blocks: &[Block],
    typography: &Typography,
    high_end: impl Fn(f64, f64, f64) -> f64,
) -> (Vec<Placed>, f64) {
    let mut arrangements = vec![vec![Side::Left; blocks.len()], vec![Side::Right; blocks.len()]];
    let widths = blocks.iter().map(|block| block.size(typography, f64::INFINITY).0);
    if blocks.len() == 2 && widths.sum::<f64>() + 3.0 * MARGIN <= panel.width {
        arrangements.push(vec![Side::Left, Side::Right]);
        arrangements.push(vec![Side::Right, Side::Left]);
    }
    let mut best: Option<(Vec<Placed>, f64)> = None;
    for sides in arrangements {
        let placed = stack(panel, blocks, &sides, typography);
        let need = |placed: &Placed| {
            let share = (placed.rect.bottom() + 8.0 - panel.y) / panel.height;
            high_end(placed.rect.x - 6.0, placed.rect.right() + 6.0, share)
        };
        let high = placed.iter().map(need).fold(0.0, f64::max);
        if best.as_ref().is_none_or(|(_, least)| high < *least) {
            best = Some((placed, high));
        }
    }
    best.unwrap_or_default()
}

fn stack(panel: Rect, blocks: &[Block], sides: &[Side], typography: &Typography) -> Vec<Placed> {
    let room = panel.width - 2.0 * MARGIN;
    let sizes: Vec<_> = blocks.iter().map(|block| block.size(typography, room)).collect();
    let at_right = sizes.iter().zip(sides).filter(|(_, side)| **side == Side::Right);
    let right_width = at_right.map(|((width, _), _)| *width).fold(0.0, f64::max);
    let mut tops = [panel.y + MARGIN, panel.y + MARGIN];
    let mut placed = Vec::new();
    for ((block, &side), &(width, height)) in blocks.iter().zip(sides).zip(&sizes) {
        let top = &mut tops[usize::from(side == Side::Right)];
        let x = match side {
            Side::Left => panel.x + MARGIN,
            Side::Right => panel.right() - MARGIN - right_width,
        };
        placed.push(Placed { block: block.clone(), rect: Rect::new(x, *top, width, height) });
        *top += height + 4.0;
    }
    placed
}
