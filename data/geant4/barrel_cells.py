"""266 cells of an ATLAS-like barrel about the cell that a particle hits, in four samplings.

η and φ of a deposit are those of a particle from the origin: the distance from the shower's axis
over the radius of the slab, and the impact. Cells are counted from the middle cell that is hit,
cell 0 along each axis; sizes are in middle cells (0.025 in η, 2π/256 in φ).

    sampling     η × φ cells   size in η   size in φ
    presampler     7 × 3         1           4
    strips        56 × 3         1/8         4
    middle         7 × 7         1           1
    back           4 × 7         2           1

The presampler's and the strips' cells are groups of four middle cells in φ, the back's are pairs in
η: which of the four (`phi_index`) and of the two (`eta_index`) is hit sets where the coarse cells
lie.
"""

from dataclasses import dataclass

import numpy as np

ETA_CELL = 0.025
PHI_CELL = 2 * np.pi / 256
# The front of the lead and argon, behind 91 mm of other slabs, is at 1500 mm.
FRONT_RADIUS_MM = 1409.0
PHI_CELLS_OF_A_GROUP = 4
ETA_CELLS_OF_A_PAIR = 2


@dataclass(frozen=True)
class Impact:
    """Where the particle hits: the cell's place in its groups, and the offset from its centre."""

    phi_index: int
    eta_index: int
    d_eta: float
    d_phi: float


@dataclass(frozen=True)
class Sampling:
    layer: int
    eta_cells: int
    phi_cells: int
    eta_size: float
    phi_size: float

    @property
    def cells(self):
        return self.eta_cells * self.phi_cells

    def first_edges(self, impact):
        """Lower edge in η and in φ, in middle cells from the lower edge of the one that is hit."""
        in_pairs = self.eta_size == ETA_CELLS_OF_A_PAIR
        in_groups = self.phi_size == PHI_CELLS_OF_A_GROUP
        # One group on either side of the one that is hit; of the pairs, those that share cells
        # with the seven of the middle sampling.
        eta = impact.eta_index - 2 * ETA_CELLS_OF_A_PAIR if in_pairs else -3
        phi = -impact.phi_index - PHI_CELLS_OF_A_GROUP if in_groups else -3
        return eta, phi

    def energies(self, energy, eta, phi, impact):
        """Energy of each cell, φ fastest; `eta` and `phi` in middle cells from the same edge."""
        first_eta, first_phi = self.first_edges(impact)
        i = np.floor((eta - first_eta) / self.eta_size).astype(int)
        j = np.floor((phi - first_phi) / self.phi_size).astype(int)
        inside = (0 <= i) & (i < self.eta_cells) & (0 <= j) & (j < self.phi_cells)
        return np.bincount(
            i[inside] * self.phi_cells + j[inside], weights=energy[inside], minlength=self.cells
        )


SAMPLINGS = (
    Sampling(0, 7, 3, 1.0, 4.0),
    Sampling(1, 56, 3, 0.125, 4.0),
    Sampling(2, 7, 7, 1.0, 1.0),
    Sampling(3, 4, 7, 2.0, 1.0),
)
CELLS = sum(sampling.cells for sampling in SAMPLINGS)


def random_impacts(random, events):
    """Impacts that are uniform over the cell and its places in the groups."""
    phi_index = random.integers(0, PHI_CELLS_OF_A_GROUP, events)
    eta_index = random.integers(0, ETA_CELLS_OF_A_PAIR, events)
    d_eta = random.uniform(-0.5, 0.5, events) * ETA_CELL
    d_phi = random.uniform(-0.5, 0.5, events) * PHI_CELL
    return [Impact(*impact) for impact in zip(phi_index, eta_index, d_eta, d_phi)]


def cells_of(layer, energy, radius_mm, x, y, impact):
    """Energy of each cell, [266], from deposits at `x` (in η) and `y` (in φ) mm from the axis."""
    eta = (impact.d_eta + x / radius_mm) / ETA_CELL + 0.5
    phi = (impact.d_phi + y / radius_mm) / PHI_CELL + 0.5
    parts = []
    for sampling in SAMPLINGS:
        chosen = layer == sampling.layer
        parts.append(sampling.energies(energy[chosen], eta[chosen], phi[chosen], impact))
    return np.concatenate(parts)
