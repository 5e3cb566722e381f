#!/usr/bin/env python3
"""Geant4 showers in a CaloChallenge-like detector: `incident_energies` and `showers` in MeV.

Photons and pions in lead and liquid argon with iron and scintillator behind (data set 1), electrons
in tungsten and silicon (data set 2). The particle is at normal incidence on the axis of the voxels.
"""

import argparse
from dataclasses import dataclass

import numpy as np

import event_file
import geant4_session
import polar_voxels
import run_options
import slab_stacks


@dataclass(frozen=True)
class Setup:
    particle: str
    stack: list
    half_width_mm: float
    threshold_mev: float


SETUPS = {
    "photons": Setup("gamma", slab_stacks.argon_barrel_and_tiles(1), 700.0, 1e-3),
    "pions": Setup("pi+", slab_stacks.argon_barrel_and_tiles(3), 2100.0, 1e-3),
    "electrons": Setup("e-", slab_stacks.tungsten_silicon(), 300.0, 0.01515),
}


def voxels_of(layers, stack, hits):
    """Energy of every voxel in MeV, [voxels]."""
    slab, energy, x, y = hits
    factor = np.array([slab.factor for slab in stack])
    layer_of = np.array([-1 if slab.layer is None else slab.layer for slab in stack])
    energy, of_hit = energy * factor[slab], layer_of[slab]
    parts = []
    for layer in layers:
        chosen = of_hit == layer.layer
        parts.append(layer.energies(energy[chosen], x[chosen], y[chosen]))
    return np.concatenate(parts)


def main(args):
    setup, layers = SETUPS[args.sample], polar_voxels.read(args.detector, args.xml)
    geant4_session.use_data(args.g4data)
    from slab_simulation import SlabSimulation, is_hadronic, physics_name

    if is_hadronic(setup.particle):
        geant4_session.need_neutron_tables(args.g4data)
    random, clock = np.random.default_rng(args.seed), run_options.Clock(args)
    incident = run_options.energies(args, random)
    showers = np.zeros((args.events, polar_voxels.voxel_count(layers)), np.float32)
    with geant4_session.quiet():
        simulation = SlabSimulation(
            setup.stack, setup.half_width_mm, setup.particle, args.seed, args.cut_mm
        )
        for event in clock.numbers():
            hits = simulation.shower(incident[event])
            showers[event] = voxels_of(layers, setup.stack, hits)
    incident, showers = incident[: clock.done], showers[: clock.done]
    threshold = setup.threshold_mev if args.threshold_mev is None else args.threshold_mev
    showers[showers < threshold] = 0
    with event_file.new(
        args.output,
        title="Geant4 showers in a CaloChallenge-like detector",
        detector=f"calochallenge-{args.sample}",
        energy_unit="MeV",
        generator=geant4_session.version(),
        particle=setup.particle,
        physics=physics_name(setup.particle),
        cut_mm=args.cut_mm,
        threshold_mev=threshold,
        seed=args.seed,
    ) as file:
        event_file.add(file, "incident_energies", incident.reshape(-1, 1))
        event_file.add(file, "showers", showers)
    response = (showers.sum(axis=1, dtype=float) / incident).mean()
    print(
        f"{args.output}: {clock.done} showers, {showers.shape[1]} voxels, mean E_tot/E_inc ", end=""
    )
    print(f"{response:.3f}, {clock.summary(incident)}")
    geant4_session.leave()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", choices=SETUPS, help="particle, detector and threshold")
    polar_voxels.add_options(parser)
    run_options.add(parser)
    run_options.add_energies(parser, 1000.0, 16000.0)
    parser.add_argument(
        "--threshold-mev",
        type=float,
        help="voxels below are zero, MeV (0.001 for photons and pions, 0.01515 for electrons)",
    )
    parser.add_argument("-o", "--output", required=True, help="file to write (HDF5)")
    return parser.parse_args()


if __name__ == "__main__":
    main(arguments())
