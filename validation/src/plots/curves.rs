//! What figures of curves in one panel share.

use super::drawing::axis::Axis;
use super::drawing::canvas::{Canvas, draw_svg};
use super::drawing::geometry::{Point, Rect};
use super::drawing::legend::{Block, Entry};
use super::drawing::panel::Panel;
use super::drawing::stroke::Stroke;
use super::drawing::style::{FigureContext, FigureSize, Theme, TitlePlace};
use super::drawing::titles::{draw_titles, title_entries};
use super::drawing::two_panels::single_panel;

/// Corner of the panel in which the legend stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

/// A line of a figure.
pub(super) struct Curve<'a> {
    pub points: &'a [Point],
    pub stroke: Stroke,
}

/// Curves in one panel.
pub(super) struct Curves<'a> {
    pub description: String,
    pub x: Axis,
    pub y: Axis,
    /// From below to above.
    pub curves: Vec<Curve<'a>>,
    pub legend: Vec<Entry>,
    pub corner: Corner,
}

impl Curves<'_> {
    pub(super) fn svg(self, context: &FigureContext, size: FigureSize) -> String {
        let theme = Theme::new(context.style, size.width);
        let panel = Panel { rect: single_panel(size, &theme), x: self.x, y: self.y };
        draw_svg((size.width, size.height), &self.description, |canvas| {
            for curve in &self.curves {
                panel.curve(canvas, curve.points, curve.stroke);
            }
            draw_legend(canvas, &panel, Block::new(self.legend), self.corner, &theme, context);
            panel.draw_frame(canvas, &theme, true);
            panel.draw_x_label(canvas, &theme);
            panel.draw_y_label(canvas, 6.0 + theme.label, &theme);
        })
    }
}

/// The legend in its corner, below or above titles that stand in the same one.
fn draw_legend(
    canvas: &mut Canvas,
    panel: &Panel,
    legend: Block,
    corner: Corner,
    theme: &Theme,
    context: &FigureContext,
) {
    let margin = theme.inner_margin();
    let room = panel.rect.width - 2.0 * margin;
    let place = |block: &Block, right: bool, bottom: bool, skip: f64| {
        let (width, height) = block.size(theme, room);
        let x = if right { panel.rect.right() - margin - width } else { panel.rect.x + margin };
        let y = if bottom {
            panel.rect.bottom() - margin - height - skip
        } else {
            panel.rect.y + margin + skip
        };
        Rect::new(x, y, width, height)
    };
    let right = matches!(corner, Corner::TopRight | Corner::BottomRight);
    let bottom = matches!(corner, Corner::BottomLeft | Corner::BottomRight);
    let mut skip = 0.0;
    if theme.title_place == TitlePlace::Above {
        draw_titles(canvas, panel.rect, theme, context);
    } else if let Some(titles) = Block::of_titles(theme, title_entries(context)) {
        // Curves leave the same corner free for both.
        let rect = place(&titles, right, bottom, 0.0);
        let rect = if bottom {
            let above = legend.size(theme, room).1 + 6.0;
            Rect { y: rect.y - above, ..rect }
        } else {
            skip = rect.height + 6.0;
            rect
        };
        titles.draw(canvas, rect, theme);
    }
    legend.draw(canvas, place(&legend, right, bottom, skip), theme);
}
