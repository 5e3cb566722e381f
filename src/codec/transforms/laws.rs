//! What holds for every step and every chain of steps, and what the tests of the steps share.

use ndarray::Array2;
use proptest::prelude::*;

use super::step::{Fitting, Step};
use super::*;

/// An event in network units, rounded to 32 bits; without noise.
pub fn network(step: &dyn Step, scale: f64, values: &[f32]) -> Vec<f32> {
    let mut row: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
    step.encode(scale, &mut row, &mut || 0.5).expect("values that the step can encode");
    row.iter().map(|x| *x as f32).collect()
}

/// An event in network units and back, rounded to 32 bits on both ways.
pub fn back(step: &dyn Step, scale: f64, values: &[f32]) -> Vec<f32> {
    let mut row: Vec<f64> = network(step, scale, values).iter().map(|y| f64::from(*y)).collect();
    step.decode(scale, &mut row);
    row.iter().map(|x| *x as f32).collect()
}

pub fn fit(mut fitting: impl Fitting, values: &[f64]) -> Transform {
    fitting.observe(values);
    Box::new(fitting).finish()
}

pub fn relative_error(expected: f32, found: f32) -> f64 {
    let (expected, found) = (f64::from(expected), f64::from(found));
    if expected == found { 0.0 } else { ((found - expected) / expected).abs() }
}

/// The numbers of scikit-learn and SciPy.
pub fn golden() -> serde_json::Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/quantile_transform.json");
    let text = std::fs::read_to_string(path).expect("the golden numbers are in the repository");
    serde_json::from_str(&text).expect("the golden numbers are JSON")
}

const COLUMNS: usize = 6;
const EVENTS: usize = 14;

fn groups() -> Columns {
    Columns { groups: vec![0, 0, 1, 1, 1, 2] }
}

/// Showers of whole tenths, a third of them zeros; some layers and events are empty.
fn events() -> impl Strategy<Value = OwnedBlock> {
    let value = prop_oneof![1 => Just(0_u32), 2 => 0_u32..200, 1 => 0_u32..100_000];
    let values = prop::collection::vec(value, EVENTS * COLUMNS);
    let scale = prop::collection::vec(50.0..5000.0_f64, EVENTS);
    (values, scale, 0_usize..3, 0..EVENTS).prop_map(|(values, scale, empty, silent)| {
        let layers = groups().groups;
        let values = Array2::from_shape_fn((EVENTS, COLUMNS), |(event, column)| {
            let dark = event == silent || (event % 3 == 0 && layers[column] == empty);
            if dark { 0.0 } else { (f64::from(values[event * COLUMNS + column]) * 0.1) as f32 }
        });
        OwnedBlock { scale, values }
    })
}

/// Chains of up to six steps that can follow each other.
fn chains() -> impl Strategy<Value = Vec<TransformSettings>> {
    let step = prop_oneof![
        Just(TransformSettings::IncidentEnergyFraction(IncidentEnergyFraction {})),
        Just(TransformSettings::LayerFractions {}),
        (0.3..=2.0_f64).prop_map(|exponent| TransformSettings::Power(Power { exponent })),
        (0.01..100.0_f64).prop_map(|offset| TransformSettings::Logarithm(Logarithm { offset })),
        Just(TransformSettings::Threshold(Threshold { minimum: 0.1 })),
        Just(TransformSettings::Dequantise(Dequantise { width: 0.1 })),
        Just(TransformSettings::Standard(DeviationSettings::default())),
        Just(TransformSettings::DeviationOnly(DeviationSettings { smallest_deviation: 1e-3 })),
        Just(TransformSettings::QuantileNormal(QuantileSettings {
            n_quantiles: 10,
            ..QuantileSettings::default()
        })),
    ];
    prop::collection::vec(step, 0..7).prop_map(|steps| {
        let mut chain: Vec<TransformSettings> = Vec::new();
        let (mut negative, mut widened, mut squared) = (false, false, false);
        for step in steps {
            use TransformSettings as T;
            let fits = match step {
                T::LayerFractions {} => !negative && !widened,
                T::Logarithm(_) => !negative,
                // Of the events' own units.
                T::Threshold(_) | T::Dequantise(_) => chain.is_empty(),
                // Rounding of the mean would be decoded to its root, which is far more.
                T::Standard(_) => !squared,
                _ => true,
            };
            if fits {
                squared |= matches!(&step, T::Power(Power { exponent }) if *exponent > 1.0);
                widened |= matches!(step, T::LayerFractions {});
                negative |= matches!(step, T::Standard(_) | T::QuantileNormal(_));
                chain.push(step);
            }
        }
        chain
    })
}

/// Chains of the steps of which it is promised that zero stays zero.
fn zero_keeping_chains() -> impl Strategy<Value = Vec<TransformSettings>> {
    use TransformSettings as T;
    let keeps_zero = |step: &T| !matches!(step, T::Standard(_) | T::QuantileNormal(_));
    chains().prop_map(move |chain| chain.into_iter().filter(keeps_zero).collect())
}

fn fit_chain(chain: &[TransformSettings], events: &OwnedBlock) -> Pipeline {
    let passes = || [Ok::<_, TransformError>(events.clone())];
    Pipeline::fit(chain, &groups(), passes).expect("a chain that fits the events")
}

/// How far a decoded event may be off: what `ulps` units in the last place of each encoded number
/// amount to, in either direction.
fn bounds(
    pipeline: &Pipeline,
    scale: f64,
    encoded: &[f32],
    decoded: &[f32],
    ulps: f32,
) -> Vec<f64> {
    let mut bounds = vec![0.0; decoded.len()];
    for column in 0..encoded.len() {
        let mut widest = vec![0.0_f64; decoded.len()];
        for sign in [-1.0, 1.0] {
            let mut moved = encoded.to_vec();
            moved[column] += sign * ulps * f32::EPSILON * moved[column].abs().max(1e-30);
            let moved = Array2::from_shape_vec((1, moved.len()), moved).expect("one event");
            let there = pipeline.decode(&[scale], moved.view()).expect("same shape");
            for (i, (x, y)) in decoded.iter().zip(&there).enumerate() {
                widest[i] = widest[i].max((f64::from(*x) - f64::from(*y)).abs());
            }
        }
        bounds.iter_mut().zip(widest).for_each(|(bound, w)| *bound += w);
    }
    bounds
}

/// Events with a value that `quantile-normal` takes for the end of its column, as documented, though
/// it is not quite there.
fn events_near_an_end(chain: &[TransformSettings], events: &OwnedBlock) -> Vec<bool> {
    let mut near = vec![false; EVENTS];
    for (k, step) in chain.iter().enumerate() {
        if !matches!(step, TransformSettings::QuantileNormal(_)) {
            continue;
        }
        let before = fit_chain(&chain[..k], events);
        let rows = before.rows(events.view(), 0, &|_| || 0.5, |x| x).expect("fitted on these");
        for column in 0..before.width() {
            let values: Vec<f64> =
                rows.iter().skip(column).step_by(before.width()).copied().collect();
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let tolerance = 2e-7 * (greatest - least).min(1.0);
            for (near, x) in near.iter_mut().zip(values) {
                *near |= x > least && x - least < tolerance;
                *near |= x < greatest && greatest - x < tolerance;
            }
        }
    }
    near
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn decoding_a_chain_gives_what_was_encoded(chain in chains(), events in events()) {
        let pipeline = fit_chain(&chain, &events);
        let encoded = pipeline.encode(&events.scale, events.values.view()).expect("fitted on these");
        let decoded = pipeline.decode(&events.scale, encoded.view()).expect("same shape");
        let near_an_end = events_near_an_end(&chain, &events);
        for event in (0..EVENTS).filter(|event| !near_an_end[*event]) {
            let (before, after) = (events.values.row(event), decoded.row(event).to_vec());
            let bounds =
                bounds(&pipeline, events.scale[event], &encoded.row(event).to_vec(), &after, 2.0);
            for (column, (x, y)) in before.iter().zip(&after).enumerate() {
                // And what 64-bit rounding between the steps amounts to.
                let bound = bounds[column] + 2.0_f64.powi(-21) * f64::from(*x) + FLOOR;
                let error = (f64::from(*x) - f64::from(*y)).abs();
                prop_assert!(error <= bound, "{} became {}, {} > {}", x, y, error, bound);
            }
        }
    }

    #[test]
    fn energies_come_back_within_a_part_in_two_million(
        events in events(),
        layers: bool,
        exponent in prop::option::of(0.5..=2.0_f64),
        deviation: bool,
    ) {
        use TransformSettings as T;
        let first = if layers {
            T::LayerFractions {}
        } else {
            T::IncidentEnergyFraction(IncidentEnergyFraction {})
        };
        let mut chain = vec![first];
        chain.extend(exponent.map(|exponent| T::Power(Power { exponent })));
        chain.extend(deviation.then(|| T::DeviationOnly(DeviationSettings::default())));
        let pipeline = fit_chain(&chain, &events);
        let encoded = pipeline.encode(&events.scale, events.values.view()).expect("fitted on these");
        let decoded = pipeline.decode(&events.scale, encoded.view()).expect("same shape");
        for (x, y) in events.values.iter().zip(&decoded) {
            prop_assert!(relative_error(*x, *y) <= 2.0_f64.powi(-21), "{} became {}", x, y);
        }
    }

    #[test]
    fn what_is_not_a_number_is_seen(chain in chains(), events in events()) {
        let pipeline = fit_chain(&chain, &events);
        let broken = Array2::from_elem((EVENTS, pipeline.width()), f32::NAN);
        let decoded = pipeline.decode(&events.scale, broken.view()).expect("same shape");
        prop_assert!(decoded.iter().all(|x| x.is_nan()));
    }

    #[test]
    fn zeros_stay_zeros(chain in zero_keeping_chains(), events in events()) {
        let pipeline = fit_chain(&chain, &events);
        let encoded = pipeline.encode(&events.scale, events.values.view()).expect("fitted on these");
        let decoded = pipeline.decode(&events.scale, encoded.view()).expect("same shape");
        let dequantised = matches!(chain.first(), Some(TransformSettings::Dequantise(_)));
        for ((at, x), y) in events.values.indexed_iter().zip(&decoded) {
            if *x == 0.0 {
                prop_assert_eq!(*y, 0.0);
                prop_assert!(dequantised || encoded[at] == 0.0);
            }
        }
    }

    #[test]
    fn energy_is_conserved(chain in zero_keeping_chains(), events in events()) {
        let pipeline = fit_chain(&chain, &events);
        let encoded = pipeline.encode(&events.scale, events.values.view()).expect("fitted on these");
        let decoded = pipeline.decode(&events.scale, encoded.view()).expect("same shape");
        for (before, after) in events.values.rows().into_iter().zip(decoded.rows()) {
            let sum = |row: ndarray::ArrayView1<'_, f32>| row.iter().map(|x| f64::from(*x)).sum::<f64>();
            let (before, after) = (sum(before), sum(after));
            prop_assert!((before - after).abs() <= 1e-5 * before, "{} became {}", before, after);
        }
    }

    #[test]
    fn a_stored_chain_is_the_same_bit_for_bit(chain in chains(), events in events()) {
        let pipeline = fit_chain(&chain, &events);
        let text = serde_json::to_string(&pipeline).expect("plain data");
        let stored: Pipeline = serde_json::from_str(&text).expect("just written");
        prop_assert_eq!(&stored, &pipeline);
        prop_assert_eq!(stored.width(), pipeline.width());
        prop_assert_eq!(serde_json::to_string(&stored).expect("plain data"), text);
        let settings = serde_json::to_string(&chain).expect("plain data");
        prop_assert_eq!(serde_json::from_str::<Vec<TransformSettings>>(&settings).expect("just written"), chain);
    }

    #[test]
    fn counts_survive_noise_and_threads(events in events(), draw in 0.0_f32..1.0) {
        let chain = [
            TransformSettings::Dequantise(Dequantise { width: 0.1 }),
            TransformSettings::Logarithm(Logarithm { offset: 1.0 }),
            TransformSettings::DeviationOnly(DeviationSettings::default()),
        ];
        // Not uniform, but different for every event and value.
        let noise = |event: u64| {
            let mut u = draw + event as f32 * 0.137;
            move || {
                u += 0.311;
                u.fract()
            }
        };
        let passes = || [Ok::<_, TransformError>(events.clone())];
        let pipeline = Pipeline::fit_with_noise(&chain, &groups(), passes, noise).expect("valid");
        let encode = || {
            pipeline.encode_with_noise(&events.scale, events.values.view(), noise).expect("valid")
        };
        let encoded = encode();
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        prop_assert_eq!(&encoded, &one_thread.install(encode));
        prop_assert_eq!(pipeline.decode(&events.scale, encoded.view()).expect("same shape"), events.values);
    }
}

/// Below the physics of any detector, in the 10⁻¹ to 10⁴ of these events.
const FLOOR: f64 = 1e-6;
