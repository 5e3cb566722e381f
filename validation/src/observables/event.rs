use detectors::{Detector, Layer};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::{ObservableKind, Quantity};
use crate::ValidationError;

/// Keeps 0/0 away where a layer has no energy: its centres and widths are then 0.
const TINY: f64 = 1e-16;
/// Events that are measured before they are sorted into columns.
const EVENTS_TOGETHER: usize = 4096;

/// A number type that values come in.
pub trait CellValue: Copy + Into<f64> + Sync {}

impl CellValue for f32 {}
impl CellValue for f64 {}

/// All observables of all events of a sample.
///
/// A cell below the detector's read-out threshold counts as empty, in every sample.
#[derive(Debug, Clone)]
pub struct EventObservables {
    kinds: Vec<ObservableKind>,
    names: Vec<String>,
    /// `[observables][events]`
    columns: Vec<Vec<f64>>,
    events: usize,
}

impl EventObservables {
    /// The observables of [`ObservableKind::all`], in 64 bits, in one pass over each event.
    ///
    /// # Shapes
    /// `values`: `[events, values]`, in the detector's flat order; `scales`: `[events]`, what each
    /// event's values are fractions of ([`Detector::scale_of`]).
    ///
    /// # Errors
    /// [`ValidationError::Shape`] if the shapes do not fit each other or the detector.
    pub fn compute<E: CellValue>(
        detector: &Detector,
        values: ArrayView2<'_, E>,
        scales: &[f64],
    ) -> Result<Self, ValidationError> {
        let (events, width) = values.dim();
        if width != detector.value_count() || events != scales.len() {
            return Err(ValidationError::Shape {
                found_events: events,
                found_values: width,
                events: scales.len(),
                values: detector.value_count(),
            });
        }
        let mut observables = Self::none(detector);
        observables.measure(&Meter::of(detector), values, scales);
        Ok(observables)
    }

    /// Those of no events.
    pub(crate) fn none(detector: &Detector) -> Self {
        let kinds = ObservableKind::all(detector);
        Self {
            names: kinds.iter().map(|kind| kind.name(detector)).collect(),
            columns: vec![Vec::new(); kinds.len()],
            kinds,
            events: 0,
        }
    }

    /// Appends events of the right shape.
    pub(crate) fn measure<E: CellValue>(
        &mut self,
        meter: &Meter,
        values: ArrayView2<'_, E>,
        scales: &[f64],
    ) {
        let blocks = values.axis_chunks_iter(Axis(0), EVENTS_TOGETHER);
        for (block, scales) in blocks.zip(scales.chunks(EVENTS_TOGETHER)) {
            let mut rows = Array2::zeros((block.nrows(), self.kinds.len()));
            rows.axis_iter_mut(Axis(0))
                .into_par_iter()
                .zip(block.axis_iter(Axis(0)))
                .zip(scales)
                .for_each(|((row, event), &scale)| {
                    let found = meter.measure(event, scale);
                    for (target, value) in row.into_iter().zip(found) {
                        *target = value;
                    }
                });
            self.columns
                .par_iter_mut()
                .zip(rows.axis_iter(Axis(1)))
                .for_each(|(column, new)| column.extend(new));
            self.events += block.nrows();
        }
    }

    /// Gives back memory that was set aside for more events.
    pub(crate) fn shrink(&mut self) {
        self.columns.iter_mut().for_each(Vec::shrink_to_fit);
    }

    pub fn events(&self) -> usize {
        self.events
    }

    /// The observables, in the order of the columns.
    pub fn kinds(&self) -> &[ObservableKind] {
        &self.kinds
    }

    /// One observable by its number among [`Self::kinds`].
    ///
    /// # Shapes
    /// `[events]`
    ///
    /// # Panics
    /// If there are not so many.
    pub fn column(&self, index: usize) -> &[f64] {
        &self.columns[index]
    }

    /// One observable by its stable name, such as `E_tot`, `ECeta_2` or `sparsity_12`.
    ///
    /// # Shapes
    /// `[events]`
    pub fn by_name(&self, name: &str) -> Option<&[f64]> {
        let column = self.names.iter().position(|known| known == name)?;
        Some(&self.columns[column])
    }

    /// One observable; `None` if the detector does not have it.
    ///
    /// # Shapes
    /// `[events]`
    pub fn get(&self, kind: ObservableKind) -> Option<&[f64]> {
        let column = self.kinds.iter().position(|&known| known == kind)?;
        Some(&self.columns[column])
    }
}

/// How the events of a detector are measured.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    /// Quantities of the whole event, which come first.
    whole: Vec<Quantity>,
    layers: Vec<LayerPositions>,
    threshold: f64,
}

impl Meter {
    pub(crate) fn of(detector: &Detector) -> Self {
        let whole = ObservableKind::all(detector)
            .into_iter()
            .filter(|kind| kind.layer.is_none())
            .map(|kind| kind.quantity)
            .collect();
        let layers = detector.layers().iter();
        Self {
            whole,
            layers: layers.map(|layer| LayerPositions::of(detector, layer)).collect(),
            threshold: detector.readout_threshold(),
        }
    }

    /// The observables of one event, in the order of [`ObservableKind::all`].
    fn measure<E: CellValue>(&self, event: ArrayView1<'_, E>, scale: f64) -> Vec<f64> {
        let mut of_layers = Vec::new();
        let mut total = 0.0;
        let mut depth = Axial::default();
        for (number, layer) in self.layers.iter().enumerate() {
            let moments = layer.moments(event, self.threshold);
            total += moments.energy;
            depth.add(number as f64, moments.energy);
            let values = layer.quantities.iter().map(|&q| moments.value(q, layer.cell_count()));
            of_layers.extend(values);
        }
        let whole = self.whole.iter().map(|&quantity| match quantity {
            Quantity::Response => total / scale,
            Quantity::Depth => depth.centre(total),
            Quantity::DepthWidth => depth.width(total),
            Quantity::Column(column) => event[column].into(),
            _ => total,
        });
        whole.chain(of_layers).collect()
    }
}

/// Where the cells of a layer are, with the quantities that are measured on it.
#[derive(Debug, Clone)]
struct LayerPositions {
    first_cell: usize,
    radius_mm: Vec<f64>,
    /// (x, y); `None` for whole rings.
    x_y_mm: Option<Vec<(f64, f64)>>,
    quantities: Vec<Quantity>,
}

impl LayerPositions {
    fn of(detector: &Detector, layer: &Layer) -> Self {
        let x_y_mm = layer
            .has_transverse_positions()
            .then(|| layer.eta_midpoints_mm().into_iter().zip(layer.phi_midpoints_mm()).collect());
        Self {
            first_cell: layer.cells().start,
            radius_mm: layer.radius_midpoints_mm(),
            x_y_mm,
            quantities: ObservableKind::of_layer(detector, layer).map(|k| k.quantity).collect(),
        }
    }

    fn cell_count(&self) -> usize {
        self.radius_mm.len()
    }

    fn moments<E: CellValue>(&self, event: ArrayView1<'_, E>, threshold: f64) -> Moments {
        let mut moments = Moments::default();
        for cell in 0..self.cell_count() {
            let energy: f64 = event[self.first_cell + cell].into();
            if energy <= 0.0 || energy < threshold {
                continue;
            }
            moments.hits += 1;
            moments.energy += energy;
            moments.radius.add(self.radius_mm[cell], energy);
            if let Some(positions) = &self.x_y_mm {
                let (x_mm, y_mm) = positions[cell];
                moments.x.add(x_mm, energy);
                moments.y.add(y_mm, energy);
            }
        }
        moments
    }
}

/// Sums over the cells of a layer.
#[derive(Default)]
struct Moments {
    hits: usize,
    energy: f64,
    x: Axial,
    y: Axial,
    radius: Axial,
}

/// Σ x e and Σ x² e.
#[derive(Default)]
struct Axial {
    first: f64,
    second: f64,
}

impl Axial {
    fn add(&mut self, position: f64, energy: f64) {
        let weighted = position * energy;
        self.first += weighted;
        self.second += position * weighted;
    }

    fn centre(&self, energy: f64) -> f64 {
        self.first / (energy + TINY)
    }

    fn width(&self, energy: f64) -> f64 {
        let centre = self.centre(energy);
        (self.second / (energy + TINY) - centre * centre).max(0.0).sqrt()
    }
}

impl Moments {
    fn value(&self, quantity: Quantity, cells: usize) -> f64 {
        let energy = self.energy;
        match quantity {
            Quantity::CentreX => self.x.centre(energy),
            Quantity::CentreY => self.y.centre(energy),
            Quantity::CentreRadius => self.radius.centre(energy),
            Quantity::WidthX => self.x.width(energy),
            Quantity::WidthY => self.y.width(energy),
            Quantity::WidthRadius => self.radius.width(energy),
            Quantity::Sparsity => 1.0 - self.hits as f64 / cells as f64,
            _ => energy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photons() -> Detector {
        detectors::builtin("calochallenge-photons").expect("built in")
    }

    #[test]
    fn an_empty_event_of_any_detector_has_finite_observables() {
        for name in detectors::builtin_names() {
            let detector = detectors::builtin(name).expect("built in");
            let empty = Array2::<f32>::zeros((1, detector.value_count()));
            let observables =
                EventObservables::compute(&detector, empty.view(), &[256.0]).expect("fits");
            for (column, kind) in observables.kinds().iter().enumerate() {
                let expected = if kind.quantity == Quantity::Sparsity { 1.0 } else { 0.0 };
                assert_eq!(observables.column(column), [expected], "{}", kind.name(&detector));
            }
        }
    }

    #[test]
    fn a_voxel_below_the_threshold_is_empty_and_one_at_the_threshold_is_not() {
        let mut voxels = Array2::<f32>::zeros((1, 368));
        (voxels[[0, 0]], voxels[[0, 1]]) = (0.999, 1.0);
        let observables =
            EventObservables::compute(&photons(), voxels.view(), &[256.0]).expect("fits");
        let value = |name| observables.by_name(name).expect("known")[0];
        assert_eq!((value("E_0"), value("sparsity_0")), (1.0, 0.875));
        assert_eq!((value("ECr_0"), value("Wr_0")), (7.5, 0.0));
    }

    #[test]
    fn a_grid_is_measured_where_its_cells_are() {
        let clic = detectors::builtin("clic-ecal-25").expect("built in");
        let mut cells = ndarray::Array4::<f32>::zeros((1, 25, 25, 25));
        // [event, z, y, x]: 3 GeV one cell to the right, in layer 4; 1 GeV two cells up, in 8.
        (cells[[0, 4, 12, 13]], cells[[0, 8, 14, 12]]) = (3000.0, 1000.0);
        let cells = cells.into_shape_with_order((1, 15_625)).expect("flat");
        let found = EventObservables::compute(&clic, cells.view(), &[8000.0]).expect("fits");
        let value = |name| found.by_name(name).expect("known")[0];
        assert_eq!((value("E_tot"), value("E_tot_over_E_inc")), (4000.0, 0.5));
        assert_eq!((value("E_4"), value("E_8"), value("E_5")), (3000.0, 1000.0, 0.0));
        approx::assert_relative_eq!(value("ECx_4"), 5.1, epsilon = 1e-9);
        approx::assert_relative_eq!(value("ECy_8"), 10.2, epsilon = 1e-9);
        approx::assert_abs_diff_eq!(value("ECx_8"), 0.0, epsilon = 1e-9);
        // (3 · 4 + 1 · 8) / 4 and √(3/4 · 1/4) · 4.
        approx::assert_relative_eq!(value("depth"), 5.0);
        approx::assert_relative_eq!(value("depth_width"), 3f64.sqrt());
        approx::assert_relative_eq!(value("sparsity_4"), 1.0 - 1.0 / 625.0);
    }

    #[test]
    fn a_ring_of_photons_has_its_radius() {
        let rings = detectors::builtin("rich-rings").expect("built in");
        let mut pixels = ndarray::Array3::<f32>::zeros((1, 64, 64));
        // Middles of pixels are at ±1.4 mm, ±4.2 mm, …; these four are at (±9.8, ±1.4) mm.
        for (x, y) in [(35, 32), (35, 31), (28, 32), (28, 31)] {
            pixels[[0, y, x]] = 2.0;
        }
        let pixels = pixels.into_shape_with_order((1, 4096)).expect("flat");
        let found = EventObservables::compute(&rings, pixels.view(), &[500.0]).expect("fits");
        let value = |name| found.by_name(name).expect("known")[0];
        assert_eq!(value("hits"), 8.0);
        approx::assert_relative_eq!(value("mean_radius"), 9.8f64.hypot(1.4), epsilon = 1e-9);
        approx::assert_abs_diff_eq!(value("centre_x"), 0.0, epsilon = 1e-9);
        approx::assert_relative_eq!(value("width_x"), 9.8, epsilon = 1e-9);
        approx::assert_relative_eq!(value("width_y"), 1.4, epsilon = 1e-9);
    }

    #[test]
    fn columns_of_a_table_are_observables() {
        let table = detectors::builtin("rich-pid").expect("built in");
        let rows = ndarray::array![[-1.5f32, 2.0, 3.0, -200.0, 5.0]];
        let found = EventObservables::compute(&table, rows.view(), &[1.0]).expect("fits");
        assert_eq!(found.by_name("RichDLLe"), Some(&[-1.5][..]));
        assert_eq!(found.by_name("RichDLLp"), Some(&[-200.0][..]));
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let voxels = Array2::<f32>::zeros((2, 367));
        let error = EventObservables::compute(&photons(), voxels.view(), &[256.0; 2]);
        assert_eq!(
            error.expect_err("is refused").to_string(),
            "values have shape [2, 367], expected [2, 368]"
        );
    }
}
