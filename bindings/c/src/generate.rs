//! The functions that check conditions and generate events.

#![expect(unsafe_code, reason = "pointers from C")]

use showerforge::generate::EventNumbers;

use crate::failure::Failure;
use crate::model::Model;
use crate::pointers::{bad_argument, checked, numbers, opened, report};
use crate::types::{showerforge_code, showerforge_error, showerforge_model};

/// Whether events can be generated for these conditions, and whether the model was trained for
/// them (`SHOWERFORGE_OUT_OF_RANGE` if not). `conditions` holds those of event `first_event`, then
/// those of the next, …, `condition_count` numbers in all.
///
/// # Safety
/// `model` is NULL or open; `conditions` is NULL or points to `condition_count` numbers; `error` is
/// NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_check(
    model: *const showerforge_model,
    first_event: u64,
    conditions: *const f64,
    condition_count: usize,
    error: *mut *mut showerforge_error,
) -> showerforge_code {
    let run = || {
        // SAFETY: NULL or open by the contract.
        let model = unsafe { opened(model) }?;
        // SAFETY: NULL or so many numbers by the contract.
        let conditions = unsafe { numbers("conditions", conditions, condition_count) }?;
        Ok(model.check(EventNumbers::From(first_event), conditions)?)
    };
    // SAFETY: `error` is NULL or can be written to by the contract.
    unsafe { report(error, run) }
}

/// Generates event number `event`: its values depend on the model, `seed`, `event` and the
/// conditions alone, and are those of `showerforge generate`.
///
/// `conditions` holds `showerforge_model_condition_width` numbers, in the units of the conditions;
/// `values` gets `showerforge_model_value_count` numbers, in the unit of the values.
///
/// # Safety
/// As `showerforge_generate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_generate_event(
    model: *const showerforge_model,
    seed: u64,
    event: u64,
    conditions: *const f64,
    condition_count: usize,
    values: *mut f32,
    value_count: usize,
    error: *mut *mut showerforge_error,
) -> showerforge_code {
    let run = || {
        // SAFETY: NULL or open by the contract.
        let model = unsafe { opened(model) }?;
        if condition_count != model.condition_width() {
            let expected = model.condition_width();
            return Err(bad_argument(&format!(
                "an event has {expected} numbers in its conditions, {condition_count} were given"
            )));
        }
        // SAFETY: as the contract of this function.
        unsafe {
            generate(
                model,
                seed,
                EventNumbers::From(event),
                (conditions, condition_count),
                (values, value_count),
            )
        }
    };
    // SAFETY: `error` is NULL or can be written to by the contract.
    unsafe { report(error, run) }
}

/// Generates `events` events: `first_event`, `first_event` + 1, …
///
/// `conditions` holds those of the first event, then those of the second, …, `condition_count`
/// numbers in all; `values` gets the values of the first event, then those of the second, …,
/// `value_count` numbers in all. After a failure some of them may have been written.
///
/// # Safety
/// `model` is NULL or open; `conditions` is NULL or points to `condition_count` numbers; `values`
/// is NULL or points to room for `value_count` numbers, which nothing else reads or writes until
/// the call returns; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_generate(
    model: *const showerforge_model,
    seed: u64,
    first_event: u64,
    events: usize,
    conditions: *const f64,
    condition_count: usize,
    values: *mut f32,
    value_count: usize,
    error: *mut *mut showerforge_error,
) -> showerforge_code {
    let run = || {
        // SAFETY: NULL or open by the contract.
        let model = unsafe { opened(model) }?;
        if events.checked_mul(model.condition_width()) != Some(condition_count) {
            let expected = model.condition_width();
            return Err(bad_argument(&format!(
                "{events} events have {expected} numbers each in their conditions, \
                 {condition_count} were given in all"
            )));
        }
        // SAFETY: as the contract of this function.
        unsafe {
            generate(
                model,
                seed,
                EventNumbers::From(first_event),
                (conditions, condition_count),
                (values, value_count),
            )
        }
    };
    // SAFETY: `error` is NULL or can be written to by the contract.
    unsafe { report(error, run) }
}

/// Generates the events whose numbers are in `event_numbers`, `events` of them, in any order; else
/// as `showerforge_generate`.
///
/// # Safety
/// As `showerforge_generate`; `event_numbers` is NULL or points to `events` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn showerforge_generate_events(
    model: *const showerforge_model,
    seed: u64,
    event_numbers: *const u64,
    events: usize,
    conditions: *const f64,
    condition_count: usize,
    values: *mut f32,
    value_count: usize,
    error: *mut *mut showerforge_error,
) -> showerforge_code {
    let run = || {
        // SAFETY: NULL or open by the contract.
        let model = unsafe { opened(model) }?;
        // SAFETY: NULL or so many numbers by the contract.
        let event_numbers = unsafe { numbers("event_numbers", event_numbers, events) }?;
        // SAFETY: as the contract of this function.
        unsafe {
            generate(
                model,
                seed,
                EventNumbers::Numbered(event_numbers),
                (conditions, condition_count),
                (values, value_count),
            )
        }
    };
    // SAFETY: `error` is NULL or can be written to by the contract.
    unsafe { report(error, run) }
}

/// # Safety
/// Both pointers are NULL or point to so many numbers; nothing else uses the values meanwhile.
unsafe fn generate(
    model: &Model,
    seed: u64,
    events: EventNumbers<'_>,
    (conditions, condition_count): (*const f64, usize),
    (values, value_count): (*mut f32, usize),
) -> Result<(), Failure> {
    // SAFETY: NULL or so many numbers by the contract.
    let conditions = unsafe { numbers("conditions", conditions, condition_count) }?;
    checked("values", values, value_count)?;
    let values = if value_count == 0 {
        &mut []
    } else {
        // SAFETY: not NULL, aligned and not too long by `checked`, and room for so many numbers
        // that nothing else uses by the contract.
        unsafe { std::slice::from_raw_parts_mut(values, value_count) }
    };
    Ok(model.generate(seed, events, conditions, values)?)
}
