//! The calls to HDF5 that `hdf5-metno` does not wrap: chunks as they are stored.
//!
//! `unsafe` code is only here and in `memory.rs`. Each call is made under the global lock of `hdf5-metno`,
//! with the identifier of a data set that is borrowed, and so is open, for as long as the call.

#![expect(unsafe_code, reason = "the C library has no safe interface for stored chunks")]

use std::sync::Once;

use hdf5_metno as hdf5;
use hdf5_metno::dataset::Layout;
use hdf5_metno::sync::sync;
use hdf5_metno::types::TypeDescriptor;
use hdf5_metno_sys::h5::{herr_t, hsize_t};
use hdf5_metno_sys::h5d::{H5Dread_chunk1, H5Dwrite_chunk};
use hdf5_metno_sys::h5i::hid_t;
use hdf5_metno_sys::h5l::{H5L_type_t, H5Lunregister};
use hdf5_metno_sys::h5p::H5P_DEFAULT;
use hdf5_metno_sys::h5t::{H5T_order_t, H5Tset_order};

unsafe extern "C" {
    /// Since HDF5 1.10.2; not declared by `hdf5-metno-sys`.
    fn H5Dget_chunk_storage_size(
        dataset: hid_t,
        offset: *const hsize_t,
        stored_bytes: *mut hsize_t,
    ) -> herr_t;
}

/// Writes a chunk past the filters: `stored` is what they would have made of it.
///
/// `offset` is the chunk's first element, a multiple of the chunk's shape and inside the data set.
///
/// # Errors
/// `offset` is none, the data set is not chunked, or the disk refuses.
pub(super) fn write_chunk(
    dataset: &hdf5::Dataset,
    offset: &[hsize_t],
    stored: &[u8],
) -> hdf5::Result<()> {
    const ALL_FILTERS_APPLIED: u32 = 0;
    check_rank(dataset, offset)?;
    sync(|| {
        // SAFETY: HDF5 reads as many numbers at `offset` as the data set has axes, which was
        // checked, and `stored.len()` bytes at `stored`. It keeps neither pointer. It checks
        // itself that the data set is chunked and the offset a chunk's.
        let status = unsafe {
            H5Dwrite_chunk(
                dataset.id(),
                H5P_DEFAULT,
                ALL_FILTERS_APPLIED,
                offset.as_ptr(),
                stored.len(),
                stored.as_ptr().cast(),
            )
        };
        check(status)
    })
}

/// A data set in chunks with at least one filter.
///
/// Without filters HDF5 gives the size of a chunk from the data set's shape, but reads as many
/// bytes as the index of chunks says. In a damaged file these differ, so that no buffer for such a
/// chunk is safe. With filters both are what the index says.
#[derive(Debug, Clone)]
pub(super) struct FilteredDataset(hdf5::Dataset);

impl FilteredDataset {
    /// Nothing if the data set is not chunked or has no filter.
    pub(super) fn new(dataset: &hdf5::Dataset) -> Option<Self> {
        let filtered = dataset.layout() == Layout::Chunked && !dataset.filters().is_empty();
        filtered.then(|| Self(dataset.clone()))
    }

    /// Bytes of a stored chunk; 0 or an error if there is none.
    pub(super) fn stored_bytes(&self, offset: &[hsize_t]) -> hdf5::Result<hsize_t> {
        let Self(dataset) = self;
        check_rank(dataset, offset)?;
        sync(|| {
            let mut bytes: hsize_t = 0;
            // SAFETY: as in `read_chunk`.
            let status =
                unsafe { H5Dget_chunk_storage_size(dataset.id(), offset.as_ptr(), &raw mut bytes) };
            check(status).map(|()| bytes)
        })
    }

    /// Reads a chunk past the filters into `stored`, and returns the mask of filters that were
    /// skipped when it was written. Nothing if HDF5 has no such chunk: it was never written.
    ///
    /// # Errors
    /// The chunk claims more than `largest` bytes, or cannot be read.
    pub(super) fn read_chunk(
        &self,
        offset: &[hsize_t],
        largest: u64,
        stored: &mut Vec<u8>,
    ) -> hdf5::Result<Option<u32>> {
        let Self(dataset) = self;
        check_rank(dataset, offset)?;
        // One lock for both calls, so that the chunk that is read is the one that was measured.
        sync(|| {
            let mut bytes: hsize_t = 0;
            // SAFETY: HDF5 reads as many numbers at `offset` as the data set has axes, which was
            // checked, and writes one number to `bytes`.
            let status =
                unsafe { H5Dget_chunk_storage_size(dataset.id(), offset.as_ptr(), &raw mut bytes) };
            // A chunk that was never written has no size, or is an error, by the version.
            if status < 0 || bytes == 0 {
                return Ok(None);
            }
            if bytes > largest {
                return Err(format!("{bytes} bytes stored, in a file of {largest}").into());
            }
            let length = usize::try_from(bytes).map_err(|error| error.to_string())?;
            stored.clear();
            stored.resize(length, 0);
            let mut filter_mask = 0;
            // SAFETY: as above; HDF5 writes one number to `filter_mask`, and to `stored` as many
            // bytes as the index of chunks says. The call before gave the same number of the same
            // index (there are filters, and the lock is held), and `stored` has that length.
            let status = unsafe {
                H5Dread_chunk1(
                    dataset.id(),
                    H5P_DEFAULT,
                    offset.as_ptr(),
                    &raw mut filter_mask,
                    stored.as_mut_ptr().cast(),
                )
            };
            check(status).map(|()| Some(filter_mask))
        })
    }
}

/// Whether all bits of a number are where they are in `descriptor`'s type, in either byte order.
/// HDF5 converts others bit by bit, and trusts the file for where the bits are.
pub(super) fn is_plain_number(
    datatype: &hdf5::Datatype,
    descriptor: &TypeDescriptor,
) -> hdf5::Result<bool> {
    let plain = hdf5::Datatype::from_descriptor(descriptor)?;
    if plain == *datatype {
        return Ok(true);
    }
    for order in [H5T_order_t::H5T_ORDER_LE, H5T_order_t::H5T_ORDER_BE] {
        // SAFETY: the identifier is that of a type that is open, and a copy of our own.
        sync(|| check(unsafe { H5Tset_order(plain.id(), order) }))?;
        if plain == *datatype {
            return Ok(true);
        }
    }
    Ok(false)
}

/// From now on HDF5 opens no other file for a link: it could be a pipe, or the same file again.
pub fn follow_no_external_links() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the call takes the number of a class of links, and no pointer. It fails if the
        // class is not registered, which is as good.
        sync(|| unsafe { H5Lunregister(H5L_type_t::H5L_TYPE_EXTERNAL) });
    });
}

fn check_rank(dataset: &hdf5::Dataset, offset: &[hsize_t]) -> hdf5::Result<()> {
    let rank = dataset.ndim();
    if offset.len() == rank && rank > 0 {
        return Ok(());
    }
    Err(format!("an offset along {} axes in a data set of {rank}", offset.len()).into())
}

/// Turns the error stack of the call before, under the same lock, into an error.
fn check(status: herr_t) -> hdf5::Result<()> {
    if status < 0 { Err(hdf5::Error::query()?) } else { Ok(()) }
}
