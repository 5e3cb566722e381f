/// A kernel that slides over an image or grid (arXiv:1603.07285), from the wide side to the narrow
/// side, which has one place for each position of the kernel; the transposed convolution goes back
/// with the same weights.
///
/// On each axis, position p of the kernel has its place k over place p · stride + k − padding of the
/// wide side; beyond its ends are zeros.
#[derive(Debug, Clone, PartialEq)]
pub struct SlidingOperation {
    /// `[channels, (depth,) rows, columns]`
    pub wide: Vec<usize>,
    pub narrow: Vec<usize>,
    /// `[(depth,) rows, columns]`, as all that follow.
    pub kernel: Vec<usize>,
    pub stride: Vec<usize>,
    pub padding: Vec<usize>,
    /// `[narrow channels, wide channels, kernel…]` in both directions, row-major; spectral
    /// normalisation is already divided out.
    pub weight: Vec<f32>,
    /// One for each channel of the side that it goes to; zeros where the layer has none.
    pub bias: Vec<f32>,
}

/// The mean of each block of `kernel` places; what is left over at the high end is not looked at.
///
/// # Shapes
/// `input` to `output`: `[channels, depth, rows, columns]`, an image has a depth of 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolOperation {
    pub input: [usize; 4],
    pub output: [usize; 4],
    /// `[depth, rows, columns]`
    pub kernel: [usize; 3],
}

/// Every place becomes a block of equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpsampleOperation {
    /// `[channels, depth, rows, columns]`, an image has a depth of 1.
    pub input: [usize; 4],
    /// `[depth, rows, columns]`
    pub factors: [usize; 3],
}

/// A frame around an image or grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameOperation {
    /// `[channels, depth, rows, columns]` inside of it, an image has a depth of 1.
    pub inner: [usize; 4],
    /// Places at the low end, `[depth, rows, columns]`.
    pub low: [usize; 3],
    pub high: [usize; 3],
}

impl SlidingOperation {
    /// `[narrow channels, wide channels, kernel…]`
    pub fn weight_shape(&self) -> Vec<usize> {
        [&[self.narrow[0], self.wide[0]], self.kernel.as_slice()].concat()
    }

    /// Places of the wide side behind the last position of the kernel, on each axis.
    pub fn output_padding(&self) -> Vec<usize> {
        let behind = |i: usize| {
            let reached = (self.narrow[i + 1] - 1) * self.stride[i] + self.kernel[i];
            self.wide[i + 1] + 2 * self.padding[i] - reached
        };
        (0..self.kernel.len()).map(behind).collect()
    }
}

impl UpsampleOperation {
    /// `[channels, depth, rows, columns]`
    pub fn output(&self) -> [usize; 4] {
        let [channels, depth, rows, columns] = self.input;
        let [d, r, c] = self.factors;
        [channels, depth * d, rows * r, columns * c]
    }
}

impl FrameOperation {
    /// `[channels, depth, rows, columns]` with the frame.
    pub fn outer(&self) -> [usize; 4] {
        let mut outer = self.inner;
        for i in 0..3 {
            outer[i + 1] += self.low[i] + self.high[i];
        }
        outer
    }
}
