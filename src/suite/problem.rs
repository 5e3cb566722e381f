use std::fmt::Debug;

use detectors::Detector;
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::data_context::DataContext;
use super::error::SuiteError;
use super::system::Measures;
use super::tier::Tier;
use crate::events::Events;

/// Data to learn from, and how samples of them are judged.
pub trait Problem: Debug + Send + Sync {
    /// As in options and files.
    fn name(&self) -> &str;

    /// One line for people.
    fn title(&self) -> &str;

    fn tier(&self) -> Tier;

    /// Where the recipe of the data comes from.
    fn source(&self) -> &str;

    /// Training and test data.
    ///
    /// # Errors
    /// Data that are not there, or are damaged.
    fn load(&self, context: &DataContext) -> Result<ProblemData, SuiteError>;

    /// A training in TOML, as in `configs/`, that systems change; with the keys `short_iterations`
    /// and `paper_iterations` beside, and a table `short` of changes for the short protocol. None where only systems with a loop of their own fit.
    fn template(&self) -> Option<&str>;

    /// What is asked of a system.
    fn task(&self) -> Task {
        Task::Generation
    }

    /// Whether events have a class or other conditions that networks can be told.
    fn has_conditions(&self) -> bool {
        false
    }

    /// Samples that [`Self::judge`] wants.
    fn samples(&self) -> usize;

    /// All measures of samples against the test data.
    ///
    /// # Errors
    /// Samples that cannot be measured, such as those that are not finite.
    fn judge(
        &self,
        data: &ProblemData,
        samples: &Events,
        seed: u64,
    ) -> Result<Measures, SuiteError>;

    /// Measures that are cheap enough to be taken several times in a training.
    fn judge_quickly(&self, _data: &ProblemData, _samples: &Events) -> Measures {
        Measures::default()
    }

    /// The measures of the tables, the most telling first.
    fn headline(&self) -> &[Headline];

    /// What features were extracted with.
    fn extractor(&self) -> Option<ExtractorId> {
        None
    }
}

/// What a problem asks of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Task {
    /// Events like those of the training.
    #[default]
    Generation,
    /// The image that belongs to the one in the conditions, learned from pairs.
    Paired,
    /// The same, learned from images of both kinds that do not belong together: the values of the
    /// training events, and [`ProblemData::other`].
    Unpaired,
}

/// A measure of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headline {
    pub measure: &'static str,
    pub better: Better,
}

/// In which direction a measure gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    Lower,
    Higher,
}

impl Headline {
    pub const fn lower(measure: &'static str) -> Self {
        Self { measure, better: Better::Lower }
    }

    pub const fn higher(measure: &'static str) -> Self {
        Self { measure, better: Better::Higher }
    }
}

/// The network that a measure has its features from: numbers from different ones cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractorId {
    pub name: String,
    /// Of its weights.
    pub sha256: String,
}

/// The data of a problem.
#[derive(Debug, Clone)]
pub struct ProblemData {
    pub detector: Detector,
    pub train: Events,
    pub test: Events,
    /// Of one event: `[2]`, `[channels, rows, columns]`, `[steps, features]`.
    pub shape: Vec<usize>,
    /// Events of the other domain, for tasks without pairs.
    pub other: Option<Events>,
    /// SHA-256 of all values and conditions.
    pub sha256: String,
}

impl ProblemData {
    /// # Panics
    /// If the events are not of the detector or shape: a mistake in the problem.
    pub fn new(detector: Detector, shape: Vec<usize>, train: Events, test: Events) -> Self {
        let values: usize = shape.iter().product();
        for events in [&train, &test] {
            assert_eq!(events.values.ncols(), values, "values fill the shape");
            assert_eq!(events.values.ncols(), detector.value_count(), "values of the detector");
            assert_eq!(events.conditions.ncols(), detector.condition_width(), "its conditions");
        }
        let sha256 = hash_of(&[&train, &test]);
        Self { detector, train, test, shape, other: None, sha256 }
    }

    /// With events of another domain.
    #[must_use]
    pub fn with_other(self, other: Events) -> Self {
        let sha256 = hash_of(&[&self.train, &self.test, &other]);
        Self { other: Some(other), sha256, ..self }
    }

    /// Conditions of `count` events: those of the test events, from the first again where there
    /// are fewer.
    ///
    /// # Shapes
    /// `[count, condition columns]`.
    pub fn conditions(&self, count: usize) -> Array2<f64> {
        let rows: Vec<usize> = (0..count).map(|row| row % self.test.len()).collect();
        self.test.conditions.select(ndarray::Axis(0), &rows)
    }
}

fn hash_of(samples: &[&Events]) -> String {
    let mut hash = Sha256::new();
    for events in samples {
        hash.update((events.len() as u64).to_le_bytes());
        events.conditions.iter().for_each(|value| hash.update(value.to_le_bytes()));
        events.values.iter().for_each(|value| hash.update(value.to_le_bytes()));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A detector that is none: events of so many numbers, with the number of a class as condition if
/// there are `classes` (a category named `label`).
///
/// # Panics
/// If the name has other characters than letters, digits and `-`.
pub fn general_detector(name: &str, values: usize, classes: Option<usize>) -> Detector {
    let mut text = table_of(name, values);
    if let Some(classes) = classes {
        let names: Vec<String> = (0..classes).map(|class| format!("\"{class}\"")).collect();
        text += &format!(
            "[[condition]]\nname = \"label\"\ndataset = \"label\"\ncategories = [{}]\n",
            names.join(", ")
        );
    }
    Detector::from_toml(&text).expect("the description is written here")
}

/// The description of events of so many numbers, without conditions.
fn table_of(name: &str, values: usize) -> String {
    let mut text = format!(
        "format_version = 1\nname = \"{name}\"\ntitle = \"{name}\"\nfamily = \"general\"\n\
         [response]\ndataset = \"values\"\nquantity = \"value\"\nunit = \"1\"\n"
    );
    for column in 0..values {
        text += &format!(
            "[[response.column]]\nname = \"value{column}\"\nminimum = -1.0\nmaximum = 1.0\n"
        );
    }
    text
}

/// A detector that is none: square images at the condition of others of the same size.
///
/// # Panics
/// If the name has other characters than letters, digits and `-`.
pub fn image_pair_detector(name: &str, side: usize) -> Detector {
    let condition = format!(
        "[[condition]]\nname = \"input\"\ndataset = \"input\"\nunit = \"1\"\n\
         image = [{side}, {side}]\n"
    );
    let text = table_of(name, side * side) + &condition;
    Detector::from_toml(&text).expect("the description is written here")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn general_detectors_have_conditions_or_none() {
        let plain = general_detector("points", 2, None);
        assert_eq!((plain.value_count(), plain.condition_width()), (2, 0));
        let classes = general_detector("digits-8x8", 64, Some(10));
        assert_eq!((classes.value_count(), classes.condition_width()), (64, 1));
        let pairs = image_pair_detector("pairs", 8);
        assert_eq!((pairs.value_count(), pairs.condition_width()), (64, 64));
    }
}
