//! What all figures with a main panel and a ratio panel share: one reference, one or more
//! generated samples.

use super::drawing::axis::{Axis, Scale};
use super::drawing::canvas::Canvas;
use super::drawing::geometry::{Point, Rect};
use super::drawing::legend::{self, Block, Entry, Placed};
use super::drawing::marker::Marker;
use super::drawing::panel::{Bar, Panel, high_end_with_room};
use super::drawing::stroke::Stroke;
use super::drawing::style::{
    FigureContext, FigureSize, INK, PAPER, REFERENCE_BAND, REFERENCE_FILL, REFERENCE_LINE, Series,
    Theme,
};
use super::drawing::titles::title_entries;
use super::drawing::two_panels::{Layout, draw_unity};
use super::estimates::{Estimates, Ratio, ratios};

/// Where the values are along the horizontal axis.
#[derive(Debug, Clone, Copy)]
pub(super) enum Along<'a> {
    /// Steps between edges. `[values + 1]`
    Bins(&'a [f64]),
    /// Points. `[values]`
    Points(&'a [f64]),
}

/// Half the width of a point's error band in pixels.
const POINT_BAND: f64 = 7.0;
/// Between the points of neighbouring series, in pixels.
const POINT_STEP: f64 = 5.0;
/// Wider bins have a horizontal bar in the ratio panel.
const WIDE_BIN: f64 = 12.0;

/// What stands in both panels.
pub(super) struct Comparison<'a> {
    pub along: Along<'a>,
    pub x: Axis,
    pub y_scale: Scale,
    pub y_label: String,
    /// The low end of the vertical axis.
    pub low: f64,
    pub reference: &'a Estimates,
    pub generated: &'a [Estimates],
    pub blocks: Vec<Block>,
    pub ratio_range: RatioRange,
}

/// The vertical range of the ratio panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RatioRange {
    /// From 0.5 to 1.5.
    Fixed,
    /// As narrow as the points allow, between ±2 % and ±50 %.
    Narrow,
}

impl Comparison<'_> {
    /// Draws both panels; `curves` draws more into the main panel, below the points.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        layout: &Layout,
        context: &FigureContext,
        curves: impl FnOnce(&mut Canvas, &Panel),
    ) {
        let theme = &layout.theme;
        let (placed, high) = self.place_blocks(layout, context);
        let labels = if self.y_scale == Scale::Log { 7 } else { 5 };
        let y = Axis::new(self.y_scale, (self.low, high), self.y_label.as_str(), labels);
        let main = Panel { rect: layout.main, x: self.x.clone(), y };
        let all: Vec<Vec<Option<Ratio>>> =
            self.generated.iter().map(|sample| ratios(self.reference, sample)).collect();
        let mut ratio = layout.ratio_panel(self.x.clone());
        if self.ratio_range == RatioRange::Narrow {
            ratio.y = Axis::new(Scale::Linear, narrow_range(&all), "Ratio", 3);
        }
        if let Along::Bins(edges) = self.along {
            self.draw_reference_steps(canvas, &main, edges, theme);
        }
        curves(canvas, &main);
        if matches!(self.along, Along::Points(_)) {
            self.draw_reference_points(canvas, &main, theme);
        }
        for (index, sample) in self.generated.iter().enumerate() {
            self.draw_sample(canvas, &main, sample, index, theme);
        }
        self.draw_reference_band(canvas, &ratio);
        draw_unity(canvas, &ratio);
        for (index, ratios) in all.iter().enumerate() {
            self.draw_ratios(canvas, &ratio, ratios, index, theme);
        }
        for placed in placed {
            placed.block.draw(canvas, placed.rect, theme);
        }
        layout.draw_titles(canvas, context);
        layout.draw_frames(canvas, &main, &ratio);
    }

    fn place_blocks(&self, layout: &Layout, context: &FigureContext) -> (Vec<Placed>, f64) {
        let titles = Block::of_titles(&layout.theme, title_entries(context));
        let mut blocks: Vec<Block> = titles.into_iter().collect();
        blocks.extend(self.blocks.iter().filter(|block| !block.entries.is_empty()).cloned());
        let top = self.highest(f64::NEG_INFINITY, f64::INFINITY, layout);
        let Some(top) = top else {
            let (placed, _) = legend::place(layout.main, &blocks, &layout.theme, |_, _, _| 1.0);
            return (placed, self.low + 1.0);
        };
        legend::place(layout.main, &blocks, &layout.theme, |from, to, share| {
            let under = self.highest(from, to, layout).unwrap_or(self.low);
            let needed = high_end_with_room(self.y_scale, self.low, under, share);
            needed.max(high_end_with_room(self.y_scale, self.low, top, 0.06))
        })
    }

    /// The highest end of an error bar between two pixels.
    fn highest(&self, from: f64, to: f64, layout: &Layout) -> Option<f64> {
        let pixel = |x: f64| layout.main.x + self.x.position(x) * layout.main.width;
        let samples = || std::iter::once(self.reference).chain(self.generated);
        let mut highest: Option<f64> = None;
        for bin in 0..self.reference.len() {
            let (left, right) = match self.along {
                Along::Bins(edges) => (pixel(edges[bin]), pixel(edges[bin + 1])),
                Along::Points(points) => {
                    (pixel(points[bin]) - POINT_BAND, pixel(points[bin]) + POINT_BAND)
                }
            };
            if right >= from && left <= to {
                let tops =
                    samples().filter(|sample| sample.known(bin) && sample.values[bin] != 0.0);
                let top = tops.map(|sample| sample.interval(bin).1).reduce(f64::max);
                highest = highest.into_iter().chain(top).reduce(f64::max);
            }
        }
        highest
    }

    fn draw_reference_steps(
        &self,
        canvas: &mut Canvas,
        panel: &Panel,
        edges: &[f64],
        theme: &Theme,
    ) {
        let steps = panel.steps(edges, &self.reference.values);
        if theme.reference_points {
            let filled: Vec<usize> = (0..self.reference.len())
                .filter(|&bin| self.reference.known(bin) && self.reference.values[bin] != 0.0)
                .collect();
            let bars: Vec<Bar> =
                filled.iter().map(|&bin| self.bar(panel, self.reference, bin, 0.0)).collect();
            panel.error_bars(canvas, &bars, Stroke::new(INK, 1.1 * theme.weight));
            let points: Vec<Point> = filled
                .iter()
                .map(|&bin| (self.pixel(panel, bin), self.reference.values[bin]))
                .filter(|&(_, value)| panel.has_y(value))
                .map(|(x, value)| (x, panel.py(value)))
                .collect();
            let room = panel.rect.width / self.reference.len().max(1) as f64;
            let radius = (0.36 * room).clamp(1.5, 3.0) * theme.weight;
            canvas.markers(&points, radius, Marker::Circle, INK);
        } else {
            canvas.polygon(&steps, REFERENCE_FILL);
            let bands: Vec<_> = (0..self.reference.len())
                .map(|bin| match self.reference.values[bin] {
                    0.0 => (0.0, 0.0),
                    _ => self.reference.interval(bin),
                })
                .collect();
            panel.error_band(canvas, edges, &bands, REFERENCE_BAND);
            panel.outline(canvas, &steps, Stroke::new(REFERENCE_LINE, 1.0));
        }
    }

    fn draw_reference_points(&self, canvas: &mut Canvas, panel: &Panel, theme: &Theme) {
        let known: Vec<usize> =
            (0..self.reference.len()).filter(|&bin| self.reference.known(bin)).collect();
        let bars: Vec<Bar> =
            known.iter().map(|&bin| self.bar(panel, self.reference, bin, 0.0)).collect();
        panel.error_bars(canvas, &bars, Stroke::new(INK, 1.2 * theme.weight));
        let points: Vec<Point> = known
            .iter()
            .map(|&bin| (self.pixel(panel, bin), panel.py(self.reference.values[bin])))
            .collect();
        let circle = Marker::Circle;
        canvas.markers(&points, 4.6, circle, PAPER);
        canvas.open_markers(&points, 4.4, circle, Stroke::new(INK, 1.4 * theme.weight));
    }

    fn draw_sample(
        &self,
        canvas: &mut Canvas,
        panel: &Panel,
        sample: &Estimates,
        index: usize,
        theme: &Theme,
    ) {
        let series = Series::of(index);
        let shift = self.shift(panel, index);
        let drawn: Vec<usize> = (0..sample.len())
            .filter(|&bin| sample.known(bin))
            .filter(|&bin| matches!(self.along, Along::Points(_)) || sample.values[bin] != 0.0)
            .collect();
        let bars: Vec<Bar> = drawn.iter().map(|&bin| self.bar(panel, sample, bin, shift)).collect();
        match self.along {
            Along::Bins(edges) => {
                let steps = panel.steps(edges, &sample.values);
                panel.outline(canvas, &steps, series.stroke(1.7 * theme.weight));
                panel.error_bars(canvas, &bars, Stroke::new(series.color, theme.weight));
            }
            Along::Points(_) => {
                panel.error_bars(canvas, &bars, Stroke::new(series.color, 1.2 * theme.weight));
                let points: Vec<Point> = drawn
                    .iter()
                    .map(|&bin| (self.pixel(panel, bin) + shift, panel.py(sample.values[bin])))
                    .collect();
                canvas.markers(&points, 3.2 * theme.weight, series.marker, series.color);
            }
        }
    }

    /// The reference's errors around a ratio of one.
    fn draw_reference_band(&self, canvas: &mut Canvas, panel: &Panel) {
        let own = ratios(self.reference, self.reference);
        let band = |ratio: &Option<Ratio>| {
            ratio.map_or((1.0, 1.0), |own| (1.0 - own.reference_down, 1.0 + own.reference_up))
        };
        let bands: Vec<(f64, f64)> = own.iter().map(band).collect();
        match self.along {
            Along::Bins(edges) => panel.error_band(canvas, edges, &bands, REFERENCE_FILL),
            Along::Points(_) => {
                for (bin, band) in bands.iter().enumerate() {
                    let (top, bottom) = (panel.py(band.1), panel.py(band.0));
                    let left = self.pixel(panel, bin) - POINT_BAND;
                    let (width, height) = (2.0 * POINT_BAND, bottom - top);
                    let rect = Rect::new(left, top, width, height);
                    canvas.rect(rect, REFERENCE_FILL);
                }
            }
        }
    }

    fn draw_ratios(
        &self,
        canvas: &mut Canvas,
        panel: &Panel,
        ratios: &[Option<Ratio>],
        index: usize,
        theme: &Theme,
    ) {
        let series = Series::of(index);
        let shift = self.shift(panel, index);
        // What an error bar across the whole range says is little: it stays in the background.
        for says_little in [true, false] {
            let color = if says_little { series.color.faded(0.3) } else { series.color };
            let (mut bars, mut points, mut widths) = (Vec::new(), Vec::new(), Vec::new());
            for (bin, ratio) in ratios.iter().enumerate() {
                let Some(ratio) = ratio else { continue };
                let (low, high) = (ratio.value - ratio.down, ratio.value + ratio.up);
                if (low <= panel.y.low && high >= panel.y.high) != says_little {
                    continue;
                }
                let x = self.pixel(panel, bin) + shift;
                bars.push(Bar { x, low, high });
                if !panel.has_y(ratio.value) {
                    panel.arrow(canvas, x, ratio.value > panel.y.high, color);
                    continue;
                }
                let y = panel.py(ratio.value);
                points.push((x, y));
                if let Along::Bins(edges) = self.along {
                    let (left, right) = (panel.px(edges[bin]), panel.px(edges[bin + 1]));
                    if right - left > WIDE_BIN {
                        widths.push(((left, y), (right, y)));
                    }
                }
            }
            let line = Stroke::new(color, 1.1 * theme.weight);
            panel.error_bars(canvas, &bars, line);
            canvas.segments(&widths, line);
            let room = panel.rect.width / ratios.len().max(1) as f64;
            let radius = match self.along {
                Along::Bins(_) => (0.36 * room).clamp(1.4, 2.4),
                Along::Points(_) => 3.2,
            };
            canvas.markers(&points, radius * theme.weight, series.marker, color);
        }
    }

    fn bar(&self, panel: &Panel, sample: &Estimates, bin: usize, shift: f64) -> Bar {
        let (low, high) = sample.interval(bin);
        Bar { x: self.pixel(panel, bin) + shift, low, high }
    }

    /// The middle of a bin as it is drawn.
    fn pixel(&self, panel: &Panel, bin: usize) -> f64 {
        match self.along {
            Along::Points(points) => panel.px(points[bin]),
            Along::Bins(edges) => f64::midpoint(panel.px(edges[bin]), panel.px(edges[bin + 1])),
        }
    }

    /// Series stand beside each other where there is room.
    fn shift(&self, panel: &Panel, index: usize) -> f64 {
        let count = self.generated.len() as f64;
        let place = index as f64 - (count - 1.0) / 2.0;
        match self.along {
            Along::Points(_) => place * POINT_STEP,
            Along::Bins(_) => {
                let room = panel.rect.width / self.reference.len().max(1) as f64;
                place * (0.6 * room / count).min(POINT_STEP)
            }
        }
    }
}

/// A range around one that holds all points with their errors.
fn narrow_range(all: &[Vec<Option<Ratio>>]) -> (f64, f64) {
    let ratios = all.iter().flatten().flatten();
    let reach = |ratio: &Ratio| {
        let own = (ratio.value + ratio.up - 1.0).max(1.0 + ratio.down - ratio.value);
        own.max(ratio.reference_down.max(ratio.reference_up))
    };
    let largest = ratios.map(reach).fold(0.0, f64::max);
    let choices = [0.02, 0.05, 0.1, 0.2, 0.5];
    let half = choices.into_iter().find(|half| largest < 0.9 * half).unwrap_or(0.5);
    (1.0 - half, 1.0 + half)
}

/// Lines of a legend: the reference, and every generated sample with its remark.
pub(super) fn samples_block<'a>(
    reference: Entry,
    generated: impl Iterator<Item = (Entry, &'a str)>,
) -> Block {
    let mut entries = vec![reference];
    for (entry, remark) in generated {
        entries.push(entry);
        if !remark.is_empty() {
            entries.push(Entry::Remark(remark.to_owned()));
        }
    }
    Block::new(entries)
}

/// The size of a figure with so many generated samples: every one beyond the first takes room in
/// the legend.
pub(super) fn taller(size: FigureSize, samples: usize) -> FigureSize {
    let more = u32::try_from(samples.saturating_sub(1)).unwrap_or(0);
    FigureSize { height: size.height + size.height / 18 * more.min(9), ..size }
}
