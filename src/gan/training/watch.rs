use super::log::LogLine;
use super::terms::IterationTerms;
use super::trainer::Trainer;
use super::trouble::Trouble;
use crate::compute::{Tensor, cpu, scalar};
use crate::nn::Module;
use crate::settings::SafetySettings;

/// Lines of the log that the median is of.
const WINDOW: usize = 51;
/// With fewer lines, nothing is compared with their median.
const FEWEST: usize = 11;
/// Losses up to this size are never large: a median near 0 says nothing.
const SMALLEST_SCALE: f64 = 1.0;
/// Lines in a row on one side of the limit that make a generator alive, or collapsed.
const IN_A_ROW: usize = 3;
/// Lines that a generator may need to come to life.
const PATIENCE: usize = 250;

/// The trouble that a new line shows, in the light of those before it.
///
/// A critic has diverged if |loss| or |score difference| is greater than
/// `largest_loss_ratio` · max(median of the last 51 lines, 1), once there are 11 lines. The
/// generator has collapsed if its variance ratio is below the limit in three lines one after the
/// other, after it was above in as many: an untrained generator may begin below. One that was never
/// above has collapsed after 250 lines. All of it follows from the log, so that a resumed training
/// judges as one that was never stopped.
pub fn trouble_in(
    line: &LogLine,
    before: &[LogLine],
    settings: &SafetySettings,
) -> Option<Trouble> {
    growth(line, before, settings).or_else(|| collapse(line, before, settings))
}

fn growth(line: &LogLine, before: &[LogLine], settings: &SafetySettings) -> Option<Trouble> {
    let window = &before[before.len().saturating_sub(WINDOW)..];
    if window.len() < FEWEST {
        return None;
    }
    for (index, critic) in line.critics.iter().enumerate() {
        let of = |line: &LogLine, quantity: usize| {
            let critic = line.critics.get(index)?;
            Some([critic.loss, critic.score_difference][quantity].abs())
        };
        for (quantity, name) in ["loss", "score difference"].into_iter().enumerate() {
            let value = of(line, quantity)?;
            let median = median(window.iter().filter_map(|line| of(line, quantity)).collect());
            // So that a value that is not a number is trouble too.
            let is_small = value <= settings.largest_loss_ratio * median.max(SMALLEST_SCALE);
            if !is_small {
                let critic = critic.name.clone();
                return Some(Trouble::Growth { critic, quantity: name, value, median });
            }
        }
    }
    None
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn collapse(line: &LogLine, before: &[LogLine], settings: &SafetySettings) -> Option<Trouble> {
    let limit = settings.smallest_variance_ratio;
    let variance_ratio = line.variance_ratio?;
    let is_alive = |line: &LogLine| line.variance_ratio.is_some_and(|ratio| ratio >= limit);
    let last = &before[before.len().saturating_sub(IN_A_ROW - 1)..];
    if last.len() + 1 < IN_A_ROW || last.iter().chain([line]).any(is_alive) {
        return None;
    }
    let was_alive = before.windows(IN_A_ROW).any(|lines| lines.iter().all(is_alive));
    (was_alive || before.len() + 1 >= PATIENCE)
        .then_some(Trouble::Collapse { variance_ratio, limit })
}

impl Trainer {
    /// The first loss of an iteration that is not a number, or difference of scores: a hinge is
    /// finite where a score is not.
    ///
    /// On the CPU every iteration is looked at. Elsewhere only those that are logged anyway: to read
    /// a number from a GPU is to wait for it.
    pub fn loss_trouble(&self, terms: &IterationTerms, is_logged: bool) -> Option<Trouble> {
        if self.device != cpu() && !is_logged {
            return None;
        }
        let names = self.critics.iter().map(|training| training.settings.name.as_str());
        loss_trouble(names, terms)
    }

    /// The first weight of any network that is not a number.
    pub fn weight_trouble(&self) -> Option<Trouble> {
        let critics = self.critics.iter().find_map(|training| {
            not_finite(&training.critic, &format!("critic `{}`", training.settings.name))
        });
        not_finite(&self.generator, "the generator")
            .or_else(|| not_finite(self.average.module(), "the averaged generator"))
            .or(critics)
    }
}

fn loss_trouble<'a>(
    critics: impl Iterator<Item = &'a str>,
    terms: &IterationTerms,
) -> Option<Trouble> {
    let is_lost = |term: &Tensor<1>| !scalar(term.clone()).is_finite();
    let of_critics = critics.zip(&terms.critics).zip(&terms.generator);
    let quantity = of_critics
        .flat_map(|((name, critic), generator)| {
            [
                (&critic.loss, format!("the loss of critic `{name}`")),
                (generator, format!("the generator's loss against critic `{name}`")),
                (&critic.score_difference, format!("the score difference of critic `{name}`")),
            ]
        })
        .chain(terms.matching.iter().map(|loss| (loss, "the matching loss".to_owned())))
        .find_map(|(term, quantity)| is_lost(term).then_some(quantity))?;
    Some(Trouble::Loss { quantity })
}

fn not_finite(module: &impl Module, network: &str) -> Option<Trouble> {
    let mut found = None;
    module.clone().for_each_parameter(&mut |name, parameter| {
        // A sum of finite 32-bit numbers is finite but for absurd ones; it is one number to read.
        if found.is_none() && !scalar(parameter.flat().abs().sum()).is_finite() {
            found = Some(name.to_owned());
        }
    });
    found.map(|parameter| Trouble::Weight { network: network.to_owned(), parameter })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::CriticTerms;
    use crate::gan::training::CriticLog;
    use crate::nn::Parameter;

    fn line(loss: f64, variance_ratio: f64) -> LogLine {
        let critic = CriticLog {
            name: "shower".to_owned(),
            loss,
            objective: loss,
            penalties: Vec::new(),
            auxiliary: None,
            equilibrium: None,
            convergence: None,
            score_difference: -loss,
            generator_loss: 0.0,
            learning_rate: 1e-3,
        };
        LogLine {
            iteration: 1,
            critics: vec![critic],
            matching: None,
            generator_learning_rate: 1e-3,
            variance_ratio: Some(variance_ratio),
            selection: None,
        }
    }

    #[test]
    fn a_loss_far_above_its_median_is_trouble_once_there_is_one() {
        let settings = SafetySettings { largest_loss_ratio: 10.0, ..SafetySettings::default() };
        let before: Vec<LogLine> =
            (0..20).map(|i| line(if i % 2 == 0 { 3.0 } else { -4.0 }, 1.0)).collect();
        let of = |loss, before: &[LogLine]| trouble_in(&line(loss, 1.0), before, &settings);
        assert_eq!(of(39.0, &before), None);
        let found = of(-41.0, &before).expect("trouble");
        assert_eq!(
            found.to_string(),
            "the loss of critic `shower` is 41, while its median size was 4"
        );
        assert_eq!(of(-41.0, &before[..10]), None);
        // Losses below 1 are small, whatever their median.
        let small: Vec<LogLine> = (0..20).map(|_| line(1e-6, 1.0)).collect();
        assert_eq!(of(9.0, &small), None);
        assert!(of(11.0, &small).is_some());
        assert!(of(f64::NAN, &small).is_some());
    }

    #[test]
    fn a_term_that_is_not_a_number_is_found_and_named() {
        let of = |[loss, score_difference, generator, matching]: [f32; 4]| {
            let term = |value: f32| Tensor::<1>::from_floats([value], &cpu());
            let critic = CriticTerms {
                loss: term(loss),
                objective: term(loss),
                penalties: Vec::new(),
                auxiliary: None,
                score_difference: term(score_difference),
                reconstruction: None,
                statistics: Vec::new(),
            };
            let terms = IterationTerms {
                critics: vec![critic],
                generator: vec![term(generator)],
                matching: Some(term(matching)),
            };
            loss_trouble(["shower"].into_iter(), &terms).map(|trouble| trouble.to_string())
        };
        assert_eq!(of([3e38, -3e38, 0.0, 1.0]), None);
        let named = [
            "the loss of critic `shower` is not a number",
            "the score difference of critic `shower` is not a number",
            "the generator's loss against critic `shower` is not a number",
            "the matching loss is not a number",
        ];
        for (index, expected) in named.into_iter().enumerate() {
            for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut terms = [1.0; 4];
                terms[index] = wrong;
                assert_eq!(of(terms).as_deref(), Some(expected));
            }
        }
    }

    #[derive(Clone)]
    struct Pair([Parameter; 2]);

    impl Module for Pair {
        fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
            self.0.iter_mut().zip(["weight", "bias"]).for_each(|(p, name)| visit(name, p));
        }
    }

    #[test]
    fn a_weight_that_is_not_a_number_is_found_and_named() {
        let with = |bias: Vec<f32>| {
            let pair = [vec![1.0, -2.0], bias].map(|v| Parameter::new(v, &[2], &cpu()));
            not_finite(&Pair(pair), "the generator")
        };
        assert_eq!(with(vec![f32::MIN_POSITIVE, -3e38]), None);
        for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let found = with(vec![0.0, wrong]).expect("trouble").to_string();
            assert_eq!(found, "`bias` of the generator holds values that are not numbers");
        }
    }

    #[test]
    fn only_a_generator_that_was_alive_can_collapse_and_it_takes_three_lines() {
        let settings = SafetySettings::default();
        let lines = |ratios: &[f64]| -> Vec<LogLine> {
            ratios.iter().map(|&ratio| line(1.0, ratio)).collect()
        };
        let of = |before: &[f64], ratio| trouble_in(&line(1.0, ratio), &lines(before), &settings);
        assert_eq!(of(&[0.001; 248], 0.001), None);
        assert!(of(&[0.001; 249], 0.001).is_some());
        assert_eq!(of(&[0.001, 0.5, 0.6, 0.5, 0.001], 0.001), None);
        assert_eq!(of(&[0.001, 0.5, 0.6, 0.5, 0.001, 0.001], 0.02), None);
        let found = of(&[0.001, 0.5, 0.6, 0.5, 0.001, 0.001], 0.001).expect("trouble");
        assert_eq!(found, Trouble::Collapse { variance_ratio: 0.001, limit: 0.01 });
        let never = SafetySettings { smallest_variance_ratio: 0.0, ..settings };
        assert_eq!(trouble_in(&line(1.0, 0.0), &lines(&[0.5, 0.5, 0.5, 0.0, 0.0]), &never), None);
    }
}
