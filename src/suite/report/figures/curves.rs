use std::fmt::Write as _;

use super::axes::{Axes, range};
use crate::suite::report::curves::mean_curve;
use crate::suite::report::draw::series_css;
use crate::suite::report::text::escaped;

/// The curves of one system: a thin line for each seed, a thick one for their mean.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemCurves {
    pub label: String,
    /// The chart that it goes to, if not to the next with room.
    pub panel: Option<String>,
    /// Number of its colour.
    pub colour: usize,
    /// Of each seed, (iteration, value).
    pub seeds: Vec<Vec<(f64, f64)>>,
}

/// A measure over the training, of several systems.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveFigure {
    pub title: String,
    pub systems: Vec<SystemCurves>,
    /// What the measure is of data against data.
    pub floor: Option<f64>,
}

const WIDTH: f64 = 430.0;
const HEIGHT: f64 = 240.0;
/// More points of a line than this are drawn as means of neighbours.
const POINTS: usize = 150;
/// Systems in one chart; more go to further charts with the same axes.
const SYSTEMS: usize = 8;
/// Largest over smallest value from which on the axis is logarithmic.
const DECADES: f64 = 40.0;
/// Share of the values that may lie beyond either end: a training that leaves all bounds does not
/// hide the others.
const BEYOND: f64 = 0.01;

impl CurveFigure {
    /// One or more charts; nothing if there is no value.
    pub fn draw(&self) -> String {
        let mut values: Vec<f64> = self.points().map(|point| point.1).collect();
        values.sort_by(f64::total_cmp);
        let beyond = (BEYOND * values.len() as f64) as usize;
        let inside = &values[beyond..values.len() - beyond];
        let (Some(&low), Some(&high)) = (inside.first(), inside.last()) else {
            return String::new();
        };
        let logarithmic = low > 0.0 && high / low > DECADES;
        let shown = self.floor.filter(|floor| !logarithmic || *floor > 0.0);
        let limits = [low, high].into_iter().chain(shown);
        let Some(y) = range(limits, logarithmic) else { return String::new() };
        let last = self.points().map(|point| point.0).fold(1.0, f64::max);
        let axes = Axes {
            width: WIDTH,
            height: HEIGHT,
            left: 52.0,
            right: 14.0,
            top: 10.0,
            bottom: 24.0,
            x: (0.0, last),
            y,
            logarithmic,
        };
        let charts = self.panels().into_iter().flat_map(|(title, systems)| {
            let chunks: Vec<String> = systems
                .chunks(SYSTEMS)
                .map(|systems| chart(&title, systems, &axes, shown))
                .collect();
            chunks
        });
        charts.collect()
    }

    /// Titles and systems of the charts, in the order in which they come first.
    fn panels(&self) -> Vec<(String, Vec<&SystemCurves>)> {
        let mut panels: Vec<(String, Vec<&SystemCurves>)> = Vec::new();
        for system in &self.systems {
            let title = match &system.panel {
                Some(panel) => format!("{}: {panel}", self.title),
                None => self.title.clone(),
            };
            match panels.iter_mut().find(|panel| panel.0 == title) {
                Some(panel) => panel.1.push(system),
                None => panels.push((title, vec![system])),
            }
        }
        // In charts beside each other, colours come in the same order.
        for (_, systems) in panels.iter_mut().filter(|(_, systems)| systems[0].panel.is_some()) {
            systems.sort_by_key(|system| system.colour);
        }
        panels
    }

    fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        let seeds = self.systems.iter().flat_map(|system| &system.seeds);
        seeds.flatten().filter(|point| point.1.is_finite())
    }
}

fn chart(title: &str, systems: &[&SystemCurves], axes: &Axes, floor: Option<f64>) -> String {
    let mut body = axes.draw(5, 4);
    if let Some(floor) = floor {
        let (y, left, right) = (axes.py(floor), axes.left, axes.width - axes.right);
        let _ = write!(body, r#"<path class="floor" d="M{left} {y:.1}H{right}"/>"#);
    }
    let mut legend = String::new();
    // Means on top of all seeds.
    let mut means = String::new();
    for system in systems {
        let colour = series_css(system.colour);
        let seeds: Vec<&[(f64, f64)]> =
            system.seeds.iter().filter(|seed| !seed.is_empty()).map(Vec::as_slice).collect();
        if seeds.len() > 1 {
            for seed in &seeds {
                let path = axes.path(thinned(seed));
                let _ = write!(body, r#"<path class="seed" stroke="{colour}" d="{path}"/>"#);
            }
        }
        let mean = mean_curve(&seeds);
        let path = axes.path(thinned(&mean));
        let _ = write!(means, r#"<path class="mean" stroke="{colour}" d="{path}"/>"#);
        if let [(x, y)] = mean[..] {
            let _ = write!(
                means,
                r#"<circle fill="{colour}" cx="{:.1}" cy="{:.1}" r="3"/>"#,
                axes.px(x),
                axes.py(y)
            );
        }
        let _ = write!(
            legend,
            r#"<span class="key"><i style="background:{colour}"></i>{}</span> "#,
            escaped(&system.label)
        );
    }
    if floor.is_some() {
        legend += r#"<span class="key"><i class="dashed"></i>data against data</span>"#;
    }
    let names: Vec<&str> = systems.iter().map(|system| system.label.as_str()).collect();
    format!(
        "<figure class=\"chart\"><figcaption>{}</figcaption>\
         <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{} against the iteration, of {}\">{body}{means}</svg>\
         <div class=\"legend\">{legend}</div></figure>\n",
        escaped(title),
        escaped(title),
        escaped(&names.join(", "))
    )
}

/// At most [`POINTS`] means of neighbouring points.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mean = |chunk: &[(f64, f64)]| {
        let count = chunk.len() as f64;
        let (x, y) = chunk.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        (x / count, y / count)
    };
    points.chunks(points.len().div_ceil(POINTS).max(1)).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(seeds: Vec<Vec<(f64, f64)>>, systems: usize) -> String {
        let one = SystemCurves { label: "<gan>".to_owned(), panel: None, colour: 0, seeds };
        let title = "modes & more".to_owned();
        CurveFigure { title, systems: vec![one; systems], floor: Some(2.0) }.draw()
    }

    #[test]
    fn seeds_are_thin_and_their_mean_is_thick() {
        let seed = |offset: f64| (0..500).map(|i| (f64::from(i), offset + f64::from(i))).collect();
        let drawn = figure(vec![seed(0.0), seed(1.0), seed(2.0)], 1);
        assert_eq!(drawn.matches("class=\"seed\"").count(), 3);
        assert_eq!(drawn.matches("class=\"mean\"").count(), 1);
        assert!(drawn.contains("&lt;gan&gt;") && drawn.contains("modes &amp; more"), "{drawn}");
        assert!(!drawn.contains("<gan>") && drawn.len() < 20_000, "{}", drawn.len());
        let single = figure(vec![vec![(10.0, 1.0)]], 1);
        assert!(single.contains("<circle") && !single.contains("class=\"seed\""), "{single}");
    }

    #[test]
    fn many_systems_take_several_charts_and_no_value_takes_none() {
        assert_eq!(figure(vec![vec![(1.0, 1.0), (2.0, 3.0)]], 28).matches("<figure").count(), 4);
        assert_eq!(figure(vec![vec![]], 3), "");
        assert_eq!(figure(vec![vec![(1.0, f64::NAN)]], 3), "");
        let wild = figure(vec![vec![(1.0, -1e300), (2.0, 1e300), (3.0, 0.0)]], 1);
        assert!(!wild.contains("NaN") && !wild.contains("inf"), "{wild}");
    }
}
