"""Writing and reading rows in HDF5: h5py's twin, and the comparison.

The same rows, chunks (512 KiB raw) and gzip level, each step in a process of its own, ours and
theirs in turn; both read the file that h5py wrote.

needs: pip install h5py
usage: python hdf5_io.py [FILE [DATASET [MEGABYTES]]]   compare; FILE is relative to the repository
       python hdf5_io.py --twin FILE DATASET MEGABYTES write OUTPUT LEVEL
       python hdf5_io.py --twin FILE DATASET MEGABYTES read INPUT
"""

import math
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAIRS, GZIP_LEVEL = 5, "4"


def rows_of(path, dataset, megabytes):
    import h5py
    import numpy

    with h5py.File(ROOT / path) as file:
        once = file[dataset][:].astype("f4")
    once = once.reshape(len(once), -1)
    return numpy.tile(once, (math.ceil(megabytes * 1e6 / once.nbytes), 1))


def twin(path, dataset, megabytes, step, other, level=GZIP_LEVEL):
    import h5py

    rows = rows_of(path, dataset, float(megabytes)) if step == "write" else None
    wall, cpu = time.perf_counter(), time.process_time()
    if step == "write":
        events = min(max((512 << 10) // (4 * rows.shape[1]), 1), 1000)
        with h5py.File(other, "w") as file:
            file.create_dataset(
                "rows", data=rows, chunks=(events, rows.shape[1]), maxshape=(None, rows.shape[1]),
                compression="gzip", compression_opts=int(level), track_times=False,
            )
    else:
        with h5py.File(other) as file:
            file["rows"][:]
    print(f"{step} {time.perf_counter() - wall:.4f} {time.process_time() - cpu:.4f}")


def compare(path="data/geant4_photons_train.hdf5", dataset="showers", megabytes="250"):
    build = subprocess.run(
        ["cargo", "bench", "--bench", "hdf5_io", "--no-run"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    program = build.stderr.rsplit("(", 1)[1].split(")")[0]
    ours = [ROOT / program, path, dataset, megabytes]
    theirs = [sys.executable, __file__, "--twin", path, dataset, megabytes]

    def run(command):
        out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return [float(seconds) for seconds in out.split()[1:]]

    def report(step, a, b):
        for name, which in (("wall", 0), ("CPU", 1)):
            ratios = [theirs_s[which] / ours_s[which] for ours_s, theirs_s in zip(a, b)]
            print(
                f"{step}, {name} time: ours {statistics.median(s[which] for s in a):.2f} s, "
                f"h5py {statistics.median(s[which] for s in b):.2f} s; h5py/ours median "
                f"{statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} pairs",
                flush=True,
            )

    print(f"{path}, {dataset}, {megabytes} MB, gzip {GZIP_LEVEL}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        a, b = f"{folder}/ours.hdf5", f"{folder}/theirs.hdf5"
        pairs = [(run(ours + ["write", a, GZIP_LEVEL]), run(theirs + ["write", b, GZIP_LEVEL])) for _ in range(PAIRS)]
        report("write", *zip(*pairs))
        sizes = [pathlib.Path(file).stat().st_size / 1e6 for file in (a, b)]
        print(f"size: ours {sizes[0]:.1f} MB, h5py {sizes[1]:.1f} MB, {sizes[0] / sizes[1]:.3f} of it")
        pairs = [(run(ours + ["read", b]), run(theirs + ["read", b])) for _ in range(PAIRS)]
        report("read", *zip(*pairs))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--twin"]:
        twin(*sys.argv[2:])
    else:
        compare(*sys.argv[1:])
