use ndarray::{Array2, Axis};
use validation::ValidationError;
use validation::metrics::classification::{Labelled, LogisticSettings, classification_performance};
use validation::metrics::series::SeriesScaling;

use super::judged::Judge;
use super::measures::power_spectrum;
use crate::events::Events;
use crate::random::{Purpose, Streams, Uniforms};
use crate::suite::data_context::DataContext;
use crate::suite::error::SuiteError;
use crate::suite::problem::{Headline, Problem, ProblemData, general_detector};
use crate::suite::system::Measures;
use crate::suite::tier::Tier;

/// Sines with random frequencies and phases.
#[derive(Debug, Clone, Copy)]
pub struct Sines {
    name: &'static str,
    title: &'static str,
    source: &'static str,
    steps: usize,
    features: usize,
    /// Draws a series, `[steps, features]`, and its class.
    draw: fn(&mut Uniforms, &mut [f32]) -> usize,
    /// Classes that a system can be told.
    classes: Option<usize>,
    train: usize,
    scaling: SeriesScaling,
}

/// Series that are judged by.
const TEST: usize = 10_000;
/// Series that are judged.
const SAMPLES: usize = 10_000;
/// The data are the same for every seed of a training.
const SEED: u64 = 20_191_208;

const TIMEGAN_STEPS: usize = 24;
const TIMEGAN_FEATURES: usize = 5;
const RGAN_STEPS: usize = 30;
/// Frequencies from 1 to 5, in bands of 1.
const BANDS: usize = 4;

pub(super) const ALL: &[Sines] = &[
    Sines {
        name: "timegan-sines",
        title: "5 independent sines of 24 steps, frequencies and phases uniform in 0 to 0.1",
        source: "Yoon, Jarrett and van der Schaar, NeurIPS 2019, sine_data_generation of the code",
        steps: TIMEGAN_STEPS,
        features: TIMEGAN_FEATURES,
        draw: timegan_sine,
        classes: None,
        train: 10_000,
        scaling: SeriesScaling::None,
    },
    Sines {
        name: "rgan-sines",
        title: "sines of 30 steps, frequency 1 to 5 periods, amplitude 0.1 to 0.9, any phase",
        source: "arXiv:1706.02633, section 4.1",
        draw: rgan_sine,
        classes: None,
        ..RGAN_SINES
    },
    RGAN_SINES,
];

const RGAN_SINES: Sines = Sines {
    name: "rcgan-sines",
    title: "the same, with the band of the frequency, 1-2, 2-3, 3-4 or 4-5 periods, as condition",
    source: "arXiv:1706.02633, section 4.1; the bands are chosen here",
    steps: RGAN_STEPS,
    features: 1,
    draw: rgan_sine,
    classes: Some(BANDS),
    train: 14_000,
    scaling: SeriesScaling::RangeOfReal,
};

/// (sin(f t + φ) + 1) / 2 for each feature, f and φ uniform in 0 to 0.1.
fn timegan_sine(uniforms: &mut Uniforms, series: &mut [f32]) -> usize {
    for feature in 0..TIMEGAN_FEATURES {
        let (frequency, phase) = (0.1 * uniforms.draw_f64(), 0.1 * uniforms.draw_f64());
        for (step, values) in series.chunks_exact_mut(TIMEGAN_FEATURES).enumerate() {
            values[feature] = ((frequency * step as f64 + phase).sin() * 0.5 + 0.5) as f32;
        }
    }
    0
}

/// A sin(2π f t / 30 + φ) for t = 1 to 30, f uniform in 1 to 5, A in 0.1 to 0.9, φ in ±π; the
/// class is ⌊f⌋ − 1.
fn rgan_sine(uniforms: &mut Uniforms, series: &mut [f32]) -> usize {
    let frequency = 1.0 + BANDS as f64 * uniforms.draw_f64();
    let amplitude = 0.1 + 0.8 * uniforms.draw_f64();
    let phase = std::f64::consts::PI * (2.0 * uniforms.draw_f64() - 1.0);
    for (step, value) in (1..).zip(series.iter_mut()) {
        let turns = frequency * f64::from(step) / RGAN_STEPS as f64;
        *value = (amplitude * (std::f64::consts::TAU * turns + phase).sin()) as f32;
    }
    frequency as usize - 1
}

impl Sines {
    fn events(&self, first: u64, count: usize) -> Events {
        let streams = Streams::new(SEED, Purpose::Problem);
        let width = self.steps * self.features;
        let mut values = vec![0.0; count * width];
        let mut classes = Vec::with_capacity(count);
        for (number, series) in (first..).zip(values.chunks_mut(width)) {
            classes.push((self.draw)(&mut streams.uniforms(number), series) as f64);
        }
        let told = usize::from(self.classes.is_some());
        let conditions = if told == 1 { classes } else { Vec::new() };
        let fills = "a row for each series";
        Events {
            conditions: Array2::from_shape_vec((count, told), conditions).expect(fills),
            values: Array2::from_shape_vec((count, width), values).expect(fills),
            weights: None,
        }
    }

    fn judge_by(&self, seed: u64) -> Judge {
        Judge::new(self.steps, self.features, self.scaling, seed)
    }
}

/// Classifiers of the class by the logarithm of the power spectrum, that are trained on generated
/// series and judged on real ones (TSTR), and the other way round (TRTS).
fn told_classes(
    train: &Events,
    test: &Events,
    samples: &Events,
) -> Result<Measures, ValidationError> {
    /// Added to the power, so that a frequency without any is finite.
    const SMALL: f64 = 1e-3;
    let spectra = |events: &Events| {
        let rows = events.values.axis_iter(Axis(0)).map(|row| {
            let series: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            power_spectrum(&series).into_iter().map(|power| (power + SMALL).ln())
        });
        let values: Vec<f64> = rows.flatten().collect();
        let columns = values.len() / events.len().max(1);
        Array2::from_shape_vec((events.len(), columns), values).expect("rows of equal length")
    };
    let classes = |events: &Events| -> Vec<usize> {
        events.conditions.column(0).iter().map(|class| *class as usize).collect()
    };
    let features = [train, test, samples].map(spectra);
    let labels = [train, test, samples].map(classes);
    let named = |name, number: usize| Labelled {
        name,
        features: features[number].view(),
        labels: &labels[number],
    };
    let found = classification_performance(
        &named("training data", 0),
        &named("test data", 1),
        &named("samples", 2),
        LogisticSettings::default(),
    )?;
    Ok(Measures::from([
        ("TSTR", found.generated_to_real.value),
        ("TRTS", found.real_to_generated.value),
        ("TRTR", found.real_to_real.value),
    ]))
}

impl Problem for Sines {
    fn name(&self) -> &str {
        self.name
    }

    fn title(&self) -> &str {
        self.title
    }

    fn tier(&self) -> Tier {
        Tier::Series
    }

    fn source(&self) -> &str {
        self.source
    }

    fn load(&self, _context: &DataContext) -> Result<ProblemData, SuiteError> {
        let detector = general_detector(self.name, self.steps * self.features, self.classes);
        let (train, test) = (self.events(0, self.train), self.events(self.train as u64, TEST));
        Ok(ProblemData::new(detector, vec![self.steps, self.features], train, test))
    }

    fn template(&self) -> Option<&str> {
        None
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
        let mut measures = self.judge_by(seed).all(&data.test, samples)?;
        if self.classes.is_some() {
            measures.extend(told_classes(&data.train, &data.test, samples)?);
        }
        Ok(measures)
    }

    fn judge_quickly(&self, data: &ProblemData, samples: &Events) -> Measures {
        self.judge_by(SEED).quick(&data.test, samples)
    }

    fn headline(&self) -> &[Headline] {
        const PLAIN: &[Headline] = &[
            Headline::lower("discriminative score"),
            Headline::lower("predictive score"),
            Headline::lower("marginal W1"),
        ];
        const WITH_CLASSES: &[Headline] = &[
            Headline::higher("TSTR"),
            Headline::higher("TRTS"),
            Headline::lower("discriminative score"),
            Headline::lower("predictive score"),
        ];
        if self.classes.is_some() { WITH_CLASSES } else { PLAIN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(number: usize) -> ProblemData {
        ALL[number].load(&DataContext::default()).expect("nothing is read")
    }

    #[test]
    fn timegan_sines_begin_near_one_half_and_do_not_leave_zero_to_one() {
        let data = data(0);
        assert_eq!((data.train.values.dim(), data.shape), ((10_000, 120), vec![24, 5]));
        assert!(data.train.values.iter().all(|value| (0.0..=1.0).contains(value)));
        // sin(φ) is within 0.1 of 0, and steps do not exceed f / 2.
        for row in data.train.values.rows() {
            for feature in 0..5 {
                assert!((0.5..0.55).contains(&row[feature]));
                assert!((row[feature + 5] - row[feature]).abs() <= 0.05);
            }
        }
    }

    #[test]
    fn rgan_sines_have_the_frequency_of_their_class() {
        let data = data(2);
        let mut of_class = [0; BANDS];
        for (row, class) in data.test.values.rows().into_iter().zip(data.test.conditions.column(0))
        {
            let series: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            let spectrum = power_spectrum(&series);
            let peak = (0..spectrum.len())
                .max_by(|a, b| spectrum[*a].total_cmp(&spectrum[*b]))
                .expect("frequencies");
            let class = *class as usize;
            of_class[class] += 1;
            // A frequency between two whole numbers leaks to both, and the mean of a part of a
            // period to 0.
            assert!(peak <= class + 2 && peak + 1 >= class, "{peak} {class}");
        }
        assert!(of_class.iter().all(|count| (2_300..2_700).contains(count)), "{of_class:?}");
    }

    #[test]
    fn the_same_recipe_scores_well_and_wrong_conditions_do_not() {
        let few = |events: &Events, first: usize| {
            events.select(&(first..first + 600).collect::<Vec<_>>())
        };
        let data = data(2);
        let (train, test) = (few(&data.train, 0), few(&data.test, 0));
        let mut samples = few(&data.test, 5_000);
        let measures = told_classes(&train, &test, &samples).expect("classes");
        let of = |measures: &Measures, name| measures.get(name).expect("measured");
        assert!(of(&measures, "TSTR") > 0.85, "{measures:?}");
        assert!(of(&measures, "TRTS") > 0.85, "{measures:?}");
        let quick = ALL[2].judge_by(1).quick(&test, &samples);
        assert!(of(&quick, "marginal W1") < 0.05, "{quick:?}");
        assert!(of(&quick, "autocorrelation error") < 0.05, "{quick:?}");
        samples.conditions.mapv_inplace(|class| (class + 1.0) % 4.0);
        let measures = told_classes(&train, &test, &samples).expect("classes");
        assert!(of(&measures, "TSTR") < 0.3, "{measures:?}");
        assert!(of(&measures, "TRTS") < 0.3, "{measures:?}");
    }

    /// With few iterations, which tell noise from sines all the same.
    #[test]
    fn scores_tell_noise_from_sines() {
        let data = data(0);
        let first = |count: usize| (0..count).collect::<Vec<_>>();
        let (test, train) = (data.test.select(&first(200)), data.train.select(&first(200)));
        let judge = Judge::new(24, 5, SeriesScaling::RangeOfReal, 1).with_iterations(60);
        let same = judge.all(&test, &train).expect("series");
        let mut noise = train;
        let mut uniforms = Streams::new(1, Purpose::Selection).uniforms(0);
        noise.values.mapv_inplace(|_| uniforms.draw());
        let other = judge.all(&test, &noise).expect("series");
        for name in
            ["marginal W1", "autocorrelation error", "correlation error", "predictive score"]
        {
            let (same, other) = (same.get(name), other.get(name));
            assert!(same.zip(other).is_some_and(|(same, other)| same < other), "{name}");
        }
    }
}
