"""Values and gradients of the adversarial objectives in float64.

Writes objectives.json beside this file, the golden numbers of tests/objectives.rs. The losses are
written from the papers on probabilities, ratios and conjugates, as they stand there, and not in
the forms that lose no digits in 32 bits; PyTorch's autograd gives the gradients with respect to
what the networks gave (and, for BEGAN, to what the critic saw). SciPy gives the Lambert function.
Inputs are multiples of 1/64, which 32 bits hold exactly.

needs: pip install torch numpy scipy;  usage: python objectives.py
"""

import json
import math
import pathlib

import numpy as np
import scipy
import torch
from scipy.special import lambertw

torch.set_default_dtype(torch.float64)
EVENTS, WIDTH = 8, 6


def grid(rows, columns, salt, scale):
    """Multiples of 1/64 within about +-scale."""
    i = np.arange(rows, dtype=np.int64)[:, None]
    j = np.arange(columns, dtype=np.int64)[None, :]
    fraction = ((i * 7919 + j * 104729 + (i * j) % 257 * 1299709 + salt * 15485863) % 2003) / 1001.5 - 1.0
    return np.round(fraction * scale * 64) / 64


# One pair of equal scores, and one score that is 0: a derivative there must not be lost.
SCORES = {
    "ordinary": ([1.25, -0.5, 2.75, 0.0, -3.125, 0.765625, 1.5, -0.25], [-1.5, 0.375, 0.0, 0.25, -2.5, 0.765625, 3.0, 1.75]),
    # For losses of logits: 1 - sigmoid(40) is 0 in 32 bits.
    "sure": ([40.0, -40.0, 22.0, -22.0, 60.0, -60.0, 9.0, 0.0], [-60.0, 60.0, -22.0, 22.0, -40.0, 40.0, -9.0, 0.0]),
}
WEIGHTS = {
    "real": [1.5, -0.75, 2.0, 0.25, -1.25, 1.0, 3.0, 0.5],
    "other": [0.5, 1.25, -1.5, 2.0, 1.0, 0.75, -0.25, 1.0],
    "fake": [2.0, 0.5, 1.0, -0.5, 1.5, -1.0, 0.25, 1.75],
}
FLIPPED = [0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]


def sigmoid(v):
    return 1 / (1 + torch.exp(-v))


# arXiv:1406.2661, equation 1, on D = sigmoid(score); log(1 - D) = log D(-score) exactly.
def log_d(v):
    return torch.where(v < -30, v - torch.exp(v), -torch.log1p(torch.exp(-v)))


def minimax(generator):
    return lambda s: -log_d(s), lambda s: -log_d(-s), generator


def least_squares(a, b, c):
    return lambda s: (s - b) ** 2 / 2, lambda s: (s - a) ** 2 / 2, lambda s: (s - c) ** 2 / 2


def lambert_of_exponential(y):
    """W(e^y); the last Newton step carries the derivative."""
    w = torch.tensor(lambertw(np.exp(y.detach().numpy())).real)
    return w - (w + torch.log(w) - y) / (1 + 1 / w)


def jeffrey(t):
    w = lambert_of_exponential(1 - t)
    return w + 1 / w + t - 2


# arXiv:1606.00709: the conjugate f*(t), and the activation g_f(v).
DIVERGENCES = {
    "kullback-leibler": (lambda t: torch.exp(t - 1), lambda v: v),
    "reverse-kullback-leibler": (lambda t: -1 - torch.log(-t), lambda v: -torch.exp(-v)),
    "pearson": (lambda t: t**2 / 4 + t, lambda v: v),
    "neyman": (lambda t: 2 - 2 * torch.sqrt(1 - t), lambda v: 1 - torch.exp(-v)),
    "squared-hellinger": (lambda t: t / (1 - t), lambda v: 1 - torch.exp(-v)),
    "jeffrey": (jeffrey, lambda v: v),
    "jensen-shannon": (lambda t: -torch.log(2 - torch.exp(t)), lambda v: math.log(2) - torch.log1p(torch.exp(-v))),
    "gan": (lambda t: -torch.log(1 - torch.exp(t)), lambda v: -torch.log1p(torch.exp(-v))),
    "total-variation": (lambda t: t, lambda v: torch.tanh(v) / 2),
}


def divergence(name, alternative):
    conjugate, activation = DIVERGENCES[name]
    generator = (lambda v: -activation(v)) if alternative else (lambda v: -conjugate(activation(v)))
    return lambda v: -activation(v), lambda v: conjugate(activation(v)), generator


# Objectives of one score an event: losses of the critic at real and at generated events, and the
# generator's.
SINGLE = [
    ({"kind": "saturating"}, minimax(lambda s: log_d(-s)), True),
    ({"kind": "non-saturating"}, minimax(lambda s: -log_d(s)), True),
    ({"kind": "least-squares", "fake": 0.0, "real": 1.0, "generator": 1.0}, least_squares(0, 1, 1), False),
    ({"kind": "least-squares", "fake": -1.0, "real": 1.0, "generator": 0.0}, least_squares(-1, 1, 0), False),
    (
        {"kind": "hinge"},
        (lambda s: torch.clamp(1 - s, min=0), lambda s: torch.clamp(1 + s, min=0), lambda s: -s),
        False,
    ),
    ({"kind": "wasserstein"}, (lambda s: -s, lambda s: s, lambda s: -s), False),
] + [
    ({"kind": "f-divergence", "divergence": name, "alternative": alternative}, divergence(name, alternative), False)
    for name in DIVERGENCES
    for alternative in (False, True)
]


def column(values):
    return torch.tensor(values).reshape(-1, 1)


def result(loss, inputs):
    gradients = torch.autograd.grad(loss, list(inputs.values()), allow_unused=True)
    return {
        "value": loss.item(),
        "gradients": {
            name: (torch.zeros_like(x) if g is None else g).reshape(-1).tolist()
            for (name, x), g in zip(inputs.items(), gradients)
        },
    }


def case(objective, inputs, critic, generator, weighted, **more):
    """`critic` and `generator` map inputs and weights (each [events, 1]) to a loss."""
    inputs = {name: value.clone().requires_grad_() for name, value in inputs.items()}
    w = {name: column(WEIGHTS[name]) if weighted else torch.ones(EVENTS, 1) for name in WEIGHTS}
    return {
        "objective": objective,
        "inputs": {name: {"columns": x.shape[1], "values": x.detach().reshape(-1).tolist()} for name, x in inputs.items()},
        "weighted": weighted,
        "critic": result(critic(inputs, w), inputs),
        "generator": result(generator(inputs, w), inputs),
        **more,
    }


def single_case(objective, losses, scores, weighted, flipped):
    real_loss, fake_loss, generator_loss = losses
    flip = column(FLIPPED) if flipped else torch.zeros(EVENTS, 1)

    def critic(x, w):
        real, fake = x["real"], x["fake"]
        called_real = torch.where(flip == 1, fake_loss(real), real_loss(real))
        called_fake = torch.where(flip == 1, real_loss(fake), fake_loss(fake))
        return (w["real"] * called_real).sum() / EVENTS + (w["real"] * called_fake).sum() / EVENTS

    def generator(x, w):
        return (w["real"] * generator_loss(x["fake"])).sum() / EVENTS

    real, fake = (column(values) for values in SCORES[scores])
    return case(objective, {"real": real, "fake": fake}, critic, generator, weighted, scores=scores, flipped=flipped)


# arXiv:1705.10743, algorithm 1; and arXiv:1905.11825, where the generator has the surrogate, too.
def pair_distance(x, a, b):
    return (x[a] - x[b]).norm(dim=1, keepdim=True)


def surrogate(x, w):
    def f(a):
        return pair_distance(x, a, "other") - x[a].norm(dim=1, keepdim=True)

    return (w["real"] * w["other"] * f("real")).mean() - (w["fake"] * w["other"] * f("fake")).mean()


def energy_distance(x, w):
    def mean(a, b):
        return (w[a] * w[b] * pair_distance(x, a, b)).mean()

    return mean("real", "fake") + mean("real", "other") - mean("fake", "other")


def cramer_case(name, generator, weighted):
    inputs = {side: torch.tensor(grid(EVENTS, WIDTH, salt, 2.0)) for side, salt in (("real", 1), ("fake", 2), ("other", 3))}
    objective = {"kind": "cramer", "dimension": WIDTH, "generator": name}
    return case(objective, inputs, lambda x, w: -surrogate(x, w), generator, weighted)


# arXiv:1703.10717, equations 1 to 4.
def began_case(exponent, weighted):
    k = 0.375
    inputs = {
        name: torch.tensor(grid(EVENTS, WIDTH, salt, 1.5))
        for name, salt in (("real", 11), ("real_seen", 12), ("fake", 13), ("fake_seen", 14))
    }

    def loss(x, w, side):
        power = ((x[side + "_seen"] - x[side]).abs() ** exponent).mean(dim=1, keepdim=True)
        return (w["real"] * power).mean()

    objective = {"kind": "began", "diversity": 0.5, "proportional_gain": 0.001, "exponent": exponent}
    critic = lambda x, w: loss(x, w, "real") - k * loss(x, w, "fake")  # noqa: E731
    return case(objective, inputs, critic, lambda x, w: loss(x, w, "fake"), weighted, equilibrium=k)


# arXiv:1807.00734 and 2501.05441: -log sigmoid of the difference of the pair.
def paired_case(scores, weighted):
    real, fake = (column(values) for values in SCORES[scores])
    critic = lambda x, w: -(w["real"] * log_d(x["real"] - x["fake"])).mean()  # noqa: E731
    generator = lambda x, w: -(w["real"] * log_d(x["fake"] - x["real"])).mean()  # noqa: E731
    return case({"kind": "relativistic-paired"}, {"real": real, "fake": fake}, critic, generator, weighted, scores=scores)


# arXiv:2005.05334.
def constrainer_case(weighted):
    inputs = {name: torch.tensor(grid(EVENTS, 1, salt, 1.0)) for name, salt in (("real", 21), ("fake", 22))}
    target = torch.tensor(np.abs(grid(EVENTS, 1, 23, 1.0)))
    critic = lambda x, w: (w["real"] * (x["real"] - target).abs()).mean()  # noqa: E731
    generator = lambda x, w: (w["real"] * ((x["fake"] - target) ** 2 - (x["real"] - target) ** 2).abs()).mean()  # noqa: E731
    objective = {"kind": "constrainer", "condition": "incident_energy"}
    return case(objective, inputs, critic, generator, weighted, target=target.reshape(-1).tolist())


cases = []
for objective, losses, on_logits in SINGLE:
    for weighted in (False, True):
        for flipped in (False, True):
            cases.append(single_case(objective, losses, "ordinary", weighted, flipped))
        if on_logits:
            cases.append(single_case(objective, losses, "sure", weighted, False))
for weighted in (False, True):
    cases.append(cramer_case("energy-distance", energy_distance, weighted))
    cases.append(cramer_case("surrogate", surrogate, weighted))
    cases += [began_case(exponent, weighted) for exponent in (1, 2)]
    cases += [paired_case(scores, weighted) for scores in SCORES]
    cases.append(constrainer_case(weighted))
out = pathlib.Path(__file__).with_suffix(".json")
out.write_text(
    json.dumps(
        {
            "torch": torch.__version__,
            "scipy": scipy.__version__,
            "weights": WEIGHTS,
            "flipped": FLIPPED,
            "cases": cases,
        }
    )
    + "\n"
)
