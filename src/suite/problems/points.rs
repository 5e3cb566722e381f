use ndarray::Array2;
use validation::ValidationError;
use validation::metrics::FeatureMatrix;
use validation::metrics::modes::{GaussianModes, ModeCoverage, mode_coverage};
use validation::metrics::neighbours::manifold_measures;
use validation::metrics::transport::{exact_wasserstein, sliced_wasserstein};

use crate::events::Events;
use crate::random::{Normals, Purpose, Streams};
use crate::suite::data_context::DataContext;
use crate::suite::error::SuiteError;
use crate::suite::problem::{Headline, Problem, ProblemData, general_detector};
use crate::suite::system::Measures;
use crate::suite::tier::Tier;

/// Points in a few dimensions that are drawn from a known density.
#[derive(Debug, Clone, Copy)]
pub struct PointSet {
    pub name: &'static str,
    pub title: &'static str,
    pub source: &'static str,
    pub dimensions: usize,
    /// Draws a point; and its class, if there are classes.
    pub draw: fn(&mut Normals, &mut [f32]) -> usize,
    /// Classes that a system can be told.
    pub classes: Option<usize>,
    /// The modes of a mixture, where it is one.
    pub modes: Option<fn() -> Result<GaussianModes, ValidationError>>,
    /// Distance from a mode up to which a point is of high quality, in σ of each coordinate.
    pub sigmas: f64,
    pub template: &'static str,
    pub headline: &'static [Headline],
}

/// Points that are trained on.
const TRAIN: usize = 100_000;
/// Points that are judged by.
const TEST: usize = 10_000;
/// Samples that are judged: 2,500 as in arXiv:1712.04086.
const SAMPLES: usize = 2_500;
/// Points of an exact transport.
const TRANSPORTED: usize = 1_000;
/// Points of the measures that are taken in a training.
const QUICK: usize = 1_000;
/// Directions of the sliced distance.
const DIRECTIONS: usize = 100;
const NEIGHBOURS: usize = 5;
/// The data are the same for every seed of a training.
const SEED: u64 = 20_170_401;

impl PointSet {
    fn events(&self, first: u64, count: usize) -> Events {
        let streams = Streams::new(SEED, Purpose::Problem);
        let mut values = vec![0.0; count * self.dimensions];
        let mut classes = Vec::with_capacity(count);
        for (number, point) in (first..).zip(values.chunks_mut(self.dimensions)) {
            classes.push((self.draw)(&mut streams.normals(number), point) as f64);
        }
        let fills = "a row for each point";
        let width = usize::from(self.classes.is_some());
        let conditions = if width == 1 { classes } else { Vec::new() };
        Events {
            conditions: Array2::from_shape_vec((count, width), conditions).expect(fills),
            values: Array2::from_shape_vec((count, self.dimensions), values).expect(fills),
            weights: None,
        }
    }

    fn coverage(&self, samples: &Events) -> Option<Result<ModeCoverage, ValidationError>> {
        let modes = self.modes?;
        let covered = || {
            let points = FeatureMatrix::new("samples", samples.values.view())?;
            // A point is close if its root mean square distance of a coordinate is: in two
            // dimensions the rule of arXiv:1712.04086, sigmas · σ from the mode.
            let scale = (self.dimensions as f64 / 2.0).sqrt();
            mode_coverage(&points, &modes()?, self.sigmas * scale)
        };
        Some(covered())
    }
}

/// The first points of a sample as features.
fn first(label: &str, events: &Events, count: usize) -> Result<FeatureMatrix, ValidationError> {
    let rows = events.values.slice(ndarray::s![..count.min(events.len()), ..]);
    FeatureMatrix::new(label, rows)
}

/// The mean over the classes of W₁ of their points.
fn conditional_transport(
    samples: &Events,
    test: &Events,
    classes: usize,
) -> Result<f64, ValidationError> {
    let of_class = |events: &Events, class: usize| {
        let label = class as f64;
        let rows = (0..events.len()).filter(|&row| events.conditions[[row, 0]] == label);
        events.select(&rows.take(TRANSPORTED / 2).collect::<Vec<_>>())
    };
    let mut sum = 0.0;
    for class in 0..classes {
        let (found, real) = (of_class(samples, class), of_class(test, class));
        let count = found.len().min(real.len());
        sum +=
            exact_wasserstein(&first("samples", &found, count)?, &first("data", &real, count)?, 1)?;
    }
    Ok(sum / classes as f64)
}

fn mode_measures(coverage: &ModeCoverage) -> Measures {
    Measures::from([
        ("modes", coverage.found as f64),
        ("high quality", coverage.high_quality),
        ("reverse KL", coverage.divergences.generated_to_expected.unwrap_or(f64::INFINITY)),
    ])
}

impl Problem for PointSet {
    fn name(&self) -> &str {
        self.name
    }

    fn title(&self) -> &str {
        self.title
    }

    fn tier(&self) -> Tier {
        Tier::Toys
    }

    fn source(&self) -> &str {
        self.source
    }

    fn load(&self, _context: &DataContext) -> Result<ProblemData, SuiteError> {
        let detector = general_detector(self.name, self.dimensions, self.classes);
        let (train, test) = (self.events(0, TRAIN), self.events(TRAIN as u64, TEST));
        Ok(ProblemData::new(detector, vec![self.dimensions], train, test))
    }

    fn template(&self) -> Option<&str> {
        Some(self.template)
    }

    fn has_conditions(&self) -> bool {
        self.classes.is_some()
    }

    fn samples(&self) -> usize {
        SAMPLES
    }

    fn judge(
        &self,
        data: &ProblemData,
        samples: &Events,
        seed: u64,
    ) -> Result<Measures, SuiteError> {
        let mut measures = match self.coverage(samples) {
            Some(coverage) => mode_measures(&coverage?),
            None => Measures::default(),
        };
        let (found, real) =
            (first("samples", samples, TRANSPORTED)?, first("data", &data.test, TRANSPORTED)?);
        measures.set("W1", exact_wasserstein(&found, &real, 1)?);
        if let Some(classes) = self.classes {
            measures.set("conditional W1", conditional_transport(samples, &data.test, classes)?);
        }
        let (found, real) =
            (first("samples", samples, SAMPLES)?, first("data", &data.test, SAMPLES)?);
        measures.set("sliced W1", sliced_wasserstein(&found, &real, DIRECTIONS, seed)?.first);
        let manifolds = manifold_measures(&real, &found, &[NEIGHBOURS])?.remove(0);
        measures.set("precision", manifolds.precision);
        measures.set("recall", manifolds.recall);
        measures.set("density", manifolds.density);
        measures.set("coverage", manifolds.coverage);
        Ok(measures)
    }

    fn judge_quickly(&self, data: &ProblemData, samples: &Events) -> Measures {
        let mut measures = match self.coverage(samples) {
            Some(Ok(coverage)) => mode_measures(&coverage),
            _ => Measures::default(),
        };
        let sliced = || {
            let (found, real) =
                (first("samples", samples, QUICK)?, first("data", &data.test, QUICK)?);
            sliced_wasserstein(&found, &real, DIRECTIONS, SEED)
        };
        measures.set("sliced W1", sliced().map_or(f64::NAN, |sliced| sliced.first));
        measures
    }

    fn headline(&self) -> &[Headline] {
        self.headline
    }
}
