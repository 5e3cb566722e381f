/// The value below which `percent` of the sorted values lie, linear between two of them: numpy's
/// default.
///
/// # Panics
/// Without values.
pub(crate) fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let position = percent / 100.0 * (sorted.len() - 1) as f64;
    let below = (position as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}
