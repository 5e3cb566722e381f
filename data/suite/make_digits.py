"""Makes the two IDX files of 8 x 8 digits that are built into the program.

    python make_digits.py digits.csv.gz

`digits.csv.gz` is `sklearn/datasets/data/digits.csv.gz` of scikit-learn: 1,797 lines of 64 pixels,
0 to 16, and the digit. The files are the same bytes on every machine: gzip's header has no time.
"""

import gzip
import hashlib
import struct
import sys
from pathlib import Path

import numpy as np

SOURCE_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"


def write_idx(path, values):
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    content = header + values.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


def main():
    source = Path(sys.argv[1])
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        sys.exit(f"{source} has SHA-256 {found}, expected {SOURCE_SHA256}")
    rows = np.loadtxt(source, delimiter=",", dtype=int)
    assert rows.shape == (1797, 65) and rows.min() == 0 and rows[:, :64].max() == 16
    folder = Path(__file__).parent
    write_idx(folder / "digits-8x8-images-idx3-ubyte.gz", rows[:, :64].reshape(-1, 8, 8))
    write_idx(folder / "digits-8x8-labels-idx1-ubyte.gz", rows[:, 64])


main()
