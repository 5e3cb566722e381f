//! Which features a set has, in their order.

use detectors::{ConditionKind, Detector, Scale};

use super::FeatureSet;
use crate::observables::{ObservableKind, Quantity};

/// Where a feature comes from. Conditions, layers and observables are told by their place in the
/// lists of the detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum FeatureColumn {
    /// A number, or the sum of an image.
    Condition(usize, Scale),
    /// Whether the condition is this of its categories.
    Category(usize, usize),
    /// A pixel of a condition that is an image: its number there, and among those of all images.
    Pixel {
        condition: usize,
        pixel: usize,
        among_all: usize,
    },
    Observable(usize, Quantity),
    /// A cell over the incident energy or typical sum.
    Cell {
        cell: usize,
        layer: usize,
    },
    /// A cell over the sum of its layer.
    ShareOfLayer {
        cell: usize,
        layer: usize,
    },
    /// Of the sum without threshold, as log₁₀.
    LayerSum(usize),
}

/// The features of a set; `kinds` are the detector's observables in the order of their columns.
pub(super) fn columns(
    features: FeatureSet,
    detector: &Detector,
    kinds: &[ObservableKind],
) -> Vec<FeatureColumn> {
    let mut columns = Vec::new();
    let mut pixels = 0;
    for (index, condition) in detector.conditions().iter().enumerate() {
        match &condition.kind {
            ConditionKind::Number { scale, .. } => {
                columns.push(FeatureColumn::Condition(index, *scale));
            }
            ConditionKind::Category(names) => {
                let names = 0..names.len();
                columns.extend(names.map(|name| FeatureColumn::Category(index, name)));
            }
            ConditionKind::Image(_) if features == FeatureSet::HighLevel => {
                columns.push(FeatureColumn::Condition(index, Scale::Linear));
            }
            ConditionKind::Image(_) => {
                columns.extend((0..condition.width()).map(|pixel| FeatureColumn::Pixel {
                    condition: index,
                    pixel,
                    among_all: pixels + pixel,
                }));
                pixels += condition.width();
            }
        }
    }
    let layers = || detector.layers().iter().enumerate();
    let cells = || layers().flat_map(|(layer, of)| of.cells().map(move |cell| (cell, layer)));
    match features {
        FeatureSet::LowLevel if detector.layers().is_empty() => {
            let values = 0..detector.value_count();
            columns.extend(values.map(|cell| FeatureColumn::Cell { cell, layer: 0 }));
        }
        FeatureSet::LowLevel => {
            columns.extend(cells().map(|(cell, layer)| FeatureColumn::Cell { cell, layer }));
        }
        FeatureSet::LowLevelNormalised => {
            let shares = cells().map(|(cell, layer)| FeatureColumn::ShareOfLayer { cell, layer });
            columns.extend(shares);
            columns.extend(layers().map(|(layer, _)| FeatureColumn::LayerSum(layer)));
        }
        FeatureSet::HighLevel => {
            columns.extend(
                in_order(kinds, detector)
                    .map(|column| FeatureColumn::Observable(column, kinds[column].quantity)),
            );
        }
    }
    columns
}

/// The observables in CaloChallenge's order of features, then what it does not have.
fn in_order<'a>(
    kinds: &'a [ObservableKind],
    detector: &'a Detector,
) -> impl Iterator<Item = usize> + 'a {
    const ORDER: [Quantity; 9] = [
        Quantity::LayerTotal,
        Quantity::CentreX,
        Quantity::CentreY,
        Quantity::WidthX,
        Quantity::WidthY,
        Quantity::Total,
        Quantity::Sparsity,
        Quantity::CentreRadius,
        Quantity::WidthRadius,
    ];
    let is_challenges = |kind: &ObservableKind| {
        ORDER.contains(&kind.quantity) && (kind.layer.is_some() || kind.quantity == Quantity::Total)
    };
    let found = move |wanted: &dyn Fn(&ObservableKind) -> bool| -> Vec<usize> {
        let columns = kinds.iter().enumerate();
        columns
            .filter(|(_, kind)| kind.is_high_level_feature(detector) && wanted(kind))
            .map(|(column, _)| column)
            .collect()
    };
    ORDER
        .into_iter()
        .flat_map(move |quantity| found(&|kind| kind.quantity == quantity && is_challenges(kind)))
        .chain(found(&|kind| !is_challenges(kind)))
}
