//! The features that gave the generated samples away to a classifier.

use super::correlations::pixels;
use super::drawing::axis::{Axis, Scale};
use super::drawing::canvas::{Anchor, Font, draw_svg_up_to};
use super::drawing::font::CAP_HEIGHT;
use super::drawing::geometry::Rect;
use super::drawing::legend::{Block, Entry, Swatch};
use super::drawing::panel::{Bar, Panel};
use super::drawing::rich_text;
use super::drawing::stroke::Stroke;
use super::drawing::style::{FigureContext, FigureSize, INK, LIGHT_GUIDE, Series, Style, Theme};
use super::drawing::ticks::Ticks;
use super::drawing::titles::draw_titles;
use super::error::{PlotError, check_length};
use super::figure::Plot;
use super::table::{Column, Places, Table, TableAxis, plain_text};

/// Horizontal bars, one for each feature and sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Giveaways {
    /// Label of the axis, such as `Loss of AUC when shuffled`.
    pub measure: String,
    /// Labels of the features, most telling first.
    pub features: Vec<String>,
    /// Label (not markup), values and errors of every sample. `[features]`
    pub samples: Vec<(String, Vec<f64>, Option<Vec<f64>>)>,
}

/// More features are not drawn.
const MOST_FEATURES: usize = 20;

impl Giveaways {
    fn check(&self) -> Result<(), PlotError> {
        for (_, values, errors) in &self.samples {
            check_length(&self.measure, "a sample", values.len(), self.features.len())?;
            if let Some(errors) = errors {
                check_length(&self.measure, "the errors", errors.len(), self.features.len())?;
            }
        }
        let mut values = self.samples.iter().flat_map(|sample| &sample.1);
        if values.any(|value| value.is_finite()) {
            Ok(())
        } else {
            Err(PlotError::Empty { figure: self.measure.clone() })
        }
    }
}

impl Plot for Giveaways {
    /// The height follows from the number of features, of which the first twenty are drawn.
    ///
    /// # Errors
    /// If lengths do not fit, or there is no value.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        self.check()?;
        let theme = Theme::new(Style::Plain, 560);
        let features = &self.features[..self.features.len().min(MOST_FEATURES)];
        let count = self.samples.len() as f64;
        let row = 10.0 + 11.0 * count;
        let width = f64::from(size.width);
        let widths = features.iter().map(|name| rich_text::width(name, theme.note, false));
        let left = widths.fold(0.0, f64::max).min(0.45 * width) + 26.0;
        let legend = self.samples.iter().enumerate().map(|(index, (label, ..))| {
            let stroke = Stroke::new(Series::of(index).color, 9.0);
            Entry::Sample(Swatch::Curve(stroke), rich_text::literal(label))
        });
        let legend = Block::new(legend.collect());
        let (legend_width, legend_height) = legend.size(&theme, width - left);
        let top = 2.4 * theme.legend + legend_height;
        let body = Rect::new(left, top, width - left - 24.0, row * features.len() as f64 + 8.0);
        let ends = self.samples.iter().flat_map(|(_, values, errors)| {
            values.iter().take(features.len()).enumerate().map(move |(feature, value)| {
                value + errors.as_ref().map_or(0.0, |errors| errors[feature].max(0.0))
            })
        });
        let high = ends.filter(|end| end.is_finite()).fold(0.0, f64::max);
        let values = self.samples.iter().flat_map(|sample| sample.1.iter().take(features.len()));
        let low = values.copied().filter(|value| value.is_finite()).fold(0.0, f64::min);
        let range = (1.05 * low, if high > low { 1.05 * high } else { 1.0 });
        let panel = Panel {
            rect: body,
            x: Axis::new(Scale::Linear, range, self.measure.as_str(), 6),
            y: Axis {
                ticks: Ticks { ticks: vec![], exponent: 0 },
                ..Axis::new(Scale::Linear, (0.0, 1.0), "", 1)
            },
        };
        Ok(draw_svg_up_to(size.width, &self.measure, |canvas| {
            let major = panel.x.ticks.ticks.iter().filter(|tick| tick.major);
            let lines: Vec<_> = major
                .map(|tick| panel.px(tick.value))
                .map(|x| ((x, body.y), (x, body.bottom())))
                .collect();
            canvas.segments(&lines, Stroke::new(LIGHT_GUIDE, 1.0));
            for (index, (_, values, errors)) in self.samples.iter().enumerate() {
                let color = Series::of(index).color;
                let mut bars = Vec::new();
                let mut lines = Vec::new();
                for (feature, &value) in values.iter().take(features.len()).enumerate() {
                    if !value.is_finite() {
                        continue;
                    }
                    let y = body.y + 9.0 + feature as f64 * row + index as f64 * 11.0;
                    let (zero, end) = (panel.px(0.0), panel.px(value));
                    bars.push(Rect::new(zero.min(end), y, (end - zero).abs(), 9.0));
                    if let Some(errors) = errors {
                        let ends = Bar { x: y + 4.5, low: value, high: value };
                        let error = errors[feature].max(0.0);
                        let (low, high) = (panel.px(ends.low - error), panel.px(ends.high + error));
                        lines.push(((low, ends.x), (high, ends.x)));
                    }
                }
                canvas.rects(&bars, color);
                canvas.segments(&lines, Stroke::new(INK, 1.2));
            }
            for (feature, name) in features.iter().enumerate() {
                let middle = body.y + 8.0 + feature as f64 * row + 5.5 * count;
                let name = rich_text::fit(name, theme.note, false, left - 20.0);
                let at = (left - 10.0, middle + CAP_HEIGHT * theme.note / 2.0);
                canvas.text(&name, at, Anchor::End, Font::new(theme.note, INK));
            }
            let place = Rect::new(left, top - legend_height - 6.0, legend_width, legend_height);
            legend.draw(canvas, place, &theme);
            let line = Rect::new(16.0, 24.0, body.right() - 16.0, 0.0);
            draw_titles(canvas, line, &theme, context);
            panel.draw_frame(canvas, &theme, true);
            panel.draw_x_label(canvas, &theme);
            pixels(body.bottom() + 58.0)
        }))
    }

    fn table(&self) -> Option<Table> {
        self.check().ok()?;
        let names = self.features.iter().map(|name| plain_text(name)).collect();
        let axis = TableAxis {
            name: "Feature".to_owned(),
            unit: String::new(),
            places: Places::Names(names),
        };
        let columns = self.samples.iter().map(|(label, values, errors)| Column {
            errors: errors.as_ref().map(|errors| errors.iter().map(|&e| (e, e)).collect()),
            ..Column::new(&self.measure, label, values.clone())
        });
        Some(Table { axes: vec![axis], columns: columns.collect() })
    }
}
