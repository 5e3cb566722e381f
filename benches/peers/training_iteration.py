"""One training iteration of configs/photons-geant4.toml: PyTorch's twin, and the comparison.

The same layers, critics, penalties, optimiser and average as the configuration: generator
51-50-100-200-742 with a 368 x 368 noise map and the energy head, critics 375-368-368-368-1,
2-64-64-1 and 6-64-64-1, two-sided gradient penalties by double differentiation, five critic steps.

needs: pip install torch
usage: python training_iteration.py                 compare, batch 256 and 1024, one thread
       python training_iteration.py --twin BATCH N  the twin alone
"""

import copy
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
VOXELS, LAYERS, LATENT = 368, 5, 50
OFFSETS = [0, 8, 168, 358, 363, 368]


def twin(batch, iterations):
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.set_num_threads(1)
    torch.manual_seed(1)
    membership = torch.zeros(VOXELS, LAYERS)
    for layer, (low, high) in enumerate(zip(OFFSETS, OFFSETS[1:])):
        membership[low:high, layer] = 1
    deviation = torch.full((1, VOXELS), 0.02)

    class Generator(nn.Module):
        def __init__(self):
            super().__init__()
            widths = [LATENT + 1, 50, 100, 200]
            self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
            self.out = nn.Linear(200, 2 * VOXELS + LAYERS + 1)
            self.mixing = nn.Linear(VOXELS, VOXELS)

        def forward(self, noise, condition):
            label, mean, spread, threshold = condition
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

    def critic(widths):
        layers = []
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Linear(a, b), nn.LeakyReLU(0.2)]
        return nn.Sequential(*layers[:-1])

    width = VOXELS + LAYERS + 1
    views = [(0, width), (width - 1, width), (VOXELS, VOXELS + LAYERS)]
    critics = [critic([375, 368, 368, 368, 1]), critic([2, 64, 64, 1]), critic([6, 64, 64, 1])]
    weights = [1.0, 0.5, 0.5]
    generator = Generator()
    average = copy.deepcopy(generator)
    adam = lambda module: torch.optim.Adam(module.parameters(), 1e-4, betas=(0.5, 0.9))
    generator_adam, critic_adams = adam(generator), [adam(module) for module in critics]
    data = torch.rand(2000, width)

    def conditions():
        return torch.rand(batch, 1), torch.rand(batch, 6), torch.full((batch, 6), 0.1), torch.full((batch, 1), 1e-3)

    def iteration():
        for _ in range(5):
            real, condition = data[torch.randint(0, 2000, (batch,))], conditions()
            with torch.no_grad():
                fake = generator(torch.randn(batch, LATENT + VOXELS), condition)
            epsilon, label = torch.rand(batch, 1), condition[0]
            for module, optimiser, (low, high) in zip(critics, critic_adams, views):
                r, f = real[:, low:high], fake[:, low:high]
                scores = module(torch.cat([torch.cat([r, f]), torch.cat([label, label])], 1))
                between = (f + (r - f) * epsilon).requires_grad_()
                (gradient,) = torch.autograd.grad(module(torch.cat([between, label], 1)).sum(), between, create_graph=True)
                penalty = ((gradient.square().sum(1) + 1e-12).sqrt() - 1).square().mean()
                loss = scores[batch:].mean() - scores[:batch].mean() + 10 * penalty
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        condition = conditions()
        fake = generator(torch.randn(batch, LATENT + VOXELS), condition)
        loss = sum(
            -w * module(torch.cat([fake[:, low:high], condition[0]], 1)).mean()
            for w, module, (low, high) in zip(weights, critics, views)
        )
        generator_adam.zero_grad()
        loss.backward()
        generator_adam.step()
        with torch.no_grad():
            for a, p in zip(average.parameters(), generator.parameters()):
                a.lerp_(p, 1e-3)

    for _ in range(3):
        iteration()
    before = time.process_time()
    for _ in range(iterations):
        iteration()
    milliseconds = (time.process_time() - before) / iterations * 1e3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"batch {batch}: {milliseconds:.1f} CPU ms per iteration, peak {peak} MB (PyTorch {torch.__version__})")


def compare():
    ours = ["cargo", "bench", "--quiet", "--bench", "training_iteration", "--", "configs/photons-geant4.toml"]
    theirs = [sys.executable, __file__, "--twin"]
    environment = {**os.environ, "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

    def run(command):
        out = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
        line = [line for line in out.splitlines() if line.startswith("batch")][-1]
        return float(line.split()[2]), line

    for batch, iterations in (("256", "12"), ("1024", "5")):
        ratios = []
        for _ in range(5):
            (a, ours_line), (b, theirs_line) = run(ours + [batch, iterations]), run(theirs + [batch, iterations])
            ratios.append(a / b)
        print(f"showerforge  {ours_line}\nPyTorch      {theirs_line}")
        print(f"ratio of CPU times, batch {batch}: median {statistics.median(ratios):.2f}, "
              f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} pairs", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--twin"]:
        twin(int(sys.argv[2]), int(sys.argv[3]))
    else:
        compare()
