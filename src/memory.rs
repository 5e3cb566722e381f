//! The allocator of the program: it keeps memory that a tensor has given back for the next one.
//!
//! A training step allocates and frees the same megabytes again and again. Given back to the
//! kernel, each page would have to be cleared before the next use.

#![expect(unsafe_code, reason = "the allocator's options are set through its C interface")]

use libmimalloc_sys::{mi_option_set, mi_option_t};

/// `mi_option_purge_delay` of mimalloc's header, which the bindings do not name.
const PURGE_DELAY: mi_option_t = 15;
/// Never.
const NEVER: std::ffi::c_long = -1;

/// To be called once, at the start of a program that trains and whose global allocator is mimalloc.
///
/// The peak of memory stays what it was; what was used at the peak is kept until the end.
pub fn keep_freed_memory() {
    // SAFETY: the function only stores the number; it may be called at any time, from any thread.
    unsafe { mi_option_set(PURGE_DELAY, NEVER) }
}
