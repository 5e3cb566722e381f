//! What this program is: version, commit, features, HDF5.

use std::sync::LazyLock;

use hdf5_metno as hdf5;

/// The commit that the library was built from, with `-modified` if its sources were changed since,
/// or `unknown`.
pub const COMMIT: &str = env!("SHOWERFORGE_COMMIT");

/// The optional features that are built in.
pub fn features() -> Vec<&'static str> {
    let features =
        [("cuda", cfg!(feature = "cuda")), ("static-hdf5", cfg!(feature = "static-hdf5"))];
    features.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name).collect()
}

/// Several lines: what `showerforge --version` says after the name.
pub fn long() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let (major, minor, release) = hdf5::library_version();
        let features = features();
        let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
        format!(
            "{}\ncommit: {COMMIT}\nfeatures: {features}\nHDF5: {major}.{minor}.{release}",
            env!("CARGO_PKG_VERSION")
        )
    });
    &TEXT
}
