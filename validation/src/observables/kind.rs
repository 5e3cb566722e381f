use detectors::{Detector, Family, Layer, Response};

use super::{Quantity, ShowerShape};

/// One observable of an event: which quantity, of which layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObservableKind {
    pub quantity: Quantity,
    /// The experiment's number of the layer; `None` for quantities of the whole event.
    pub layer: Option<usize>,
}

impl ObservableKind {
    /// All observables of a detector: those of the whole event, then layer by layer; of a table,
    /// its columns.
    ///
    /// The sum over the only layer is that of the event, and stands there alone. Two layers or
    /// more have a depth and radii that contain the energy, regular grids centres and widths of
    /// the whole event too. Cherenkov images have a ring, maps of the sky a peak and a power
    /// spectrum.
    pub fn all(detector: &Detector) -> Vec<Self> {
        let layers = match detector.response() {
            Response::Table(columns) => {
                return (0..columns.len()).map(|c| Self::whole(Quantity::Column(c))).collect();
            }
            Response::Layers(layers) => layers,
        };
        let mut whole = vec![Quantity::Total];
        if detector.normalising_column().is_some() {
            whole.push(Quantity::Response);
        }
        if layers.len() > 1 {
            let rings = layers.iter().filter(|layer| layer.radial_edges_mm().is_some()).count();
            whole.extend([Quantity::Depth, Quantity::DepthWidth]);
            if rings == 0 || rings == layers.len() {
                whole.extend([Quantity::Radius50, Quantity::Radius90]);
            }
            whole.push(Quantity::Hits);
            if detector.grid().is_some() {
                whole.extend([0, 1, 2].map(Quantity::Third));
                whole.extend([
                    Quantity::CentreX,
                    Quantity::CentreY,
                    Quantity::WidthX,
                    Quantity::WidthY,
                ]);
            }
            whole.extend(ShowerShape::all(detector).into_iter().map(Quantity::Shape));
        }
        let is_image = detector.grid().is_some() && layers.len() == 1;
        match detector.family() {
            Family::Cherenkov if is_image => {
                whole.extend([Quantity::RingRadius, Quantity::RingHits]);
            }
            Family::Radio if is_image => whole.extend([Quantity::Peak, Quantity::PowerSlope]),
            _ => {}
        }
        let mut kinds: Vec<Self> = whole.into_iter().map(Self::whole).collect();
        kinds.extend(layers.iter().flat_map(|layer| Self::of_layer(detector, layer)));
        kinds
    }

    fn whole(quantity: Quantity) -> Self {
        Self { quantity, layer: None }
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

    /// Whether a classifier on high-level features sees it.
    ///
    /// Of layers of rings it sees CaloChallenge's features and no others, so that figures can be
    /// compared with published ones: 30 for data set 1 photons, 46 for pions, 362 for data sets 2
    /// and 3, with the incident energy. The response is told by E_tot and E_inc.
    pub(crate) fn is_high_level_feature(self, detector: &Detector) -> bool {
        let rings = detector.layers().iter().all(|layer| layer.radial_edges_mm().is_some());
        match self.quantity {
            Quantity::Response => false,
            Quantity::Total | Quantity::Column(_) => true,
            _ => self.layer.is_some() || !rings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(detector: &str) -> usize {
        let detector = detectors::builtin(detector).expect("built in");
        let kinds = ObservableKind::all(&detector);
        let numbers = detector.condition_width();
        numbers + kinds.iter().filter(|kind| kind.is_high_level_feature(&detector)).count()
    }

    #[test]
    fn the_challenges_detectors_have_the_challenges_features() {
        assert_eq!(features("calochallenge-photons"), 30);
        assert_eq!(features("calochallenge-pions"), 46);
        assert_eq!(features("calochallenge-electrons"), 362);
        assert_eq!(features("calochallenge-electrons-fine"), 362);
        // E_inc, E_tot, depth and containment (5), thirds (3), moments (4), layers.
        assert_eq!(features("clic-ecal-25"), 1 + 1 + 5 + 3 + 4 + 25 * 8);
    }
}
