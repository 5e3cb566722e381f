use std::f64::consts::PI;
use std::ops::Range;

/// One longitudinal layer: rings of `radial_bins`, each cut into `angular_bins` sectors.
///
/// The flat index of a voxel runs fastest over the radius, then over the angle:
/// `voxels().start + angle * radial_bins + radius`.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub(super) id: usize,
    pub(super) name: String,
    pub(super) radial_edges_mm: Vec<f64>,
    pub(super) angular_bins: usize,
    pub(super) first_voxel: usize,
}

impl Layer {
    /// The experiment's number of this layer (ATLAS sampling: 0, 1, 2, 3, 12, …).
    pub fn id(&self) -> usize {
        self.id
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn radial_edges_mm(&self) -> &[f64] {
        &self.radial_edges_mm
    }

    pub fn radial_bins(&self) -> usize {
        self.radial_edges_mm.len() - 1
    }

    pub fn angular_bins(&self) -> usize {
        self.angular_bins
    }

    pub fn voxel_count(&self) -> usize {
        self.radial_bins() * self.angular_bins
    }

    /// Where this layer's voxels stand in the flat event.
    pub fn voxels(&self) -> Range<usize> {
        self.first_voxel..self.first_voxel + self.voxel_count()
    }

    /// r of each voxel of the layer: the midpoint of its radial bin, in mm.
    ///
    /// # Shapes
    /// `[voxels of the layer]`, in flat order.
    pub fn radius_midpoints_mm(&self) -> Vec<f64> {
        self.per_voxel(|_, ring| self.ring_midpoint_mm(ring))
    }

    /// α of each voxel of the layer: −π + (k + ½) · 2π / angular bins, in radians.
    ///
    /// # Shapes
    /// `[voxels of the layer]`, in flat order.
    pub fn angle_midpoints_rad(&self) -> Vec<f64> {
        self.per_voxel(|sector, _| self.sector_midpoint_rad(sector))
    }

    /// η = r cos α of each voxel in mm (CaloChallenge's name for the first transverse axis).
    pub fn eta_midpoints_mm(&self) -> Vec<f64> {
        self.per_voxel(|k, ring| self.ring_midpoint_mm(ring) * self.sector_midpoint_rad(k).cos())
    }

    /// φ = r sin α of each voxel in mm (CaloChallenge's name for the second transverse axis).
    pub fn phi_midpoints_mm(&self) -> Vec<f64> {
        self.per_voxel(|k, ring| self.ring_midpoint_mm(ring) * self.sector_midpoint_rad(k).sin())
    }

    fn ring_midpoint_mm(&self, ring: usize) -> f64 {
        0.5 * (self.radial_edges_mm[ring] + self.radial_edges_mm[ring + 1])
    }

    fn sector_midpoint_rad(&self, sector: usize) -> f64 {
        -PI + (sector as f64 + 0.5) * 2.0 * PI / self.angular_bins as f64
    }

    fn per_voxel(&self, value: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        (0..self.angular_bins)
            .flat_map(|sector| (0..self.radial_bins()).map(move |ring| (sector, ring)))
            .map(|(sector, ring)| value(sector, ring))
            .collect()
    }
}
