use std::fmt::Write as _;

use crate::gan::training::page::ticks::{logarithmic_ticks, short, ticks};

/// Where values are in an SVG drawing, with room for labels at the left and below.
#[derive(Debug, Clone, Copy)]
pub struct Axes {
    pub width: f64,
    pub height: f64,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub logarithmic: bool,
}

impl Axes {
    pub fn px(&self, x: f64) -> f64 {
        let span = (self.x.1 - self.x.0).max(f64::MIN_POSITIVE);
        self.left + (x - self.x.0) / span * (self.width - self.left - self.right)
    }

    /// A little outside of the frame at most.
    pub fn py(&self, y: f64) -> f64 {
        let scaled = |value: f64| if self.logarithmic { value.log10() } else { value };
        let (low, high) = (scaled(self.y.0), scaled(self.y.1));
        let share = (scaled(y) - low) / (high - low).max(f64::MIN_POSITIVE);
        let share = if share.is_nan() { 0.0 } else { share.clamp(-0.02, 1.02) };
        self.height - self.bottom - share * (self.height - self.top - self.bottom)
    }

    /// The `d` of a path.
    pub fn path(&self, points: impl IntoIterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for (x, y) in points {
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{command}{:.1} {:.1}", self.px(x), self.py(y));
        }
        path
    }

    /// Rules and labels of the vertical axis, labels and line of the horizontal one.
    pub fn draw(&self, wanted_x: usize, wanted_y: usize) -> String {
        let mut drawn = String::new();
        let (right, bottom) = (self.width - self.right, self.height - self.bottom);
        let (left, top) = (self.left, self.top);
        let vertical = if self.logarithmic {
            logarithmic_ticks(self.y.0, self.y.1)
        } else {
            ticks(self.y.0, self.y.1, wanted_y)
        };
        for tick in vertical {
            let y = self.py(tick);
            let _ = write!(
                drawn,
                r#"<path class="rule" d="M{left} {y:.1}H{right}"/><text class="y" x="{:.1}" y="{:.1}">{}</text>"#,
                left - 5.0,
                y + 3.5,
                short(tick)
            );
        }
        for tick in ticks(self.x.0, self.x.1, wanted_x) {
            let x = self.px(tick);
            let _ = write!(
                drawn,
                r#"<path class="rule" d="M{x:.1} {top}V{bottom}"/><text class="x" x="{x:.1}" y="{:.1}">{}</text>"#,
                bottom + 15.0,
                short(tick)
            );
        }
        let _ = write!(drawn, r#"<path class="axis" d="M{left} {bottom}H{right}"/>"#);
        drawn
    }
}

/// The range of values with some room; `None` if none is finite.
pub fn range(values: impl Iterator<Item = f64>, logarithmic: bool) -> Option<(f64, f64)> {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return None;
    }
    if logarithmic {
        let room = (high / low).powf(0.06).max(1.05);
        return Some((low / room, high * room));
    }
    let room = (0.06 * (high - low)).max(0.02 * high.abs().max(low.abs())).max(1e-9);
    Some((low - room, high + room))
}
