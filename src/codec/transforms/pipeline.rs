use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::columns::{Block, Columns, OwnedBlock};
use super::error::TransformError;
use super::step::{Start, Transform, TransformSettings};

/// Fitted steps, one after the other.
///
/// ```
/// # fn main() -> Result<(), showerforge::codec::transforms::TransformError> {
/// use ndarray::array;
/// use showerforge::codec::transforms::{
///     Columns, IncidentEnergyFraction, OwnedBlock, Pipeline, Power, TransformSettings,
/// };
///
/// let steps = [
///     TransformSettings::IncidentEnergyFraction(IncidentEnergyFraction {}),
///     TransformSettings::Power(Power { exponent: 0.5 }),
/// ];
/// let columns = Columns { groups: vec![0, 0, 1] };
/// // Neither step has statistics, so the stream is not read.
/// let stream = || -> Vec<Result<OwnedBlock, showerforge::codec::transforms::TransformError>> {
///     vec![]
/// };
/// let pipeline = Pipeline::fit(&steps, &columns, stream)?;
///
/// let showers = array![[0.0_f32, 64.0, 256.0]];
/// let encoded = pipeline.encode(&[1024.0], showers.view())?;
/// assert_eq!(encoded, array![[0.0_f32, 0.25, 0.5]]);
/// assert_eq!(pipeline.decode(&[1024.0], encoded.view())?, showers);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Pipeline {
    /// How many values a physical event has.
    columns: usize,
    steps: Vec<Transform>,
    /// How many values an encoded event has.
    #[serde(skip)]
    width: usize,
}

/// What a file holds of a pipeline, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    columns: usize,
    steps: Vec<Transform>,
}

impl TryFrom<Stored> for Pipeline {
    type Error = TransformError;

    fn try_from(stored: Stored) -> Result<Self, TransformError> {
        let mut pipeline = Self::empty(stored.columns);
        stored.steps.into_iter().try_for_each(|step| pipeline.push(step))?;
        Ok(pipeline)
    }
}

impl Pipeline {
    /// Fits step after step. A step that has statistics makes one pass over the stream, encoded by
    /// the steps before it; the others make none. `passes` starts a pass from the first event each
    /// time that it is called.
    ///
    /// Dequantised values are taken in the middle of their steps; see [`Self::fit_with_noise`].
    ///
    /// # Errors
    /// A parameter out of its range, a step that does not fit the columns, an empty stream for a step
    /// that has statistics, events that a step cannot encode, and what the stream itself fails with.
    pub fn fit<E, S>(
        settings: &[TransformSettings],
        input: &Columns,
        passes: impl FnMut() -> S,
    ) -> Result<Self, E>
    where
        E: From<TransformError>,
        S: IntoIterator<Item = Result<OwnedBlock, E>>,
    {
        Self::fit_with_noise(settings, input, passes, |_| || MIDDLE)
    }

    /// As [`Self::fit`], with noise for `dequantise`: `noise(event)` gives the uniform numbers in
    /// [0, 1) of an event, counted from 0 over the stream, so that they do not depend on blocks or
    /// threads.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn fit_with_noise<E, S, U>(
        settings: &[TransformSettings],
        input: &Columns,
        mut passes: impl FnMut() -> S,
        noise: impl Fn(u64) -> U + Sync,
    ) -> Result<Self, E>
    where
        E: From<TransformError>,
        S: IntoIterator<Item = Result<OwnedBlock, E>>,
        U: FnMut() -> f32,
    {
        TransformSettings::check(settings)?;
        let mut pipeline = Self::empty(input.width());
        for (i, wanted) in settings.iter().enumerate() {
            let (step, kind) = (i + 1, wanted.kind());
            // Layers are known as long as no step has added columns.
            let layers = (pipeline.width == pipeline.columns).then_some(&input.groups[..]);
            let start = wanted.start(pipeline.width, layers);
            let fitted = match start.ok_or(TransformError::NoLayers { step, kind })? {
                Start::Ready(fitted) => fitted,
                Start::NeedsPass(mut fitting) => {
                    let mut events = 0;
                    for block in passes() {
                        let block = block?;
                        let encoded = pipeline.rows(block.view(), events, &noise, |x| x)?;
                        fitting.observe(&encoded);
                        events += block.scale.len() as u64;
                    }
                    if events == 0 {
                        return Err(TransformError::NoEvents { step, kind }.into());
                    }
                    fitting.finish()
                }
            };
            pipeline.push(fitted)?;
        }
        Ok(pipeline)
    }

    /// How many values a physical event has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many values an encoded event has.
    pub fn width(&self) -> usize {
        self.width
    }

    pub fn steps(&self) -> &[Transform] {
        &self.steps
    }

    /// Network units of events. Dequantised values are put in the middle of their steps.
    ///
    /// # Shapes
    /// `scale` `[events]` and `values` `[events, columns]` to `[events, width]`.
    ///
    /// # Errors
    /// A wrong shape, an incident energy that is not positive, and a value that is not finite or that
    /// a step cannot encode, of the first such event.
    pub fn encode(
        &self,
        scale: &[f64],
        values: ArrayView2<'_, f32>,
    ) -> Result<Array2<f32>, TransformError> {
        self.encode_with_noise(scale, values, |_| || MIDDLE)
    }

    /// As [`Self::encode`], with noise for `dequantise`: `noise(event)` gives the uniform numbers in
    /// [0, 1) of an event, counted from 0 in `values`.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_with_noise<U>(
        &self,
        scale: &[f64],
        values: ArrayView2<'_, f32>,
        noise: impl Fn(u64) -> U + Sync,
    ) -> Result<Array2<f32>, TransformError>
    where
        U: FnMut() -> f32,
    {
        let encoded = self.rows(Block { scale, values }, 0, &noise, |x| x as f32)?;
        // Also of finite values, where dividing made them too great for 32 bits.
        if let Some(i) = encoded.par_iter().position_first(|x| !x.is_finite()) {
            let (event, column) = ((i / self.width) as u64, i % self.width);
            return Err(TransformError::Overflow { event, column, value: f64::from(encoded[i]) });
        }
        Ok(Array2::from_shape_vec((scale.len(), self.width), encoded)
            .expect("the encoded events fill the array"))
    }

    /// Physical units of what a network made. Numbers that no event is encoded to are accepted; see
    /// the steps for what they become. What is not a number stays so.
    ///
    /// # Shapes
    /// `scale` `[events]` and `encoded` `[events, width]` to `[events, columns]`.
    ///
    /// # Errors
    /// A wrong shape, and an incident energy that is not positive.
    pub fn decode(
        &self,
        scale: &[f64],
        encoded: ArrayView2<'_, f32>,
    ) -> Result<Array2<f32>, TransformError> {
        check_shape(scale, encoded, self.width, 0)?;
        let mut decoded = vec![0.0_f32; scale.len() * self.columns];
        decoded.par_chunks_mut(self.columns.max(1)).zip(scale).enumerate().for_each(
            |(event, (out, scale))| {
                let mut row: Vec<f64> = encoded.row(event).iter().map(|y| f64::from(*y)).collect();
                for transform in self.steps.iter().rev() {
                    transform.step().decode(*scale, &mut row);
                }
                out.iter_mut().zip(row).for_each(|(out, x)| *out = x as f32);
            },
        );
        Ok(Array2::from_shape_vec((scale.len(), self.columns), decoded)
            .expect("the decoded events fill the array"))
    }

    fn empty(columns: usize) -> Self {
        Self { columns, steps: Vec::new(), width: columns }
    }

    /// Adds a fitted step, if it is sound and can be given what the steps before it make.
    fn push(&mut self, transform: Transform) -> Result<(), TransformError> {
        let (number, kind) = (self.steps.len() + 1, transform.kind());
        let step = transform.step();
        self.width = step
            .check()
            .and_then(|()| step.width_after(self.width))
            .map_err(|bad| bad.at(number, kind))?;
        self.steps.push(transform);
        Ok(())
    }

    /// Encoded events, `[events, width]`, one after the other, each number as `store` gives it.
    pub(super) fn rows<T, U>(
        &self,
        block: Block<'_>,
        first_event: u64,
        noise: &(impl Fn(u64) -> U + Sync),
        store: impl Fn(f64) -> T + Sync,
    ) -> Result<Vec<T>, TransformError>
    where
        T: Clone + Default + Send,
        U: FnMut() -> f32,
    {
        let Block { scale, values } = block;
        check_shape(scale, values, self.columns, first_event)?;
        let mut rows = vec![T::default(); scale.len() * self.width];
        let failed = rows.par_chunks_mut(self.width.max(1)).zip(scale).enumerate().find_map_first(
            |(i, (out, scale))| {
                let event = first_event + i as u64;
                let mut row: Vec<f64> = values.row(i).iter().map(|x| f64::from(*x)).collect();
                let encoded = self.encode_event(event, *scale, &mut row, &mut noise(event));
                out.iter_mut().zip(row).for_each(|(out, x)| *out = store(x));
                encoded.err()
            },
        );
        match failed {
            None => Ok(rows),
            Some(error) => Err(error),
        }
    }

    fn encode_event(
        &self,
        event: u64,
        scale: f64,
        row: &mut Vec<f64>,
        noise: &mut dyn FnMut() -> f32,
    ) -> Result<(), TransformError> {
        if let Some(column) = row.iter().position(|x| !x.is_finite()) {
            return Err(TransformError::NotFinite { event, column, value: row[column] });
        }
        for (i, transform) in self.steps.iter().enumerate() {
            let encoded = transform.step().encode(scale, row, noise);
            encoded.map_err(|bad| bad.at(event, i + 1, transform.kind()))?;
        }
        Ok(())
    }
}

/// Where dequantised values are put without noise.
const MIDDLE: f32 = 0.5;

fn check_shape(
    scale: &[f64],
    values: ArrayView2<'_, f32>,
    width: usize,
    first_event: u64,
) -> Result<(), TransformError> {
    if values.ncols() != width {
        return Err(TransformError::Width { found: values.ncols(), expected: width });
    }
    if scale.len() != values.nrows() {
        return Err(TransformError::ScaleCount { found: scale.len(), expected: values.nrows() });
    }
    match scale.iter().position(|s| !(*s > 0.0 && s.is_finite())) {
        None => Ok(()),
        Some(i) => Err(TransformError::Scale { event: first_event + i as u64, scale: scale[i] }),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use ndarray::array;

    use super::*;

    fn steps(toml: &str) -> Vec<TransformSettings> {
        #[derive(Deserialize)]
        struct Settings {
            steps: Vec<TransformSettings>,
        }
        toml::from_str::<Settings>(&format!("steps = [{toml}]")).expect("valid").steps
    }

    fn block(rows: Array2<f32>) -> OwnedBlock {
        OwnedBlock { scale: vec![100.0; rows.nrows()], values: rows }
    }

    fn fit(toml: &str, blocks: &[OwnedBlock]) -> Result<Pipeline, TransformError> {
        let columns = Columns { groups: vec![0, 0, 1] };
        Pipeline::fit(&steps(toml), &columns, || blocks.iter().cloned().map(Ok))
    }

    fn message(toml: &str, rows: Array2<f32>) -> String {
        let pipeline = fit(toml, &[]).expect("no statistics");
        let scale = vec![100.0; rows.nrows()];
        pipeline.encode(&scale, rows.view()).expect_err("refused").to_string()
    }

    #[test]
    fn one_pass_for_each_step_with_statistics() {
        let passes = Cell::new(0);
        let wanted = steps(
            r#"{ kind = "layer-fractions" }, { kind = "standard" }, { kind = "power", exponent = 0.85 },
               { kind = "deviation-only", smallest_deviation = 0.001 },
               { kind = "quantile-normal", n_quantiles = 10 }"#,
        );
        let columns = Columns { groups: vec![0, 0, 1] };
        let pipeline = Pipeline::fit(&wanted, &columns, || {
            passes.set(passes.get() + 1);
            let rows = [array![[1.0_f32, 2.0, 3.0]], array![[4.0, 0.0, 1.0], [2.0, 2.0, 0.0]]];
            rows.map(|rows| Ok::<_, TransformError>(block(rows)))
        })
        .expect("valid");
        assert_eq!(passes.get(), 3);
        assert_eq!((pipeline.columns(), pipeline.width()), (3, 6));
    }

    #[test]
    fn failures_of_the_stream_come_through() {
        let columns = Columns::ungrouped(3);
        let broken = || [Err(TransformError::Width { found: 7, expected: 3 })];
        let error = Pipeline::fit(&steps(r#"{ kind = "standard" }"#), &columns, broken);
        assert_eq!(error, Err(TransformError::Width { found: 7, expected: 3 }));
    }

    #[test]
    fn events_are_counted_over_the_stream() {
        let blocks =
            [block(array![[1.0, 2.0, 3.0]]), block(array![[1.0, 2.0, 3.0], [0.0, -2.0, 1.0]])];
        let wanted = r#"{ kind = "logarithm", offset = 1 }, { kind = "standard" }"#;
        assert_eq!(
            fit(wanted, &blocks).expect_err("negative").to_string(),
            "event 2, column 1: step 1, `logarithm`, was given -2, expected no negative number"
        );
    }

    #[test]
    fn bad_events_are_named() {
        let fraction = r#"{ kind = "incident-energy-fraction" }"#;
        assert_eq!(
            message(fraction, array![[0.0, 1.0, 2.0], [0.0, f32::NAN, 2.0]]),
            "event 1, column 1: value is NaN, expected a finite number"
        );
        assert_eq!(message(fraction, array![[0.0, 1.0]]), "events have 2 values, expected 3");
        assert_eq!(
            message(r#"{ kind = "layer-fractions" }"#, array![[0.0, 1.0, -2.0]]),
            "event 0, column 2: step 1, `layer-fractions`, was given -2, expected no negative number"
        );
        assert_eq!(
            message(r#"{ kind = "one-hot", column = 2, categories = 4 }"#, array![[0.0, 1.0, 5.0]]),
            "event 0, column 2: step 1, `one-hot`, was given 5, expected the index of a category, a whole number from 0 to 3"
        );
        assert_eq!(
            message(r#"{ kind = "power", exponent = 2 }"#, array![[0.0, 1.0, 1e30]]),
            "event 0, column 2: encoded value is inf, expected one that fits 32 bits"
        );
    }

    #[test]
    fn the_first_bad_event_is_named_whatever_the_threads() {
        let rows = Array2::from_elem((5000, 3), f32::INFINITY);
        assert_eq!(message("", rows), "event 0, column 0: value is inf, expected a finite number");
    }

    #[test]
    fn incident_energies_are_checked() {
        let pipeline = fit("", &[]).expect("nothing to do");
        let rows = array![[0.0_f32, 1.0, 2.0], [0.0, 1.0, 2.0]];
        for (scale, expected) in [
            (vec![1.0], "there are 1 incident energies for 2 events"),
            (vec![1.0, 0.0], "incident energy of event 1 is 0, expected a positive finite number"),
        ] {
            let error = pipeline.encode(&scale, rows.view()).expect_err("refused");
            assert_eq!(error.to_string(), expected);
            let error = pipeline.decode(&scale, rows.view()).expect_err("refused");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn bad_settings_are_named() {
        for (wanted, expected) in [
            (
                r#"{ kind = "standard" }"#,
                "no events to derive the statistics of step 1, `standard`, from",
            ),
            (
                r#"{ kind = "threshold", minimum = 1 }, { kind = "power", exponent = 3 }"#,
                "step 2, `power`: `exponent` is 3, expected a number above 0 and at most 2",
            ),
            (
                r#"{ kind = "quantile-normal", n_quantiles = 5 }"#,
                "step 1, `quantile-normal`: `n_quantiles` is 5, expected at least 10",
            ),
            (
                r#"{ kind = "layer-fractions" }, { kind = "layer-fractions" }"#,
                "step 2, `layer-fractions`, needs the detector's own columns; it must come before all steps that add columns",
            ),
            (
                r#"{ kind = "category-index", column = 3, categories = 2 }"#,
                "step 1, `category-index`: `column` is 3, expected below 3, the number of values here",
            ),
        ] {
            assert_eq!(fit(wanted, &[]).expect_err("refused").to_string(), expected);
        }
    }

    #[test]
    fn unknown_settings_are_refused() {
        for wrong in [
            r#"{ kind = "power", exponent = 1.0, sign = true }"#,
            r#"{ kind = "layer-fractions", layers = 3 }"#,
            r#"{ kind = "incident-energy-fraction", energy = 3 }"#,
            r#"{ kind = "standard", deviation = 3 }"#,
            r#"{ kind = "logit" }"#,
            r#"{ kind = "logarithm" }"#,
        ] {
            assert!(
                toml::from_str::<TransformSettings>(
                    &wrong.trim_matches(['{', '}', ' ']).replace(", ", "\n")
                )
                .is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn files_that_do_not_hold_together_are_refused() {
        for wrong in [
            r#"{"columns":2,"steps":[{"kind":"standard","mean":[0.0],"deviation":[1.0]}]}"#,
            r#"{"columns":1,"steps":[{"kind":"standard","mean":[0.0],"deviation":[0.0]}]}"#,
            r#"{"columns":1,"steps":[{"kind":"quantile-normal","quantiles":[[2.0,1.0]]}]}"#,
            r#"{"columns":1,"steps":[{"kind":"layer-fractions","layer_of_column":[4],"layers":1}]}"#,
            r#"{"columns":1,"steps":[],"width":1}"#,
        ] {
            assert!(serde_json::from_str::<Pipeline>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_events_are_encoded_to_no_events() {
        let pipeline = fit(r#"{ kind = "layer-fractions" }"#, &[]).expect("no statistics");
        let encoded = pipeline.encode(&[], Array2::zeros((0, 3)).view()).expect("nothing");
        assert_eq!(encoded.dim(), (0, 6));
    }
}
