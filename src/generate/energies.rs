use std::str::FromStr;

use thiserror::Error;

/// Incident energies to generate at, as a user lists them: `1000`, `256,512,1024` or `2^8..2^13`
/// (every power of two from the first to the last), in MeV.
///
/// Event k has the energy number k modulo their count, so that every energy is equally frequent
/// and an event's energy does not depend on the other events.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyList {
    energies_mev: Vec<f64>,
}

#[derive(Debug, Error, PartialEq)]
pub enum EnergyListError {
    #[error(
        "`{0}` is not a list of energies; expected MeV such as `1000`, `256,512` or `2^8..2^13`"
    )]
    Unreadable(String),

    #[error("incident energy {0} MeV is not positive and finite")]
    NotPositive(f64),

    #[error("`{0}` is an empty range of energies: the first power must not be above the last")]
    Empty(String),
}

impl EnergyList {
    pub fn energies_mev(&self) -> &[f64] {
        &self.energies_mev
    }
}

impl FromStr for EnergyList {
    type Err = EnergyListError;

    fn from_str(text: &str) -> Result<Self, EnergyListError> {
        let mut energies_mev = Vec::new();
        for part in text.split(',') {
            match part.split_once("..") {
                None => energies_mev.push(energy(part, text)?),
                Some((first, last)) => energies_mev.extend(powers(first, last, text)?),
            }
        }
        match energies_mev.iter().find(|e| !(e.is_finite() && **e > 0.0)) {
            Some(bad) => Err(EnergyListError::NotPositive(*bad)),
            None => Ok(Self { energies_mev }),
        }
    }
}

fn energy(part: &str, whole: &str) -> Result<f64, EnergyListError> {
    match part.trim().strip_prefix("2^") {
        Some(_) => Ok(2.0_f64.powi(power(part, whole)?)),
        None => part.trim().parse().map_err(|_| EnergyListError::Unreadable(whole.to_owned())),
    }
}

fn powers(
    first: &str,
    last: &str,
    whole: &str,
) -> Result<impl Iterator<Item = f64> + use<>, EnergyListError> {
    let (first, last) = (power(first, whole)?, power(last, whole)?);
    if first > last {
        return Err(EnergyListError::Empty(whole.to_owned()));
    }
    Ok((first..=last).map(|n| 2.0_f64.powi(n)))
}

fn power(part: &str, whole: &str) -> Result<i32, EnergyListError> {
    let unreadable = || EnergyListError::Unreadable(whole.to_owned());
    let power = part.trim().strip_prefix("2^").ok_or_else(unreadable)?;
    let power: i32 = power.parse().map_err(|_| unreadable())?;
    if (-64..=64).contains(&power) { Ok(power) } else { Err(unreadable()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_of_powers() {
        let list = |text: &str| text.parse::<EnergyList>().expect(text).energies_mev;
        assert_eq!(list("1000"), [1000.0]);
        assert_eq!(list("256, 1e3"), [256.0, 1000.0]);
        assert_eq!(list("2^8..2^10"), [256.0, 512.0, 1024.0]);
        assert_eq!(list("2^8..2^9,3000"), [256.0, 512.0, 3000.0]);
    }

    #[test]
    fn what_is_not_a_list_is_refused() {
        let error = |text: &str| text.parse::<EnergyList>().expect_err(text);
        assert!(matches!(error("fast"), EnergyListError::Unreadable(_)));
        assert!(matches!(error("256..512"), EnergyListError::Unreadable(_)));
        assert!(matches!(error("2^9..2^8"), EnergyListError::Empty(_)));
        assert!(matches!(error(""), EnergyListError::Unreadable(_)));
        assert_eq!(error("-5"), EnergyListError::NotPositive(-5.0));
        assert!(matches!(error("NaN"), EnergyListError::NotPositive(_)));
    }
}
