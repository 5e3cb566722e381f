use ndarray::{Array2, Axis};
use validation::metrics::series::SeriesScaling;
use validation::tests::kolmogorov_smirnov;

use super::judged::Judge;
use super::pulse_shape::{PulseQuantities, cr_rc, quantities};
use crate::events::Events;
use crate::random::{Normals, Purpose, Streams};
use crate::suite::data_context::DataContext;
use crate::suite::error::SuiteError;
use crate::suite::problem::{Headline, Problem, ProblemData, general_detector};
use crate::suite::system::Measures;
use crate::suite::tier::Tier;

/// Sampled pulses of a calorimeter's read-out, from a parametric model chosen here: a CR-RC²
/// shaper whose time constant varies from pulse to pulse by ± 10 % around 2.5 samples, amplitudes
/// from 0.1 to 1 of the full scale with a density falling as 1/A, starts uniform in samples 6 to 8,
/// and white noise of 1 % of the full scale.
///
/// Beside the scores of series it is judged by what a read-out finds in the pulses: the
/// Kolmogorov–Smirnov distances of amplitude, peak time, width at half of the amplitude, and noise
/// in front of the pulse.
#[derive(Debug, Clone, Copy)]
pub struct Pulses;

const STEPS: usize = 32;
const ORDER: i32 = 2;
const TRAIN: usize = 10_000;
const TEST: usize = 5_000;
/// The data are the same for every seed of a training.
const SEED: u64 = 20_250_101;
/// Samples in front of every pulse.
const QUIET: usize = 6;
const NOISE: f32 = 0.01;

fn draw(normals: &mut Normals, samples: &mut [f32]) {
    let mut uniform = |low: f64, high: f64| low + (high - low) * f64::from(normals.uniform());
    let amplitude = uniform(0.1_f64.ln(), 0.0).exp();
    let start = uniform(QUIET as f64, QUIET as f64 + 2.0);
    let time_constant = 2.5 * uniform(0.9, 1.1);
    for (step, sample) in samples.iter_mut().enumerate() {
        let pulse = amplitude * cr_rc(step as f64 - start, time_constant, ORDER);
        *sample = pulse as f32 + NOISE * normals.draw();
    }
}

fn events(first: u64, count: usize) -> Events {
    let streams = Streams::new(SEED, Purpose::Problem);
    let mut values = vec![0.0; count * STEPS];
    for (number, samples) in (first..).zip(values.chunks_mut(STEPS)) {
        draw(&mut streams.normals(number), samples);
    }
    Events {
        conditions: Array2::zeros((count, 0)),
        values: Array2::from_shape_vec((count, STEPS), values).expect("a row for each pulse"),
        weights: None,
    }
}

/// Kolmogorov–Smirnov distances of what is read off the pulses.
fn physics(test: &Events, samples: &Events) -> Measures {
    let read = |events: &Events| -> Vec<PulseQuantities> {
        let pulse = |row: ndarray::ArrayView1<'_, f32>| {
            let samples: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            quantities(&samples, QUIET)
        };
        events.values.axis_iter(Axis(0)).map(pulse).collect()
    };
    let (real, made) = (read(test), read(samples));
    let distance = |of: fn(&PulseQuantities) -> f64| {
        let values = |all: &[PulseQuantities]| all.iter().map(of).collect::<Vec<f64>>();
        kolmogorov_smirnov(&values(&real), &values(&made)).distance
    };
    Measures::from([
        ("KS amplitude", distance(|pulse| pulse.amplitude)),
        ("KS peak time", distance(|pulse| pulse.peak_time)),
        ("KS width", distance(|pulse| pulse.width)),
        ("KS noise", distance(|pulse| pulse.noise)),
    ])
}

fn judge_by(seed: u64) -> Judge {
    Judge::new(STEPS, 1, SeriesScaling::RangeOfReal, seed)
}

impl Problem for Pulses {
    fn name(&self) -> &str {
        "pulses"
    }

    fn title(&self) -> &str {
        "sampled pulses of a CR-RC2 shaper with noise, 32 steps"
    }

    fn tier(&self) -> Tier {
        Tier::Series
    }

    fn source(&self) -> &str {
        "a parametric model chosen here"
    }

    fn load(&self, _context: &DataContext) -> Result<ProblemData, SuiteError> {
        let detector = general_detector("pulses", STEPS, None);
        let (train, test) = (events(0, TRAIN), events(TRAIN as u64, TEST));
        Ok(ProblemData::new(detector, vec![STEPS, 1], train, test))
    }

    fn template(&self) -> Option<&str> {
        None
    }

    fn samples(&self) -> usize {
        TEST
    }

    fn judge(
        &self,
        data: &ProblemData,
        samples: &Events,
        seed: u64,
    ) -> Result<Measures, SuiteError> {
        let mut measures = judge_by(seed).all(&data.test, samples)?;
        measures.extend(physics(&data.test, samples));
        Ok(measures)
    }

    fn judge_quickly(&self, data: &ProblemData, samples: &Events) -> Measures {
        let mut measures = judge_by(SEED).quick(&data.test, samples);
        measures.extend(physics(&data.test, samples));
        measures
    }

    fn headline(&self) -> &[Headline] {
        const ALL: &[Headline] = &[
            Headline::lower("KS amplitude"),
            Headline::lower("KS peak time"),
            Headline::lower("KS width"),
            Headline::lower("discriminative score"),
        ];
        ALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pulses_of_the_same_recipe_are_alike_and_smeared_ones_are_not() {
        let data = Pulses.load(&DataContext::default()).expect("nothing is read");
        let first = |events: &Events| events.select(&(0..2_000).collect::<Vec<_>>());
        let (test, mut samples) = (first(&data.test), first(&data.train));
        let names = ["KS amplitude", "KS peak time", "KS width", "KS noise"];
        let same = physics(&test, &samples);
        // 1.95 √(2 / n) is exceeded once in a thousand times.
        assert!(names.iter().all(|name| same.get(name).is_some_and(|d| d < 0.062)), "{same:?}");
        samples.values.mapv_inplace(|value| 1.3 * value);
        let larger = physics(&test, &samples);
        assert!(larger.get("KS amplitude").is_some_and(|d| d > 0.09), "{larger:?}");
        assert!(larger.get("KS noise").is_some_and(|d| d > 0.2), "{larger:?}");
        assert!(larger.get("KS peak time").is_some_and(|d| d < 0.062), "{larger:?}");
    }
}
