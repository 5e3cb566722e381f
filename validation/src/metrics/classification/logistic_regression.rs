use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};

use super::labelled::{Labelled, Standardisation};
use super::newton::{Convex, minimise};
use crate::ValidationError;

/// Greatest derivative of the mean loss at the minimum.
const TOLERANCE: f64 = 1e-10;

/// Multinomial logistic regression with an L2 penalty: p(y = k | x) = softmax(W x + b)_k with W
/// and b at the minimum of
///
/// C Σ_i −ln p(y_i | x_i) + ½ Σ W²,
///
/// for two classes with one vector, p(y = 1 | x) = σ(w x + b) (Hastie, Tibshirani and Friedman,
/// The Elements of Statistical Learning, section 4.4). It is the minimum that scikit-learn's
/// `LogisticRegression` has; the intercepts b are free, and here sum to 0. By choice features are
/// standardised first, by mean and deviation of the training events.
///
/// A class without training events has the probability 0.
#[derive(Debug, Clone)]
pub struct LogisticRegression {
    standardisation: Option<Standardisation>,
    /// The labels that occur, rising.
    classes: Vec<usize>,
    /// One more than the greatest label that is told apart.
    labels: usize,
    /// `[features + 1, classes]`, the intercepts last; of two classes one column, that of the
    /// second; of one class none.
    parameters: Array2<f64>,
}

/// How the features come in and how strong the penalty is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticSettings {
    /// C, the weight of the events against the penalty. Default 1.
    pub inverse_penalty: f64,
    /// Default true.
    pub standardise: bool,
}

impl Default for LogisticSettings {
    fn default() -> Self {
        Self { inverse_penalty: 1.0, standardise: true }
    }
}

impl LogisticRegression {
    /// Fits to events of the labels 0 to `labels` − 1.
    ///
    /// # Errors
    /// No events, labels or features that do not fit or are not finite, or a C that is not
    /// positive.
    pub fn fit(
        training: &Labelled<'_>,
        labels: usize,
        settings: LogisticSettings,
    ) -> Result<Self, ValidationError> {
        training.check(training.features.ncols())?;
        let strength = settings.inverse_penalty;
        if !(strength > 0.0 && strength.is_finite()) {
            return Err(ValidationError::Setting {
                name: "inverse_penalty",
                found: strength.to_string(),
                expected: "a positive number",
            });
        }
        let mut classes = training.labels.to_vec();
        classes.sort_unstable();
        classes.dedup();
        if classes.last().is_some_and(|&greatest| greatest >= labels) {
            return Err(ValidationError::Sample {
                label: training.name.to_owned(),
                problem: format!("has a label of {labels} or more"),
            });
        }
        let standardisation = settings.standardise.then(|| Standardisation::of(training.features));
        let columns = match classes.len() {
            1 => 0,
            2 => 1,
            classes => classes,
        };
        let mut model = Self {
            standardisation,
            classes,
            labels,
            parameters: Array2::zeros((training.features.ncols() + 1, columns)),
        };
        if columns > 0 {
            let events = training.labels.len();
            let mut targets = Array2::zeros((events, columns));
            for (event, label) in training.labels.iter().enumerate() {
                let class = model.classes.partition_point(|known| known < label);
                match columns {
                    1 => targets[[event, 0]] = class as f64,
                    _ => targets[[event, class]] = 1.0,
                }
            }
            let loss = Loss {
                inputs: model.inputs(training.features),
                targets,
                penalty: 1.0 / (strength * events as f64),
            };
            model.parameters = minimise(&loss, model.parameters.clone(), TOLERANCE);
            if columns > 1 {
                // Only differences of the intercepts count.
                let mut intercepts = model.parameters.row_mut(training.features.ncols());
                let mean = intercepts.sum() / columns as f64;
                intercepts -= mean;
            }
        }
        Ok(model)
    }

    /// The features with a column of ones.
    fn inputs(&self, features: ArrayView2<'_, f64>) -> Array2<f64> {
        let ones = Array2::ones((features.nrows(), 1));
        let features = match &self.standardisation {
            Some(standardisation) => standardisation.apply(features),
            None => features.to_owned(),
        };
        concatenate(Axis(1), &[features.view(), ones.view()])
            .expect("both have one row for each event")
    }

    /// W, of the features as they enter the fit. Of two classes one column, that of the second.
    ///
    /// # Shapes
    /// `[features, classes that occur]`
    pub fn coefficients(&self) -> ArrayView2<'_, f64> {
        self.parameters.slice(s![..-1, ..])
    }

    /// b.
    ///
    /// # Shapes
    /// `[classes that occur]`
    pub fn intercepts(&self) -> Array1<f64> {
        self.parameters.row(self.parameters.nrows() - 1).to_owned()
    }

    /// p(y | x).
    ///
    /// # Shapes
    /// `features`: `[events, features]`; gives `[events, labels]`.
    ///
    /// # Panics
    /// If the number of features is not that of the training.
    pub fn probabilities(&self, features: ArrayView2<'_, f64>) -> Array2<f64> {
        let scores = self.inputs(features).dot(&self.parameters);
        let mut probabilities = Array2::zeros((features.nrows(), self.labels));
        for (scores, mut event) in scores.rows().into_iter().zip(probabilities.rows_mut()) {
            match scores.len() {
                0 => event[self.classes[0]] = 1.0,
                1 => {
                    event[self.classes[0]] = logistic(-scores[0]);
                    event[self.classes[1]] = logistic(scores[0]);
                }
                _ => {
                    for (&class, probability) in self.classes.iter().zip(softmax(&scores.to_vec()))
                    {
                        event[class] = probability;
                    }
                }
            }
        }
        probabilities
    }

    /// The likeliest label of each event, of equally likely ones the first.
    ///
    /// # Panics
    /// As [`Self::probabilities`].
    pub fn predict(&self, features: ArrayView2<'_, f64>) -> Vec<usize> {
        let likeliest = |event: ndarray::ArrayView1<'_, f64>| {
            let mut best = 0;
            for (label, probability) in event.iter().enumerate() {
                if *probability > event[best] {
                    best = label;
                }
            }
            best
        };
        self.probabilities(features).rows().into_iter().map(likeliest).collect()
    }
}

/// 1 / (1 + e^(−score)).
fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

fn softmax(scores: &[f64]) -> Vec<f64> {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut powers: Vec<f64> = scores.iter().map(|score| (score - greatest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter_mut().for_each(|power| *power /= sum);
    powers
}

/// Mean cross entropy with the penalty over C n.
struct Loss {
    /// `[events, features + 1]`
    inputs: Array2<f64>,
    /// 1 for the class of the event. `[events, columns]`
    targets: Array2<f64>,
    penalty: f64,
}

impl Loss {
    fn events(&self) -> f64 {
        self.inputs.nrows() as f64
    }

    fn probabilities(&self, parameters: &Array2<f64>) -> (Array2<f64>, f64) {
        let mut scores = self.inputs.dot(parameters);
        let mut loss = 0.0;
        for (mut event, targets) in scores.rows_mut().into_iter().zip(self.targets.rows()) {
            if event.len() == 1 {
                let score = event[0];
                // −y s + ln(1 + e^s)
                loss += score.max(0.0) + (-score.abs()).exp().ln_1p() - targets[0] * score;
                event[0] = logistic(score);
            } else {
                let greatest = event.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let score: f64 = event.iter().zip(targets).map(|(score, of)| score * of).sum();
                let sum: f64 = event.iter().map(|score| (score - greatest).exp()).sum();
                loss += greatest + sum.ln() - score;
                event.mapv_inplace(|score| (score - greatest).exp() / sum);
            }
        }
        (scores, loss / self.events())
    }

    /// The derivative by the parameters from that by the scores, with that of the penalty.
    fn gradient(&self, by_score: &Array2<f64>, parameters: &Array2<f64>) -> Array2<f64> {
        let mut gradient = self.inputs.t().dot(by_score) / self.events();
        let weights = s![..-1, ..];
        let penalty = &parameters.slice(weights) * self.penalty;
        let mut of_weights = gradient.slice_mut(weights);
        of_weights += &penalty;
        gradient
    }
}

impl Convex for Loss {
    fn at(&self, parameters: &Array2<f64>) -> (f64, Array2<f64>) {
        let (probabilities, loss) = self.probabilities(parameters);
        let squares: f64 =
            parameters.slice(s![..-1, ..]).iter().map(|weight| weight * weight).sum();
        let gradient = self.gradient(&(probabilities - &self.targets), parameters);
        (loss + 0.5 * self.penalty * squares, gradient)
    }

    fn curvature(&self, parameters: &Array2<f64>) -> impl Fn(&Array2<f64>) -> Array2<f64> {
        let (probabilities, _) = self.probabilities(parameters);
        move |direction| {
            let mut by_score = self.inputs.dot(direction);
            for (mut event, p) in by_score.rows_mut().into_iter().zip(probabilities.rows()) {
                let mean: f64 = event.iter().zip(p).map(|(score, p)| score * p).sum();
                for (score, &p) in event.iter_mut().zip(p) {
                    *score = p * (*score - mean);
                }
            }
            self.gradient(&by_score, direction)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn labelled<'a>(features: &'a Array2<f64>, labels: &'a [usize]) -> Labelled<'a> {
        Labelled { name: "test", features: features.view(), labels }
    }

    fn plain(strength: f64) -> LogisticSettings {
        LogisticSettings { inverse_penalty: strength, standardise: false }
    }

    #[test]
    fn without_features_that_tell_the_frequencies_are_left() {
        let features = Array2::ones((10, 2));
        let labels = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2];
        let model = LogisticRegression::fit(&labelled(&features, &labels), 4, Default::default());
        let found = model.expect("fits").probabilities(array![[1.0, 1.0]].view());
        for (found, expected) in found.iter().zip([0.5, 0.3, 0.2, 0.0]) {
            assert!((found - expected).abs() < 1e-8, "{found} {expected}");
        }
    }

    #[test]
    fn the_derivatives_are_those_of_the_loss() {
        let inputs = Array2::from_shape_fn((30, 3), |(e, f)| ((e * 7 + f * 5) % 11) as f64 / 5.0);
        for columns in [1, 3] {
            let targets = Array2::from_shape_fn((30, columns), |(event, class)| {
                f64::from(u8::from(event % 3 == class))
            });
            let loss = Loss { inputs: inputs.clone(), targets, penalty: 0.3 };
            let at = Array2::from_shape_fn((3, columns), |(f, c)| 0.3 * f as f64 - 0.2 * c as f64);
            let along = Array2::from_shape_fn((3, columns), |(f, c)| 0.1 + 0.2 * (f + c) as f64);
            let (_, gradient) = loss.at(&at);
            let step = 1e-5;
            let (above, gradient_above) = loss.at(&(&at + &(&along * step)));
            let (below, gradient_below) = loss.at(&(&at - &(&along * step)));
            let slope: f64 = (&gradient * &along).sum();
            approx::assert_relative_eq!(slope, (above - below) / (2.0 * step), max_relative = 1e-7);
            let curved = loss.curvature(&at)(&along);
            let expected = (gradient_above - gradient_below) / (2.0 * step);
            for (found, expected) in curved.iter().zip(&expected) {
                approx::assert_relative_eq!(found, expected, epsilon = 1e-8);
            }
        }
    }

    #[test]
    fn two_classes_have_a_closed_form_in_one_symmetric_feature() {
        // At x = ±1 with a share q of the label that goes with the sign, b = 0 and
        // C n (q − σ(w)) = w.
        let features = array![[1.0], [1.0], [1.0], [1.0], [-1.0], [-1.0], [-1.0], [-1.0]];
        let labels = [1, 1, 1, 0, 0, 0, 0, 1];
        let model = LogisticRegression::fit(&labelled(&features, &labels), 2, plain(0.7));
        let model = model.expect("fits");
        let weight = model.coefficients()[[0, 0]];
        assert!((0.7 * 8.0 * (0.75 - logistic(weight)) - weight).abs() < 1e-8, "{weight}");
        assert!(model.intercepts()[0].abs() < 1e-9);
    }

    #[test]
    fn classes_apart_are_told_apart_and_one_class_is_certain() {
        let features =
            array![[0.0, 0.0], [0.1, 0.0], [5.0, 0.0], [5.1, 0.2], [0.0, 7.0], [0.2, 7.1]];
        let labels = [3, 3, 1, 1, 0, 0];
        let model = LogisticRegression::fit(&labelled(&features, &labels), 4, Default::default());
        assert_eq!(model.expect("fits").predict(features.view()), labels);
        let one = LogisticRegression::fit(&labelled(&features, &[2; 6]), 3, Default::default());
        assert_eq!(one.expect("fits").predict(features.view()), [2; 6]);
        let error = LogisticRegression::fit(&labelled(&features, &labels), 3, Default::default());
        assert_eq!(
            error.expect_err("is refused").to_string(),
            "sample `test` has a label of 3 or more"
        );
    }
}
