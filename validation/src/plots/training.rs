//! How losses and figures of merit went while a model was trained.

use super::drawing::axis::{Axis, Scale};
use super::drawing::canvas::{Canvas, draw_svg};
use super::drawing::geometry::Rect;
use super::drawing::legend::{self, Block, Entry, Swatch};
use super::drawing::panel::{Panel, high_end_with_room};
use super::drawing::rich_text::literal;
use super::drawing::style::{FigureContext, FigureSize, Series, Style, Theme};
use super::drawing::titles::draw_titles;
use super::drawing::two_panels::single_panel;
use super::error::PlotError;
use super::figure::Plot;
use super::roc::table_of_curves;
use super::table::Table;

/// A quantity in the course of a training.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrainingSeries {
    /// Not markup.
    pub label: String,
    /// (iteration, value), rising.
    pub points: Vec<(f64, f64)>,
}

/// Series that share a vertical axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrainingPanel {
    pub y_label: String,
    /// Where all values are above zero.
    pub logarithmic: bool,
    pub series: Vec<TrainingSeries>,
}

/// Panels below each other with the same horizontal axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Training {
    /// Such as `Iteration`.
    pub x_label: String,
    pub panels: Vec<TrainingPanel>,
}

/// Points of a drawn series; more are averaged, with their range as a band.
const DRAWN_POINTS: usize = 400;
const GAP: f64 = 14.0;

/// Neighbouring points of a series together: middle, mean, lowest and highest value.
struct Averaged {
    x: f64,
    mean: f64,
    low: f64,
    high: f64,
}

fn averaged(points: &[(f64, f64)]) -> Vec<Averaged> {
    let finite: Vec<(f64, f64)> =
        points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let size = finite.len().div_ceil(DRAWN_POINTS).max(1);
    finite
        .chunks(size)
        .map(|chunk| Averaged {
            x: f64::midpoint(chunk[0].0, chunk[chunk.len() - 1].0),
            mean: chunk.iter().map(|point| point.1).sum::<f64>() / chunk.len() as f64,
            low: chunk.iter().map(|point| point.1).fold(f64::INFINITY, f64::min),
            high: chunk.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max),
        })
        .collect()
}

impl TrainingPanel {
    /// Places the legend and draws the panel into `rect`.
    fn draw(&self, canvas: &mut Canvas, rect: Rect, x: &Axis, theme: &Theme) -> Panel {
        let series: Vec<Vec<Averaged>> =
            self.series.iter().map(|series| averaged(&series.points)).collect();
        let all = || series.iter().flatten();
        let low = all().map(|point| point.low).fold(f64::INFINITY, f64::min);
        let high = all().map(|point| point.high).fold(f64::NEG_INFINITY, f64::max);
        let scale = if self.logarithmic && low > 0.0 { Scale::Log } else { Scale::Linear };
        let low = match scale {
            Scale::Log => 0.7 * low,
            _ => low - 0.05 * (high - low).max(1e-3 * high.abs()),
        };
        let entries = self.series.iter().enumerate().map(|(index, series)| {
            let stroke = Series::of(index).stroke(1.7);
            Entry::Sample(Swatch::Curve(stroke), literal(&series.label))
        });
        let blocks = [Block::new(entries.collect())];
        let pixel = |at: f64| rect.x + x.position(at) * rect.width;
        let (placed, high) = legend::place(rect, &blocks, theme, |from, to, share| {
            let under = all().filter(|point| (from..=to).contains(&pixel(point.x)));
            let under = under.map(|point| point.high).fold(low, f64::max);
            let needed = high_end_with_room(scale, low, under, share);
            needed.max(high_end_with_room(scale, low, high, 0.06))
        });
        let y = Axis::new(scale, (low, high), self.y_label.as_str(), 4);
        let panel = Panel { rect, x: x.clone(), y };
        for (index, points) in series.iter().enumerate() {
            let look = Series::of(index);
            if points.iter().any(|point| point.high > point.low) {
                let forth = points.iter().map(|point| panel.point((point.x, point.high)));
                let back = points.iter().rev().map(|point| panel.point((point.x, point.low)));
                canvas.polygon(&forth.chain(back).collect::<Vec<_>>(), look.color.faded(0.15));
            }
            let line: Vec<(f64, f64)> = points.iter().map(|point| (point.x, point.mean)).collect();
            panel.curve(canvas, &line, look.stroke(1.5));
        }
        for placed in placed {
            placed.block.draw(canvas, placed.rect, theme);
        }
        panel
    }
}

impl Plot for Training {
    /// # Errors
    /// If there is no point to draw.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        let usable = |panel: &&TrainingPanel| {
            let mut points = panel.series.iter().flat_map(|series| &series.points);
            points.any(|(x, y)| x.is_finite() && y.is_finite())
        };
        let panels: Vec<&TrainingPanel> = self.panels.iter().filter(usable).collect();
        if panels.is_empty() {
            return Err(PlotError::Empty { figure: "training".to_owned() });
        }
        // Titles stand above in every style: curves of a training fill their panel.
        let theme = Theme::new(context.style, size.width);
        let above = Theme::new(Style::Plain, size.width);
        let whole = single_panel(size, &theme);
        let top = 2.0 * above.label;
        let whole = Rect { y: top, height: whole.bottom() - top, ..whole };
        let xs = panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
        let xs = xs.map(|point| point.0).filter(|x| x.is_finite());
        let (low, high) =
            xs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let x = Axis::new(Scale::Linear, (low, high), self.x_label.as_str(), 6);
        let count = panels.len() as f64;
        let height = (whole.height - GAP * (count - 1.0)) / count;
        Ok(draw_svg((size.width, size.height), "Training curves", |canvas| {
            for (index, training) in panels.iter().enumerate() {
                let top = whole.y + index as f64 * (height + GAP);
                let rect = Rect { y: top, height, ..whole };
                let panel = training.draw(canvas, rect, &x, &theme);
                let last = index + 1 == panels.len();
                panel.draw_frame(canvas, &theme, last);
                panel.draw_y_label(canvas, 6.0 + theme.label, &theme);
                if last {
                    panel.draw_x_label(canvas, &theme);
                }
            }
            draw_titles(canvas, whole, &theme, context);
        }))
    }

    fn table(&self) -> Option<Table> {
        let series = self.panels.iter().flat_map(|panel| {
            panel
                .series
                .iter()
                .map(|one| (format!("{}: {}", panel.y_label, one.label), &one.points))
        });
        let series: Vec<(String, &Vec<(f64, f64)>)> = series.collect();
        let curves = series.iter().map(|(name, points)| (name.as_str(), &points[..]));
        series
            .iter()
            .any(|one| !one.1.is_empty())
            .then(|| table_of_curves("Series", &self.x_label, "Value", curves))
    }
}
