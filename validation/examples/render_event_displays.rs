//! Renders an event, and the mean of a hundred, of every built-in detector: made-up ones, to look
//! at the pictures. `render_event_displays FOLDER`.

use std::f64::consts::PI;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use detectors::{ConditionKind, Detector, Family, Response, Scale};
use ndarray::Array2;
use validation::plots::{EVENT_SIZE, event_display, mean_event_display};
use validation::report::write_figure;

const EVENTS: usize = 100;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: render_event_displays FOLDER");
        return ExitCode::from(2);
    };
    match render(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to {error}");
            ExitCode::FAILURE
        }
    }
}

fn render(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    #[expect(clippy::disallowed_methods, reason = "the atomic writer is in the crate above")]
    let sink = |relative: &Path, bytes: &[u8]| {
        let path = folder.join(relative);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, bytes)
    };
    for name in detectors::builtin_names() {
        let detector = detectors::builtin(name)?;
        let mut random = Random(7);
        let mut conditions = Array2::zeros((EVENTS, detector.condition_width()));
        let mut values = Array2::zeros((EVENTS, detector.value_count()));
        for (mut conditions, mut values) in conditions.outer_iter_mut().zip(values.outer_iter_mut())
        {
            let drawn = draw_conditions(&detector, &mut random);
            let event = draw_event(&detector, &drawn, &mut random);
            conditions.iter_mut().zip(drawn).for_each(|(to, from)| *to = from);
            values.iter_mut().zip(event).for_each(|(to, from)| *to = from as f32);
        }
        let row = |of: ndarray::ArrayView1<'_, f64>| of.to_vec();
        let single = event_display(
            &detector,
            &row(conditions.row(0)),
            &values.row(0).to_vec(),
            detector.title(),
            EVENT_SIZE,
        )?;
        write_figure(Path::new(name), &single, &sink)?;
        let title = detector.title();
        let mean =
            mean_event_display(&detector, conditions.view(), values.view(), title, EVENT_SIZE)?;
        write_figure(Path::new(&format!("{name}_mean")), &mean, &sink)?;
    }
    Ok(())
}

/// Conditions in their ranges; of an image, a few blurred sources.
fn draw_conditions(detector: &Detector, random: &mut Random) -> Vec<f64> {
    let mut drawn = Vec::new();
    for condition in detector.conditions() {
        match &condition.kind {
            ConditionKind::Number { minimum, maximum, scale: Scale::Logarithmic } => {
                drawn.push(minimum * (maximum / minimum).powf(random.uniform()));
            }
            ConditionKind::Number { minimum, maximum, scale: Scale::Linear } => {
                drawn.push(minimum + (maximum - minimum) * random.uniform());
            }
            ConditionKind::Category(names) => {
                drawn.push((random.uniform() * names.len() as f64).floor());
            }
            ConditionKind::Image([rows, columns]) => {
                let sources: Vec<(f64, f64, f64)> = (0..6)
                    .map(|_| {
                        let place = |length: usize, u: f64| u * length as f64;
                        let (x, y) = (random.uniform(), random.uniform());
                        (place(*columns, x), place(*rows, y), 20.0 * random.uniform().powi(2))
                    })
                    .collect();
                drawn.extend((0..rows * columns).map(|pixel| {
                    let (x, y) = ((pixel % columns) as f64, (pixel / columns) as f64);
                    let of = |(u, v, flux): &(f64, f64, f64)| {
                        flux * (-((x - u).powi(2) + (y - v).powi(2)) / 8.0).exp()
                    };
                    sources.iter().map(of).sum::<f64>() + 0.01
                }));
            }
        }
    }
    drawn
}

fn draw_event(detector: &Detector, conditions: &[f64], random: &mut Random) -> Vec<f64> {
    match (detector.response(), detector.family()) {
        (Response::Table(columns), _) => columns
            .iter()
            .map(|column| 0.3 * (column.maximum - column.minimum) * (random.normal() + 0.3))
            .collect(),
        (Response::Layers(_), Family::Calorimeter) => shower(detector, conditions, random),
        (Response::Layers(_), Family::Cherenkov | Family::General) => ring(detector, random),
        // The sources of the condition, sharper.
        (Response::Layers(_), Family::Radio) => {
            let greatest = conditions.iter().copied().fold(0.0, f64::max);
            conditions.iter().map(|flux| 3.0 * greatest * (flux / greatest).powi(4)).collect()
        }
    }
}

/// A shower that grows and falls along the depth, with an exponential core across it.
fn shower(detector: &Detector, conditions: &[f64], random: &mut Random) -> Vec<f64> {
    let energy = 0.9 * detector.scale_of(conditions);
    let layers = detector.layers();
    let maximum = 0.3 + 0.1 * random.uniform();
    let mut values = Vec::with_capacity(detector.value_count());
    let profile = |layer: usize| {
        let depth = (layer as f64 + 0.5) / layers.len() as f64 / maximum;
        depth.powi(3) * (3.0 - 3.0 * depth).exp()
    };
    let total: f64 = (0..layers.len()).map(profile).sum();
    for (number, layer) in layers.iter().enumerate() {
        let core = 0.05 * layer.half_width_mm() * (1.0 + number as f64 / layers.len() as f64);
        let cells: Vec<f64> = layer
            .radius_midpoints_mm()
            .iter()
            .map(|radius| (-radius / core).exp() * (0.7 * random.normal()).exp())
            .collect();
        let sum: f64 = cells.iter().sum();
        values.extend(cells.iter().map(|cell| energy * profile(number) / total * cell / sum));
    }
    let threshold = detector.readout_threshold();
    // Where there is no threshold, what would be noise is left out.
    let least = if threshold > 0.0 { threshold } else { 1e-4 * energy };
    values.iter().map(|&value| if value >= least { value } else { 0.0 }).collect()
}

/// A ring of photons, and some of the background.
fn ring(detector: &Detector, random: &mut Random) -> Vec<f64> {
    let layer = &detector.layers()[0];
    let half = layer.half_width_mm();
    let (rows, columns) = layer.dimensions();
    let mut values = vec![0.0; rows * columns];
    for photon in 0..260 {
        let angle = 2.0 * PI * random.uniform();
        let radius = if photon < 60 { 0.62 * half + 1.5 * random.normal() } else { f64::NAN };
        let (x, y) = if radius.is_nan() {
            (half * (2.0 * random.uniform() - 1.0), half * (2.0 * random.uniform() - 1.0))
        } else {
            (radius * angle.cos(), radius * angle.sin())
        };
        let pixel =
            |place: f64, pixels: usize| ((place / half + 1.0) / 2.0 * pixels as f64) as usize;
        let (row, column) = (pixel(y, rows), pixel(x, columns));
        if row < rows && column < columns {
            values[row * columns + column] += 1.0;
        }
    }
    values
}

/// Numbers that look random (splitmix64).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 2f64.powi(53)
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
