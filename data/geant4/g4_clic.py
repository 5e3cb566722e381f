#!/usr/bin/env python3
"""Geant4 electrons in a CLIC-like tungsten and silicon calorimeter (`clic-ecal-25`, `clic-
ecal-51`).

Writes the layout of the 3DGAN files: `ECAL` [events, x, y, z] and `energy` in GeV, `theta` in
radians. `ECAL` is the energy in the silicon, not calibrated. theta is the polar angle of the
electron in the x-z plane: 90 degrees is normal incidence, and below that it moves to rising x with
the depth z. The window of cells is centred on the cell with the centre of gravity of the energy in
x and y.
"""

import argparse

import numpy as np

import event_file
import geant4_session
import run_options
import slab_stacks

CELL_MM = 5.1
LAYERS = 25
HALF_WIDTH_MM = 400.0
# Polar angles in degrees that are allowed, by the number of cells of the window.
DEFAULT_ANGLES = {25: (90.0, 90.0), 51: (60.0, 120.0)}
EVENTS_A_BLOCK = 10


def cells_of(layer, energy, x, y, size):
    """Energy of each cell of the window in GeV, [x, y, z]."""
    i, j = np.floor(x / CELL_MM).astype(int), np.floor(y / CELL_MM).astype(int)
    if energy.sum() > 0:
        i -= int(np.floor(np.average(x, weights=energy) / CELL_MM))
        j -= int(np.floor(np.average(y, weights=energy) / CELL_MM))
    i, j = i + size // 2, j + size // 2
    inside = (0 <= i) & (i < size) & (0 <= j) & (j < size)
    flat = (i[inside] * size + j[inside]) * LAYERS + layer[inside]
    cells = np.bincount(flat, weights=energy[inside], minlength=size * size * LAYERS)
    return (1e-3 * cells).astype(np.float32)


def angles(args, random):
    """Polar angles in radians, uniform between the two of `--theta`."""
    low, high = args.theta or DEFAULT_ANGLES[args.size]
    if not 30 <= low <= high <= 150:
        raise SystemExit(f"angles from {low} to {high} degrees, expected 30 to 150, rising")
    return np.radians(random.uniform(low, high, args.events))


def main(args):
    geant4_session.use_data(args.g4data)
    from slab_simulation import SlabSimulation, physics_name

    stack = slab_stacks.clic_ecal()
    layer_of = np.array([-1 if slab.layer is None else slab.layer for slab in stack])
    random, clock = np.random.default_rng(args.seed), run_options.Clock(args)
    incident, theta = run_options.energies(args, random), angles(args, random)
    impacts = random.uniform(0, CELL_MM, (args.events, 2))
    occupied, visible = [], []
    with geant4_session.quiet():
        simulation = SlabSimulation(stack, HALF_WIDTH_MM, "e-", args.seed, args.cut_mm)
        for event in clock.numbers():
            direction = (np.cos(theta[event]), 0.0, np.sin(theta[event]))
            slab, energy, x, y = simulation.shower(incident[event], impacts[event], direction)
            cells = cells_of(layer_of[slab], energy, x, y, args.size)
            filled = np.flatnonzero(cells)
            occupied.append((filled, cells[filled]))
            visible.append(1e-3 * energy.sum())
    incident, theta = incident[: clock.done], theta[: clock.done]
    with event_file.new(
        args.output,
        title="Geant4 showers in a CLIC-like electromagnetic calorimeter",
        detector=f"clic-ecal-{args.size}",
        energy_unit="GeV",
        generator=geant4_session.version(),
        particle="e-",
        physics=physics_name("e-"),
        cut_mm=args.cut_mm,
        seed=args.seed,
    ) as file:
        shape = (args.size, args.size, LAYERS)
        ecal = event_file.empty(file, "ECAL", (clock.done, *shape), "f4", EVENTS_A_BLOCK)
        for first in range(0, clock.done, EVENTS_A_BLOCK):
            block = occupied[first : first + EVENTS_A_BLOCK]
            dense = np.zeros((len(block), np.prod(shape)), np.float32)
            for row, (filled, cells) in zip(dense, block):
                row[filled] = cells
            ecal[first : first + len(block)] = dense.reshape(-1, *shape)
        event_file.add(file, "energy", (1e-3 * incident).astype(np.float32), chunk_events=1000)
        event_file.add(file, "theta", theta.astype(np.float32), chunk_events=1000)
    in_window = np.array([cells.sum(dtype=float) for _, cells in occupied])
    print(
        f"{args.output}: {clock.done} showers, {args.size} x {args.size} x {LAYERS} cells, "
        f"visible share of the energy {1e3 * (in_window / incident).mean():.4f}, "
        f"of it in the window {in_window.sum() / np.sum(visible):.4f}, {clock.summary(incident)}"
    )
    geant4_session.leave()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size", type=int, choices=DEFAULT_ANGLES, default=51, help="cells along x and y (51)"
    )
    parser.add_argument(
        "--theta",
        type=float,
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="polar angle, degrees, uniform between (60 120 with 51 cells, else 90 90)",
    )
    run_options.add(parser)
    run_options.add_energies(parser, 2000.0, 100000.0, flat=True)
    parser.add_argument("-o", "--output", required=True, help="file to write (HDF5)")
    return parser.parse_args()


if __name__ == "__main__":
    main(arguments())
