use std::path::{Path, PathBuf};

/// Where data of problems are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataContext {
    /// What `suite fetch` has put there.
    pub folder: PathBuf,
    /// A file or folder that the user brings, for problems that are nothing without.
    pub user_data: Option<PathBuf>,
    /// A classifier that the user brings for measures of images (`suite::extractor`).
    pub extractor: Option<PathBuf>,
}

impl Default for DataContext {
    /// `$XDG_CACHE_HOME/showerforge`, or `~/.cache/showerforge`.
    fn default() -> Self {
        let home = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let cache = home("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| home("HOME").map(|home| Path::new(&home).join(".cache")))
            .unwrap_or_else(std::env::temp_dir);
        Self { folder: cache.join("showerforge"), user_data: None, extractor: None }
    }
}
