use super::Calorimeter;

/// Rotations and reflections about the shower axis that map voxels onto voxels.
///
/// For normal incidence on a calorimeter that is symmetric about the shower axis, an event turned
/// by a multiple of 2π / n, or reflected, is as likely as the event itself: n is the greatest
/// number of sectors that divides every layer with more than one angular bin.
#[derive(Debug, Clone, PartialEq)]
pub struct AzimuthalSymmetry {
    permutations: Vec<Vec<usize>>,
}

impl AzimuthalSymmetry {
    pub fn of(calorimeter: &Calorimeter) -> Self {
        let sectors = calorimeter
            .layers()
            .iter()
            .map(super::Layer::angular_bins)
            .filter(|&bins| bins > 1)
            .fold(0, greatest_common_divisor)
            .max(1);
        let reflections: &[bool] = if sectors > 1 { &[false, true] } else { &[false] };
        let permutations = (0..sectors)
            .flat_map(|turn| reflections.iter().map(move |&reflect| (turn, reflect)))
            .map(|(turn, reflect)| permutation(calorimeter, sectors, turn, reflect))
            .collect();
        Self { permutations }
    }

    /// Each element of the group as a gather: `new[i] = old[permutation[i]]`. The first is the
    /// identity.
    pub fn permutations(&self) -> &[Vec<usize>] {
        &self.permutations
    }
}

fn permutation(
    calorimeter: &Calorimeter,
    sectors: usize,
    turn: usize,
    reflect: bool,
) -> Vec<usize> {
    let mut source = Vec::with_capacity(calorimeter.voxel_count());
    for layer in calorimeter.layers() {
        let bins = layer.angular_bins();
        let shift = if bins > 1 { turn * (bins / sectors) } else { 0 };
        for sector in 0..bins {
            let turned = (sector + shift) % bins;
            let from = if reflect { bins - 1 - turned } else { turned };
            let first = layer.voxels().start + from * layer.radial_bins();
            source.extend(first..first + layer.radial_bins());
        }
    }
    source
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_sectors_give_twenty_distinct_elements_beginning_with_the_identity() {
        let photons = crate::builtin("calochallenge-photons").expect("built in");
        let symmetry = AzimuthalSymmetry::of(&photons);
        let mut elements = symmetry.permutations().to_vec();
        assert_eq!(elements[0], (0..368).collect::<Vec<_>>());
        elements.sort();
        elements.dedup();
        assert_eq!(elements.len(), 20);
    }

    #[test]
    fn every_element_keeps_each_voxel_in_its_layer_and_ring() {
        let photons = crate::builtin("calochallenge-photons").expect("built in");
        let ring: Vec<(usize, u64)> = photons
            .layers()
            .iter()
            .flat_map(|l| l.radius_midpoints_mm().into_iter().map(move |r| (l.id(), r.to_bits())))
            .collect();
        for element in AzimuthalSymmetry::of(&photons).permutations() {
            let turned: Vec<_> = element.iter().map(|&from| ring[from]).collect();
            assert_eq!(turned, ring);
        }
    }
}
