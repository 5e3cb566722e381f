#!/usr/bin/env python3
"""Take the samples of this folder from larger files of Geant4 showers (needs h5py and numpy).

    python3 data/make_sample.py FULL_TRAIN.hdf5 8000 data/geant4_photons_train.hdf5
    python3 data/make_sample.py FULL_VALID.hdf5 3000 data/geant4_photons_valid.hdf5

The first events of each incident energy are taken, as many of each as of the others (the first
energies have one more if the number does not divide), in the order they have in the full file.
"""
import hashlib
import sys

import h5py
import numpy as np


def balanced(energies, wanted):
    """Indices of the first events of each energy, rising."""
    values = np.unique(energies)
    quota = [wanted // len(values) + (i < wanted % len(values)) for i in range(len(values))]
    chosen = [np.flatnonzero(energies == value)[:n] for value, n in zip(values, quota)]
    short = [f"{v} MeV: {len(c)} of {n}" for v, c, n in zip(values, chosen, quota) if len(c) < n]
    if short:
        sys.exit(f"too few events: {', '.join(short)}")
    return np.sort(np.concatenate(chosen))


def main(source, wanted, output):
    with h5py.File(source) as full:
        energies = full["incident_energies"][:, 0]
        chosen = balanced(energies, wanted)
        showers = full["showers"][:][chosen]
        attributes = dict(full.attrs)
    with open(source, "rb") as file:
        source_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with h5py.File(output, "w", track_order=False) as sample:
        store = dict(compression="gzip", compression_opts=9, track_times=False)
        sample.create_dataset(
            "incident_energies", data=energies[chosen].reshape(-1, 1), chunks=(200, 1), **store
        )
        sample.create_dataset(
            "showers", data=showers.astype("f4"), chunks=(200, showers.shape[1]), **store
        )
        sample.attrs.update(attributes)
        sample.attrs["detector"] = "calochallenge-photons"
        sample.attrs["energy_unit"] = "MeV"
        sample.attrs["title"] = "Geant4 showers in a CaloChallenge-like detector"
        sample.attrs["selection"] = f"the first events of each energy, {wanted} in all"
        sample.attrs["source_sha256"] = source_sha256


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
