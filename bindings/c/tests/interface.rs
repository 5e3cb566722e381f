//! The C functions, called from Rust as C calls them.

#![expect(unsafe_code, reason = "the functions are C's")]
#![expect(clippy::disallowed_methods, reason = "broken inputs are written as they are")]

use std::ffi::{CStr, CString, c_char};
use std::path::{Path, PathBuf};
use std::ptr;

use showerforge::generate::Surrogate;
use showerforge_c::showerforge_code::*;
use showerforge_c::*;

const VALUES: usize = 368;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/models/photons-geant4.safetensors")
}

fn c(path: &Path) -> CString {
    CString::new(path.to_str().expect("UTF-8")).expect("no NUL")
}

fn string(text: *const c_char) -> String {
    assert!(!text.is_null());
    // SAFETY: texts of the library end with NUL, and live as long as the model or error.
    unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8").to_owned()
}

/// An open model, closed at the end.
struct Open(*mut showerforge_model);

// SAFETY: the interface promises that threads may share a model.
unsafe impl Sync for Open {}

impl Open {
    fn shipped(threads: usize, flags: u32) -> Self {
        let mut model = ptr::null_mut();
        let path = c(&shipped());
        // SAFETY: pointers to what lives in this function.
        let code = unsafe {
            showerforge_model_open(path.as_ptr(), threads, flags, &mut model, ptr::null_mut())
        };
        assert_eq!(code, SHOWERFORGE_OK);
        Self(model)
    }

    fn event(&self, seed: u64, event: u64, energy_mev: f64) -> Vec<f32> {
        let mut values = vec![0.0; VALUES];
        let call = |error| {
            // SAFETY: pointers to so many numbers.
            unsafe {
                showerforge_generate_event(
                    self.0,
                    seed,
                    event,
                    &energy_mev,
                    1,
                    values.as_mut_ptr(),
                    VALUES,
                    error,
                )
            }
        };
        assert_eq!(failed(call), (SHOWERFORGE_OK, String::new()));
        values
    }

    fn many(&self, seed: u64, first: u64, energies_mev: &[f64]) -> Vec<f32> {
        let mut values = vec![0.0; VALUES * energies_mev.len()];
        let call = |error| {
            // SAFETY: pointers to so many numbers.
            unsafe {
                showerforge_generate(
                    self.0,
                    seed,
                    first,
                    energies_mev.len(),
                    energies_mev.as_ptr(),
                    energies_mev.len(),
                    values.as_mut_ptr(),
                    values.len(),
                    error,
                )
            }
        };
        assert_eq!(failed(call), (SHOWERFORGE_OK, String::new()));
        values
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: opened, and closed here only.
        unsafe { showerforge_model_close(self.0) };
    }
}

/// The code of a call, and its message, if it has failed.
fn failed(
    call: impl FnOnce(*mut *mut showerforge_error) -> showerforge_code,
) -> (showerforge_code, String) {
    // Not looked at by the functions.
    let mut error = ptr::without_provenance_mut(1);
    let code = call(&mut error);
    if error.is_null() {
        assert_eq!(code, SHOWERFORGE_OK);
        return (code, String::new());
    }
    // SAFETY: set by the call, and freed once.
    let text = unsafe {
        assert_eq!(showerforge_error_code(error), code);
        let text = string(showerforge_error_message(error));
        showerforge_error_free(error);
        text
    };
    (code, text)
}

fn open_fails(path: &Path, threads: usize, flags: u32) -> (showerforge_code, String) {
    let mut model = ptr::without_provenance_mut(1);
    let path = c(path);
    let outcome = failed(|error| {
        // SAFETY: pointers to what lives in this function.
        unsafe { showerforge_model_open(path.as_ptr(), threads, flags, &mut model, error) }
    });
    assert!(model.is_null(), "set on failure too");
    outcome
}

#[test]
fn a_model_describes_itself() {
    let model = Open::shipped(1, 0);
    // SAFETY: the model is open; pointers to what lives in this function.
    unsafe {
        assert_eq!(string(showerforge_version()), env!("CARGO_PKG_VERSION"));
        assert_eq!(string(showerforge_model_detector(model.0)), "calochallenge-photons");
        assert_eq!(string(showerforge_model_unit(model.0)), "MeV");
        assert_eq!(string(showerforge_model_sha256(model.0)).len(), 64);
        assert_eq!(showerforge_model_value_count(model.0), VALUES);
        assert_eq!(showerforge_model_layer_count(model.0), 5);
        assert_eq!(showerforge_model_condition_count(model.0), 1);
        assert_eq!(showerforge_model_condition_width(model.0), 1);
        assert!(showerforge_model_noise_count(model.0) > 0);
        let json = string(showerforge_model_json(model.0));
        assert!(json.contains("\"detector\": \"calochallenge-photons\""), "{json}");

        let mut condition = std::mem::zeroed();
        let outcome =
            failed(|error| showerforge_model_condition(model.0, 0, &mut condition, error));
        assert_eq!(outcome.0, SHOWERFORGE_OK);
        assert_eq!(string(condition.name), "incident_energy");
        assert_eq!(string(condition.unit), "MeV");
        assert_eq!(condition.kind, showerforge_condition_kind::SHOWERFORGE_NUMBER);
        assert_eq!((condition.first_column, condition.columns), (0, 1));
        assert_eq!((condition.minimum, condition.maximum), (256.0, 8192.0));
        assert_eq!(condition.categories, 0);
        let (code, message) =
            failed(|error| showerforge_model_condition(model.0, 1, &mut condition, error));
        assert_eq!(code, SHOWERFORGE_BAD_ARGUMENT);
        assert_eq!(message, "there is no condition number 1, there are 1");
        assert!(showerforge_model_category(model.0, 0, 0).is_null());

        let mut cells = vec![std::mem::zeroed::<showerforge_cell>(); VALUES];
        let mut next = 0;
        for index in 0..5 {
            let mut layer = std::mem::zeroed::<showerforge_layer>();
            let outcome =
                failed(|error| showerforge_model_layer(model.0, index, &mut layer, error));
            assert_eq!(outcome.0, SHOWERFORGE_OK);
            assert_eq!(layer.first_value, next);
            assert!(!string(layer.name).is_empty());
            next += layer.values;
        }
        assert_eq!(next, VALUES);
        let outcome =
            failed(|error| showerforge_model_cells(model.0, cells.as_mut_ptr(), VALUES, error));
        assert_eq!(outcome.0, SHOWERFORGE_OK);
        assert_eq!((cells[0].layer, cells[VALUES - 1].layer), (0, 4));
        let outcome =
            failed(|error| showerforge_model_cells(model.0, cells.as_mut_ptr(), 5, error));
        assert_eq!(outcome.0, SHOWERFORGE_BAD_ARGUMENT);
    }
}

#[test]
fn events_are_the_same_however_they_are_asked_for() {
    let surrogate = Surrogate::open(&shipped()).expect("a model");
    let energies: Vec<f64> = (0..200).map(|i| 256.0 + 30.0 * f64::from(i)).collect();
    let conditions = ndarray::ArrayView2::from_shape((200, 1), &energies).expect("a column");
    let expected = surrogate.generate(7, 1_000_050, conditions).expect("generated");
    let expected: Vec<f32> = expected.into_iter().collect();
    for threads in [0, 1, 3] {
        let model = Open::shipped(threads, SHOWERFORGE_STRICT);
        assert!(model.many(7, 1_000_050, &energies) == expected, "{threads} threads");
        for row in [0, 63, 199] {
            let one = model.event(7, 1_000_050 + row as u64, energies[row]);
            assert_eq!(one, expected[row * VALUES..][..VALUES]);
        }
        let rows = [5, 6, 199, 0, 13, 14, 15, 5];
        let numbers: Vec<u64> = rows.iter().map(|row| 1_000_050 + *row as u64).collect();
        let chosen: Vec<f64> = rows.iter().map(|row| energies[*row]).collect();
        let mut values = vec![0.0; VALUES * rows.len()];
        let outcome = failed(|error| {
            // SAFETY: pointers to so many numbers.
            unsafe {
                showerforge_generate_events(
                    model.0,
                    7,
                    numbers.as_ptr(),
                    rows.len(),
                    chosen.as_ptr(),
                    rows.len(),
                    values.as_mut_ptr(),
                    values.len(),
                    error,
                )
            }
        });
        assert_eq!(outcome, (SHOWERFORGE_OK, String::new()));
        for (values, row) in values.chunks(VALUES).zip(rows) {
            assert!(values == &expected[row * VALUES..][..VALUES], "row {row}");
        }
    }
}

#[test]
fn bad_models_have_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    let (code, message) = open_fails(&path, 1, 0);
    assert_eq!(code, SHOWERFORGE_NO_SUCH_FILE);
    assert!(message.starts_with("there is no file"), "{message}");
    let bytes = std::fs::read(shipped()).expect("readable");
    std::fs::write(&path, &bytes[..100_000]).expect("written");
    let (code, message) = open_fails(&path, 1, 0);
    assert_eq!(code, SHOWERFORGE_BAD_MODEL);
    assert!(message.contains("cut off"), "{message}");
    let version = br#"\"format_version\":3"#;
    let at = bytes.windows(version.len()).position(|part| part == version).expect("a version");
    let mut newer = bytes;
    newer[at + version.len() - 1] = b'4';
    std::fs::write(&path, &newer).expect("written");
    let (code, message) = open_fails(&path, 1, 0);
    assert_eq!((code, message.contains("newer")), (SHOWERFORGE_NEWER_MODEL, true), "{message}");
    let (code, _) = open_fails(&shipped(), 1, 2);
    assert_eq!(code, SHOWERFORGE_BAD_ARGUMENT);
}

#[test]
fn bad_requests_have_codes_and_messages() {
    let model = Open::shipped(1, 0);
    let strict = Open::shipped(1, SHOWERFORGE_STRICT);
    let generate = |model: &Open, energy: f64, event: u64, conditions: usize, values: usize| {
        let energies = [energy; 2];
        let mut output = [0.0_f32; VALUES + 1];
        failed(|error| {
            // SAFETY: pointers to at least so many numbers.
            unsafe {
                showerforge_generate_event(
                    model.0,
                    1,
                    event,
                    energies.as_ptr(),
                    conditions,
                    output.as_mut_ptr(),
                    values,
                    error,
                )
            }
        })
    };
    let cases = [
        (generate(&model, f64::NAN, 3, 1, VALUES), SHOWERFORGE_BAD_CONDITION, "event 3 is NaN"),
        (generate(&model, -1.0, 0, 1, VALUES), SHOWERFORGE_BAD_CONDITION, "a positive number"),
        (generate(&model, f64::INFINITY, 0, 1, VALUES), SHOWERFORGE_BAD_CONDITION, "finite"),
        (generate(&model, 1000.0, 0, 2, VALUES), SHOWERFORGE_BAD_ARGUMENT, "2 were given"),
        (generate(&model, 1000.0, 0, 1, VALUES - 1), SHOWERFORGE_BAD_ARGUMENT, "367 values"),
        (generate(&model, 1000.0, 0, 1, VALUES + 1), SHOWERFORGE_BAD_ARGUMENT, "369 values"),
        (generate(&model, 1000.0, u64::MAX, 1, VALUES), SHOWERFORGE_BAD_ARGUMENT, "last event"),
        (generate(&strict, 9000.0, 5, 1, VALUES), SHOWERFORGE_OUT_OF_RANGE, "256 to 8192 MeV"),
    ];
    for ((code, message), expected, part) in cases {
        assert_eq!(code, expected, "{message}");
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(generate(&model, 9000.0, 5, 1, VALUES).0, SHOWERFORGE_OK);

    let check = |energies: &[f64]| {
        // SAFETY: pointers to so many numbers.
        failed(|error| unsafe {
            showerforge_check(model.0, 10, energies.as_ptr(), energies.len(), error)
        })
    };
    assert_eq!(check(&[300.0, 8192.0]).0, SHOWERFORGE_OK);
    let (code, message) = check(&[300.0, 100.0]);
    assert_eq!(code, SHOWERFORGE_OUT_OF_RANGE);
    assert!(message.contains("`incident_energy` of event 11 is 100 MeV"), "{message}");
}

#[test]
fn null_pointers_are_refused() {
    let model = Open::shipped(1, 0);
    let null = |outcome: (showerforge_code, String), name: &str| {
        assert_eq!(outcome, (SHOWERFORGE_NULL_POINTER, format!("`{name}` is NULL")));
    };
    let (energy, mut values) = (1000.0, [0.0_f32; VALUES]);
    let path = c(&shipped());
    // SAFETY: what is not NULL lives in this function.
    unsafe {
        let (none, p) = (ptr::null(), path.as_ptr());
        null(failed(|e| showerforge_model_open(p, 1, 0, ptr::null_mut(), e)), "model");
        let mut opened = ptr::null_mut();
        null(failed(|e| showerforge_model_open(none, 1, 0, &mut opened, e)), "path");
        let out = values.as_mut_ptr();
        let generate = |model, energy, out, e| {
            showerforge_generate_event(model, 1, 0, energy, 1, out, VALUES, e)
        };
        null(failed(|e| generate(ptr::null(), &raw const energy, out, e)), "model");
        null(failed(|e| generate(model.0, ptr::null(), out, e)), "conditions");
        null(failed(|e| generate(model.0, &raw const energy, ptr::null_mut(), e)), "values");
        null(failed(|e| showerforge_check(model.0, 0, ptr::null(), 1, e)), "conditions");
        null(failed(|e| showerforge_model_layer(model.0, 0, ptr::null_mut(), e)), "layer");
        null(failed(|e| showerforge_model_condition(model.0, 0, ptr::null_mut(), e)), "condition");
        null(failed(|e| showerforge_model_cells(model.0, ptr::null_mut(), 1, e)), "cells");
        // Nothing to report to.
        assert_eq!(
            showerforge_check(ptr::null(), 0, &energy, 1, ptr::null_mut()),
            SHOWERFORGE_NULL_POINTER
        );
        let odd = values.as_mut_ptr().byte_add(1);
        let outcome = failed(|e| generate(model.0, &raw const energy, odd, e));
        assert_eq!(outcome.0, SHOWERFORGE_BAD_ARGUMENT, "{}", outcome.1);
        let huge = usize::MAX / 368 * 368;
        let outcome = failed(|e| {
            showerforge_generate(model.0, 1, 0, huge / 368, &energy, huge / 368, out, huge, e)
        });
        assert_eq!(outcome.0, SHOWERFORGE_BAD_ARGUMENT, "{}", outcome.1);
        // No events need no memory.
        let none = showerforge_generate(
            model.0,
            1,
            0,
            0,
            ptr::null(),
            0,
            ptr::null_mut(),
            0,
            ptr::null_mut(),
        );
        assert_eq!(none, SHOWERFORGE_OK);

        assert!(showerforge_model_detector(ptr::null()).is_null());
        assert_eq!(showerforge_model_value_count(ptr::null()), 0);
        assert!(showerforge_error_message(ptr::null()).is_null());
        assert_eq!(showerforge_error_code(ptr::null()), SHOWERFORGE_OK);
        showerforge_error_free(ptr::null_mut());
        showerforge_model_close(ptr::null_mut());
    }
}

/// Each event one by one on one of 8 threads, against blocks on one.
#[test]
fn threads_share_a_model() {
    stress(768);
}

#[test]
#[ignore = "a million showers: minutes, and optimised builds only"]
fn a_million_showers_on_8_threads() {
    stress(1_000_000);
}

fn stress(events: usize) {
    let model = Open::shipped(1, 0);
    let energy = |event: usize| 256.0 * 2.0_f64.powi((event % 6) as i32);
    for first in (0..events).step_by(4096) {
        let range = first..events.min(first + 4096);
        let energies: Vec<f64> = range.clone().map(energy).collect();
        let expected = model.many(3, first as u64, &energies);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (model, expected, range) = (&model, &expected, range.clone());
                scope.spawn(move || {
                    for event in range.skip(thread).step_by(8) {
                        let values = model.event(3, event as u64, energy(event));
                        let at = (event - first) * VALUES;
                        assert!(values == expected[at..at + VALUES], "event {event}");
                    }
                });
            }
        });
    }
}
