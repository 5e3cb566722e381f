//! The recipes of the points.

use std::f64::consts::{PI, TAU};

use validation::ValidationError;
use validation::metrics::modes::GaussianModes;

use super::high_dimensional;
use super::points::PointSet;
use crate::random::Normals;
use crate::suite::problem::Headline;

/// Networks of three layers of 128, smaller than the 3 × 512 of arXiv:1704.00028.
const SMALL: &str = include_str!("templates/points.toml");
/// The networks of arXiv:1712.04086.
const MODES: &str = include_str!("templates/modes.toml");
/// For the synthetic in 1,200 dimensions.
const HIGH: &str = include_str!("templates/high-dimensional.toml");

const BY_TRANSPORT: &[Headline] =
    &[Headline::lower("W1"), Headline::lower("sliced W1"), Headline::higher("coverage")];
const BY_CLASS: &[Headline] =
    &[Headline::lower("conditional W1"), Headline::lower("W1"), Headline::higher("coverage")];
const BY_MODES: &[Headline] = &[
    Headline::higher("modes"),
    Headline::higher("high quality"),
    Headline::lower("reverse KL"),
    Headline::lower("W1"),
];

const WGAN_GP: &str = "arXiv:1704.00028, toy data of its code";
const PACGAN: &str = "arXiv:1705.07761 and arXiv:1712.04086";
const SKLEARN: &str = "as scikit-learn's datasets module";

/// What most recipes have in common.
const PLAIN: PointSet = PointSet {
    name: "",
    title: "",
    source: "",
    dimensions: 2,
    draw: swiss_roll,
    classes: None,
    modes: None,
    sigmas: 3.0,
    template: SMALL,
    headline: BY_TRANSPORT,
};

pub(super) const ALL: &[PointSet] = &[
    PointSet {
        name: "8-gaussians",
        title: "8 Gaussians on a circle of radius 2, σ = 0.02, over √2",
        source: WGAN_GP,
        draw: eight_gaussians,
        modes: Some(|| GaussianModes::ring(8, 2.0 / 1.414, 0.02 / 1.414)),
        ..PLAIN
    },
    PointSet {
        name: "25-gaussians",
        title: "25 Gaussians on a grid of spacing 2, σ = 0.05, over 2√2",
        source: WGAN_GP,
        draw: twenty_five_gaussians,
        modes: Some(|| GaussianModes::grid(5, 2.0 / 2.828, 0.05 / 2.828)),
        ..PLAIN
    },
    PointSet {
        name: "swiss-roll",
        title: "a Swiss roll seen along its axis, noise 0.25, over 7.5",
        source: WGAN_GP,
        draw: swiss_roll,
        ..PLAIN
    },
    PointSet {
        name: "ring",
        title: "8 Gaussians on a circle of radius 1, σ = 0.01",
        source: PACGAN,
        draw: ring,
        modes: Some(|| GaussianModes::ring(8, 1.0, 0.01)),
        template: MODES,
        headline: BY_MODES,
        ..PLAIN
    },
    PointSet {
        name: "grid",
        title: "25 Gaussians from −4 to 4 in steps of 2, σ = 0.05",
        source: PACGAN,
        draw: grid,
        modes: Some(|| GaussianModes::grid(5, 2.0, 0.05)),
        template: MODES,
        headline: BY_MODES,
        ..PLAIN
    },
    PointSet {
        name: "spiral",
        title: "two arms of a spiral, the arm being the class",
        source: "own recipe: radius 0.2 to 1 over one turn and a half, σ = 0.02",
        draw: spiral,
        classes: Some(2),
        headline: BY_CLASS,
        ..PLAIN
    },
    PointSet {
        name: "moons",
        title: "two interleaved half circles, noise 0.1, the moon being the class",
        source: SKLEARN,
        draw: moons,
        classes: Some(2),
        headline: BY_CLASS,
        ..PLAIN
    },
    PointSet {
        name: "circles",
        title: "two concentric circles, factor 0.5, noise 0.05, the circle being the class",
        source: SKLEARN,
        draw: circles,
        classes: Some(2),
        headline: BY_CLASS,
        ..PLAIN
    },
    PointSet {
        name: "8-gaussians-labelled",
        title: "8 Gaussians on a circle, the mode being the class",
        source: WGAN_GP,
        draw: eight_gaussians,
        classes: Some(8),
        headline: BY_CLASS,
        ..PLAIN
    },
    PointSet {
        name: "two-gaussians",
        title: "0.7 N(5, 0.8) + 0.3 N(−4, 1) on a line, over 5",
        source: "own recipe, after the lectures' example of vanishing gradients",
        dimensions: 1,
        draw: two_gaussians,
        modes: Some(two_modes),
        ..PLAIN
    },
    PointSet {
        name: "parallel-lines",
        title: "points of the line x = 0, 0 ≤ y ≤ 1, in the plane",
        source: "arXiv:1701.07875, example 1",
        draw: line,
        ..PLAIN
    },
    PointSet {
        name: "synthetic-1200",
        title: "10 Gaussians of 700 dimensions in 1,200 dimensions",
        source: "arXiv:1705.07761, section 4.1; the embedding is a random one of ours",
        dimensions: high_dimensional::DIMENSIONS,
        draw: high_dimensional::draw,
        modes: Some(high_dimensional::modes),
        template: HIGH,
        headline: &[Headline::higher("modes"), Headline::higher("high quality")],
        ..PLAIN
    },
];

/// One of `count` modes, equally probable.
fn mode(normals: &mut Normals, count: usize) -> usize {
    ((f64::from(normals.uniform()) * count as f64) as usize).min(count - 1)
}

fn gaussian(normals: &mut Normals, centre: [f64; 2], sigma: f64, scale: f64, point: &mut [f32]) {
    for (value, centre) in point.iter_mut().zip(centre) {
        *value = ((centre + sigma * f64::from(normals.draw())) / scale) as f32;
    }
}

fn on_circle(radius: f64, turns: f64) -> [f64; 2] {
    let (sine, cosine) = (TAU * turns).sin_cos();
    [radius * cosine, radius * sine]
}

fn eight_gaussians(normals: &mut Normals, point: &mut [f32]) -> usize {
    let mode = mode(normals, 8);
    gaussian(normals, on_circle(2.0, mode as f64 / 8.0), 0.02, 1.414, point);
    mode
}

/// The centre of a mode of 5 × 5.
fn grid_centre(mode: usize) -> [f64; 2] {
    [mode / 5, mode % 5].map(|place| 2.0 * (place as f64 - 2.0))
}

fn twenty_five_gaussians(normals: &mut Normals, point: &mut [f32]) -> usize {
    let mode = mode(normals, 25);
    gaussian(normals, grid_centre(mode), 0.05, 2.828, point);
    mode
}

fn ring(normals: &mut Normals, point: &mut [f32]) -> usize {
    let mode = mode(normals, 8);
    gaussian(normals, on_circle(1.0, mode as f64 / 8.0), 0.01, 1.0, point);
    mode
}

fn grid(normals: &mut Normals, point: &mut [f32]) -> usize {
    let mode = mode(normals, 25);
    gaussian(normals, grid_centre(mode), 0.05, 1.0, point);
    mode
}

fn swiss_roll(normals: &mut Normals, point: &mut [f32]) -> usize {
    let angle = 1.5 * PI * (1.0 + 2.0 * f64::from(normals.uniform()));
    let (sine, cosine) = angle.sin_cos();
    gaussian(normals, [angle * cosine, angle * sine], 0.25, 7.5, point);
    0
}

fn spiral(normals: &mut Normals, point: &mut [f32]) -> usize {
    let arm = mode(normals, 2);
    let along = f64::from(normals.uniform()).sqrt();
    let centre = on_circle(0.2 + 0.8 * along, 1.5 * along + 0.5 * arm as f64);
    gaussian(normals, centre, 0.02, 1.0, point);
    arm
}

fn moons(normals: &mut Normals, point: &mut [f32]) -> usize {
    let moon = mode(normals, 2);
    let (sine, cosine) = (PI * f64::from(normals.uniform())).sin_cos();
    let centre = if moon == 0 { [cosine, sine] } else { [1.0 - cosine, 0.5 - sine] };
    gaussian(normals, centre, 0.1, 1.0, point);
    moon
}

fn circles(normals: &mut Normals, point: &mut [f32]) -> usize {
    let circle = mode(normals, 2);
    let radius = if circle == 0 { 1.0 } else { 0.5 };
    let turns = f64::from(normals.uniform());
    gaussian(normals, on_circle(radius, turns), 0.05, 1.0, point);
    circle
}

/// Network units per unit of the two Gaussians.
const TWO_SCALE: f64 = 5.0;

fn two_gaussians(normals: &mut Normals, point: &mut [f32]) -> usize {
    let second = usize::from(normals.uniform() >= 0.7);
    let (mean, deviation) = if second == 0 { (5.0, 0.8) } else { (-4.0, 1.0) };
    point[0] = ((mean + deviation * f64::from(normals.draw())) / TWO_SCALE) as f32;
    second
}

/// Both modes with the wider deviation.
fn two_modes() -> Result<GaussianModes, ValidationError> {
    let centres = ndarray::arr2(&[[5.0 / TWO_SCALE], [-4.0 / TWO_SCALE]]);
    let centres = validation::metrics::FeatureMatrix::new("modes", centres.view())?;
    GaussianModes::new(centres, 1.0 / TWO_SCALE)
}

fn line(normals: &mut Normals, point: &mut [f32]) -> usize {
    point[0] = 0.0;
    point[1] = normals.uniform();
    0
}
