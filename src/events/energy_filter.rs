use std::str::FromStr;

use detectors::Detector;

use super::Events;

/// An incident energy in MeV, or a range of them: `1024`, `1000..2000` (the end not included).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnergyRange {
    from_mev: f64,
    to_mev: f64,
    /// One energy, up to rounding.
    single: bool,
}

impl EnergyRange {
    /// One energy; files may hold it in 32 bits.
    pub fn at(energy_mev: f64) -> Self {
        Self { from_mev: energy_mev, to_mev: energy_mev, single: true }
    }

    pub fn from_mev(self) -> f64 {
        self.from_mev
    }

    pub fn to_mev(self) -> f64 {
        self.to_mev
    }

    pub fn contains(self, energy_mev: f64) -> bool {
        if self.single {
            (energy_mev - self.from_mev).abs() <= 1e-6 * self.from_mev
        } else {
            self.from_mev <= energy_mev && energy_mev < self.to_mev
        }
    }
}

impl std::fmt::Display for EnergyRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.single {
            write!(f, "{}", self.from_mev)
        } else {
            write!(f, "{}..{}", self.from_mev, self.to_mev)
        }
    }
}

impl FromStr for EnergyRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text.trim().parse::<f64>() {
            Ok(energy) if energy.is_finite() && energy > 0.0 => Ok(energy),
            _ => Err(format!("`{text}` is no positive energy in MeV")),
        };
        let Some((from, to)) = text.split_once("..") else { return Ok(Self::at(number(text)?)) };
        let (from_mev, to_mev) = (number(from)?, number(to)?);
        if from_mev < to_mev {
            Ok(Self { from_mev, to_mev, single: false })
        } else {
            Err(format!("the range `{text}` is empty"))
        }
    }
}

/// Events by their incident energies.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyFilter {
    pub ranges: Vec<EnergyRange>,
    /// Whether events in the ranges are read, or all others.
    pub inside: bool,
}

impl EnergyFilter {
    /// The events that are let through; all, where the detector has no incident energy.
    #[must_use]
    pub fn apply(&self, events: Events, detector: &Detector) -> Events {
        let Some(column) = detector.incident_energy_column() else { return events };
        let chosen: Vec<usize> = (0..events.len())
            .filter(|&event| {
                let energy = events.conditions[[event, column]];
                self.ranges.iter().any(|range| range.contains(energy)) == self.inside
            })
            .collect();
        if chosen.len() == events.len() { events } else { events.select(&chosen) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn energies_and_ranges_are_read() {
        let one: EnergyRange = "1024".parse().expect("an energy");
        assert!(one.contains(f64::from(1024.0001_f32)) && !one.contains(1025.0));
        let range: EnergyRange = "1e3..2e3".parse().expect("a range");
        assert!(range.contains(1000.0) && range.contains(1999.0) && !range.contains(2000.0));
        assert_eq!(range.to_string(), "1000..2000");
        for bad in ["", "-3", "5..4", "x..2", "1..nan"] {
            assert!(bad.parse::<EnergyRange>().is_err(), "{bad}");
        }
    }

    #[test]
    fn events_inside_or_outside_are_let_through() {
        let detector = detectors::builtin("calochallenge-photons").expect("built in");
        let events = Events {
            conditions: Array2::from_shape_fn((4, 1), |(event, _)| 256.0 * (1 << event) as f64),
            values: Array2::zeros((4, 368)),
            weights: None,
        };
        let left = |inside| {
            let filter = EnergyFilter { ranges: vec![EnergyRange::at(512.0)], inside };
            filter.apply(events.clone(), &detector).conditions.column(0).to_vec()
        };
        assert_eq!(left(true), [512.0]);
        assert_eq!(left(false), [256.0, 1024.0, 2048.0]);
    }
}
