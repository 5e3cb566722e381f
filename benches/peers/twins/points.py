"""benches/configs/suite/*.toml: GANs on 25 Gaussians in the plane, with networks as small as those of the suite.

`gan`, `wgan-gp` and `r3gan` have three hidden layers of 512, ReLU, in generator and critic (arXiv:1704.00028,
toy problems); the first non-saturating losses, the second five critic steps and a two-sided gradient penalty of
weight 0.1, the third relativistic pairs with R1 and R2 of weight 1. `pacgan2` has PacGAN's networks
(arXiv:1712.04086): generator of four layers of 400 with batch norm, critic of three maxout layers of 200 in five
pieces each on pairs of points, 100 pairs. Adam with 32-bit floats everywhere; an average of the generator's
weights, since that is what the suite judges.

Mode `compile` compiles generator and losses; penalties are explicit vector-Jacobian products then, since
torch.compile does not differentiate twice (see `wasserstein.py`).
"""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from .wasserstein import DenseCritic, compiled_if, descend, frozen

LATENT, POINTS, DECAY = 2, 100_000, 0.999
HIDDEN = [512, 512, 512]


class PairCritic(nn.Module):
    """PacGAN's: three layers of maxout, 200 of five pieces each."""

    def __init__(self, inputs):
        super().__init__()
        widths = [inputs, 200, 200, 200]
        self.hidden = nn.ModuleList(nn.Linear(a, 5 * b) for a, b in zip(widths, widths[1:]))
        self.score = nn.Linear(200, 1)

    def forward(self, x):
        for layer in self.hidden:
            x = layer(x).unflatten(1, (-1, 5)).amax(2)
        return self.score(x)


class PointCritic(DenseCritic):
    """Dense layers with ReLU, without conditions."""

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


def dense_generator():
    widths = [LATENT, *HIDDEN]
    hidden = [layer for a, b in zip(widths, widths[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(widths[-1], 2))


def normalised_generator():
    widths = [LATENT, 400, 400, 400, 400]
    blocks = [(nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU()) for a, b in zip(widths, widths[1:])]
    return nn.Sequential(*(layer for block in blocks for layer in block), nn.Linear(400, 2))


def double_backward(critic, x):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]


def explicit_gradient(critic, x):
    return critic.input_gradient(x, x[:, :0])


def gradient_of(mode):
    return double_backward if mode == "eager" else explicit_gradient


def non_saturating_loss(critic, real, fake, epsilon):
    real_score, fake_score = critic(torch.cat([real, fake])).chunk(2)
    return F.softplus(-real_score).mean() + F.softplus(fake_score).mean()


def wasserstein_loss(gradient_of):
    def loss(critic, real, fake, epsilon):
        real_score, fake_score = critic(torch.cat([real, fake])).chunk(2)
        gradient = gradient_of(critic, fake + (real - fake) * epsilon)
        norm = (gradient.square().sum(1) + 1e-12).sqrt()
        return fake_score.mean() - real_score.mean() + 0.1 * (norm - 1).square().mean()

    return loss


def relativistic_loss(mode):
    def eager(critic, real, fake, epsilon):
        both = torch.cat([real, fake]).requires_grad_()
        scores = critic(both)
        (gradient,) = torch.autograd.grad(scores.sum(), both, create_graph=True)
        return with_penalties(scores, gradient)

    def explicit(critic, real, fake, epsilon):
        both = torch.cat([real, fake])
        return with_penalties(critic(both), explicit_gradient(critic, both))

    def with_penalties(scores, gradient):
        real_score, fake_score = scores.chunk(2)
        # R1 and R2 are half the mean over half of the rows each.
        penalty = 0.5 * gradient.square().sum(1).mean() * 2
        return F.softplus(fake_score - real_score).mean() + penalty

    return eager if mode == "eager" else explicit


def non_saturating(critic, real, fake):
    return F.softplus(-critic(fake)).mean()


def wasserstein(critic, real, fake):
    return -critic(fake).mean()


def relativistic(critic, real, fake):
    real_score, fake_score = critic(torch.cat([real, fake])).chunk(2)
    return F.softplus(real_score - fake_score).mean()


def pairs(loss):
    """The loss on pairs of points."""
    paired = lambda x: x.reshape(len(x) // 2, 4)
    return lambda critic, real, fake, *epsilon: loss(critic, paired(real), paired(fake), *epsilon)


# Critic's loss, generator's, critic steps, points of a batch, betas of Adam.
WORKS = {
    "gan": (lambda mode: non_saturating_loss, non_saturating, 1, 256, (0.5, 0.9)),
    "wgan-gp": (lambda mode: wasserstein_loss(gradient_of(mode)), wasserstein, 5, 256, (0.5, 0.9)),
    "r3gan": (relativistic_loss, relativistic, 1, 256, (0.0, 0.9)),
    "pacgan2": (lambda mode: pairs(non_saturating_loss), pairs(non_saturating), 1, 200, (0.8, 0.999)),
}


def grid(points):
    """25 Gaussians of deviation 0.05 on a grid of step 2, divided by 2.828."""
    centres = torch.randint(-2, 3, (points, 2)).float() * 2
    return (centres + 0.05 * torch.randn(points, 2)) / 2.828


def build(name, mode, fused=False):
    """An iteration of a work as a function of no arguments. `mode`: eager or compile."""
    losses_of, generator_losses, critic_steps, batch, betas = WORKS[name]
    is_paired = name == "pacgan2"
    generator = normalised_generator() if is_paired else dense_generator()
    critic = PairCritic(4) if is_paired else PointCritic([2, *HIDDEN, 1], 0.0)
    adam = lambda module: torch.optim.Adam(module.parameters(), 1e-4, betas=betas, fused=fused)
    generator_adam, critic_adam = adam(generator), adam(critic)
    average = copy.deepcopy(generator)
    averaged, averaging = list(average.parameters()), list(generator.parameters())
    generate = compiled_if(mode, generator)
    critic_loss = compiled_if(mode, losses_of(mode))
    generator_loss = compiled_if(mode, generator_losses)
    data = grid(POINTS)

    def real_points():
        return data[torch.randint(0, POINTS, (batch,))]

    def noise():
        return torch.randn(batch, LATENT)

    def iteration():
        for _ in range(critic_steps):
            real = real_points()
            with torch.no_grad():
                fake = generate(noise())
            descend(critic_adam, critic_loss(critic, real, fake, torch.rand(batch, 1)))
        with frozen(critic):
            descend(generator_adam, generator_loss(critic, real_points(), generate(noise())))
        with torch.no_grad():
            torch._foreach_lerp_(averaged, averaging, 1 - DECAY)

    return iteration
