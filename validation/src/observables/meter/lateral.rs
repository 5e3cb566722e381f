use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::lanes::{LANES, Lanes, load};
use super::moments::Axial;
use super::{Meter, Scratch, in_lanes};
use crate::observables::CellValue;

impl Meter {
    /// Edges of the rings of [`Self::ring_energies`]; `None` for tables and for detectors of one
    /// layer, or of layers of rings and of rectangles.
    ///
    /// # Shapes
    /// `[rings + 1]`, mm
    pub(crate) fn ring_edges(&self) -> Option<Vec<f64>> {
        Some(self.containment.as_ref()?.ring_edges())
    }

    /// Energy of each event in rings about the axis, or about its barycentre where cells are
    /// rectangles, over all layers; no rings where there are none.
    ///
    /// # Shapes
    /// `values`: `[events, values]`, of the detector; the result `[events, rings]`.
    pub(crate) fn ring_energies<E: CellValue>(&self, values: ArrayView2<'_, E>) -> Array2<f64> {
        let edges = self.ring_edges().unwrap_or_default();
        let mut energies = Array2::zeros((values.nrows(), edges.len().saturating_sub(1)));
        energies
            .axis_chunks_iter_mut(Axis(0), LANES)
            .into_par_iter()
            .zip(values.axis_chunks_iter(Axis(0), LANES))
            .for_each_init(Scratch::default, |scratch, (mut rows, events)| {
                in_lanes(events, |lanes| {
                    for (ring, found) in self.rings_of(lanes, &edges, scratch).iter().enumerate() {
                        for (lane, row) in rows.column_mut(ring).iter_mut().enumerate() {
                            *row = found.0[lane];
                        }
                    }
                });
            });
        energies
    }

    fn rings_of<E: CellValue>(
        &self,
        events: &[&[E]; LANES],
        edges: &[f64],
        scratch: &mut Scratch,
    ) -> Vec<Lanes> {
        let Some(containment) = &self.containment else { return Vec::new() };
        let Scratch { cells, rings, contained, ramps, .. } = scratch;
        contained.clear();
        contained.resize(containment.len(), Lanes::ZERO);
        let (mut energy, mut x, mut y) = (Lanes::ZERO, Axial::default(), Axial::default());
        for (number, layer) in self.layers.iter().enumerate() {
            load(events, &layer.cells, self.cutoff, cells);
            let moments = layer.sums(cells, rings);
            energy += moments.energy;
            x.first += moments.x.first;
            y.first += moments.y.first;
            containment.add(number, cells, rings, contained);
        }
        containment.ring_energies(contained, (x.centre(energy), y.centre(energy)), edges, ramps)
    }
}
