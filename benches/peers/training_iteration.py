"""CPU time and peak memory of one training iteration: ours and PyTorch's twins, in turn.

Each work is a configuration and a twin of it in `twins/` with the same layers, losses, penalties and
steps. Both run on one thread, in processes of their own: ours, the twin eager and, where it has one, the twin by
torch.compile, then again. CPU time is user and system time per iteration after a warm-up, which holds the
compilation; peak memory is the highest resident set of the whole process. The table has the median ratio
ours / PyTorch of the pairs, and the least and the greatest.

With `--device cuda` a twin runs on a GPU and its time is that of the clock, with the GPU waited for. Mode
`graphs` is torch.compile with CUDA graphs (mode="reduce-overhead"). Its products of matrices are those of TF32
with `--tf32`, as burn computes them, else of 32-bit floats. `scripts/cuda-check.sh` compares it with ours.

needs: pip install torch; g++ for torch.compile
usage: python training_iteration.py [--pairs N] [WORK ...]         compare; without WORK, every work
       python training_iteration.py --twin WORK MODE BATCH N       one twin alone, N iterations
       python training_iteration.py --device cuda [--tf32] --twin WORK MODE BATCH N
works: photons, fastcalogan, cramer-rich, grid25, clic51; modes: eager, compile, graphs
"""

import argparse
import importlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ["cargo", "bench", "--quiet", "--bench", "training_iteration"]
RESULT = re.compile(r"batch \d+: ([\d.]+) CPU ms per iteration, peak (\d+) MB")
ONE_THREAD = {"RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
GPU_WARM_UP = 20  # iterations, in which CUDA graphs are recorded, too


@dataclass
class Work:
    config: str
    iterations: dict[int, int]  # by batch size
    modes: tuple[str, ...] = ("eager",)
    pairs: int = 5
    warm_up: int = 3


WORKS = {
    "photons": Work("configs/photons-geant4.toml", {256: 12, 1024: 5}, ("eager", "compile")),
    "fastcalogan": Work("benches/configs/fastcalogan.toml", {256: 12, 1024: 5}, ("eager", "compile")),
    "cramer-rich": Work("benches/configs/cramer-rich.toml", {5000: 2}, warm_up=1),
    "grid25": Work("benches/configs/grid25.toml", {32: 5}),
    "clic51": Work("configs/clic-ecal-51-3dgan.toml", {32: 1}, pairs=2, warm_up=1),
}


def build_twin(name, mode, batch, device):
    import torch

    module = importlib.import_module("twins." + name.replace("-", "_"))
    if mode not in module.MODES:
        sys.exit(f"{name} has no mode {mode}, only {', '.join(module.MODES)}")
    torch.manual_seed(1)
    return module.build(mode, batch, device)


def twin(name, mode, batch, iterations):
    import torch

    from twins.measure import cpu_milliseconds, peak_mb

    torch.set_num_threads(1)
    iteration = build_twin(name, mode, batch, "cpu")
    milliseconds = cpu_milliseconds(iteration, WORKS[name].warm_up, iterations)
    print(
        f"{name} {mode} batch {batch}: {milliseconds:.1f} CPU ms per iteration, "
        f"peak {peak_mb()} MB (PyTorch {torch.__version__})"
    )


def twin_on_gpu(name, mode, batch, iterations, device, tf32):
    import torch

    from twins.measure import clock_milliseconds

    if not torch.cuda.is_available():
        sys.exit("no GPU that PyTorch can use")
    torch.cuda.set_device(device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    iteration = build_twin(name, mode, batch, device)
    milliseconds = clock_milliseconds(iteration, GPU_WARM_UP, iterations)
    print(
        f"{name} {mode} batch {batch}: {milliseconds:.3f} ms per iteration, "
        f"peak {torch.cuda.max_memory_allocated() >> 20} MB on the GPU "
        f"(PyTorch {torch.__version__}, {'TF32' if tf32 else '32-bit floats'})"
    )


def reason(output):
    """The message of a panic, else the last line."""
    lines = output.strip().splitlines() or ["printed nothing"]
    panics = [i + 1 for i, line in enumerate(lines[:-1]) if "panicked at" in line]
    return lines[panics[0] if panics else -1]


def run(command):
    """CPU milliseconds and peak MB that the command prints."""
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True)
    found = RESULT.search(done.stdout)
    if done.returncode != 0 or not found:
        raise RuntimeError(f"`{' '.join(map(str, command))}`: {reason(done.stderr or done.stdout)}")
    return float(found[1]), float(found[2])


def spread(ratios):
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def compare(name, batch, pairs, ours_command):
    """Runs ours and each mode of the twin in turn; prints a row for each mode. True if none failed."""
    work = WORKS[name]
    size = [str(batch), str(work.iterations[batch])]
    ours, theirs, failures = [], {mode: [] for mode in work.modes}, {}
    for _ in range(pairs):
        ours.append(run([*ours_command, work.config, *size]))
        for mode in work.modes:
            if mode in failures:
                continue
            try:
                theirs[mode].append(run([sys.executable, __file__, "--twin", name, mode, *size]))
            except RuntimeError as failure:
                failures[mode] = failure
    for mode, results in theirs.items():
        if mode in failures:
            print(f"| {name} | {batch} | {mode} | failed: {failures[mode]} |", flush=True)
            continue
        cells = [name, batch, mode, len(results)]
        for i in (0, 1):
            median = [statistics.median(result[i] for result in side) for side in (ours, results)]
            cells += [f"{median[0]:.0f}", f"{median[1]:.0f}", spread([a[i] / b[i] for a, b in zip(ours, results)])]
        print("|", " | ".join(map(str, cells)), "|", flush=True)
    return not failures


def compare_all(names, pairs, program):
    """Prints the table; goes on after a work that fails. True if none did."""
    ours = [program] if program else [*BENCH, "--"]
    if not program:
        subprocess.run([*BENCH, "--no-run"], cwd=ROOT, check=True)
    columns = ["work", "batch", "PyTorch", "pairs", "our CPU ms", "its CPU ms", "ratio", "our MB", "its MB", "ratio"]
    print("|", " | ".join(columns), "|\n|" + "---|" * len(columns), flush=True)
    complete = True
    for name in names:
        for batch in WORKS[name].iterations:
            try:
                complete &= compare(name, batch, pairs or WORKS[name].pairs, ours)
            except RuntimeError as failure:
                complete = False
                print(f"| {name} | {batch} | failed: {failure} |", flush=True)
    return complete


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="WORK", help="works to compare (default: all)")
    parser.add_argument("--pairs", type=int, help="pairs of runs (default: by work)")
    parser.add_argument("--program", help="the benchmark as it was built, in place of cargo bench")
    parser.add_argument("--twin", nargs=4, metavar=("WORK", "MODE", "BATCH", "N"), help="one twin alone")
    parser.add_argument("--device", default="cpu", help="cpu or cuda:N (cuda: cuda:0), for --twin")
    parser.add_argument("--tf32", action="store_true", help="on a GPU: products of matrices in TF32")
    arguments = parser.parse_args()
    device = "cuda:0" if arguments.device == "cuda" else arguments.device
    on_gpu = device != "cpu"
    if on_gpu and not arguments.twin:
        parser.error("--device is for --twin; scripts/cuda-check.sh compares on a GPU")
    names = arguments.twin[:1] if arguments.twin else arguments.works
    for name in names:
        if name not in WORKS:
            parser.error(f"no work `{name}`; there are {', '.join(WORKS)}")
    if arguments.twin:
        _, mode, batch, iterations = arguments.twin
        size = int(batch), int(iterations)
        if on_gpu:
            twin_on_gpu(names[0], mode, *size, device, arguments.tf32)
        else:
            twin(names[0], mode, *size)
    else:
        sys.exit(0 if compare_all(names or list(WORKS), arguments.pairs, arguments.program) else 1)


if __name__ == "__main__":
    main()
