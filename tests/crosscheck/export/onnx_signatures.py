"""Models exported with the signatures of Par04 and DDML, against the signature `showerforge`.

    python tests/crosscheck/export/onnx_signatures.py par04|ddml MODEL.onnx OWN.onnx SAMPLES.hdf5

The input is made as the two programs make theirs: Par04 puts standard normal numbers, E / E_max,
the angle over 90 degrees and a one-hot of the geometry into one row; DDML gives numbers that are
uniform in -1 to 1, and the energy in GeV, as tensors of five axes. What comes out is put back into
our order of cells and into MeV, as they do. Prints a JSON object: `of_scale`, the largest difference
over the largest value of the event, and `of_value`, that over the value itself.
"""

import json
import sys
from statistics import NormalDist

import h5py
import numpy
import onnx
import onnxruntime


def session(path):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def groups(own):
    return json.loads(own.get_modelmeta().custom_metadata_map["noise"])


def par04(model, own, noise, conditions):
    """Of a detector whose only condition is the energy."""
    metadata = model.get_modelmeta().custom_metadata_map
    maximum = float(metadata["maximum_energy_mev"])
    energy = conditions[:, :1]
    standard, first = noise.copy(), 0
    for group in groups(own):
        columns = slice(first, first + group["count"])
        standard[:, columns] = (noise[:, columns] - group["mean"]) / group["deviation"]
        first += group["count"]
    geometry = numpy.tile([0.0, 1.0], (len(noise), 1))
    angle = numpy.full((len(noise), 1), 0.7)
    row = numpy.hstack([standard, energy / maximum, angle, geometry]).astype(numpy.float32)
    (only,) = model.get_inputs()
    assert only.shape[1] == row.shape[1], only.shape
    # Par04 runs one event at a time.
    fractions = numpy.concatenate([model.run(None, {only.name: one[None]})[0] for one in row])
    rings, sectors, layers = 9, 16, 45
    cells = fractions.reshape(-1, rings, sectors, layers).transpose(0, 3, 2, 1)
    return cells.reshape(len(noise), -1) * energy, noise, conditions


def ddml(model, own, noise, conditions):
    """Of a grid; other conditions than the energy are those of the first event."""
    metadata = model.get_modelmeta().custom_metadata_map
    conditions[:, 1:] = conditions[:1, 1:]
    generator = numpy.random.default_rng(1)
    uniform = generator.uniform(-1, 1, noise.shape).astype(numpy.float32)
    # The noise that these numbers stand for.
    inverse = NormalDist().inv_cdf
    first = 0
    for group in groups(own):
        columns = slice(first, first + group["count"])
        share = (uniform[:, columns].astype(numpy.float64) + 1) / 2
        if group["distribution"] == "normal":
            normal = numpy.vectorize(inverse)(share)
            noise[:, columns] = group["mean"] + group["deviation"] * normal
        else:
            width = group["maximum"] - group["minimum"]
            noise[:, columns] = group["minimum"] + width * share
        first += group["count"]
    z, energy = model.get_inputs()
    assert z.shape[1:] == [noise.shape[1], 1, 1, 1] and energy.shape[1:] == [1, 1, 1, 1]
    gev = (conditions[:, :1] / 1000).astype(numpy.float32)
    # The energy that our own signature is given is the one that fits 32 bits of GeV.
    conditions[:, :1] = gev.astype(numpy.float64) * 1000
    made = model.run(
        None,
        {z.name: uniform[:, :, None, None, None], energy.name: gev[:, :, None, None, None]},
    )[0]
    nz, ny, nx = json.loads(metadata["event_shape"])
    cells = made.reshape(-1, nz, nx, ny).transpose(0, 1, 3, 2)
    return cells.reshape(len(noise), -1), noise, conditions


if __name__ == "__main__":
    kind, model_path, own_path, samples_path = sys.argv[1:]
    model, own = session(model_path), session(own_path)
    with h5py.File(samples_path) as samples:
        noise, conditions = samples["noise"][:16], samples["conditions"][:16]
    found, noise, conditions = {"par04": par04, "ddml": ddml}[kind](model, own, noise, conditions)
    inputs = {"noise": noise, "conditions": conditions.astype(numpy.float32)}
    expected = own.run(None, inputs)[0].astype(numpy.float64)
    flipped = (found == 0) != (expected == 0)
    difference = numpy.abs(found - expected)[~flipped.any(axis=1)]
    expected = expected[~flipped.any(axis=1)]
    scale = numpy.abs(expected).max(axis=1, keepdims=True)
    there = expected != 0
    print(
        json.dumps(
            {
                "events": len(expected),
                "flipped": int(flipped.sum()),
                "not_zero": int(there.sum()),
                "of_scale": float((difference / numpy.where(scale > 0, scale, 1)).max()),
                "of_value": float((difference[there] / expected[there]).max()),
            }
        )
    )
