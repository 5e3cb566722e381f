use detectors::{Detector, Family, Layer};

/// Cells of the middle layer, along x and along y, that the ratios are made of.
const MIDDLE_CELLS: usize = 7;
/// Strips of either side of the greatest one that [`ShowerShape::StripSide`] needs.
const FEWEST_STRIPS: usize = 7;

/// The variables by which ATLAS tells photons and electrons (arXiv:1908.00005, table 1), for
/// detectors with rectangular layers named `strips`, `middle` and `back`: η runs along x, φ along
/// y.
///
/// Windows of the middle layer are centred on its middle cell, in which the impact is; ATLAS takes
/// the cell with the greatest energy, for which these 7 × 7 cells are too few. Strips are summed
/// over their rows in φ: E_i is the energy of strip i of the profile along η, and m the strip with
/// the greatest energy (the first of equal ones). 10⁻¹⁶ is added to each denominator, so that a
/// layer without energy gives 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShowerShape {
    /// R_η = E(3 × 7) / E(7 × 7), cells in η × φ of the middle layer.
    RatioEta,
    /// R_φ = E(3 × 3) / E(3 × 7).
    RatioPhi,
    /// w_η2 = √(Σ E_i x_i² / Σ E_i − (Σ E_i x_i / Σ E_i)²) over 3 × 5 cells, in mm along x.
    WidthEta,
    /// f₁: share of E_tot in the strips.
    StripFraction,
    /// f₃: share of E_tot in the back layer.
    BackFraction,
    /// E_ratio = (E_m − E_n) / (E_m + E_n), where E_n is the greatest of the other local maxima of
    /// the profile (greater than both neighbours), 0 if there is none.
    StripRatio,
    /// f_side = (E(m ± 3) − E(m ± 1)) / E(m ± 1): energy of the seven strips about m outside the
    /// middle three.
    StripSide,
    /// w_s3 = √(Σ E_i (i − m)² / Σ E_i) over the strips m − 1 to m + 1, in strips.
    CoreStripWidth,
    /// w_s,tot: the same over the strips m − 10 to m + 10, in strips.
    StripWidth,
}

impl ShowerShape {
    const OF_THE_MIDDLE: [Self; 3] = [Self::RatioEta, Self::RatioPhi, Self::WidthEta];
    const OF_THE_STRIPS: [Self; 5] = [
        Self::StripFraction,
        Self::StripRatio,
        Self::StripSide,
        Self::CoreStripWidth,
        Self::StripWidth,
    ];

    /// Those that a detector's layers allow.
    pub(super) fn all(detector: &Detector) -> Vec<Self> {
        let mut shapes = Vec::new();
        if middle(detector).is_some() {
            shapes.extend(Self::OF_THE_MIDDLE);
        }
        if strips(detector).is_some() {
            shapes.extend(Self::OF_THE_STRIPS);
        }
        if !shapes.is_empty() && back(detector).is_some() {
            shapes.push(Self::BackFraction);
        }
        shapes
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::RatioEta => "R_eta",
            Self::RatioPhi => "R_phi",
            Self::WidthEta => "w_eta2",
            Self::StripFraction => "f1",
            Self::BackFraction => "f3",
            Self::StripRatio => "E_ratio",
            Self::StripSide => "f_side",
            Self::CoreStripWidth => "w_s3",
            Self::StripWidth => "w_s_tot",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::RatioEta => "R_η",
            Self::RatioPhi => "R_φ",
            Self::WidthEta => "w_{η2}",
            Self::StripFraction => "f_1",
            Self::BackFraction => "f_3",
            Self::StripRatio => "E_ratio",
            Self::StripSide => "f_side",
            Self::CoreStripWidth => "w_{s3}",
            Self::StripWidth => "w_{s,tot}",
        }
    }

    /// Whether it is a ratio from 0 to 1.
    pub(super) fn is_a_fraction(self) -> bool {
        !matches!(self, Self::WidthEta | Self::StripSide | Self::CoreStripWidth | Self::StripWidth)
    }

    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::WidthEta => "mm",
            Self::CoreStripWidth | Self::StripWidth => "strips",
            _ => "1",
        }
    }

    pub(super) fn description(self) -> &'static str {
        match self {
            Self::RatioEta => "energy of 3 x 7 over that of 7 x 7 cells (eta x phi), middle layer",
            Self::RatioPhi => "energy of 3 x 3 over that of 3 x 7 cells (eta x phi), middle layer",
            Self::WidthEta => "width along eta of 3 x 5 cells (eta x phi), middle layer",
            Self::StripFraction => "energy of the strips over E_tot",
            Self::BackFraction => "energy of the back layer over E_tot",
            Self::StripRatio => {
                "greatest strip less the second maximum, over the sum of the two; strips are \
                 summed over phi"
            }
            Self::StripSide => {
                "energy of the seven strips about the greatest outside the middle \
                                three, over that of the middle three"
            }
            Self::CoreStripWidth => "width of three strips about the greatest",
            Self::StripWidth => "width of 21 strips about the greatest",
        }
    }
}

/// The middle layer, if it has the cells.
pub(super) fn middle(detector: &Detector) -> Option<&Layer> {
    named(detector, "middle").filter(|layer| {
        let (slow, fast) = layer.dimensions();
        let enough = |cells: usize| cells >= MIDDLE_CELLS && cells % 2 == 1;
        enough(slow) && enough(fast)
    })
}

/// The layer of strips, if they are enough.
pub(super) fn strips(detector: &Detector) -> Option<&Layer> {
    named(detector, "strips").filter(|layer| super::meter::cells_along_x(layer) >= FEWEST_STRIPS)
}

pub(super) fn back(detector: &Detector) -> Option<&Layer> {
    named(detector, "back")
}

fn named<'a>(detector: &'a Detector, name: &str) -> Option<&'a Layer> {
    let rectangles = |layer: &&Layer| layer.radial_edges_mm().is_none();
    let calorimeter = detector.family() == Family::Calorimeter;
    detector
        .layers()
        .iter()
        .find(|layer| layer.name() == name)
        .filter(rectangles)
        .filter(|_| calorimeter && detector.grid().is_none())
}
