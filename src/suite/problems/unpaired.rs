use ndarray::s;

use super::image_pairs::{Truth, each, measures, quick_measures};
use super::image_source::ImageSource;
use crate::events::Events;
use crate::suite::{
    DataContext, Headline, Measures, Problem, ProblemData, SuiteError, Task, Tier,
    image_pair_detector,
};

/// Images of two domains, of which no two that belong together are shown: the first half of the
/// training images is domain X, what the truth makes of the second half is domain Y.
///
/// The conditions of training events are images of X that have nothing to do with the values, which
/// are of Y; of test events they are the images that the values follow from.
///
/// Inverted images are a local map, which a translation by small kernels finds. To turn an image is
/// not: without pairs nothing tells it from other maps to images that look right, and CycleGAN ends
/// as far from the truth as images that have nothing to do with the input.
#[derive(Debug, Clone, Copy)]
pub struct Unpaired {
    name: &'static str,
    title: &'static str,
    images: ImageSource,
    truth: Truth,
}

/// All of them.
pub const ALL: [Unpaired; 3] = [
    Unpaired {
        name: "unpaired-digits",
        title: "Digits of 8 x 8 to inverted and shifted ones, without pairs",
        images: ImageSource::Digits,
        truth: Truth::InvertedShifted,
    },
    Unpaired {
        name: "unpaired-fashion",
        title: "Fashion of 16 x 16 to inverted and shifted one, without pairs",
        images: ImageSource::Fashion16,
        truth: Truth::InvertedShifted,
    },
    Unpaired {
        name: "unpaired-turned-digits",
        title: "Digits of 8 x 8 to ones turned by 90 degrees, without pairs",
        images: ImageSource::Digits,
        truth: Truth::Turned,
    },
];

impl Problem for Unpaired {
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
        "our choice: the truth is known"
    }

    fn task(&self) -> Task {
        Task::Unpaired
    }

    fn has_conditions(&self) -> bool {
        true
    }

    fn load(&self, context: &DataContext) -> Result<ProblemData, SuiteError> {
        let (images, held_out) = (self.images.load(context)?, self.images.held_out());
        let (count, side) = (images.shape()[0], images.shape()[1]);
        let x = each(&images, |image| image.to_owned());
        let y = each(&images, |image| self.truth.of(image));
        let first_of_test = count - held_out;
        let half = first_of_test / 2;
        let domain = |values: &ndarray::Array2<f32>, inputs, from: usize, until: usize| Events {
            conditions: inputs,
            values: values.slice(s![from..until, ..]).to_owned(),
            weights: None,
        };
        let inputs = |from: usize, until: usize| x.slice(s![from..until, ..]).mapv(f64::from);
        // Of images that are in the other half, either way.
        let train = domain(&y, inputs(0, half), half, 2 * half);
        let other = domain(&x, train.values.mapv(f64::from), 0, half);
        let test = domain(&y, inputs(first_of_test, count), first_of_test, count);
        let data = ProblemData::new(
            image_pair_detector(self.name, side),
            vec![1, side, side],
            train,
            test,
        );
        Ok(data.with_other(other))
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
            Headline::lower("cycle-l1"),
            Headline::higher("psnr"),
        ];
        &HEADLINE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_is_ever_shown_and_the_truth_of_tests_is_known() {
        for problem in ALL.iter().filter(|problem| problem.images == ImageSource::Digits) {
            let data = problem.load(&DataContext::default()).expect("built in");
            let other = data.other.as_ref().expect("a second domain");
            assert_eq!((data.train.len(), other.len(), data.test.len()), (719, 719, 359));
            let truth = |image: ndarray::ArrayView1<'_, f32>| {
                let image = image.to_shape((8, 8)).expect("8 x 8").to_owned();
                problem.truth.of(image.view()).into_iter().collect::<Vec<f32>>()
            };
            let shown: std::collections::BTreeSet<Vec<u32>> = data
                .train
                .values
                .rows()
                .into_iter()
                .map(|row| row.iter().map(|value| value.to_bits()).collect())
                .collect();
            let bits = |image: Vec<f32>| image.into_iter().map(f32::to_bits).collect::<Vec<u32>>();
            let pairs = other.values.rows().into_iter();
            let shown_pairs =
                pairs.filter(|image| shown.contains(&bits(truth(image.view())))).count();
            // Two digits of the set are equal by chance at most now and then.
            assert!(shown_pairs < 8, "{}: {shown_pairs}", problem.name);
            let input = data.test.conditions.row(7).mapv(|value| value as f32);
            assert_eq!(truth(input.view()), data.test.values.row(7).to_vec());
        }
    }
}
