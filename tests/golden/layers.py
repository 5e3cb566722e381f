"""Outputs and gradients of each kind of layer in float64 by PyTorch.

Writes layers.json beside this file, the golden numbers of tests/layers.rs. Weights and inputs
follow an integer recipe that the test repeats, so the file holds results only, each as its norm
and up to 31 values spread over it. For every case, with c a fixed cotangent of the output y:

- output: y
- gradients: of sum(y c) with respect to the input, the conditions and each parameter
- penalty: the mean over events of |d sum(y c) / dx|^2, and its gradients by double differentiation
- buffers: running statistics after one training pass; singular_value: the largest, by SVD

needs: pip install torch numpy;  usage: python layers.py
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
EVENTS = 6


def recipe(rows, columns, salt, scale):
    i = np.arange(rows, dtype=np.int64)[:, None]
    j = np.arange(columns, dtype=np.int64)[None, :]
    fraction = ((i * 7919 + j * 104729 + (i * j) % 257 * 1299709 + salt * 15485863) % 2003) / 1001.5 - 1.0
    return (fraction * scale).astype(np.float32).astype(np.float64)


def rounded(number):
    return float(f"{number:.11g}")


def summary(values):
    flat = values.detach().numpy().reshape(-1)
    step = max(1, len(flat) // 31)
    return {"norm": rounded(np.linalg.norm(flat)), "values": [rounded(v) for v in flat[::step][:31]]}


def parameter(name, shape, number):
    """Values of the parameter with this number, by its name, rounded to float32 as the test has them."""
    values = recipe(shape[0], int(np.prod(shape[1:])), 10 + number, 0.5)
    if name.split(".")[-1] in ("scale", "alpha", "running_variance"):
        values = (1.0 + values.astype(np.float32)).astype(np.float64)
    return torch.tensor(values.reshape(shape))


def case(name, layer, shape, parameters, function, labels=0, training=False, penalty=True):
    values = {key: parameter(key, size, i) for i, (key, size) in enumerate(parameters)}
    buffers = {key: value for key, value in values.items() if "running" in key}
    trained = {key: value.requires_grad_() for key, value in values.items() if key not in buffers}
    features = int(np.prod(shape))
    x = torch.tensor(recipe(EVENTS, features, 101, 2.0), requires_grad=True)
    label = torch.tensor(recipe(EVENTS, labels, 102, 1.0), requires_grad=True)

    arguments = {"p": values, "x": x.reshape(EVENTS, *shape), "label": label, "training": training}
    output = function(arguments)
    y = output.reshape(EVENTS, -1)
    # Along events unlike x, or norms over the batch would cancel nearly all of the gradient.
    c = torch.tensor(recipe(y.shape[1], EVENTS, 103, 1.0).T)
    wanted = {"x": x, "label": label, **trained}

    def gradients(of, keep):
        found = torch.autograd.grad(of, list(wanted.values()), create_graph=keep, allow_unused=True)
        return {k: torch.zeros_like(v) if g is None else g for (k, v), g in zip(wanted.items(), found)}

    first = gradients((y * c).sum(), True)
    result = {
        "name": name,
        "layer": layer,
        "input": shape,
        "output_shape": list(output.shape[1:]),
        "labels": labels,
        "training": training,
        "output": summary(y),
        "gradients": {k: summary(g) for k, g in first.items() if labels or k != "label"},
    }
    if penalty:
        value = first["x"].square().sum(dim=1).mean()
        second = gradients(value, False) if value.requires_grad else {k: torch.zeros_like(v) for k, v in wanted.items()}
        result["penalty"] = rounded(value.item())
        result["penalty_gradients"] = {k: summary(g) for k, g in second.items() if labels or k != "label"}
    if "moved" in arguments:
        result["buffers"] = {k: summary(v) for k, v in arguments["moved"].items()}
    if "singular_value" in arguments:
        result["singular_value"] = rounded(arguments["singular_value"])
    return result


def flat(x):
    return x.reshape(x.shape[0], -1)


def dense(a, prefix="layers.0."):
    return flat(a["x"]) @ a["p"][prefix + "weight"] + a["p"][prefix + "bias"]


def normalised(a, weight, output_axis):
    """weight / sigma as PyTorch's spectral normalisation after many power iterations: u and v constant."""
    matrix = weight.movedim(output_axis, 0).reshape(weight.shape[output_axis], -1)
    u, s, vh = torch.linalg.svd(matrix.detach())
    a["singular_value"] = s[0].item()
    return weight / (u[:, 0] @ matrix @ vh[0])


def convolution(axes, **options):
    function = F.conv2d if axes == 2 else F.conv3d
    return lambda a: function(a["x"], a["p"]["layers.0.weight"], a["p"]["layers.0.bias"], **options)


def transposed(axes, **options):
    function = F.conv_transpose2d if axes == 2 else F.conv_transpose3d
    return lambda a: function(a["x"], a["p"]["layers.0.weight"], a["p"]["layers.0.bias"], **options)


def batch_norm(momentum):
    def function(a):
        p = {key.removeprefix("layers.0."): value for key, value in a["p"].items()}
        mean, variance = (p[k].reshape(-1).clone() for k in ("running_mean", "running_variance"))
        y = F.batch_norm(a["x"], mean, variance, p["scale"].reshape(-1), p["shift"].reshape(-1), a["training"], momentum)
        a["moved"] = {"layers.0.running_mean": mean, "layers.0.running_variance": variance}
        return y

    return function


def layer_norm(a):
    shape = a["x"].shape[1:]
    p = a["p"]
    if p["layers.0.scale"].numel() == flat(a["x"]).shape[1]:
        return F.layer_norm(a["x"], shape, p["layers.0.scale"].reshape(shape), p["layers.0.shift"].reshape(shape))
    per_channel = [1, -1] + [1] * (len(shape) - 1)
    return F.layer_norm(a["x"], shape) * p["layers.0.scale"].reshape(per_channel) + p["layers.0.shift"].reshape(per_channel)


def swish(a):
    alpha = a["p"]["layers.0.alpha"].reshape([1, -1] + [1] * (a["x"].dim() - 2))
    return a["x"] * torch.sigmoid(alpha * a["x"])


def maxout(a):
    x = a["x"]
    return x.reshape(x.shape[0], x.shape[1] // 3, 3, *x.shape[2:]).max(dim=2).values


def minibatch_deviation(a):
    x = a["x"]
    deviation = (x.var(dim=0, unbiased=False) + 1e-8).sqrt().mean()
    return torch.cat([x, deviation.expand(x.shape[0], 1, *x.shape[2:])], dim=1)


def concatenate(a):
    embedded = a["label"] @ a["p"]["layers.0.weight"] + a["p"]["layers.0.bias"]
    places = a["x"].shape[2:]
    return torch.cat([a["x"], embedded.reshape(*embedded.shape, *[1] * len(places)).expand(-1, -1, *places)], dim=1)


def projection(a):
    p = a["p"]
    return dense(a) + ((a["label"] @ p["layers.0.embedding.weight"]) * a["x"]).sum(dim=1, keepdim=True)


def residual(a):
    p = a["p"]
    branch = F.silu(F.conv2d(a["x"], p["layers.0.layers.0.weight"], p["layers.0.layers.0.bias"], padding=1))
    return F.conv2d(a["x"], p["layers.0.shortcut.layers.0.weight"]) + branch


def repeat(a):
    h = a["x"]
    for k in (0, 2, 4):
        h = torch.tanh(h @ a["p"][f"layers.0.layers.{k}.weight"] + a["p"][f"layers.0.layers.{k}.bias"])
    return h


def branches(a):
    x = a["x"].flatten(1)
    first = torch.tanh(dense({**a, "x": x}, "layers.0.branches.0.layers.0."))
    return torch.cat([first, dense({**a, "x": x}, "layers.0.branches.1.layers.0.")], dim=1)


def recurrent(kind, hidden, bidirectional):
    def function(a):
        module = kind(a["x"].shape[2], hidden, batch_first=True, bidirectional=bidirectional)
        names = {"weight": "weight_ih_l0", "recurrent_weight": "weight_hh_l0", "bias": "bias_ih_l0", "recurrent_bias": "bias_hh_l0"}
        values = {}
        for key, value in a["p"].items():
            key = key.removeprefix("layers.0.")
            end = "_reverse" if key.startswith("reversed.") else ""
            values[names[key.removeprefix("reversed.")] + end] = value.mT if value.dim() == 2 else value
        return torch.func.functional_call(module, values, (a["x"],))[0]

    return function


def recurrent_parameters(features, columns, hidden, prefixes=("",)):
    shapes = {"weight": [features, columns], "recurrent_weight": [hidden, columns], "bias": [columns], "recurrent_bias": [columns]}
    return [(f"layers.0.{prefix}{name}", shape) for prefix in prefixes for name, shape in shapes.items()]


def per_step(a):
    label = a["label"][:, None, :].expand(-1, a["x"].shape[1], -1)
    x = torch.cat([a["x"], label], dim=2)
    return torch.tanh(x @ a["p"]["layers.0.layers.1.weight"] + a["p"]["layers.0.layers.1.bias"])


def weights(weight, bias):
    return [("layers.0.weight", weight), ("layers.0.bias", bias)]


def affine(channels):
    return [("layers.0.scale", [1, channels]), ("layers.0.shift", [1, channels])]


def running(channels):
    return [("layers.0.running_mean", [1, channels]), ("layers.0.running_variance", [1, channels])]


def spectral_dense(a):
    return a["x"] @ normalised(a, a["p"]["layers.0.weight"], 1) + a["p"]["layers.0.bias"]


def spectral_convolution(a):
    return F.conv2d(a["x"], normalised(a, a["p"]["layers.0.weight"], 0), a["p"]["layers.0.bias"])


def spectral_transposed(a):
    return F.conv_transpose2d(a["x"], normalised(a, a["p"]["layers.0.weight"], 1), a["p"]["layers.0.bias"], stride=2)


def elementwise(kind, function, **settings):
    return case(kind, {"kind": kind, **settings}, [9], [], lambda a: function(a["x"]))


image, grid = [3, 7, 6], [2, 5, 6, 4]
transposed_3d = {"kernel": [3, 2, 4], "stride": [2, 1, 3], "padding": [1, 0, 1], "output_padding": [1, 0, 2]}
residual_settings = {
    "kind": "residual",
    "layer": [{"kind": "convolution-2d", "outputs": 4, "kernel": [3, 3], "padding": [1, 1]}, {"kind": "silu"}],
    "shortcut": [{"kind": "convolution-2d", "outputs": 4, "kernel": [1, 1], "bias": False}],
}
cases = [
    elementwise("relu", F.relu),
    elementwise("leaky-relu", lambda x: F.leaky_relu(x, 0.3), slope=0.3),
    elementwise("silu", F.silu),
    elementwise("gelu", F.gelu),
    elementwise("tanh", torch.tanh),
    elementwise("sigmoid", torch.sigmoid),
    case("dense", {"kind": "dense", "outputs": 7}, [9], weights([9, 7], [7]), dense),
    case("dense, spectral norm", {"kind": "dense", "outputs": 7, "spectral_norm": True}, [9], weights([9, 7], [7]), spectral_dense),
    case("convolution-2d", {"kind": "convolution-2d", "outputs": 4, "kernel": [3, 2]}, image, weights([4, 3, 3, 2], [4]), convolution(2)),
    case("convolution-2d, stride and padding", {"kind": "convolution-2d", "outputs": 4, "kernel": [3, 2], "stride": [2, 3], "padding": [1, 0]}, image, weights([4, 3, 3, 2], [4]), convolution(2, stride=(2, 3), padding=(1, 0))),
    case("convolution-2d, spectral norm", {"kind": "convolution-2d", "outputs": 4, "kernel": [3, 3], "spectral_norm": True}, image, weights([4, 3, 3, 3], [4]), spectral_convolution),
    case("convolution-3d", {"kind": "convolution-3d", "outputs": 3, "kernel": [2, 3, 2]}, grid, weights([3, 2, 2, 3, 2], [3]), convolution(3)),
    case("convolution-3d, stride and padding", {"kind": "convolution-3d", "outputs": 3, "kernel": [2, 3, 3], "stride": [2, 2, 3], "padding": [0, 1, 2]}, grid, weights([3, 2, 2, 3, 3], [3]), convolution(3, stride=(2, 2, 3), padding=(0, 1, 2))),
    case("transposed-convolution-2d", {"kind": "transposed-convolution-2d", "outputs": 4, "kernel": [4, 4], "stride": [2, 2], "padding": [1, 1]}, [3, 4, 3], weights([3, 4, 4, 4], [4]), transposed(2, stride=2, padding=1)),
    case("transposed-convolution-2d, output padding", {"kind": "transposed-convolution-2d", "outputs": 2, "kernel": [3, 2], "stride": [3, 2], "padding": [1, 0], "output_padding": [2, 1]}, [3, 4, 3], weights([3, 2, 3, 2], [2]), transposed(2, stride=(3, 2), padding=(1, 0), output_padding=(2, 1))),
    case("transposed-convolution-2d, spectral norm", {"kind": "transposed-convolution-2d", "outputs": 4, "kernel": [2, 3], "stride": [2, 2], "spectral_norm": True}, [3, 4, 3], weights([3, 4, 2, 3], [4]), spectral_transposed),
    case("transposed-convolution-3d", {"kind": "transposed-convolution-3d", "outputs": 3, **transposed_3d}, [2, 3, 4, 2], weights([2, 3, 3, 2, 4], [3]), transposed(3, stride=(2, 1, 3), padding=(1, 0, 1), output_padding=(1, 0, 2))),
    case("upsample of an image", {"kind": "upsample", "factors": [2, 3]}, [2, 3, 2], [], lambda a: F.interpolate(a["x"], scale_factor=(2, 3))),
    case("upsample of a grid", {"kind": "upsample", "factors": [3, 1, 2]}, [2, 2, 3, 2], [], lambda a: F.interpolate(a["x"], scale_factor=(3, 1, 2))),
    case("average-pool of an image", {"kind": "average-pool", "kernel": [2, 3]}, image, [], lambda a: F.avg_pool2d(a["x"], (2, 3))),
    case("average-pool of a grid", {"kind": "average-pool", "kernel": [2, 3, 2]}, grid, [], lambda a: F.avg_pool3d(a["x"], (2, 3, 2))),
    case("pad", {"kind": "pad", "low": [1, 2], "high": [3, 0]}, image, [], lambda a: F.pad(a["x"], (2, 0, 1, 3))),
    case("pad of a grid", {"kind": "pad", "low": [2, 0, 1]}, grid, [], lambda a: F.pad(a["x"], (1, 1, 0, 0, 2, 2))),
    case("crop", {"kind": "crop", "low": [1, 2], "high": [3, 0]}, image, [], lambda a: a["x"][:, :, 1:-3, 2:]),
    case("batch-norm of flat features", {"kind": "batch-norm"}, [9], affine(9) + running(9), batch_norm(0.1), training=True),
    case("batch-norm of images", {"kind": "batch-norm", "momentum": 0.3}, image, affine(3) + running(3), batch_norm(0.3), training=True),
    case("batch-norm of grids", {"kind": "batch-norm"}, grid, affine(2) + running(2), batch_norm(0.1), training=True),
    case("batch-norm in evaluation", {"kind": "batch-norm"}, image, affine(3) + running(3), batch_norm(0.1)),
    case("layer-norm", {"kind": "layer-norm"}, [11], affine(11), layer_norm),
    case("layer-norm of images, affine by channel", {"kind": "layer-norm", "affine": "channel"}, image, affine(3), layer_norm),
    case("pixel-norm", {"kind": "pixel-norm"}, image, [], lambda a: a["x"] / (a["x"].square().mean(dim=1, keepdim=True) + 1e-8).sqrt()),
    case("dropout in evaluation", {"kind": "dropout", "rate": 0.5}, [5], [], lambda a: a["x"]),
    case("swish", {"kind": "swish"}, [9], [("layers.0.alpha", [1, 1])], swish),
    case("swish by channel", {"kind": "swish", "per_channel": True}, image, [("layers.0.alpha", [1, 3])], swish),
    case("gated", {"kind": "gated"}, [4, 3, 2], [], lambda a: F.glu(a["x"], dim=1)),
    case("gated, tanh", {"kind": "gated", "tanh": True}, [8], [], lambda a: torch.tanh(a["x"][:, :4]) * torch.sigmoid(a["x"][:, 4:])),
    case("maxout", {"kind": "maxout", "pieces": 3}, [6, 2, 3], [], maxout),
    case("softmax", {"kind": "softmax"}, [9], [], lambda a: torch.softmax(a["x"], dim=1)),
    case("minibatch-deviation", {"kind": "minibatch-deviation"}, image, [], minibatch_deviation),
    case("minibatch-deviation of flat features", {"kind": "minibatch-deviation"}, [9], [], minibatch_deviation),
    case("reshape", {"kind": "reshape", "shape": [2, 3, 2]}, [12], [], lambda a: a["x"].reshape(-1, 2, 3, 2)),
    case("concatenate", {"kind": "concatenate"}, [4], [], lambda a: torch.cat([a["x"], a["label"]], dim=1), labels=2),
    case("concatenate, embedding", {"kind": "concatenate", "embedding": 3}, [2, 3, 2], weights([2, 3], [3]), concatenate, labels=2),
    case("projection", {"kind": "projection"}, [9], weights([9, 1], [1]) + [("layers.0.embedding.weight", [3, 9])], projection, labels=3),
    case("residual", residual_settings, image, [("layers.0.layers.0.weight", [4, 3, 3, 3]), ("layers.0.layers.0.bias", [4]), ("layers.0.shortcut.layers.0.weight", [4, 3, 1, 1])], residual),
    case("branches", {"kind": "branches", "branch": [{"layer": [{"kind": "dense", "outputs": 3}, {"kind": "tanh"}]}, {"layer": [{"kind": "dense", "outputs": 2}]}]}, [5], [entry for k, n in ((0, 3), (1, 2)) for entry in ((f"layers.0.branches.{k}.layers.0.weight", [5, n]), (f"layers.0.branches.{k}.layers.0.bias", [n]))], branches),
    case("gru", {"kind": "gru", "hidden": 8}, [7, 3], recurrent_parameters(3, 24, 8), recurrent(torch.nn.GRU, 8, False)),
    case("gru of one step", {"kind": "gru", "hidden": 2}, [1, 3], recurrent_parameters(3, 6, 2), recurrent(torch.nn.GRU, 2, False)),
    case("gru in both directions", {"kind": "gru", "hidden": 5, "bidirectional": True}, [6, 4], recurrent_parameters(4, 15, 5, ("", "reversed.")), recurrent(torch.nn.GRU, 5, True)),
    case("lstm", {"kind": "lstm", "hidden": 8}, [7, 3], recurrent_parameters(3, 32, 8), recurrent(torch.nn.LSTM, 8, False)),
    case("lstm in both directions", {"kind": "lstm", "hidden": 5, "bidirectional": True}, [6, 4], recurrent_parameters(4, 20, 5, ("", "reversed.")), recurrent(torch.nn.LSTM, 5, True)),
    case("per-step", {"kind": "per-step", "layer": [{"kind": "concatenate"}, {"kind": "dense", "outputs": 4}, {"kind": "tanh"}]}, [5, 3], [("layers.0.layers.1.weight", [5, 4]), ("layers.0.layers.1.bias", [4])], per_step, labels=2),
    case("repeat", {"kind": "repeat", "times": 3, "layer": [{"kind": "dense", "outputs": 5}, {"kind": "tanh"}]}, [5], [entry for k in (0, 2, 4) for entry in ((f"layers.0.layers.{k}.weight", [5, 5]), (f"layers.0.layers.{k}.bias", [5]))], repeat),
]
out = pathlib.Path(__file__).with_suffix(".json")
versions = {"torch": torch.__version__, "numpy": np.__version__}
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
out.write_text(f'{{"versions":{json.dumps(versions)},"events":{EVENTS},"cases":[\n{lines}\n]}}\n')
