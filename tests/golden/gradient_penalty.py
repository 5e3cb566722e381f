"""Gradients of critic penalties in float64 by PyTorch's double differentiation.

Writes gradient_penalty.json beside this file, the golden numbers of tests/penalty_gradients.rs.
Weights and inputs follow an integer recipe that the test repeats, so the file holds results only:
for each case the penalty, and for each parameter the norm of the penalty's gradient with respect
to it and the gradient at up to 97 positions spread over it.

needs: pip install torch numpy;  usage: python gradient_penalty.py
"""

import json
import math
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
EVENTS = 16


def recipe(rows, columns, salt, scale):
    i = np.arange(rows, dtype=np.int64)[:, None]
    j = np.arange(columns, dtype=np.int64)[None, :]
    fraction = ((i * 7919 + j * 104729 + (i * j) % 257 * 1299709 + salt * 15485863) % 2003) / 1001.5 - 1.0
    return (fraction * scale).astype(np.float32).astype(np.float64)


def spread(values):
    flat = values.reshape(-1)
    step = max(1, len(flat) // 97)
    return flat[::step][:97].tolist()


def case(name, widths, activation, penalty):
    parameters = {}
    for k, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        weight = recipe(inputs, outputs, 2 * k + 1, math.sqrt(6.0 / inputs))
        bias = recipe(1, outputs, 2 * k + 2, 0.1)[0]
        parameters[f"layers.{k}.weight"] = torch.tensor(weight, requires_grad=True)
        parameters[f"layers.{k}.bias"] = torch.tensor(bias, requires_grad=True)
    features = widths[0] - 1
    x = torch.tensor(recipe(EVENTS, features, 101, 2.0), requires_grad=True)
    label = torch.tensor(recipe(EVENTS, 1, 102, 1.0))

    h = torch.cat([x, label], dim=1)
    for k in range(len(widths) - 1):
        h = h @ parameters[f"layers.{k}.weight"] + parameters[f"layers.{k}.bias"]
        if k < len(widths) - 2:
            h = torch.nn.functional.leaky_relu(h, 0.2) if activation == "leaky-relu" else torch.nn.functional.silu(h)
    (gradient,) = torch.autograd.grad(h.sum(), x, create_graph=True)
    squared = gradient.square().sum(dim=1)
    value = (squared.sqrt() - 1).square().mean() if penalty == "gradient-penalty" else squared.mean()
    gradients = torch.autograd.grad(value, list(parameters.values()), allow_unused=True)
    result = {}
    for (key, parameter), found in zip(parameters.items(), gradients):
        found = torch.zeros_like(parameter) if found is None else found
        result[key] = {"norm": found.norm().item(), "values": spread(found.numpy())}
    return {
        "name": name,
        "widths": widths,
        "activation": activation,
        "penalty": penalty,
        "value": value.item(),
        "gradients": result,
    }


cases = [
    case("shower critic, two-sided", [375, 368, 368, 368, 1], "leaky-relu", "gradient-penalty"),
    case("shower critic, zero-centred", [375, 512, 256, 256, 1], "leaky-relu", "zero-centred"),
    case("layer critic, two-sided", [6, 64, 64, 1], "leaky-relu", "gradient-penalty"),
    case("smooth critic, two-sided", [6, 32, 32, 1], "silu", "gradient-penalty"),
    case("smooth critic, zero-centred", [6, 32, 32, 1], "silu", "zero-centred"),
]
out = pathlib.Path(__file__).with_suffix(".json")
out.write_text(json.dumps({"torch": torch.__version__, "events": EVENTS, "cases": cases}, indent=1) + "\n")
