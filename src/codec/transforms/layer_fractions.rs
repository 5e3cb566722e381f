use serde::{Deserialize, Serialize};

use super::error::{BadParameter, BadValue};
use super::step::Step;

/// The shape of every layer, the shares of the layers and the response of the whole detector, apart
/// from each other ("normlayer2" of CaloShowerGAN, arXiv:2309.06515).
///
/// An event of values x_i in layers l becomes, one after the other:
///
/// - x_i / E_l for every value, with E_l = Σ x_i over the values of layer l: sums to 1 in each layer
///   that has energy, as a softmax over the layer does;
/// - E_l / E_tot for every layer, with E_tot = Σ E_l: sums to 1;
/// - E_tot / E_inc.
///
/// Where E_l or E_tot is zero, so are the fractions of it. Decoding multiplies back,
/// x_i = (x_i / E_l) · (E_l / E_tot) · (E_tot / E_inc) · E_inc, with negative factors, which a
/// network may make, taken as zero. It does not normalise: that is for the network's last layer.
///
/// Zero stays zero, a layer of zeros decodes to zeros exactly, and energy is conserved: the sum of a
/// decoded event is that of the encoded one within 10⁻⁶ of it. Decoding gives what was encoded
/// within 2⁻²¹ of it, as long as no fraction is below 10⁻³⁸, where 32-bit numbers get coarse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerFractions {
    /// `[columns]`: the layer of each value.
    layer_of_column: Vec<usize>,
    layers: usize,
}

/// More layers than this are a mistake.
const MOST_LAYERS: usize = 1 << 24;

impl LayerFractions {
    pub(super) fn new(layer_of_column: &[usize]) -> Self {
        let layers = layer_of_column.iter().max().map_or(0, |last| last + 1);
        Self { layer_of_column: layer_of_column.to_vec(), layers }
    }

    /// `[columns]`: the layer of each value, counted from 0; the fractions of a layer sum to 1.
    pub fn layer_of_column(&self) -> &[usize] {
        &self.layer_of_column
    }

    /// How many layers there are, also such as have no values.
    pub fn layers(&self) -> usize {
        self.layers
    }
}

impl Step for LayerFractions {
    fn check(&self) -> Result<(), BadParameter> {
        if let Some(layer) = self.layer_of_column.iter().find(|layer| **layer >= MOST_LAYERS) {
            let message = format!("layers below {MOST_LAYERS}");
            return BadParameter::unless(false, "layer_of_column", layer, message);
        }
        let expected = Self::new(&self.layer_of_column).layers;
        let message = format!("{expected}, one more than the last layer");
        BadParameter::unless(self.layers == expected, "layers", self.layers, message)
    }

    fn width_after(&self, width: usize) -> Result<usize, BadParameter> {
        let known = self.layer_of_column.len();
        let message = format!("{width} values, as events have here");
        BadParameter::unless(
            known == width,
            "layer_of_column",
            format!("{known} values"),
            message,
        )?;
        Ok(width + self.layers + 1)
    }

    fn encode(
        &self,
        scale: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        BadValue::if_negative(values)?;
        let mut layers = vec![0.0; self.layers];
        for (x, layer) in values.iter().zip(&self.layer_of_column) {
            layers[*layer] += x;
        }
        let total: f64 = layers.iter().sum();
        for (x, layer) in values.iter_mut().zip(&self.layer_of_column) {
            *x = share(*x, layers[*layer]);
        }
        values.extend(layers.iter().map(|energy| share(*energy, total)));
        values.push(total / scale);
        Ok(())
    }

    fn decode(&self, scale: f64, values: &mut Vec<f64>) {
        let columns = self.layer_of_column.len();
        let total = at_least_zero(values[columns + self.layers]) * scale;
        let (fractions, shares) = values.split_at_mut(columns);
        for (x, layer) in fractions.iter_mut().zip(&self.layer_of_column) {
            *x = at_least_zero(*x) * (at_least_zero(shares[*layer]) * total);
        }
        values.truncate(columns);
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Unlike `f64::max`, this lets what is not a number be seen.
fn at_least_zero(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::laws::{back, network, relative_error};
    use super::*;

    #[test]
    fn shapes_shares_and_response_of_a_small_shower() {
        let step = LayerFractions::new(&[0, 0, 1, 2]);
        let encoded = network(&step, 160.0, &[10.0, 30.0, 0.0, 40.0]);
        assert_eq!(encoded, [0.25, 0.75, 0.0, 1.0, 0.5, 0.0, 0.5, 0.5]);
    }

    #[test]
    fn an_event_without_energy_is_zeros_both_ways() {
        let step = LayerFractions::new(&[0, 1, 1]);
        assert_eq!(network(&step, 160.0, &[0.0; 3]), [0.0; 6]);
        assert_eq!(back(&step, 160.0, &[0.0; 3]), [0.0; 3]);
    }

    #[test]
    fn negative_factors_of_a_network_are_zero_and_nan_is_seen() {
        let step = LayerFractions::new(&[0, 0]);
        let mut values = vec![-0.1, f64::NAN, 1.0, 0.5];
        step.decode(100.0, &mut values);
        assert_eq!(values[0], 0.0);
        assert!(values[1].is_nan());
    }

    #[test]
    fn negative_energies_are_refused_by_column() {
        let step = LayerFractions::new(&[0, 1]);
        let bad = step.encode(1.0, &mut vec![1.0, -2.0], &mut || 0.5).expect_err("negative");
        assert_eq!((bad.column, bad.value), (1, -2.0));
    }

    proptest! {
        #[test]
        fn decoding_conserves_values_and_energy(
            voxels in prop::collection::vec(prop_oneof![Just(0.0_f32), 1e-3_f32..1e5], 12),
            scale in 100.0..1e6_f64,
            empty in 0_usize..4,
        ) {
            let layer = |i: usize| i % 4;
            let step = LayerFractions::new(&(0..12).map(layer).collect::<Vec<_>>());
            let mut voxels = voxels;
            (0..12).filter(|i| layer(*i) == empty).for_each(|i| voxels[i] = 0.0);
            let decoded = back(&step, scale, &voxels);
            for (x, y) in voxels.iter().zip(&decoded) {
                prop_assert!(relative_error(*x, *y) <= 2.0_f64.powi(-21));
                prop_assert_eq!(*x == 0.0, *y == 0.0);
            }
            let sum = |values: &[f32]| values.iter().map(|x| f64::from(*x)).sum::<f64>();
            let (before, after) = (sum(&voxels), sum(&decoded));
            prop_assert!((before - after).abs() <= 1e-6 * before);
        }
    }
}
