"""benches/configs/cramer-rich.toml: the Cramér GAN of the LHCb RICH (arXiv:1905.11825).

Generator [64 + 3]-10 x 128-5 and critic h [5 + 3]-10 x 128-256, ReLU, linear outputs. With
f(a, b) = |h(a) - h(b)| - |h(a)| on three independent weighted batches (real, fake 1, fake 2):
L_G = <f(real, fake 2) - f(fake 1, fake 2)>, L_C = 20 <max(|grad f(x, fake 2)| - 1, 0)^2> - L_G, where x lies
between real and fake 1 in outputs and conditions. One iteration is 15 critic steps and one generator
step; RMSProp. The features of fake 2 are computed once a step.
"""

import torch
from torch import nn

from .wasserstein import descend, frozen

MODES = ("eager",)
LATENT, CONDITIONS, OUTPUTS = 64, 3, 5
CRITIC_STEPS, PENALTY_WEIGHT = 15, 20.0


def dense(inputs, outputs):
    widths = [inputs] + 10 * [128]
    hidden = [layer for a, b in zip(widths, widths[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(128, outputs))


def norm(x):
    return (x.square().sum(1) + 1e-12).sqrt()


def surrogate(a, b):
    """f of two batches of features h."""
    return norm(a - b) - norm(a)


def build(mode, batch, device="cpu"):
    generator = dense(LATENT + CONDITIONS, OUTPUTS).to(device)
    critic = dense(OUTPUTS + CONDITIONS, 256).to(device)
    rmsprop = lambda module: torch.optim.RMSprop(module.parameters(), 1e-3)
    generator_rmsprop, critic_rmsprop = rmsprop(generator), rmsprop(critic)
    # Outputs, conditions and the weight of each track, a few of them negative.
    data = torch.randn(50_000, OUTPUTS + CONDITIONS + 1, device=device)
    data[:, -1] = 1 + 0.5 * data[:, -1]

    def tracks():
        chosen = data[torch.randint(0, len(data), (batch,), device=device)]
        return chosen[:, :-1], chosen[:, -1]

    def generated():
        chosen, weight = tracks()
        condition = chosen[:, OUTPUTS:]
        outputs = generator(torch.cat([torch.randn(batch, LATENT, device=device), condition], 1))
        return torch.cat([outputs, condition], 1), weight

    def generator_loss(real, fake1, fake2):
        h_real, h1, h2 = critic(torch.cat([real[0], fake1[0], fake2[0]])).chunk(3)
        weight = fake2[1]
        loss = surrogate(h_real, h2) * real[1] * weight - surrogate(h1, h2) * fake1[1] * weight
        return loss.mean(), h2

    def penalty(real, fake1, h2):
        epsilon = torch.rand(batch, 1, device=device)
        between = (fake1[0] + (real[0] - fake1[0]) * epsilon).requires_grad_()
        value = surrogate(critic(between), h2).sum()
        (gradient,) = torch.autograd.grad(value, between, create_graph=True)
        return (norm(gradient) - 1).clamp_min(0).square().mean()

    def iteration():
        for _ in range(CRITIC_STEPS):
            real = tracks()
            with torch.no_grad():
                fake1, fake2 = generated(), generated()
            loss, h2 = generator_loss(real, fake1, fake2)
            descend(critic_rmsprop, PENALTY_WEIGHT * penalty(real, fake1, h2) - loss)
        with frozen(critic):
            descend(generator_rmsprop, generator_loss(tracks(), generated(), generated())[0])

    return iteration
