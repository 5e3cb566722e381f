use detectors::{Detector, Layer};

use super::ShowerShape;
use super::naming::length_unit;

/// What is measured on an event or on one of its layers.
///
/// For values e_i at (r_i, x_i, y_i) with the sum S = Σ e_i over a layer, or over the event where
/// no layer is named. Where a layer is cut into rings, x and y are CaloChallenge's η = r cos α and
/// φ = r sin α.
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
    /// Share of E_tot in the first (0), middle (1) or last (2) third of the layers: layer l of n
    /// is in third ⌊3 l / n⌋.
    Third(usize),
    /// r with F(r) = E_tot / 2, where F is the energy within r of the axis, or of the barycentre.
    ///
    /// Each cell's energy is spread evenly over the radii that the cell covers, so that F is
    /// interpolated linearly inside a ring: F(r) = Σ e_i min(1, max(0, (r − a_i) / (b_i − a_i))).
    /// A cell of rings covers the radii from the inner edge a to the outer edge b, about the axis.
    /// A rectangle of Δx × Δy whose middle is at the distance d from the event's barycentre covers
    /// d ± √(Δx Δy) / 2, cut off at 0.
    Radius50,
    /// The same with F(r) = 0.9 E_tot.
    Radius90,
    /// Number of cells with a value, in all layers.
    Hits,
    /// Of the ATLAS electromagnetic barrel.
    Shape(ShowerShape),
    /// Radius of the ring about the middle of an image.
    ///
    /// Of a ring of the radius ρ, X(ρ) = S − B A_S / A_B is what is there above the background: S is
    /// the sum over the A_S pixels with |r − ρ| ≤ w, B that over the A_B pixels with
    /// w < |r − ρ| ≤ 3 w, and w is 1.5 pixels. X is greatest for one of the radii ρ = w, w + ½
    /// pixel, … of which the ring is inside of the image; the radius is the mean distance there,
    /// less that of the background: (Σ_S r e − (B A_S / A_B) r̄_S) / X, with the mean distance r̄_S
    /// of the ring's pixels. 0 where X is nowhere above 0.
    RingRadius,
    /// X at that ring: the photons of the ring.
    RingHits,
    /// The greatest value.
    Peak,
    /// Slope of log₁₀ P(k) in log₁₀ k, where P is the radial power spectrum
    /// ([`super::radial_power_spectrum`]).
    PowerSlope,
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

impl Quantity {
    /// Those of one layer, in the order of the report. Whole rings have no centre and no width
    /// across the axis.
    pub(super) fn of_layer(layer: &Layer) -> &'static [Self] {
        use Quantity::{
            CentreRadius, CentreX, CentreY, LayerTotal, Sparsity, WidthRadius, WidthX, WidthY,
        };
        if layer.has_transverse_positions() {
            &[LayerTotal, CentreX, CentreY, CentreRadius, WidthX, WidthY, WidthRadius, Sparsity]
        } else {
            &[LayerTotal, CentreRadius, WidthRadius, Sparsity]
        }
    }

    /// Unit of the quantity; `1` where it has none.
    pub fn unit(self, detector: &Detector) -> &str {
        match self {
            Self::Total | Self::LayerTotal | Self::Peak | Self::RingHits => detector.unit(),
            Self::Response | Self::Sparsity | Self::Third(_) | Self::Hits | Self::PowerSlope => "1",
            Self::Depth | Self::DepthWidth => "layers",
            Self::Shape(shape) => shape.unit(),
            Self::Column(column) => detector.columns().get(column).map_or("1", |c| &c.unit),
            Self::Radius50
            | Self::Radius90
            | Self::RingRadius
            | Self::CentreX
            | Self::CentreY
            | Self::CentreRadius
            | Self::WidthX
            | Self::WidthY
            | Self::WidthRadius => length_unit(detector),
        }
    }
}
