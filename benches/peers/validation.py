"""CPU time of a validation against numpy, scipy and matplotlib on the same files.

Both read two HDF5 files, compute every observable, eight tests of each (Kolmogorov-Smirnov, chi2,
Anderson-Darling, Mann-Whitney, Wasserstein, energy distance, Jensen-Shannon, separation power) and
draw a figure with a ratio panel for each as SVG and PNG. With --floor-splits N the tests are
repeated on N pairs of random halves of the reference. The two run in turn, as processes with one
thread each; CPU seconds (user and system) of each process are compared.

Needs: numpy, scipy, matplotlib, h5py, and the program.
Usage: python benches/peers/validation.py --program target/release/showerforge WORK
           [--detector calochallenge-photons --nevents 20000] [--pairs 3] [--floor-splits 0]
       python benches/peers/validation.py peer REFERENCE GENERATED FOLDER DETECTOR SPLITS
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path

PHOTON_LAYERS = [
    (0, 1, [0, 5, 10, 30, 50, 100, 200, 400, 600]),
    (1, 10, [0, 2, 4, 6, 8, 10, 12, 15, 20, 30, 40, 50, 70, 90, 120, 150, 200]),
    (2, 10, [0, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 130, 160, 200, 250, 300, 350, 400]),
    (3, 1, [0, 50, 100, 200, 400, 600]),
    (12, 1, [0, 100, 200, 400, 1000, 2000]),
]
ELECTRON_LAYERS = [(layer, 16, [4.65 * ring for ring in range(10)]) for layer in range(45)]


def observables(path, detector):
    """Every observable of every event, vectorised over the events, and the single values."""
    import h5py
    import numpy as np

    layers, threshold = (
        (PHOTON_LAYERS, 1.0) if "photons" in detector else (ELECTRON_LAYERS, 0.5e-3 / 0.033)
    )
    with h5py.File(path) as file:
        energies = file["incident_energies"][:, 0].astype(np.float64)
        showers = file["showers"][:].astype(np.float64)
    showers[showers < threshold] = 0.0
    found = {"E_tot_over_E_inc": showers.sum(axis=1) / energies}
    start = 0
    for layer, sectors, edges in layers:
        edges = np.array(edges, dtype=np.float64)
        rings = len(edges) - 1
        cells = showers[:, start : start + rings * sectors]
        start += rings * sectors
        radius = np.tile((edges[1:] + edges[:-1]) / 2, sectors)
        total = cells.sum(axis=1)
        axes = {"r": radius}
        if sectors > 1:
            angle = -np.pi + (np.repeat(np.arange(sectors), rings) + 0.5) * 2 * np.pi / sectors
            axes |= {"eta": radius * np.cos(angle), "phi": radius * np.sin(angle)}
        found[f"E_{layer}"] = total
        for axis, position in axes.items():
            centre = cells @ position / (total + 1e-16)
            square = cells @ position**2 / (total + 1e-16)
            found[f"EC{axis}_{layer}"] = centre
            found[f"W{axis}_{layer}"] = np.sqrt(np.maximum(0, square - centre**2))
        found[f"sparsity_{layer}"] = 1 - (cells > 0).mean(axis=1)
    found["voxel_energy"] = showers[showers > 0]
    return found


def tests(a, b, edges):
    """The eight tests of two samples."""
    import warnings

    import numpy as np
    from scipy import stats

    p, _ = np.histogram(a, edges)
    q, _ = np.histogram(b, edges)
    filled = (p + q) > 0
    sum_p, sum_q = max(p.sum(), 1), max(q.sum(), 1)
    chi2 = ((sum_p * q - sum_q * p)[filled] ** 2 / (sum_p**2 * q + sum_q**2 * p)[filled]).sum()
    unit_p, unit_q = p / sum_p, q / sum_q
    middle = (unit_p + unit_q) / 2
    share = lambda x: np.sum(x[x > 0] * np.log2(x[x > 0] / middle[x > 0]))
    result = {
        "chi2": stats.chi2.sf(chi2, max(filled.sum() - 1, 1)),
        "separation": 0.5 * np.sum((unit_p - unit_q) ** 2 / (unit_p + unit_q + 1e-16)),
        "js": (share(unit_p) + share(unit_q)) / 2,
        "ks": stats.ks_2samp(a, b, method="asymp").statistic,
        "mann_whitney": stats.mannwhitneyu(a, b).pvalue,
        "wasserstein": stats.wasserstein_distance(a, b),
        "energy": stats.energy_distance(a, b),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result["anderson_darling"] = stats.anderson_ksamp([a, b]).statistic
        except ValueError:
            pass
    return result


def figure(name, a, b, edges, folder):
    """Main and ratio panel, as SVG and PNG."""
    import matplotlib.pyplot as plt
    import numpy as np

    p, _ = np.histogram(a, edges)
    q, _ = np.histogram(b, edges)
    widths = np.diff(edges)
    density_p, density_q = p / max(p.sum(), 1) / widths, q / max(q.sum(), 1) / widths
    error_q = np.sqrt(q) / max(q.sum(), 1) / widths
    fig, (main, ratio) = plt.subplots(
        2, 1, sharex=True, figsize=(6, 5.4), gridspec_kw={"height_ratios": [3, 1]}
    )
    main.stairs(density_p, edges, fill=True, alpha=0.4, label="reference")
    main.stairs(density_q, edges, label="generated")
    middles = (edges[1:] + edges[:-1]) / 2
    main.errorbar(middles, density_q, error_q, fmt="none")
    main.legend()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio.errorbar(middles, density_q / density_p, error_q / density_p, fmt=".")
    ratio.set_ylim(0.5, 1.5)
    ratio.set_xlabel(name)
    fig.savefig(folder / f"{name}.svg")
    fig.savefig(folder / f"{name}.png", dpi=200)
    plt.close(fig)


def peer(reference, generated, folder, detector, splits):
    import matplotlib
    import numpy as np

    matplotlib.use("agg")
    folder.mkdir(parents=True, exist_ok=True)
    first, second = observables(reference, detector), observables(generated, detector)
    random = np.random.default_rng(1)
    events = len(first["E_tot_over_E_inc"])
    halves = [random.permutation(events) < events // 2 for _ in range(splits)]
    figures_wanted = sorted(first)[:60]
    for name in first:
        a, b = first[name], second[name]
        if name.startswith("E_") and name != "E_tot_over_E_inc" or name == "voxel_energy":
            edges = np.logspace(np.log10(max(a.min(), 1e-2)), np.log10(a.max()), 50)
        else:
            edges = np.linspace(a.min(), a.max() + 1e-9, 101)
        tests(a, b, edges)
        for half in halves if name != "voxel_energy" else []:
            tests(a[half], a[~half], edges)
        if name in figures_wanted:
            figure(name, a, b, edges, folder)


def cpu_seconds(command, environment):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--program", required=True)
    parser.add_argument("--detector", default="calochallenge-photons")
    parser.add_argument("--nevents", type=int, default=20000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--floor-splits", type=int, default=0)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    files = []
    for seed in (1, 2):
        path = arguments.work / f"{arguments.detector}-{arguments.nevents}-{seed}.hdf5"
        if not path.exists():
            subprocess.run(
                [arguments.program, "simulate", "--detector", arguments.detector, "--nevents",
                 str(arguments.nevents), "--seed", str(seed), "--output", str(path)],
                check=True,
            )
        files.append(str(path))
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")}
    environment = os.environ | one_thread
    splits = str(arguments.floor_splits)
    ours = [
        arguments.program, "validate", "--reference", files[0], "--generated", files[1],
        "--detector", arguments.detector, "--output", str(arguments.work / "ours"), "--force",
        "--skip", "conditions,correlations,cells,duplicates,physics,distances,classifiers",
        "--floor-splits", splits, "--bootstrap", "0", "--figures", "svg,png",
    ]
    theirs = [
        sys.executable, __file__, "peer", files[0], files[1], str(arguments.work / "theirs"),
        arguments.detector, splits,
    ]
    print("| pair | ours (CPU s) | numpy, scipy, matplotlib (CPU s) | ratio |\n|---|---|---|---|")
    for pair in range(arguments.pairs):
        a, b = cpu_seconds(ours, environment), cpu_seconds(theirs, environment)
        print(f"| {pair + 1} | {a:.1f} | {b:.1f} | {a / b:.2f} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        _, _, reference, generated, folder, detector, splits = sys.argv
        peer(reference, generated, Path(folder), detector, int(splits))
    else:
        main()
