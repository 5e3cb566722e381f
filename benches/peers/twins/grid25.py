"""benches/configs/grid25.toml: WGAN-GP with 3-D convolutions on a grid of 25 x 25 x 25 cells.

Critic: three convolutions of stride 2 (25, 13, 7, 4 cells a side; 16, 32, 64 channels), LeakyReLU(0.2),
then one linear layer of the 4,096 features and the label. Generator: linear to 64 x 4 x 4 x 4, then three
transposed convolutions of stride 2 (8, 13, 25 cells a side). Two-sided gradient penalty, weight 10, by
double backward; five critic steps and one generator step.
"""

import torch
from torch import nn

from .wasserstein import adam, critic_loss_of, descend, frozen

MODES = ("eager",)
SIDE, LATENT = 25, 64
CRITIC_STEPS = 5


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        channels, layers = [1, 16, 32, 64], []
        for a, b in zip(channels, channels[1:]):
            layers += [nn.Conv3d(a, b, 3, stride=2, padding=1), nn.LeakyReLU(0.2)]
        self.convolutions = nn.Sequential(*layers, nn.Flatten())
        self.score = nn.Linear(64 * 4**3 + 1, 1)

    def forward(self, events, label):
        return self.score(torch.cat([self.convolutions(events), label], 1))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(LATENT + 1, 64 * 4**3),
            nn.ReLU(),
            nn.Unflatten(1, (64, 4, 4, 4)),
            nn.ConvTranspose3d(64, 32, 4, stride=2, padding=1),  # 8 cells a side
            nn.ReLU(),
            nn.ConvTranspose3d(32, 16, 3, stride=2, padding=2),  # 13
            nn.ReLU(),
            nn.ConvTranspose3d(16, 1, 3, stride=2, padding=1),  # 25
            nn.ReLU(),
        )

    def forward(self, noise, label):
        return self.layers(torch.cat([noise, label], 1))


def build(mode, batch, device="cpu"):
    generator, critic = Generator().to(device), Critic().to(device)
    generator_adam, critic_adam = adam(generator), adam(critic)
    critic_loss = critic_loss_of(mode)
    data = torch.rand(500, 1, SIDE, SIDE, SIDE, device=device)

    def noise_and_label():
        return torch.randn(batch, LATENT, device=device), torch.rand(batch, 1, device=device)

    def iteration():
        for _ in range(CRITIC_STEPS):
            real = data[torch.randint(0, 500, (batch,), device=device)]
            noise, label = noise_and_label()
            with torch.no_grad():
                fake = generator(noise, label)
            epsilon = torch.rand(batch, 1, 1, 1, 1, device=device)
            descend(critic_adam, critic_loss(critic, real, fake, label, epsilon))
        noise, label = noise_and_label()
        with frozen(critic):
            descend(generator_adam, -critic(generator(noise, label), label).mean())

    return iteration
