#!/usr/bin/env python3
"""Geant4 showers in the 266 cells of an ATLAS-like electromagnetic barrel (`atlas-em-barrel`).

A flat model of lead and liquid argon at normal incidence; the impact is uniform over a middle cell.
Writes `incident_energies` and `showers` in MeV, `phi_index`, `eta_index`, `d_eta` and `d_phi`
(radians).
"""

import argparse

import numpy as np

import barrel_cells
import event_file
import geant4_session
import run_options
import slab_stacks

HALF_WIDTH_MM = 700.0


def main(args):
    geant4_session.use_data(args.g4data)
    from slab_simulation import SlabSimulation, physics_name

    stack = slab_stacks.argon_barrel()
    radius = barrel_cells.FRONT_RADIUS_MM + np.array(slab_stacks.centres_mm(stack))
    factor = np.array([slab.factor for slab in stack])
    layer_of = np.array([-1 if slab.layer is None else slab.layer for slab in stack])
    random, clock = np.random.default_rng(args.seed), run_options.Clock(args)
    incident = run_options.energies(args, random)
    impacts = barrel_cells.random_impacts(random, args.events)
    showers = np.zeros((args.events, barrel_cells.CELLS), np.float32)
    with geant4_session.quiet():
        simulation = SlabSimulation(stack, HALF_WIDTH_MM, args.particle, args.seed, args.cut_mm)
        for event in clock.numbers():
            slab, energy, x, y = simulation.shower(incident[event])
            showers[event] = barrel_cells.cells_of(
                layer_of[slab], energy * factor[slab], radius[slab], x, y, impacts[event]
            )
    incident, impacts, showers = (all_[: clock.done] for all_ in (incident, impacts, showers))
    showers[showers < args.threshold_mev] = 0
    with event_file.new(
        args.output,
        title="Geant4 showers in an ATLAS-like electromagnetic barrel",
        detector="atlas-em-barrel",
        energy_unit="MeV",
        generator=geant4_session.version(),
        particle=args.particle,
        physics=physics_name(args.particle),
        cut_mm=args.cut_mm,
        threshold_mev=args.threshold_mev,
        seed=args.seed,
    ) as file:
        event_file.add(file, "incident_energies", incident.reshape(-1, 1))
        event_file.add(file, "showers", showers)
        for name, dtype in (
            ("phi_index", "i1"),
            ("eta_index", "i1"),
            ("d_eta", "f4"),
            ("d_phi", "f4"),
        ):
            values = np.array([getattr(impact, name) for impact in impacts], dtype)
            event_file.add(file, name, values, chunk_events=1000)
    response = (showers.sum(axis=1, dtype=float) / incident).mean()
    print(
        f"{args.output}: {clock.done} showers, {barrel_cells.CELLS} cells, mean E_tot/E_inc ",
        end="",
    )
    print(f"{response:.3f}, {clock.summary(incident)}")
    geant4_session.leave()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--particle", choices=("gamma", "e-"), default="gamma")
    run_options.add(parser)
    run_options.add_energies(parser, 256.0, 8192.0)
    parser.add_argument(
        "--threshold-mev",
        type=float,
        default=0.0,
        help="cells below are zero, MeV (0: all are kept)",
    )
    parser.add_argument("-o", "--output", required=True, help="file to write (HDF5)")
    return parser.parse_args()


if __name__ == "__main__":
    main(arguments())
