use std::path::Path;

use super::classifier::{Classifier, Extractor, ExtractorDescription, FORMAT_VERSION};
use crate::compute::cpu;
use crate::model::{ModelFileError, NamedTensors};
use crate::random::{Purpose, Streams};

const EXPECTED: &str = "an extractor for the GAN suite";

impl Extractor {
    /// Reads an extractor, ours or one that a user has made (`docs/suite-images.md`): a safetensors
    /// file whose tensors are named after the layers (`trunk.layers.1.weight`) and whose metadata
    /// hold an [`ExtractorDescription`] in JSON under `showerforge`.
    ///
    /// # Errors
    /// No file, a damaged one, layers that do not fit, or tensors that are missing, left over, of
    /// another shape or not finite.
    pub fn read(path: &Path) -> Result<Self, ModelFileError> {
        let (mut tensors, description) =
            NamedTensors::read::<ExtractorDescription>(path, EXPECTED, FORMAT_VERSION)?;
        let wrong = |problem: String| ModelFileError::NotOurs {
            path: path.to_owned(),
            expected: EXPECTED,
            problem,
        };
        description.widths().map_err(wrong)?;
        let mut normals = Streams::new(0, Purpose::Initialisation).normals(0);
        let mut network = Classifier::new(&description, &mut normals);
        let device = cpu();
        tensors.fill_module(path, "trunk", &mut network.trunk, &device)?;
        tensors.fill_module(path, "head", &mut network.head, &device)?;
        match tensors.number_count() {
            0 => Ok(Self::new(description, network)),
            left => Err(wrong(format!("{left} numbers belong to no layer"))),
        }
    }

    /// Writes it, atomically; a file that is there is replaced.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&self, path: &Path) -> Result<(), ModelFileError> {
        let mut tensors = NamedTensors::default();
        tensors.insert_module("trunk", &self.network().trunk);
        tensors.insert_module("head", &self.network().head);
        let json = serde_json::to_string(self.description()).expect("plain values");
        tensors.write(path, json, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::write_atomically;
    use ndarray::Array2;

    const LAYERS: &str = r#"{"format_version": 1, "name": "mine", "shape": [1, 2, 2],
        "trunk": [{"kind": "dense", "outputs": 3}, {"kind": "relu"}],
        "head": [{"kind": "dense", "outputs": 2}]}"#;

    fn extractor() -> Extractor {
        let description: ExtractorDescription = serde_json::from_str(LAYERS).expect("valid");
        let mut normals = Streams::new(5, Purpose::Initialisation).normals(0);
        let network = Classifier::new(&description, &mut normals);
        Extractor::new(description, network)
    }

    #[test]
    fn what_was_written_is_read_with_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.safetensors");
        let written = extractor();
        written.write(&path).unwrap();
        let read = Extractor::read(&path).unwrap();
        assert_eq!(read.id(), written.id());
        assert_eq!(read.id().name, "mine");
        assert_eq!(read.id().sha256.len(), 64);
        let images = Array2::from_shape_fn((300, 4), |(i, j)| (i + j) as f32 / 300.0);
        let [found, expected] =
            [&read, &written].map(|extractor| extractor.extract("x", images.view()).unwrap());
        assert_eq!(found.features, expected.features);
        assert_eq!(found.probabilities, expected.probabilities);
        assert_eq!(found.probabilities.events(), 300);
        let refused = |images: Array2<f32>| read.extract("x", images.view()).expect_err("refused");
        let text = refused(Array2::from_elem((2, 4), f32::NAN)).to_string();
        assert_eq!(text, "sample `x` has NaN in image 0, pixel 0");
        assert!(refused(Array2::zeros((0, 4))).to_string().contains("has 0 events"));
    }

    #[test]
    fn what_does_not_fit_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.safetensors");
        let read_changed = |from: &str, to: &str| {
            let mut tensors = NamedTensors::default();
            let whole = extractor();
            tensors.insert_module("trunk", &whole.network().trunk);
            tensors.insert_module("head", &whole.network().head);
            tensors.write(&path, LAYERS.replace(from, to), true).unwrap();
            Extractor::read(&path).expect_err("refused").to_string()
        };
        for (from, to, expected) in [
            ("[1, 2, 2]", "[4]", "`shape` is [4], expected [channels, rows, columns]"),
            ("\"outputs\": 3", "\"outputs\": 4", "tensor `trunk.layers.0.weight` has shape [4, 3]"),
            ("\"outputs\": 2", "\"outputs\": 1", "`head` ends with 1 classes"),
            ("\"kind\": \"relu\"", "\"kind\": \"concatenate\"", "layers for conditions"),
            (
                ", {\"kind\": \"relu\"}",
                ", {\"kind\": \"upsample\", \"factors\": [2, 2]}",
                "`trunk`: ",
            ),
            ("\"name\"", "\"nime\"", "unknown field `nime`"),
            ("\"head\": [{\"kind\": \"dense\", \"outputs\": 2}]", "\"head\": []", "has no layers"),
            ("\"format_version\": 1", "\"format_version\": 2", "has format version 2"),
        ] {
            let text = read_changed(from, to);
            assert!(text.contains(expected), "{to}: {text}");
        }
        let mut tensors = NamedTensors::default();
        let whole = extractor();
        tensors.insert_module("trunk", &whole.network().trunk);
        tensors.insert_module("head", &whole.network().head);
        tensors.insert("more".to_owned(), vec![2], vec![0.0; 2]);
        tensors.write(&path, LAYERS.to_owned(), true).unwrap();
        let text = Extractor::read(&path).expect_err("left over").to_string();
        assert!(text.ends_with("2 numbers belong to no layer"), "{text}");
        write_atomically(&path, b"no tensors", true).unwrap();
        assert!(Extractor::read(&path).is_err());
    }
}
