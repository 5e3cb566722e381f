//! What C sees, in the names of C, so that the header needs no renaming.

#![expect(non_camel_case_types, reason = "the names of C")]

use std::ffi::c_char;

use crate::failure::Failure;
use crate::model::Model;

/// What became of a call.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum showerforge_code {
    /// It did what was asked.
    SHOWERFORGE_OK = 0,
    /// A pointer is NULL that must not be.
    SHOWERFORGE_NULL_POINTER = 1,
    /// A size does not fit the model or another size, an index, a number of an event or a number
    /// of threads is too large, a flag is unknown, or a pointer is misaligned.
    SHOWERFORGE_BAD_ARGUMENT = 2,
    /// A condition that no model can be told: not finite, not the number of a category, or an
    /// energy that is not positive.
    SHOWERFORGE_BAD_CONDITION = 3,
    /// A condition outside of the range that the model was trained for.
    SHOWERFORGE_OUT_OF_RANGE = 4,
    /// The model file does not exist or cannot be opened.
    SHOWERFORGE_NO_SUCH_FILE = 5,
    /// Reading the model file failed on the way.
    SHOWERFORGE_IO = 6,
    /// The file is not a model, is damaged, or is of a format that is no longer read.
    SHOWERFORGE_BAD_MODEL = 7,
    /// A newer version of showerforge wrote the model.
    SHOWERFORGE_NEWER_MODEL = 8,
    /// A bug in showerforge.
    SHOWERFORGE_INTERNAL = 9,
}

/// What a condition is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum showerforge_condition_kind {
    /// One column, from `minimum` to `maximum`.
    SHOWERFORGE_NUMBER = 0,
    /// One column: the number of a category, from 0.
    SHOWERFORGE_CATEGORY = 1,
    /// A column for each pixel.
    SHOWERFORGE_IMAGE = 2,
}

/// For `showerforge_model_open`: calls that generate refuse conditions outside of the range that
/// the model was trained for, instead of extrapolating.
pub const SHOWERFORGE_STRICT: u32 = 1;

/// A trained model, ready to generate. It is never changed, so that any number of threads may use
/// it at once.
pub struct showerforge_model(pub(crate) Model);

/// Why a call failed. It belongs to the caller, who frees it.
pub struct showerforge_error(pub(crate) Failure);

/// A condition that events are generated for.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct showerforge_condition {
    /// Valid until the model is closed, as `unit`.
    pub name: *const c_char,
    /// `MeV`, `rad`, …; `1` for pure numbers.
    pub unit: *const c_char,
    pub kind: showerforge_condition_kind,
    /// Where it stands among the columns of all conditions.
    pub first_column: usize,
    pub columns: usize,
    /// The range that the model was trained for; not a number unless it is a number.
    pub minimum: f64,
    pub maximum: f64,
    /// Number of categories; 0 unless it is one.
    pub categories: usize,
}

/// A layer of cells.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct showerforge_layer {
    /// The experiment's number of it.
    pub id: usize,
    /// Valid until the model is closed.
    pub name: *const c_char,
    /// Where its cells stand among the values of an event.
    pub first_value: usize,
    pub values: usize,
}

/// The middle of a cell.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct showerforge_cell {
    /// Counted from 0.
    pub layer: usize,
    /// Across the axis of the shower; x = r cos(alpha), y = r sin(alpha) in rings.
    pub x_mm: f64,
    pub y_mm: f64,
}
