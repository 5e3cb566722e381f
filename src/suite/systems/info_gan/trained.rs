use ndarray::{Array2, ArrayView2, Axis};
use validation::metrics::transport::cheapest_assignment;

use super::code::Codes;
use super::networks::CriticWithCode;
use super::settings::InfoGanSettings;
use crate::compute::{Device, matrix, to_host};
use crate::events::Events;
use crate::gan::MovingAverage;
use crate::nn::{Module as _, Network, Pass};
use crate::random::{Purpose, Streams};
use crate::suite::error::SuiteError;
use crate::suite::extractor::registered;
use crate::suite::problem::ProblemData;
use crate::suite::system::{Measures, Trained};

/// An InfoGAN in or after its training.
#[derive(Debug)]
pub(super) struct TrainedInfoGan {
    pub settings: InfoGanSettings,
    pub generator: Network,
    pub average: MovingAverage<Network>,
    pub critic: CriticWithCode,
    pub device: Device,
    pub values: usize,
}

/// Events that go through a network at once.
const AT_ONCE: usize = 250;
/// Samples of the match of codes and classes.
const MATCHED: usize = 2_000;
const SEED: u64 = 0;

impl TrainedInfoGan {
    /// Events from the averaged generator, and their codes.
    fn draw(&self, events: usize, seed: u64) -> (Array2<f32>, Codes) {
        let streams = Streams::new(seed, Purpose::Generation);
        let codes = Codes::draw(&self.settings, &streams, 0, events, &self.device);
        let mut values = Vec::with_capacity(events * self.values);
        for first in (0..events).step_by(AT_ONCE) {
            let count = AT_ONCE.min(events - first);
            let input = codes.input.clone().narrow(0, first, count);
            let mut pass = Pass::evaluation(None);
            values.extend(to_host(self.average.module().forward(input, &mut pass)));
        }
        let values = Array2::from_shape_vec((events, self.values), values).expect("a row an event");
        (values, codes)
    }

    /// What Q reads from events: the most probable class, and the means of the numbers.
    fn read(&self, values: ArrayView2<'_, f32>) -> (Vec<usize>, Vec<Vec<f32>>) {
        let InfoGanSettings { classes, numbers, .. } = self.settings;
        let (mut found, mut means) = (Vec::new(), Vec::new());
        for block in values.axis_chunks_iter(Axis(0), AT_ONCE) {
            let rows: Vec<f32> = block.iter().copied().collect();
            let x = matrix(rows, block.nrows(), block.ncols(), &self.device);
            let read = to_host(self.critic.evaluate(x).code);
            for row in read.chunks(self.settings.code_outputs()) {
                let best = (0..classes).max_by(|&a, &b| row[a].total_cmp(&row[b]));
                found.push(best.expect("there are classes"));
                means.push(row[classes..classes + numbers].to_vec());
            }
        }
        (found, means)
    }
}

impl Trained for TrainedInfoGan {
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError> {
        let (values, _) = self.draw(conditions.nrows(), seed);
        Ok(Events { conditions: conditions.to_owned(), values, weights: None })
    }

    fn scores(&self, events: &Events) -> Option<Vec<f64>> {
        let rows: Vec<f32> = events.values.iter().copied().collect();
        let x = matrix(rows, events.len(), self.values, &self.device);
        Some(to_host(self.critic.evaluate(x).score).into_iter().map(f64::from).collect())
    }

    /// - `code match`: the share of generated events whose class by the extractor is that of their
    ///   code, classes being assigned to codes so that it is largest;
    /// - `code match of data`: the same of the class that Q reads from test events and their label;
    /// - `code correlation`: of the numbers of the code and what Q reads, the mean over them.
    fn own_measures(&self, data: &ProblemData) -> Result<Measures, SuiteError> {
        let mut measures = Measures::default();
        let (values, codes) = self.draw(MATCHED, SEED);
        if let Some(extractor) = registered(&data.sha256) {
            let found = extractor.extract("samples", values.view())?;
            let classes = found.probabilities.predicted_classes();
            measures.set("code match", best_match(&codes.classes, &classes));
        }
        if data.detector.condition_width() == 1 {
            let (read, _) = self.read(data.test.values.view());
            let labels: Vec<usize> =
                data.test.conditions.column(0).iter().map(|&label| label as usize).collect();
            measures.set("code match of data", best_match(&read, &labels));
        }
        let numbers = self.settings.numbers;
        if numbers > 0 {
            let (_, means) = self.read(values.view());
            let mean_correlation = (0..numbers)
                .map(|number| {
                    let drawn = codes.number_values.iter().skip(number).step_by(numbers);
                    let read = means.iter().map(|means| means[number]);
                    correlation(drawn.zip(read).map(|(&a, b)| [f64::from(a), f64::from(b)]))
                })
                .sum::<f64>()
                / numbers as f64;
            measures.set("code correlation", mean_correlation);
        }
        Ok(measures)
    }

    fn parameters(&self) -> usize {
        self.generator.parameter_count()
    }
}

/// The largest share of events whose class is the one assigned to their code, over all assignments
/// of different classes to codes.
fn best_match(codes: &[usize], classes: &[usize]) -> f64 {
    let side = codes.iter().chain(classes).max().map_or(0, |&most| most + 1);
    let mut costs = vec![0.0; side * side];
    for (&code, &class) in codes.iter().zip(classes) {
        costs[code * side + class] -= 1.0;
    }
    -cheapest_assignment(side, &costs).cost / codes.len().max(1) as f64
}

/// Pearson's, 0 where one does not vary.
fn correlation(pairs: impl Iterator<Item = [f64; 2]>) -> f64 {
    let pairs: Vec<[f64; 2]> = pairs.collect();
    let events = pairs.len() as f64;
    let mean = |axis: usize| pairs.iter().map(|pair| pair[axis]).sum::<f64>() / events;
    let means = [mean(0), mean(1)];
    let product = |a: usize, b: usize| -> f64 {
        pairs.iter().map(|pair| (pair[a] - means[a]) * (pair[b] - means[b])).sum()
    };
    let widths = (product(0, 0) * product(1, 1)).sqrt();
    if widths > 0.0 { product(0, 1) / widths } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_assigned_to_codes_at_best() {
        // Code 0 is class 2 twice, code 1 class 0 once, code 2 class 1, one event is wrong.
        assert_eq!(best_match(&[0, 0, 1, 2, 2], &[2, 2, 0, 1, 0]), 0.8);
        assert_eq!(best_match(&[0, 0, 0, 0], &[0, 1, 2, 3]), 0.25);
        // More classes than codes, and the other way about.
        assert_eq!(best_match(&[0, 1], &[7, 5]), 1.0);
        assert_eq!(best_match(&[3, 4], &[0, 0]), 0.5);
    }

    #[test]
    fn correlations_have_a_sign() {
        let line = |slope: f64| (0..10).map(move |x| [f64::from(x), slope * f64::from(x) + 1.0]);
        approx::assert_relative_eq!(correlation(line(2.0)), 1.0, epsilon = 1e-12);
        approx::assert_relative_eq!(correlation(line(-0.1)), -1.0, epsilon = 1e-12);
        assert_eq!(correlation(line(0.0)), 0.0);
    }
}
