//! Distances between the samples in feature space.

use ndarray::{Array2, Axis, s};

use super::conditions::Bin;
use super::entries::mean_and_spread;
use super::floor::Floor;
use super::inputs::Inputs;
use crate::classifier::{FeatureSet, Features as _, SampleFeatures};
use crate::metrics::FeatureMatrix;
use crate::metrics::clusters::{PrecisionRecallSettings, precision_recall_curve};
use crate::metrics::frechet::{FrechetPhysicsSettings, frechet_distance, frechet_physics_distance};
use crate::metrics::kernels::{
    Kernel, KernelPhysicsSettings, kernel_physics_distance, maximum_mean_discrepancy,
};
use crate::metrics::neighbours::manifold_measures;
use crate::metrics::transport::sliced_wasserstein;
use crate::report::model::{FeatureDistance, WithFloor};
use crate::{Sample, ValidationError};

/// Events of each sample for what compares all pairs.
const MOST_PAIRED: usize = 5_000;
/// And in a bin of a condition.
const MOST_IN_BIN: usize = 1_000;
const FEWEST_IN_BIN: usize = 50;
/// Neighbours of the manifolds, as CaloChallenge has them.
const NEIGHBOURS: usize = 5;
/// Events that a Fréchet distance needs for each feature: a covariance of fewer is singular.
const EVENTS_PER_FEATURE: usize = 2;
/// Pairs of halves that the floors are averaged over: each takes as long as the comparison.
const FLOORS: usize = 2;

/// A distance of two sets of events, with its error where it has one.
type Figure = (f64, f64);

/// What is measured, in the order of the report.
struct Measure {
    name: &'static str,
    title: &'static str,
    greater_is_better: bool,
}

const FPD: Measure =
    Measure { name: "fpd", title: "Fréchet physics distance", greater_is_better: false };
const KPD: Measure =
    Measure { name: "kpd", title: "Kernel physics distance", greater_is_better: false };
const FRECHET: Measure =
    Measure { name: "frechet", title: "Fréchet distance", greater_is_better: false };
const MMD: Measure = Measure {
    name: "mmd",
    title: "MMD² with Gaussian kernels about the median distance",
    greater_is_better: false,
};
const SLICED: Measure = Measure {
    name: "sliced-wasserstein",
    title: "Sliced Wasserstein distance W₁",
    greater_is_better: false,
};
const PRD: [Measure; 2] = [
    Measure { name: "prd-f8", title: "F₈ of the PRD curve", greater_is_better: true },
    Measure { name: "prd-f1-8", title: "F₁/₈ of the PRD curve", greater_is_better: true },
];
/// Random directions of the sliced distance.
const DIRECTIONS: usize = 200;
const MANIFOLDS: [Measure; 4] = [
    Measure { name: "precision", title: "Precision", greater_is_better: true },
    Measure { name: "recall", title: "Recall", greater_is_better: true },
    Measure { name: "density", title: "Density", greater_is_better: true },
    Measure { name: "coverage", title: "Coverage", greater_is_better: true },
];

impl Inputs<'_> {
    /// All distances on high-level features, precision to coverage on low-level ones too, and
    /// coverage in each bin of a condition; with notes on what could not be measured.
    ///
    /// High-level features are standardised by the reference for what depends on scales (MMD and
    /// neighbours); FPD and KPD divide them by their greatest value, as JetNet does. Low-level ones
    /// are log₁₀ of the cells, 0.1 for those without a value, as CaloChallenge has them.
    ///
    /// # Errors
    /// Features that are not finite, which no checked sample has.
    pub(super) fn distances(
        &self,
        bins: &[Bin],
    ) -> Result<(Vec<FeatureDistance>, Vec<String>), ValidationError> {
        let (mut found, mut notes) = (Vec::new(), Vec::new());
        let pairs = self.pairs(|_| true, MOST_PAIRED, FeatureSet::HighLevel)?;
        let mut add =
            |result: Result<Vec<FeatureDistance>, ValidationError>, what: &str| match result {
                Ok(distances) => found.extend(distances),
                Err(error) => notes.push(format!("There is no {what}: {error}.")),
            };
        add(self.physics_distances(), "Fréchet or kernel physics distance");
        add(self.frechet(), "Fréchet distance");
        add(mmd(&pairs), "maximum mean discrepancy");
        add(self.sliced(&pairs), "sliced Wasserstein distance");
        add(self.precision_recall(&pairs), "PRD curve");
        add(manifolds(&pairs, FeatureSet::HighLevel, None), "precision, recall, density, coverage");
        if FeatureSet::LowLevel.exists(self.detector) {
            let cells = self.pairs(|_| true, MOST_PAIRED, FeatureSet::LowLevel)?;
            let what = "precision, recall, density, coverage of the cells";
            add(manifolds(&cells, FeatureSet::LowLevel, None), what);
        }
        for bin in bins {
            let inside =
                |set: &[usize]| set.iter().copied().collect::<std::collections::HashSet<_>>();
            let sets = [inside(&bin.reference), inside(&bin.generated), inside(&bin.second)];
            if bin.reference.len().min(bin.generated.len()) < FEWEST_IN_BIN {
                continue;
            }
            let pairs = self.pairs_of(
                [&|e| sets[0].contains(&e), &|e| sets[1].contains(&e), &|e| sets[2].contains(&e)],
                MOST_IN_BIN,
                FeatureSet::HighLevel,
            )?;
            let place = format!("{} {}", bin.condition, bin.label);
            add(
                manifolds(&pairs, FeatureSet::HighLevel, Some(&place)),
                &format!("precision, recall, density, coverage at {place}"),
            );
        }
        Ok((found, notes))
    }

    /// On all events, as many as the features are kept of.
    fn physics_distances(&self) -> Result<Vec<FeatureDistance>, ValidationError> {
        let pairs = self.pairs(|_| true, usize::MAX, FeatureSet::HighLevel)?;
        let fewest = pairs.fewest();
        // JetNet's batches of 20,000 to 50,000 where there are as many events, else smaller ones.
        let frechet = FrechetPhysicsSettings {
            min_samples: (fewest / 2).clamp(2, 10_000),
            max_samples: fewest.clamp(4, 50_000),
            ..FrechetPhysicsSettings::default()
        };
        let kernel = KernelPhysicsSettings {
            batch_size: fewest.min(KernelPhysicsSettings::default().batch_size),
            ..KernelPhysicsSettings::default()
        };
        let too_few = EVENTS_PER_FEATURE * pairs.compared.0.features();
        let mut found = Vec::new();
        if frechet.min_samples >= too_few {
            let description = format!(
                "JetNet's, batches of {} to {} events, 20 of each of 10 sizes",
                frechet.min_samples, frechet.max_samples
            );
            let figure = |a: &FeatureMatrix, b: &FeatureMatrix| {
                let found = frechet_physics_distance(a, b, &frechet)?;
                Ok((found.value, found.error))
            };
            found.push(pairs.distance(&FPD, FeatureSet::HighLevel, description, figure)?);
        }
        let description =
            format!("JetNet's, {} batches of {} events", kernel.batches, kernel.batch_size);
        let figure = |a: &FeatureMatrix, b: &FeatureMatrix| {
            let found = kernel_physics_distance(a, b, &kernel)?;
            Ok((found.value, found.error))
        };
        found.push(pairs.distance(&KPD, FeatureSet::HighLevel, description, figure)?);
        Ok(found)
    }

    fn frechet(&self) -> Result<Vec<FeatureDistance>, ValidationError> {
        let pairs = self.pairs(|_| true, usize::MAX, FeatureSet::HighLevel)?.standardised()?;
        let needed = EVENTS_PER_FEATURE * pairs.compared.0.features();
        if pairs.fewest() < needed {
            return Err(ValidationError::TooFewEvents {
                purpose: "a covariance of the high-level features".to_owned(),
                found: pairs.fewest(),
                needed,
            });
        }
        let description = "squared, of standardised features".to_owned();
        let figure = |a: &FeatureMatrix, b: &FeatureMatrix| Ok((frechet_distance(a, b)?, f64::NAN));
        Ok(vec![pairs.distance(&FRECHET, FeatureSet::HighLevel, description, figure)?])
    }

    fn sliced(&self, pairs: &Pairs) -> Result<Vec<FeatureDistance>, ValidationError> {
        let pairs = pairs.of_equal_size().standardised()?;
        let description =
            format!("{DIRECTIONS} directions, standardised features, {} events", pairs.fewest());
        let figure = |a: &FeatureMatrix, b: &FeatureMatrix| {
            let found = sliced_wasserstein(a, b, DIRECTIONS, self.settings.seed)?;
            Ok((found.first, found.first_error))
        };
        Ok(vec![pairs.distance(&SLICED, FeatureSet::HighLevel, description, figure)?])
    }

    fn precision_recall(&self, pairs: &Pairs) -> Result<Vec<FeatureDistance>, ValidationError> {
        let pairs = pairs.of_equal_size().standardised()?;
        let description = format!("20 clusters, 10 runs, {} events", pairs.fewest());
        let settings = PrecisionRecallSettings {
            seed: self.settings.seed,
            ..PrecisionRecallSettings::default()
        };
        let curve =
            |(a, b): &(FeatureMatrix, FeatureMatrix)| precision_recall_curve(a, b, &settings);
        let compared = curve(&pairs.compared)?;
        let floors: Vec<_> = pairs.floors.iter().map(curve).collect::<Result<_, _>>()?;
        let one = |(measure, beta): (&Measure, f64)| {
            let of_floors: Vec<f64> = floors.iter().map(|curve| curve.greatest_f(beta)).collect();
            let (floor, floor_error) = mean_and_spread(&of_floors);
            let value = compared.greatest_f(beta);
            FeatureDistance {
                name: measure.name.to_owned(),
                title: measure.title.to_owned(),
                features: FeatureSet::HighLevel.name().to_owned(),
                condition: None,
                figure: WithFloor { value, error: f64::NAN, floor, floor_error },
                greater_is_better: true,
                description: description.clone(),
            }
        };
        Ok(PRD.iter().zip([8.0, 0.125]).map(one).collect())
    }

    fn pairs(
        &self,
        chosen: impl Fn(usize) -> bool,
        most: usize,
        features: FeatureSet,
    ) -> Result<Pairs, ValidationError> {
        self.pairs_of([&chosen, &chosen, &chosen], most, features)
    }

    /// The features of the events that are chosen in the reference, the generated and the second
    /// reference sample.
    fn pairs_of(
        &self,
        chosen: [&dyn Fn(usize) -> bool; 3],
        most: usize,
        features: FeatureSet,
    ) -> Result<Pairs, ValidationError> {
        let of = |sample: &Sample, chosen: &dyn Fn(usize) -> bool| {
            matrix(sample, features, chosen, most)
        };
        let compared = (of(self.reference, chosen[0])?, of(self.generated, chosen[1])?);
        let floors = match (self.floor, self.second) {
            (Floor::Halves(halves), _) => halves
                .iter()
                .take(FLOORS)
                .map(|in_first| {
                    let half = |first: bool| {
                        let inside = |event: usize| in_first[event] == first && chosen[0](event);
                        of(self.reference, &inside)
                    };
                    Ok((half(true)?, half(false)?))
                })
                .collect::<Result<_, ValidationError>>()?,
            (Floor::SecondReference, Some(second)) => {
                vec![(of(self.reference, chosen[0])?, of(second, chosen[2])?)]
            }
            (Floor::SecondReference, None) => Vec::new(),
        };
        Ok(Pairs { compared, floors })
    }
}

/// The features that are compared, and those of the floors.
struct Pairs {
    compared: (FeatureMatrix, FeatureMatrix),
    floors: Vec<(FeatureMatrix, FeatureMatrix)>,
}

impl Pairs {
    fn fewest(&self) -> usize {
        let of = |(a, b): &(FeatureMatrix, FeatureMatrix)| a.events().min(b.events());
        self.floors.iter().map(of).fold(of(&self.compared), usize::min)
    }

    /// Every set cut to as many events as the smallest has: measures by neighbours and kernels
    /// depend on the number of events, and so floors are comparable.
    fn of_equal_size(&self) -> Self {
        let fewest = self.fewest();
        let cut = |set: &FeatureMatrix| {
            let events: Vec<usize> =
                (0..fewest).map(|event| event * set.events() / fewest).collect();
            set.select(&events)
        };
        let both = |(a, b): &(FeatureMatrix, FeatureMatrix)| (cut(a), cut(b));
        Self { compared: both(&self.compared), floors: self.floors.iter().map(both).collect() }
    }

    /// Features minus their mean over their standard deviation, both of the reference; constant
    /// ones are left out.
    fn standardised(&self) -> Result<Self, ValidationError> {
        let reference = self.compared.0.view();
        let mean = reference.mean_axis(Axis(0)).expect("there are events");
        let deviation = reference.std_axis(Axis(0), 0.0);
        let kept: Vec<usize> =
            (0..deviation.len()).filter(|&feature| deviation[feature] > 0.0).collect();
        let scaled = |set: &FeatureMatrix| {
            let view = set.view();
            let values = Array2::from_shape_fn((view.nrows(), kept.len()), |(event, column)| {
                let feature = kept[column];
                (view[[event, feature]] - mean[feature]) / deviation[feature]
            });
            FeatureMatrix::new(set.label(), values.view())
        };
        let both = |(a, b): &(FeatureMatrix, FeatureMatrix)| Ok((scaled(a)?, scaled(b)?));
        Ok(Self {
            compared: both(&self.compared)?,
            floors: self.floors.iter().map(both).collect::<Result<_, ValidationError>>()?,
        })
    }

    fn distance(
        &self,
        measure: &Measure,
        features: FeatureSet,
        description: String,
        figure: impl Fn(&FeatureMatrix, &FeatureMatrix) -> Result<Figure, ValidationError>,
    ) -> Result<FeatureDistance, ValidationError> {
        let (value, error) = figure(&self.compared.0, &self.compared.1)?;
        let floors: Vec<f64> = self
            .floors
            .iter()
            .map(|(a, b)| Ok(figure(a, b)?.0))
            .collect::<Result<_, ValidationError>>()?;
        let (floor, floor_error) = mean_and_spread(&floors);
        Ok(FeatureDistance {
            name: measure.name.to_owned(),
            title: measure.title.to_owned(),
            features: features.name().to_owned(),
            condition: None,
            figure: WithFloor { value, error, floor, floor_error },
            greater_is_better: measure.greater_is_better,
            description,
        })
    }
}

fn mmd(pairs: &Pairs) -> Result<Vec<FeatureDistance>, ValidationError> {
    let pairs = pairs.of_equal_size().standardised()?;
    let kernel = Kernel::gaussians_about_median(&pairs.compared.0, &pairs.compared.1)?;
    let description = format!("unbiased, {} events of each", pairs.fewest());
    let figure = |a: &FeatureMatrix, b: &FeatureMatrix| {
        Ok((maximum_mean_discrepancy(a, b, &kernel)?.unbiased, f64::NAN))
    };
    Ok(vec![pairs.distance(&MMD, FeatureSet::HighLevel, description, figure)?])
}

/// Precision, recall, density and coverage, each share with its binomial error.
fn manifolds(
    pairs: &Pairs,
    features: FeatureSet,
    condition: Option<&str>,
) -> Result<Vec<FeatureDistance>, ValidationError> {
    let pairs = pairs.of_equal_size();
    let pairs = if features == FeatureSet::HighLevel { pairs.standardised()? } else { pairs };
    let events = pairs.fewest();
    let of = |(a, b): &(FeatureMatrix, FeatureMatrix)| {
        let found = manifold_measures(a, b, &[NEIGHBOURS])?;
        Ok::<_, ValidationError>([
            found[0].precision,
            found[0].recall,
            found[0].density,
            found[0].coverage,
        ])
    };
    let found = of(&pairs.compared)?;
    let floors: Vec<[f64; 4]> = pairs.floors.iter().map(of).collect::<Result<_, _>>()?;
    let one = |(number, measure): (usize, &Measure)| {
        let value = found[number];
        let share = value.clamp(0.0, 1.0);
        let of_floors: Vec<f64> = floors.iter().map(|floor| floor[number]).collect();
        let (floor, spread) = mean_and_spread(&of_floors);
        let binomial = (share * (1.0 - share) / events as f64).sqrt();
        FeatureDistance {
            name: measure.name.to_owned(),
            title: measure.title.to_owned(),
            features: features.name().to_owned(),
            condition: condition.map(str::to_owned),
            figure: WithFloor { value, error: binomial, floor, floor_error: spread },
            greater_is_better: measure.greater_is_better,
            description: format!("k = {NEIGHBOURS}, {events} events of each"),
        }
    };
    Ok(MANIFOLDS.iter().enumerate().map(one).collect())
}

/// Features of up to `most` of the chosen events, evenly; without the conditions.
fn matrix(
    sample: &Sample,
    features: FeatureSet,
    chosen: &dyn Fn(usize) -> bool,
    most: usize,
) -> Result<FeatureMatrix, ValidationError> {
    let of = SampleFeatures::of(features, sample, chosen);
    let available = of.events();
    if available == 0 {
        return Err(ValidationError::TooFewEvents {
            purpose: format!("sample `{}`", sample.label()),
            found: 0,
            needed: 1,
        });
    }
    let taken = available.min(most);
    let events: Vec<usize> = (0..taken).map(|event| event * available / taken).collect();
    if features == FeatureSet::LowLevel {
        let kept: Vec<usize> = (0..sample.kept_events().len())
            .filter(|&row| chosen(sample.kept_events()[row]))
            .collect();
        let rows: Vec<usize> = events.iter().map(|&event| kept[event]).collect();
        return cells(sample, &rows);
    }
    let rows = of.rows(&events);
    let values = rows.slice(s![.., of.condition_columns()..]);
    FeatureMatrix::new(sample.label(), values)
}

/// log₁₀ of each cell in the detector's unit, 0.1 for one without a value.
fn cells(sample: &Sample, rows: &[usize]) -> Result<FeatureMatrix, ValidationError> {
    const EMPTY: f32 = 0.1;
    let threshold = sample.detector().readout_threshold();
    let mut values = sample.kept_values().select(Axis(0), rows);
    values.mapv_inplace(|value| {
        if value > 0.0 && f64::from(value) >= threshold { value.log10() } else { EMPTY }
    });
    FeatureMatrix::new(sample.label(), values.view())
}
