//! Names, labels, units and groups of observables, in the words of the detector's family.

use detectors::{Detector, Family};

use super::{ObservableKind, Quantity};
use crate::plots::literal;

impl ObservableKind {
    /// The stable name: `E_tot`, `E_tot_over_E_inc`, `depth`, `r90`, `E_1`, `ECeta_2`, `Wr_0`,
    /// `sparsity_12` of a calorimeter, `hits`, `centre_x`, `mean_radius` of an image, or the name
    /// of a column.
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
                Quantity::Peak => format!("peak_{quantity}"),
                Quantity::RingHits => format!("ring_{quantity}"),
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
                Quantity::RingHits => format!("{quantity} of the ring"),
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
        let unit = self.unit(detector);
        if unit != "1" {
            label += &format!(" ({unit})");
        }
        label
    }

    /// Unit of its values; `1` where it has none.
    pub fn unit(self, detector: &Detector) -> &str {
        self.quantity.unit(detector)
    }

    /// What it is, in plain ASCII, for files that carry it.
    pub fn description(self, detector: &Detector) -> String {
        let words = Words::of(detector, self.layer);
        let [x, y] = words.axes.map(|(_, name)| name);
        let e = if words.calorimeter { "energy" } else { detector.quantity() };
        let what = match self.quantity {
            Quantity::Total => format!("sum of the {e} of all cells"),
            Quantity::Response => format!("sum of the {e} of all cells over {}", words.scale.0),
            Quantity::Depth => format!("mean number of the layer from 0, weighted with its {e}"),
            Quantity::DepthWidth => {
                format!("standard deviation of the layer's number, weighted with its {e}")
            }
            Quantity::Third(third) => {
                let ordinal = ["first", "middle", "last"][third.min(2)];
                format!("share of the {e} in the {ordinal} third of the layers")
            }
            Quantity::Radius50 => containment(detector, e, 50),
            Quantity::Radius90 => containment(detector, e, 90),
            Quantity::Hits => "number of cells with a value".to_owned(),
            Quantity::Shape(shape) => shape.description().to_owned(),
            Quantity::RingRadius => {
                "radius of the ring about the middle, less the background".to_owned()
            }
            Quantity::RingHits => {
                format!("{e} of the ring about the middle, less the background")
            }
            Quantity::Peak => format!("greatest {e} of a pixel"),
            Quantity::PowerSlope => {
                "slope of log10 of the radial power spectrum in log10 of the wave number".to_owned()
            }
            Quantity::LayerTotal => format!("sum of the {e} of the cells"),
            Quantity::CentreX => format!("mean of {x}, weighted with the {e}"),
            Quantity::CentreY => format!("mean of {y}, weighted with the {e}"),
            Quantity::CentreRadius => format!("mean of r, weighted with the {e}"),
            Quantity::WidthX => format!("standard deviation of {x}, weighted with the {e}"),
            Quantity::WidthY => format!("standard deviation of {y}, weighted with the {e}"),
            Quantity::WidthRadius => format!("standard deviation of r, weighted with the {e}"),
            Quantity::Sparsity => "fraction of the cells without a value".to_owned(),
            Quantity::Column(_) => format!("column {}", self.quantity.common_name(detector)),
        };
        match words.layer {
            Some(layer) => format!("{what}, layer {layer}"),
            None => what,
        }
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
            Quantity::Total | Quantity::Response | Quantity::Peak => "totals",
            Quantity::LayerTotal => "layer totals",
            Quantity::CentreX | Quantity::CentreY | Quantity::CentreRadius => "centres",
            Quantity::Depth | Quantity::DepthWidth | Quantity::Third(_) => "depth",
            Quantity::Radius50 | Quantity::Radius90 => "lateral containment",
            Quantity::WidthX | Quantity::WidthY | Quantity::WidthRadius => "widths",
            Quantity::Hits | Quantity::Sparsity => "sparsity",
            Quantity::RingRadius | Quantity::RingHits => "ring",
            Quantity::Shape(_) => "shower shapes",
            Quantity::PowerSlope => "power spectrum",
            Quantity::Column(_) => "columns",
        }
    }
}

impl Quantity {
    fn common_name(self, detector: &Detector) -> String {
        match self {
            Self::Depth => "depth".to_owned(),
            Self::DepthWidth => "depth_width".to_owned(),
            Self::Third(third) => {
                ["front_third", "middle_third", "back_third"][third.min(2)].to_owned()
            }
            Self::Radius50 => "r50".to_owned(),
            Self::Radius90 => "r90".to_owned(),
            Self::Hits => "n_hits".to_owned(),
            Self::Shape(shape) => shape.name().to_owned(),
            Self::RingRadius => "ring_radius".to_owned(),
            Self::RingHits => "ring_hits".to_owned(),
            Self::Peak => "peak".to_owned(),
            Self::PowerSlope => "power_slope".to_owned(),
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
            Self::Third(third) => {
                let ordinal = ["first", "middle", "last"][third.min(2)];
                format!("Share of the {ordinal} third of the layers")
            }
            Self::Radius50 => "Radius with 50 % of the total".to_owned(),
            Self::Radius90 => "Radius with 90 % of the total".to_owned(),
            Self::Hits => "Number of hit cells".to_owned(),
            Self::Shape(shape) => shape.label().to_owned(),
            Self::RingRadius => "Ring radius".to_owned(),
            Self::RingHits => "Hits of the ring".to_owned(),
            Self::Peak => format!("Greatest {}", detector.quantity()),
            Self::PowerSlope => "Slope of the power spectrum".to_owned(),
            Self::Column(_) => literal(&self.common_name(detector)),
            _ => "Sparsity".to_owned(),
        }
    }
}

fn containment(detector: &Detector, energy: &str, percent: u32) -> String {
    let rings = detector.layers().iter().all(|layer| layer.radial_edges_mm().is_some());
    let centre = if rings { "axis" } else { "event's barycentre" };
    format!("radius about the {centre} with {percent} % of the {energy} of all layers")
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
    fn photons_have_the_challenges_observables_and_five_of_the_event() {
        let found = names_and_labels("calochallenge-photons");
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 2 + 5 + 3 * 4 + 2 * 8);
        assert_eq!(
            names[..7],
            ["E_tot", "E_tot_over_E_inc", "depth", "depth_width", "r50", "r90", "n_hits"]
        );
        assert_eq!(names[11..15], ["E_1", "ECeta_1", "ECphi_1", "ECr_1"]);
        assert_eq!(names.last(), Some(&"sparsity_12"));
        let labels: Vec<&str> = found.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels[..2], ["E_tot (MeV)", "E_tot / E_inc"]);
        assert_eq!(labels[5], "Radius with 90 % of the total (mm)");
        assert_eq!(labels[12], "EC η of layer 1 (mm)");
        assert_eq!(labels[34], "Sparsity of layer 12");
    }

    #[test]
    fn an_image_has_no_layers_to_name() {
        let found = names_and_labels("rich-rings");
        let expected = [
            ("hits", "Total hits (photons)"),
            ("ring_radius", "Ring radius (mm)"),
            ("ring_hits", "Hits of the ring (photons)"),
            ("centre_x", "Centre x (mm)"),
            ("centre_y", "Centre y (mm)"),
            ("mean_radius", "Mean radius (mm)"),
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
        assert_eq!(sky[1].0, "peak_flux_density");
        assert_eq!(sky[2], ("power_slope".to_owned(), "Slope of the power spectrum".to_owned()));
        assert_eq!(
            (sky[0].0.as_str(), sky[5].1.as_str()),
            ("flux_density", "Mean radius (pixels)")
        );
    }

    #[test]
    fn a_grid_has_thirds_and_moments_along_every_axis() {
        let found = names_and_labels("clic-ecal-25");
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found.len(), 14 + 25 * 8);
        assert_eq!(found[2], ("depth".to_owned(), "Mean depth (layers)".to_owned()));
        assert_eq!(
            names[7..14],
            ["front_third", "middle_third", "back_third", "ECx", "ECy", "Wx", "Wy"]
        );
        assert_eq!(found[15], ("ECx_0".to_owned(), "EC x of layer 0 (mm)".to_owned()));
    }

    #[test]
    fn the_barrel_has_shower_shapes() {
        let found = names_and_labels("atlas-em-barrel");
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names[7..16],
            ["R_eta", "R_phi", "w_eta2", "f1", "E_ratio", "f_side", "w_s3", "w_s_tot", "f3"]
        );
        assert_eq!(found[9].1, "w_{η2} (mm)");
        assert_eq!(found.len(), 7 + 9 + 4 * 8);
    }

    #[test]
    fn a_table_has_its_columns() {
        let found = names_and_labels("rich-pid");
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["RichDLLe", "RichDLLmu", "RichDLLk", "RichDLLp", "RichDLLbt"]);
    }

    #[test]
    fn names_are_unique_and_descriptions_are_plain_in_every_detector() {
        for name in detectors::builtin_names() {
            let detector = detectors::builtin(name).expect("built in");
            let kinds = ObservableKind::all(&detector);
            let mut names: Vec<String> = kinds.iter().map(|kind| kind.name(&detector)).collect();
            let count = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), count, "{name}");
            for kind in kinds {
                let description = kind.description(&detector);
                assert!(description.is_ascii() && description.len() > 8, "{description}");
            }
        }
    }
}
