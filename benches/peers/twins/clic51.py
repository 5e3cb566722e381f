"""configs/clic-ecal-51-3dgan.toml: the 3DGAN of the CLIC calorimeter, 51 x 51 x 25 cells.

Images are [events, 1, x 51, y 51, z 25], z the depth, and hold energies^0.85. The sizes close in this
order of axes. Generator: 9 x 9 x 8, times 6: 54 x 54 x 48; convolutions 49 x 49 x 41; 50, 51, 52 a side and
38, 35, 32 deep; 52 x 52 x 28; 52 x 52 x 26; 51 x 51 x 25. Discriminator: 51 x 51 x 25; 47 x 46 x 22;
43 x 41 x 19; 39 x 36 x 14; average pool 19 x 18 x 7, of 8 channels 19,152 features; heads for real or fake
and the energy. The angle and the energy sum are computed from the image. Loss: 3 BCE + 0.1 MAPE(E)
+ 25 MAE(theta) + 0.1 MAPE(sum), 5 % of the labels flipped; RMSProp. One iteration is one discriminator step on
real events, one on fake ones, and two generator steps.
"""

import torch
from torch import nn
from torch.nn import functional as F

from .wasserstein import descend, frozen

MODES = ("eager",)
SHAPE, LATENT = (51, 51, 25), 256
POWER, LABEL_FLIP, GENERATOR_STEPS = 0.85, 0.05, 2


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Linear(LATENT, 5184), nn.Unflatten(1, (8, 9, 9, 8)), nn.Upsample(scale_factor=6)]
        layers += [nn.Conv3d(8, 8, (6, 6, 8)), nn.ReLU(), nn.BatchNorm3d(8)]
        for channels in (8, 6, 6):
            layers += [nn.Conv3d(channels, 6, (4, 4, 6), padding=(2, 2, 1)), nn.ReLU(), nn.BatchNorm3d(6)]
        layers += [nn.Conv3d(6, 6, (3, 3, 5), padding=(1, 1, 0)), nn.ReLU(), nn.BatchNorm3d(6)]
        layers += [nn.Conv3d(6, 6, 3, padding=(1, 1, 0)), nn.ReLU(), nn.Conv3d(6, 1, 2), nn.ReLU()]
        self.layers = nn.Sequential(*layers)

    def forward(self, energy, theta):
        noise = torch.randn(len(energy), LATENT - 2, device=energy.device)
        return self.layers(torch.cat([energy / 100, theta, noise], 1))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        kernel = (5, 6, 6)
        layers = [nn.Conv3d(1, 16, kernel, padding="same"), nn.LeakyReLU(0.3), nn.Dropout(0.2)]
        for channels, depth_padding in ((16, 1), (8, 1), (8, 0)):
            convolution = nn.Conv3d(channels, 8, kernel, padding=(0, 0, depth_padding))
            layers += [convolution, nn.LeakyReLU(0.3), nn.BatchNorm3d(8), nn.Dropout(0.2)]
        self.layers = nn.Sequential(*layers, nn.AvgPool3d(2), nn.Flatten())
        self.is_real, self.energy = nn.Linear(19152, 1), nn.Linear(19152, 1)

    def forward(self, image):
        features = self.layers(image)
        return self.is_real(features), self.energy(features), *angle_and_sum(image)


def angle_and_sum(image):
    """Slope of the energy-weighted barycentre along the depth, as an angle, and the sum of energies."""
    energy = image.pow(1 / POWER).sum((1, 3))  # [events, x, z]
    x, z = (torch.arange(float(n), device=image.device) for n in energy.shape[1:])
    total = energy.sum((1, 2)).unsqueeze(1) + 1e-6
    by_x, by_z = energy.sum(2), energy.sum(1)
    x_from_mean = x - (by_x @ x).unsqueeze(1) / total
    z_from_mean = z - (by_z @ z).unsqueeze(1) / total
    covariance = torch.einsum("exz,ex,ez->e", energy, x_from_mean, z_from_mean)
    variance = (by_z * z_from_mean.square()).sum(1) + 1e-6
    return (covariance / variance).atan().unsqueeze(1), total


def percentage_error(found, expected):
    return 100 * ((found - expected) / expected).abs().mean()


def loss_of(found, is_real, energy, theta, energy_sum):
    flipped = (torch.rand_like(energy) < LABEL_FLIP).float()
    label = (is_real - flipped).abs()
    return (
        3 * F.binary_cross_entropy_with_logits(found[0], label)
        + 0.1 * percentage_error(found[1], energy)
        + 25 * (found[2] - theta).abs().mean()
        + 0.1 * percentage_error(found[3], energy_sum)
    )


def build(mode, batch, device="cpu"):
    generator, discriminator = Generator().to(device), Discriminator().to(device)
    rmsprop = lambda module: torch.optim.RMSprop(module.parameters(), 1e-3)
    generator_rmsprop, discriminator_rmsprop = rmsprop(generator), rmsprop(discriminator)
    data = torch.rand(2 * batch, 1, *SHAPE, device=device)

    def uniform():
        return torch.rand(batch, 1, device=device)

    def conditions():
        """Energy in GeV, angle, and the energy sum that goes with the energy."""
        energy, theta = 2 + 498 * uniform(), 1 + uniform()
        return energy, theta, energy * 2

    def iteration():
        real = data[torch.randint(0, len(data), (batch,), device=device)]
        given = conditions()
        descend(discriminator_rmsprop, loss_of(discriminator(real), 1.0, *given))
        given = conditions()
        with torch.no_grad():
            fake = generator(*given[:2])
        descend(discriminator_rmsprop, loss_of(discriminator(fake), 0.0, *given))
        for _ in range(GENERATOR_STEPS):
            given = conditions()
            with frozen(discriminator):
                descend(generator_rmsprop, loss_of(discriminator(generator(*given[:2])), 1.0, *given))

    return iteration
