use std::fmt;

use detectors::{Calorimeter, Layer};

/// One observable of a shower: which quantity, of which layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObservableKind {
    pub quantity: Quantity,
    /// The experiment's number of the layer; `None` for quantities of the whole shower.
    pub layer: Option<usize>,
}

/// For voxel energies e_i at (r_i, η_i, φ_i) of a layer with the sum S = Σ e_i.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// E_tot = Σ e_i over all layers, MeV.
    TotalEnergy,
    /// E_tot / E_inc.
    Response,
    /// E_l = S, MeV.
    LayerEnergy,
    /// EC_η = Σ η_i e_i / (S + 10⁻¹⁶), mm.
    CentreEta,
    /// EC_φ, likewise, mm.
    CentrePhi,
    /// EC_r, likewise, mm.
    CentreRadius,
    /// W_η = √max(0, Σ η_i² e_i / (S + 10⁻¹⁶) − EC_η²), mm.
    WidthEta,
    /// W_φ, likewise, mm.
    WidthPhi,
    /// W_r, likewise, mm.
    WidthRadius,
    /// Fraction of the layer's voxels without energy.
    Sparsity,
}

impl Quantity {
    /// Those of one layer, in the order of the report. A layer that is not cut in angle has no
    /// centre and no width in η and φ.
    pub(super) fn of_layer(layer: &Layer) -> &'static [Self] {
        use Quantity::{
            CentreEta, CentrePhi, CentreRadius, LayerEnergy, Sparsity, WidthEta, WidthPhi,
            WidthRadius,
        };
        if layer.angular_bins() > 1 {
            &[
                LayerEnergy,
                CentreEta,
                CentrePhi,
                CentreRadius,
                WidthEta,
                WidthPhi,
                WidthRadius,
                Sparsity,
            ]
        } else {
            &[LayerEnergy, CentreRadius, WidthRadius, Sparsity]
        }
    }

    fn stem(self) -> &'static str {
        match self {
            Self::TotalEnergy => "E_tot",
            Self::Response => "E_tot_over_E_inc",
            Self::LayerEnergy => "E",
            Self::CentreEta => "ECeta",
            Self::CentrePhi => "ECphi",
            Self::CentreRadius => "ECr",
            Self::WidthEta => "Weta",
            Self::WidthPhi => "Wphi",
            Self::WidthRadius => "Wr",
            Self::Sparsity => "sparsity",
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::TotalEnergy => "E_tot",
            Self::Response => "E_tot / E_inc",
            Self::LayerEnergy => "Energy",
            Self::CentreEta => "EC η",
            Self::CentrePhi => "EC φ",
            Self::CentreRadius => "EC r",
            Self::WidthEta => "W η",
            Self::WidthPhi => "W φ",
            Self::WidthRadius => "W r",
            Self::Sparsity => "Sparsity",
        }
    }

    fn unit(self) -> Option<&'static str> {
        match self {
            Self::TotalEnergy | Self::LayerEnergy => Some("MeV"),
            Self::Response | Self::Sparsity => None,
            _ => Some("mm"),
        }
    }

    /// The chapter of the report.
    pub fn group(self) -> &'static str {
        match self {
            Self::TotalEnergy | Self::Response => "total energy",
            Self::LayerEnergy => "layer energies",
            Self::CentreEta | Self::CentrePhi | Self::CentreRadius => "centres of energy",
            Self::WidthEta | Self::WidthPhi | Self::WidthRadius => "widths",
            Self::Sparsity => "sparsity",
        }
    }
}

impl ObservableKind {
    /// All observables of a detector: E_tot and E_tot/E_inc, then layer by layer.
    pub fn all(detector: &Calorimeter) -> Vec<Self> {
        let whole = [Quantity::TotalEnergy, Quantity::Response]
            .map(|quantity| Self { quantity, layer: None });
        let layers = detector.layers().iter().flat_map(|layer| {
            Quantity::of_layer(layer)
                .iter()
                .map(|&quantity| Self { quantity, layer: Some(layer.id()) })
        });
        whole.into_iter().chain(layers).collect()
    }

    /// Axis label with the unit, such as `EC η of layer 2 (mm)`.
    pub fn label(&self) -> String {
        let mut label = self.quantity.symbol().to_owned();
        if let Some(layer) = self.layer {
            label += &format!(" of layer {layer}");
        }
        if let Some(unit) = self.quantity.unit() {
            label += &format!(" ({unit})");
        }
        label
    }
}

/// The stable name: `E_tot`, `E_tot_over_E_inc`, `E_1`, `ECeta_2`, `Wr_0`, `sparsity_12`, …
impl fmt::Display for ObservableKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer {
            Some(layer) => write!(formatter, "{}_{layer}", self.quantity.stem()),
            None => formatter.write_str(self.quantity.stem()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photons_have_thirty_observables_beside_the_incident_energy() {
        let photons = detectors::builtin("calochallenge-photons").expect("built in");
        let names: Vec<_> = ObservableKind::all(&photons).iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), 2 + 3 * 4 + 2 * 8);
        assert_eq!(names[..4], ["E_tot", "E_tot_over_E_inc", "E_0", "ECr_0"]);
        assert_eq!(names[6..10], ["E_1", "ECeta_1", "ECphi_1", "ECr_1"]);
        assert_eq!(names.last().map(String::as_str), Some("sparsity_12"));
    }

    #[test]
    fn labels_carry_layer_and_unit() {
        let kind = ObservableKind { quantity: Quantity::CentreEta, layer: Some(2) };
        assert_eq!(kind.label(), "EC η of layer 2 (mm)");
        let kind = ObservableKind { quantity: Quantity::Response, layer: None };
        assert_eq!(kind.label(), "E_tot / E_inc");
    }
}
