use serde::{Deserialize, Serialize};

use super::observables::{Observable, ObservableMap};
use crate::codec::EncodedLayout;
use crate::compute::Tensor;

/// Which part of an encoded event a critic sees, always beside the labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// All values, and the energy sums.
    Shower,
    /// All values, without the energy sums: for networks that take images or grids.
    Cells,
    /// The sum of all values, E_tot / E_inc, alone (the second critic of ATLAS's GAN, ATL-SOFT-PUB-2020-006).
    TotalEnergy,
    /// The fraction of every layer.
    LayerEnergies,
    /// The observables that `observables` of the critic lists.
    Observables,
}

/// A view of the events of one detector and codec.
#[derive(Debug, Clone)]
pub struct Sight {
    view: View,
    layout: EncodedLayout,
    observables: Option<ObservableMap>,
}

impl View {
    /// Values that are seen of an event; `observables` are those of [`View::Observables`].
    pub fn width(self, layout: &EncodedLayout, observables: &[Observable]) -> usize {
        match self {
            Self::Shower => layout.width(),
            Self::Cells => layout.values,
            Self::TotalEnergy => 1,
            Self::LayerEnergies => layout.layers,
            Self::Observables => observables.iter().map(|o| o.width(layout.layers)).sum(),
        }
    }
}

impl Sight {
    /// `observables` are those of [`View::Observables`], and are not looked at for the others.
    pub fn new(
        view: View,
        layout: &EncodedLayout,
        observables: &[Observable],
        cells: Option<&ObservableMap>,
    ) -> Self {
        let observables = match view {
            View::Observables => cells.map(|cells| cells.selecting(observables)),
            _ => None,
        };
        Self { view, layout: layout.clone(), observables }
    }

    /// Values that are seen of an event.
    pub fn width(&self) -> usize {
        match &self.observables {
            Some(observables) => observables.width(),
            None => self.view.width(&self.layout, &[]),
        }
    }

    /// # Shapes
    /// `[events, EncodedLayout::width]` to `[events, width]`.
    pub fn of(&self, encoded: &Tensor<2>) -> Tensor<2> {
        let layout = &self.layout;
        let columns = match (self.view, &self.observables) {
            (View::Observables, Some(observables)) => return observables.of(encoded),
            (View::Shower, _) => return encoded.clone(),
            (View::Cells, _) => 0..layout.values,
            (View::LayerEnergies, _) => layout.values..layout.values + layout.layers,
            (View::TotalEnergy | View::Observables, _) => layout.width() - 1..layout.width(),
        };
        if columns.len() == layout.width() {
            return encoded.clone();
        }
        encoded.clone().narrow(1, columns.start, columns.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};

    #[test]
    fn the_views_of_data_set_1_photons() {
        let layout = EncodedLayout { values: 368, layers: 5, has_total: true, labels: 1 };
        let event = matrix((0..374).map(|i| i as f32).collect(), 1, 374, &cpu());
        let seen = |view| to_host(Sight::new(view, &layout, &[], None).of(&event));
        assert_eq!(seen(View::Shower).len(), 374);
        assert_eq!(seen(View::Cells).last(), Some(&367.0));
        assert_eq!(seen(View::LayerEnergies), [368.0, 369.0, 370.0, 371.0, 372.0]);
        assert_eq!(seen(View::TotalEnergy), [373.0]);
    }
}
