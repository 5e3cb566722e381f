"""Time of one training iteration with networks as small as the suite's: ours and PyTorch's, in turn.

Each work is a configuration in `benches/configs/suite/` and its twin in `twins/points.py`, with the same layers,
losses, penalties, optimisers and steps. Every run is a process of its own: ours, the twin eager, the twin by
torch.compile, then again. A run takes the time of several blocks of iterations after a warm-up, which holds the
compilation, and prints the least of them, by the clock and of CPU. The table has the least of all runs: others
that work on the machine only ever add to it.

needs: pip install torch; g++ for torch.compile
usage: python suite_iteration.py [WORK ...] [--rounds N] [--threads 1 2] [--modes eager ...]   compare every WORK
       python suite_iteration.py --twin WORK MODE THREADS                   one twin alone
works: gan, wgan-gp, r3gan, pacgan2; modes: eager, fused (eager with the fused Adam), compile
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ["cargo", "bench", "--quiet", "--bench", "suite_iteration"]
RESULT = re.compile(r"([\d.]+) CPU ms, ([\d.]+) ms per iteration")
MODES = ("eager", "fused", "compile")
# Iterations of a block, for about half a second each.
WORKS = {"gan": 16, "wgan-gp": 4, "r3gan": 10, "pacgan2": 32}
BLOCKS, WARM_UP = 6, 3


def twin(name, mode, threads):
    import torch

    from twins import points

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    iteration = points.build(name, "compile" if mode == "compile" else "eager", fused=mode == "fused")
    for _ in range(WARM_UP):
        iteration()
    cpu, clock = [], []
    for _ in range(BLOCKS):
        before = time.process_time(), time.perf_counter()
        for _ in range(WORKS[name]):
            iteration()
        cpu.append((time.process_time() - before[0]) / WORKS[name] * 1e3)
        clock.append((time.perf_counter() - before[1]) / WORKS[name] * 1e3)
    print(f"{name} {mode}: {min(cpu):.2f} CPU ms, {min(clock):.2f} ms per iteration (PyTorch {torch.__version__})")


def run(command, threads):
    """CPU and clock milliseconds that the command prints."""
    names = ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, str(threads))}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    found = RESULT.search(done.stdout)
    if done.returncode != 0 or not found:
        last = (done.stderr or done.stdout or "printed nothing").strip().splitlines()[-1]
        raise RuntimeError(f"`{' '.join(map(str, command))}`: {last}")
    return float(found[1]), float(found[2])


def compare(name, threads, rounds, modes, program):
    """Runs ours and each mode of the twin in turn, and prints a row."""
    best = {}
    for _ in range(rounds):
        for mode in ("ours", *modes):
            command = [*program, name, str(WORKS[name]), str(BLOCKS)]
            if mode != "ours":
                command = [sys.executable, __file__, "--twin", name, mode, str(threads)]
            found = run(command, threads)
            best[mode] = tuple(map(min, found, best.get(mode, found)))
    ours = best["ours"]
    cells = [name, threads, f"{1e3 / ours[1]:.1f}", f"{ours[0]:.1f}"]
    for mode in modes:
        cpu, clock = best[mode]
        cells.append(f"{1e3 / clock:.1f} = {clock / ours[1]:.2f} (CPU {cpu / ours[0]:.2f})")
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="WORK", help="works to compare (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="threads of each run (default: 1 2)")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES, help="of PyTorch (default: all)")
    parser.add_argument("--program", help="the benchmark as it was built, in place of cargo bench")
    parser.add_argument("--twin", nargs=3, metavar=("WORK", "MODE", "THREADS"), help="one twin alone")
    arguments = parser.parse_args()
    for name in arguments.twin[:1] if arguments.twin else arguments.works:
        if name not in WORKS:
            parser.error(f"no work `{name}`; there are {', '.join(WORKS)}")
    if arguments.twin:
        name, mode, threads = arguments.twin
        if mode not in MODES:
            parser.error(f"no mode `{mode}`; there are {', '.join(MODES)}")
        return twin(name, mode, int(threads))
    program = [arguments.program] if arguments.program else [*BENCH, "--"]
    if not arguments.program:
        subprocess.run([*BENCH, "--no-run"], cwd=ROOT, check=True)
    columns = ["work", "threads", "ours, iterations/s", "CPU ms"]
    columns += [f"PyTorch {mode}, iterations/s = its time over ours" for mode in arguments.modes]
    print("|", " | ".join(columns), "|\n|" + "---|" * len(columns), flush=True)
    for threads in arguments.threads:
        for name in arguments.works or WORKS:
            compare(name, threads, arguments.rounds, arguments.modes, program)


if __name__ == "__main__":
    main()
