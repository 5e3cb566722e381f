use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::classifier::Extractor;
use super::training::{own_description, steps, train};
use crate::suite::data::ImageSet;

type Known = BTreeMap<String, Arc<Extractor>>;

/// Extractors of this process by the hash of what they were trained on.
static TRAINED: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
/// Extractors by the hash of the data of a problem.
static OF_DATA: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// Where trained extractors are kept, in the folder of fetched data.
const FOLDER: &str = "extractors";

/// Digits of a hash in the name of a file.
const SHOWN_DIGITS: usize = 16;

fn locked(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Our own classifier of a data set, from this process, from the folder of fetched data, or trained
/// now and kept there. A folder that cannot be written only costs another training.
///
/// # Panics
/// If the images are without labels, or there are none.
pub fn prepare(name: &str, images: &ImageSet, test: &ImageSet, folder: &Path) -> Arc<Extractor> {
    let of_images = |images: &ImageSet| images.classes().unwrap_or(0);
    let classes = of_images(images).max(of_images(test)).max(2);
    let description = own_description(name, images.shape, classes);
    let key = key(&serde_json::to_string(&description).expect("plain values"), images);
    if let Some(known) = locked(&TRAINED).get(&key) {
        return Arc::clone(known);
    }
    let path = folder.join(FOLDER).join(format!("{name}-{}.safetensors", &key[..SHOWN_DIGITS]));
    let kept =
        Extractor::read(&path).ok().filter(|kept| kept.description().name == description.name);
    let extractor = Arc::new(kept.unwrap_or_else(|| {
        let trained = train(description, images, test, steps(images.len()));
        let written = std::fs::create_dir_all(folder.join(FOLDER))
            .map_err(|error| error.to_string())
            .and_then(|()| trained.write(&path).map_err(|error| error.to_string()));
        if let Err(reason) = written {
            tracing::warn!("the classifier of `{name}` is not kept: {reason}");
        }
        trained
    }));
    locked(&TRAINED).insert(key, Arc::clone(&extractor));
    extractor
}

/// Remembers what the data of a problem are measured with.
pub(in crate::suite) fn register(data_sha256: &str, extractor: &Arc<Extractor>) {
    locked(&OF_DATA).insert(data_sha256.to_owned(), Arc::clone(extractor));
}

/// What the data of a problem were measured with in this process.
pub fn registered(data_sha256: &str) -> Option<Arc<Extractor>> {
    locked(&OF_DATA).get(data_sha256).map(Arc::clone)
}

/// SHA-256 of a description and the images.
fn key(description: &str, images: &ImageSet) -> String {
    let mut hash = Sha256::new();
    hash.update(description);
    images.pixels.iter().for_each(|pixel| hash.update(pixel.to_le_bytes()));
    images.labels.iter().flatten().for_each(|&label| hash.update((label as u64).to_le_bytes()));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two classes of single pixels, black and white.
    fn images(count: usize) -> ImageSet {
        let labels: Vec<usize> = (0..count).map(|image| image % 2).collect();
        let values = labels.iter().map(|&label| 2.0 * label as f32 - 1.0).collect();
        ImageSet::from_values([1, 1, 1], values, Some(labels)).expect("valid")
    }

    #[test]
    fn an_extractor_is_trained_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let data = images(40);
        let first = prepare("pixels", &data, &data, folder.path());
        assert_eq!(first.description().accuracy, Some(1.0));
        let again = prepare("pixels", &data, &data, folder.path());
        assert!(Arc::ptr_eq(&first, &again));
        let files: Vec<_> = std::fs::read_dir(folder.path().join(FOLDER)).unwrap().collect();
        let path = files[0].as_ref().unwrap().path();
        assert_eq!((files.len(), Extractor::read(&path).unwrap().id()), (1, first.id()));
        let other = prepare("pixels", &images(42), &data, folder.path());
        assert!(!Arc::ptr_eq(&first, &other));
        register("data of a test", &first);
        assert!(Arc::ptr_eq(&registered("data of a test").expect("registered"), &first));
        assert!(registered("other data").is_none());
    }
}
