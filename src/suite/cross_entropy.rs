use burn::tensor::activation::log_softmax;

use crate::compute::{Tensor, beside};

/// −⟨ln softmax(logits)_class⟩ in nats, the mean over the events.
///
/// # Shapes
/// `logits`: `[events, classes]`; `one_hot`: the same, 1 for the class of each event, else 0, outside
/// of any graph.
pub(crate) fn cross_entropy(logits: Tensor<2>, one_hot: &Tensor<2>) -> Tensor<1> {
    let chosen = beside(one_hot, &logits);
    let events = logits.dims()[0] as f64;
    (log_softmax(logits, 1) * chosen).sum() / -events
}

/// 1 for the class of each event, else 0.
///
/// # Shapes
/// `[events × classes]`, row-major.
pub(crate) fn one_hot(classes: usize, of: impl ExactSizeIterator<Item = usize>) -> Vec<f32> {
    let mut values = vec![0.0; of.len() * classes];
    of.enumerate().for_each(|(event, class)| values[event * classes + class] = 1.0);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, scalar};

    #[test]
    fn equal_logits_have_the_entropy_of_all_classes() {
        let chosen = matrix(one_hot(4, [0, 3].into_iter()), 2, 4, &cpu());
        let equal = matrix(vec![7.0; 8], 2, 4, &cpu());
        approx::assert_relative_eq!(
            scalar(cross_entropy(equal, &chosen)),
            4f64.ln(),
            max_relative = 1e-6
        );
        // ln(1 + 3 e^-2) for the first, ln(3 + e^2) for the second event.
        let logits = matrix(vec![2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0], 2, 4, &cpu());
        let expected = ((1.0 + 3.0 * (-2f64).exp()).ln() + (3.0 + 2f64.exp()).ln()) / 2.0;
        let found = scalar(cross_entropy(logits, &chosen));
        approx::assert_relative_eq!(found, expected, max_relative = 1e-6);
    }
}
