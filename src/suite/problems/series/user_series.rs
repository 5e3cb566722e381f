use std::path::Path;

use ndarray::{Array2, s};
use validation::metrics::series::SeriesScaling;

use super::csv_file::read_csv;
use super::judged::Judge;
use crate::events::Events;
use crate::random::{Purpose, Streams};
use crate::suite::data_context::DataContext;
use crate::suite::error::SuiteError;
use crate::suite::problem::{Headline, Problem, ProblemData, general_detector};
use crate::suite::system::Measures;
use crate::suite::tier::Tier;

/// Windows of a series that a user brings as a CSV file, prepared as in TimeGAN's code: each column
/// from 0 to 1 by its range in the file, all windows of 24 successive lines, in random order. Four
/// of five are trained on and the fifth is what samples are judged by; since windows overlap, a
/// generator that repeats training windows is not found out. Lines should be in the order of time.
#[derive(Debug, Clone, Copy)]
pub struct UserSeries;

const NAME: &str = "csv-series";
const STEPS: usize = 24;
/// Series that are judged, at most.
const SAMPLES: usize = 5_000;
/// The order of the windows is the same for every seed of a training.
const SEED: u64 = 20_191_209;
/// Added to ranges, as TimeGAN's code does.
const SMALL: f64 = 1e-7;

fn windows(path: &Path) -> Result<(Array2<f32>, usize), SuiteError> {
    let mut lines = read_csv(path)?;
    if lines.nrows() < 2 * STEPS {
        let problem = format!(
            "it has {} lines of numbers, expected {} at least for windows of {STEPS}",
            lines.nrows(),
            2 * STEPS
        );
        return Err(SuiteError::BadFile { path: path.to_owned(), problem });
    }
    for mut column in lines.columns_mut() {
        let least = column.fold(f64::INFINITY, |least, value| least.min(*value));
        let greatest = column.fold(f64::NEG_INFINITY, |greatest, value| greatest.max(*value));
        column.mapv_inplace(|value| (value - least) / (greatest - least + SMALL));
    }
    let features = lines.ncols();
    let mut order: Vec<usize> = (0..=lines.nrows() - STEPS).collect();
    let mut uniforms = Streams::new(SEED, Purpose::Shuffle).uniforms(0);
    for last in (1..order.len()).rev() {
        order.swap(last, uniforms.index(last + 1));
    }
    let mut values = Vec::with_capacity(order.len() * STEPS * features);
    for first in &order {
        values.extend(lines.slice(s![*first..first + STEPS, ..]).iter().map(|v| *v as f32));
    }
    let values = Array2::from_shape_vec((order.len(), STEPS * features), values)
        .expect("windows of equal length");
    Ok((values, features))
}

fn judge_by(data: &ProblemData, seed: u64) -> Judge {
    Judge::new(STEPS, data.shape[1], SeriesScaling::None, seed)
}

impl Problem for UserSeries {
    fn name(&self) -> &str {
        NAME
    }

    fn title(&self) -> &str {
        "windows of 24 lines of a CSV file of your own: --data FILE.csv"
    }

    fn tier(&self) -> Tier {
        Tier::Series
    }

    fn source(&self) -> &str {
        "prepared as in the code of Yoon, Jarrett and van der Schaar, NeurIPS 2019"
    }

    fn load(&self, context: &DataContext) -> Result<ProblemData, SuiteError> {
        let path = context.user_data.as_ref().ok_or_else(|| SuiteError::NoData {
            problem: NAME.to_owned(),
            reason: "name a CSV file with a column for each feature by `--data FILE.csv`"
                .to_owned(),
        })?;
        let (values, features) = windows(path)?;
        let trained = values.nrows() * 4 / 5;
        let events = |values: Array2<f32>| Events {
            conditions: Array2::zeros((values.nrows(), 0)),
            values,
            weights: None,
        };
        let train = events(values.slice(s![..trained, ..]).to_owned());
        let test = events(values.slice(s![trained.., ..]).to_owned());
        let detector = general_detector(NAME, STEPS * features, None);
        Ok(ProblemData::new(detector, vec![STEPS, features], train, test))
    }

    fn template(&self) -> Option<&str> {
        None
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
        Ok(judge_by(data, seed).all(&data.test, samples)?)
    }

    fn judge_quickly(&self, data: &ProblemData, samples: &Events) -> Measures {
        judge_by(data, SEED).quick(&data.test, samples)
    }

    fn headline(&self) -> &[Headline] {
        const ALL: &[Headline] =
            &[Headline::lower("discriminative score"), Headline::lower("predictive score")];
        ALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<ProblemData, SuiteError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("series.csv");
        crate::files::write_atomically(&path, text.as_bytes(), false).expect("written");
        let context = DataContext { user_data: Some(path), ..DataContext::default() };
        UserSeries.load(&context)
    }

    #[test]
    fn all_windows_are_there_once_and_from_0_to_1() {
        let lines: Vec<String> = (0..100).map(|i| format!("{i},{}", 1000 - 2 * i)).collect();
        let data = load(&format!("a,b\n{}\n", lines.join("\n"))).expect("a good file");
        assert_eq!(data.shape, [24, 2]);
        assert_eq!((data.train.len(), data.test.len()), (61, 16));
        let all = data.train.values.rows().into_iter().chain(data.test.values.rows());
        let mut firsts: Vec<usize> = all
            .map(|window| {
                for step in 0..23 {
                    assert!((window[2 * step + 2] - window[2 * step] - 1.0 / 99.0).abs() < 1e-5);
                    assert!((window[2 * step] + window[2 * step + 1] - 1.0).abs() < 1e-5);
                }
                (window[0] * 99.0).round() as usize
            })
            .collect();
        assert!(!firsts.is_sorted());
        firsts.sort_unstable();
        assert_eq!(firsts, (0..77).collect::<Vec<_>>());
    }

    #[test]
    fn without_a_file_or_with_too_short_a_one_it_says_what_is_missing() {
        let context = DataContext { user_data: None, ..DataContext::default() };
        let message = UserSeries.load(&context).expect_err("no file").to_string();
        assert!(message.contains("--data FILE.csv"), "{message}");
        let message = load("1\n2\n3\n").expect_err("three lines").to_string();
        assert!(message.contains("3 lines of numbers, expected 48"), "{message}");
    }
}
