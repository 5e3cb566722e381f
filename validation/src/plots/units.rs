//! What the values and lengths of a detector are called in figures.

use detectors::{Detector, Family};

use super::drawing::rich_text::literal;
use crate::observables::length_unit;
use crate::report::model::DetectorSummary;

/// Words for values and lengths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    pub family: Family,
    /// What a value is, such as `energy`.
    pub quantity: String,
    /// Unit of the values.
    pub unit: String,
    /// Unit of lengths across the axis.
    pub length: String,
}

impl Units {
    pub fn of(detector: &Detector) -> Self {
        Self {
            family: detector.family(),
            quantity: detector.quantity().to_owned(),
            unit: detector.unit().to_owned(),
            length: length_unit(detector).to_owned(),
        }
    }

    pub fn of_summary(detector: &DetectorSummary) -> Self {
        Self {
            family: detector.family,
            quantity: detector.quantity.clone(),
            unit: detector.unit.clone(),
            length: detector.length_unit.clone(),
        }
    }

    /// `voxel` or `pixel`.
    pub(crate) fn cell(&self) -> &'static str {
        if self.family == Family::Calorimeter { "voxel" } else { "pixel" }
    }

    /// `shower` or `event`.
    pub(crate) fn event(&self) -> &'static str {
        if self.family == Family::Calorimeter { "shower" } else { "event" }
    }

    /// Such as `Mean energy per voxel (MeV)`.
    pub(super) fn mean_value_label(&self) -> String {
        self.with_unit(format!("Mean {} per {}", literal(&self.quantity), self.cell()))
    }

    /// Such as `Energy per voxel (MeV)`.
    pub(super) fn value_label(&self) -> String {
        let quantity = crate::observables::capitalised(&self.quantity);
        self.with_unit(format!("{} per {}", literal(&quantity), self.cell()))
    }

    /// Such as `x (mm)`.
    pub(super) fn axis_label(&self, axis: &str) -> String {
        format!("{axis} ({})", self.length)
    }

    pub(super) fn with_unit(&self, label: String) -> String {
        if self.unit == "1" { label } else { format!("{label} ({})", literal(&self.unit)) }
    }
}
