use crate::metrics::pairwise::Scalar;

/// Pairs that are looked at before it is asked whether one of them is a candidate.
const CHUNK: usize = 32;

/// Calls `found` for each pair of a tile with `columns[j]` − 2 p_ij ≤ `limits[i]`, row by row, and
/// takes what it returns as the row's limit from there on. `products` (p) is
/// `[limits.len(), columns.len()]`.
pub(super) fn in_rows<T: Scalar>(
    products: &[T],
    columns: &[T],
    limits: &mut [T],
    mut found: impl FnMut(usize, usize) -> T,
) {
    for (row, (products, limit)) in products.chunks_exact(columns.len()).zip(limits).enumerate() {
        for (chunk, (products, columns)) in
            products.chunks(CHUNK).zip(columns.chunks(CHUNK)).enumerate()
        {
            let within = products
                .iter()
                .zip(columns)
                .fold(0, |hits, (&p, &c)| hits | u32::from(T::less_twice(c, p) <= *limit));
            if within == 0 {
                continue;
            }
            for (column, (&p, &c)) in products.iter().zip(columns).enumerate() {
                if T::less_twice(c, p) <= *limit {
                    *limit = found(row, chunk * CHUNK + column);
                }
            }
        }
    }
}

/// Calls `found` for each pair with `rows[i]` − 2 p_ij ≤ `limits[j]`, row by row, and takes what it
/// returns as the column's limit from there on. `products` (p) is `[rows.len(), limits.len()]`.
pub(super) fn in_columns<T: Scalar>(
    products: &[T],
    rows: &[T],
    limits: &mut [T],
    mut found: impl FnMut(usize, usize) -> T,
) {
    for (row, (products, &r)) in products.chunks_exact(limits.len()).zip(rows).enumerate() {
        for (chunk, (products, limits)) in
            products.chunks(CHUNK).zip(limits.chunks_mut(CHUNK)).enumerate()
        {
            let within = products
                .iter()
                .zip(&*limits)
                .fold(0, |hits, (&p, &limit)| hits | u32::from(T::less_twice(r, p) <= limit));
            if within == 0 {
                continue;
            }
            for (column, (&p, limit)) in products.iter().zip(limits).enumerate() {
                if T::less_twice(r, p) <= *limit {
                    *limit = found(row, chunk * CHUNK + column);
                }
            }
        }
    }
}
