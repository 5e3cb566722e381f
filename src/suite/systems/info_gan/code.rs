use super::settings::InfoGanSettings;
use crate::compute::{Device, Tensor, beside, matrix};
use crate::random::{Normals, Streams};
use crate::suite::cross_entropy::{cross_entropy, one_hot};

/// Noise and codes of a batch, without a graph.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    /// What the generator is given, `[events, noise + classes + numbers]`.
    pub input: Tensor<2>,
    /// The class of each event.
    pub classes: Vec<usize>,
    /// 1 for it, else 0: `[events, classes]`.
    one_hot: Tensor<2>,
    /// `[events, numbers]`, none without numbers.
    numbers: Option<Tensor<2>>,
    /// The same, row-major.
    pub number_values: Vec<f32>,
}

/// ln σ of a number is kept within ± this.
const LARGEST_LOG_DEVIATION: f64 = 4.0;

impl Codes {
    /// Codes of `events` events, event `i` from stream `first + i`.
    pub fn draw(
        settings: &InfoGanSettings,
        streams: &Streams,
        first: u64,
        events: usize,
        device: &Device,
    ) -> Self {
        let InfoGanSettings { noise, classes, numbers, .. } = *settings;
        let width = settings.input_width();
        let mut input = vec![0.0; events * width];
        let (mut drawn, mut number_values) = (Vec::new(), Vec::new());
        for (event, row) in (first..).zip(input.chunks_mut(width)) {
            let mut random: Normals = streams.normals(event);
            random.fill(&mut row[..noise]);
            let class = ((random.uniform() * classes as f32) as usize).min(classes - 1);
            row[noise + class] = 1.0;
            drawn.push(class);
            for number in &mut row[noise + classes..] {
                *number = 2.0 * random.uniform() - 1.0;
                number_values.push(*number);
            }
        }
        let chosen = one_hot(classes, drawn.iter().copied());
        let numbers = (numbers > 0).then(|| matrix(number_values.clone(), events, numbers, device));
        Self {
            input: matrix(input, events, width, device),
            classes: drawn,
            one_hot: matrix(chosen, events, classes, device),
            numbers,
            number_values,
        }
    }

    /// −λ_c E ln Q(c|x) − λ_n E ln Q(u|x) + const: what the bound L_I on the mutual information
    /// lacks of the entropy of the code, which generator and Q minimise (arXiv:1606.03657,
    /// equations 5 and 6). Q(u|x) is a factored normal distribution.
    ///
    /// # Shapes
    /// `read`: `[events, classes + 2 numbers]`.
    pub fn loss(&self, read: &Tensor<2>, settings: &InfoGanSettings) -> Tensor<1> {
        let InfoGanSettings { classes, numbers, class_weight, number_weight, .. } = *settings;
        let of_class = cross_entropy(read.clone().narrow(1, 0, classes), &self.one_hot);
        let of_class = of_class * class_weight;
        let Some(wanted) = &self.numbers else { return of_class };
        let mean = read.clone().narrow(1, classes, numbers);
        let log_deviation = read
            .clone()
            .narrow(1, classes + numbers, numbers)
            .clamp(-LARGEST_LOG_DEVIATION, LARGEST_LOG_DEVIATION);
        let pull = (beside(wanted, read) - mean) * (-log_deviation.clone()).exp();
        let of_numbers = pull.square() * 0.5 + log_deviation;
        // The mean over the events of the sum over the numbers.
        of_class + of_numbers.mean() * (number_weight * numbers as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::DEFAULTS;
    use super::*;
    use crate::compute::{cpu, scalar, to_host};
    use crate::random::Purpose;
    use crate::suite::systems::loop_settings::read;
    use crate::suite::systems::test_problem::TestProblem;

    fn settings() -> InfoGanSettings {
        let options = TestProblem::options(1, "noise = 3\nclasses = 4");
        read("infogan", DEFAULTS, &options).expect("the defaults")
    }

    #[test]
    fn codes_stand_behind_the_noise_and_are_drawn_evenly() {
        let streams = Streams::new(1, Purpose::GeneratorNoise);
        let codes = Codes::draw(&settings(), &streams, 0, 4000, &cpu());
        let mut counts = [0; 4];
        for (row, &class) in to_host(codes.input.clone()).chunks(9).zip(&codes.classes) {
            counts[class] += 1;
            let expected: Vec<f32> = (0..4).map(|i| f32::from(u8::from(i == class))).collect();
            assert_eq!(&row[3..7], expected.as_slice());
            assert!(row[7..].iter().all(|number| (-1.0..=1.0).contains(number)));
        }
        assert!(counts.iter().all(|&count| (900..1100).contains(&count)), "{counts:?}");
        let later = Codes::draw(&settings(), &streams, 3999, 1, &cpu());
        assert_eq!(later.classes[0], codes.classes[3999]);
    }

    #[test]
    fn the_loss_is_the_negative_log_likelihood() {
        let settings = settings();
        let streams = Streams::new(2, Purpose::GeneratorNoise);
        let codes = Codes::draw(&settings, &streams, 5, 2, &cpu());
        // Equal logits, means 0, ln σ = ½.
        let read = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5].repeat(2);
        let read = matrix(read, 2, 8, &cpu());
        let squares: f64 = codes.number_values.iter().map(|&u| f64::from(u).powi(2)).sum();
        let expected = 4f64.ln() + 0.1 * (0.5 * squares * (-1f64).exp() / 2.0 + 2.0 * 0.5);
        let found = scalar(codes.loss(&read, &settings));
        approx::assert_relative_eq!(found, expected, max_relative = 1e-5);
        let without = InfoGanSettings { numbers: 0, ..settings };
        let codes = Codes::draw(&without, &streams, 5, 2, &cpu());
        let read = matrix(vec![0.0; 8], 2, 4, &cpu());
        let found = scalar(codes.loss(&read, &without));
        approx::assert_relative_eq!(found, 4f64.ln(), max_relative = 1e-5);
    }
}
