//! The layout of a main panel above a ratio panel with the same horizontal axis.

use super::axis::{Axis, Scale};
use super::canvas::Canvas;
use super::font::text_width;
use super::geometry::Rect;
use super::panel::Panel;
use super::stroke::{Dash, Stroke};
use super::style::{FigureContext, FigureSize, GUIDE, Theme, TitlePlace};
use super::titles::draw_titles;

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
    pub theme: Theme,
}

impl Layout {
    #[must_use]
    pub fn new(size: FigureSize, context: &FigureContext) -> Self {
        let theme = Theme::new(context.style, size.width);
        let single = single_panel(size, &theme);
        let ratio_height = RATIO_SHARE * (single.height - GAP);
        Self {
            main: Rect { height: single.height - GAP - ratio_height, ..single },
            ratio: Rect { y: single.bottom() - ratio_height, height: ratio_height, ..single },
            y_label_x: 6.0 + theme.label,
            theme,
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

    /// Title and subtitle above the main panel, where this is their place.
    pub fn draw_titles(&self, canvas: &mut Canvas, context: &FigureContext) {
        if self.theme.title_place == TitlePlace::Above {
            draw_titles(canvas, self.main, &self.theme, context);
        }
    }

    /// Frames, ticks and labels of both panels, over what is drawn in them.
    pub fn draw_frames(&self, canvas: &mut Canvas, main: &Panel, ratio: &Panel) {
        main.draw_frame(canvas, &self.theme, false);
        ratio.draw_frame(canvas, &self.theme, true);
        ratio.draw_x_label(canvas, &self.theme);
        main.draw_y_label(canvas, self.y_label_x, &self.theme);
        ratio.draw_y_label(canvas, self.y_label_x, &self.theme);
    }
}

/// The place of one panel with its labels in a figure.
#[must_use]
pub fn single_panel(size: FigureSize, theme: &Theme) -> Rect {
    let left = 14.0 + theme.label + text_width("0.000", theme.tick, false) + theme.label_gap();
    let right = f64::from(size.width) - 16.0;
    let top = match theme.title_place {
        TitlePlace::Above => 2.0 * theme.label,
        TitlePlace::InsideLeft | TitlePlace::InsideRight => 1.3 * theme.label,
    };
    let below = theme.label_gap() + 1.0 * theme.tick + 1.55 * theme.label;
    let bottom = f64::from(size.height) - below;
    Rect::new(left, top, right - left, bottom - top)
}

/// The dashed line at a ratio of one.
pub fn draw_unity(canvas: &mut Canvas, ratio: &Panel) {
    let y = ratio.py(1.0);
    let stroke = Stroke::new(GUIDE, 1.0).dashed(Dash::Dashed);
    canvas.line((ratio.rect.x, y), (ratio.rect.right(), y), stroke);
}
