"""What the WGAN-GP twins share: dense networks, the critic's loss and its two gradient penalties.

`torch.compile` cannot differentiate twice (its autograd function has no double backward). So mode
`compile` computes the critic's input gradient by an explicit vector-Jacobian product, written as
ordinary tensor operations, which one compiled backward pass differentiates. For rectifiers it is the
same gradient: the slopes do not depend on the weights. Compiled code avoids comparisons: storing their
booleans for the backward pass took inductor a third of the critic's step on a CPU.
"""

import contextlib

import torch
from torch import nn
from torch.nn import functional as F

MODES = ("eager", "compile", "graphs")
PENALTY_WEIGHT = 10.0


def adam(module):
    on_gpu = next(module.parameters()).is_cuda
    return torch.optim.Adam(module.parameters(), 1e-4, betas=(0.5, 0.9), fused=on_gpu)


def linear_layers(widths):
    return nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))


def rectified(h, slope):
    if slope == 0:
        return F.relu(h)
    if torch.compiler.is_compiling():
        return torch.maximum(h, slope * h)
    return F.leaky_relu(h, slope)


class DenseCritic(nn.Module):
    """(Leaky) ReLU of the given slope after every layer but the last; [events, features + label]."""

    def __init__(self, widths, slope):
        super().__init__()
        self.layers, self.slope = linear_layers(widths), slope

    def forward(self, events, label):
        h = torch.cat([events, label], 1)
        for layer in self.layers[:-1]:
            h = rectified(layer(h), self.slope)
        return self.layers[-1](h)

    def input_gradient(self, events, label):
        """Gradient of the score by `events`, one backward pass away from that by the weights."""
        h, slopes = torch.cat([events, label], 1), []
        for layer in self.layers[:-1]:
            h = F.linear(h, layer.weight.detach(), layer.bias.detach())
            slopes.append(h.sign().clamp_min(self.slope))
            h = h * slopes[-1]
        gradient = self.layers[-1].weight
        for slope, layer in zip(reversed(slopes), reversed(self.layers[:-1])):
            gradient = (slope * gradient) @ layer.weight
        return gradient[:, : events.shape[1]]


def explicit_gradient(critic, events, label):
    return critic.input_gradient(events, label)


def double_backward(critic, events, label):
    events = events.detach().requires_grad_()
    return torch.autograd.grad(critic(events, label).sum(), events, create_graph=True)[0]


def critic_loss(critic, input_gradient, real, fake, label, epsilon):
    """Wasserstein loss with the two-sided penalty; label not interpolated. Real and fake in one pass."""
    real_score, fake_score = critic(torch.cat([real, fake]), torch.cat([label, label])).chunk(2)
    gradient = input_gradient(critic, fake + (real - fake) * epsilon, label).flatten(1)
    norm = (gradient.square().sum(1) + 1e-12).sqrt()
    return fake_score.mean() - real_score.mean() + PENALTY_WEIGHT * (norm - 1).square().mean()


def critic_loss_of(mode):
    """`loss(critic, real, fake, label, epsilon)` by double backward, or compiled."""
    if mode == "eager":
        return lambda critic, *batch: critic_loss(critic, double_backward, *batch)
    compiled = compiled_if(mode, critic_loss)
    return lambda critic, *batch: compiled(critic, explicit_gradient, *batch)


def compiled_if(mode, function):
    """The function as it is, compiled, or compiled and recorded as CUDA graphs."""
    if mode == "eager":
        return function
    return torch.compile(function, dynamic=False, mode="reduce-overhead" if mode == "graphs" else None)


def begin_step(mode):
    """With CUDA graphs: what the last step has made is not needed any more."""
    if mode == "graphs":
        torch.compiler.cudagraph_mark_step_begin()


def kept(mode, tensor):
    """A copy that the next run of the same CUDA graph does not overwrite."""
    return tensor.clone() if mode == "graphs" else tensor


def descend(optimiser, loss):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


@contextlib.contextmanager
def frozen(*modules):
    """The generator's step needs no gradients of the critics' weights."""
    parameters = [p for module in modules for p in module.parameters()]
    for p in parameters:
        p.requires_grad_(False)
    yield
    for p in parameters:
        p.requires_grad_(True)
