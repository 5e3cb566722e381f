//! The layout of a main panel above a ratio panel with the same horizontal axis.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Stroke};
use super::error::PlotError;
use super::font::text_width;
use super::geometry::Rect;
use super::panel::Panel;
use super::rich_text;
use super::style::{FAINT_INK, FigureContext, FigureSize, GUIDE, INK, Typography};

/// Between the panels: room for the labels at their edges.
const GAP: f64 = 14.0;
const RATIO_SHARE: f64 = 0.26;
/// The range of the ratio axis.
pub const RATIO_RANGE: (f64, f64) = (0.5, 1.5);

/// Where the panels stand.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    pub main: Rect,
    pub ratio: Rect,
    /// Baseline of the vertical axes' labels.
    pub y_label_x: f64,
    pub typography: Typography,
}

impl Layout {
    #[must_use]
    pub fn new(size: FigureSize) -> Self {
        let typography = size.typography();
        let y_label_x = 6.0 + typography.label;
        let left = y_label_x + 8.0 + text_width("0.000", typography.tick, false) + 6.0;
        let right = f64::from(size.width) - 16.0;
        let top = 2.0 * typography.label;
        let bottom = f64::from(size.height) - 2.9 * typography.label - 4.0;
        let ratio_height = RATIO_SHARE * (bottom - top - GAP);
        let main_height = bottom - top - GAP - ratio_height;
        Self {
            main: Rect::new(left, top, right - left, main_height),
            ratio: Rect::new(left, bottom - ratio_height, right - left, ratio_height),
            y_label_x,
            typography,
        }
    }

    /// How many labels a horizontal axis has room for.
    #[must_use]
    pub fn horizontal_labels(&self) -> usize {
        if self.main.width > 450.0 { 7 } else { 5 }
    }

    /// The ratio panel with the given horizontal axis.
    #[must_use]
    pub fn ratio_panel(&self, x: Axis) -> Panel {
        let y = Axis::new(Scale::Linear, RATIO_RANGE, "Ratio", 2);
        Panel { rect: self.ratio, x, y }
    }

    /// Title and subtitle above the main panel.
    pub fn draw_titles(
        &self,
        canvas: &mut Canvas,
        context: &FigureContext,
    ) -> Result<(), PlotError> {
        draw_titles(canvas, self.main, &self.typography, context)
    }

    /// Frames, ticks and labels of both panels, over what is drawn in them.
    pub fn draw_frames(
        &self,
        canvas: &mut Canvas,
        main: &Panel,
        ratio: &Panel,
    ) -> Result<(), PlotError> {
        main.draw_frame(canvas, &self.typography, false)?;
        ratio.draw_frame(canvas, &self.typography, true)?;
        ratio.draw_x_label(canvas, &self.typography)?;
        main.draw_y_label(canvas, self.y_label_x, &self.typography)?;
        ratio.draw_y_label(canvas, self.y_label_x, &self.typography)
    }
}

/// Title in bold and subtitle above a panel.
pub fn draw_titles(
    canvas: &mut Canvas,
    panel: Rect,
    typography: &Typography,
    context: &FigureContext,
) -> Result<(), PlotError> {
    let baseline = panel.y - 7.0;
    let subtitle = rich_text::fit(
        &rich_text::literal(context.subtitle),
        typography.legend,
        false,
        0.55 * panel.width,
    );
    let subtitle_width = rich_text::width(&subtitle, typography.legend, false);
    let room = panel.width - subtitle_width - 12.0;
    let title = rich_text::fit(&rich_text::literal(context.title), typography.legend, true, room);
    let title_font = Font::new(typography.legend, INK).bold();
    canvas.text(&title, (panel.x, baseline), Anchor::Start, title_font)?;
    let font = Font::new(typography.legend, FAINT_INK);
    canvas.text(&subtitle, (panel.right(), baseline), Anchor::End, font)
}

/// The dashed line at a ratio of one.
pub fn draw_unity(canvas: &mut Canvas, ratio: &Panel) -> Result<(), PlotError> {
    let y = ratio.py(1.0);
    let line = [(ratio.rect.x, y), (ratio.rect.right(), y)];
    canvas.dashed(&line, (5.0, 4.0), Stroke::new(GUIDE, 1.0))
}
