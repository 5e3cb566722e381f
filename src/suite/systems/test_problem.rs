//! A problem for tests of systems: spots of light on 8 × 8 pixels, or points.

use ndarray::Array2;

use crate::compute::cpu;
use crate::events::Events;
use crate::random::{Purpose, Streams};
use crate::suite::{
    DataContext, Headline, Measures, Problem, ProblemData, Protocol, RunOptions, SuiteError, Task,
    Tier, general_detector, image_pair_detector,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TestProblem {
    /// Spots.
    Spots,
    /// Spots to their negatives.
    Pairs,
    /// The same without pairs.
    Domains,
    /// Points of two numbers, normal around (2, −1) with a deviation of 0.3.
    Points,
}

const SIDE: usize = 8;
const PLACES: usize = SIDE * SIDE;

/// A spot around a place of its own in each image, from −1 to 1.
fn spots(count: usize, stream: u64) -> Array2<f32> {
    let mut uniforms = Streams::new(11, Purpose::Selection).uniforms(stream);
    let mut images = Array2::zeros((count, PLACES));
    for mut image in images.rows_mut() {
        let [row, column] = [0; 2].map(|_| 2.0 + 3.0 * uniforms.draw());
        for (place, value) in image.iter_mut().enumerate() {
            let (dy, dx) = ((place / SIDE) as f32 - row, (place % SIDE) as f32 - column);
            *value = 2.0 * (-(dy * dy + dx * dx) / 3.0).exp() - 1.0;
        }
    }
    images
}

fn points(count: usize, stream: u64) -> Array2<f32> {
    let mut normals = Streams::new(11, Purpose::Selection).normals(stream);
    Array2::from_shape_fn((count, 2), |(_, i)| [2.0, -1.0][i] + 0.3 * normals.draw())
}

impl TestProblem {
    pub fn data(self) -> ProblemData {
        self.load(&DataContext::default()).expect("nothing is read")
    }

    /// Of a short run from seed 1.
    pub fn options(iterations: u64, overrides: &str) -> RunOptions {
        RunOptions {
            seed: 1,
            device: cpu(),
            protocol: Protocol::Short,
            iterations: Some(iterations),
            overrides: toml::from_str(overrides).expect(overrides),
        }
    }

    /// Mean |image − truth| of translated test images, over that of the images themselves.
    pub fn share_of_identity(data: &ProblemData, made: &Events) -> f64 {
        let truth = data.test.values.mapv(f64::from);
        let l1 = |images: &Array2<f64>| (images - &truth).mapv(f64::abs).sum();
        l1(&made.values.mapv(f64::from)) / l1(&data.test.conditions)
    }
}

impl Problem for TestProblem {
    fn name(&self) -> &str {
        "test"
    }

    fn title(&self) -> &str {
        "For tests"
    }

    fn tier(&self) -> Tier {
        if *self == Self::Points { Tier::Toys } else { Tier::Images }
    }

    fn source(&self) -> &str {
        "made here"
    }

    fn task(&self) -> Task {
        match self {
            Self::Spots | Self::Points => Task::Generation,
            Self::Pairs => Task::Paired,
            Self::Domains => Task::Unpaired,
        }
    }

    fn load(&self, _context: &DataContext) -> Result<ProblemData, SuiteError> {
        let plain = |values: Array2<f32>| Events {
            conditions: Array2::zeros((values.nrows(), 0)),
            values,
            weights: None,
        };
        let pair = |inputs: Array2<f32>, values: Array2<f32>| Events {
            conditions: inputs.mapv(f64::from),
            values,
            weights: None,
        };
        let image = vec![1, SIDE, SIDE];
        let test = || pair(spots(40, 9), -spots(40, 9));
        Ok(match self {
            Self::Spots => {
                let detector = general_detector("spots", PLACES, None);
                ProblemData::new(detector, image, plain(spots(200, 0)), plain(spots(40, 9)))
            }
            Self::Points => {
                let detector = general_detector("points", 2, None);
                ProblemData::new(detector, vec![2], plain(points(400, 0)), plain(points(400, 9)))
            }
            Self::Pairs => {
                let train = pair(spots(200, 0), -spots(200, 0));
                ProblemData::new(image_pair_detector("pairs", SIDE), image, train, test())
            }
            Self::Domains => {
                let train = pair(spots(200, 0), -spots(200, 1));
                let other = pair(-spots(200, 1), spots(200, 0));
                ProblemData::new(image_pair_detector("pairs", SIDE), image, train, test())
                    .with_other(other)
            }
        })
    }

    fn template(&self) -> Option<&str> {
        None
    }

    fn samples(&self) -> usize {
        40
    }

    fn judge(
        &self,
        _data: &ProblemData,
        _samples: &Events,
        _seed: u64,
    ) -> Result<Measures, SuiteError> {
        Ok(Measures::default())
    }

    fn headline(&self) -> &[Headline] {
        &[]
    }
}
