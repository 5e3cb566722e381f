"""Writes HDF5 files of events: complete under their name, or not at all."""

import contextlib
import os

import h5py


@contextlib.contextmanager
def new(path, **attributes):
    """A file that gets its name when all is written; `attributes` of its root say its origin."""
    partial = f"{path}.partial.tmp"
    try:
        with h5py.File(partial, "w") as file:
            file.attrs.update(attributes)
            yield file
        os.replace(partial, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(partial)


def empty(file, name, shape, dtype, chunk_events=200, **attributes):
    """A compressed data set of [events, …] to fill."""
    data = file.create_dataset(
        name,
        shape=shape,
        dtype=dtype,
        chunks=(min(chunk_events, shape[0]), *shape[1:]),
        compression="gzip",
        compression_opts=9,
        track_times=False,
    )
    data.attrs.update(attributes)
    return data


def add(file, name, values, chunk_events=200, **attributes):
    """`values` [events, …] as they are."""
    empty(file, name, values.shape, values.dtype, chunk_events, **attributes)[...] = values
