"""Precision, recall, density and coverage (k = 5): prdc's twin, and the comparison.

The same two samples in double precision, each run in a process of its own, ours and prdc's in turn. prdc
keeps three matrices of all pairs: 20,000 events need some 16 GB.

needs: pip install prdc (scikit-learn, numpy)
usage: python neighbours.py [EVENTS [FEATURES [PAIRS]]]
       python neighbours.py --twin EVENTS FEATURES
"""

import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def sample(seed, events, features, stretch):
    """(u_f + u_g / 2) / (1.25 - u_f) * stretch, with uniform u and the next feature g of f."""
    import numpy as np

    with np.errstate(over="ignore"):
        z = np.arange(events * features, dtype=np.uint64) + np.uint64((seed << 32) + 0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = ((z >> np.uint64(11)).astype(float) * 2.0**-53).reshape(events, features)
    return (u + np.roll(u, -1, axis=1) / 2) / (1.25 - u) * stretch


def twin(events, features):
    import contextlib
    import io
    import resource

    import prdc

    reference, generated = sample(1, events, features, 1.0), sample(2, events, features, 1.05)
    wall, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        found = prdc.compute_prdc(reference, generated, nearest_k=5)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures = (found[name] for name in ("precision", "recall", "density", "coverage"))
    print(f"{wall:.3f} {cpu:.3f} {megabytes}", *(f"{figure:.9f}" for figure in figures))


def compare(events="5000", features="368", pairs="3"):
    subprocess.run(
        ["cargo", "build", "--release", "-p", "validation", "--example", "distance_speed"], cwd=ROOT, check=True)
    ours = [ROOT / "target/release/examples/distance_speed", "manifolds", events, features]
    theirs = [sys.executable, __file__, "--twin", events, features]

    def run(command):
        out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return [float(number) for number in out.split()]

    runs = [(run(ours), run(theirs)) for _ in range(int(pairs))]
    print(f"{events} + {events} events, {features} features")
    for name, which in (("wall time, s", 0), ("CPU time, s", 1), ("peak memory, MB", 2)):
        mine, other = ([pair[side][which] for pair in runs] for side in (0, 1))
        ratios = [a / b for a, b in zip(mine, other)]
        print(f"{name}: ours {statistics.median(mine):.2f}, prdc {statistics.median(other):.2f}; "
              f"ours/prdc median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")
    print("precision, recall, density, coverage: ours", *runs[0][0][3:], "prdc", *runs[0][1][3:])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--twin"]:
        twin(*map(int, sys.argv[2:]))
    else:
        compare(*sys.argv[1:])
