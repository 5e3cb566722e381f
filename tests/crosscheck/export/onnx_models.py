"""Exported ONNX models in ONNX Runtime, against the events of `showerforge generate`.

    python tests/crosscheck/export/onnx_models.py MODEL.onnx SAMPLES.hdf5 [MODEL.onnx SAMPLES.hdf5 ...]

Each model has the signature `showerforge`, and its samples are of `showerforge export --samples`.
Prints a JSON list with, for each model:

    events, values     how many were compared
    flipped            values that are 0 on one side only, at the read-out threshold
    other_events       events with such values, whose layers share their energy otherwise: left out below
    of_total           largest difference over the sum of the event's values (of tables: as of_scale)
    of_scale           largest difference over the largest value of the event (of tables: over the
                       range of the column)
    of_value           largest difference over the value itself, of values that are not 0
    of_bright_value    the same, of values of ten times the read-out threshold or more
    of_value_99_9      the same, of all but one in a thousand values
    rank_1_differs     whether one event alone is another than in a batch, beyond 1e-5 of the scale
"""

import json
import sys

import h5py
import numpy
import onnx
import onnxruntime


def session(path):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run(model, noise, conditions):
    parts = []
    for first in range(0, len(noise), 256):
        rows = slice(first, first + 256)
        inputs = {"noise": noise[rows], "conditions": conditions[rows].astype(numpy.float32)}
        parts.append(model.run(None, inputs)[0])
    return numpy.concatenate(parts)


def compare(model_path, samples_path):
    model = session(model_path)
    (output,) = model.get_outputs()
    with h5py.File(samples_path) as samples:
        noise, conditions = samples["noise"][:], samples["conditions"][:]
        expected = samples[output.name][:].astype(numpy.float64)
    metadata = model.get_modelmeta().custom_metadata_map
    found = run(model, noise, conditions)
    assert found.dtype == numpy.float32 and found.shape == expected.shape, found.shape
    assert numpy.isfinite(found).all()
    alone = run(model, noise[:1], conditions[:1])
    found = found.astype(numpy.float64)
    is_table = "columns" in metadata
    flipped = (found == 0) != (expected == 0)
    if is_table:
        flipped[:] = False
        scale = numpy.ptp(expected, axis=0, keepdims=True)
    else:
        scale = numpy.abs(expected).max(axis=1, keepdims=True)
    scale = numpy.broadcast_to(numpy.where(scale > 0, scale, 1.0), expected.shape)
    alike = ~flipped.any(axis=1)
    difference = numpy.abs(found - expected)
    of_scale = (difference / scale)[alike]
    total = scale if is_table else numpy.abs(expected).sum(axis=1, keepdims=True)
    of_total = (difference / numpy.where(total > 0, total, 1.0))[alike]
    there = expected[alike] != 0
    of_value = difference[alike][there] / numpy.abs(expected[alike][there])
    threshold = float(metadata["readout_threshold"])
    bright = numpy.abs(expected[alike][there]) >= 10 * threshold
    rank_1 = numpy.abs(alone - found[:1]) / scale[:1]
    return {
        "name": model_path,
        "events": len(expected),
        "values": expected.size,
        "not_zero": int(there.sum()),
        "flipped": int(flipped.sum()),
        "other_events": int((~alike).sum()),
        "of_total": float(of_total.max(initial=0)),
        "of_scale": float(of_scale.max(initial=0)),
        "of_value": float(of_value.max(initial=0)),
        "of_bright_value": float(of_value[bright].max(initial=0)),
        "of_value_99_9": float(numpy.quantile(of_value, 0.999)) if of_value.size else 0.0,
        "rank_1_differs": bool((rank_1 > 1e-5).any()),
        "opset": onnx.load(model_path).opset_import[0].version,
        "metadata": metadata,
        "onnxruntime": onnxruntime.__version__,
    }


if __name__ == "__main__":
    pairs = zip(sys.argv[1::2], sys.argv[2::2])
    print(json.dumps([compare(model, samples) for model, samples in pairs]))
