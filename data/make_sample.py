#!/usr/bin/env python3
"""Take a sample of this folder from a larger file of Geant4 events (needs h5py and numpy).

    python3 data/make_sample.py FULL_TRAIN.hdf5 8000 data/geant4_photons_train.hdf5
    python3 data/make_sample.py ELECTRONS.hdf5 1500 data/geant4_electrons_train.hdf5 \\
        --detector calochallenge-electrons
    python3 data/make_sample.py RINGS.hdf5 4000 data/geant4_rich_rings_train.hdf5 \\
        --detector rich-rings --tracks PID.hdf5

Showers at a few incident energies: the first events of each energy, as many of each as of the
others (the first energies have one more if the number does not divide). Everything else: the first
events. Both in the order they have in the full file. All data sets are cut to the same events.
"""

import argparse
import hashlib

import h5py
import numpy as np

SHOWERS = "Geant4 showers in a CaloChallenge-like detector"
TRACKS = "Geant4 tracks in a gas RICH like the first one of LHCb"

# detector: (title, few incident energies, events in a chunk)
DETECTORS = {
    "calochallenge-photons": (SHOWERS, True, 200),
    "calochallenge-pions": (SHOWERS, True, 200),
    "calochallenge-electrons": (SHOWERS, False, 200),
    "rich-pid": (TRACKS, False, 1000),
    "rich-rings": (TRACKS, False, 200),
}


def first_of_each(energies, wanted):
    """Indices of the first events of each energy, rising."""
    values = np.unique(energies)
    quota = [wanted // len(values) + (i < wanted % len(values)) for i in range(len(values))]
    chosen = [np.flatnonzero(energies == value)[:n] for value, n in zip(values, quota)]
    short = [f"{v} MeV: {len(c)} of {n}" for v, c, n in zip(values, chosen, quota) if len(c) < n]
    if short:
        raise SystemExit(f"too few events: {', '.join(short)}")
    return np.sort(np.concatenate(chosen))


def first(events, wanted):
    """Indices of the first events."""
    if events < wanted:
        raise SystemExit(f"too few events: {events} of {wanted}")
    return np.arange(wanted)


def per_track_truth(tracks, features):
    """What a file of tracks holds beside the features, for the tracks with these features."""
    row = {key.tobytes(): i for i, key in enumerate(tracks["features"][:])}
    try:
        rows = [row[key.tobytes()] for key in features]
    except KeyError:
        raise SystemExit(
            "a ring image has no track with its features in the file of tracks"
        ) from None
    return {name: tracks[name][:][rows] for name in ("npe_ring", "theta_c_rad")}


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(args):
    title, few_energies, chunk_events = DETECTORS[args.detector]
    with h5py.File(args.source) as full:
        if few_energies:
            chosen = first_of_each(full["incident_energies"][:, 0], args.events)
            selection = f"the first events of each energy, {args.events} in all"
        else:
            chosen = first(len(next(iter(full.values()))), args.events)
            selection = f"the first {args.events} events"
        columns = {name: full[name][:][chosen] for name in full}
        notes = {name: dict(full[name].attrs) for name in full}
        attributes = dict(full.attrs)
    origin = {"source_sha256": sha256(args.source)}
    if args.tracks:
        with h5py.File(args.tracks) as tracks:
            columns |= per_track_truth(tracks, columns["features"])
        origin["tracks_sha256"] = sha256(args.tracks)
    with h5py.File(args.output, "w", track_order=False) as sample:
        for name, values in columns.items():
            sample.create_dataset(
                name,
                data=values,
                chunks=(min(chunk_events, args.events), *values.shape[1:]),
                compression="gzip",
                compression_opts=9,
                track_times=False,
            ).attrs.update(notes.get(name, {}))
        sample.attrs.update(attributes)
        sample.attrs["detector"] = args.detector
        if "showers" in columns:
            sample.attrs["energy_unit"] = "MeV"
        sample.attrs["title"] = title
        sample.attrs["selection"] = selection
        sample.attrs.update(origin)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", help="the larger file (HDF5)")
    parser.add_argument("events", type=int, help="how many events to take")
    parser.add_argument("output", help="the sample to write (HDF5)")
    parser.add_argument("--detector", choices=DETECTORS, default="calochallenge-photons")
    parser.add_argument(
        "--tracks", help="file of the same tracks: adds `npe_ring` and `theta_c_rad` to ring images"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main(arguments())
