"""benches/configs/fastcalogan.toml: the plain WGAN-GP of FastCaloGAN's photons (arXiv:2109.02551).

Generator 51-50-100-200-368 with ReLU everywhere, its output too; one critic 369-368-368-368-1 with
ReLU; two-sided gradient penalty on the voxels only, weight 10; five critic steps and one generator step.
Modes `compile` and `graphs` compile the generator and the losses; its penalty is the explicit one of
`wasserstein.py`, since double backward does not compile.
"""

import torch
from torch import nn
from torch.nn import functional as F

from . import wasserstein
from .wasserstein import MODES, DenseCritic, adam, begin_step, compiled_if, descend, frozen, kept

VOXELS, LATENT = 368, 50
CRITIC_STEPS = 5


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = wasserstein.linear_layers([LATENT + 1, 50, 100, 200, VOXELS])

    def forward(self, noise, label):
        h = torch.cat([noise, label], 1)
        for layer in self.layers:
            h = F.relu(layer(h))
        return h


def build(mode, batch, device="cpu"):
    generator = Generator().to(device)
    critic = DenseCritic([VOXELS + 1, VOXELS, VOXELS, VOXELS, 1], 0.0).to(device)
    generator_adam, critic_adam = adam(generator), adam(critic)
    generate = compiled_if(mode, generator)
    critic_loss = wasserstein.critic_loss_of(mode)
    generator_loss = compiled_if(mode, lambda fake, label: -critic(fake, label).mean())
    data = torch.rand(2000, VOXELS, device=device)

    def noise_and_label():
        return torch.randn(batch, LATENT, device=device), torch.rand(batch, 1, device=device)

    def iteration():
        for _ in range(CRITIC_STEPS):
            begin_step(mode)
            real = data[torch.randint(0, 2000, (batch,), device=device)]
            noise, label = noise_and_label()
            with torch.no_grad():
                fake = kept(mode, generate(noise, label))
            epsilon = torch.rand(batch, 1, device=device)
            descend(critic_adam, critic_loss(critic, real, fake, label, epsilon))
        begin_step(mode)
        noise, label = noise_and_label()
        with frozen(critic):
            descend(generator_adam, generator_loss(generate(noise, label), label))

    return iteration
