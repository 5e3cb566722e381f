use std::fmt::Write as _;

use super::escaped;
use super::ticks::{logarithmic_ticks, short, ticks};
use crate::gan::training::observables::Comparison;

/// A line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub label: String,
    /// (iteration, value), by iteration.
    pub points: Vec<(f64, f64)>,
}

/// A chart of values over the iterations.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
    pub title: String,
    pub series: Vec<Series>,
    /// Logarithmic, if all values are positive.
    pub logarithmic: bool,
    /// Iterations of roll-backs.
    pub marks: Vec<f64>,
    /// A point to point out.
    pub best: Option<(f64, f64)>,
}

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 24.0;
/// More points than this are drawn as means with a band from the smallest to the greatest.
const POINTS: usize = 180;
/// Colours of the page; more series take them again.
const COLOURS: usize = 6;
/// Share of the values at either end that may lie outside: the first few are often far off.
const OUTSIDE: f64 = 0.01;

/// Where values are on a chart.
#[derive(Debug, Clone, Copy)]
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
    logarithmic: bool,
}

impl Frame {
    fn px(&self, x: f64) -> f64 {
        let span = (self.x.1 - self.x.0).max(f64::MIN_POSITIVE);
        LEFT + (x - self.x.0) / span * (WIDTH - LEFT - RIGHT)
    }

    fn py(&self, y: f64) -> f64 {
        let scaled = |value: f64| if self.logarithmic { value.log10() } else { value };
        let (low, high) = (scaled(self.y.0), scaled(self.y.1));
        let share = (scaled(y) - low) / (high - low).max(f64::MIN_POSITIVE);
        HEIGHT - BOTTOM - share.clamp(-0.02, 1.02) * (HEIGHT - TOP - BOTTOM)
    }

    fn path(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for (x, y) in points {
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{command}{:.1} {:.1}", self.px(x), self.py(y));
        }
        path
    }

    /// Lines and labels of both axes.
    fn axes(&self, labels_y: bool) -> String {
        let mut drawn = String::new();
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        let vertical = if self.logarithmic {
            logarithmic_ticks(self.y.0, self.y.1)
        } else {
            ticks(self.y.0, self.y.1, 4)
        };
        for tick in vertical.iter().filter(|_| labels_y) {
            let y = self.py(*tick);
            let _ = write!(
                drawn,
                r#"<path class="rule" d="M{LEFT} {y:.1}H{right}"/><text class="y" x="{:.1}" y="{:.1}">{}</text>"#,
                LEFT - 5.0,
                y + 3.5,
                short(*tick)
            );
        }
        for tick in ticks(self.x.0, self.x.1, 5) {
            let _ = write!(
                drawn,
                r#"<text class="x" x="{:.1}" y="{:.1}">{}</text>"#,
                self.px(tick),
                HEIGHT - 7.0,
                short(tick)
            );
        }
        let _ = write!(drawn, r#"<path class="axis" d="M{LEFT} {bottom}H{right}"/>"#);
        drawn
    }
}

impl LineChart {
    /// The chart in a figure with its title and legend.
    pub fn draw(&self) -> String {
        let values: Vec<f64> = self
            .series
            .iter()
            .flat_map(|series| series.points.iter().map(|point| point.1))
            .filter(|value| value.is_finite())
            .collect();
        if values.is_empty() {
            return figure(&self.title, "", r#"<p class="none">nothing yet</p>"#);
        }
        let logarithmic = self.logarithmic && values.iter().all(|&value| value > 0.0);
        let of_x = self.series.iter().flat_map(|series| series.points.iter().map(|point| point.0));
        let last = of_x.fold(1.0, f64::max);
        let frame = Frame { x: (0.0, last), y: range(values, logarithmic), logarithmic };
        let mut body = frame.axes(true);
        for mark in &self.marks {
            let (x, bottom) = (frame.px(*mark), HEIGHT - BOTTOM);
            let _ = write!(body, r#"<path class="mark" d="M{x:.1} {TOP}V{bottom}"/>"#);
        }
        for (colour, series) in self.coloured() {
            let buckets = buckets(&series.points);
            if series.points.len() > POINTS {
                let upper = buckets.iter().map(|bucket| (bucket.x, bucket.high));
                let lower = buckets.iter().rev().map(|bucket| (bucket.x, bucket.low));
                let band = frame.path(upper.chain(lower));
                let _ = write!(body, r#"<path class="band c{colour}" d="{band}Z"/>"#);
            }
            let line = frame.path(buckets.iter().map(|bucket| (bucket.x, bucket.mean)));
            let _ = write!(body, r#"<path class="line c{colour}" d="{line}"/>"#);
            if let [only] = &series.points[..] {
                let (x, y) = (frame.px(only.0), frame.py(only.1));
                let _ = write!(
                    body,
                    r#"<circle class="dot c{colour}" cx="{x:.1}" cy="{y:.1}" r="3"/>"#
                );
            }
        }
        if let Some((x, y)) = self.best {
            let (x, y) = (frame.px(x), frame.py(y));
            let _ = write!(body, r#"<circle class="best" cx="{x:.1}" cy="{y:.1}" r="4.5"/>"#);
        }
        let now = |series: &Series| series.points.last().map_or(f64::NAN, |point| point.1);
        let mut legend = String::new();
        for (colour, series) in self.coloured() {
            let _ = write!(
                legend,
                r#"<span class="key c{colour}">{} <b>{}</b></span>"#,
                escaped(&series.label),
                short(now(series))
            );
        }
        figure(&self.title, &format!("<div>{legend}</div>"), &svg(&self.title, &body))
    }

    /// The series, with the number of a colour.
    fn coloured(&self) -> impl Iterator<Item = (usize, &Series)> {
        self.series.iter().enumerate().map(|(index, series)| (index % COLOURS, series))
    }
}

/// Both histograms of a comparison, in a figure. Heights are square roots of the shares, so that
/// tails are seen beside a peak.
pub fn histogram(comparison: &Comparison) -> String {
    let Comparison { label, edges, reference, generated } = comparison;
    let highest = reference.iter().chain(generated).copied().fold(0.0, f64::max).max(1e-9);
    let frame = Frame {
        x: (edges[0], edges[edges.len() - 1]),
        y: (0.0, 1.05 * highest.sqrt()),
        logarithmic: false,
    };
    let steps = |values: &[f64]| {
        let heights = values.iter().map(|share| share.max(0.0).sqrt());
        let inside = heights.zip(edges.windows(2));
        let points = inside.flat_map(|(height, edge)| [(edge[0], height), (edge[1], height)]);
        let ends = ((edges[0], 0.0), (edges[edges.len() - 1], 0.0));
        frame.path(std::iter::once(ends.0).chain(points).chain([ends.1]))
    };
    let body = format!(
        r#"<path class="data" d="{}Z"/>{}<path class="line c0" d="{}"/>"#,
        steps(reference),
        frame.axes(false),
        steps(generated)
    );
    figure(label, "", &svg(label, &body))
}

fn figure(title: &str, legend: &str, content: &str) -> String {
    format!("<figure><figcaption>{}{legend}</figcaption>{content}</figure>\n", escaped(title))
}

fn svg(title: &str, body: &str) -> String {
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{}">{body}</svg>"#,
        escaped(title)
    )
}

/// The range of all but a few of the values, with some room.
fn range(mut values: Vec<f64>, logarithmic: bool) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let skipped = (OUTSIDE * values.len() as f64) as usize;
    let (low, high) = (values[skipped], values[values.len() - 1 - skipped]);
    if logarithmic {
        let room = (high / low).powf(0.06).max(1.05);
        return (low / room, high * room);
    }
    let room = (0.06 * (high - low)).max(0.02 * high.abs().max(low.abs())).max(1e-9);
    (low - room, high + room)
}

/// Neighbouring points together.
struct Bucket {
    x: f64,
    low: f64,
    mean: f64,
    high: f64,
}

fn buckets(points: &[(f64, f64)]) -> Vec<Bucket> {
    let finite: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.1.is_finite()).collect();
    finite
        .chunks(finite.len().div_ceil(POINTS).max(1))
        .map(|chunk| {
            let count = chunk.len() as f64;
            let of_y = || chunk.iter().map(|point| point.1);
            Bucket {
                x: chunk.iter().map(|point| point.0).sum::<f64>() / count,
                low: of_y().fold(f64::INFINITY, f64::min),
                mean: of_y().sum::<f64>() / count,
                high: of_y().fold(f64::NEG_INFINITY, f64::max),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> String {
        let series = vec![Series { label: "a < b".to_owned(), points }];
        let title = "Loss".to_owned();
        LineChart { title, series, logarithmic: true, marks: vec![5.0], best: None }.draw()
    }

    #[test]
    fn drawings_are_well_formed_and_hold_no_number_that_is_none() {
        let many = (0..5000).map(|i| (f64::from(i), f64::from(i % 7) - 3.0)).collect();
        let odd = vec![(1.0, f64::NAN), (2.0, 1e30), (3.0, 1e-30), (4.0, 0.0)];
        for points in [vec![], vec![(20.0, 1.0)], vec![(1.0, 2.0), (2.0, 2.0)], many, odd] {
            let drawn = chart(points);
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
            assert_eq!(drawn.matches("<figure>").count(), drawn.matches("</figure>").count());
            assert!(drawn.len() < 20_000, "{}", drawn.len());
        }
        assert!(chart(vec![(1.0, 1.0)]).contains("a &lt; b"));
        assert!(chart(vec![]).contains("nothing yet"));
    }

    #[test]
    fn a_few_wild_values_do_not_set_the_range() {
        let mut values: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
        values.extend([1e6, -1e6]);
        let (low, high) = range(values, false);
        assert!(low > -0.2 && high < 1.2, "{low} {high}");
    }

    #[test]
    fn many_points_become_means_within_their_range() {
        let points: Vec<(f64, f64)> =
            (0..10_000).map(|i| (f64::from(i), f64::from(i % 2))).collect();
        let found = buckets(&points);
        assert!(found.len() <= POINTS);
        assert!(found.iter().all(|b| (b.low, b.high) == (0.0, 1.0) && (b.mean - 0.5).abs() < 0.02));
    }
}
