use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::{PathPersistError, TempPath};

use super::FileError;

/// How the name of an unfinished output ends. A job that was killed may leave one behind; it is
/// never read, and can be removed when no job is running.
pub const TEMPORARY_SUFFIX: &str = ".partial.tmp";

/// An output that is being written beside its final place.
///
/// The content goes to [`AtomicFile::path`], a hidden file of a unique name in the same folder
/// (`.NAME.XXXXXX.partial.tmp`). [`AtomicFile::commit`] brings it to disk and gives it its final
/// name in one step; dropped before that, it leaves nothing behind. Two jobs that write the same
/// output do not disturb each other: without `force`, the second to finish fails.
#[derive(Debug)]
pub struct AtomicFile {
    temporary: TempPath,
    output: PathBuf,
    force: bool,
}

impl AtomicFile {
    /// Checks that `output` can be written, and creates the temporary file.
    ///
    /// # Errors
    /// [`FileError::Exists`] if there is such a file and `force` is not set,
    /// [`FileError::NotAFile`] if it is a folder or a device, [`FileError::Create`] if the folder
    /// does not exist or cannot be written.
    pub fn create(output: &Path, force: bool) -> Result<Self, FileError> {
        check_output(output, force)?;
        let name = output
            .file_name()
            .ok_or_else(|| FileError::NotAFile { path: output.to_owned() })?
            .to_string_lossy();
        let temporary = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(TEMPORARY_SUFFIX)
            // As any new file: readable as the user's umask says, not for the owner alone.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder_of(output))
            .map_err(|source| FileError::creating(output, source))?
            .into_temp_path();
        Ok(Self { temporary, output: output.to_owned(), force })
    }

    /// Where to write. The file exists and is empty.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// The final name.
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// Brings the content to disk and gives it its final name. Close the file first.
    ///
    /// # Errors
    /// [`FileError::Exists`] if another job finished the same output in the meantime and `force`
    /// is not set, [`FileError::DiskFull`] or [`FileError::Write`] if the disk refuses.
    pub fn commit(self) -> Result<(), FileError> {
        let Self { temporary, output, force } = self;
        File::open(&temporary)
            .and_then(|file| file.sync_all())
            .map_err(|source| FileError::writing(&output, source))?;
        if force {
            temporary
                .persist(&output)
                .map_err(|failed| FileError::creating(&output, failed.error))?;
        } else {
            let named = temporary.persist_noclobber(&output);
            named.or_else(|failed| rename_where_nothing_else_can(failed, &output))?;
        }
        sync_folder(folder_of(&output)).map_err(|source| FileError::writing(&output, source))
    }

    /// Brings the content to disk under another name of the same folder, whatever has that name
    /// now. Close the file first.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn commit_as(mut self, name: &Path) -> Result<(), FileError> {
        name.clone_into(&mut self.output);
        self.force = true;
        self.commit()
    }
}

/// Some file systems, of networks and of sticks, can neither rename without replacing nor link.
/// There, whether the name is free is asked just before it is taken: of two jobs that end in the
/// same moment, the second replaces the first one's output, and either is complete.
fn rename_where_nothing_else_can(failed: PathPersistError, output: &Path) -> Result<(), FileError> {
    let PathPersistError { error, path: temporary } = failed;
    let is_missing_feature = error.kind() == io::ErrorKind::Unsupported
        || error.raw_os_error().is_some_and(|errno| WITHOUT_LINKS.contains(&errno));
    if !is_missing_feature {
        return Err(FileError::creating(output, error));
    }
    check_output(output, false)?;
    temporary.persist(output).map_err(|failed| FileError::creating(output, failed.error))
}

/// EPERM, EINVAL, EMLINK, ENOSYS and EOPNOTSUPP.
const WITHOUT_LINKS: [i32; 5] = [1, 22, 31, 38, 95];

/// The name itself is on disk only once the folder is. The output is complete in any case, so that
/// a file system that cannot do it for folders is no reason to fail.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Unsupported
                    | io::ErrorKind::InvalidInput
                    | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

/// Writes a small output in one go.
///
/// # Errors
/// As [`AtomicFile::create`] and [`AtomicFile::commit`].
pub fn write_atomically(output: &Path, bytes: &[u8], force: bool) -> Result<(), FileError> {
    let file = AtomicFile::create(output, force)?;
    fs::OpenOptions::new()
        .write(true)
        .open(file.path())
        .and_then(|mut temporary| temporary.write_all(bytes))
        .map_err(|source| FileError::writing(output, source))?;
    file.commit()
}

fn check_output(output: &Path, force: bool) -> Result<(), FileError> {
    match fs::symlink_metadata(output) {
        Ok(found) if found.is_dir() || !(found.is_file() || found.is_symlink()) => {
            Err(FileError::NotAFile { path: output.to_owned() })
        }
        Ok(_) if !force => Err(FileError::Exists { path: output.to_owned() }),
        _ => Ok(()),
    }
}

fn folder_of(output: &Path) -> &Path {
    match output.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("readable")
            .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_output_appears_complete_and_alone() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("report.json");
        write_atomically(&output, b"{}", false).unwrap();
        assert_eq!(fs::read(&output).unwrap(), b"{}");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn an_existing_output_is_kept_unless_forced() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out");
        write_atomically(&output, b"first", false).unwrap();
        let refused = write_atomically(&output, b"second", false).unwrap_err();
        assert!(matches!(refused, FileError::Exists { .. }), "{refused}");
        assert_eq!(fs::read(&output).unwrap(), b"first");
        write_atomically(&output, b"third", true).unwrap();
        assert_eq!(fs::read(&output).unwrap(), b"third");
    }

    #[test]
    fn dropped_before_commit_it_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = AtomicFile::create(&folder.path().join("out"), false).unwrap();
        let temporary = names(folder.path());
        assert_eq!(temporary.len(), 1);
        assert!(temporary[0].starts_with(".out.") && temporary[0].ends_with(TEMPORARY_SUFFIX));
        drop(file);
        assert!(names(folder.path()).is_empty());
    }

    /// Guards against the second of two jobs silently replacing what the first has finished.
    #[test]
    fn of_two_jobs_that_write_the_same_output_the_second_fails() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out");
        let first = AtomicFile::create(&output, false).unwrap();
        let second = AtomicFile::create(&output, false).unwrap();
        assert_ne!(first.path(), second.path());
        first.commit().unwrap();
        assert!(matches!(second.commit(), Err(FileError::Exists { .. })));
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[test]
    fn a_folder_or_a_device_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for output in [folder.path(), Path::new("/dev/null"), Path::new("/")] {
            let refused = AtomicFile::create(output, true).unwrap_err();
            assert!(matches!(refused, FileError::NotAFile { .. }), "{refused}");
        }
        let nowhere = AtomicFile::create(&folder.path().join("missing/out"), false).unwrap_err();
        assert_eq!(nowhere.exit_code(), crate::ExitCode::CannotCreateOutput);
    }

    /// Guards outputs in folders of file systems without links, of which none is at hand in a test.
    #[test]
    fn where_nothing_can_be_linked_a_free_name_is_taken_and_another_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out");
        let failed = |errno: i32| {
            let file = AtomicFile::create(&folder.path().join("other"), false).unwrap();
            PathPersistError { error: io::Error::from_raw_os_error(errno), path: file.temporary }
        };
        for errno in WITHOUT_LINKS {
            rename_where_nothing_else_can(failed(errno), &output).unwrap();
            let taken = rename_where_nothing_else_can(failed(errno), &output).unwrap_err();
            assert!(matches!(taken, FileError::Exists { .. }), "{taken}");
            fs::remove_file(&output).unwrap();
        }
        const NO_SPACE: i32 = 28;
        let full = rename_where_nothing_else_can(failed(NO_SPACE), &output).unwrap_err();
        assert!(matches!(full, FileError::DiskFull { .. }), "{full}");
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn the_output_is_readable_as_the_umask_says() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        write_atomically(&ours, b"", false).unwrap();
        File::options().write(true).create_new(true).open(&plain).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
