//! The functions that open, describe and close a model, and those of errors.

#![expect(unsafe_code, reason = "pointers from C")]

use std::ffi::{CStr, OsStr, c_char};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr;

use crate::model::Model;
use crate::pointers::{at, bad_argument, count, not_null, opened, quietly, report, text};
use crate::types::{
    SHOWERFORGE_STRICT, showerforge_cell, showerforge_code, showerforge_condition,
    showerforge_error, showerforge_layer, showerforge_model,
};

/// The version of the library, such as `0.1.0`; valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn showerforge_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The message of an error, in UTF-8; valid until it is freed. NULL for NULL.
///
/// # Safety
/// `error` is NULL or was set by a function of this library and not yet freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_error_message(
    error: *const showerforge_error,
) -> *const c_char {
    // SAFETY: NULL, or a live error by the contract.
    unsafe { error.as_ref() }.map_or(ptr::null(), |error| error.0.message().as_ptr())
}

/// The code of an error; `SHOWERFORGE_OK` for NULL.
///
/// # Safety
/// As `showerforge_error_message`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_error_code(
    error: *const showerforge_error,
) -> showerforge_code {
    // SAFETY: NULL, or a live error by the contract.
    unsafe { error.as_ref() }.map_or(showerforge_code::SHOWERFORGE_OK, |error| error.0.code)
}

/// Frees an error; does nothing for NULL.
///
/// # Safety
/// As `showerforge_error_message`; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_error_free(error: *mut showerforge_error) {
    if !error.is_null() {
        // SAFETY: made by `Box::into_raw` in `report`, and freed once by the contract.
        let error = unsafe { Box::from_raw(error) };
        quietly(|| drop(error));
    }
}

/// Opens a model file. `threads` is 1 for calls that compute on the thread that calls, as a
/// program with threads of its own wants it; n for a pool of n threads that all calls share; 0 for
/// a pool of as many threads as there are cores. `flags` is 0 or `SHOWERFORGE_STRICT`.
///
/// On success `*model` is set, on failure it is NULL. `error` may be NULL; else `*error` is NULL
/// after a success, and after a failure an error that the caller frees. What it was before is not
/// looked at.
///
/// # Safety
/// `path` is NULL or ends with NUL; `model` and `error` are NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_open(
    path: *const c_char,
    threads: usize,
    flags: u32,
    model: *mut *mut showerforge_model,
    error: *mut *mut showerforge_error,
) -> showerforge_code {
    let run = || {
        not_null("model", model)?;
        // SAFETY: not NULL, and can be written to by the contract.
        unsafe { model.write(ptr::null_mut()) };
        not_null("path", path)?;
        if flags & !SHOWERFORGE_STRICT != 0 {
            return Err(bad_argument(&format!("flags are {flags}, expected 0 or 1")));
        }
        // SAFETY: not NULL, and ends with NUL by the contract.
        let path = unsafe { CStr::from_ptr(path) };
        let path = Path::new(OsStr::from_bytes(path.to_bytes()));
        let opened = Model::open(path, threads, flags & SHOWERFORGE_STRICT != 0)?;
        let opened = Box::into_raw(Box::new(showerforge_model(opened)));
        // SAFETY: as above.
        unsafe { model.write(opened) };
        Ok(())
    };
    // SAFETY: `error` is NULL or can be written to by the contract.
    unsafe { report(error, run) }
}

/// Closes a model; does nothing for NULL. Texts that it gave are no longer valid.
///
/// # Safety
/// `model` is NULL or was opened and not closed yet, and no thread uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_close(model: *mut showerforge_model) {
    if !model.is_null() {
        // SAFETY: made by `Box::into_raw` in `showerforge_model_open`, and closed once by the
        // contract.
        let model = unsafe { Box::from_raw(model) };
        // Joining the threads of a pool could panic.
        quietly(|| drop(model));
    }
}

/// Name of the detector, such as `calochallenge-photons`; valid until the model is closed. NULL
/// for NULL.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_detector(
    model: *const showerforge_model,
) -> *const c_char {
    // SAFETY: as the contract of this function.
    unsafe { text(model, |model| &model.detector) }
}

/// Unit of the values, such as `MeV`; valid until the model is closed. NULL for NULL.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_unit(model: *const showerforge_model) -> *const c_char {
    // SAFETY: as the contract of this function.
    unsafe { text(model, |model| &model.unit) }
}

/// SHA-256 of the model file, in hexadecimal; valid until the model is closed. NULL for NULL.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_sha256(
    model: *const showerforge_model,
) -> *const c_char {
    // SAFETY: as the contract of this function.
    unsafe { text(model, |model| &model.sha256) }
}

/// All that is known of the model, as a JSON object: detector, unit, threshold, layers,
/// conditions, noise, network, training; valid until the model is closed. NULL for NULL.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_json(model: *const showerforge_model) -> *const c_char {
    // SAFETY: as the contract of this function.
    unsafe { text(model, |model| &model.json) }
}

/// Values of one event; 0 for NULL.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_value_count(model: *const showerforge_model) -> usize {
    // SAFETY: as the contract of this function.
    unsafe { count(model, Model::value_count) }
}

/// Layers of cells; 0 for a table, and for NULL.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_layer_count(model: *const showerforge_model) -> usize {
    // SAFETY: as the contract of this function.
    unsafe { count(model, |model| model.description.layers.len()) }
}

/// Conditions of one event; 0 for NULL.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_condition_count(
    model: *const showerforge_model,
) -> usize {
    // SAFETY: as the contract of this function.
    unsafe { count(model, |model| model.conditions.len()) }
}

/// Numbers in the conditions of one event: more than there are conditions where one is an image;
/// 0 for NULL.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_condition_width(
    model: *const showerforge_model,
) -> usize {
    // SAFETY: as the contract of this function.
    unsafe { count(model, Model::condition_width) }
}

/// Random numbers that one event takes; 0 for NULL. Their distribution stands in the JSON.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_noise_count(model: *const showerforge_model) -> usize {
    // SAFETY: as the contract of this function.
    unsafe { count(model, |model| model.description.noise.numbers) }
}

/// Describes condition number `index`, from 0.
///
/// # Safety
/// `model` is NULL or open; `condition` and `error` are NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_condition(
    model: *const showerforge_model,
    index: usize,
    condition: *mut showerforge_condition,
    error: *mut *mut showerforge_error,
) -> showerforge_code {
    let run = || {
        // SAFETY: NULL or open by the contract.
        let model = unsafe { opened(model) }?;
        not_null("condition", condition)?;
        let found = at("condition", &model.conditions, index)?;
        let description = showerforge_condition {
            name: found.name.as_ptr(),
            unit: found.unit.as_ptr(),
            kind: found.kind,
            first_column: found.first_column,
            columns: found.columns,
            minimum: found.minimum,
            maximum: found.maximum,
            categories: found.categories.len(),
        };
        // SAFETY: not NULL, and can be written to by the contract.
        unsafe { condition.write(description) };
        Ok(())
    };
    // SAFETY: `error` is NULL or can be written to by the contract.
    unsafe { report(error, run) }
}

/// Name of a category; valid until the model is closed. NULL where there is none.
///
/// # Safety
/// `model` is NULL or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_category(
    model: *const showerforge_model,
    condition: usize,
    category: usize,
) -> *const c_char {
    // SAFETY: NULL or open by the contract.
    let model = unsafe { model.as_ref() };
    let condition = model.and_then(|model| model.0.conditions.get(condition));
    let name = condition.and_then(|condition| condition.categories.get(category));
    name.map_or(ptr::null(), |name| name.as_ptr())
}

/// Describes layer number `index`, from 0.
///
/// # Safety
/// `model` is NULL or open; `layer` and `error` are NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_layer(
    model: *const showerforge_model,
    index: usize,
    layer: *mut showerforge_layer,
    error: *mut *mut showerforge_error,
) -> showerforge_code {
    let run = || {
        // SAFETY: NULL or open by the contract.
        let model = unsafe { opened(model) }?;
        not_null("layer", layer)?;
        let found = at("layer", &model.description.layers, index)?;
        let description = showerforge_layer {
            id: found.id,
            name: model.layer_names[index].as_ptr(),
            first_value: found.first_value,
            values: found.values,
        };
        // SAFETY: not NULL, and can be written to by the contract.
        unsafe { layer.write(description) };
        Ok(())
    };
    // SAFETY: `error` is NULL or can be written to by the contract.
    unsafe { report(error, run) }
}

/// Middles of all cells, in the order of the values. `count` is the number of values of an event;
/// a table has no cells, and is refused.
///
/// # Safety
/// `model` is NULL or open; `cells` is NULL or has room for `count` cells; `error` is NULL or can be
/// written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_model_cells(
    model: *const showerforge_model,
    cells: *mut showerforge_cell,
    count: usize,
    error: *mut *mut showerforge_error,
) -> showerforge_code {
    let run = || {
        // SAFETY: NULL or open by the contract.
        let model = unsafe { opened(model) }?;
        not_null("cells", cells)?;
        let middles = model.cell_middles_mm();
        if count != middles.len() {
            let expected = middles.len();
            return Err(bad_argument(&format!("there is room for {count} cells of {expected}")));
        }
        for (i, (layer, x_mm, y_mm)) in middles.into_iter().enumerate() {
            // SAFETY: not NULL, with room for `count` cells by the contract.
            unsafe { cells.add(i).write(showerforge_cell { layer, x_mm, y_mm }) };
        }
        Ok(())
    };
    // SAFETY: `error` is NULL or can be written to by the contract.
    unsafe { report(error, run) }
}
