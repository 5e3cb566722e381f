"""The calorimeters as stacks of flat slabs: what they are made of and what is read out."""

from dataclasses import dataclass

# Birks' constants in mm/MeV, for hadrons.
BIRKS = {"G4_lAr": 0.0348, "G4_POLYSTYRENE": 0.126}

# E_tot/E_inc of photons is 1 on average with these: visible energy in a slab, times its factor.
PRESAMPLER_FACTOR = 12.0
ARGON_SHARE = 0.2085
SCINTILLATOR_SHARE = 0.0329
SILICON_SHARE = 0.033


@dataclass(frozen=True)
class Slab:
    """One slab; `layer` is the layer that it is read out in, or `None` for an absorber."""

    material: str
    thickness_mm: float
    layer: int | None = None
    factor: float = 0.0

    @property
    def birks_mm_per_mev(self):
        return BIRKS.get(self.material, 0.0)


def centres_mm(stack):
    """Depth of the middle of each slab; the front of the first is at 0."""
    depth, centres = 0.0, []
    for slab in stack:
        centres.append(depth + slab.thickness_mm / 2)
        depth += slab.thickness_mm
    return centres


def argon_barrel():
    """A flat model of an electromagnetic barrel of lead and liquid argon at normal incidence:
    presampler (layer 0), strips (1), middle (2) and back (3)."""
    stack = [
        Slab("G4_Al", 60.0),
        Slab("G4_lAr", 11.0, 0, PRESAMPLER_FACTOR),
        Slab("G4_lAr", 20.0),
    ]
    for layer, cells in ((1, 13), (2, 49), (3, 10)):
        stack += cells * [
            Slab("G4_Fe", 0.2),
            Slab("G4_Pb", 1.53),
            Slab("G4_Fe", 0.2),
            Slab("G4_lAr", 4.3, layer, 1 / ARGON_SHARE),
        ]
    return stack


def argon_barrel_and_tiles(tile_layers):
    """The same with the first of the three layers (12, 13, 14) of iron and scintillator behind."""
    stack = argon_barrel() + [Slab("G4_Al", 50.0)]
    for layer, tiles in ((12, 18), (13, 49), (14, 22))[:tile_layers]:
        stack += tiles * [
            Slab("G4_Fe", 14.0),
            Slab("G4_POLYSTYRENE", 3.0, layer, 1 / SCINTILLATOR_SHARE),
        ]
    return stack


def tungsten_silicon():
    """90 × (1.4 mm W + 0.3 mm Si), read out two at a time in layers 0 to 44."""
    stack = []
    for pair in range(90):
        stack += [Slab("G4_W", 1.4), Slab("G4_Si", 0.3, pair // 2, 1 / SILICON_SHARE)]
    return stack


def clic_ecal():
    """25 layers of tungsten (17 of 2.4 mm, 8 of 4.8 mm) and 0.5 mm silicon, each with a board of
    1.3 mm; about 23 radiation lengths. The factor is 1: the energy is that in the silicon."""
    stack = []
    for layer in range(25):
        stack += [
            Slab("G4_W", 2.4 if layer < 17 else 4.8),
            Slab("G4_Si", 0.5, layer, 1.0),
            Slab("G4_POLYSTYRENE", 1.3),
        ]
    return stack
