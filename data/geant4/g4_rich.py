#!/usr/bin/env python3
"""Geant4 tracks in a gas RICH like the first one of LHCb (`rich-pid`, `rich-rings`).

Tracks of five species, 3 to 100 GeV and 2 < eta < 4.9, with Geant4's Cherenkov photons in 85 cm of
C4F10. Rings of other simulated tracks are laid over, as many as the number of tracks in the event
asks for. Both files hold `features` (P_MeV, ETA, nTracks), `species`, `npe_ring` (photo-electrons
of the track itself) and `theta_c_rad` (their median angle), for all tracks; `--pid` adds `targets`
(differences of ln L), `--rings` adds `images` [tracks, 64, 64].
"""

import argparse

import numpy as np

import event_file
import geant4_session
import rich_events
import run_options
from rich_optics import (
    FOCAL_LENGTH_MM,
    PIXELS,
    SMEAR_MM,
    SPECIES,
    detected,
    track_directions,
)

MOMENTUM_GEV = (3.0, 100.0)
PSEUDORAPIDITY = (2.0, 4.9)
# Mirrors take the photons that go forward: this is the least cosine to the beam's axis.
LEAST_COSINE = 0.5


def simulated(args, random, clock, species, momentum, along):
    """Directions of each track's detected photons, photo-electrons of its ring, their angle."""
    from rich_simulation import RichSimulation

    photons, photoelectrons, angle = [], np.zeros(args.events), np.zeros(args.events)
    simulation = RichSimulation(args.seed)
    for track in clock.numbers():
        way, energy, of_track = simulation.photons(species[track], momentum[track], along[track])
        kept = detected(energy, random) & (way[:, 2] > LEAST_COSINE)
        way, of_track = way[kept], of_track[kept]
        smeared = way + random.normal(0, SMEAR_MM / FOCAL_LENGTH_MM, way.shape)
        photons.append(smeared / np.linalg.norm(smeared, axis=1, keepdims=True))
        photoelectrons[track] = of_track.sum()
        if of_track.any():
            cosine = np.clip(way[of_track] @ along[track], -1, 1)
            angle[track] = np.median(np.arccos(cosine))
    return photons, photoelectrons[: clock.done], angle[: clock.done]


def write(path, detector, datasets, chunk_events, seed):
    """One of the two files; `datasets` are values and attributes by name."""
    with event_file.new(
        path,
        title="Geant4 tracks in a gas RICH like the first one of LHCb",
        detector=detector,
        generator=geant4_session.version(),
        physics="G4EmStandardPhysics, G4OpticalPhysics (G4Cerenkov)",
        seed=seed,
    ) as file:
        for name, (values, attributes) in datasets.items():
            event_file.add(file, name, values, chunk_events, **attributes)


def main(args):
    if not (args.pid or args.rings):
        raise SystemExit("nothing to write: give --pid, --rings or both")
    geant4_session.use_data(args.g4data)
    random, clock = np.random.default_rng(args.seed), run_options.Clock(args)
    species = random.integers(0, len(SPECIES), args.events)
    momentum = np.exp(random.uniform(*np.log(MOMENTUM_GEV), args.events))
    pseudorapidity = random.uniform(*PSEUDORAPIDITY, args.events)
    azimuth = random.uniform(0, 2 * np.pi, args.events)
    frame = track_directions(pseudorapidity, azimuth)
    with geant4_session.quiet():
        photons, photoelectrons, angle = simulated(args, random, clock, species, momentum, frame[0])
    tracks = clock.done
    species, momentum, pseudorapidity = species[:tracks], momentum[:tracks], pseudorapidity[:tracks]
    frame = [axis[:tracks] for axis in frame]
    in_event = rich_events.multiplicities(random, tracks)
    images = np.zeros((tracks, PIXELS, PIXELS), np.uint8)
    targets = np.zeros((tracks, len(rich_events.TARGETS)), np.float32)
    for track in range(tracks):
        others = rich_events.others_near(random, track, in_event[track], frame[0])
        together = np.concatenate([photons[track], *(photons[other] for other in others)])
        images[track] = rich_events.image(together, *(axis[track] for axis in frame))
        targets[track] = rich_events.likelihood_differences(images[track], momentum[track])
    features = np.stack([1e3 * momentum, pseudorapidity, in_event], axis=1).astype(np.float32)
    common = {
        "features": (features, {"columns": "P_MeV,ETA,nTracks"}),
        "species": (species.astype(np.int8), {"names": ",".join(SPECIES)}),
        "npe_ring": (photoelectrons.astype(np.float32), {}),
        "theta_c_rad": (angle.astype(np.float32), {}),
    }
    if args.pid:
        own = {"targets": (targets, {"columns": ",".join(rich_events.TARGETS)})}
        write(args.pid, "rich-pid", own | common, 1000, args.seed)
    if args.rings:
        write(args.rings, "rich-rings", {"images": (images, {})} | common, 200, args.seed)
    print(f"{tracks} tracks, {clock.cpu_ms():.2f} ms a track, pixels hit {images.mean():.3f}")
    geant4_session.leave()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    run_options.add(parser)
    parser.add_argument("--pid", metavar="FILE", help="table of likelihood differences (HDF5)")
    parser.add_argument("--rings", metavar="FILE", help="images of hits (HDF5)")
    return parser.parse_args()


if __name__ == "__main__":
    main(arguments())
