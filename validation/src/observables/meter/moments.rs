use super::lanes::Lanes;

/// Keeps 0/0 away where there is no energy: centres and widths are then 0.
pub(super) const TINY: f64 = 1e-16;

/// Σ x e and Σ x² e.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Axial {
    pub first: Lanes,
    pub second: Lanes,
}

impl Axial {
    /// Adds an energy at one position.
    pub fn add(&mut self, position: f64, energy: Lanes) {
        self.first += position * energy;
        self.second += position * position * energy;
    }

    pub fn centre(&self, energy: Lanes) -> Lanes {
        self.first / energy.map(|energy| energy + TINY)
    }

    pub fn width(&self, energy: Lanes) -> Lanes {
        let centre = self.centre(energy);
        let mean_square = self.second / energy.map(|energy| energy + TINY);
        let variance =
            std::array::from_fn(|lane| mean_square.0[lane] - centre.0[lane] * centre.0[lane]);
        Lanes(variance).map(|variance| if variance < 0.0 { 0.0 } else { variance.sqrt() })
    }
}

/// Sums over the cells of a layer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    /// Cells with a value.
    pub hits: Lanes,
    pub energy: Lanes,
    pub x: Axial,
    pub y: Axial,
    pub radius: Axial,
}
