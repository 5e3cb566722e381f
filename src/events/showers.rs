use ndarray::Array2;

/// A block of showers in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Showers {
    /// Energy of the incident particle of each event, in MeV.
    pub incident_energies_mev: Vec<f64>,
    /// Energy of every voxel, in MeV.
    ///
    /// # Shapes
    /// `[events, voxels]`; the flat voxel index runs over the radius fastest, then the angle,
    /// then the layer.
    pub voxels_mev: Array2<f32>,
}

impl Showers {
    pub fn len(&self) -> usize {
        self.incident_energies_mev.len()
    }

    pub fn is_empty(&self) -> bool {
        self.incident_energies_mev.is_empty()
    }

    /// Sets every voxel below the threshold to 0, as CaloChallenge does before anything else.
    pub fn apply_readout_threshold(&mut self, threshold_mev: f64) {
        self.voxels_mev.map_inplace(|voxel| {
            if f64::from(*voxel) < threshold_mev {
                *voxel = 0.0;
            }
        });
    }

    /// E_tot of each event: the sum over its voxels, in MeV, added in 64 bits.
    pub fn total_energies_mev(&self) -> Vec<f64> {
        self.voxels_mev
            .rows()
            .into_iter()
            .map(|event| event.iter().map(|&voxel| f64::from(voxel)).sum())
            .collect()
    }
}
