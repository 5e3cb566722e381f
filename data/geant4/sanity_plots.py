#!/usr/bin/env python3
"""Draw and print what shows at a glance whether a file of Geant4 events makes sense.

Takes the files of g4_calo.py (with --detector or --xml, for the rings), g4_atlas.py, g4_clic.py and
g4_rich.py.
"""

import argparse
from pathlib import Path

import h5py
from matplotlib.figure import Figure

import barrel_cells
import g4_clic
import plot_showers
import plot_tracks
import polar_voxels


def draw(figure, data, args):
    if "features" in data:
        return plot_tracks.tracks(figure, data)
    if "ECAL" in data:
        return plot_showers.grid(figure, data, g4_clic.CELL_MM)
    if "d_eta" in data:
        return plot_showers.barrel(figure, data, barrel_cells.SAMPLINGS, barrel_cells.ETA_CELL)
    if args.detector or args.xml:
        return plot_showers.polar(figure, data, polar_voxels.read(args.detector, args.xml))
    raise SystemExit(f"{args.file}: voxels in rings: give --detector or --xml")


def main(args):
    figure = Figure(figsize=(15, 9), layout="constrained")
    if not Path(args.file).is_file():
        raise SystemExit(f"{args.file}: no such file")
    with h5py.File(args.file) as data:
        figure.suptitle(data.attrs.get("title", ""))
        print("\n".join(draw(figure, data, args)))
    figure.savefig(args.output, dpi=80)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="file of events (HDF5)")
    polar_voxels.add_options(parser, required=False)
    parser.add_argument("-o", "--output", required=True, help="picture to write (PNG)")
    return parser.parse_args()


if __name__ == "__main__":
    main(arguments())
