//! What features are called.

use std::collections::HashMap;

use detectors::{ConditionKind, Detector, Layer, Scale};

use super::FeatureSet;
use super::columns::{FeatureColumn, columns};
use crate::observables::ObservableKind;

/// A detector with one layer has its cells in so many groups along each axis.
const BLOCKS: usize = 4;

/// Features that belong together and are judged together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureGroup {
    pub name: String,
    /// Columns among the features of the set.
    pub columns: Vec<usize>,
}

/// The name of each feature of a set: observables have their stable names (`E_tot`, `Weta_2`),
/// beside `log10 incident_energy`, `species = pion`, `cell 17 of layer 2`, `log10 E of layer 2`.
///
/// ```
/// use validation::classifier::{FeatureSet, feature_names};
/// let photons = detectors::builtin("calochallenge-photons")?;
/// let names = feature_names(FeatureSet::HighLevel, &photons);
/// assert_eq!((names.len(), names[14].as_str()), (30, "E_tot"));
/// # Ok::<(), detectors::DetectorError>(())
/// ```
///
/// # Shapes
/// `[features]`
pub fn feature_names(features: FeatureSet, detector: &Detector) -> Vec<String> {
    let kinds = ObservableKind::all(detector);
    let columns = columns(features, detector, &kinds);
    columns.into_iter().map(|column| name(column, detector, &kinds)).collect()
}

/// The features of a set in groups that together have each feature once: every high-level feature
/// for itself; the cells of a layer, or of one of 4 × 4 blocks of a detector's only layer, and the
/// pixels of a condition together.
pub fn feature_groups(features: FeatureSet, detector: &Detector) -> Vec<FeatureGroup> {
    let kinds = ObservableKind::all(detector);
    let mut groups: Vec<FeatureGroup> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, column) in columns(features, detector, &kinds).into_iter().enumerate() {
        let name = group_name(column, detector, &kinds);
        let group = *known.entry(name.clone()).or_insert(groups.len());
        if group == groups.len() {
            groups.push(FeatureGroup { name, columns: Vec::new() });
        }
        groups[group].columns.push(index);
    }
    groups
}

fn name(column: FeatureColumn, detector: &Detector, kinds: &[ObservableKind]) -> String {
    let condition = |index: usize| &detector.conditions()[index];
    match column {
        FeatureColumn::Condition(index, Scale::Logarithmic) => {
            format!("log10 {}", condition(index).name)
        }
        FeatureColumn::Condition(index, Scale::Linear) => condition(index).name.clone(),
        FeatureColumn::Category(index, category) => {
            let condition = condition(index);
            let name = match &condition.kind {
                ConditionKind::Category(names) => names[category].as_str(),
                _ => "",
            };
            format!("{} = {name}", condition.name)
        }
        FeatureColumn::Pixel { condition: index, pixel, .. } => {
            format!("pixel {pixel} of {}", condition(index).name)
        }
        FeatureColumn::Observable(index, _) => kinds[index].name(detector),
        FeatureColumn::Cell { cell, layer } => match detector.layers().get(layer) {
            Some(of) => format!("cell {}{}", cell - of.cells().start, of_layer(detector, of)),
            None => detector.columns().get(cell).map_or_else(String::new, |c| c.name.clone()),
        },
        FeatureColumn::ShareOfLayer { cell, layer } => {
            let of = &detector.layers()[layer];
            format!("share of cell {}{}", cell - of.cells().start, of_layer(detector, of))
        }
        FeatureColumn::LayerSum(layer) => layer_sum(detector, layer),
    }
}

fn group_name(column: FeatureColumn, detector: &Detector, kinds: &[ObservableKind]) -> String {
    match column {
        FeatureColumn::Pixel { condition, .. } => {
            format!("pixels of {}", detector.conditions()[condition].name)
        }
        FeatureColumn::Cell { cell, layer } if !detector.layers().is_empty() => {
            format!("cells{}", place(detector, layer, cell))
        }
        FeatureColumn::ShareOfLayer { cell, layer } => {
            format!("shares of the cells{}", place(detector, layer, cell))
        }
        _ => name(column, detector, kinds),
    }
}

/// The layer, or the block of a detector's only layer.
fn place(detector: &Detector, layer: usize, cell: usize) -> String {
    let of = &detector.layers()[layer];
    if detector.layers().len() > 1 {
        return of_layer(detector, of);
    }
    let (slow, fast) = of.dimensions();
    let (row, column) = ((cell - of.cells().start) / fast, (cell - of.cells().start) % fast);
    let block = |at: usize, cells: usize| {
        let blocks = BLOCKS.min(cells);
        let block = at * blocks / cells;
        // The first and last position p with ⌊p · blocks / cells⌋ = block.
        ((block * cells).div_ceil(blocks), ((block + 1) * cells).div_ceil(blocks) - 1)
    };
    let ((first_row, last_row), (first, last)) = (block(row, slow), block(column, fast));
    format!(" in rows {first_row} to {last_row}, columns {first} to {last}")
}

fn of_layer(detector: &Detector, layer: &Layer) -> String {
    if detector.layers().len() > 1 { format!(" of layer {}", layer.id()) } else { String::new() }
}

fn layer_sum(detector: &Detector, layer: usize) -> String {
    let quantity = if detector.quantity() == "energy" { "E" } else { detector.quantity() };
    format!("log10 {quantity}{}", of_layer(detector, &detector.layers()[layer]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detector(name: &str) -> Detector {
        detectors::builtin(name).expect("built in")
    }

    #[test]
    fn every_feature_has_its_own_name_and_one_group() {
        for name in detectors::builtin_names() {
            let detector = detector(name);
            for set in [FeatureSet::HighLevel, FeatureSet::LowLevel, FeatureSet::LowLevelNormalised]
            {
                let names = feature_names(set, &detector);
                let mut distinct = names.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(distinct.len(), names.len(), "{name} {set:?}");
                let groups = feature_groups(set, &detector);
                let mut grouped: Vec<usize> = groups.into_iter().flat_map(|g| g.columns).collect();
                grouped.sort_unstable();
                assert_eq!(grouped, (0..names.len()).collect::<Vec<_>>(), "{name} {set:?}");
            }
        }
    }

    #[test]
    fn showers_are_grouped_by_layer_and_images_by_block() {
        let names = |set, detector: &str| -> Vec<String> {
            let groups = feature_groups(set, &self::detector(detector));
            groups.into_iter().map(|group| group.name).collect()
        };
        let photons = names(FeatureSet::LowLevelNormalised, "calochallenge-photons");
        assert_eq!(photons.len(), 1 + 5 + 5);
        assert_eq!(photons[0], "log10 incident_energy");
        assert_eq!(photons[5], "shares of the cells of layer 12");
        assert_eq!(photons[10], "log10 E of layer 12");
        let rings = names(FeatureSet::LowLevel, "rich-rings");
        assert_eq!(rings.len(), 8 + 16);
        assert_eq!(rings[8], "cells in rows 0 to 15, columns 0 to 15");
        assert_eq!(rings[23], "cells in rows 48 to 63, columns 48 to 63");
    }
}
