use detectors::{Detector, Layer};

use super::lanes::{LANES, Lanes};
use super::ramps::Ramps;

/// How the energy within a radius is found: see [`crate::observables::Quantity::Radius50`].
#[derive(Debug, Clone)]
pub(super) enum Containment {
    /// About the axis.
    Rings(Shells),
    /// About the event's barycentre.
    Rectangles(Towers),
}

impl Containment {
    /// `None` for layers of rings and of rectangles in one detector.
    pub fn of(detector: &Detector) -> Option<Self> {
        let layers = detector.layers();
        let rings = layers.iter().filter(|layer| layer.radial_edges_mm().is_some()).count();
        match rings {
            0 => Some(Self::Rectangles(Towers::of(layers))),
            _ if rings == layers.len() => Some(Self::Rings(Shells::of(layers))),
            _ => None,
        }
    }

    /// Energies that the radii are found from.
    pub fn len(&self) -> usize {
        match self {
            Self::Rings(shells) => shells.edges.len() - 1,
            Self::Rectangles(towers) => towers.places.len(),
        }
    }

    /// Adds a layer, by its number: its cells, or its rings where it has any.
    pub fn add(&self, layer: usize, cells: &[Lanes], rings: &[Lanes], energies: &mut [Lanes]) {
        match self {
            Self::Rings(shells) => shells.add(layer, rings, energies),
            Self::Rectangles(towers) => {
                for (&energy, &tower) in cells.iter().zip(&towers.of_layers[layer]) {
                    energies[tower] += energy;
                }
            }
        }
    }

    /// The radii that contain these parts of the energy.
    pub fn radii<const N: usize>(
        &self,
        energies: &[Lanes],
        barycentre: (Lanes, Lanes),
        parts: [f64; N],
        ramps: &mut Ramps,
    ) -> [Lanes; N] {
        let mut found = [Lanes::ZERO; N];
        for lane in 0..LANES {
            let radii = match self {
                Self::Rings(shells) => shells.radii(energies, lane, parts),
                Self::Rectangles(towers) => {
                    let centre = (barycentre.0.0[lane], barycentre.1.0[lane]);
                    towers.spread(energies, lane, centre, ramps);
                    ramps.radii(parts)
                }
            };
            for (found, radius) in found.iter_mut().zip(radii) {
                found.0[lane] = radius;
            }
        }
        found
    }
}

impl Containment {
    /// The rings' own edges; of rectangles, rings as wide as the least √(Δx Δy), out to the corner.
    pub fn ring_edges(&self) -> Vec<f64> {
        match self {
            Self::Rings(shells) => shells.edges.clone(),
            Self::Rectangles(Towers { places, .. }) => {
                let width = places.iter().fold(f64::INFINITY, |least, place| least.min(place[2]));
                let corner = |&[x, y, side]: &[f64; 3]| x.hypot(y) + 0.5 * side;
                let end = places.iter().map(corner).fold(0.0, f64::max);
                (0..=(end / width).ceil() as usize).map(|edge| edge as f64 * width).collect()
            }
        }
    }

    /// Energy in each of the rings between `edges`, which are [`Self::ring_edges`].
    pub fn ring_energies(
        &self,
        energies: &[Lanes],
        barycentre: (Lanes, Lanes),
        edges: &[f64],
        ramps: &mut Ramps,
    ) -> Vec<Lanes> {
        let Self::Rectangles(towers) = self else { return energies.to_vec() };
        let mut found = vec![Lanes::ZERO; edges.len().saturating_sub(1)];
        for lane in 0..LANES {
            let centre = (barycentre.0.0[lane], barycentre.1.0[lane]);
            towers.spread(energies, lane, centre, ramps);
            for (ring, edges) in found.iter_mut().zip(edges.windows(2)) {
                ring.0[lane] = ramps.within(edges[1]) - ramps.within(edges[0]);
            }
        }
        found
    }
}

/// Rings of all layers, cut at the edges of all.
#[derive(Debug, Clone)]
pub(super) struct Shells {
    edges: Vec<f64>,
    /// Of each ring of each layer, its first shell and the part of its width in each from there.
    of_layers: Vec<Vec<(usize, Vec<f64>)>>,
}

impl Shells {
    fn of(layers: &[Layer]) -> Self {
        let radial = |layer: &Layer| layer.radial_edges_mm().unwrap_or_default().to_vec();
        let mut edges: Vec<f64> = layers.iter().flat_map(radial).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let of_ring = |ring: &[f64]| {
            let first = edges.partition_point(|edge| *edge < ring[0]);
            let end = edges.partition_point(|edge| *edge < ring[1]);
            let parts = edges[first..=end].windows(2);
            (first, parts.map(|pair| (pair[1] - pair[0]) / (ring[1] - ring[0])).collect())
        };
        let of_layers =
            layers.iter().map(|layer| radial(layer).windows(2).map(of_ring).collect()).collect();
        Self { edges, of_layers }
    }

    fn add(&self, layer: usize, rings: &[Lanes], energies: &mut [Lanes]) {
        for (&energy, (first, parts)) in rings.iter().zip(&self.of_layers[layer]) {
            for (shell, &part) in energies[*first..].iter_mut().zip(parts) {
                *shell += part * energy;
            }
        }
    }

    fn radii<const N: usize>(&self, energies: &[Lanes], lane: usize, parts: [f64; N]) -> [f64; N] {
        let total: f64 = energies.iter().map(|energy| energy.0[lane]).sum();
        parts.map(|part| {
            let mut missing = part * total;
            for (edges, energy) in self.edges.windows(2).zip(energies) {
                let energy = energy.0[lane];
                if energy > 0.0 && missing <= energy {
                    return edges[0] + (edges[1] - edges[0]) * missing / energy;
                }
                missing -= energy;
            }
            // Nothing is missing but rounding, or there is no energy at all.
            if total > 0.0 { self.edges[energies.len()] } else { 0.0 }
        })
    }
}

/// Cells of all layers that have the same place across the axis, taken together.
#[derive(Debug, Clone)]
pub(super) struct Towers {
    /// x, y, and the side of the square with the cell's area.
    places: Vec<[f64; 3]>,
    /// Of each cell of each layer, its tower.
    of_layers: Vec<Vec<usize>>,
}

impl Towers {
    fn of(layers: &[Layer]) -> Self {
        let places: Vec<Vec<[f64; 3]>> = layers.iter().map(places).collect();
        let order = |a: &[f64; 3], b: &[f64; 3]| {
            a.iter()
                .zip(b)
                .map(|(a, b)| a.total_cmp(b))
                .find(|o| o.is_ne())
                .map_or(std::cmp::Ordering::Equal, |different| different)
        };
        let mut distinct = places.concat();
        distinct.sort_by(order);
        distinct.dedup();
        let number = |place: &[f64; 3]| distinct.partition_point(|p| order(p, place).is_lt());
        let of_layers = places.iter().map(|layer| layer.iter().map(number).collect()).collect();
        Self { places: distinct, of_layers }
    }

    fn spread(&self, energies: &[Lanes], lane: usize, centre: (f64, f64), ramps: &mut Ramps) {
        ramps.clear();
        for (&[x, y, side], energy) in self.places.iter().zip(energies) {
            let energy = energy.0[lane];
            if energy > 0.0 {
                let (dx, dy) = (x - centre.0, y - centre.1);
                let distance = (dx * dx + dy * dy).sqrt();
                ramps.push((distance - 0.5 * side).max(0.0), distance + 0.5 * side, energy);
            }
        }
    }
}

/// x, y and √(Δx Δy) of each cell of a layer of rectangles.
fn places(layer: &Layer) -> Vec<[f64; 3]> {
    let detectors::LayerShape::Rectangles { x_edges_mm, y_edges_mm, y_fastest } = layer.shape()
    else {
        return Vec::new();
    };
    let widths = |edges: &[f64]| -> Vec<f64> { edges.windows(2).map(|p| p[1] - p[0]).collect() };
    let (x, y) = (widths(x_edges_mm), widths(y_edges_mm));
    let (slow, fast) = if *y_fastest { (x, y) } else { (y, x) };
    let sides = slow.iter().flat_map(|slow| fast.iter().map(move |fast| (slow * fast).sqrt()));
    let middles = layer.eta_midpoints_mm().into_iter().zip(layer.phi_midpoints_mm());
    middles.zip(sides).map(|((x, y), side)| [x, y, side]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn energies(values: &[f64]) -> Vec<Lanes> {
        values.iter().map(|&value| Lanes([value, 0.0, 2.0 * value, 1.0])).collect()
    }

    #[test]
    fn rings_of_different_edges_share_their_shells() {
        let photons = detectors::builtin("calochallenge-photons").expect("built in");
        let containment = Containment::of(&photons).expect("rings");
        let mut shells = vec![Lanes::ZERO; containment.len()];
        // Layer 3: 0 to 50 mm. Layer 12: 0 to 100 mm.
        containment.add(3, &[], &energies(&[60.0, 0.0, 0.0, 0.0, 0.0]), &mut shells);
        containment.add(4, &[], &energies(&[40.0, 0.0, 0.0, 0.0, 0.0]), &mut shells);
        let none = (Lanes::ZERO, Lanes::ZERO);
        let mut ramps = Ramps::default();
        let [half, most, all] = containment.radii(&shells, none, [0.5, 0.9, 1.0], &mut ramps);
        // F(r) = 60 r/50 + 40 r/100 up to 50 mm, then 60 + 40 r/100.
        approx::assert_relative_eq!(half.0[0], 50.0 / 1.6, max_relative = 1e-12);
        approx::assert_relative_eq!(most.0[0], 75.0, max_relative = 1e-12);
        approx::assert_relative_eq!(all.0[0], 100.0, max_relative = 1e-12);
        assert_eq!(half.0[1], 0.0);
        approx::assert_relative_eq!(half.0[2], half.0[0], max_relative = 1e-12);
    }

    #[test]
    fn cells_are_spread_over_their_width_about_the_barycentre() {
        let clic = detectors::builtin("clic-ecal-25").expect("built in");
        let containment = Containment::of(&clic).expect("rectangles");
        assert_eq!(containment.len(), 625);
        let mut towers = vec![Lanes::ZERO; containment.len()];
        let mut cells = vec![Lanes::ZERO; 625];
        // Two equal cells, 10.2 mm apart along x: the barycentre is between them.
        (cells[312], cells[314]) = (Lanes([1.0; LANES]), Lanes([1.0; LANES]));
        containment.add(7, &cells, &[], &mut towers);
        containment.add(3, &cells, &[], &mut towers);
        let barycentre = (Lanes([5.1; LANES]), Lanes::ZERO);
        let mut ramps = Ramps::default();
        let [half, most] = containment.radii(&towers, barycentre, [0.5, 0.9], &mut ramps);
        approx::assert_relative_eq!(half.0[0], 5.1, max_relative = 1e-12);
        approx::assert_relative_eq!(most.0[0], 2.55 + 0.9 * 5.1, max_relative = 1e-12);
    }
}
