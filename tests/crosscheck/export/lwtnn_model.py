"""A model exported to lwtnn's JSON, against the events of `showerforge generate`.

    python tests/crosscheck/export/lwtnn_model.py MODEL.json SAMPLES.hdf5

The C++ library itself is not run: what its source documents is done here with numpy. An input x is
(x + offset) scale; a dense layer is f(W x + b) with W of [outputs, inputs], row by row; a
normalization layer is w (x + b); nodes are inputs, concatenations and feed-forward layers. What the
JSON leaves to the caller (docs/export.md) follows: the power, the multiplication, and the threshold.
Prints a JSON object with the largest differences.
"""

import json
import sys

import h5py
import numpy

ACTIVATIONS = {
    "linear": lambda x, _: x,
    "rectified": lambda x, _: numpy.maximum(x, 0),
    "sigmoid": lambda x, _: 1 / (1 + numpy.exp(-x)),
    "tanh": lambda x, _: numpy.tanh(x),
    "softmax": lambda x, _: numpy.exp(x - x.max()) / numpy.exp(x - x.max()).sum(),
    "leakyrelu": lambda x, alpha: numpy.where(x > 0, x, alpha * x),
    "swish": lambda x, alpha: x / (1 + numpy.exp(-alpha * x)),
}


class Graph:
    def __init__(self, description):
        self.description = description
        self.layers = [self.layer(layer) for layer in description["layers"]]

    @staticmethod
    def layer(layer):
        bias = numpy.array(layer["bias"])
        weights = numpy.array(layer["weights"])
        if layer["architecture"] == "normalization":
            return lambda x: weights * (x + bias)
        assert layer["architecture"] == "dense", layer["architecture"]
        weights = weights.reshape(len(bias), -1)
        activation = layer["activation"]
        if isinstance(activation, str):
            activation = {"function": activation, "alpha": None}
        function = ACTIVATIONS[activation["function"]]
        return lambda x: function(weights @ x + bias, activation["alpha"])

    def inputs(self, values):
        """The inputs as vectors, from {input: [values of its variables]}."""
        vectors = []
        for described in self.description["inputs"]:
            names = [variable["name"] for variable in described["variables"]]
            assert names == [f"variable_{i}" for i in range(len(names))]
            offset = numpy.array([variable["offset"] for variable in described["variables"]])
            scale = numpy.array([variable["scale"] for variable in described["variables"]])
            vectors.append((values[described["name"]] + offset) * scale)
        return vectors

    def run(self, values):
        (output,) = self.description["outputs"].values()
        vectors = self.inputs(values)
        nodes = []
        for node in self.description["nodes"]:
            if node["type"] == "input":
                nodes.append(vectors[node["sources"][0]])
                assert len(nodes[-1]) == node["size"]
            elif node["type"] == "concatenate":
                nodes.append(numpy.concatenate([nodes[source] for source in node["sources"]]))
            else:
                assert node["type"] == "feed_forward", node["type"]
                (source,) = node["sources"]
                nodes.append(self.layers[node["layer_index"]](nodes[source]))
        result = nodes[output["node_index"]]
        assert len(output["labels"]) == len(result)
        return result


def told(text, conditions):
    """The caller's part: `ln(name / unit)`, `name / unit`, or `name == category`."""
    names, values = [], []
    for part in text.split("; "):
        name = part.removeprefix("ln(").split(" ")[0]
        if name not in names:
            names.append(name)
        value = conditions[len(names) - 1]
        if " == " in part:
            values.append(float(value == float(part.split(" == ")[1])))
        else:
            values.append(numpy.log(value) if part.startswith("ln(") else value)
    assert len(names) == len(conditions)
    return numpy.array(values)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        description = json.load(file)
    left = description["miscellaneous"]
    assert all(isinstance(text, str) for text in left.values())
    graph = Graph(description)
    with h5py.File(sys.argv[2]) as samples:
        noise, conditions = samples["noise"][:200], samples["conditions"][:200]
        expected = samples["energies"][:200].astype(numpy.float64)
    found = []
    for z, condition in zip(noise.astype(numpy.float64), conditions):
        out = graph.run({"Noise": z, "mycond": told(left["conditions"], condition)})
        assert left["multiply_by"] == "incident_energy"
        values = out ** float(left["exponent"]) * condition[0]
        values[values < float(left["readout_threshold"])] = 0
        found.append(values)
    found = numpy.array(found)
    flipped = (found == 0) != (expected == 0)
    scale = numpy.abs(expected).max(axis=1, keepdims=True)
    difference = numpy.where(flipped, 0, numpy.abs(found - expected))
    print(
        json.dumps(
            {
                "events": len(found),
                "flipped": int(flipped.sum()),
                "not_zero": int((expected != 0).sum()),
                "of_scale": float((difference / numpy.where(scale > 0, scale, 1)).max()),
            }
        )
    )
