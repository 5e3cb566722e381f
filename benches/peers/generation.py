"""Speed of generating events: ours, and ONNX Runtime with NumPy and h5py, in turn.

The peer has the same network with the same weights (batch norms folded into them, as ours), the same number of
threads, and the same batches. Measured are the network alone, noise to events in memory (NumPy's standard_normal in 32
bits, ONNX Runtime, decoding by NumPy), and noise to a file (h5py, gzip 4, the same chunks). Each row is the median of
some pairs, ours and the peer in processes of their own, one after the other. With one thread times are CPU times, with
more they are those of the clock; for one event alone they are those of the clock.

ONNX Runtime is called through its Python binding with bound buffers; what such a call costs without any work, measured
on a graph of one addition, is given beside.

needs: pip install onnx onnxruntime h5py numpy
With a model file instead of a WORK, the peer runs the exported ONNX file, whose graph decodes, too.

usage: python generation.py [--pairs N] [--threads N] [--seconds S] [WORK ...]
       works: photons-fastcalogan photons-caloshowergan pions-caloshowergan rich-pid-cramer, or a model file
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ["cargo", "bench", "--quiet", "--bench", "generation", "--"]
BATCHES = (1, 100, 1000, 10000)
FILE_EVENTS = {"photons-fastcalogan": 40_000, "photons-caloshowergan": 40_000, "pions-caloshowergan": 20_000}
NOISE = {"rich-pid-cramer": (0.0, 1.0)}  # else 0.5, 0.5
THRESHOLD_MEV = 1.0


def build(folder, work):
    """The network as ONNX, and its widths (latent, labels, outputs)."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    layers = json.loads((folder / f"{work}.json").read_text())
    numbers = np.fromfile(folder / f"{work}.f32", "<f4")
    at = 0

    def take(*shape):
        nonlocal at
        count = int(np.prod(shape))
        at += count
        return numbers[at - count : at].reshape(shape)

    steps = []  # ("dense", W, b) or ("relu",) or ("silu",)
    latent = layers[0]["latent"]
    labels = 0
    for layer in layers[1:]:
        kind = layer["kind"]
        if kind == "concatenate":
            assert not steps, "conditions stand in front"
            labels = layer["shape"][0]
        elif kind == "dense":
            steps.append(["dense", take(*layer["shape"]), take(layer["shape"][1])])
        elif kind == "affine":
            scale, shift = take(*layer["shape"]), take(*layer["shape"])
            _, weight, bias = steps[-1]
            steps[-1] = ["dense", weight * scale, bias * scale + shift]
        else:
            steps.append([kind])
    nodes, initialisers, current = [], [], "x"
    for i, step in enumerate(steps):
        if step[0] == "dense":
            initialisers += [numpy_helper.from_array(step[1].copy(), f"w{i}"), numpy_helper.from_array(step[2].copy(), f"b{i}")]
            nodes.append(helper.make_node("Gemm", [current, f"w{i}", f"b{i}"], [f"y{i}"]))
        elif step[0] == "relu":
            nodes.append(helper.make_node("Relu", [current], [f"y{i}"]))
        else:
            nodes.append(helper.make_node("Sigmoid", [current], [f"s{i}"]))
            nodes.append(helper.make_node("Mul", [current, f"s{i}"], [f"y{i}"]))
        current = f"y{i}"
    outputs = [step for step in steps if step[0] == "dense"][-1][1].shape[1]
    graph = helper.make_graph(
        nodes, work,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", latent + labels])],
        [helper.make_tensor_value_info(current, TensorProto.FLOAT, ["n", outputs])],
        initialisers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString(), latent, labels, outputs


def session(model, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def bound(network, x, outputs):
    """A function that runs the network on x into a buffer, and the buffer."""
    import numpy as np
    import onnxruntime

    y = np.empty((x.shape[0], outputs), "f4")
    binding = network.io_binding()
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(x))
    held = onnxruntime.OrtValue.ortvalue_from_numpy(y)
    binding.bind_ortvalue_output(network.get_outputs()[0].name, held)
    return (lambda: network.run_with_iobinding(binding)), held


def measure(seconds, work):
    """Microseconds of a call: the least of twenty parts by the clock, and CPU time of all."""
    parts = 20
    for _ in range(3):
        work()
    started = time.perf_counter()
    work()
    calls = int(min(max(seconds / parts / (time.perf_counter() - started), 1), 1e6))
    least, cpu = float("inf"), time.process_time()
    for _ in range(parts):
        started = time.perf_counter()
        for _ in range(calls):
            work()
        least = min(least, (time.perf_counter() - started) / calls * 1e6)
    return least, (time.process_time() - cpu) / (parts * calls) * 1e6


def overhead(seconds):
    """Microseconds of a call of ONNX Runtime that adds one number."""
    import numpy as np
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])], "nothing",
        [value("x", TensorProto.FLOAT, [1, 1])], [value("y", TensorProto.FLOAT, [1, 1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    run, _ = bound(session(model.SerializeToString(), 1), np.ones((1, 1), "f4"), 1)
    return measure(seconds, run)[0]


def inputs(latent, labels, batch):
    import numpy as np

    i, j = np.indices((batch, latent + labels))
    return (((i * 7919 + j * 104729) % 1000) / np.float32(500) - 1).astype("f4")


class Exported:
    """Noise to events with NumPy and the graph of `showerforge export`."""

    def __init__(self, folder, work, threads):
        import numpy as np

        self.np, self.network = np, session((folder / "exported.onnx").read_bytes(), threads)
        noise, _ = self.network.get_inputs()
        self.latent, self.labels = noise.shape[1], 0
        self.outputs = self.network.get_outputs()[0].shape[1]
        self.random = np.random.default_rng(1)

    def events(self, batch):
        np = self.np
        energies = 256.0 * 2.0 ** (np.arange(batch) % 6)
        noise = self.random.standard_normal((batch, self.latent), dtype="f4")
        conditions = energies.reshape(-1, 1)
        if self.network.get_inputs()[1].type == "tensor(float)":
            conditions = conditions.astype("f4")
        return energies, self.network.run(None, {"noise": noise, "conditions": conditions})[0]


class Generator:
    """Noise to events with NumPy and ONNX Runtime."""

    def __init__(self, folder, work, threads):
        import numpy as np

        model, self.latent, self.labels, self.outputs = build(folder, work)
        self.work, self.np = work, np
        self.network = session(model, threads)
        self.random = np.random.default_rng(1)
        self.width = 533 if work == "pions-caloshowergan" else self.outputs
        self.quantiles = np.sort(self.random.standard_normal((2000, self.outputs)), axis=0)

    def events(self, batch):
        np = self.np
        energies = 256.0 * 2.0 ** (np.arange(batch) % 6)
        x = np.empty((batch, self.latent + self.labels), "f4")
        noise = self.random.standard_normal((batch, self.latent), dtype="f4")
        mean, deviation = NOISE.get(self.work, (0.5, 0.5))
        if (mean, deviation) != (0.0, 1.0):
            noise *= np.float32(deviation)
            noise += np.float32(mean)
        x[:, : self.latent] = noise
        x[:, self.latent :] = (2 * np.log(energies / 256) / np.log(32) - 1)[:, None]
        y = self.network.run(None, {"x": x})[0]
        return energies, self.decode(y, energies)

    def decode(self, y, energies):
        np = self.np
        if self.work == "rich-pid-cramer":
            # scikit-learn's QuantileTransformer backwards: the normal distribution function, then the quantiles.
            from scipy.special import ndtr

            share = np.linspace(0, 1, 2000)
            u = ndtr(y.astype("f8"))
            return np.stack([np.interp(u[:, k], share, self.quantiles[:, k]) for k in range(y.shape[1])], 1).astype("f4")
        if self.work == "pions-caloshowergan":
            # Softmax over the voxels of a layer and over the layers, and the total.
            edges = np.linspace(0, 533, 8).astype(int)
            shares = np.exp(y[:, 533:540] - y[:, 533:540].max(1, keepdims=True))
            shares /= shares.sum(1, keepdims=True)
            total = np.maximum(y[:, 540:], 0) * energies[:, None].astype("f4")
            voxels = np.exp(np.clip(y[:, :533], -20, 20))
            for layer in range(7):
                part = voxels[:, edges[layer] : edges[layer + 1]]
                part *= shares[:, layer : layer + 1] * total / part.sum(1, keepdims=True)
            y = voxels
        else:
            y = np.maximum(y, 0)
            y *= energies[:, None].astype("f4")
        y[y < THRESHOLD_MEV] = 0
        return y


def write_file(generator, count, path):
    import h5py

    width = getattr(generator, "width", generator.outputs)
    chunk = max(1, min(1000, (512 << 10) // (4 * width)))
    with h5py.File(path, "w") as file:
        gzip = {"compression": "gzip", "compression_opts": 4}
        showers = file.create_dataset("showers", (count, width), "f4", chunks=(chunk, width), **gzip)
        incident = file.create_dataset("incident_energies", (count, 1), "f8", chunks=(min(count, 65536), 1), **gzip)
        block = max(chunk, 4096 // chunk * chunk)
        for first in range(0, count, block):
            energies, values = generator.events(min(block, count - first))
            showers[first : first + len(values)] = values
            incident[first : first + len(values), 0] = energies


def peer(folder, what, work, batch, threads, seconds):
    import numpy as np

    generator = (Exported if work.endswith(".safetensors") else Generator)(folder, work, threads)
    if what == "network":
        x = inputs(generator.latent, generator.labels, batch)
        run, held = bound(generator.network, x, generator.outputs)
        wall, cpu = measure(seconds, run)
        mean = np.abs(held.numpy().astype("f8")).mean()
    elif what == "events":
        wall, cpu = measure(seconds, lambda: generator.events(batch))
        mean = 0.0
    else:
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "showers.h5"
            write_file(generator, 2000, path)
            started, used = time.perf_counter(), time.process_time()
            write_file(generator, batch, path)
            wall = (time.perf_counter() - started) / batch * 1e6
            cpu = (time.process_time() - used) / batch * 1e6
        mean = 0.0
    print(f"{wall:.3f} {cpu:.3f} us, mean |output| {mean:.6f}")


def numbers(text):
    found = re.search(r"([\d.]+) ([\d.]+) us(?:, mean \S+ ([\d.]+))?", text)
    if not found:
        sys.exit(f"no result in: {text}")
    return float(found[1]), float(found[2]), float(found[3] or 0)


def run(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), RAYON_NUM_THREADS=str(threads))
    done = subprocess.run([str(c) for c in command], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
    return numbers(done.stdout)


def compare(ours, theirs, threads, pairs, by_clock):
    which = 0 if by_clock or threads > 1 else 1
    rows = []
    for _ in range(pairs):
        a, b = run(ours, threads), run(theirs, threads)
        if a[2] and b[2] and abs(a[2] / b[2] - 1) > 1e-4:
            sys.exit(f"not the same work: mean |output| {a[2]} and {b[2]}")
        rows.append((a[which], b[which]))
    ratios = sorted(b / a for a, b in rows)
    ours_us, theirs_us = (statistics.median(row[i] for row in rows) for i in (0, 1))
    return f"{ours_us:.2f} | {theirs_us:.2f} | {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", default=["photons-fastcalogan", "photons-caloshowergan", "pions-caloshowergan", "rich-pid-cramer"])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--bench", help="the compiled benchmark; cargo bench runs it otherwise")
    parser.add_argument("--peer", nargs=5, metavar=("FOLDER", "WHAT", "WORK", "BATCH", "THREADS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        folder, what, work, batch, threads = options.peer
        return peer(pathlib.Path(folder), what, work, int(batch), int(threads), options.seconds)
    bench = [options.bench] if options.bench else BENCH
    threads, seconds = options.threads, options.seconds
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*bench, "write", folder], cwd=ROOT, check=True)
        theirs = lambda what, work, batch: [
            sys.executable, __file__, "--seconds", seconds, "--peer", folder, what, work, batch, threads
        ]
        print(f"an empty call of ONNX Runtime: {overhead(0.5):.1f} us\n")
        print(f"{threads} thread(s), microseconds of a call, median of {options.pairs} pairs\n")
        print("| work | batch | what | ours | peer | peer / ours |\n|---|---|---|---|---|---|")
        for work in options.works:
            is_file = work.endswith(".safetensors")
            if is_file:
                export = ["export", "--model", work, "--output", f"{folder}/exported.onnx", "--force"]
                subprocess.run([ROOT / "target/release/showerforge", *export], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            for what in ("events",) if is_file else ("network", "events"):
                for batch in BATCHES:
                    row = compare(
                        [*bench, what, work, batch, threads, seconds], theirs(what, work, batch),
                        threads, options.pairs, batch == 1,
                    )
                    print(f"| {work} | {batch} | {what} | {row} |", flush=True)
            if is_file or work in FILE_EVENTS:
                count = FILE_EVENTS.get(work, 40_000)
                ours = [*bench, "file", work, count, threads, pathlib.Path(folder) / "ours.h5"]
                row = compare(ours, theirs("file", work, count), threads, options.pairs, False)
                print(f"| {work} | {count} | file, an event | {row} |", flush=True)


if __name__ == "__main__":
    main()
