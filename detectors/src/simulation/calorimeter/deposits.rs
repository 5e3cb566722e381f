//! The cells of one event while it is made.

use super::cells::Cells;
use super::incidence::Line;
use super::medium::Step;
use crate::simulation::random::Random;

/// Puts spots into cells.
pub(super) struct Deposits<'a> {
    cells: &'a [Cells],
    values: Vec<f64>,
    pub line: Line,
    /// Middle of each layer's window; empty where all are at the origin.
    window_middles_mm: Vec<[f64; 2]>,
    /// Nothing tells one direction about the axis from another.
    symmetric: bool,
    /// Parts of the spots that are being made.
    parts: Vec<f64>,
}

impl<'a> Deposits<'a> {
    pub fn new(
        cells: &'a [Cells],
        value_count: usize,
        line: Line,
        window_middles_mm: Vec<[f64; 2]>,
    ) -> Self {
        let symmetric = line.is_normal()
            && line.start_mm == [0.0, 0.0]
            && window_middles_mm.is_empty()
            && cells.iter().all(Cells::are_rings);
        Self {
            cells,
            values: vec![0.0; value_count],
            line,
            window_middles_mm,
            symmetric,
            parts: Vec::new(),
        }
    }

    /// Shares an energy out to spots, in exponential parts. Each draws its radius.
    pub fn share(
        &mut self,
        step: &Step,
        energy_mev: f64,
        spots: u64,
        axis_mm: [f64; 2],
        mut radius_mm: impl FnMut(&mut Random) -> f64,
        random: &mut Random,
    ) {
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        parts.extend((0..spots).map(|_| random.exponential()));
        let scale = energy_mev * step.response / parts.iter().sum::<f64>().max(1e-300);
        for part in &parts {
            let radius_mm = radius_mm(random);
            self.spot(step, part * scale, radius_mm, axis_mm, random);
        }
        self.parts = parts;
    }

    /// One spot about `axis_mm`, a point across the shower's own line, at a radius with the
    /// distribution 2rR²/(r² + R²)².
    pub fn spot(
        &mut self,
        step: &Step,
        energy: f64,
        radius_mm: f64,
        axis_mm: [f64; 2],
        random: &mut Random,
    ) {
        let Some(layer) = step.layer else { return };
        let cells = &self.cells[layer];
        let cell = if self.symmetric && axis_mm == [0.0, 0.0] {
            let u = random.uniform();
            cells.at_radius(radius_mm * (u / (1.0 - u)).sqrt(), random.uniform())
        } else {
            let [x, y] = self.point(step, layer, radius_mm, axis_mm, random);
            cells.at(x, y)
        };
        if let Some(cell) = cell {
            self.values[cell] += energy;
        }
    }

    fn point(
        &self,
        step: &Step,
        layer: usize,
        radius_mm: f64,
        axis_mm: [f64; 2],
        random: &mut Random,
    ) -> [f64; 2] {
        // A point in the unit disc has a uniform square s of its radius and an independent
        // direction, so that this is R √(s / (1 − s)) in that direction.
        let (x, y, square) = loop {
            let (x, y) = (2.0 * random.uniform() - 1.0, 2.0 * random.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                break (x, y, square);
            }
        };
        let scale = radius_mm / (1.0 - square).sqrt();
        let across = [x * scale + axis_mm[0], y * scale + axis_mm[1]];
        let Line { start_mm, tilt, tangent, path_per_depth } = self.line;
        let [from, to] = step.depth_mm;
        let shift = if tangent == 0.0 { 0.0 } else { random.uniform_in(from, to) * tangent };
        // A layer cuts the shower at an angle: longer in the direction of the tilt.
        let along = across[0] * tilt[0] + across[1] * tilt[1];
        let stretch = shift + along * (path_per_depth - 1.0);
        let middle = self.window_middles_mm.get(layer).copied().unwrap_or([0.0, 0.0]);
        [0, 1].map(|k| start_mm[k] + across[k] + tilt[k] * stretch - middle[k])
    }

    /// # Shapes
    /// `[values of an event]`.
    pub fn into_values(self) -> Vec<f32> {
        self.values.into_iter().map(|value| value as f32).collect()
    }
}
