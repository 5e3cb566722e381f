"""Fréchet and kernel physics distances: JetNet's twin, and the comparison.

The same two samples in double precision, each run in a process of its own, ours and JetNet's in turn. The
draws are each program's own, so that the figures agree only within their errors. FPD with 10,000 to 50,000
events a batch, KPD with ten batches of 5,000.

needs: pip install jetnet (numpy, scipy, numba)
usage: python jetnet_distances.py [EVENTS [FEATURES [PAIRS]]]
       python jetnet_distances.py --twin fpd|kpd EVENTS FEATURES
"""

import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def metrics():
    """jetnet.evaluation.gen_metrics, also where its import of energyflow fails for what is not needed here."""
    import types

    try:
        import energyflow.emd  # noqa: F401
    except ImportError:
        sys.modules["energyflow"] = types.ModuleType("energyflow")
        sys.modules["energyflow.emd"] = types.ModuleType("energyflow.emd")
        sys.modules["energyflow.emd"].emds = sys.modules["energyflow"].EFPSet = None
    from jetnet.evaluation import gen_metrics

    return gen_metrics


def twin(measure, events, features):
    import resource
    import warnings

    from neighbours import sample

    warnings.filterwarnings("ignore")
    jetnet = metrics()
    events, features = int(events), int(features)
    reference, generated = sample(1, events, features, 1.0), sample(2, events, features, 1.05)
    if measure == "kpd":
        jetnet.kpd(reference[:50], generated[:50], batch_size=10)  # compiles
    wall, cpu = time.perf_counter(), time.process_time()
    if measure == "fpd":
        found = jetnet.fpd(reference, generated, min_samples=10_000)
    else:
        found = jetnet.kpd(reference, generated)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{wall:.3f} {cpu:.3f} {megabytes} {found[0]:.9f} {found[1]:.9f}")


def compare(events="20000", features="46", pairs="3"):
    subprocess.run(
        ["cargo", "build", "--release", "-p", "validation", "--example", "distance_speed"], cwd=ROOT, check=True)

    def run(command):
        out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return [float(number) for number in out.split()]

    print(f"{events} + {events} events, {features} features")
    for measure in ("fpd", "kpd"):
        ours = [ROOT / "target/release/examples/distance_speed", measure, events, features]
        theirs = [sys.executable, __file__, "--twin", measure, events, features]
        runs = [(run(ours), run(theirs)) for _ in range(int(pairs))]
        for name, which in (("wall time, s", 0), ("CPU time, s", 1), ("peak memory, MB", 2)):
            mine, other = ([pair[side][which] for pair in runs] for side in (0, 1))
            ratios = [a / b for a, b in zip(mine, other)]
            print(f"{measure}, {name}: ours {statistics.median(mine):.2f}, JetNet {statistics.median(other):.2f}; "
                  f"ours/JetNet median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")
        print(f"{measure}, value and error: ours", *runs[0][0][3:], "JetNet", *runs[0][1][3:])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--twin"]:
        twin(*sys.argv[2:])
    else:
        compare(*sys.argv[1:])
