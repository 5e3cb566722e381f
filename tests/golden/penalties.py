"""Penalties of a whole critic, from real and generated events on, in float64.

Writes penalties.json beside this file, the golden numbers of tests/penalties.rs: for each case the
penalty, and for each parameter the norm of its gradient with respect to it and the gradient at up
to 97 positions, by PyTorch's double differentiation. Weights and events follow an integer recipe
that the test repeats.

needs: pip install torch numpy;  usage: python penalties.py
"""

import json
import math
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
EVENTS, FEATURES, LABELS = 8, 18, 2


def recipe(rows, columns, salt, scale):
    i = np.arange(rows, dtype=np.int64)[:, None]
    j = np.arange(columns, dtype=np.int64)[None, :]
    fraction = ((i * 7919 + j * 104729 + (i * j) % 257 * 1299709 + salt * 15485863) % 2003) / 1001.5 - 1.0
    return (fraction * scale).astype(np.float32).astype(np.float64)


def spread(values):
    flat = values.reshape(-1)
    step = max(1, len(flat) // 97)
    return flat[::step][:97].tolist()


class Network:
    def __init__(self, widths, activation):
        self.activation = {
            "silu": torch.nn.functional.silu,
            "leaky-relu": lambda h: torch.nn.functional.leaky_relu(h, 0.2),
        }[activation]
        self.layers = []
        for k, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            weight = recipe(inputs, outputs, 2 * k + 1, math.sqrt(6.0 / inputs))
            bias = recipe(1, outputs, 2 * k + 2, 0.1)[0]
            self.layers.append([torch.tensor(weight, requires_grad=True), torch.tensor(bias, requires_grad=True)])

    def __call__(self, x, label):
        h = torch.cat([x, label], dim=1)
        for weight, bias in self.layers[:-1]:
            h = self.activation(h @ weight + bias)
        weight, bias = self.layers[-1]
        return h @ weight + bias


def events(salt):
    x = torch.tensor(recipe(EVENTS, FEATURES, salt, 1.5))
    return x, torch.tensor(recipe(EVENTS, LABELS, salt + 50, 1.0))


REAL, FAKE, OTHER = events(101), events(102), events(103)
EPSILON = torch.tensor((recipe(EVENTS, 1, 107, 0.5).astype(np.float32) + np.float32(0.5)).astype(np.float64))


def gradient_of(score, inputs):
    found = torch.autograd.grad(score.sum(), inputs, create_graph=True)
    return torch.cat(found, dim=1)


# arXiv:1704.00028, equation 3; arXiv:1709.08894 for the one-sided form.
def gradient_penalty(network, settings, score):
    x = (EPSILON * REAL[0] + (1 - EPSILON) * FAKE[0]).requires_grad_()
    if settings.get("of", "data") == "data":
        label = REAL[1]
        inputs = [x]
    else:
        label = (EPSILON * REAL[1] + (1 - EPSILON) * FAKE[1]).requires_grad_()
        inputs = [x, label]
    norm = gradient_of(score(network, x, label), inputs).norm(dim=1)
    excess = norm - settings.get("norm", 1.0)
    if settings.get("one_sided", False):
        excess = torch.clamp(excess, min=0)
    return (excess**2).mean(), norm.detach().tolist()


def plain_score(network, x, label):
    return network(x, label)


# arXiv:1705.10743: f of the second generated batch.
def cramer_score(network, x, label):
    h = network(x, label)
    return (h - network(*OTHER)).norm(dim=1) - h.norm(dim=1)


# arXiv:1801.04406, equation 9, without gamma.
def zero_centred(network, side):
    x = side[0].clone().requires_grad_()
    gradient = gradient_of(network(x, side[1]), [x])
    return (gradient**2).sum(dim=1).mean() / 2, gradient.detach().norm(dim=1).tolist()


def case(name, activation, objective, penalty, outputs=1):
    widths = [FEATURES + LABELS, 16, 12, outputs]
    network = Network(widths, activation)
    if penalty["kind"] == "gradient-penalty":
        score = cramer_score if objective["kind"] == "cramer" else plain_score
        value, norms = gradient_penalty(network, penalty, score)
    elif penalty["kind"] == "drift":
        value, norms = (network(*REAL) ** 2).mean(), []
    else:
        value, norms = zero_centred(network, REAL if penalty["kind"] == "r1" else FAKE)
    parameters = {
        f"layers.{k}.{part}": parameter
        for k, layer in enumerate(network.layers)
        for part, parameter in zip(("weight", "bias"), layer)
    }
    gradients = torch.autograd.grad(value, list(parameters.values()), allow_unused=True)
    result = {}
    for (key, parameter), found in zip(parameters.items(), gradients):
        found = torch.zeros_like(parameter) if found is None else found
        result[key] = {"norm": found.norm().item(), "values": spread(found.numpy())}
    return {
        "name": name,
        "hidden": widths[1:-1],
        "activation": activation,
        "objective": objective,
        "penalty": {"weight": 1.0, **penalty},
        "norms": norms,
        "value": value.item(),
        "gradients": result,
    }


WASSERSTEIN = {"kind": "wasserstein"}
CRAMER = {"kind": "cramer", "dimension": 5}
cases = []
for activation in ("silu", "leaky-relu"):
    for name, objective, penalty in [
        ("two-sided", WASSERSTEIN, {"kind": "gradient-penalty"}),
        ("one-sided", WASSERSTEIN, {"kind": "gradient-penalty", "one_sided": True, "norm": 0.6}),
        ("target", WASSERSTEIN, {"kind": "gradient-penalty", "norm": 0.3}),
        ("data and condition", WASSERSTEIN, {"kind": "gradient-penalty", "of": "data-and-condition"}),
        ("r1", WASSERSTEIN, {"kind": "r1"}),
        ("r2", WASSERSTEIN, {"kind": "r2"}),
        ("drift", WASSERSTEIN, {"kind": "drift"}),
        ("surrogate", CRAMER, {"kind": "gradient-penalty"}),
        ("one-sided surrogate of data and condition", CRAMER, {"kind": "gradient-penalty", "one_sided": True, "norm": 0.6, "of": "data-and-condition"}),
    ]:
        outputs = objective.get("dimension", 1)
        cases.append(case(f"{name}, {activation}", activation, objective, penalty, outputs))
out = pathlib.Path(__file__).with_suffix(".json")
out.write_text(json.dumps({"torch": torch.__version__, "events": EVENTS, "cases": cases}) + "\n")
