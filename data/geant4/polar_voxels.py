"""Voxels in rings and sectors, from a detector description or CaloChallenge's binning."""

import tomllib
import xml.etree.ElementTree
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PolarLayer:
    """Flat index within the layer: radius fastest, then angle."""

    layer: int
    radial_edges_mm: np.ndarray
    angular_bins: int
    first_voxel: int

    @property
    def rings(self):
        return len(self.radial_edges_mm) - 1

    @property
    def voxels(self):
        return self.rings * self.angular_bins

    def energies(self, energy, x, y):
        """Energy of each voxel, from deposits of `energy` at `x` and `y` mm from the axis."""
        ring = np.searchsorted(self.radial_edges_mm, np.hypot(x, y), side="right") - 1
        turn = np.arctan2(y, x) / (2 * np.pi) + 0.5
        sector = np.minimum((turn * self.angular_bins).astype(int), self.angular_bins - 1)
        inside = ring < self.rings
        return np.bincount(
            sector[inside] * self.rings + ring[inside],
            weights=energy[inside],
            minlength=self.voxels,
        )


def _layers_of_toml(path):
    with open(path, "rb") as file:
        description = tomllib.load(file)
    tables = description.get("response", description).get("layer", [])
    for table in tables:
        if "radial_edges_mm" not in table:
            raise SystemExit(f"{path}: a layer has no `radial_edges_mm`: it is not one of rings")
        for number in range(table.get("repeat", 1)):
            yield table["id"] + number, table["radial_edges_mm"], table["angular_bins"]


def _layers_of_xml(path):
    for layer in xml.etree.ElementTree.parse(path).getroot().find("Bin"):
        edges = [float(edge) for edge in layer.attrib["r_edges"].split(",")]
        if len(edges) > 1:
            yield int(layer.attrib["id"]), edges, int(layer.attrib["n_bin_alpha"])


def read(toml=None, xml=None):
    """The layers of one of the two files, in its order."""
    try:
        found = list(_layers_of_toml(toml) if toml else _layers_of_xml(xml))
    except OSError as error:
        raise SystemExit(f"{toml or xml}: {error.strerror}") from None
    layers, first = [], 0
    for number, edges, angular_bins in found:
        layers.append(PolarLayer(number, np.array(edges, float), angular_bins, first))
        first += layers[-1].voxels
    if not layers:
        raise SystemExit(f"{toml or xml}: no layers of rings")
    return layers


def voxel_count(layers):
    return sum(layer.voxels for layer in layers)


def add_options(parser, required=True):
    """`--detector` or `--xml`."""
    binning = parser.add_mutually_exclusive_group(required=required)
    binning.add_argument("--detector", metavar="TOML", help="detector description of rings")
    binning.add_argument("--xml", metavar="FILE", help="binning file of CaloChallenge")
