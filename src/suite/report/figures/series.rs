use std::fmt::Write as _;

use super::axes::{Axes, range};
use crate::suite::report::artefacts::Rows;
use crate::suite::report::draw::{Colour, Layer, Picture, series_colour, series_css};

/// How series of `[steps, features]` are drawn, by the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesView {
    pub steps: usize,
    pub features: usize,
    y: (f64, f64),
}

/// Panels of a drawing.
const ACROSS: usize = 2;
const DOWN: usize = 4;
const PANEL: (f64, f64) = (126.0, 54.0);
const LEFT: f64 = 28.0;
const GAP: f64 = 6.0;
/// Features that are drawn.
const FEATURES: usize = 8;
/// A panel of an animation, in pixels.
const FRAME_PANEL: (usize, usize) = (116, 62);
/// Rows of panels of an animation.
const FRAME_DOWN: usize = 3;
const FRAME_BACK: Colour = [246, 247, 249];

impl SeriesView {
    pub fn of(steps: usize, features: usize, data: &Rows) -> Option<Self> {
        let y = range(data.iter().flatten().copied(), false)?;
        Some(Self { steps, features, y })
    }

    fn feature<'a>(
        &self,
        event: &'a [f64],
        feature: usize,
    ) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let values = event.iter().skip(feature).step_by(self.features.max(1));
        let points = values.enumerate().map(|(step, value)| (step as f64, *value));
        points.filter(|point| point.1.is_finite())
    }

    fn axes(&self, left: f64, top: f64) -> Axes {
        let (width, height) = PANEL;
        Axes {
            width: left + width,
            height: top + height,
            left,
            right: 0.0,
            top,
            bottom: 0.0,
            x: (0.0, (self.steps.max(2) - 1) as f64),
            y: self.y,
            logarithmic: false,
        }
    }

    /// The first series, each in a panel of its own with a colour for each feature.
    pub fn draw(&self, events: &Rows, label: &str) -> String {
        let (width, height) = PANEL;
        let mut body = String::new();
        for (number, event) in events.iter().take(ACROSS * DOWN).enumerate() {
            let left = LEFT + (number % ACROSS) as f64 * (width + GAP);
            let top = 4.0 + (number / ACROSS) as f64 * (height + GAP);
            let axes = self.axes(left, top);
            let _ = write!(
                body,
                r#"<rect class="frame" x="{left}" y="{top}" width="{width}" height="{height}"/>"#
            );
            if number % ACROSS == 0 {
                for value in [self.y.0, self.y.1] {
                    let low = value == self.y.0;
                    let _ = write!(
                        body,
                        r#"<text class="y" x="{:.1}" y="{:.1}">{}</text>"#,
                        left - 4.0,
                        axes.py(value) + if low { 0.0 } else { 8.0 },
                        crate::gan::training::page::ticks::short((value * 100.0).round() / 100.0)
                    );
                }
            }
            for feature in 0..self.features.min(FEATURES) {
                let path = axes.path(self.feature(event, feature));
                let colour = series_css(feature);
                let _ = write!(body, r#"<path class="step" stroke="{colour}" d="{path}"/>"#);
            }
        }
        let whole = (LEFT + ACROSS as f64 * (width + GAP), 8.0 + DOWN as f64 * (height + GAP));
        format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{label}\">{body}</svg>",
            whole.0, whole.1
        )
    }

    /// A frame of an animation.
    pub fn frame(&self, events: &Rows) -> Picture {
        let (width, height) = FRAME_PANEL;
        let mut picture = Picture::new(ACROSS * width, FRAME_DOWN * height, [255; 3]);
        for (number, event) in events.iter().take(ACROSS * FRAME_DOWN).enumerate() {
            let mut panel = Picture::new(width - 3, height - 3, FRAME_BACK);
            let place = |(step, value): (f64, f64)| {
                let share = (value - self.y.0) / (self.y.1 - self.y.0);
                let across = (step + 0.5) / self.steps.max(1) as f64;
                (across * (width - 3) as f64, (1.0 - share) * (height - 3) as f64)
            };
            for feature in 0..self.features.min(FEATURES) {
                let mut layer = Layer::new(width - 3, height - 3);
                let points: Vec<(f64, f64)> = self.feature(event, feature).map(place).collect();
                layer.path(&points, 0.55, 0.95);
                panel.replace(&layer, series_colour(feature), FRAME_BACK);
            }
            picture.paste(&panel, number % ACROSS * width, number / ACROSS * height);
        }
        picture
    }
}
