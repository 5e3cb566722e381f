"""Independent values of the exact tier (src/suite/exact), in float64.

Prints the numbers that stand as constants in src/suite/exact/dirac.rs and mixture_fits.rs:
radii of the Dirac-GAN after 500 steps by hand-written derivatives, and fits of an isotropic
Gaussian to a mixture by SciPy's minimiser on closed forms and on a fine grid.

needs: pip install numpy scipy;  usage: python exact_tier.py
"""

import math

import numpy as np
import scipy
from scipy.optimize import minimize

STEP = 0.2
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


# Derivatives of the losses at (theta, psi) with D(x) = psi x and real events at 0: of the
# generator's with respect to theta, of the critic's with respect to psi.
def minimax(theta, psi):
    return -psi * sigmoid(psi * theta), theta * sigmoid(psi * theta)


def non_saturating(theta, psi):
    return -psi * sigmoid(-psi * theta), theta * sigmoid(psi * theta)


def wasserstein(theta, psi):
    return -psi, theta


def gradient_penalty(theta, psi):
    return -psi, theta + (abs(psi) - 0.3) * np.sign(psi)


def zero_centred(gamma):
    return lambda theta, psi: (
        -psi * sigmoid(-psi * theta),
        theta * sigmoid(psi * theta) + gamma * psi,
    )


def instance_noise(theta, psi):
    seen = theta + NODES
    generator = -(WEIGHTS * psi * sigmoid(-psi * seen)).sum()
    critic = (WEIGHTS * (seen * sigmoid(psi * seen) - NODES * sigmoid(-psi * NODES))).sum()
    return generator, critic


def radius(field, critic_steps, clip=None):
    theta, psi = 1.0, -1.0

    def critic(theta, psi):
        psi = psi - STEP * field(theta, psi)[1]
        return psi if clip is None else min(max(psi, -clip), clip)

    for _ in range(500):
        moved = theta - STEP * field(theta, psi)[0]
        if critic_steps == 0:
            psi = critic(theta, psi)
        theta_for_critic = moved
        for _ in range(critic_steps):
            psi = critic(theta_for_critic, psi)
        theta = moved
    return math.hypot(theta, psi)


def dirac():
    methods = [
        ("saturating", minimax, None),
        ("non-saturating", non_saturating, None),
        ("wasserstein, clipped", wasserstein, 0.3),
        ("gradient penalty", gradient_penalty, None),
        ("r1", zero_centred(0.3), None),
        # Relativistic pairs have the same derivatives here; r1 and r2 add up.
        ("relativistic, r1 and r2", zero_centred(0.6), None),
        ("instance noise", instance_noise, None),
    ]
    for name, field, clip in methods:
        print(f"{name:25}", *(f"{radius(field, steps, clip):.6f}" for steps in (0, 1, 5)))


# The mixture: weights, means, deviations.
W = np.array([2.0, 1.0]) / 3.0
M = np.array([[-1.5, -0.5], [2.0, 1.0]])
S = np.array([0.8, 0.6])
BANDWIDTH = 1.0


def normal(x, mean, deviation):
    square = ((x - mean) ** 2).sum(-1)
    return np.exp(-0.5 * square / deviation**2) / (2 * np.pi * deviation**2)


def fits():
    axis = np.linspace(-9.0, 9.0, 601)
    cell = (axis[1] - axis[0]) ** 2
    x = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1)
    p = sum(w * normal(x, m, s) for w, m, s in zip(W, M, S))

    def log_normal(parameters):
        mean, deviation = parameters[:2], math.exp(parameters[2])
        return -0.5 * ((x - mean) ** 2).sum(-1) / deviation**2 - math.log(2 * np.pi * deviation**2)

    log_p = np.log(np.maximum(p, 1e-300))

    def kl(parameters):
        return (p * (log_p - log_normal(parameters))).sum() * cell

    def reverse_kl(parameters):
        log_q = log_normal(parameters)
        return (np.exp(log_q) * (log_q - log_p)).sum() * cell

    def jsd(parameters):
        log_q = log_normal(parameters)
        log_m = np.logaddexp(log_p, log_q) - math.log(2.0)
        return 0.5 * (p * (log_p - log_m) + np.exp(log_q) * (log_q - log_m)).sum() * cell

    def kernel(mean, variance):
        total = BANDWIDTH**2 + variance
        return BANDWIDTH**2 / total * np.exp(-0.5 * (mean**2).sum() / total)

    def mmd(parameters):
        mean, variance = parameters[:2], math.exp(2 * parameters[2])
        own = kernel(np.zeros(2), 2 * variance)
        cross = sum(w * kernel(mean - m, variance + s**2) for w, m, s in zip(W, M, S))
        data = sum(
            w * v * kernel(m - n, s**2 + t**2) for w, m, s in zip(W, M, S) for v, n, t in zip(W, M, S)
        )
        return own - 2 * cross + data

    mean = W @ M
    variance = (W * (S**2 + 0.5 * ((M - mean) ** 2).sum(1))).sum()
    print("moments", mean, math.sqrt(variance))
    for name, loss in [("kl", kl), ("reverse kl", reverse_kl), ("mmd", mmd), ("jsd", jsd)]:
        found = []
        for start in [[*M[0], math.log(S[0])], [*M[1], math.log(S[1])], [*mean, 0.5]]:
            fit = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 2000})
            found.append((fit.fun, *fit.x[:2], math.exp(fit.x[2])))
        for one in sorted(found):
            print(f"{name:12}", *(f"{value:.7f}" for value in one))


if __name__ == "__main__":
    print("numpy", np.__version__, "scipy", scipy.__version__)
    dirac()
    fits()
