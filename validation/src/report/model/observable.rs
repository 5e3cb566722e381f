use serde::{Deserialize, Serialize};

/// A figure with its error, beside what reference against reference gives for it.
///
/// Errors are standard errors; NaN (`null` in JSON) where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WithFloor {
    pub value: f64,
    pub error: f64,
    pub floor: f64,
    pub floor_error: f64,
}

impl WithFloor {
    /// Neither known.
    pub const NONE: Self =
        Self { value: f64::NAN, error: f64::NAN, floor: f64::NAN, floor_error: f64::NAN };

    /// Without errors.
    pub const fn plain(value: f64, floor: f64) -> Self {
        Self { value, floor, error: f64::NAN, floor_error: f64::NAN }
    }

    /// The value minus its floor.
    pub fn excess(&self) -> f64 {
        self.value - self.floor
    }

    /// √(σ² + σ_floor²), an unknown error counting as 0; NaN where both are unknown.
    pub fn excess_error(&self) -> f64 {
        match (self.error.is_nan(), self.floor_error.is_nan()) {
            (true, true) => f64::NAN,
            (true, false) => self.floor_error,
            (false, true) => self.error,
            (false, false) => self.error.hypot(self.floor_error),
        }
    }
}

/// One observable of both samples, in one histogram.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ObservableComparison {
    /// Stable name, such as `E_tot_over_E_inc`, `E_1`, `ECeta_2`, `sparsity_12`.
    pub name: String,
    /// Axis label with the unit, such as `EC η of layer 2 (mm)`.
    pub label: String,
    /// Group for the table of contents: `total energy`, `layer energies`, `centres of energy`,
    /// `widths`, `sparsity`, `voxels`, `columns`, …
    pub group: String,
    pub layer: Option<usize>,
    pub log_x: bool,
    pub log_y: bool,
    pub histogram: HistogramPair,
    /// Kolmogorov–Smirnov distance (unbinned) and its p-value.
    pub ks: WithFloor,
    pub ks_p_value: f64,
    /// χ²/ndf of the two histograms (ROOT's weighted–weighted form) and its p-value.
    pub chi2_per_ndf: WithFloor,
    pub chi2_ndf: usize,
    pub chi2_p_value: f64,
    /// Separation power of the two histograms.
    pub separation: WithFloor,
    /// Standardised Anderson–Darling statistic and its p-value.
    pub anderson_darling: WithFloor,
    pub anderson_darling_p_value: f64,
    /// |P − ½|, with the probability P that a generated value exceeds one of the reference, equal
    /// values counting half; and the p-value of Mann and Whitney's test.
    pub mann_whitney: WithFloor,
    pub mann_whitney_p_value: f64,
    /// W₁ in units of the reference's standard deviation.
    pub wasserstein: WithFloor,
    /// E = 2 E|X − Y| − E|X − X′| − E|Y − Y′| in units of the reference's standard deviation.
    pub energy_distance: WithFloor,
    /// Jensen–Shannon divergence of the histograms, in bits.
    pub jensen_shannon: WithFloor,
    /// p-value of Kolmogorov–Smirnov, adjusted by Holm's method for the number of observables.
    pub ks_p_value_adjusted: f64,
    /// Why there are no tests: too few events, a constant observable.
    pub abstained: Option<String>,
}

/// Counts of both samples in the same bins (last bin closed; what falls outside is counted apart),
/// or sums of weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistogramPair {
    /// `[bins + 1]`
    pub edges: Vec<f64>,
    /// `[bins]`
    pub reference: Vec<f64>,
    /// `[bins]`
    pub generated: Vec<f64>,
    /// Sums of squared weights of weighted samples. `[bins]`
    pub reference_variances: Option<Vec<f64>>,
    pub generated_variances: Option<Vec<f64>>,
    pub reference_entries: usize,
    pub generated_entries: usize,
    /// Entries below the first edge (or not a number), and above the last.
    pub reference_underflow: usize,
    pub reference_overflow: usize,
    pub generated_underflow: usize,
    pub generated_overflow: usize,
}
