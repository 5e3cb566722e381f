"""Cherenkov photons of single tracks in the gas, with Geant4.

Importing this module imports `geant4_pybind`: call `geant4_session.use_data` before.
"""

import geant4_pybind as g
import numpy as np

from rich_optics import ENERGY_EV, GAS_DENSITY_G_CM3, INDEX, MASSES_GEV, RADIATOR_MM, SPECIES

PRODUCTION_CUT_MM = 10.0


class _Photons(g.G4UserStackingAction):
    """Notes each optical photon where it is born, and does not track it: the optics are ideal."""

    def __init__(self):
        super().__init__()
        self.born = []

    def ClassifyNewTrack(self, track):
        if track.GetParentID() == 0:
            return g.fUrgent
        if track.GetDefinition().GetParticleName() != "opticalphoton":
            return g.fUrgent
        way, energy = track.GetMomentumDirection(), track.GetKineticEnergy() / g.eV
        self.born.append((way.x, way.y, way.z, energy, track.GetParentID()))
        return g.fKill


class _Radiator(g.G4VUserDetectorConstruction):
    def Construct(self):
        nist = g.G4NistManager.Instance()
        density = GAS_DENSITY_G_CM3 * g.g / g.cm3
        self.gas = g.G4Material("C4F10", density, 2, g.kStateGas)
        self.gas.AddElement(nist.FindOrBuildElement("C"), 4)
        self.gas.AddElement(nist.FindOrBuildElement("F"), 10)
        energies, indices = g.G4doubleVector(), g.G4doubleVector()
        for energy, index in zip(ENERGY_EV, INDEX):
            energies.append(float(energy * g.eV))
            indices.append(float(index))
        self.properties = g.G4MaterialPropertiesTable()
        self.properties.AddProperty("RINDEX", energies, indices)
        self.gas.SetMaterialPropertiesTable(self.properties)
        vacuum = nist.FindOrBuildMaterial("G4_Galactic")
        self.world = g.G4LogicalVolume(g.G4Box("world", 1500, 1500, 1500), vacuum, "world")
        placed = g.G4PVPlacement(None, g.G4ThreeVector(), self.world, "world", None, False, 0)
        half_depth = RADIATOR_MM / 2
        self.volume = g.G4LogicalVolume(g.G4Box("gas", 1000, 1000, half_depth), self.gas, "gas")
        place = g.G4ThreeVector(0, 0, half_depth)
        self.placed_gas = g.G4PVPlacement(None, place, self.volume, "gas", self.world, False, 0)
        return placed


class _Gun(g.G4VUserPrimaryGeneratorAction):
    def __init__(self):
        super().__init__()
        self.gun = g.G4ParticleGun(1)
        self.gun.SetParticlePosition(g.G4ThreeVector(0, 0, -1))

    def aim(self, species, momentum_gev, direction):
        definition = g.G4ParticleTable.GetParticleTable().FindParticle(SPECIES[species])
        mass = MASSES_GEV[species]
        self.gun.SetParticleDefinition(definition)
        self.gun.SetParticleEnergy(((momentum_gev**2 + mass * mass) ** 0.5 - mass) * g.GeV)
        self.gun.SetParticleMomentumDirection(g.G4ThreeVector(*direction))

    def GeneratePrimaries(self, event):
        self.gun.GeneratePrimaryVertex(event)


class _Actions(g.G4VUserActionInitialization):
    def Build(self):
        self.gun, self.photons = _Gun(), _Photons()
        self.SetUserAction(self.gun)
        self.SetUserAction(self.photons)


class _Physics(g.G4VModularPhysicsList):
    def __init__(self):
        super().__init__()
        self.parts = [g.G4EmStandardPhysics(), g.G4OpticalPhysics()]
        self.SetVerboseLevel(0)
        for part in self.parts:
            part.SetVerboseLevel(0)
            self.RegisterPhysics(part)

    def SetCuts(self):
        self.SetDefaultCutValue(PRODUCTION_CUT_MM * g.mm)


class RichSimulation:
    """One Geant4 run: a process can have only one."""

    def __init__(self, seed):
        g.G4Random.setTheSeed(seed)
        self.manager = g.G4RunManagerFactory.CreateRunManager(g.G4RunManagerType.Serial)
        # Geant4 keeps bare pointers to these.
        self.parts = (_Radiator(), _Physics(), _Actions())
        for part in self.parts:
            self.manager.SetUserInitialization(part)
        for command in ("/process/em/verbose 0", "/process/optical/verbose 0"):
            g.G4UImanager.GetUIpointer().ApplyCommand(command)
        self.manager.Initialize()

    def photons(self, species, momentum_gev, direction):
        """Photons of one track: unit vectors [photons, 3], energies in eV, and whether the track
        itself made them, not what it knocked out."""
        actions = self.parts[2]
        actions.photons.born.clear()
        actions.gun.aim(int(species), float(momentum_gev), tuple(map(float, direction)))
        self.manager.BeamOn(1)
        born = np.array(actions.photons.born).reshape(-1, 5)
        return born[:, :3], born[:, 3], born[:, 4] == 1
