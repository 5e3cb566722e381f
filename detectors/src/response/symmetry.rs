use super::{Layer, LayerShape, Response};
use crate::Detector;

/// Rotations and reflections about the axis that map cells onto cells.
///
/// For normal incidence on a detector that is symmetric about the axis, an event that is turned
/// or reflected is as likely as the event itself. With rings, the turns are multiples of 2π / n,
/// n being the greatest number of sectors that divides every layer with more than one angular bin;
/// with rectangles, quarter turns where x and y are cut alike, and reflections.
#[derive(Debug, Clone, PartialEq)]
pub struct Symmetry {
    permutations: Vec<Vec<usize>>,
}

impl Symmetry {
    /// The identity alone where the detector is not symmetric.
    pub fn of(detector: &Detector) -> Self {
        let identity = vec![(0..detector.value_count()).collect()];
        let permutations = match detector.response() {
            Response::Layers(layers) if detector.is_azimuthally_symmetric() => {
                if layers.iter().all(|layer| layer.angular_bins().is_some()) {
                    of_rings(layers)
                } else {
                    of_rectangles(layers).unwrap_or(identity)
                }
            }
            _ => identity,
        };
        Self { permutations }
    }

    /// Each element of the group as a gather: `new[i] = old[permutation[i]]`. The first is the
    /// identity.
    pub fn permutations(&self) -> &[Vec<usize>] {
        &self.permutations
    }
}

fn of_rings(layers: &[Layer]) -> Vec<Vec<usize>> {
    let sectors = layers
        .iter()
        .filter_map(Layer::angular_bins)
        .filter(|&bins| bins > 1)
        .fold(0, greatest_common_divisor)
        .max(1);
    let reflections: &[bool] = if sectors > 1 { &[false, true] } else { &[false] };
    (0..sectors)
        .flat_map(|turn| reflections.iter().map(move |&reflect| (turn, reflect)))
        .map(|(turn, reflect)| turned_rings(layers, sectors, turn, reflect))
        .collect()
}

fn turned_rings(layers: &[Layer], sectors: usize, turn: usize, reflect: bool) -> Vec<usize> {
    let mut source = Vec::new();
    for layer in layers {
        let (bins, rings) = layer.dimensions();
        let shift = if bins > 1 { turn * (bins / sectors) } else { 0 };
        for sector in 0..bins {
            let turned = (sector + shift) % bins;
            let from = if reflect { bins - 1 - turned } else { turned };
            let first = layer.cells().start + from * rings;
            source.extend(first..first + rings);
        }
    }
    source
}

/// `None` if a layer is not cut symmetrically about the axis.
fn of_rectangles(layers: &[Layer]) -> Option<Vec<Vec<usize>>> {
    let mut quarter_turns = true;
    for layer in layers {
        let LayerShape::Rectangles { x_edges_mm, y_edges_mm, .. } = layer.shape() else {
            return None;
        };
        if !(is_symmetric(x_edges_mm) && is_symmetric(y_edges_mm)) {
            return None;
        }
        quarter_turns &= x_edges_mm == y_edges_mm;
    }
    let transpositions: &[bool] = if quarter_turns { &[false, true] } else { &[false] };
    let mut group = Vec::new();
    for &transpose in transpositions {
        for (reverse_slow, reverse_fast) in
            [(false, false), (false, true), (true, false), (true, true)]
        {
            let mut source = Vec::new();
            for layer in layers {
                let (slow, fast) = layer.dimensions();
                for (i, j) in (0..slow).flat_map(|i| (0..fast).map(move |j| (i, j))) {
                    let i = if reverse_slow { slow - 1 - i } else { i };
                    let j = if reverse_fast { fast - 1 - j } else { j };
                    let (i, j) = if transpose { (j, i) } else { (i, j) };
                    source.push(layer.cells().start + i * fast + j);
                }
            }
            group.push(source);
        }
    }
    Some(group)
}

fn is_symmetric(edges: &[f64]) -> bool {
    let width = edges[edges.len() - 1] - edges[0];
    edges.iter().zip(edges.iter().rev()).all(|(a, b)| (a + b).abs() <= 1e-9 * width)
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(name: &str) -> (Detector, Vec<Vec<usize>>) {
        let detector = crate::builtin(name).expect("built in");
        let permutations = Symmetry::of(&detector).permutations().to_vec();
        (detector, permutations)
    }

    #[test]
    fn the_elements_are_distinct_and_begin_with_the_identity() {
        for (name, count) in [
            ("calochallenge-photons", 20),
            ("calochallenge-electrons", 32),
            ("clic-ecal-25", 8),
            ("atlas-em-barrel", 1),
            ("rich-pid", 1),
        ] {
            let (detector, mut elements) = elements(name);
            assert_eq!(elements[0], (0..detector.value_count()).collect::<Vec<_>>());
            elements.sort();
            elements.dedup();
            assert_eq!(elements.len(), count, "{name}");
        }
    }

    #[test]
    fn every_element_keeps_each_cell_in_its_layer_and_at_its_radius() {
        for name in ["calochallenge-photons", "clic-ecal-25"] {
            let (detector, elements) = elements(name);
            let ring: Vec<(usize, u64)> = detector
                .layers()
                .iter()
                .flat_map(|l| {
                    let rounded = |r: f64| (r * 1e6).round() as u64;
                    l.radius_midpoints_mm().into_iter().map(move |r| (l.id(), rounded(r)))
                })
                .collect();
            for element in elements {
                let turned: Vec<_> = element.iter().map(|&from| ring[from]).collect();
                assert_eq!(turned, ring);
            }
        }
    }
}
