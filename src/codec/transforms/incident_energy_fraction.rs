use serde::{Deserialize, Serialize};

use super::error::BadValue;
use super::step::Step;

/// Energies as fractions of the incident energy: x → x / E_inc (FastCaloGAN, arXiv:2109.02551).
///
/// Zero stays zero. Decoding gives what was encoded within 2⁻²² of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentEnergyFraction {}

impl Step for IncidentEnergyFraction {
    fn encode(
        &self,
        scale: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        values.iter_mut().for_each(|x| *x /= scale);
        Ok(())
    }

    fn decode(&self, scale: f64, values: &mut Vec<f64>) {
        values.iter_mut().for_each(|x| *x *= scale);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::laws::{back, network, relative_error};
    use super::*;

    const STEP: IncidentEnergyFraction = IncidentEnergyFraction {};

    #[test]
    fn energies_are_divided_by_the_incident_energy() {
        assert_eq!(network(&STEP, 1024.0, &[512.0, 0.0, -64.0]), [0.5, 0.0, -0.0625]);
    }

    proptest! {
        #[test]
        fn decoding_gives_what_was_encoded(x in 0.0_f32..1e7, scale in 1.0..1e7_f64) {
            let decoded = back(&STEP, scale, &[x, 0.0]);
            prop_assert!(relative_error(x, decoded[0]) <= 2.0_f64.powi(-22));
            prop_assert_eq!(decoded[1], 0.0);
        }
    }
}
