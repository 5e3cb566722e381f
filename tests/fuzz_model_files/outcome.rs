//! Reading a model in this process, with a limit of memory, and counting how it ends.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ndarray::Array2;
use rustix::process::{Resource, Rlimit, setrlimit};
use showerforge::generate::Surrogate;

/// Address space, not memory: threads and reserved arenas are most of what an intact file needs.
const ADDRESS_SPACE: u64 = 2 << 30;

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// An allocation beyond the limit ends the process, and so the test.
pub fn limit_address_space() {
    let limit = Rlimit { current: Some(ADDRESS_SPACE), maximum: Some(ADDRESS_SPACE) };
    setrlimit(Resource::As, limit).unwrap();
}

/// What became of reading a file: an error, or a model that generates; `Err` for a panic.
pub fn read(path: &Path) -> Result<String, String> {
    let attempt = || match Surrogate::open(path) {
        Err(error) => format!("refused: {error}"),
        Ok(surrogate) => {
            let labels = surrogate.model().header.codec.labels();
            let width = surrogate.model().detector.condition_width();
            let conditions = Array2::from_shape_vec((1, width), labels.middle(width)).unwrap();
            match surrogate.generate(1, 5, conditions.view()) {
                Ok(values) => {
                    assert_eq!(values.dim(), (1, surrogate.model().detector.value_count()));
                    "it generates".to_owned()
                }
                Err(error) => format!("read, but: {error}"),
            }
        }
    };
    catch_unwind(AssertUnwindSafe(attempt)).map_err(|_| PANIC.take())
}

/// How the cases ended.
pub struct Tally {
    folder: PathBuf,
    number: AtomicUsize,
    ends: Mutex<BTreeMap<String, usize>>,
    slowest: Mutex<(Duration, String)>,
    failures: Mutex<Vec<String>>,
}

impl Tally {
    /// Panics are no longer printed.
    pub fn new(folder: &Path) -> Self {
        std::panic::set_hook(Box::new(|panic| PANIC.set(panic.to_string())));
        Self {
            folder: folder.to_owned(),
            number: AtomicUsize::new(0),
            ends: Mutex::default(),
            slowest: Mutex::default(),
            failures: Mutex::default(),
        }
    }

    /// Reads a file; where `expected` is given, it must be refused with a message that has it.
    pub fn judge(&self, damage: &str, bytes: &[u8], expected: Option<&str>) {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{number}.safetensors"));
        std::fs::write(&path, bytes).unwrap();
        let start = Instant::now();
        let outcome = read(&path);
        let took = start.elapsed();
        std::fs::remove_file(&path).unwrap();
        {
            let mut slowest = self.slowest.lock().unwrap();
            if took > slowest.0 {
                *slowest = (took, damage.to_owned());
            }
        }
        let end = match &outcome {
            Ok(text) => text.split(':').next().unwrap().to_owned(),
            Err(_) => "panic".to_owned(),
        };
        *self.ends.lock().unwrap().entry(end).or_default() += 1;
        let is_as_expected = match (&outcome, expected) {
            (Ok(text), Some(expected)) => text.starts_with("refused") && text.contains(expected),
            (Ok(_), None) => true,
            (Err(_), _) => false,
        };
        if !is_as_expected {
            let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(path.file_name().unwrap());
            std::fs::write(&kept, bytes).unwrap();
            let failure = format!("{damage} ({}): {outcome:?}", kept.display());
            self.failures.lock().unwrap().push(failure);
        }
    }

    pub fn finish(&self) {
        let _ = std::panic::take_hook();
        let mut report = format!("{} files:", self.number.load(Ordering::Relaxed));
        for (end, count) in &*self.ends.lock().unwrap() {
            write!(report, " {count} {end},").unwrap();
        }
        let failures = self.failures.lock().unwrap();
        let (took, slowest) = &*self.slowest.lock().unwrap();
        eprintln!("{report} {} failures; slowest {took:.0?}: {slowest}", failures.len());
        let first: Vec<_> = failures.iter().take(20).cloned().collect();
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), first.join("\n"));
    }
}
