use super::heading::{HEIGHT, MARGIN};
use crate::plots::drawing::canvas::{Anchor, Canvas, Font};
use crate::plots::drawing::color_scale::{BAR_WIDTH, ColorScale};
use crate::plots::drawing::geometry::Rect;
use crate::plots::drawing::grid_map::LONGEST;
use crate::plots::drawing::rich_text::fit;
use crate::plots::drawing::style::{FAINT_INK, FigureSize, INK, Theme};

/// Height of a panel's title.
const TITLE: f64 = 22.0;

/// Panels of one size in rows, with a colour bar at the right of all.
pub(super) struct Panels {
    pub rooms: Vec<Rect>,
    bar: Rect,
    /// Room for the axes below a panel.
    below: f64,
}

impl Panels {
    /// As many panels as fit best.
    pub(super) fn new(count: usize, size: FigureSize, theme: &Theme) -> Self {
        let bar_room = ColorScale::bar_room(theme) + 10.0;
        let right = f64::from(size.width) - bar_room;
        let bottom = f64::from(size.height) - 6.0;
        let left_axis = 3.3 * theme.tick + theme.label;
        let below = 2.4 * theme.tick + 1.6 * theme.label;
        let room = |columns: usize| {
            let rows = count.div_ceil(columns);
            let width = (right - MARGIN) / columns as f64 - left_axis - 8.0;
            let height = (bottom - HEIGHT) / rows as f64 - TITLE - below;
            (width, height)
        };
        let side = |columns: &usize| {
            let (width, height) = room(*columns);
            width.min(height)
        };
        let columns = (1..=count.max(1)).max_by(|a, b| side(a).total_cmp(&side(b))).unwrap_or(1);
        // As many rows, evenly filled.
        let columns = count.div_ceil(count.div_ceil(columns).max(1)).max(1);
        let (width, height) = room(columns);
        // No higher than wide, so that what is below stands close to the panels.
        let height = height.min(1.1 * width);
        let rooms: Vec<Rect> = (0..count)
            .map(|panel| {
                let (row, column) = (panel / columns, panel % columns);
                let x = MARGIN + left_axis + column as f64 * (width + left_axis + 8.0);
                let y = HEIGHT + TITLE + row as f64 * (height + TITLE + below);
                Rect::new(x, y, width, height)
            })
            .collect();
        let bar = Rect::new(right + 4.0, HEIGHT + TITLE, BAR_WIDTH, 0.0);
        Self { rooms, bar, below }
    }

    /// Panels of x–y, z–x and z–y, all at one scale.
    pub(super) fn of_projections([x, y, z]: [&[f64]; 3], size: FigureSize, theme: &Theme) -> Self {
        let even = Self::new(3, size, theme);
        let span = |edges: &[f64]| edges[edges.len() - 1] - edges[0];
        let (x, y) = (span(x), span(y));
        // As a map draws it that would be too long.
        let z = span(z).max(x.max(y) / LONGEST).min(x.min(y) * LONGEST);
        let spans = [(x, y), (z, x), (z, y)];
        let (first, last) = (even.rooms[0], even.rooms[even.rooms.len() - 1]);
        let left_axis = first.x - MARGIN;
        let width = last.right() - MARGIN - 3.0 * left_axis - 2.0 * 8.0;
        let height = f64::from(size.height) - HEIGHT - TITLE - even.below - 6.0;
        let scale = (width / (x + 2.0 * z)).min(height / x.max(y));
        let mut left = MARGIN;
        let rooms = spans.map(|(along, up)| {
            let room = Rect::new(left + left_axis, first.y, along * scale, up * scale);
            left = room.right() + 8.0;
            room
        });
        let bar = Rect { x: left + 4.0, ..even.bar };
        Self { rooms: rooms.to_vec(), bar, ..even }
    }

    /// The bar beside maps that end at `bottom`.
    ///
    /// # Returns
    /// Height of the figure.
    pub(super) fn draw_bar(
        &self,
        canvas: &mut Canvas,
        scale: Option<&ColorScale>,
        bottom: f64,
        theme: &Theme,
    ) -> f64 {
        if let Some(scale) = scale {
            let bar = Rect { height: bottom - self.bar.y, ..self.bar };
            scale.draw_bar(canvas, bar, theme);
        }
        self.end(bottom)
    }

    /// Height of the figure with maps that end at `bottom`.
    pub(super) fn end(&self, bottom: f64) -> f64 {
        bottom + self.below + 4.0
    }
}

/// A title above a map.
pub(super) fn draw_title(canvas: &mut Canvas, map: Rect, room: Rect, title: &str, theme: &Theme) {
    let font = Font::new(theme.legend, INK);
    let title = fit(title, font.size, false, room.width + 20.0);
    canvas.text(&title, (map.x + map.width / 2.0, map.y - 7.0), Anchor::Middle, font)
}

/// What stands where there is nothing to show.
pub(super) fn draw_empty(canvas: &mut Canvas, map: Rect, theme: &Theme) {
    let font = Font::new(theme.legend, FAINT_INK);
    let middle = (map.x + map.width / 2.0, map.y + map.height / 2.0);
    canvas.text("empty", middle, Anchor::Middle, font)
}
