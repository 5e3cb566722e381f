"""Writes the weights of a PyTorch classifier as an extractor for `showerforge suite run --extractor`.

    python extractor_from_pytorch.py WEIGHTS.pt LAYERS.json OUT.safetensors

WEIGHTS.pt holds the `state_dict` of a `torch.nn.Sequential` (or the Sequential itself): convolutions,
transposed convolutions, batch norms and linear layers, in their order. LAYERS.json describes the same
layers as docs/suite-images.md says, with `trunk` and `head` behind each other: the tensors of the
state are given to the layers with weights one after the other, and have to fit them.

Needs torch and numpy. A convolution has its weights in PyTorch's order, `[outputs, inputs, rows,
columns]`; a linear layer's are transposed, to `[inputs, outputs]`. A linear layer behind a
convolution takes features in the order channels, rows, columns, which is that of `torch.nn.Flatten`.
"""

import json
import struct
import sys

import numpy as np
import torch

NAMES = {
    "convolution-2d": {"weight": "weight", "bias": "bias"},
    "transposed-convolution-2d": {"weight": "weight", "bias": "bias"},
    "dense": {"weight": "weight", "bias": "bias"},
    "batch-norm": {
        "weight": "scale",
        "bias": "shift",
        "running_mean": "running_mean",
        "running_var": "running_variance",
    },
}
PLAIN = {"relu", "leaky-relu", "silu", "gelu", "tanh", "sigmoid", "softmax", "reshape", "average-pool",
         "upsample", "pad", "crop", "dropout"}


def state_of(path):
    content = torch.load(path, map_location="cpu", weights_only=False)
    return content.state_dict() if hasattr(content, "state_dict") else content


def groups_of(state):
    """The tensors of each PyTorch layer, in the order of the state."""
    groups = {}
    for name, tensor in state.items():
        layer, _, kind = name.rpartition(".")
        if kind != "num_batches_tracked":
            groups.setdefault(layer, {})[kind] = tensor.detach().numpy().astype("<f4")
    return list(groups.values())


def converted(description, groups):
    tensors, groups = {}, list(groups)
    for part in ("trunk", "head"):
        for number, layer in enumerate(description[part]):
            kind = layer["kind"]
            if kind in PLAIN:
                continue
            if kind not in NAMES:
                sys.exit(f"{part} {number}: layers `{kind}` are not converted")
            if not groups:
                sys.exit(f"{part} {number}: no weights are left for `{kind}`")
            for name, values in groups.pop(0).items():
                if name not in NAMES[kind]:
                    sys.exit(f"{part} {number}: `{kind}` has no `{name}`")
                if kind == "dense" and name == "weight":
                    values = values.T
                if kind == "batch-norm":
                    values = values.reshape(1, -1)
                tensors[f"{part}.layers.{number}.{NAMES[kind][name]}"] = np.ascontiguousarray(values)
    if groups:
        sys.exit(f"{len(groups)} layers with weights are left over")
    return tensors


def write(path, description, tensors):
    header = {"__metadata__": {"showerforge": json.dumps(description)}}
    offset = 0
    for name, values in tensors.items():
        end = offset + values.nbytes
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for values in tensors.values():
            file.write(values.tobytes())


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as file:
        description = json.load(file)
    write(sys.argv[3], description, converted(description, groups_of(state_of(sys.argv[1]))))


main()
