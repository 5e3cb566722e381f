//! Running the program on a file, with limits, and counting how it ends.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use showerforge::ExitCode;
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Address space, not memory: libraries and reserved arenas are most of what an intact file needs.
const ADDRESS_SPACE_KIB: usize = 1_500_000;
/// What `inspect` may say of an input file.
const EXPECTED: [ExitCode; 4] =
    [ExitCode::Success, ExitCode::BadData, ExitCode::MissingInput, ExitCode::InputOutput];

pub struct Outcome {
    pub status: ExitStatus,
    pub timed_out: bool,
    pub stdout: String,
    pub stderr: String,
}

pub fn inspect(path: &Path) -> Outcome {
    let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -v {ADDRESS_SPACE_KIB} && ulimit -c 0 && exec \"$0\" \"$@\""))
        .args([env!("CARGO_BIN_EXE_showerforge"), "inspect", "--full", "--json"])
        .arg(path)
        .env("RAYON_NUM_THREADS", "2")
        .stdin(Stdio::null())
        .stdout(stdout.try_clone().unwrap())
        .stderr(stderr.try_clone().unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let mut timed_out = false;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > TIME_LIMIT {
            timed_out = true;
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = |file: &mut std::fs::File| {
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Outcome { status, timed_out, stdout: text(&mut stdout), stderr: text(&mut stderr) }
}

/// How the cases ended.
#[derive(Default)]
pub struct Tally {
    pub ends: Mutex<BTreeMap<String, usize>>,
    pub failures: Mutex<Vec<String>>,
}

impl Tally {
    pub fn judge(&self, damage: &str, path: &Path, outcome: &Outcome) {
        let end =
            if outcome.timed_out { "time limit".to_owned() } else { outcome.status.to_string() };
        *self.ends.lock().unwrap().entry(end.clone()).or_default() += 1;
        let code = outcome.status.code();
        let is_expected = EXPECTED.iter().any(|known| Some(i32::from(known.number())) == code);
        let says_one_line = outcome.stderr.starts_with("error: ")
            && outcome.stderr.trim_end().lines().count() == 1
            && !outcome.stderr.trim_end().contains(|c: char| c.is_control());
        let is_well_said = says_one_line || code == Some(0) && outcome.stderr.is_empty();
        if is_expected && is_well_said && !outcome.stderr.contains("panicked") {
            if path.starts_with(std::env::temp_dir()) && damage.contains(':') {
                std::fs::remove_file(path).unwrap();
            }
            return;
        }
        let said: String = outcome.stderr.chars().take(300).collect();
        self.fail(damage, path, &format!("{end}, {said:?}"));
    }

    pub fn fail(&self, damage: &str, path: &Path, problem: &str) {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(path.file_name().unwrap());
        // A case that was judged before is gone already.
        let kept = std::fs::copy(path, &kept).map_or(path.to_owned(), |_| kept);
        self.failures.lock().unwrap().push(format!("{damage} ({}): {problem}", kept.display()));
    }

    pub fn finish(&self, cases: usize) {
        let mut report = format!("{cases} files:");
        for (end, count) in &*self.ends.lock().unwrap() {
            write!(report, " {count} {end},").unwrap();
        }
        let failures = self.failures.lock().unwrap();
        eprintln!("{report} {} failures", failures.len());
        assert!(failures.is_empty(), "{report}\n{}", failures.join("\n"));
    }
}

pub fn in_parallel(count: usize, run: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let case = next.fetch_add(1, Ordering::Relaxed);
                    if case >= count {
                        break;
                    }
                    run(case);
                }
            });
        }
    });
}

pub fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

pub fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    (random.next_u64() % bound.max(1) as u64) as usize
}
