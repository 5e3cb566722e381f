//! Speed and size of rows in HDF5: `cargo bench --bench hdf5_io -- [FILE [DATASET [MEGABYTES]]]`.
//!
//! The rows of a file are repeated up to so many megabytes and written at every gzip level, and
//! read again, here and by the HDF5 library. `benches/peers/hdf5_io.py` runs single steps of this
//! and h5py in turn: after the three arguments, `write OUTPUT LEVEL` or `read INPUT`.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::Path;
use std::time::Instant;

use hdf5_metno as hdf5;
use ndarray::Array2;
use showerforge::events::chunked::{ChunkedReader, ChunkedWriter, Compression};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NAME: &str = "rows";

struct Cost {
    wall_s: f64,
    cpu_s: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let argument = |i: usize, default| arguments.get(i).map_or(default, String::as_str);
    let input =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(argument(0, "data/geant4_photons_train.hdf5"));
    let megabytes: usize = argument(2, "250").parse().expect("megabytes");
    match argument(3, "table") {
        "table" => table(&source(&input, argument(1, "showers"), megabytes)),
        "write" => {
            let rows = source(&input, argument(1, "showers"), megabytes);
            let gzip_level = argument(5, "4").parse().expect("gzip level");
            let output = Path::new(argument(4, "rows.hdf5"));
            let cost = measure(|| write(output, &rows, gzip_level, false));
            println!("write {:.4} {:.4}", cost.wall_s, cost.cpu_s);
        }
        "read" => {
            let input = Path::new(argument(4, "rows.hdf5"));
            let cost = measure(|| read(input));
            println!("read {:.4} {:.4}", cost.wall_s, cost.cpu_s);
        }
        other => panic!("`{other}`, expected `write` or `read`"),
    }
}

fn table(rows: &Array2<f32>) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("rows.hdf5");
    let raw_mb = (rows.len() * size_of::<f32>()) as f64 / 1e6;
    println!("{} rows of {} values, {raw_mb:.0} MB", rows.nrows(), rows.ncols());
    println!(
        "filters         size MB   ratio | write MB/s  CPU s | read MB/s  CPU s | HDF5's read"
    );
    for shuffle in [false, true] {
        for gzip_level in u8::from(shuffle)..=9 {
            let written = measure(|| write(&path, rows, gzip_level, shuffle));
            let size_mb = std::fs::metadata(&path).expect("was written").len() as f64 / 1e6;
            let ours = measure(|| read(&path));
            let library = measure(|| read_by_library(&path));
            println!(
                "gzip {gzip_level} {:9} {size_mb:7.1} {:7.2} | {:10.0} {:6.2} | {:9.0} {:6.2} | {:11.0}",
                if shuffle { "+ shuffle" } else { "" },
                raw_mb / size_mb,
                raw_mb / written.wall_s,
                written.cpu_s,
                raw_mb / ours.wall_s,
                ours.cpu_s,
                raw_mb / library.wall_s,
            );
        }
    }
}

fn source(path: &Path, dataset: &str, megabytes: usize) -> Array2<f32> {
    let file = hdf5::File::open(path).expect("input");
    let reader = ChunkedReader::open(file.dataset(dataset).expect("data set")).expect("numbers");
    let once: Array2<f32> = reader.read(0..reader.len()).expect("good data");
    let times = (megabytes * 1_000_000).div_ceil(once.len() * size_of::<f32>());
    let once = once.view();
    ndarray::concatenate(ndarray::Axis(0), &vec![once; times]).expect("equal rows")
}

fn write(path: &Path, rows: &Array2<f32>, gzip_level: u8, shuffle: bool) {
    let file = hdf5::File::create(path).expect("output");
    let compression = Compression { gzip_level, shuffle, chunk_events: 0 };
    let mut writer =
        ChunkedWriter::create(&file, NAME, &[rows.ncols()], compression).expect("data set");
    for block in rows.axis_chunks_iter(ndarray::Axis(0), 5000) {
        writer.append(block).expect("written");
    }
    writer.finish().expect("written");
    file.close().expect("closed");
}

fn read(path: &Path) {
    let dataset = hdf5::File::open(path).expect("input").dataset(NAME).expect("data set");
    let reader = ChunkedReader::open(dataset).expect("numbers");
    let rows: Array2<f32> = reader.read(0..reader.len()).expect("good data");
    std::hint::black_box(rows);
}

fn read_by_library(path: &Path) {
    let dataset = hdf5::File::open(path).expect("input").dataset(NAME).expect("data set");
    std::hint::black_box(dataset.read_2d::<f32>().expect("good data"));
}

fn measure(run: impl FnOnce()) -> Cost {
    let (start, before) = (Instant::now(), cpu_seconds());
    run();
    Cost { wall_s: start.elapsed().as_secs_f64(), cpu_s: cpu_seconds() - before }
}

/// User and system time of this process, all threads.
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit(')').next().expect("there is a name");
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |i: usize| fields[i].parse::<f64>().expect("ticks");
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}
