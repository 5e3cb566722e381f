//! What systems that translate images have in common: networks with skips and instance
//! normalisation, critics of patches, and batches of images.

mod batches;
mod image_pool;
mod networks;
mod stack;

pub(super) use batches::{Batches, generate_in_blocks, image_shape, rows_of};
pub(super) use image_pool::ImagePool;
pub(super) use networks::{patch_critic, residual_generator, u_net};
pub(super) use stack::Stack;
