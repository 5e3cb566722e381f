//! The memory of the program: how much it has used, and what its allocator keeps.
//!
//! A tensor's memory that was given back is kept for the next one. A training step allocates and frees the same megabytes again and again. Given back to the
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

/// The most memory that this process has had at once, in bytes (`VmHWM` of `/proc/self/status`);
/// nothing on a system that does not say.
pub fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_counts() {
        let used = std::hint::black_box(vec![1_u8; 8 << 20]);
        assert!(peak_bytes().expect("Linux says it") > used.len() as u64);
    }
}
