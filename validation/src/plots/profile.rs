//! A quantity against another: in bins of depth or radius, or at points such as energies, with the
//! ratio of the samples below.

use super::comparison::{Along, Comparison, RatioRange, samples_block, taller};
use super::drawing::axis::{Axis, Scale};
use super::drawing::canvas::draw_svg;
use super::drawing::legend::{Block, Entry, Swatch};
use super::drawing::rich_text::literal;
use super::drawing::stroke::Stroke;
use super::drawing::style::{FigureContext, FigureSize, INK, Series};
use super::drawing::two_panels::Layout;
use super::error::{PlotError, check_edges, check_length};
use super::estimates::{Estimates, ratios};
use super::figure::Plot;
use super::table::{Column, Places, Table, TableAxis};

/// Where the values are.
#[derive(Debug, Clone, PartialEq)]
pub enum Positions {
    /// Drawn as steps. `[values + 1]`
    Edges(Vec<f64>),
    /// Drawn as points. `[values]`
    Points(Vec<f64>),
}

/// A sample's values at the positions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProfileSample {
    /// What the legend calls it; not markup.
    pub label: String,
    pub estimates: Estimates,
    /// A line under the label in the legend, such as fitted parameters.
    pub remark: String,
    /// A curve to draw through the values, such as a fit: (x, y), rising in x.
    pub curve: Vec<(f64, f64)>,
}

/// The vertical axis of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileScale {
    /// From zero.
    FromZero,
    /// As the values need.
    Close,
    Logarithmic,
}

/// A quantity of a reference and of generated samples along another one.
///
/// In bins the reference is an area (or points) and the others are lines, at points all have
/// markers. In the ratio panel the bars are the errors of the generated samples, grey the errors of
/// the reference; arrows at the frame stand for what is out of range.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// For messages.
    pub name: String,
    pub x_label: String,
    pub y_label: String,
    pub positions: Positions,
    pub x_scale: Scale,
    pub y_scale: ProfileScale,
    pub reference: ProfileSample,
    pub generated: Vec<ProfileSample>,
    /// Small lines in a corner.
    pub notes: Vec<String>,
}

impl Profile {
    fn samples(&self) -> impl Iterator<Item = &ProfileSample> {
        std::iter::once(&self.reference).chain(&self.generated)
    }

    fn check(&self) -> Result<(), PlotError> {
        let length = match &self.positions {
            Positions::Edges(edges) => {
                check_edges(&self.name, edges)?;
                edges.len() - 1
            }
            Positions::Points(points) => {
                if points.iter().any(|x| !x.is_finite()) {
                    return Err(PlotError::Edges { figure: self.name.clone() });
                }
                points.len()
            }
        };
        for sample in self.samples() {
            let Estimates { values, down, up } = &sample.estimates;
            check_length(&self.name, "a profile", values.len(), length)?;
            check_length(&self.name, "the errors", down.len().min(up.len()), length)?;
        }
        Ok(())
    }

    /// Low and high end of all error bars, and of the values above zero.
    fn range(&self) -> Option<(f64, f64)> {
        let all = self.samples().map(|sample| &sample.estimates);
        let ends = all.flat_map(|one| {
            (0..one.len()).filter(|&bin| one.known(bin)).map(|bin| {
                let (low, high) = one.interval(bin);
                match self.y_scale {
                    ProfileScale::Logarithmic => (one.values[bin], high),
                    _ => (low, high),
                }
            })
        });
        let positive = |low: f64| self.y_scale != ProfileScale::Logarithmic || low > 0.0;
        ends.filter(|&(low, high)| positive(low) && high.is_finite() && low.is_finite())
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    fn x_axis(&self, labels: usize) -> Axis {
        let range = match &self.positions {
            Positions::Edges(edges) => (edges[0], edges[edges.len() - 1]),
            Positions::Points(points) => {
                let low = points.iter().copied().fold(f64::INFINITY, f64::min);
                let high = points.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                match self.x_scale {
                    Scale::Log => (low / 1.5, high * 1.5),
                    _ => {
                        let margin = if high > low { 0.06 * (high - low) } else { 0.5 };
                        (low - margin, high + margin)
                    }
                }
            }
        };
        Axis::new(self.x_scale, range, self.x_label.as_str(), labels)
    }

    fn legend(&self) -> Block {
        let points = matches!(self.positions, Positions::Points(_));
        let swatch = if points { Swatch::ReferencePoint } else { Swatch::Reference };
        let reference = Entry::Sample(swatch, literal(&self.reference.label));
        let generated = self.generated.iter().enumerate().map(|(index, sample)| {
            let series = Series::of(index);
            let swatch = if points { Swatch::Point(series) } else { Swatch::Line(series) };
            (Entry::Sample(swatch, literal(&sample.label)), sample.remark.as_str())
        });
        let mut block = samples_block(reference, generated);
        if !self.reference.remark.is_empty() {
            block.entries.insert(1, Entry::Remark(self.reference.remark.clone()));
        }
        block
    }
}

impl Plot for Profile {
    /// # Errors
    /// If lengths or edges do not fit, or no value can be drawn.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        self.check()?;
        let empty = || PlotError::Empty { figure: self.name.clone() };
        let (bottom, top) = self.range().ok_or_else(empty)?;
        if top <= 0.0 && self.y_scale != ProfileScale::Close {
            return Err(empty());
        }
        let size = taller(size, self.generated.len());
        let layout = Layout::new(size, context);
        let (y_scale, low) = match self.y_scale {
            ProfileScale::FromZero => (Scale::Linear, bottom.min(0.0)),
            ProfileScale::Close => {
                (Scale::Linear, bottom - 0.25 * (top - bottom).max(0.02 * top.abs()))
            }
            ProfileScale::Logarithmic => (Scale::Log, 0.5 * bottom),
        };
        let along = match &self.positions {
            Positions::Edges(edges) => Along::Bins(edges),
            Positions::Points(points) => Along::Points(points),
        };
        let generated: Vec<Estimates> =
            self.generated.iter().map(|sample| sample.estimates.clone()).collect();
        let comparison = Comparison {
            along,
            x: self.x_axis(layout.horizontal_labels()),
            y_scale,
            y_label: self.y_label.clone(),
            low,
            reference: &self.reference.estimates,
            generated: &generated,
            blocks: vec![
                self.legend(),
                Block::new(self.notes.iter().cloned().map(Entry::Note).collect()),
            ],
            ratio_range: match self.positions {
                Positions::Edges(_) => RatioRange::Fixed,
                Positions::Points(_) => RatioRange::Narrow,
            },
        };
        let description =
            format!("{} against {}: generated against reference", self.y_label, self.x_label);
        Ok(draw_svg((size.width, size.height), &description, |canvas| {
            comparison.draw(canvas, &layout, context, |canvas, panel| {
                panel.curve(canvas, &self.reference.curve, Stroke::new(INK, 1.1));
                for (index, sample) in self.generated.iter().enumerate() {
                    panel.curve(canvas, &sample.curve, Series::of(index).stroke(1.3));
                }
            });
        }))
    }

    fn table(&self) -> Option<Table> {
        self.check().ok()?;
        let places = match &self.positions {
            Positions::Edges(edges) => Places::between(edges),
            Positions::Points(points) => Places::Values(points.clone()),
        };
        let mut columns: Vec<Column> = self
            .samples()
            .map(|sample| Column::of_estimates(&self.y_label, &sample.label, &sample.estimates))
            .collect();
        for sample in &self.generated {
            let ratios = ratios(&self.reference.estimates, &sample.estimates);
            columns.push(Column::of_ratios(&sample.label, &ratios));
        }
        Some(Table { axes: vec![TableAxis::of_label(&self.x_label, places)], columns })
    }
}
