//! Damaged and absurd files of events end in an error or a reading: never in a panic, a crash, a
//! hang, or an allocation that the file cannot justify.
//!
//! Small files of several detectors and layouts are made, damaged with a seeded generator, and read
//! by `showerforge inspect --full` in a process of its own, with a limit of time and of address
//! space. What was tried and how it ended is printed (`cargo test -- --nocapture`). More cases:
//! `SHOWERFORGE_FUZZ_CASES=20000`; other ones: `SHOWERFORGE_FUZZ_SEED=2`. A file that fails is kept
//! in the folder that the message names.

#![expect(clippy::unwrap_used, reason = "helpers of tests, as tests are allowed")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use detectors::simulation::Simulation;
use hdf5_metno as hdf5;
use hdf5_metno::types::VarLenUnicode;
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use showerforge::ExitCode;
use showerforge::events::{EventWriter, Events, Provenance, WriteOptions};

const CASES: usize = 600;
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Address space, not memory: libraries and reserved arenas are most of what an intact file needs.
const ADDRESS_SPACE_KIB: usize = 1_500_000;
/// What `inspect` may say of an input file.
const EXPECTED: [ExitCode; 4] =
    [ExitCode::Success, ExitCode::BadData, ExitCode::MissingInput, ExitCode::InputOutput];

#[test]
fn damaged_and_absurd_files_are_refused_or_read() {
    let folder = tempfile::tempdir().unwrap();
    // All before the first child is started: it would inherit HDF5's open files, and their locks.
    let bases = bases(folder.path());
    let absurd = absurd_files(folder.path());
    absurd_files_are_refused_or_read(&absurd);
    damaged_chunks_are_never_read_as_other_values(folder.path(), &bases);
    damaged_files_are_refused_or_read(folder.path(), &bases);
}

fn damaged_files_are_refused_or_read(folder: &Path, bases: &[Base]) {
    let cases = number("SHOWERFORGE_FUZZ_CASES", CASES);
    let seed = number("SHOWERFORGE_FUZZ_SEED", 1) as u64;
    let tally = Tally::default();
    for base in bases {
        let intact = inspect(&base.write(folder, "intact", &base.bytes));
        assert_eq!(intact.status.code(), Some(0), "intact {}: {}", base.name, intact.stderr);
    }
    in_parallel(cases, |case| {
        let base = &bases[case % bases.len()];
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(case as u64);
        let (bytes, damage) = base.damaged(&mut random, case / bases.len());
        let path = base.write(folder, &format!("case{case}"), &bytes);
        tally.judge(&format!("{}: {damage}", base.name), &path, &inspect(&path));
    });
    tally.finish(cases);
}

/// gzip's checksum guards what a chunk holds: whatever happens to it, no wrong value is reported.
fn damaged_chunks_are_never_read_as_other_values(folder: &Path, bases: &[Base]) {
    let bases: Vec<&Base> = bases.iter().filter(|base| base.is_checksummed).collect();
    let cases = number("SHOWERFORGE_FUZZ_CASES", CASES) / 6;
    let intact = |base: &&Base| inspect(&base.write(folder, "same", &base.bytes)).stdout;
    let expected: Vec<String> = bases.iter().map(intact).collect();
    let tally = Tally::default();
    in_parallel(cases, |case| {
        let (base, expected) = (&bases[case % bases.len()], &expected[case % bases.len()]);
        let mut random = ChaCha8Rng::seed_from_u64(number("SHOWERFORGE_FUZZ_SEED", 1) as u64);
        random.set_stream((1 << 40) + case as u64);
        let mut bytes = base.bytes.clone();
        let chunk = base.chunks[below(&mut random, base.chunks.len())].clone();
        let position = chunk.start + below(&mut random, chunk.len());
        bytes[position] ^= 1 << below(&mut random, 8);
        // The output names the file in its second line, which is cut off.
        let path = base.write(folder, &format!("chunk{case}"), &bytes);
        let outcome = inspect(&path);
        let damage = format!("{}: a bit of byte {position}, in a chunk", base.name);
        tally.judge(&damage, &path, &outcome);
        let values = |text: &str| text.lines().skip(2).collect::<Vec<_>>().join("\n");
        if outcome.status.success() && values(&outcome.stdout) != values(expected) {
            tally.fail(&damage, &path, "other values are reported, and no error");
        }
    });
    tally.finish(cases);
}

/// Well-formed HDF5 that says absurd things.
fn absurd_files_are_refused_or_read(absurd: &[(String, PathBuf)]) {
    let tally = Tally::default();
    let count = absurd.len();
    in_parallel(count, |case| {
        let (name, path) = &absurd[case];
        tally.judge(name, path, &inspect(path));
    });
    tally.finish(count);
}

// --- running the program ---------------------------------------------------------------------

struct Outcome {
    status: ExitStatus,
    timed_out: bool,
    stdout: String,
    stderr: String,
}

fn inspect(path: &Path) -> Outcome {
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
struct Tally {
    ends: Mutex<BTreeMap<String, usize>>,
    failures: Mutex<Vec<String>>,
}

impl Tally {
    fn judge(&self, damage: &str, path: &Path, outcome: &Outcome) {
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

    fn fail(&self, damage: &str, path: &Path, problem: &str) {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(path.file_name().unwrap());
        // A case that was judged before is gone already.
        let kept = std::fs::copy(path, &kept).map_or(path.to_owned(), |_| kept);
        self.failures.lock().unwrap().push(format!("{damage} ({}): {problem}", kept.display()));
    }

    fn finish(&self, cases: usize) {
        let mut report = format!("{cases} files:");
        for (end, count) in &*self.ends.lock().unwrap() {
            write!(report, " {count} {end},").unwrap();
        }
        let failures = self.failures.lock().unwrap();
        eprintln!("{report} {} failures", failures.len());
        assert!(failures.is_empty(), "{report}\n{}", failures.join("\n"));
    }
}

fn in_parallel(count: usize, run: impl Fn(usize) + Sync) {
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

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    (random.next_u64() % bound.max(1) as u64) as usize
}

// --- intact files ----------------------------------------------------------------------------

/// A valid file, and what is known of its bytes.
struct Base {
    name: String,
    bytes: Vec<u8>,
    /// Where values are stored; all else that is not blank is structure.
    chunks: Vec<Range<usize>>,
    structure: Vec<usize>,
    /// Parts that end in a checksum, which is made right again after the damage.
    sums: Vec<Range<usize>>,
    /// All values are in gzip chunks.
    is_checksummed: bool,
}

fn bases(folder: &Path) -> Vec<Base> {
    let native = ["calochallenge-photons", "rich-pid", "rich-rings", "clic-ecal-25"];
    let mut bases: Vec<Base> = native.map(|name| simulated(folder, name)).into();
    let other = [Storage::Contiguous, Storage::Chunked, Storage::Fletcher, Storage::Newest];
    bases.extend(other.map(|storage| rewritten(folder, "rich-pid", storage)));
    bases.push(threedgan(folder));
    for name in ["big_endian", "float16"] {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        bases.push(Base::of(name, &fixtures.join(format!("{name}.hdf5"))));
    }
    bases
}

fn few_events(detector: &detectors::Detector) -> Events {
    let block = Simulation::of(detector).unwrap().events(1, 0, 7);
    let rows = |values: usize| (7, values);
    Events {
        conditions: Array2::from_shape_vec(rows(detector.condition_width()), block.conditions)
            .unwrap(),
        values: Array2::from_shape_vec(rows(detector.value_count()), block.values).unwrap(),
        weights: block.weights,
    }
}

fn write_native(path: &Path, detector: &str) {
    let detector = detectors::builtin(detector).unwrap();
    let options = WriteOptions { chunk_events: 3, ..WriteOptions::default() };
    let weighted = detector.weights_dataset().is_some();
    let mut writer =
        EventWriter::create(path, &detector, weighted, &Provenance::default(), options).unwrap();
    writer.append(&few_events(&detector)).unwrap();
    writer.finish().unwrap();
}

fn simulated(folder: &Path, detector: &str) -> Base {
    let path = folder.join(format!("{detector}.hdf5"));
    write_native(&path, detector);
    Base { is_checksummed: true, ..Base::of(detector, &path) }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Storage {
    Contiguous,
    Chunked,
    Fletcher,
    /// The format of HDF5 1.10, whose structures carry checksums.
    Newest,
}

/// The events of a native file, stored in other ways.
fn rewritten(folder: &Path, detector: &str, storage: Storage) -> Base {
    let name = format!("{detector}, {storage:?}");
    let native = folder.join(format!("{name}, native.hdf5"));
    write_native(&native, detector);
    let path = folder.join(format!("{name}.hdf5"));
    let from = hdf5::File::open(&native).unwrap();
    let to = match storage {
        Storage::Newest => hdf5::FileBuilder::new().with_fapl(|p| p.libver_v110()).create(&path),
        _ => hdf5::File::create(&path),
    };
    let to = to.unwrap();
    for dataset in from.datasets().unwrap() {
        let mut chunk = dataset.shape();
        chunk[0] = 3;
        let mut new = to.new_dataset_builder();
        new = match storage {
            Storage::Contiguous => new,
            Storage::Chunked => new.chunk(chunk),
            Storage::Fletcher => new.chunk(chunk).deflate(4).fletcher32(),
            Storage::Newest => new.chunk(chunk).shuffle().deflate(4),
        };
        let values = dataset.read_dyn::<f64>().unwrap();
        new.with_data(&values).create(dataset.name().as_str()).unwrap();
    }
    text_attribute(&to, "detector", detector);
    for index in 0..if storage == Storage::Newest { 12 } else { 1 } {
        text_attribute(&to, &format!("note {index}"), "some text");
    }
    drop((from, to));
    Base::of(&name, &path)
}

fn text_attribute(location: &hdf5::Location, name: &str, value: &str) {
    let value: VarLenUnicode = value.parse().unwrap();
    location.new_attr::<VarLenUnicode>().create(name).unwrap().write_scalar(&value).unwrap();
}

/// Showers as 3DGAN has them: `ECAL` `[events, x, y, z]` and `energy` in GeV, and `theta`.
fn threedgan(folder: &Path) -> Base {
    let detector = detectors::builtin("clic-ecal-25").unwrap();
    let events = few_events(&detector);
    let path = folder.join("threedgan.hdf5");
    let file = hdf5::File::create(&path).unwrap();
    let values = (events.values / 1000.0).into_shape_with_order((7, 25, 25, 25)).unwrap();
    let values = values.permuted_axes([0, 3, 2, 1]).as_standard_layout().into_owned();
    let new = file.new_dataset_builder().chunk([2, 25, 25, 25]).deflate(1);
    new.with_data(&values).create("ECAL").unwrap();
    let energies = events.conditions.column(0).mapv(|energy| energy / 1000.0);
    file.new_dataset_builder().with_data(&energies).create("energy").unwrap();
    file.new_dataset_builder().with_data(&energies.mapv(|_| 1.57)).create("theta").unwrap();
    text_attribute(&file, "detector", detector.name());
    drop(file);
    Base::of("3DGAN", &path)
}

impl Base {
    fn of(name: &str, path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let mut chunks = Vec::new();
        let file = hdf5::File::open(path).unwrap();
        for dataset in file.datasets().unwrap() {
            let infos =
                (0..dataset.num_chunks().unwrap_or(0)).filter_map(|i| dataset.chunk_info(i));
            let mut pieces: Vec<_> = infos.map(|info| (info.addr, info.size)).collect();
            pieces.extend(dataset.offset().map(|start| (start, dataset.storage_size())));
            chunks.extend(pieces.iter().map(|&(at, size)| at as usize..(at + size) as usize));
        }
        let is_near_content = |&at: &usize| {
            let near = at.saturating_sub(8)..(at + 9).min(bytes.len());
            bytes[near].iter().any(|&byte| byte != 0)
        };
        let structure = (0..bytes.len())
            .filter(|at| !chunks.iter().any(|chunk| chunk.contains(at)))
            .filter(is_near_content)
            .collect();
        let sums = if bytes[8] < 2 { Vec::new() } else { checksummed_parts(&bytes) };
        Self { name: name.to_owned(), bytes, chunks, structure, sums, is_checksummed: false }
    }

    /// Files end in `.hdf5`, and no two threads write the same.
    fn write(&self, folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
        let slug: String = self.name.chars().filter(char::is_ascii_alphanumeric).collect();
        let path = folder.join(format!("{name}-{slug}.hdf5"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).open(&path).unwrap();
        file.write_all(bytes).unwrap();
        path
    }

    /// Damage number `round` of this file: each eighth is a truncation, at places that cover it
    /// evenly; the others are up to four changes of bits, bytes, words or blocks.
    fn damaged(&self, random: &mut ChaCha8Rng, round: usize) -> (Vec<u8>, String) {
        let mut bytes = self.bytes.clone();
        if round.is_multiple_of(8) {
            let end = self.structure[(round / 8 * 7919) % self.structure.len()];
            bytes.truncate(end);
            return (bytes, format!("cut after {end} bytes"));
        }
        let mut done = Vec::new();
        for _ in 0..[1, 1, 1, 2, 4][below(random, 5)] {
            let at = match below(random, 10) {
                0 => below(random, bytes.len()),
                _ => self.structure[below(random, self.structure.len())],
            };
            let change = match below(random, 8) {
                0 | 1 => vec![bytes[at] ^ (1 << below(random, 8))],
                2 => vec![[0, 0xff, 1, 0x7f, 0x80][below(random, 5)]],
                3 => vec![below(random, 256) as u8; 1 + below(random, 64)],
                4 => {
                    let from = self.structure[below(random, self.structure.len())];
                    bytes[from..bytes.len().min(from + 32)].to_vec()
                }
                _ => word(random, bytes.len()),
            };
            let change = &change[..change.len().min(bytes.len() - at)];
            bytes[at..at + change.len()].copy_from_slice(change);
            done.push(format!("{change:02x?} at {at}"));
        }
        for part in &self.sums {
            let sum = lookup3(&bytes[part.clone()]);
            bytes[part.end..part.end + 4].copy_from_slice(&sum.to_le_bytes());
        }
        (bytes, done.join(", "))
    }
}

/// A number of 2, 4 or 8 bytes of the kind that breaks readers.
fn word(random: &mut ChaCha8Rng, file_bytes: usize) -> Vec<u8> {
    let value = match below(random, 8) {
        0 => 0,
        1 => u64::MAX,
        2 => 1 << below(random, 64),
        3 => (1 << below(random, 64)) - 1,
        4 => below(random, file_bytes) as u64,
        5 => (below(random, file_bytes) & !7) as u64,
        6 => file_bytes as u64 + below(random, 32) as u64 - 16,
        _ => random.next_u64(),
    };
    value.to_le_bytes()[..[2, 4, 8][below(random, 3)]].to_vec()
}

/// The parts of a file in the format of HDF5 1.8 and later that a checksum follows: the superblock,
/// and what starts with a known signature and ends where the checksum fits.
fn checksummed_parts(bytes: &[u8]) -> Vec<Range<usize>> {
    const SIGNATURES: [&[u8; 4]; 15] = [
        b"OHDR", b"OCHK", b"FRHP", b"FHDB", b"FHIB", b"FSHD", b"BTHD", b"BTIN", b"BTLF", b"EAHD",
        b"EAIB", b"EASB", b"EADB", b"FAHD", b"FADB",
    ];
    let superblock = 0..44;
    let mut parts = Vec::from([superblock]);
    for (start, window) in bytes.windows(4).enumerate() {
        if SIGNATURES.iter().any(|signature| *signature == window) {
            let ends = start + 8..bytes.len().saturating_sub(3).min(start + 2100);
            let fits =
                |&end: &usize| lookup3(&bytes[start..end]).to_le_bytes() == bytes[end..end + 4];
            parts.extend(ends.into_iter().find(fits).map(|end| start..end));
        }
    }
    parts
}

/// Bob Jenkins's hash, the checksum of HDF5's metadata
/// (<https://burtleburtle.net/bob/c/lookup3.c>, `hashlittle`).
fn lookup3(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let [mut a, mut b, mut c] = [start; 3];
    let mut rest = bytes;
    let word = |bytes: &[u8], index: usize| {
        let mut word = [0; 4];
        let from = bytes.len().min(4 * index);
        let part = &bytes[from..bytes.len().min(from + 4)];
        word[..part.len()].copy_from_slice(part);
        u32::from_le_bytes(word)
    };
    while rest.len() > 12 {
        a = a.wrapping_add(word(rest, 0));
        b = b.wrapping_add(word(rest, 1));
        c = c.wrapping_add(word(rest, 2));
        for (shift, turn) in [(4, 0), (6, 1), (8, 2), (16, 0), (19, 1), (4, 2)] {
            let (x, y, z) = match turn {
                0 => (&mut a, &mut c, b),
                1 => (&mut b, &mut a, c),
                _ => (&mut c, &mut b, a),
            };
            *x = x.wrapping_sub(*y) ^ y.rotate_left(shift);
            *y = y.wrapping_add(z);
        }
        rest = &rest[12..];
    }
    if rest.is_empty() {
        return c;
    }
    a = a.wrapping_add(word(rest, 0));
    b = b.wrapping_add(word(rest, 1));
    c = c.wrapping_add(word(rest, 2));
    for (shift, turn) in [(14, 0), (11, 1), (25, 2), (16, 0), (4, 1), (14, 2), (24, 0)] {
        let (x, y) = match turn {
            0 => (&mut c, b),
            1 => (&mut a, c),
            _ => (&mut b, a),
        };
        *x = (*x ^ y).wrapping_sub(y.rotate_left(shift));
    }
    c
}

#[test]
fn lookup3_is_bob_jenkinss() {
    // Golden numbers of lookup3.c's own driver5().
    assert_eq!(lookup3(b""), 0xdead_beef);
    assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
}

// --- absurd files ----------------------------------------------------------------------------

fn absurd_files(folder: &Path) -> Vec<(String, PathBuf)> {
    let made = RefCell::new(Vec::new());
    let make = |name: &str, fill: &dyn Fn(&hdf5::File)| {
        let path = folder.join(format!("{name}.hdf5"));
        let file = hdf5::File::create(&path).unwrap();
        fill(&file);
        drop(file);
        made.borrow_mut().push((name.to_owned(), path));
    };
    let energies = |file: &hdf5::File| {
        let values = Array2::from_elem((4, 1), 1024.0_f64);
        file.new_dataset_builder().with_data(&values).create("incident_energies").unwrap();
    };
    let ones = Array2::from_elem((4, 368), 1_f32);
    let good = |file: &hdf5::File| {
        energies(file);
        file.new_dataset_builder().with_data(&ones).create("showers").unwrap();
    };

    // Shapes: all that is declared is not there.
    let shapes: [(&str, &[usize], &[usize]); 6] = [
        ("rows 2^40", &[1 << 40, 368], &[1000, 368]),
        ("columns 2^40", &[4, 1 << 40], &[1, 1000]),
        ("columns 2^24", &[4, 1 << 24], &[1, 1000]),
        ("a huge chunk", &[1 << 20, 368], &[1 << 20, 368]),
        ("no columns", &[4, 0], &[]),
        ("48 million chunks", &[1 << 17, 368], &[1, 1]),
    ];
    for (name, shape, chunk) in shapes {
        make(name, &|file| {
            let events = shape[0];
            let new = file.new_dataset::<u8>().chunk([4, 1]).fill_value(1_u8);
            new.shape([events, 1]).create("incident_energies").unwrap();
            let extents: Vec<_> = shape.iter().map(|&n| hdf5::Extent::resizable(n)).collect();
            let new = file.new_dataset::<u8>();
            let new = if chunk.is_empty() { new } else { new.chunk(chunk.to_vec()).deflate(1) };
            let extents = hdf5::SimpleExtents::from_vec(extents);
            if chunk.is_empty() {
                new.shape(shape.to_vec()).create("showers").unwrap();
            } else {
                new.shape(extents).create("showers").unwrap();
            }
        });
    }
    make("a scalar", &|file| {
        energies(file);
        file.new_dataset::<f32>().create("showers").unwrap();
    });

    // Types.
    macro_rules! of_type {
        ($($name:literal: $type:ty),*) => {$(
            make($name, &|file| {
                energies(file);
                let new = file.new_dataset::<$type>().chunk([4, 368]).deflate(1);
                new.shape([4, 368]).create("showers").unwrap();
            });
        )*};
    }
    of_type! {
        "booleans": bool, "texts": VarLenUnicode, "fixed texts": hdf5::types::FixedAscii<10>,
        "arrays": [f32; 3], "lists": hdf5::types::VarLenArray<f32>
    }

    // Links, and values in other files.
    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    make("a link to itself", &|file| {
        energies(file);
        file.link_soft("/showers", "showers").unwrap();
    });
    make("a link into itself from outside", &|file| {
        energies(file);
        file.link_external("a link into itself from outside.hdf5", "/showers", "showers").unwrap();
    });
    make("a link to a pipe", &|file| {
        energies(file);
        file.link_external("fifo", "/showers", "showers").unwrap();
    });
    for (name, other) in
        [("values in a pipe", &*fifo), ("values in a device", "/dev/zero".as_ref())]
    {
        make(name, &|file| {
            energies(file);
            let size = 4 * 368 * 4;
            let new = file.new_dataset::<f32>().shape([4, 368]);
            new.with_dcpl(|p| p.external(other.to_str().unwrap(), 0, size))
                .create("showers")
                .unwrap();
        });
    }
    for (name, other) in [("virtual, of itself", "."), ("virtual, of a pipe", "fifo")] {
        make(name, &|file| {
            energies(file);
            let new = file.new_dataset::<f32>().shape([4, 368]);
            let all = hdf5::Selection::All;
            new.with_dcpl(|p| p.virtual_map(other, "showers", [4, 368], &all, [4, 368], &all))
                .create("showers")
                .unwrap();
        });
    }

    // Attributes and names.
    make("a long list of texts", &|file| {
        good(file);
        let texts = vec![hdf5::types::FixedAscii::<1>::from_ascii("x").unwrap(); 60_000];
        file.new_attr_builder().with_data(&texts).create("many").unwrap();
    });
    make("control characters", &|file| {
        energies(file);
        file.new_dataset::<f32>().create("two\nlines\u{1b}[31m").unwrap();
        text_attribute(file, "two\nlines\u{1b}[31m", "two\nlines\u{1b}[31m");
    });
    make("3000 data sets", &|file| {
        for number in 0..3000 {
            file.new_dataset::<f32>().create(format!("set {number}").as_str()).unwrap();
        }
    });

    // Chunks that hold more than their data set says: 16 MiB of zeros where there should be 6 KiB.
    let rows = 11_397_u32;
    for (name, fletcher) in [("a bomb", false), ("a bomb with a checksum", true)] {
        make(name, &|file| {
            energies(file);
            let zeros = Array2::from_elem((rows as usize, 368), 0_f32);
            let new = file.new_dataset_builder().chunk([rows as usize, 368]).deflate(9);
            let new = if fletcher { new.fletcher32() } else { new };
            new.with_data(&zeros).create("showers").unwrap();
        });
        let path = folder.join(format!("{name}.hdf5"));
        let mut bytes = std::fs::read(&path).unwrap();
        for at in 0..bytes.len() - 4 {
            if bytes[at..at + 4] == rows.to_le_bytes() {
                bytes[at..at + 4].copy_from_slice(&4_u32.to_le_bytes());
            }
        }
        OpenOptions::new().write(true).open(&path).unwrap().write_all(&bytes).unwrap();
    }
    made.into_inner()
}
