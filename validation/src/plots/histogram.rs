//! One observable of several samples: unit-area histograms above, their ratios below.

use super::comparison::{Along, Comparison, RatioRange, samples_block, taller};
use super::drawing::axis::{Axis, Scale};
use super::drawing::canvas::draw_svg;
use super::drawing::legend::{Block, Entry, Swatch};
use super::drawing::rich_text;
use super::drawing::style::{FigureContext, FigureSize, Series};
use super::drawing::ticks::grouped;
use super::drawing::two_panels::Layout;
use super::error::{PlotError, check_edges, check_length};
use super::estimates::{Estimates, populated_bins, ratios};
use super::figure::Plot;
use super::table::{Column, Places, Table, TableAxis, unit_of};

/// A sample's counts, or sums of weights, in the bins of a histogram.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistogramSample {
    /// What the legend calls it; not markup.
    pub label: String,
    /// `[bins]`
    pub sums: Vec<f64>,
    /// Sums of squared weights of weighted events. `[bins]`
    pub variances: Option<Vec<f64>>,
    /// Events, inside and outside of the range.
    pub entries: usize,
    pub outside: Outside,
    /// A line under the label in the legend, such as statistics.
    pub remark: String,
}

/// Entries that no bin holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outside {
    /// Below the first edge.
    pub below: usize,
    /// Above the last edge.
    pub above: usize,
    /// Out of range without it being known where, or not a number.
    pub elsewhere: usize,
}

/// The vertical axis of a histogram.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VerticalScale {
    #[default]
    Linear,
    Logarithmic,
}

/// An observable of a reference and of generated samples.
///
/// All are normalised to unit area over the drawn axis (per decade where `log_x`). The errors of
/// counts are Garwood's (68.27 % central), those of weighted sums √Σw². Empty tails are cut off. In
/// the ratio panel the bars are the errors of the generated samples, the band those of the
/// reference; arrows at the frame stand for what is out of range.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// For messages.
    pub name: String,
    /// Label of the horizontal axis, with its unit in parentheses at the end.
    pub label: String,
    /// `[bins + 1]`
    pub edges: Vec<f64>,
    pub log_x: bool,
    pub vertical: VerticalScale,
    pub reference: HistogramSample,
    pub generated: Vec<HistogramSample>,
    /// Small lines in a corner, such as the statistics of the only generated sample.
    pub notes: Vec<String>,
}

impl Histogram {
    /// Whether the counts differ so much that a logarithmic axis shows more: by more than a factor
    /// of a hundred.
    #[must_use]
    pub fn spans_decades(&self) -> bool {
        self.samples().any(|sample| {
            let filled = || sample.sums.iter().copied().filter(|&sum| sum > 0.0);
            let (low, high) = (filled().reduce(f64::min), filled().reduce(f64::max));
            matches!((low, high), (Some(low), Some(high)) if high > 100.0 * low)
        })
    }

    fn samples(&self) -> impl Iterator<Item = &HistogramSample> {
        std::iter::once(&self.reference).chain(&self.generated)
    }

    fn check(&self) -> Result<(), PlotError> {
        check_edges(&self.name, &self.edges)?;
        let bins = self.edges.len() - 1;
        for sample in self.samples() {
            check_length(&self.name, "a histogram", sample.sums.len(), bins)?;
            if let Some(variances) = &sample.variances {
                check_length(&self.name, "the variances", variances.len(), bins)?;
            }
        }
        if self.log_x && self.edges[0] <= 0.0 {
            return Err(PlotError::Edges { figure: self.name.clone() });
        }
        Ok(())
    }

    fn density(&self, sample: &HistogramSample) -> Estimates {
        let sums = Estimates::of_sums(&sample.sums, sample.variances.as_deref());
        sums.density(&self.edges, self.log_x)
    }

    /// The label of the vertical axis, with the unit that the horizontal one names.
    fn density_label(&self) -> String {
        if self.log_x {
            return "Fraction of entries / decade".to_owned();
        }
        match unit_of(&self.label) {
            Some(unit) => format!("Fraction of entries / {}", rich_text::literal(&unit)),
            None => "Normalised entries".to_owned(),
        }
    }

    fn legend(&self, layout: &Layout) -> Block {
        let size = layout.theme.legend;
        let line = |swatch: Swatch, sample: &HistogramSample| {
            let count = format!(" ({} entries)", grouped(sample.entries));
            let room = Block::label_room(layout.main.width, &layout.theme)
                - rich_text::width(&count, size, false);
            let label = rich_text::literal(&sample.label);
            Entry::Sample(swatch, rich_text::fit(&label, size, false, room) + &count)
        };
        let generated = self.generated.iter().enumerate().map(|(index, sample)| {
            (line(Swatch::Line(Series::of(index)), sample), sample.remark.as_str())
        });
        let mut block = samples_block(line(Swatch::Reference, &self.reference), generated);
        block.entries.extend(self.outside_notes().into_iter().map(Entry::Note));
        block
    }

    /// Counts of what no bin holds, where there is any: the reference first.
    #[expect(clippy::type_complexity, reason = "a table that is used once")]
    fn outside_notes(&self) -> Vec<String> {
        let kinds: [(&str, fn(&Outside) -> usize); 3] = [
            ("Underflow", |outside| outside.below),
            ("Overflow", |outside| outside.above),
            ("Out of range", |outside| outside.elsewhere),
        ];
        let mut notes = Vec::new();
        for (title, count) in kinds {
            let counts: Vec<usize> = self.samples().map(|sample| count(&sample.outside)).collect();
            if counts.iter().any(|&count| count > 0) {
                let counts: Vec<String> = counts.into_iter().map(grouped).collect();
                notes.push(format!("{title}: {}", counts.join(" | ")));
            }
        }
        notes
    }
}

impl Plot for Histogram {
    /// # Errors
    /// If a length or the edges do not fit, or the axis is logarithmic and an edge is not positive.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        self.check()?;
        let sums: Vec<&[f64]> = self.samples().map(|sample| sample.sums.as_slice()).collect();
        let bins = populated_bins(&sums);
        let edges = &self.edges[bins.start..=bins.end];
        let cut = |sample: &HistogramSample| self.density(sample).part(bins.clone());
        let reference = cut(&self.reference);
        let generated: Vec<Estimates> = self.generated.iter().map(cut).collect();
        let size = taller(size, self.generated.len());
        let layout = Layout::new(size, context);
        let x_scale = if self.log_x { Scale::Log } else { Scale::Linear };
        let range = (edges[0], edges[edges.len() - 1]);
        let all = || std::iter::once(&reference).chain(&generated);
        let smallest = all().filter_map(Estimates::smallest_positive).reduce(f64::min);
        let (y_scale, low) = match (self.vertical, smallest) {
            (VerticalScale::Logarithmic, Some(smallest)) => (Scale::Log, 0.5 * smallest),
            _ => (Scale::Linear, 0.0),
        };
        let comparison = Comparison {
            along: Along::Bins(edges),
            x: Axis::new(x_scale, range, self.label.as_str(), layout.horizontal_labels()),
            y_scale,
            y_label: self.density_label(),
            low,
            reference: &reference,
            generated: &generated,
            blocks: vec![
                self.legend(&layout),
                Block::new(self.notes.iter().cloned().map(Entry::Note).collect()),
            ],
            ratio_range: RatioRange::Fixed,
        };
        let description = format!("{}: generated against reference", self.label);
        Ok(draw_svg((size.width, size.height), &description, |canvas| {
            comparison.draw(canvas, &layout, context, |_, _| {});
        }))
    }

    /// Densities and ratios of all bins, and the counts that they come from.
    fn table(&self) -> Option<Table> {
        self.check().ok()?;
        let label = self.density_label();
        let reference = self.density(&self.reference);
        let mut columns = vec![Column::of_estimates(&label, &self.reference.label, &reference)];
        let generated: Vec<Estimates> =
            self.generated.iter().map(|sample| self.density(sample)).collect();
        for (sample, density) in self.generated.iter().zip(&generated) {
            columns.push(Column::of_estimates(&label, &sample.label, density));
        }
        for (sample, density) in self.generated.iter().zip(&generated) {
            columns.push(Column::of_ratios(&sample.label, &ratios(&reference, density)));
        }
        for sample in self.samples() {
            let label = if sample.variances.is_some() { "Sum of weights" } else { "Entries" };
            columns.push(Column::new(label, &sample.label, sample.sums.clone()));
        }
        let axis = TableAxis::of_label(&self.label, Places::between(&self.edges));
        Some(Table { axes: vec![axis], columns })
    }
}
