//! A walk through a file's structure in a process of its own.
//!
//! HDF5 believes what a file says of itself: one wrong bit in a header can make it write past its
//! buffers, recurse until the stack ends, or loop for ever, and no check before it sees all of that.
//! So a program that calls [`guard`] lets a copy of itself walk through the structure that it will
//! use, under limits of time and memory, and opens the file only if the copy came to its end.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

use hdf5_metno as hdf5;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::chunked::{ChunkedReader, follow_no_external_links};
use super::dataset_info::datasets;
use super::{EventsError, attributes};

/// The argument that makes the program the copy: `showerforge walk-structure FILE`.
pub const ARGUMENT: &str = "walk-structure";

/// And a second more for each GB of the file. A sound file takes a millisecond.
const CPU_SECONDS: u64 = 4;
const ADDRESS_SPACE: u64 = 2 << 30;
/// What the terminal or a batch system sends; it says nothing of the file.
const STOPPED: [i32; 4] = [1, 2, 3, 15];
const CPU_LIMIT: i32 = 24;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From now on each file is walked through by `program`, which calls [`walk`] where its first
/// argument is [`ARGUMENT`]. No link to another file is followed any more, in the whole process.
pub fn guard(program: PathBuf) {
    follow_no_external_links();
    PROGRAM.get_or_init(|| program);
}

/// Walks through the structure of a file as a reader does, and returns the attributes of its root,
/// as JSON. Apart from these, what matters is that it ends.
pub fn walk(path: &Path) -> String {
    let gigabytes = path.metadata().map_or(0, |metadata| metadata.len() >> 30);
    limit(Resource::Core, 0, 0);
    limit(Resource::Cpu, CPU_SECONDS + gigabytes, 1);
    limit(Resource::As, ADDRESS_SPACE, 0);
    follow_no_external_links();
    let Ok(file) = hdf5::File::open(path) else { return String::new() };
    let attributes = attributes::read_all(&file).unwrap_or_default();
    let names = file.member_names().unwrap_or_default();
    for name in &names {
        let _ = file.group(name);
        if let Ok(dataset) = file.dataset(name)
            && let Ok(reader) = ChunkedReader::open(dataset)
        {
            reader.walk();
        }
    }
    let _ = datasets(&file, path);
    serde_json::to_string(&attributes).expect("pairs of texts")
}

/// The hard limit is `grace` above the soft one, at which a signal says which limit it was.
fn limit(resource: Resource, wanted: u64, grace: u64) {
    let Rlimit { current, maximum } = getrlimit(resource);
    let lower = |known: Option<u64>, to: u64| Some(known.map_or(to, |known| known.min(to)));
    let (current, maximum) = (lower(current, wanted), lower(maximum, wanted + grace));
    let _ = setrlimit(resource, Rlimit { current, maximum });
}

/// Name and value of each attribute of a file's root.
type Attributes = Vec<(String, String)>;
/// Files that were walked through: path, size and time of the last change.
type Known = HashMap<(PathBuf, u64, Option<SystemTime>), Attributes>;

/// The attributes of the file's root, which are nothing if no program is installed. HDF5 reads past
/// its buffers for a text whose length is wrong, and does not always crash: only the copy reads them.
///
/// # Errors
/// The walk through the file did not come to its end.
pub(super) fn check(path: &Path) -> Result<Option<Attributes>, EventsError> {
    static SOUND: Mutex<Option<Known>> = Mutex::new(None);
    let Some(program) = PROGRAM.get() else { return Ok(None) };
    let Ok(metadata) = path.metadata() else { return Ok(None) };
    let file = (path.to_owned(), metadata.len(), metadata.modified().ok());
    let mut sound = SOUND.lock().expect("nothing panics while it is held");
    let sound = sound.get_or_insert_default();
    if let Some(attributes) = sound.get(&file) {
        return Ok(Some(attributes.clone()));
    }
    let walk = Command::new(program)
        .arg(ARGUMENT)
        .arg(path)
        // glibc: memory that was never written is no zero, which HDF5 would take for a good pointer.
        .env("MALLOC_PERTURB_", "165")
        .stdin(Stdio::null())
        .output();
    let reason = match &walk {
        // HDF5 itself says there what it did not expect.
        Ok(output) if output.status.success() && output.stderr.is_empty() => None,
        Ok(output) => match output.status.signal() {
            Some(signal) if STOPPED.contains(&signal) => return Ok(None),
            Some(CPU_LIMIT) => Some("HDF5 does not come to an end with its structure".to_owned()),
            Some(signal) => Some(format!("HDF5 crashes on it (signal {signal})")),
            None => Some("its structure cannot be followed".to_owned()),
        },
        Err(error) => {
            tracing::warn!("the structure of `{}` is not checked first: {error}", path.display());
            return Ok(None);
        }
    };
    if let Some(reason) = reason {
        return Err(EventsError::Structure { path: path.to_owned(), reason });
    }
    let output = walk.map(|output| output.stdout).unwrap_or_default();
    let attributes: Attributes = serde_json::from_slice(&output).unwrap_or_default();
    sound.insert(file, attributes.clone());
    Ok(Some(attributes))
}
