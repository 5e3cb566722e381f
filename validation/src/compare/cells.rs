//! Cells that are dead, hot, or read out too often or too seldom.

use super::inputs::Inputs;
use crate::report::model::{CellCheck, CellFault};

/// With so many expected read-outs, none at all is no chance: exp(−10) = 5·10⁻⁵ for one cell, and
/// the requirement holds for reference and generated sample alike.
const READOUTS: f64 = 10.0;
/// Cells with fewer expected read-outs in both samples together are not tested.
const FEWEST_READOUTS: f64 = 25.0;
/// Cells that are listed.
const WORST: usize = 20;

impl Inputs<'_> {
    /// Compares the share of events that read out each cell,
    ///
    /// z = (q − p) / √(r (1 − r) (1/n + 1/m)),
    ///
    /// with the shares p and q of n and m events (by their weights, effective numbers), and r that
    /// of both together. `None` for a table.
    pub(super) fn cells(&self) -> Option<CellCheck> {
        if self.detector.layers().is_empty() {
            return None;
        }
        let (n, m) = (self.reference.effective_events(), self.generated.effective_events());
        let shares = self.reference.occupancies().iter().zip(self.generated.occupancies());
        let mut faults: Vec<CellFault> = Vec::new();
        let (mut dead, mut hot) = (0, 0);
        for (cell, (&p, &q)) in shares.enumerate() {
            // Below ten events' worth a mean over equally good samples fluctuates to nothing.
            let expected = p * n.min(m);
            dead += usize::from(q <= 0.0 && expected >= READOUTS);
            hot += usize::from(p <= 0.0 && q * n.min(m) >= READOUTS);
            if p * n + q * m < FEWEST_READOUTS {
                continue;
            }
            let r = (p * n + q * m) / (n + m);
            let variance = r * (1.0 - r) * (1.0 / n + 1.0 / m);
            let z = if variance > 0.0 { (q - p) / variance.sqrt() } else { 0.0 };
            faults.push(CellFault {
                cell,
                layer: self.layer_of(cell),
                reference_occupancy: p,
                generated_occupancy: q,
                z,
            });
        }
        let tested = faults.len();
        let squares: f64 = faults.iter().map(|fault| fault.z * fault.z).sum();
        let z_spread = if tested > 0 { (squares / tested as f64).sqrt() } else { f64::NAN };
        faults.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()));
        faults.truncate(WORST);
        Some(CellCheck { tested, dead, hot, worst: faults, z_spread })
    }

    fn layer_of(&self, cell: usize) -> usize {
        let layers = self.detector.layers().iter();
        layers.filter(|layer| layer.cells().contains(&cell)).map(|layer| layer.id()).sum()
    }
}
