"""Logits and gradients of the 3-D ResNet-18 by PyTorch, for the cross-check in Rust.

Needs: torch, numpy.
Usage: python tests/crosscheck/resnet.py   (writes resnet.json beside itself)

Parameters and events come from a recipe that both sides follow: the linear congruential generator
s -> (6364136223846793005 s + 1442695040888963407) mod 2^64 with uniform numbers
u = (s >> 40) / 2^24. Parameters are centre + width (2 u - 1) in the order of the layers: of a
block its two convolutions, each with its normalisation, then the way past them; of a normalisation
scale, shift, running mean and running variance; the conditions' normalisation and the linear layer
come last.
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn

SEED_OF_PARAMETERS = 7
SEED_OF_EVENTS = 11
EVENTS = 6
CASES = [
    {"conditions": 1, "channels": 1, "volume": [9, 8, 7]},
    {"conditions": 3, "channels": 1, "volume": [1, 20, 17]},
    {"conditions": 0, "channels": 2, "volume": [12, 5, 6]},
]


class Numbers:
    def __init__(self, seed):
        self.state = seed

    def uniform(self, count):
        values = np.empty(count)
        for index in range(count):
            self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
            values[index] = (self.state >> 40) / 2**24
        return values


def convolution(channels, outputs, size, stride):
    return nn.Conv3d(channels, outputs, size, stride, padding=size // 2, bias=False)


class Block(nn.Module):
    def __init__(self, channels, outputs, stride):
        super().__init__()
        self.first = convolution(channels, outputs, 3, stride)
        self.first_norm = nn.BatchNorm3d(outputs)
        self.second = convolution(outputs, outputs, 3, 1)
        self.second_norm = nn.BatchNorm3d(outputs)
        self.past = None
        if stride != 1 or channels != outputs:
            self.past = nn.Sequential(
                convolution(channels, outputs, 1, stride), nn.BatchNorm3d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.first_norm(self.first(x)))
        y = self.second_norm(self.second(y))
        return torch.relu(y + (x if self.past is None else self.past(x)))


class ResNet(nn.Module):
    def __init__(self, conditions, channels, volume):
        super().__init__()
        self.conditions, self.shape = conditions, [channels, *volume]
        self.stem = convolution(channels, 32, 7, 2)
        self.stem_norm = nn.BatchNorm3d(32)
        blocks, inputs = [], 32
        for stage, outputs in enumerate([32, 64, 64, 128]):
            blocks += [Block(inputs, outputs, 1 if stage == 0 else 2), Block(outputs, outputs, 1)]
            inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.condition_norm = nn.BatchNorm1d(conditions) if conditions else None
        self.last = nn.Linear(inputs + conditions, 1)

    def forward(self, events):
        x = events[:, self.conditions :].reshape(len(events), *self.shape)
        x = torch.relu(self.stem_norm(self.stem(x)))
        x = nn.functional.max_pool3d(x, 3, 2, 1)
        x = self.blocks(x).mean((2, 3, 4))
        if self.condition_norm is not None:
            x = torch.cat([x, self.condition_norm(events[:, : self.conditions])], 1)
        return self.last(x)[:, 0]


def fill(model, numbers):
    def draw(tensor, centre, width):
        values = centre + width * (2 * numbers.uniform(tensor.numel()) - 1)
        values = values.astype(np.float32).reshape(tensor.shape)
        with torch.no_grad():
            tensor.copy_(torch.tensor(values))

    for module in model.modules():
        if isinstance(module, nn.Conv3d):
            fan_out = module.out_channels * module.kernel_size[0] ** 3
            draw(module.weight, 0, np.sqrt(6 / fan_out))
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm3d)):
            draw(module.weight, 1, 0.3)
            draw(module.bias, 0, 0.2)
            draw(module.running_mean, 0, 0.2)
            draw(module.running_var, 1, 0.3)
        elif isinstance(module, nn.Linear):
            draw(module.weight, 0, 0.5)
            draw(module.bias, 0, 0.5)


def figures(case, precision):
    model = ResNet(**case)
    fill(model, Numbers(SEED_OF_PARAMETERS))
    model = model.to(precision)
    width = case["conditions"] + case["channels"] * int(np.prod(case["volume"]))
    events = Numbers(SEED_OF_EVENTS).uniform(EVENTS * width).astype(np.float32)
    events = torch.tensor(events.reshape(EVENTS, width)).to(precision)

    def evaluated():
        model.eval()
        with torch.no_grad():
            return model(events).tolist()

    def spread(gradient):
        """Twenty values of it, evenly spread."""
        flat = gradient.flatten()
        return flat[:: len(flat) // 20][:20].tolist()

    out = {"evaluated": evaluated()}
    model.train()
    logits = model(events)
    (logits**2).mean().backward()
    out["trained"] = logits.tolist()
    out["stem_gradient"] = spread(model.stem.weight.grad)
    out["middle_gradient"] = spread(model.blocks[2].first.weight.grad)
    out["last_gradient"] = model.last.weight.grad.flatten()[:20].tolist()
    out["evaluated_after"] = evaluated()
    return out


def run(case):
    """The figures in 64 bits, and how far PyTorch's own in 32 bits are from them."""
    exact, single = figures(case, torch.float64), figures(case, torch.float32)
    rounding = {}
    for name, values in exact.items():
        values, difference = np.array(values), np.array(single[name]) - np.array(values)
        rounding[name] = float(np.abs(difference).max() / np.abs(values).max())
    return dict(case, **exact, rounding=rounding)


def main():
    result = {
        "tool": "torch",
        "version": torch.__version__.split("+")[0],
        "seeds": [SEED_OF_PARAMETERS, SEED_OF_EVENTS],
        "cases": [run(case) for case in CASES],
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
