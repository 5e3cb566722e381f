"""Ten steps of optimisers and the clipping of gradients in float64.

Writes optimisers.json beside this file, the golden numbers of tests/optimisers.rs. Two parameters
of 3 and 2 values go down the loss sum(c_i (w_i - t_i)^2 / 2 + sin(3 w_i)), whose gradients the test
computes by itself; the learning rate falls from step to step.

needs: pip install torch;  usage: python optimisers.py
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
START = [[1.0, -2.0, 0.5], [3.0, -0.25]]
CURVATURE = [[1.0, 20.0, 0.05], [4.0, 0.5]]
TARGET = [[0.0, 1.0, -1.0], [2.5, 0.0]]
STEPS = 10


def rate(step):
    return 0.05 * 0.9**step


def run(settings, make):
    parameters = [torch.tensor(values, requires_grad=True) for values in START]
    optimiser = make(parameters)
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = rate(step)
        optimiser.zero_grad()
        loss = sum(
            (torch.tensor(c) * (w - torch.tensor(t)) ** 2 / 2 + torch.sin(3 * w)).sum()
            for w, c, t in zip(parameters, CURVATURE, TARGET)
        )
        loss.backward()
        optimiser.step()
    return {"settings": settings, "end": [w.tolist() for w in parameters]}


cases = [
    run(
        {"kind": "adam", "learning_rate": 0.05, "beta1": beta1, "beta2": beta2, "epsilon": epsilon},
        lambda p, b=(beta1, beta2), e=epsilon: torch.optim.Adam(p, betas=b, eps=e),
    )
    for beta1, beta2, epsilon in [(0.9, 0.999, 1e-8), (0.5, 0.9, 1e-8), (0.0, 0.99, 1e-3)]
]
cases += [
    run(
        {"kind": "rmsprop", "learning_rate": 0.05, "decay": decay, "epsilon": epsilon},
        lambda p, a=decay, e=epsilon: torch.optim.RMSprop(p, alpha=a, eps=e),
    )
    for decay, epsilon in [(0.9, 1e-8), (0.99, 1e-4)]
]
cases += [
    run(
        {"kind": "sgd", "learning_rate": 0.05, "momentum": momentum},
        lambda p, m=momentum: torch.optim.SGD(p, momentum=m, lr=0.05),
    )
    for momentum in (0.0, 0.9)
]


def clipped(largest):
    parameters = [torch.zeros(len(values), requires_grad=True) for values in START]
    for parameter, gradient in zip(parameters, START):
        parameter.grad = torch.tensor(gradient)
    norm = torch.nn.utils.clip_grad_norm_(parameters, largest)
    return {"largest": largest, "norm": norm.item(), "gradients": [p.grad.tolist() for p in parameters]}


out = pathlib.Path(__file__).with_suffix(".json")
out.write_text(
    json.dumps(
        {
            "torch": torch.__version__,
            "start": START,
            "curvature": CURVATURE,
            "target": TARGET,
            "rates": [rate(step) for step in range(STEPS)],
            "cases": cases,
            "clipped": [clipped(largest) for largest in (0.5, 3.0, 100.0)],
        },
        indent=1,
    )
    + "\n"
)
