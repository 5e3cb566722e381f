//! The integers that the scripts in `tests/golden` make weights and events of, so that the files need
//! not hold them.

/// `[rows × columns]`, within ± `scale`.
pub fn recipe(rows: usize, columns: usize, salt: u64, scale: f64) -> Vec<f32> {
    (0..rows as u64)
        .flat_map(|i| (0..columns as u64).map(move |j| (i, j)))
        .map(|(i, j)| {
            let number = i * 7919 + j * 104_729 + (i * j) % 257 * 1_299_709 + salt * 15_485_863;
            (((number % 2003) as f64 / 1001.5 - 1.0) * scale) as f32
        })
        .collect()
}
