//! What all functions share: every pointer is checked for NULL, and no panic leaves a function.

#![expect(unsafe_code, reason = "pointers from C")]

use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::failure::Failure;
use crate::model::Model;
use crate::types::{showerforge_code, showerforge_error, showerforge_model};

/// Runs what a function does, and tells C what became of it.
///
/// # Safety
/// `error` is NULL or can be written to.
pub unsafe fn report(
    error: *mut *mut showerforge_error,
    run: impl FnOnce() -> Result<(), Failure>,
) -> showerforge_code {
    // What a panic may leave half done is the caller's output, of which nothing is promised then.
    let outcome =
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(Failure::panicked(&*panic)));
    let (code, failure) = match outcome {
        Ok(()) => (showerforge_code::SHOWERFORGE_OK, ptr::null_mut()),
        Err(failure) if error.is_null() => (failure.code, ptr::null_mut()),
        Err(failure) => (failure.code, Box::into_raw(Box::new(showerforge_error(failure)))),
    };
    if !error.is_null() {
        // SAFETY: not NULL, and can be written to by the contract.
        unsafe { error.write(failure) };
    }
    code
}

/// # Safety
/// `model` is NULL or open as long as the reference lives.
pub unsafe fn opened<'a>(model: *const showerforge_model) -> Result<&'a Model, Failure> {
    not_null("model", model)?;
    // SAFETY: not NULL, and open by the contract.
    Ok(&unsafe { &*model }.0)
}

/// # Safety
/// `model` is NULL or open.
pub unsafe fn text(
    model: *const showerforge_model,
    of: impl FnOnce(&Model) -> &CStr,
) -> *const c_char {
    // SAFETY: NULL or open by the contract.
    let model = unsafe { model.as_ref() };
    model.and_then(|model| quietly(|| of(&model.0).as_ptr())).unwrap_or(ptr::null())
}

/// # Safety
/// `model` is NULL or open.
pub unsafe fn count(model: *const showerforge_model, of: impl FnOnce(&Model) -> usize) -> usize {
    // SAFETY: NULL or open by the contract.
    let model = unsafe { model.as_ref() };
    model.and_then(|model| quietly(|| of(&model.0))).unwrap_or(0)
}

/// None after a panic.
pub fn quietly<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

/// Numbers from C; none where `count` is 0, whatever the pointer.
///
/// # Safety
/// `first` is NULL or points to `count` numbers, which nothing changes while the slice lives.
pub unsafe fn numbers<'a, T>(
    name: &str,
    first: *const T,
    count: usize,
) -> Result<&'a [T], Failure> {
    checked(name, first, count)?;
    if count == 0 {
        return Ok(&[]);
    }
    // SAFETY: not NULL, aligned and not too long by `checked`, and so many numbers by the contract.
    Ok(unsafe { std::slice::from_raw_parts(first, count) })
}

/// Whether so many numbers may stand there.
pub fn checked<T>(name: &str, first: *const T, count: usize) -> Result<(), Failure> {
    if count == 0 {
        return Ok(());
    }
    not_null(name, first)?;
    if !first.is_aligned() {
        return Err(bad_argument(&format!("`{name}` is not aligned to its type")));
    }
    match count.checked_mul(size_of::<T>()) {
        Some(bytes) if bytes <= isize::MAX as usize => Ok(()),
        _ => Err(bad_argument(&format!("`{name}` has {count} numbers, more than fit into memory"))),
    }
}

pub fn not_null<T>(name: &str, pointer: *const T) -> Result<(), Failure> {
    if pointer.is_null() {
        let message = format!("`{name}` is NULL");
        return Err(Failure::new(showerforge_code::SHOWERFORGE_NULL_POINTER, &message));
    }
    Ok(())
}

pub fn at<'a, T>(what: &str, all: &'a [T], index: usize) -> Result<&'a T, Failure> {
    let count = all.len();
    all.get(index).ok_or_else(|| {
        bad_argument(&format!("there is no {what} number {index}, there are {count}"))
    })
}

pub fn bad_argument(message: &str) -> Failure {
    Failure::new(showerforge_code::SHOWERFORGE_BAD_ARGUMENT, message)
}
