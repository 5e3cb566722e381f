//! The inference engine against the networks themselves, for every shipped configuration, and
//! against itself in other groups, on other threads and with other vector instructions.

mod fresh;

use ndarray::{Array2, s};
use showerforge::compute::cpu;
use showerforge::generate::Sampler;
use showerforge::generate::engine::{Engine, Precision};
use showerforge::model::SurrogateModel;
use showerforge::random::{Purpose, Streams};
use showerforge::settings::CheckedSettings;
use showerforge::simd::Level;

const SEED: u64 = 5;
const FIRST: u64 = 12_345;

fn engine(model: &SurrogateModel, precision: Precision) -> Engine {
    let program = model.generator.program();
    Engine::new(&program, &model.header.codec, &model.detector, precision).expect("one event alone")
}

fn by_engine(engine: &Engine, first: u64, conditions: &Array2<f64>) -> Array2<f32> {
    let streams = Streams::new(SEED, Purpose::Generation);
    engine.values(&streams, first, conditions.view()).expect("good conditions")
}

fn by_network(model: &SurrogateModel, conditions: &Array2<f64>) -> Array2<f32> {
    let codec = &model.header.codec;
    Sampler::new(&model.generator, codec, &model.detector, SEED, Purpose::Generation, cpu())
        .without_engine()
        .values(FIRST, conditions.view())
        .expect("good conditions")
}

/// Small enough for a test: fewer events where a detector has many cells.
fn events(settings: &CheckedSettings) -> usize {
    (200_000 / settings.detector().value_count()).clamp(2, 100)
}

#[test]
fn every_configuration_is_generated_as_its_network_says() {
    for name in fresh::CONFIGURATIONS {
        let settings = fresh::settings(name);
        let model = fresh::model(&settings);
        let conditions =
            fresh::conditions(settings.detector(), &settings.conditions, events(&settings));
        let expected = by_network(&model, &conditions);
        let found = by_engine(&engine(&model, Precision::F32), FIRST, &conditions);
        let detector = &model.detector;
        let threshold = detector.readout_threshold() as f32;
        let mut beside_threshold = 0;
        for (event, (found, expected)) in found.rows().into_iter().zip(expected.rows()).enumerate()
        {
            let scale = detector.scale_of(&conditions.row(event).to_vec()) as f32;
            for (value, (found, expected)) in found.iter().zip(expected).enumerate() {
                // The columns of a table have ranges instead of a scale.
                let range = detector.columns().get(value).map(|c| (c.maximum - c.minimum) as f32);
                let scale = range.unwrap_or(scale);
                // Rounding may put a value on the other side of the threshold, and a count on the
                // next whole number.
                if (*found == 0.0) != (*expected == 0.0) && found.max(*expected) < 1.001 * threshold
                {
                    beside_threshold += 1;
                    continue;
                }
                let step = f32::from(u8::from(detector.has_whole_numbers()));
                let allowed = 1e-5 * scale.abs().max(expected.abs()) + step;
                assert!((found - expected).abs() <= allowed, "{name}: {found} for {expected}");
            }
        }
        let share = beside_threshold as f64 / expected.len() as f64;
        assert!(share < 1e-4, "{name}: {beside_threshold} values beside the threshold");
    }
}

#[test]
fn bits_do_not_depend_on_groups_threads_splits_or_vector_instructions() {
    let names = ["photons-geant4", "pions-caloshowergan", "rich-pid-cramer", "clic-ecal-25"];
    for name in names {
        let settings = fresh::settings(name);
        let model = fresh::model(&settings);
        let count = events(&settings).min(60);
        let conditions = fresh::conditions(settings.detector(), &settings.conditions, count);
        let base = by_engine(&engine(&model, Precision::F32), FIRST, &conditions);
        for level in Level::available() {
            // Without a fused multiply-add in hardware, only a few.
            let few = if level == Level::Portable { 2 } else { count };
            let part = conditions.slice(s![..few, ..]).to_owned();
            for group in [1, 7, 48] {
                let engine = engine(&model, Precision::F32).at_level(level).with_group(group);
                let found = by_engine(&engine, FIRST, &part);
                assert_eq!(found, base.slice(s![..few, ..]), "{name}, {level:?}, {group}");
            }
        }
        for threads in [1, 3] {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let engine = engine(&model, Precision::F32).with_group(4);
            let found = pool.install(|| by_engine(&engine, FIRST, &conditions));
            assert_eq!(found, base, "{name}, {threads} threads");
        }
        let later = conditions.slice(s![3.., ..]).to_owned();
        let found = by_engine(&engine(&model, Precision::F32), FIRST + 3, &later);
        assert_eq!(found, base.slice(s![3.., ..]), "{name}, split");
    }
}

#[test]
fn weights_of_less_precision_are_near_and_smaller() {
    let settings = fresh::settings("pions-caloshowergan");
    let model = fresh::model(&settings);
    let conditions = fresh::conditions(settings.detector(), &settings.conditions, 100);
    let exact = engine(&model, Precision::F32);
    let expected = by_engine(&exact, FIRST, &conditions);
    for (precision, share, allowed) in [(Precision::Bf16, 0.5, 0.02), (Precision::Int8, 0.25, 0.06)]
    {
        let smaller = engine(&model, precision);
        assert_eq!(smaller.bytes() as f64, share * exact.bytes() as f64);
        let found = by_engine(&smaller, FIRST, &conditions);
        let square = |values: Array2<f32>| -> f64 {
            values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum()
        };
        let relative = (square(&found - &expected) / square(expected.clone())).sqrt();
        assert!(relative < allowed && relative > 1e-5, "{precision:?}: {relative}");
    }
}
