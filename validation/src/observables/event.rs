use detectors::Detector;
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::ObservableKind;
use super::meter::{LANES, Lanes, Meter, Scratch, in_lanes};
use crate::ValidationError;

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
        let mut observables = Self::none(detector);
        observables.replace(&Meter::of(detector), values, scales)?;
        Ok(observables)
    }

    /// Measures other events of the detector in place of those that it holds, as from a file that
    /// is read block by block.
    ///
    /// # Shapes
    /// As those of [`Self::compute`].
    ///
    /// # Errors
    /// As those of [`Self::compute`], of the detector that `meter` is for.
    pub fn replace<E: CellValue>(
        &mut self,
        meter: &Meter,
        values: ArrayView2<'_, E>,
        scales: &[f64],
    ) -> Result<(), ValidationError> {
        meter.check_shape(values.dim(), scales.len())?;
        self.columns.iter_mut().for_each(Vec::clear);
        self.events = 0;
        self.measure(meter, values, scales);
        Ok(())
    }

    /// Those of no events.
    pub fn none(detector: &Detector) -> Self {
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
            rows.axis_chunks_iter_mut(Axis(0), LANES)
                .into_par_iter()
                .zip(block.axis_chunks_iter(Axis(0), LANES))
                .zip(scales.par_chunks(LANES))
                .for_each_init(Scratch::default, |scratch, ((mut rows, events), scales)| {
                    let last = scales.len() - 1;
                    let scales = Lanes(std::array::from_fn(|lane| scales[lane.min(last)]));
                    in_lanes(events, |events| meter.measure(events, scales, scratch));
                    for (lane, row) in rows.axis_iter_mut(Axis(0)).enumerate() {
                        for (target, found) in row.into_iter().zip(&scratch.found) {
                            *target = found.0[lane];
                        }
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

#[cfg(test)]
mod tests {
    use super::super::Quantity;
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
        // The voxel is the ring from 5 to 10 mm.
        assert_eq!((value("n_hits"), value("depth")), (1.0, 0.0));
        approx::assert_relative_eq!(value("r50"), 7.5);
        approx::assert_relative_eq!(value("r90"), 9.5);
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
    fn the_event_of_a_grid_has_moments_thirds_and_radii() {
        let clic = detectors::builtin("clic-ecal-25").expect("built in");
        let mut cells = ndarray::Array4::<f32>::zeros((1, 25, 25, 25));
        // Layers 4, 8, 9, 24 of 25: thirds are 0 to 8, 9 to 16, 17 to 24.
        (cells[[0, 4, 12, 13]], cells[[0, 8, 12, 11]]) = (3.0, 3.0);
        (cells[[0, 9, 12, 12]], cells[[0, 24, 12, 12]]) = (3.0, 1.0);
        let cells = cells.into_shape_with_order((1, 15_625)).expect("flat");
        let found = EventObservables::compute(&clic, cells.view(), &[500.0]).expect("fits");
        let value = |name| found.by_name(name).expect("known")[0];
        let thirds = ["front_third", "middle_third", "back_third"].map(value);
        for (found, expected) in thirds.into_iter().zip([0.6, 0.3, 0.1]) {
            approx::assert_relative_eq!(found, expected, epsilon = 1e-12);
        }
        assert_eq!(value("n_hits"), 4.0);
        approx::assert_abs_diff_eq!(value("ECx"), 0.0, epsilon = 1e-9);
        approx::assert_relative_eq!(value("Wx"), 5.1 * 0.6f64.sqrt(), epsilon = 1e-9);
        approx::assert_abs_diff_eq!(value("Wy"), 0.0, epsilon = 1e-6);
        // 4 within 2.55 mm, 6 more from there to 7.65 mm.
        approx::assert_relative_eq!(value("r50"), 2.55 + 5.1 / 6.0, epsilon = 1e-9);
        approx::assert_relative_eq!(value("r90"), 2.55 + 5.1 * 5.0 / 6.0, epsilon = 1e-9);
    }

    #[test]
    fn a_barrel_has_shower_shapes() {
        let barrel = detectors::builtin("atlas-em-barrel").expect("built in");
        let mut cells = Array2::<f32>::zeros((1, 266));
        // Cell (x, y) of the strips is 21 + 3 x + y, of the middle layer 189 + 7 x + y.
        (cells[[0, 21 + 3 * 28]], cells[[0, 21 + 3 * 28 + 2]]) = (3.0, 3.0);
        (cells[[0, 21 + 3 * 29]], cells[[0, 21 + 3 * 32 + 1]]) = (1.0, 2.0);
        (cells[[0, 189 + 7 * 3 + 3]], cells[[0, 189 + 7 * 4 + 3]]) = (60.0, 20.0);
        (cells[[0, 189 + 7 * 3 + 6]], cells[[0, 189 + 7 * 6 + 3]]) = (4.0, 6.0);
        cells[[0, 238]] = 1.0;
        let found = EventObservables::compute(&barrel, cells.view(), &[100.0]).expect("fits");
        let value = |name| found.by_name(name).expect("known")[0];
        let expected = [
            ("E_tot", 100.0),
            ("R_eta", 84.0 / 90.0),
            ("R_phi", 80.0 / 84.0),
            ("w_eta2", 37.5 * (0.25f64 * 0.75).sqrt()),
            ("f1", 0.09),
            ("E_ratio", 4.0 / 8.0),
            ("f_side", 0.0),
            ("w_s3", (1.0f64 / 7.0).sqrt()),
            ("w_s_tot", (33.0f64 / 9.0).sqrt()),
            ("f3", 0.01),
        ];
        for (name, expected) in expected {
            approx::assert_relative_eq!(value(name), expected, epsilon = 1e-9);
        }
    }

    #[test]
    fn an_event_is_measured_the_same_alone_and_among_others() {
        for name in detectors::builtin_names() {
            let detector = detectors::builtin(name).expect("built in");
            let values = Array2::from_shape_fn((6, detector.value_count()), |(event, cell)| {
                let number = (event * 7919 + cell * 104_729) % 1009;
                if number % 3 == 0 { number as f32 / 10.0 } else { 0.0 }
            });
            let of = |values: ArrayView2<'_, f32>| {
                let scales = vec![500.0; values.nrows()];
                EventObservables::compute(&detector, values, &scales).expect("fits")
            };
            let together = of(values.view());
            // Rows that are not contiguous, in another order.
            let reversed = values.slice(ndarray::s![..;-1, ..]);
            let transposed = reversed.t().to_owned();
            let again = of(transposed.t());
            for event in 0..6 {
                let alone = of(values.slice(ndarray::s![event..=event, ..]));
                for column in 0..together.kinds().len() {
                    let found = together.column(column)[event].to_bits();
                    assert_eq!(found, alone.column(column)[0].to_bits(), "{name} {column}");
                    assert_eq!(found, again.column(column)[5 - event].to_bits(), "{name} {column}");
                }
            }
        }
    }

    #[test]
    fn a_map_of_the_sky_has_a_peak_and_a_slope() {
        let sky = detectors::builtin("radio-sky").expect("built in");
        let mut pixels = Array2::<f32>::zeros((1, 1024));
        pixels[[0, 5 * 32 + 7]] = 3.0;
        let found = EventObservables::compute(&sky, pixels.view(), &[100.0]).expect("fits");
        let value = |name| found.by_name(name).expect("known")[0];
        assert_eq!(value("peak_flux_density"), 3.0);
        // A point has the same power at every wave number.
        approx::assert_abs_diff_eq!(value("power_slope"), 0.0, epsilon = 1e-9);
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
