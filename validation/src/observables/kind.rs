use detectors::{Detector, Family, Layer, Response};

use crate::plots::literal;

/// One observable of an event: which quantity, of which layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObservableKind {
    pub quantity: Quantity,
    /// The experiment's number of the layer; `None` for quantities of the whole event.
    pub layer: Option<usize>,
}

/// For values e_i at (r_i, x_i, y_i) of a layer with the sum S = Σ e_i. Where a layer is cut into
/// rings, x and y are CaloChallenge's η = r cos α and φ = r sin α.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// E_tot = Σ e_i over all layers.
    Total,
    /// E_tot over the condition that the detector's values are fractions of: E_tot / E_inc.
    Response,
    /// z̄ = Σ l E_l / (E_tot + 10⁻¹⁶) with layers numbered l = 0, 1, … along the depth.
    Depth,
    /// √max(0, Σ l² E_l / (E_tot + 10⁻¹⁶) − z̄²).
    DepthWidth,
    /// E_l = S.
    LayerTotal,
    /// EC_x = Σ x_i e_i / (S + 10⁻¹⁶), mm.
    CentreX,
    /// EC_y, likewise, mm.
    CentreY,
    /// EC_r, likewise, mm.
    CentreRadius,
    /// W_x = √max(0, Σ x_i² e_i / (S + 10⁻¹⁶) − EC_x²), mm.
    WidthX,
    /// W_y, likewise, mm.
    WidthY,
    /// W_r, likewise, mm.
    WidthRadius,
    /// Fraction of the layer's cells without a value.
    Sparsity,
    /// A column of a table, by its number.
    Column(usize),
}

/// Grids with fewer layers have no depth.
const FEWEST_LAYERS_WITH_DEPTH: usize = 5;

impl Quantity {
    /// Those of one layer, in the order of the report. Whole rings have no centre and no width
    /// across the axis.
    fn of_layer(layer: &Layer) -> &'static [Self] {
        use Quantity::{
            CentreRadius, CentreX, CentreY, LayerTotal, Sparsity, WidthRadius, WidthX, WidthY,
        };
        if layer.has_transverse_positions() {
            &[LayerTotal, CentreX, CentreY, CentreRadius, WidthX, WidthY, WidthRadius, Sparsity]
        } else {
            &[LayerTotal, CentreRadius, WidthRadius, Sparsity]
        }
    }
}

impl ObservableKind {
    /// All observables of a detector: those of the whole event, then layer by layer; of a table,
    /// its columns.
    ///
    /// The sum over the only layer is that of the event, and stands there alone. Regular grids of
    /// at least five layers have a depth.
    pub fn all(detector: &Detector) -> Vec<Self> {
        let whole = |quantity| Self { quantity, layer: None };
        let layers = match detector.response() {
            Response::Table(columns) => {
                return (0..columns.len()).map(|column| whole(Quantity::Column(column))).collect();
            }
            Response::Layers(layers) => layers,
        };
        let mut kinds = vec![whole(Quantity::Total)];
        if detector.normalising_column().is_some() {
            kinds.push(whole(Quantity::Response));
        }
        if detector.grid().is_some() && layers.len() >= FEWEST_LAYERS_WITH_DEPTH {
            kinds.extend([whole(Quantity::Depth), whole(Quantity::DepthWidth)]);
        }
        kinds.extend(layers.iter().flat_map(|layer| Self::of_layer(detector, layer)));
        kinds
    }

    /// The observables of one layer.
    pub(super) fn of_layer(detector: &Detector, layer: &Layer) -> impl Iterator<Item = Self> {
        let only = detector.layers().len() == 1;
        let layer_id = layer.id();
        Quantity::of_layer(layer)
            .iter()
            .filter(move |&&quantity| !(only && quantity == Quantity::LayerTotal))
            .map(move |&quantity| Self { quantity, layer: Some(layer_id) })
    }

    /// The stable name: `E_tot`, `E_tot_over_E_inc`, `E_1`, `ECeta_2`, `Wr_0`, `sparsity_12` of a
    /// calorimeter, `hits`, `centre_x`, `mean_radius` of an image, or the name of a column.
    pub fn name(self, detector: &Detector) -> String {
        let words = Words::of(detector, self.layer);
        let (x, y) = (words.axes[0].1, words.axes[1].1);
        let quantity = detector.quantity().replace(' ', "_");
        let stem = if words.calorimeter {
            match self.quantity {
                Quantity::Total => "E_tot".to_owned(),
                Quantity::Response => format!("E_tot_over_{}", words.scale.0),
                Quantity::LayerTotal => "E".to_owned(),
                Quantity::CentreX => format!("EC{x}"),
                Quantity::CentreY => format!("EC{y}"),
                Quantity::CentreRadius => "ECr".to_owned(),
                Quantity::WidthX => format!("W{x}"),
                Quantity::WidthY => format!("W{y}"),
                Quantity::WidthRadius => "Wr".to_owned(),
                other => other.common_name(detector),
            }
        } else {
            match self.quantity {
                Quantity::Total | Quantity::LayerTotal => quantity,
                Quantity::Response => format!("{quantity}_over_{}", words.scale.0),
                Quantity::CentreX => format!("centre_{x}"),
                Quantity::CentreY => format!("centre_{y}"),
                Quantity::CentreRadius => "mean_radius".to_owned(),
                Quantity::WidthX => format!("width_{x}"),
                Quantity::WidthY => format!("width_{y}"),
                Quantity::WidthRadius => "width_radius".to_owned(),
                other => other.common_name(detector),
            }
        };
        match words.layer {
            Some(layer) => format!("{stem}_{layer}"),
            None => stem,
        }
    }

    /// Axis label with the unit, such as `EC η of layer 2 (mm)`.
    pub fn label(self, detector: &Detector) -> String {
        let words = Words::of(detector, self.layer);
        let (x, y) = (words.axes[0].0, words.axes[1].0);
        let quantity = capitalised(detector.quantity());
        let mut label = if words.calorimeter {
            match self.quantity {
                Quantity::Total => "E_tot".to_owned(),
                Quantity::Response => format!("E_tot / {}", words.scale.1),
                Quantity::LayerTotal => "Energy".to_owned(),
                Quantity::CentreX => format!("EC {x}"),
                Quantity::CentreY => format!("EC {y}"),
                Quantity::CentreRadius => "EC r".to_owned(),
                Quantity::WidthX => format!("W {x}"),
                Quantity::WidthY => format!("W {y}"),
                Quantity::WidthRadius => "W r".to_owned(),
                other => other.common_label(detector),
            }
        } else {
            match self.quantity {
                Quantity::Total => format!("Total {}", detector.quantity()),
                Quantity::Response => {
                    format!("Total {} / {}", detector.quantity(), words.scale.1)
                }
                Quantity::LayerTotal => quantity,
                Quantity::CentreX => format!("Centre {x}"),
                Quantity::CentreY => format!("Centre {y}"),
                Quantity::CentreRadius if detector.family() == Family::Cherenkov => {
                    "Mean ring radius".to_owned()
                }
                Quantity::CentreRadius => "Mean radius".to_owned(),
                Quantity::WidthX => format!("Width in {x}"),
                Quantity::WidthY => format!("Width in {y}"),
                Quantity::WidthRadius => "Width of the radius".to_owned(),
                other => other.common_label(detector),
            }
        };
        if let Some(layer) = words.layer {
            label += &format!(" of layer {layer}");
        }
        if let Some(unit) = self.quantity.unit(detector) {
            label += &format!(" ({unit})");
        }
        label
    }

    /// The layer's number where names and labels carry it: not for the only layer of an image.
    pub fn shown_layer(self, detector: &Detector) -> Option<usize> {
        Words::of(detector, self.layer).layer
    }

    /// The chapter of the report.
    pub fn group(self, detector: &Detector) -> &'static str {
        let calorimeter = detector.family() == Family::Calorimeter;
        match self.quantity {
            Quantity::Total | Quantity::Response if calorimeter => "total energy",
            Quantity::LayerTotal if calorimeter => "layer energies",
            Quantity::CentreX | Quantity::CentreY | Quantity::CentreRadius if calorimeter => {
                "centres of energy"
            }
            Quantity::Total | Quantity::Response => "totals",
            Quantity::LayerTotal => "layer totals",
            Quantity::CentreX | Quantity::CentreY | Quantity::CentreRadius => "centres",
            Quantity::Depth | Quantity::DepthWidth => "depth",
            Quantity::WidthX | Quantity::WidthY | Quantity::WidthRadius => "widths",
            Quantity::Sparsity => "sparsity",
            Quantity::Column(_) => "columns",
        }
    }
}

impl Quantity {
    fn common_name(self, detector: &Detector) -> String {
        match self {
            Self::Depth => "depth".to_owned(),
            Self::DepthWidth => "depth_width".to_owned(),
            Self::Column(column) => {
                detector.columns().get(column).map_or_else(String::new, |c| c.name.clone())
            }
            _ => "sparsity".to_owned(),
        }
    }

    fn common_label(self, detector: &Detector) -> String {
        match self {
            Self::Depth => "Mean depth".to_owned(),
            Self::DepthWidth => "Width in depth".to_owned(),
            Self::Column(_) => literal(&self.common_name(detector)),
            _ => "Sparsity".to_owned(),
        }
    }

    fn unit(self, detector: &Detector) -> Option<&str> {
        let unit = match self {
            Self::Total | Self::LayerTotal => detector.unit(),
            Self::Response | Self::Sparsity => "1",
            Self::Depth | Self::DepthWidth => "layers",
            Self::Column(column) => detector.columns().get(column).map_or("1", |c| &c.unit),
            _ => length_unit(detector),
        };
        (unit != "1").then_some(unit)
    }
}

/// What lengths across the axis are measured in. A pixel of the sky has no width in millimetres.
pub(crate) fn length_unit(detector: &Detector) -> &'static str {
    if detector.family() == Family::Radio { "pixels" } else { "mm" }
}

/// What names and labels of a detector's observables are made of.
struct Words<'a> {
    calorimeter: bool,
    /// Layer to be named.
    layer: Option<usize>,
    /// Label and name of both transverse axes.
    axes: [(&'static str, &'static str); 2],
    /// Name and label of the condition that values are fractions of.
    scale: (&'a str, String),
}

impl<'a> Words<'a> {
    fn of(detector: &'a Detector, layer: Option<usize>) -> Self {
        let calorimeter = detector.family() == Family::Calorimeter;
        let found = detector.layers().iter().find(|known| Some(known.id()) == layer);
        let in_rings = found.is_some_and(|layer| layer.angular_bins().is_some());
        let scale = match (detector.normalising_column(), detector.incident_energy_column()) {
            (Some(column), Some(energy)) if column == energy => ("E_inc", "E_inc".to_owned()),
            (Some(column), _) => {
                let known = detector.conditions().iter().find(|c| c.first_column == column);
                let name = known.map_or("", |condition| &condition.name);
                (name, literal(name))
            }
            (None, _) => ("", String::new()),
        };
        Self {
            calorimeter,
            layer: layer.filter(|_| calorimeter || detector.layers().len() > 1),
            axes: if in_rings { [("η", "eta"), ("φ", "phi")] } else { [("x", "x"), ("y", "y")] },
            scale,
        }
    }
}

pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_and_labels(detector: &str) -> Vec<(String, String)> {
        let detector = detectors::builtin(detector).expect("built in");
        let kinds = ObservableKind::all(&detector);
        kinds.iter().map(|kind| (kind.name(&detector), kind.label(&detector))).collect()
    }

    #[test]
    fn photons_have_thirty_observables_beside_the_incident_energy() {
        let found = names_and_labels("calochallenge-photons");
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 2 + 3 * 4 + 2 * 8);
        assert_eq!(names[..4], ["E_tot", "E_tot_over_E_inc", "E_0", "ECr_0"]);
        assert_eq!(names[6..10], ["E_1", "ECeta_1", "ECphi_1", "ECr_1"]);
        assert_eq!(names.last(), Some(&"sparsity_12"));
        let labels: Vec<&str> = found.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels[..3], ["E_tot (MeV)", "E_tot / E_inc", "Energy of layer 0 (MeV)"]);
        assert_eq!(labels[7], "EC η of layer 1 (mm)");
        assert_eq!(labels[29], "Sparsity of layer 12");
    }

    #[test]
    fn an_image_has_no_layers_to_name() {
        let found = names_and_labels("rich-rings");
        let expected = [
            ("hits", "Total hits (photons)"),
            ("centre_x", "Centre x (mm)"),
            ("centre_y", "Centre y (mm)"),
            ("mean_radius", "Mean ring radius (mm)"),
            ("width_x", "Width in x (mm)"),
            ("width_y", "Width in y (mm)"),
            ("width_radius", "Width of the radius (mm)"),
            ("sparsity", "Sparsity"),
        ];
        assert_eq!(found.len(), expected.len());
        for ((name, label), expected) in found.iter().zip(expected) {
            assert_eq!((name.as_str(), label.as_str()), expected);
        }
        let sky = names_and_labels("radio-sky");
        assert_eq!(sky[0].1, "Total flux density (mJy/beam)");
        assert_eq!(
            (sky[0].0.as_str(), sky[3].1.as_str()),
            ("flux_density", "Mean radius (pixels)")
        );
    }

    #[test]
    fn a_grid_has_a_depth_and_x_and_y() {
        let found = names_and_labels("clic-ecal-25");
        assert_eq!(found.len(), 4 + 25 * 8);
        assert_eq!(found[2], ("depth".to_owned(), "Mean depth (layers)".to_owned()));
        assert_eq!(found[5], ("ECx_0".to_owned(), "EC x of layer 0 (mm)".to_owned()));
        let window = names_and_labels("atlas-em-barrel");
        assert_eq!(window.len(), 2 + 4 * 8);
    }

    #[test]
    fn a_table_has_its_columns() {
        let found = names_and_labels("rich-pid");
        assert_eq!(found.len(), 5);
        assert_eq!(found[2], ("RichDLLk".to_owned(), "RichDLLk".to_owned()));
    }

    #[test]
    fn names_are_unique_in_every_detector() {
        for detector in detectors::builtin_names() {
            let found = names_and_labels(detector);
            let mut names: Vec<_> = found.iter().map(|(name, _)| name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), found.len(), "{detector}");
        }
    }
}
