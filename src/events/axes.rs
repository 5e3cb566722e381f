use ndarray::Array2;

/// The values of a grid from x slowest to z slowest.
///
/// # Shapes
/// `[events, x · y · z]`
pub(super) fn z_slowest(values: &Array2<f32>, [x, y, z]: [usize; 3]) -> Array2<f32> {
    let mut turned = Array2::zeros(values.dim());
    for (from, mut to) in values.rows().into_iter().zip(turned.rows_mut()) {
        let from = from.as_slice().expect("rows of a read block are contiguous");
        let to = to.as_slice_mut().expect("rows of a new array are contiguous");
        for i in 0..x {
            for j in 0..y {
                for k in 0..z {
                    to[(k * y + j) * x + i] = from[(i * y + j) * z + k];
                }
            }
        }
    }
    turned
}
