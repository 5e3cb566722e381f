use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::codec::EncodedLayout;
use crate::compute::Tensor;

/// Which part of an encoded event a critic sees, always beside the labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// All values, and the energy sums.
    Shower,
    /// The sum of all values, E_tot / E_inc, alone (the second critic of ATLAS's GAN, ATL-SOFT-PUB-2020-006).
    TotalEnergy,
    /// The fraction of every layer.
    LayerEnergies,
}

impl View {
    /// The columns of an encoded event that are seen.
    pub fn columns(self, layout: &EncodedLayout) -> Range<usize> {
        match self {
            Self::Shower => 0..layout.width(),
            Self::LayerEnergies => layout.values..layout.values + layout.layers,
            Self::TotalEnergy => layout.width() - 1..layout.width(),
        }
    }

    /// Whether there is anything to see.
    pub fn exists(self, layout: &EncodedLayout) -> bool {
        match self {
            Self::Shower => true,
            Self::TotalEnergy => layout.has_total,
            Self::LayerEnergies => layout.layers > 0,
        }
    }

    /// # Shapes
    /// `[events, EncodedLayout::width]` to `[events, columns]`.
    pub fn of(self, encoded: &Tensor<2>, layout: &EncodedLayout) -> Tensor<2> {
        let columns = self.columns(layout);
        if columns.len() == layout.width() {
            return encoded.clone();
        }
        encoded.clone().narrow(1, columns.start, columns.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_views_of_data_set_1_photons() {
        let layout = EncodedLayout { values: 368, layers: 5, has_total: true, labels: 1 };
        assert_eq!(View::Shower.columns(&layout), 0..374);
        assert_eq!(View::LayerEnergies.columns(&layout), 368..373);
        assert_eq!(View::TotalEnergy.columns(&layout), 373..374);
    }
}
