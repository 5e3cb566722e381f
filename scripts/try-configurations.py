#!/usr/bin/env python3
"""Trains every configuration for a minute on simulated events, and tabulates what came of it.

For each: events of the detector's parametric simulation (of Geant4, where data/ has a sample), a training that is
stopped by SIGTERM after the given time, and a table row: iterations done, the
variance of generated events over that of the data, and the selection figure of the first and the last evaluation.
A row that did not train, or has a loss that is not a number, makes the exit code 1.

needs: a release build; nothing else
usage: scripts/try-configurations.py [--seconds 60] [--events 3000] [--output DIR] [NAME ...]
"""

import argparse
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "target" / "release" / "showerforge"
# Samples of Geant4 in data/, by detector.
GEANT4 = {
    "calochallenge-photons": "geant4_photons",
    "calochallenge-pions": "geant4_pions",
    "calochallenge-electrons": "geant4_electrons",
}
# Fewer events of many cells, so that the table does not wait for them.
MOST_VALUES = 10_000_000


def simulate(detector, values, events, seed, path):
    if path.exists():
        return path
    count = max(200, min(events, MOST_VALUES // values))
    command = [PROGRAM, "simulate", "--detector", detector, "--nevents", str(count), "--seed", str(seed)]
    subprocess.run([*command, "--output", path], check=True, capture_output=True)
    return path


def sample(detector, values, events, folder, known):
    """Files to train on and to choose by; made once for each detector."""
    if detector not in known:
        name = GEANT4.get(detector)
        files = [ROOT / "data" / f"{name}_{part}.hdf5" for part in ("train", "valid")]
        if name is None or not all(file.exists() for file in files):
            files = [
                simulate(detector, values, wanted, seed, folder / f"{detector}_{seed}.hdf5")
                for seed, wanted in ((1, events), (2, events // 3))
            ]
        known[detector] = files
    return known[detector]


def train(config, files, seconds, out):
    """Seconds, exit code, and what was said."""
    # Evaluations often enough for two of them within a minute.
    text = config.read_text()
    text = re.sub(r"(?m)^every = .*$", "every = 20", text)
    text = re.sub(r"(?m)^events = .*$", "events = 300", text)
    text = re.sub(r"(?m)^log_every = .*$", "log_every = 1", text)
    changed = out.parent / config.name
    changed.write_text(text)
    command = [PROGRAM, "train", changed, "--data", files[0], "--valid", files[1], "--out", out]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    started = time.monotonic()
    checkpoint_wait = 240
    while child.poll() is None and time.monotonic() - started < seconds + checkpoint_wait:
        if time.monotonic() - started >= seconds:
            child.send_signal(signal.SIGTERM)
            break
        time.sleep(0.2)
    said = child.communicate()[1]
    return time.monotonic() - started, child.returncode, said


def row(config, events, seconds, folder, known):
    text = config.read_text()
    detector = re.search(r'(?m)^detector = "(.*)"', text)[1]
    described = subprocess.run([PROGRAM, "detectors", "--detector", detector], check=True, capture_output=True, text=True).stdout
    values = values_of(described)
    files = sample(detector, values, events, folder, known)
    out = folder / config.stem
    took, code, said = train(config, files, seconds, out)
    log = out / "metrics.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    lines = [line for line in lines if "critics" in line]
    losses = [critic["loss"] for line in lines for critic in line["critics"]]
    figures = [line["selection"]["value"] for line in lines if line.get("selection")]
    variance = next((line["variance_ratio"] for line in reversed(lines) if "variance_ratio" in line), None)
    is_finite = all(loss == loss and abs(loss) < 1e30 for loss in losses)
    good = code in (0, 75) and bool(losses) and is_finite
    show = lambda value: "" if value is None else f"{value:.3g}"
    cells = [
        config.stem,
        detector,
        str(lines[-1]["iteration"] if lines else 0),
        f"{took:.0f}",
        show(variance),
        show(figures[0] if figures else None),
        show(min(figures) if figures else None),
        "" if good else f"failed with {code}: {said.strip().splitlines()[-1] if said.strip() else ''}",
    ]
    return good, "| " + " | ".join(cells) + " |"


def values_of(description):
    """Values of an event, counted from the detector's description."""
    grid = re.search(r"(?m)^cells = \[(\d+), (\d+), (\d+)\]", description)
    return int(grid[1]) * int(grid[2]) * int(grid[3]) if grid else 7_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="configurations, without .toml")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--events", type=int, default=3000)
    parser.add_argument("--output", type=pathlib.Path, help="folder to keep the runs in")
    arguments = parser.parse_args()
    configs = [ROOT / "configs" / f"{name}.toml" for name in arguments.names]
    configs = configs or sorted((ROOT / "configs").glob("*.toml"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.output or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        known, all_good = {}, True
        print("| configuration | detector | iterations | s | variance ratio | first figure | best figure | |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for config in configs:
            try:
                good, text = row(config, arguments.events, arguments.seconds, folder, known)
            except subprocess.CalledProcessError as failure:
                good, text = False, f"| {config.stem} | | | | | | | {failure} |"
            all_good &= good
            print(text, flush=True)
    sys.exit(0 if all_good else 1)


if __name__ == "__main__":
    main()
