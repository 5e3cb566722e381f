use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::image_measures::{Features, events_of, labels};
use crate::events::Events;
use crate::random::{Purpose, Streams};
use crate::suite::data::{DataError, ImageSet, ImageSplit};
use crate::suite::data_context::DataContext;
use crate::suite::error::SuiteError;
use crate::suite::extractor::{Extractor, prepare, register};
use crate::suite::problem::{ExtractorId, Headline, Problem, ProblemData, general_detector};
use crate::suite::system::Measures;
use crate::suite::tier::Tier;

/// Small images, judged by the features and classes of a classifier.
#[derive(Debug)]
pub struct Images {
    recipe: &'static ImageRecipe,
    /// Of the images that were loaded, or of those of the recipe.
    /// For the shape of the images, once that is known.
    template: OnceLock<String>,
    /// Until then for that of the recipe, or the usual one.
    usual_template: OnceLock<String>,
    /// Whether loaded images have labels.
    has_labels: OnceLock<bool>,
    loaded: Mutex<Loaded>,
}

/// What is known once images were loaded.
#[derive(Debug, Default)]
struct Loaded {
    folder: PathBuf,
    /// A classifier that the user brings.
    extractor: Option<PathBuf>,
    /// What is stacked, for the classifier.
    parts: Option<ImageSplit>,
    /// With the hash of the data that they are for.
    features: Option<(String, Features)>,
}

/// Which images, and how networks learn from them.
#[derive(Debug)]
pub struct ImageRecipe {
    pub name: &'static str,
    pub title: &'static str,
    pub tier: Tier,
    pub source: &'static str,
    /// Fetched, embedded or the user's.
    pub images: fn(&DataContext) -> Result<ImageSplit, DataError>,
    /// `[channels, rows, columns]` of an image; other images are averaged by area to these rows and
    /// columns. None where the user's images decide.
    pub shape: Option<[usize; 3]>,
    /// Images to learn from at most.
    pub most: usize,
    /// Images that are stacked from others, in place of those.
    pub stacks: Option<Stacks>,
    pub samples: usize,
    pub networks: ImageNetworks,
    pub headline: &'static [Headline],
}

/// Images whose channels are three images of another problem, drawn at random.
#[derive(Debug, Clone, Copy)]
pub struct Stacks {
    /// The name of that problem.
    pub of: &'static str,
    /// Images to learn from.
    pub count: usize,
}

/// Sizes of the networks that a problem proposes.
#[derive(Debug, Clone, Copy)]
pub struct ImageNetworks {
    /// Channels of the larger of two inner layers of images; the smaller one has twice as many.
    pub width: usize,
    pub latent: usize,
    pub short_iterations: u64,
    pub paper_iterations: u64,
}

/// Images that are stacked are drawn by this seed, whatever that of a training is.
const STACK_SEED: u64 = 1;
/// One of so many stacked images judges.
const STACKED_TEST_SHARE: usize = 5;

const TEMPLATE: &str = include_str!("templates/images.toml");
/// What `suite list` and checks before the user's images are known go by.
const USUAL_SHAPE: [usize; 3] = [1, 28, 28];

impl Images {
    pub fn new(recipe: &'static ImageRecipe) -> Self {
        Self {
            recipe,
            template: OnceLock::new(),
            usual_template: OnceLock::new(),
            has_labels: OnceLock::new(),
            loaded: Mutex::default(),
        }
    }

    /// The images of the recipe, of its size and number.
    fn images(&self, context: &DataContext) -> Result<ImageSplit, SuiteError> {
        let ImageSplit { mut train, mut test } = (self.recipe.images)(context)?;
        if train.len() > self.recipe.most {
            train = train.select(&(0..self.recipe.most).collect::<Vec<_>>());
        }
        if let Some([_, rows, columns]) = self.recipe.shape
            && train.shape[1..] != [rows, columns]
        {
            (train, test) = (train.resampled(rows, columns), test.resampled(rows, columns));
        }
        Ok(ImageSplit { train, test })
    }

    /// What the data are measured in, with the classifier trained if need be.
    fn features(&self, data: &ProblemData) -> Result<Features, SuiteError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) =
            loaded.features.as_ref().filter(|(sha256, _)| *sha256 == data.sha256)
        {
            return Ok(known.clone());
        }
        let name = self.recipe.stacks.map_or(self.recipe.name, |stacks| stacks.of);
        let features = if let Some(path) = &loaded.extractor {
            let extractor = Extractor::read(path)?;
            let expected = match &loaded.parts {
                Some(parts) => parts.train.shape.to_vec(),
                None => data.shape.clone(),
            };
            if extractor.description().shape != expected {
                let found = &extractor.description().shape;
                let problem = format!("an extractor of images {found:?}, expected {expected:?}");
                return Err(SuiteError::BadFile { path: path.clone(), problem });
            }
            let extractor = std::sync::Arc::new(extractor);
            if loaded.parts.is_some() {
                Features::Stacked(extractor)
            } else {
                Features::Classifier(extractor)
            }
        } else if let Some(parts) = &loaded.parts {
            Features::Stacked(prepare(name, &parts.train, &parts.test, &loaded.folder))
        } else if data.detector.condition_width() == 1 {
            let set = |events: &Events| ImageSet {
                shape: <[usize; 3]>::try_from(data.shape.as_slice()).expect("three axes"),
                pixels: events.values.clone(),
                labels: labels(events),
            };
            Features::Classifier(prepare(name, &set(&data.train), &set(&data.test), &loaded.folder))
        } else {
            Features::Pixels
        };
        if let Some(extractor) = features.extractor() {
            register(&data.sha256, extractor);
        }
        loaded.features = Some((data.sha256.clone(), features.clone()));
        Ok(features)
    }
}

impl Problem for Images {
    fn name(&self) -> &str {
        self.recipe.name
    }

    fn title(&self) -> &str {
        self.recipe.title
    }

    fn tier(&self) -> Tier {
        self.recipe.tier
    }

    fn source(&self) -> &str {
        self.recipe.source
    }

    fn load(&self, context: &DataContext) -> Result<ProblemData, SuiteError> {
        let images = self.images(context)?;
        let (split, parts) = match self.recipe.stacks {
            Some(stacks) => (stacked(&images, stacks.count), Some(images)),
            None => (images, None),
        };
        let ImageSplit { train, test } = &split;
        for (what, set) in [("learn from", train), ("judge by", test)] {
            if set.len() < LEAST {
                return Err(SuiteError::NoData {
                    problem: self.recipe.name.to_owned(),
                    reason: format!("{} images to {what}, expected {LEAST} at least", set.len()),
                });
            }
        }
        let classes = match (train.classes(), test.classes()) {
            (Some(train), Some(test)) if parts.is_none() => Some(train.max(test).max(2)),
            _ => None,
        };
        let values = train.pixels.ncols();
        let detector = general_detector(self.recipe.name, values, classes);
        let events = |set| events_of(set, classes.is_some());
        let data = ProblemData::new(detector, train.shape.to_vec(), events(train), events(test));
        let _ = self.template.set(template_for(train.shape, self.recipe.networks));
        let _ = self.has_labels.set(classes.is_some());
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Loaded {
            folder: context.folder.clone(),
            extractor: context.extractor.clone(),
            parts,
            features: None,
        };
        Ok(data)
    }

    fn template(&self) -> Option<&str> {
        let usual = || {
            let shape = self.recipe.shape.unwrap_or(USUAL_SHAPE);
            self.usual_template.get_or_init(|| template_for(shape, self.recipe.networks))
        };
        Some(self.template.get().unwrap_or_else(usual))
    }

    fn has_conditions(&self) -> bool {
        self.has_labels.get().copied().unwrap_or(self.recipe.stacks.is_none())
    }

    fn samples(&self) -> usize {
        self.recipe.samples
    }

    fn judge(
        &self,
        data: &ProblemData,
        samples: &Events,
        seed: u64,
    ) -> Result<Measures, SuiteError> {
        Ok(self.features(data)?.judge(data, samples, seed)?)
    }

    fn judge_quickly(&self, data: &ProblemData, samples: &Events) -> Measures {
        let features = self.features(data).ok();
        features.and_then(|f| f.judge_quickly(data, samples).ok()).unwrap_or_default()
    }

    fn headline(&self) -> &[Headline] {
        self.recipe.headline
    }

    fn extractor(&self) -> Option<ExtractorId> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, features) = loaded.features.as_ref()?;
        features.extractor().map(|extractor| extractor.id())
    }
}

/// Fewer images than this, measures by neighbours have none to go by.
const LEAST: usize = 20;

/// Three images of the set, drawn at random, as the channels of each of `count` images to learn
/// from; a fifth as many to judge by are made of the images to judge by.
fn stacked(parts: &ImageSplit, count: usize) -> ImageSplit {
    let streams = Streams::new(STACK_SEED, Purpose::Problem);
    let draw = |set: &ImageSet, count: usize, stream: u64| {
        let mut random = streams.uniforms(stream);
        let [channels, rows, columns] = set.shape;
        let mut values = Vec::with_capacity(3 * count * set.pixels.ncols());
        for _ in 0..3 * count {
            values.extend(set.pixels.row(random.index(set.len())));
        }
        ImageSet::from_values([3 * channels, rows, columns], values, None)
            .expect("whole images were stacked")
    };
    ImageSplit {
        train: draw(&parts.train, count, 0),
        test: draw(&parts.test, count / STACKED_TEST_SHARE, 1),
    }
}

/// The training that is proposed for images of this shape.
fn template_for(shape: [usize; 3], networks: ImageNetworks) -> String {
    let [channels, rows, columns] = shape;
    let ImageNetworks { width, latent, short_iterations, paper_iterations } = networks;
    let quarters = [rows, columns].map(|side| side.div_ceil(4));
    let mut text = TEMPLATE.to_owned();
    for (name, number) in [
        ("CHANNELS", channels),
        ("ROWS", rows),
        ("COLUMNS", columns),
        ("WIDTH", width),
        ("DOUBLE", 2 * width),
        ("FIRST", 2 * width * quarters[0] * quarters[1]),
        ("QUARTER_ROWS", quarters[0]),
        ("QUARTER_COLUMNS", quarters[1]),
        ("CROP_ROWS", 4 * quarters[0] - rows),
        ("CROP_COLUMNS", 4 * quarters[1] - columns),
        ("LATENT", latent),
    ] {
        text = text.replace(&format!("@{name}@"), &number.to_string());
    }
    text.replace("@ITERATIONS@", &short_iterations.to_string())
        .replace("@PAPER@", &paper_iterations.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::problems::find;
    use crate::suite::systems;
    use crate::suite::{Protocol, RunOptions};

    fn context(folder: &std::path::Path) -> DataContext {
        DataContext { folder: folder.to_owned(), user_data: None, extractor: None }
    }

    /// In the order in which a run asks for them.
    #[test]
    fn networks_have_the_shape_of_the_images_also_where_only_the_data_tell_it() {
        let folder = tempfile::tempdir().unwrap();
        let problem = find("stacked-digits").unwrap();
        let critics = ["dcgan", "pacgan2"].map(|name| systems::find(name).unwrap());
        critics.iter().for_each(|system| system.takes(&*problem).unwrap());
        let data = problem.load(&context(folder.path())).unwrap();
        let options = RunOptions {
            seed: 1,
            device: crate::compute::cpu(),
            protocol: Protocol::Short,
            iterations: Some(1),
            overrides: toml::Table::new(),
        };
        // Images of a pack are more channels.
        for (system, expected) in critics.iter().zip(["[3, 8, 8]", "[6, 8, 8]"]) {
            let (settings, _) = system.settings(&*problem, &data, &options).unwrap();
            let settings: toml::Table = settings.parse().unwrap();
            let shape = &settings["critic"][0]["network"]["layer"][0]["shape"];
            assert_eq!(shape.to_string(), expected);
        }
    }

    #[test]
    fn digits_are_judged_as_real_by_themselves_and_noise_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let problem = find("digits-8x8").unwrap();
        let data = problem.load(&context(folder.path())).unwrap();
        assert_eq!((data.shape.as_slice(), data.test.len()), (&[1, 8, 8][..], 359));
        let real = problem.judge(&data, &data.train.select(&Vec::from_iter(0..400)), 1).unwrap();
        let mut noise = data.test.clone();
        let mut random = Streams::new(1, Purpose::Problem).uniforms(9);
        noise.values.mapv_inplace(|_| 2.0 * random.draw() - 1.0);
        let fake = problem.judge(&data, &noise, 1).unwrap();
        let both = |name: &str| [&real, &fake].map(|m| m.get(name).expect(name));
        let [real, fake] = both("class accuracy");
        assert!(real > 0.95 && fake < 0.4, "{real} {fake}");
        let [real, fake] = both("precision");
        assert!(real > 0.6 && fake < 0.3, "{real} {fake}");
        let [real, fake] = both("Frechet");
        assert!(real < 0.1 * fake, "{real} {fake}");
        assert!(both("IS")[0] > 8.0 && both("mode score")[0] > 8.0);
        assert!(both("1-NN accuracy")[1] > 0.9);
        // Training images are their own nearest neighbours.
        assert!(both("nearer than test")[0] > 0.95);
        let extractor = problem.extractor().expect("a classifier was trained");
        assert_eq!(extractor.name, "own CNN on digits-8x8, not Inception");
        assert!(crate::suite::extractor::registered(&data.sha256).is_some());
        assert!(problem.judge_quickly(&data, &data.test).get("Frechet").expect("taken") < 1e-6);
    }

    #[test]
    fn stacks_have_a_thousand_modes() {
        let folder = tempfile::tempdir().unwrap();
        let digits = crate::suite::data::digits();
        let split = stacked(&digits, 3000);
        assert_eq!(
            (split.train.shape, split.train.len(), split.test.len()),
            ([3, 8, 8], 3000, 600)
        );
        let extractor = prepare("digits-8x8", &digits.train, &digits.test, folder.path());
        let features = Features::Stacked(extractor);
        let detector = general_detector("stacked", 192, None);
        let [train, test] = [&split.train, &split.test].map(|set| events_of(set, false));
        let data = ProblemData::new(detector, vec![3, 8, 8], train.clone(), test);
        let measures = features.judge_quickly(&data, &train).unwrap();
        // 1,000 draws of 1,000 modes find 632 of them on average.
        let modes = measures.get("modes").expect("taken");
        assert!((600.0..665.0).contains(&modes), "{modes}");
        let one = train.select(&[7; 500]);
        let collapsed = features.judge_quickly(&data, &one).unwrap();
        assert_eq!(collapsed.get("modes"), Some(1.0));
        approx::assert_relative_eq!(
            collapsed.get("reverse KL").expect("finite"),
            1000f64.ln(),
            epsilon = 1e-9
        );
    }

    #[test]
    fn images_of_a_user_of_any_size_have_networks_that_fit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine");
        let values = (0..60 * 30).map(|value| (value % 200) as u8).collect::<Vec<_>>();
        let bytes = crate::suite::data::idx_bytes(&[60, 5, 6], &values);
        crate::files::write_atomically(&path, &bytes, false).unwrap();
        let problem = find("images").unwrap();
        let nothing = problem.load(&context(folder.path())).expect_err("no data");
        assert_eq!(nothing.exit_code(), crate::ExitCode::MissingInput);
        let context = DataContext { user_data: Some(path), ..context(folder.path()) };
        let too_few = problem.load(&context).expect_err("12 images to judge by").to_string();
        assert!(too_few.contains("12 images to judge by, expected 20 at least"), "{too_few}");
        let bytes = crate::suite::data::idx_bytes(&[120, 5, 6], &values.repeat(2));
        crate::files::write_atomically(context.user_data.as_ref().unwrap(), &bytes, true).unwrap();
        let data = problem.load(&context).unwrap();
        assert_eq!((data.shape.as_slice(), data.train.len()), (&[1, 5, 6][..], 96));
        assert!(!problem.has_conditions());
        let measures = problem.judge(&data, &data.train, 1).unwrap();
        assert!(measures.get("Frechet").is_some() && measures.get("IS").is_none());
        let options = RunOptions {
            seed: 1,
            device: crate::compute::cpu(),
            protocol: Protocol::Short,
            iterations: Some(1),
            overrides: toml::Table::new(),
        };
        systems::find("gan").unwrap().settings(&*problem, &data, &options).unwrap();
    }

    #[test]
    fn an_extractor_of_the_user_must_fit() {
        let folder = tempfile::tempdir().unwrap();
        let digits = crate::suite::data::digits();
        let small = ImageSet {
            shape: [1, 4, 4],
            pixels: digits.train.resampled(4, 4).pixels,
            labels: digits.train.labels.clone(),
        };
        let path = folder.path().join("mine.safetensors");
        prepare("digits-4x4", &small.select(&[0, 1, 2, 3]), &small, folder.path())
            .write(&path)
            .unwrap();
        let problem = find("digits-8x8").unwrap();
        let context = DataContext { extractor: Some(path), ..context(folder.path()) };
        let data = problem.load(&context).unwrap();
        let text = problem.judge(&data, &data.test, 1).expect_err("another size").to_string();
        assert!(text.ends_with("an extractor of images [1, 4, 4], expected [1, 8, 8]"), "{text}");
    }
}
