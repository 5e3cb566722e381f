#!/usr/bin/env python3
"""Compares the parametric simulation with Geant4 samples; prints the table of docs/parametric-simulation.md.

needs: pip install numpy h5py
usage: compare.py GEANT4_DIR SIMULATED_DIR
GEANT4_DIR holds photons_*.hdf5, pions_*.hdf5, electrons_*.hdf5, rich_pid_*.hdf5 and rich_rings_*.hdf5. SIMULATED_DIR holds
a folder for each of DETECTORS, written by
    cargo run --release -p detectors --example simulate -- DETECTOR 40000 1 SIMULATED_DIR/DETECTOR
Both samples are cut at the detector's read-out threshold.
"""
import glob
import os
import sys

import h5py
import numpy as np

DETECTORS = ["calochallenge-photons", "calochallenge-pions", "calochallenge-electrons", "rich-pid", "rich-rings"]
PHOTON_LAYERS = [
    ("presampler", [0, 5, 10, 30, 50, 100, 200, 400, 600], 1),
    ("strips", [0, 2, 4, 6, 8, 10, 12, 15, 20, 30, 40, 50, 70, 90, 120, 150, 200], 10),
    ("middle", [0, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 130, 160, 200, 250, 300, 350, 400], 10),
    ("back", [0, 50, 100, 200, 400, 600], 1),
    ("tile 0", [0, 100, 200, 400, 1000, 2000], 1),
]
PION_LAYERS = [
    ("presampler", [0, 5, 10, 30, 50, 100, 200, 400, 600], 1),
    ("strips", [0, 1, 4, 7, 10, 15, 30, 50, 90, 150, 200], 10),
    ("middle", [0, 5, 10, 20, 30, 50, 80, 130, 200, 300, 400], 10),
    ("back", [0, 50, 100, 200, 400, 600], 1),
    ("tile 0", [0, 10, 20, 30, 50, 80, 100, 130, 160, 200, 250, 300, 350, 400, 1000, 2000], 10),
    ("tile 1", [0, 10, 20, 30, 50, 80, 100, 130, 160, 200, 250, 300, 350, 400, 600, 1000, 2000], 10),
    ("tile 2", [0, 50, 100, 150, 200, 250, 300, 400, 600, 1000, 2000], 1),
]
SPECIES = ["electron", "muon", "pion", "kaon", "proton"]
X0_PER_LAYER = 0.805
TYPICAL_INDEX = 1.001465


def geant4(folder, pattern, names):
    files = sorted(glob.glob(os.path.join(folder, pattern)))
    return [np.concatenate([h5py.File(f)[name][:] for f in files]) for name in names]


def simulated(folder, detector, columns, width):
    read = lambda name, kind: np.fromfile(os.path.join(folder, detector, name), dtype=kind)
    return read("conditions.f64", "<f8").reshape(-1, columns), read("values.f32", "<f4").reshape(-1, width)


def radius(edges, energies, part):
    """Radius that holds a part of the energy of the rings, linear within a ring."""
    sums = np.r_[0, np.cumsum(energies)]
    return np.interp(part, sums / sums[-1], edges)


def row(what, geant, ours):
    """One line of the table; the ratio is marked where it is off by more than 10 %."""
    ratio = ours / geant if geant else float("nan")
    mark = "" if abs(ratio - 1) <= 0.1 else " *"
    print(f"| {what} | {geant:.3g} | {ours:.3g} | {ratio:.2f}{mark} |")


def head(title):
    print(f"\n### {title}\n\n| | Geant4 | parametric | ratio |\n|---|---|---|---|")


def shower_figures(energies, showers, layers):
    showers = np.where(showers < 1.0, 0, showers)
    response = showers.sum(1) / energies
    figures = {
        "response": response.mean(),
        "a of a/√E in √GeV": response.std() / response.mean() * np.sqrt(energies.mean() / 1e3),
        "cells": (showers > 0).sum(1).mean(),
    }
    first = 0
    for name, edges, sectors in layers:
        count = (len(edges) - 1) * sectors
        layer = showers[:, first:first + count]
        first += count
        figures[f"share of {name}"] = layer.sum() / showers.sum()
        if name in ("strips", "middle", "tile 0", "tile 1") and len(edges) > 6:
            rings = layer.reshape(-1, sectors, len(edges) - 1).sum((0, 1))
            figures[f"r50 in {name} (mm)"] = radius(edges, rings, 0.5)
            figures[f"r90 in {name} (mm)"] = radius(edges, rings, 0.9)
    return figures


def compare_showers(title, geant, ours, layers, powers):
    for power in powers:
        head(f"{title} of {2**power} MeV")
        both = []
        for energies, showers in (geant, ours):
            chosen = np.abs(energies[:, 0] - 2**power) < 1
            both.append(shower_figures(energies[chosen, 0], showers[chosen], layers))
        for what in both[0]:
            row(what, both[0][what], both[1][what])


def electron_figures(energies, showers, low, high):
    chosen = (energies[:, 0] >= low) & (energies[:, 0] < high)
    energies, showers = energies[chosen, 0], showers[chosen].reshape(-1, 45, 16, 9)
    showers = np.where(showers < 0.01515, 0, showers)
    sums, layers, depths = showers.sum((1, 2, 3)), showers.sum((2, 3)), X0_PER_LAYER * (np.arange(45) + 0.5)
    response, mean = sums / energies, (layers * depths).sum(1) / sums
    width = np.sqrt((layers * (depths - mean[:, None]) ** 2).sum(1) / sums)
    edges, rings = 4.65 * np.arange(10), showers.sum((0, 1, 2))
    return energies, {
        "response": response.mean(),
        "a of a/√E in √GeV": response.std() / response.mean() * np.sqrt(energies.mean() / 1e3),
        "mean depth (X₀)": mean.mean(),
        "its spread (X₀)": mean.std(),
        "width along the axis (X₀)": width.mean(),
        "r50 (mm)": radius(edges, rings, 0.5),
        "r90 (mm)": radius(edges, rings, 0.9),
        "cells": (showers > 0).sum((1, 2, 3)).mean(),
        "median energy of a cell (MeV)": np.median(showers[showers > 0]),
    }


def compare_electrons(geant, ours):
    slopes = []
    for low, high in ((1e3, 1.5e3), (3e3, 6e3), (1e4, 1.6e4)):
        head(f"Electrons of {low / 1e3:g} to {high / 1e3:g} GeV")
        both = [electron_figures(*sample, low, high) for sample in (geant, ours)]
        for what in both[0][1]:
            row(what, both[0][1][what], both[1][1][what])
        slopes.append([(np.log(e).mean(), figures["mean depth (X₀)"]) for e, figures in both])
    head("Electrons, 1 to 16 GeV")
    slope = lambda k: (slopes[2][k][1] - slopes[0][k][1]) / (slopes[2][k][0] - slopes[0][k][0])
    row("growth of the mean depth for each e-fold of E (X₀)", slope(0), slope(1))


def compare_rings(geant, ours):
    x = (np.arange(64) + 0.5) * 2.8 - 89.6
    distance = np.hypot(*np.meshgrid(x, x)).ravel()
    samples = []
    for conditions, images, species in (geant, ours):
        images = images.reshape(len(images), -1)
        samples.append((conditions[:, 0] / 1e3, species, images, images.sum(1)))
    head("Images")
    row("hits of an image", *(hits.mean() for *_, hits in samples))
    row("their spread", *(hits.std() for *_, hits in samples))
    row("hits within 80 mm", *(images[:, distance < 80].sum(1).mean() for _, _, images, _ in samples))
    head("Rings, less the background beside them")
    for name, mass, low, high in (("pion", 0.13957, 3, 6), ("pion", 0.13957, 40, 100), ("kaon", 0.49368, 12, 16),
                                  ("kaon", 0.49368, 20, 40), ("kaon", 0.49368, 60, 100)):
        figures = []
        for (momentum, species, images, _), pseudorapidity in zip(samples, (geant[0][:, 1], ours[0][:, 1])):
            # Few other tracks cross the image at a low pseudorapidity.
            chosen = (species == SPECIES.index(name)) & (momentum > low) & (momentum <= high) & (pseudorapidity < 3)
            cosine = np.sqrt(1 + (mass / momentum[chosen]) ** 2) / TYPICAL_INDEX
            expected = 1350 * np.sqrt(1 / cosine**2 - 1)
            away = distance[None, :] - expected[:, None]
            on, beside = np.abs(away) < 6, (np.abs(away) >= 6) & (np.abs(away) < 12)
            hits = images[chosen] > 0
            background = hits[beside].sum() / beside.sum()
            excess = hits[on].sum() - background * on.sum()
            shift = (away[on & hits].sum() - background * away[on].sum()) / excess
            figures.append((excess / chosen.sum(), expected.mean() + shift))
        row(f"hits of a {name}, {low} to {high} GeV", *(hits for hits, _ in figures))
        row(f"radius of a {name}, {low} to {high} GeV (mm)", *(radius for _, radius in figures))


def auc(positive, negative):
    ranks = np.argsort(np.argsort(np.r_[positive, negative]))
    return (ranks[:len(positive)].sum() - len(positive) * (len(positive) - 1) / 2) / len(positive) / len(negative)


def compare_likelihoods(geant, ours):
    head("RichDLLk")
    for low, high in ((3, 10), (10, 20), (20, 40), (40, 60), (60, 100)):
        both = []
        for conditions, values, species in (geant, ours):
            within = (conditions[:, 0] > 1e3 * low) & (conditions[:, 0] <= 1e3 * high)
            pions, kaons = (values[within & (species == k), 2] for k in (2, 3))
            both.append({"mean of pions": pions.mean(), "spread of pions": pions.std(), "mean of kaons": kaons.mean(),
                         "spread of kaons": kaons.std(), "AUC of kaons against pions": auc(kaons, pions)})
        for what in both[0]:
            row(f"{what}, {low} to {high} GeV", both[0][what], both[1][what])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    geant_folder, folder = sys.argv[1:]
    showers = ["incident_energies", "showers"]
    compare_showers("Photons", geant4(geant_folder, "photons_*.hdf5", showers),
                    simulated(folder, "calochallenge-photons", 1, 368), PHOTON_LAYERS, (8, 10, 13))
    compare_showers("Pions", geant4(geant_folder, "pions_*.hdf5", showers),
                    simulated(folder, "calochallenge-pions", 1, 533), PION_LAYERS, (8, 10, 13))
    compare_electrons(geant4(geant_folder, "electrons_*.hdf5", showers),
                      simulated(folder, "calochallenge-electrons", 1, 6480))
    features, images, species = geant4(geant_folder, "rich_rings_*.hdf5", ["features", "images", "species"])
    conditions, values = simulated(folder, "rich-rings", 4, 4096)
    compare_rings((features, images, species), (conditions, values, conditions[:, 3].astype(int)))
    features, targets, species = geant4(geant_folder, "rich_pid_*.hdf5", ["features", "targets", "species"])
    conditions, values = simulated(folder, "rich-pid", 4, 5)
    compare_likelihoods((features, targets, species), (conditions, values, conditions[:, 3].astype(int)))


if __name__ == "__main__":
    main()
