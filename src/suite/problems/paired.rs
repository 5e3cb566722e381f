use ndarray::s;

use super::image_pairs::{Truth, each, edges, measures, quick_measures};
use super::image_source::ImageSource;
use crate::events::Events;
use crate::suite::{
    DataContext, Headline, Measures, Problem, ProblemData, SuiteError, Task, Tier,
    image_pair_detector,
};

/// Images that belong to others: the condition of an event is the input image.
#[derive(Debug, Clone, Copy)]
pub struct Paired {
    name: &'static str,
    title: &'static str,
    images: ImageSource,
    task: PairedTask,
}

#[derive(Debug, Clone, Copy)]
enum PairedTask {
    /// The output follows from the input.
    Known(Truth),
    /// The input are the edges of the output, which is determined in part.
    Edges,
}

/// All of them.
pub const ALL: [Paired; 4] = [
    Paired {
        name: "paired-digits",
        title: "Digits of 8 x 8 to their inverted blur",
        images: ImageSource::Digits,
        task: PairedTask::Known(Truth::BlurredInverted),
    },
    Paired {
        name: "paired-fashion",
        title: "Fashion of 16 x 16 to its inverted blur",
        images: ImageSource::Fashion16,
        task: PairedTask::Known(Truth::BlurredInverted),
    },
    Paired {
        name: "edges-digits",
        title: "Edges to digits of 8 x 8",
        images: ImageSource::Digits,
        task: PairedTask::Edges,
    },
    Paired {
        name: "edges-fashion",
        title: "Edges to Fashion of 16 x 16",
        images: ImageSource::Fashion16,
        task: PairedTask::Edges,
    },
];

/// Of Sobel's gradient, for images in −1 to 1.
const EDGE_THRESHOLD: f32 = 0.5;

impl Problem for Paired {
    fn name(&self) -> &str {
        self.name
    }

    fn title(&self) -> &str {
        self.title
    }

    fn tier(&self) -> Tier {
        Tier::Images
    }

    fn source(&self) -> &str {
        match self.task {
            PairedTask::Known(_) => "our choice: the truth is known",
            PairedTask::Edges => "after arXiv:1611.07004, with Sobel's edges",
        }
    }

    fn task(&self) -> Task {
        Task::Paired
    }

    fn has_conditions(&self) -> bool {
        true
    }

    fn load(&self, context: &DataContext) -> Result<ProblemData, SuiteError> {
        let (images, held_out) = (self.images.load(context)?, self.images.held_out());
        let side = images.shape()[1];
        let plain = each(&images, |image| image.to_owned());
        let (inputs, targets) = match self.task {
            PairedTask::Known(truth) => (plain, each(&images, |image| truth.of(image))),
            PairedTask::Edges => (each(&images, |image| edges(image, EDGE_THRESHOLD)), plain),
        };
        let first_of_test = images.shape()[0] - held_out;
        let part = |from, until| Events {
            conditions: inputs.slice(s![from..until, ..]).mapv(f64::from),
            values: targets.slice(s![from..until, ..]).to_owned(),
            weights: None,
        };
        Ok(ProblemData::new(
            image_pair_detector(self.name, side),
            vec![1, side, side],
            part(0, first_of_test),
            part(first_of_test, images.shape()[0]),
        ))
    }

    fn template(&self) -> Option<&str> {
        None
    }

    fn samples(&self) -> usize {
        self.images.held_out()
    }

    fn judge(
        &self,
        data: &ProblemData,
        samples: &Events,
        _seed: u64,
    ) -> Result<Measures, SuiteError> {
        measures(self.name, data, samples)
    }

    fn judge_quickly(&self, data: &ProblemData, samples: &Events) -> Measures {
        quick_measures(data, samples)
    }

    fn headline(&self) -> &[Headline] {
        const HEADLINE: [Headline; 5] = [
            Headline::lower("l1"),
            Headline::higher("times-below-identity"),
            Headline::higher("times-below-other"),
            Headline::higher("psnr"),
            Headline::higher("ssim"),
        ];
        &HEADLINE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(task: PairedTask) -> (Paired, ProblemData) {
        let same = |problem: &&Paired| {
            problem.images == ImageSource::Digits
                && matches!(
                    (problem.task, task),
                    (PairedTask::Known(_), PairedTask::Known(_))
                        | (PairedTask::Edges, PairedTask::Edges)
                )
        };
        let problem = *ALL.iter().find(same).expect("there is one of each");
        let data = problem.load(&DataContext::default()).expect("built in");
        (problem, data)
    }

    #[test]
    fn the_truth_has_no_error_and_the_identity_is_as_far_as_itself() {
        let (problem, data) = digits(PairedTask::Known(Truth::BlurredInverted));
        let measure = |values: ndarray::Array2<f32>| {
            let samples = Events { values, ..data.test.clone() };
            problem.judge(&data, &samples, 0).expect("measures")
        };
        let truth = measure(data.test.values.clone());
        assert_eq!(truth.get("l1"), Some(0.0));
        let identity = measure(data.test.conditions.mapv(|value| value as f32));
        approx::assert_relative_eq!(
            identity.get("times-below-identity").expect("finite"),
            1.0,
            epsilon = 1e-6
        );
        approx::assert_relative_eq!(
            quick_measures(&data, &data.test).get("l1").expect("finite"),
            0.0
        );
        // Not made from the test images.
        let error = problem.judge(&data, &data.train, 0).expect_err("other inputs").to_string();
        assert!(error.contains("are not made from the images of the test events"), "{error}");
    }

    #[test]
    fn the_input_may_be_edges() {
        let (_, data) = digits(PairedTask::Edges);
        assert!(data.test.conditions.iter().all(|value| value.abs() == 1.0));
        let share = data.test.conditions.iter().filter(|value| **value > 0.0).count() as f64
            / data.test.conditions.len() as f64;
        assert!((0.1..0.9).contains(&share), "{share}");
    }
}
