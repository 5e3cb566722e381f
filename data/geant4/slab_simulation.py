"""Showers of single particles in a stack of flat slabs, with Geant4.

Importing this module imports `geant4_pybind`: call `geant4_session.use_data` before.
"""

import geant4_pybind as g
import numpy as np

from slab_stacks import centres_mm

ELECTROMAGNETIC = ("gamma", "e-", "e+")
# Hadrons deposit energy for long after the shower; a read-out does not wait for it.
GATE_NS = 150.0
# The gun is this far in front of the first slab, in mm.
GUN_DISTANCE = 1.0


def is_hadronic(particle):
    return particle not in ELECTROMAGNETIC


def physics_name(particle):
    """The physics list in words, for the attributes of a file."""
    if is_hadronic(particle):
        return "FTFP_BERT-like, approximate neutron cross sections"
    return "G4EmStandardPhysics"


class _Sensor(g.G4VSensitiveDetector):
    """Collects (slab, energy in MeV, x, y in mm) of each step with energy."""

    def __init__(self):
        super().__init__("sensor")
        self.hits = []

    def ProcessHits(self, step, _history):
        energy = step.GetTotalEnergyDeposit()
        if energy > 0:
            before = step.GetPreStepPoint()
            self.keep(before.GetTouchable().GetCopyNumber(), energy, before, step)
        return True

    def keep(self, slab, energy, before, step):
        start, end = before.GetPosition(), step.GetPostStepPoint().GetPosition()
        self.hits.append((slab, energy, 0.5 * (start.x + end.x), 0.5 * (start.y + end.y)))


class _HadronSensor(_Sensor):
    """The same with Birks' law for charged particles, and a time gate."""

    def __init__(self, stack):
        super().__init__()
        self.birks = [slab.birks_mm_per_mev for slab in stack]

    def keep(self, slab, energy, before, step):
        if before.GetGlobalTime() > GATE_NS * g.ns:
            return
        length = step.GetStepLength()
        if length > 0 and step.GetTrack().GetDefinition().GetPDGCharge() != 0:
            energy /= 1 + self.birks[slab] * energy / length
        super().keep(slab, energy, before, step)


class _Detector(g.G4VUserDetectorConstruction):
    def __init__(self, stack, half_width_mm, sensor):
        super().__init__()
        self.stack, self.half_width_mm, self.sensor = stack, half_width_mm, sensor
        self.volumes, self.placements = {}, []

    def Construct(self):
        centres = centres_mm(self.stack)
        depth = centres[-1] + self.stack[-1].thickness_mm / 2
        nist, half = g.G4NistManager.Instance(), self.half_width_mm
        self.world = g.G4LogicalVolume(
            g.G4Box("world", half + 10, half + 10, depth + 10),
            nist.FindOrBuildMaterial("G4_Galactic"),
            "world",
        )
        placed = g.G4PVPlacement(None, g.G4ThreeVector(), self.world, "world", None, False, 0)
        for number, (slab, centre) in enumerate(zip(self.stack, centres)):
            is_read = slab.layer is not None
            key = (slab.material, slab.thickness_mm, is_read)
            if key not in self.volumes:
                name = f"{slab.material}_{slab.thickness_mm}_{'read' if is_read else 'passive'}"
                self.volumes[key] = g.G4LogicalVolume(
                    g.G4Box(name, half, half, slab.thickness_mm / 2),
                    nist.FindOrBuildMaterial(slab.material),
                    name,
                )
            place, volume = g.G4ThreeVector(0, 0, centre), self.volumes[key]
            self.placements.append(
                g.G4PVPlacement(None, place, volume, f"slab{number}", self.world, False, number)
            )
        return placed

    def ConstructSDandField(self):
        g.G4SDManager.GetSDMpointer().AddNewDetector(self.sensor)
        for (_, _, is_read), volume in self.volumes.items():
            if is_read:
                self.SetSensitiveDetector(volume.GetName(), self.sensor)


class _Gun(g.G4VUserPrimaryGeneratorAction):
    def __init__(self, particle):
        super().__init__()
        self.gun = g.G4ParticleGun(1)
        definition = g.G4ParticleTable.GetParticleTable().FindParticle(particle)
        self.gun.SetParticleDefinition(definition)

    def aim(self, energy_mev, impact_mm, direction):
        x, y, z = direction
        back = GUN_DISTANCE / z
        start = g.G4ThreeVector(impact_mm[0] - back * x, impact_mm[1] - back * y, -GUN_DISTANCE)
        self.gun.SetParticleEnergy(energy_mev * g.MeV)
        self.gun.SetParticleMomentumDirection(g.G4ThreeVector(x, y, z))
        self.gun.SetParticlePosition(start)

    def GeneratePrimaries(self, event):
        self.gun.GeneratePrimaryVertex(event)


class _Actions(g.G4VUserActionInitialization):
    def __init__(self, particle):
        super().__init__()
        self.particle = particle

    def Build(self):
        self.gun = _Gun(self.particle)
        self.SetUserAction(self.gun)


class _Physics(g.G4VModularPhysicsList):
    def __init__(self, particle, cut_mm):
        super().__init__()
        self.cut_mm = cut_mm
        self.parts = [g.G4EmStandardPhysics()]
        if is_hadronic(particle):
            self.parts += [
                g.G4DecayPhysics(),
                g.G4HadronElasticPhysics(),
                g.G4HadronPhysicsFTFP_BERT(),
                g.G4StoppingPhysics(),
                g.G4NeutronTrackingCut(),
            ]
        self.SetVerboseLevel(0)
        for part in self.parts:
            part.SetVerboseLevel(0)
            self.RegisterPhysics(part)

    def SetCuts(self):
        self.SetDefaultCutValue(self.cut_mm * g.mm)


class SlabSimulation:
    """One Geant4 run: a process can have only one."""

    def __init__(self, stack, half_width_mm, particle, seed, cut_mm):
        g.G4Random.setTheSeed(seed)
        self.sensor = _HadronSensor(stack) if is_hadronic(particle) else _Sensor()
        self.manager = g.G4RunManagerFactory.CreateRunManager(g.G4RunManagerType.Serial)
        # Geant4 keeps bare pointers to these.
        self.detector = _Detector(stack, half_width_mm, self.sensor)
        self.physics = _Physics(particle, cut_mm)
        self.actions = _Actions(particle)
        for part in (self.detector, self.physics, self.actions):
            self.manager.SetUserInitialization(part)
        g.G4UImanager.GetUIpointer().ApplyCommand("/process/em/verbose 0")
        self.manager.Initialize()

    def shower(self, energy_mev, impact_mm=(0.0, 0.0), direction=(0.0, 0.0, 1.0)):
        """Visible energies of one particle: slab numbers, MeV, and x and y in mm."""
        self.sensor.hits.clear()
        self.actions.gun.aim(energy_mev, impact_mm, direction)
        self.manager.BeamOn(1)
        hits = np.array(self.sensor.hits).reshape(-1, 4)
        return hits[:, 0].astype(int), hits[:, 1], hits[:, 2], hits[:, 3]
