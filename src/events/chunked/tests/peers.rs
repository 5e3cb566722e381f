//! Against h5py and h5dump, where they are.
//!
//! HDF5 lets the programs it starts inherit its files, and with them their locks: so this waits for
//! locks, and tells the programs to ignore them.

use std::path::Path;
use std::process::Command;

use ndarray::Array2;

use super::super::ChunkedError;
use super::{compression, in_folder, open, rows, write};

const OURS: &str = "
import h5py, numpy as np, sys
with h5py.File(sys.argv[1]) as f:
    d = f['rows']
    assert d.shape == (23, 2, 3) and d.maxshape == (None, 2, 3) and d.chunks == (7, 2, 3), d
    assert d.dtype == np.float32 and d.compression == 'gzip' and d.shuffle, d
    assert np.array_equal(d[:].ravel(), np.arange(138, dtype='f4') * 0.5)
";

const THEIRS: &str = "
import h5py, numpy as np, sys, zlib
kind, options = sys.argv[2], {'compression': 'gzip'}
data = (np.arange(3000) % 113).reshape(300, 10)
with h5py.File(sys.argv[1], 'w', libver=('v110', 'v110') if kind == 'new' else None) as f:
    if kind == 'shuffle': options['shuffle'] = True
    if kind == 'contiguous': options = {}
    if kind == 'scaleoffset': options = {'scaleoffset': 0}
    if kind == 'new': options |= {'chunks': (20, 7), 'maxshape': (None, 10)}
    if kind == 'skipped': options |= {'shuffle': True, 'chunks': (20, 10)}
    types = {'half': '<f2', 'big': '>f8', 'big integers': '>i2'}
    d = f.create_dataset('rows', data=data.astype(types.get(kind, '<i4')), **options)
    if kind == 'skipped':
        whole, planes = d[20:40].tobytes(), d[40:60].view('u1').reshape(200, 4).T.tobytes()
        d.id.write_direct_chunk((20, 0), whole, filter_mask=3)
        d.id.write_direct_chunk((40, 0), planes, filter_mask=2)
        d.id.write_direct_chunk((60, 0), zlib.compress(d[60:80].tobytes()), filter_mask=1)
";

fn unlocked(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("HDF5_USE_FILE_LOCKING", "FALSE");
    command
}

fn python(script: &str, path: &Path, kind: &str) -> bool {
    let named = std::env::var("SHOWERFORGE_TEST_PYTHON").ok().filter(|name| !name.is_empty());
    let Some(python) = named else {
        eprintln!("SKIPPED: no Python with h5py; set SHOWERFORGE_TEST_PYTHON to one");
        return false;
    };
    let output = unlocked(&python).args(["-c", script]).arg(path).arg(kind).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

#[test]
fn h5py_reads_ours() {
    in_folder(|path| {
        let rows = Array2::from_shape_fn((23, 6), |(event, i)| (event * 6 + i) as f32 * 0.5);
        write(path, &[2, 3], compression(4, true, 7), &[rows.view()]);
        python(OURS, path, "");
    });
}

#[test]
fn ours_reads_h5py() {
    let parallel = ["gzip", "shuffle", "skipped", "new"];
    let others = ["contiguous", "half", "big", "big integers"];
    for kind in parallel.into_iter().chain(others) {
        in_folder(|path| {
            if !python(THEIRS, path, kind) {
                return;
            }
            let reader = open(path).unwrap();
            assert_eq!(reader.is_parallel(), parallel.contains(&kind), "{kind}");
            let rows: Array2<f32> = reader.read(7..300).unwrap();
            let expected =
                Array2::from_shape_fn((293, 10), |(event, i)| ((event + 7) * 10 + i) % 113);
            assert_eq!(rows, expected.mapv(|value| value as f32), "{kind}");
        });
    }
}

/// Nobody could check the length of what such a filter makes before it is copied.
#[test]
fn other_filters_of_h5py_are_refused() {
    in_folder(|path| {
        if python(THEIRS, path, "scaleoffset") {
            let refused = open(path).map(|_| ());
            assert!(matches!(refused, Err(ChunkedError::Storage { .. })), "{refused:?}");
        }
    });
}

#[test]
fn h5dump_reads_ours() {
    in_folder(|path| {
        write(path, &[2], compression(4, false, 2), &[rows(5, 2).view()]);
        let Ok(output) = unlocked("h5dump").args(["-p", "-H"]).arg(path).output() else {
            eprintln!("SKIPPED: no h5dump");
            return;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        for part in ["( 5, 2 ) / ( H5S_UNLIMITED, 2 )", "CHUNKED ( 2, 2 )", "DEFLATE { LEVEL 4 }"] {
            assert!(text.contains(part), "{text}");
        }
    });
}
