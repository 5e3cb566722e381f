use std::path::Path;

use hdf5_metno as hdf5;

/// Creates an empty HDF5 file, in the format that every HDF5 reads and writes alike.
///
/// The default format differs from one version of the library to the next, and from version 2.0 on
/// it holds the time at which the file was made. Equal work is to be equal bytes.
///
/// # Errors
/// The file cannot be created.
pub(crate) fn new_file(path: &Path) -> hdf5::Result<hdf5::File> {
    hdf5::File::with_options()
        .with_fapl(|access| access.libver_earliest())
        .with_fcpl(|creation| creation.obj_track_times(false))
        .create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards against a build with another HDF5 whose files are different every second.
    #[test]
    fn the_format_is_the_earliest_and_knows_no_time() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = |name: &str| {
            let path = folder.path().join(name);
            let file = new_file(&path).unwrap();
            file.create_group("group").unwrap();
            file.close().unwrap();
            std::fs::read(path).unwrap()
        };
        let first = bytes("first");
        // Behind the signature of 8 bytes: the version of the superblock.
        assert_eq!(first[8], 0);
        // HDF5 counts whole seconds.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert!(bytes("second") == first);
    }
}
