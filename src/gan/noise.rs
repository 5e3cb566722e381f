use serde::{Deserialize, Serialize};

use crate::random::Normals;

/// The distribution of the noise at a generator's input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Noise {
    Normal {
        #[serde(default)]
        mean: f64,
        #[serde(default = "one")]
        deviation: f64,
    },
    Uniform {
        minimum: f64,
        maximum: f64,
    },
}

fn one() -> f64 {
    1.0
}

impl Default for Noise {
    fn default() -> Self {
        Self::Normal { mean: 0.0, deviation: 1.0 }
    }
}

impl Noise {
    /// # Errors
    /// What is wrong, as a fragment of a sentence.
    pub fn check(&self) -> Result<(), String> {
        let fine = match *self {
            Self::Normal { mean, deviation } => {
                mean.is_finite() && deviation.is_finite() && deviation > 0.0
            }
            Self::Uniform { minimum, maximum } => {
                minimum.is_finite() && maximum.is_finite() && minimum < maximum
            }
        };
        if fine {
            Ok(())
        } else {
            Err(format!("{self:?}, expected finite numbers and a positive width"))
        }
    }

    /// Draws the noise of one event.
    pub fn fill(&self, normals: &mut Normals, values: &mut [f32]) {
        match *self {
            Self::Normal { mean: 0.0, deviation: 1.0 } => normals.fill(values),
            Self::Normal { mean, deviation } => {
                let (mean, deviation) = (mean as f32, deviation as f32);
                values.iter_mut().for_each(|value| *value = mean + deviation * normals.draw());
            }
            Self::Uniform { minimum, maximum } => {
                let (minimum, width) = (minimum as f32, (maximum - minimum) as f32);
                values.iter_mut().for_each(|value| *value = minimum + width * normals.uniform());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Streams};

    #[test]
    fn mean_and_deviation_of_each_kind() {
        let cases = [
            (Noise::default(), 0.0, 1.0),
            // FastCaloGAN's at inference, and CaloShowerGAN's.
            (Noise::Normal { mean: 0.5, deviation: 0.5 }, 0.5, 0.5),
            (Noise::Uniform { minimum: -1.0, maximum: 1.0 }, 0.0, 1.0 / 3f64.sqrt()),
        ];
        for (noise, mean, deviation) in cases {
            let mut values = vec![0.0; 40_000];
            noise.fill(&mut Streams::new(2, Purpose::Generation).normals(0), &mut values);
            let n = values.len() as f64;
            let found = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
            let square = values.iter().map(|v| (f64::from(*v) - found).powi(2)).sum::<f64>() / n;
            assert!((found - mean).abs() < 0.02, "{noise:?}: {found}");
            assert!((square.sqrt() - deviation).abs() < 0.02, "{noise:?}: {square}");
        }
        assert!(Noise::Uniform { minimum: 1.0, maximum: 1.0 }.check().is_err());
        assert!(Noise::Normal { mean: f64::NAN, deviation: 1.0 }.check().is_err());
    }
}
