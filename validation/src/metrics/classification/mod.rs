//! What classifiers say of generated events: of their label, or of whether they are generated.

mod adversarial;
mod boundary_distortion;
mod c2st;
mod labelled;
mod logistic_regression;
mod newton;
mod performance;

pub use adversarial::{AdversarialComparison, adversarial_comparison, adversarial_divergence};
pub use boundary_distortion::{BoundaryDistortion, boundary_distortion};
pub use c2st::{ClassifierTwoSampleTest, c2st_logistic, c2st_of_scores};
pub use labelled::{Accuracy, Labelled};
pub use logistic_regression::{LogisticRegression, LogisticSettings};
pub use performance::{ClassificationPerformance, classification_performance};
