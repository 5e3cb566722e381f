//! Entropies of discrete distributions, in nats, with 0 · ln 0 = 0.

/// Σ p ln p: minus the entropy.
pub(crate) fn negative_entropy(shares: impl IntoIterator<Item = f64>) -> f64 {
    shares.into_iter().filter(|&p| p > 0.0).map(|p| p * p.ln()).sum()
}

/// KL(p‖q) = Σ p ln (p / q), or the first class in which p is above 0 and q is 0, where it would be
/// infinite.
pub(crate) fn kullback_leibler(p: &[f64], q: &[f64]) -> Result<f64, usize> {
    let mut sum = 0.0;
    for (class, (&p, &q)) in p.iter().zip(q).enumerate() {
        if p > 0.0 {
            if q <= 0.0 {
                return Err(class);
            }
            sum += p * (p / q).ln();
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_count_as_their_limit() {
        assert_eq!(negative_entropy([0.0, 1.0]), 0.0);
        approx::assert_relative_eq!(negative_entropy([0.5, 0.5, 0.0]), -std::f64::consts::LN_2);
        let found = kullback_leibler(&[0.0, 1.0], &[0.75, 0.25]).expect("finite");
        approx::assert_relative_eq!(found, 4f64.ln());
        assert_eq!(kullback_leibler(&[0.5, 0.5], &[1.0, 0.0]), Err(1));
    }
}
