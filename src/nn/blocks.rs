use super::layer::feature_count;
use super::shapes::{grid, on_grid};
use crate::compute::Tensor;

/// Blocks of equal size that tile an image or grid.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    /// `[channels, depth, rows, columns]`, of blocks.
    pub count: [usize; 4],
    /// Places of a block, `[depth, rows, columns]`.
    pub size: [usize; 3],
}

impl Blocks {
    /// `count`: `[channels, (depth,) rows, columns]` of blocks, `size`: those of one block.
    pub fn new(count: &[usize], size: &[usize]) -> Self {
        Self { count: grid(count), size: on_grid(size, 1) }
    }

    /// Places of one block.
    pub fn places(&self) -> usize {
        self.size.iter().product()
    }

    /// `[channels, depth, rows, columns]` of what the blocks tile.
    pub fn tiled(&self) -> [usize; 4] {
        let [channels, depth, rows, columns] = self.count;
        let [d, r, c] = self.size;
        [channels, depth * d, rows * r, columns * c]
    }

    /// Each value at all places of its block.
    ///
    /// # Shapes
    /// `[events, blocks]` to `[events, blocks × places]`.
    pub fn repeat(&self, x: Tensor<2>) -> Tensor<2> {
        let events = x.dims()[0];
        let [channels, depth, rows, columns] = self.count;
        let slices = events * channels * depth;
        let [d, r, c] = self.size;
        x.reshape([slices, 1, rows, 1, columns, 1])
            .expand([slices, d, rows, r, columns, c])
            .reshape([events, feature_count(&self.count) * self.places()])
    }

    /// The sum over each block.
    ///
    /// # Shapes
    /// `[events, blocks × places]` to `[events, blocks]`.
    pub fn sum(&self, x: Tensor<2>) -> Tensor<2> {
        let events = x.dims()[0];
        let [channels, depth, rows, columns] = self.count;
        let slices = events * channels * depth;
        let [d, r, c] = self.size;
        // The longest axis first: whole rows are added to each other.
        x.reshape([slices, d, rows * r * columns * c])
            .sum_dim(1)
            .reshape([slices * rows, r, columns * c])
            .sum_dim(1)
            .reshape([slices * rows * columns, c])
            .sum_dim(1)
            .reshape([events, feature_count(&self.count)])
    }
}
