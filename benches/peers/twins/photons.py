"""configs/photons-geant4.toml: WGAN-GP with three critics and thresholded, energy-conserving output.

Generator 51-50-100-200-742 with a 368 x 368 noise map and the energy head, critics 375-368-368-368-1,
2-64-64-1 and 6-64-64-1, two-sided gradient penalties, five critic steps, average of the weights.
Modes `compile` and `graphs` compile the generator and the losses; its penalty is the explicit one of
`wasserstein.py`, since double backward does not compile.
"""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from . import wasserstein
from .wasserstein import MODES, DenseCritic, adam, begin_step, compiled_if, descend, frozen, kept

VOXELS, LAYERS, LATENT = 368, 5, 50
OFFSETS = [0, 8, 168, 358, 363, 368]
WIDTH = VOXELS + LAYERS + 1
CRITIC_STEPS = 5
# What each critic sees of [voxels, layer energies, total energy], its layers, its weight.
CRITICS = [
    ((0, WIDTH), [WIDTH + 1, 368, 368, 368, 1], 1.0),
    ((WIDTH - 1, WIDTH), [2, 64, 64, 1], 0.5),
    ((VOXELS, VOXELS + LAYERS), [LAYERS + 1, 64, 64, 1], 0.5),
]


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = wasserstein.linear_layers([LATENT + 1, 50, 100, 200])
        self.out = nn.Linear(200, 2 * VOXELS + LAYERS + 1)
        self.mixing = nn.Linear(VOXELS, VOXELS)
        membership = torch.zeros(VOXELS, LAYERS)
        for layer, (low, high) in enumerate(zip(OFFSETS, OFFSETS[1:])):
            membership[low:high, layer] = 1
        self.register_buffer("membership", membership)
        self.register_buffer("deviation", torch.full((1, VOXELS), 0.02))

    def forward(self, noise, condition):
        label, mean, spread, threshold = condition
        membership, deviation = self.membership, self.deviation
        h = torch.cat([noise[:, :LATENT], label], 1)
        for layer in self.hidden:
            h = F.silu(layer(h))
        raw = self.out(h)
        shape = F.relu(raw[:, :VOXELS] + raw[:, VOXELS : 2 * VOXELS] * self.mixing(noise[:, LATENT:]))
        energies = raw[:, 2 * VOXELS :]
        total = F.relu(mean[:, LAYERS:] + spread[:, LAYERS:] * energies[:, LAYERS:])
        layer_energy = torch.softmax(energies[:, :LAYERS], 1) * total
        shape = (shape * deviation * 2).square() + 1e-9
        unread = shape * ((layer_energy / (shape @ membership)) @ membership.T)
        read = (unread >= threshold).float()
        kept = unread * read
        kept_energy = kept @ membership
        is_read = (kept_energy > 0).float()
        fractions = kept * ((layer_energy * is_read / (kept_energy + 1 - is_read)) @ membership.T)
        hard = fractions.clamp_min(1e-7).sqrt() * read
        soft = unread.clamp_min(1e-7).sqrt() * (1 - read)
        voxels = (hard + soft - soft.detach()) / deviation
        sums = fractions @ membership
        sums = torch.cat([sums, sums.sum(1, keepdim=True)], 1)
        return torch.cat([voxels, (sums - mean) / spread], 1)


def build(mode, batch, device="cpu"):
    generator = Generator().to(device)
    critics = [DenseCritic(widths, 0.2).to(device) for _, widths, _ in CRITICS]
    average = copy.deepcopy(generator)
    generator_adam, critic_adams = adam(generator), [adam(critic) for critic in critics]
    generate = compiled_if(mode, generator)
    critic_loss = wasserstein.critic_loss_of(mode)
    data = torch.rand(2000, WIDTH, device=device)

    def weighted_scores(fake, label):
        return sum(
            -weight * critic(fake[:, low:high], label).mean()
            for critic, ((low, high), _, weight) in zip(critics, CRITICS)
        )

    generator_loss = compiled_if(mode, weighted_scores)

    def noise():
        return torch.randn(batch, LATENT + VOXELS, device=device)

    def conditions():
        """Label, mean and spread of the sums, threshold."""
        random = [torch.rand(batch, columns, device=device) for columns in (1, 6)]
        fixed = [torch.full((batch, n), value, device=device) for n, value in ((6, 0.1), (1, 1e-3))]
        return *random, *fixed

    def iteration():
        for _ in range(CRITIC_STEPS):
            begin_step(mode)
            real, condition = data[torch.randint(0, 2000, (batch,), device=device)], conditions()
            with torch.no_grad():
                fake = kept(mode, generate(noise(), condition))
            epsilon = torch.rand(batch, 1, device=device)
            for critic, optimiser, ((low, high), _, _) in zip(critics, critic_adams, CRITICS):
                r, f = real[:, low:high], fake[:, low:high]
                descend(optimiser, critic_loss(critic, r, f, condition[0], epsilon))
        begin_step(mode)
        condition = conditions()
        with frozen(*critics):
            descend(generator_adam, generator_loss(generate(noise(), condition), condition[0]))
        with torch.no_grad():
            for a, p in zip(average.parameters(), generator.parameters()):
                a.lerp_(p, 1e-3)

    return iteration
