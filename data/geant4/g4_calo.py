#!/usr/bin/env python3
"""Real Geant4 showers -> CaloChallenge HDF5 (datasets incident_energies [N,1], showers [N,voxels], MeV).

needs: pip install -r data/geant4/requirements.txt ; data directory from make_g4data.py (+ make_neutron_stub.py)
usage: data/geant4/g4_calo.py --geometry ds2|ds1 --particle e-|gamma|pi+ (--detector TOML | --xml BINNING.xml) -n N
                  --emin MeV --emax MeV [--powers "8,9,..": energies 2^k MeV] [--seed S] [--g4data DIR] -o OUT.hdf5
"""
import argparse, os, sys, time, contextlib, tomllib
import xml.etree.ElementTree as ET
ap = argparse.ArgumentParser()
ap.add_argument("--geometry", choices=["ds2", "ds1"], required=True)
ap.add_argument("--particle", default="e-")
binning = ap.add_mutually_exclusive_group(required=True)
binning.add_argument("--detector", help="detector description, as in detectors/src/calorimeter/")
binning.add_argument("--xml", help="binning file of CaloChallenge")
ap.add_argument("-n", type=int, default=100); ap.add_argument("--emin", type=float, default=1e3)
ap.add_argument("--emax", type=float, default=1e5); ap.add_argument("--powers", default="")
ap.add_argument("--seed", type=int, default=1); ap.add_argument("--cut-mm", type=float, default=0.7)
ap.add_argument("--max-s", type=float, default=1e9)
ap.add_argument("--g4data", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "g4data"))
ap.add_argument("-o", required=True)
a = ap.parse_args()
D = os.path.abspath(a.g4data)
for v in ("GEANT4_DATA_DIR", "G4LEDATA", "G4ENSDFSTATEDATA", "G4LEVELGAMMADATA", "G4PARTICLEXSDATA", "G4NEUTRONHPDATA",
          "G4RADIOACTIVEDATA", "G4SAIDXSDATA", "G4ABLADATA", "G4INCLDATA", "G4PIIDATA", "G4REALSURFACEDATA"):
    os.environ[v] = D
import numpy as np, h5py
import geant4_pybind as g
mm = g.mm
HADR = a.particle not in ("e-", "e+", "gamma")

# ---- readout binning: (layer id, radial edges in mm, angular bins)
layers = []
if a.detector:
    with open(a.detector, "rb") as f:
        for L in tomllib.load(f)["layer"]:
            layers.append((L["id"], np.array(L["radial_edges_mm"], float), L["angular_bins"]))
else:
    for L in ET.parse(a.xml).getroot().find("Bin"):
        e = [float(x) for x in L.attrib["r_edges"].split(",")]
        if len(e) > 1: layers.append((int(L.attrib["id"]), np.array(e), int(L.attrib["n_bin_alpha"])))
off = {}; nv = 0
for i, (lid, e, na) in enumerate(layers): off[lid] = (nv, e, na); nv += (len(e)-1)*na

# ---- geometry: list of (material, thickness mm, readout layer id or -1, response factor)
def stack():
    s = []
    if a.geometry == "ds2":            # Par04: 90 x (1.4 mm W + 0.3 mm Si), two layers per voxel, /0.033 and 15.15 keV
        for i in range(90): s += [("G4_W", 1.4, -1, 0), ("G4_Si", 0.3, i//2, 1/0.033)]
        return s, 300.0, 0.01515
    # ds1: flat model of the ATLAS EM barrel at normal incidence (+ Tile): ids 0,1,2,3,12,13,14
    s += [("G4_Al", 60.0, -1, 0), ("G4_lAr", 11.0, 0, 12.0), ("G4_lAr", 20.0, -1, 0)]
    def em(n, lid):
        r = []
        for _ in range(n): r += [("G4_Fe", 0.2, -1, 0), ("G4_Pb", 1.53, -1, 0), ("G4_Fe", 0.2, -1, 0), ("G4_lAr", 4.3, lid, 1/0.2085)]
        return r
    s += em(13, 1) + em(49, 2) + em(10, 3) + [("G4_Al", 50.0, -1, 0)]
    for n, lid in ((18, 12), (49, 13), (22, 14)):
        for _ in range(n): s += [("G4_Fe", 14.0, -1, 0), ("G4_POLYSTYRENE", 3.0, lid, 1/0.0329)]
        if not HADR: break
    return s, 2100.0 if HADR else 700.0, 1e-3
STACK, HALF, THR = stack()
KB = [{"G4_POLYSTYRENE": 0.126, "G4_lAr": 0.0348}.get(t[0], 0.0) for t in STACK]    # Birks constants, mm/MeV

HITS = []
class SD(g.G4VSensitiveDetector):
    def ProcessHits(self, step, h):
        e = step.GetTotalEnergyDeposit()
        if e > 0:
            p = step.GetPreStepPoint(); q = step.GetPostStepPoint().GetPosition(); o = p.GetPosition()
            c = p.GetTouchable().GetCopyNumber()
            if HADR:                              # visible energy: Birks' law, 150 ns gate
                if p.GetGlobalTime() > 150*g.ns: return True
                L = step.GetStepLength()
                if L > 0 and step.GetTrack().GetDefinition().GetPDGCharge() != 0: e /= 1 + KB[c]*e/L
            HITS.append((c, e, 0.5*(o.x+q.x), 0.5*(o.y+q.y)))
        return True
class Det(g.G4VUserDetectorConstruction):
    def Construct(self):
        nm = g.G4NistManager.Instance(); depth = sum(t[1] for t in STACK)
        wl = g.G4LogicalVolume(g.G4Box("w", HALF+10, HALF+10, depth+10), nm.FindOrBuildMaterial("G4_Galactic"), "world")
        wp = g.G4PVPlacement(None, g.G4ThreeVector(), wl, "world", None, False, 0)
        self.keep = [wl]; lv = {}; z = 0.0
        for i, (m, t, lid, f) in enumerate(STACK):
            k = (m, t, lid >= 0)
            if k not in lv:
                name = f"{m}_{t}_{'S' if lid >= 0 else 'P'}"
                lv[k] = g.G4LogicalVolume(g.G4Box(name, HALF, HALF, t/2), nm.FindOrBuildMaterial(m), name)
            self.keep.append(g.G4PVPlacement(None, g.G4ThreeVector(0, 0, z+t/2), lv[k], f"L{i}", wl, False, i)); z += t
        self.names = [f"{m}_{t}_S" for (m, t, s) in lv if s]; self.lv = lv
        return wp
    def ConstructSDandField(self):
        self.sd = SD("sd"); g.G4SDManager.GetSDMpointer().AddNewDetector(self.sd)
        for n in self.names: self.SetSensitiveDetector(n, self.sd)
class Gun(g.G4VUserPrimaryGeneratorAction):
    def __init__(s):
        super().__init__(); s.gun = g.G4ParticleGun(1); s.E = 1000.
        s.gun.SetParticleDefinition(g.G4ParticleTable.GetParticleTable().FindParticle(a.particle))
        s.gun.SetParticleMomentumDirection(g.G4ThreeVector(0, 0, 1)); s.gun.SetParticlePosition(g.G4ThreeVector(0, 0, -1))
    def GeneratePrimaries(s, ev): s.gun.SetParticleEnergy(s.E*g.MeV); s.gun.GeneratePrimaryVertex(ev)
class Act(g.G4VUserActionInitialization):
    def Build(s): s.g = Gun(); s.SetUserAction(s.g)
class PL(g.G4VModularPhysicsList):
    def __init__(s):
        super().__init__(); s.SetVerboseLevel(0); s.c = [g.G4EmStandardPhysics()]
        if HADR: s.c += [g.G4DecayPhysics(), g.G4HadronElasticPhysics(), g.G4HadronPhysicsFTFP_BERT(), g.G4StoppingPhysics(), g.G4NeutronTrackingCut()]
        for c in s.c: c.SetVerboseLevel(0); s.RegisterPhysics(c)
    def SetCuts(s): s.SetDefaultCutValue(a.cut_mm*mm)

g.G4Random.setTheSeed(a.seed); rng = np.random.default_rng(a.seed)
devnull = os.open("/dev/null", os.O_WRONLY); so = os.dup(1); os.dup2(devnull, 1)     # Geant4's banner and tables
rm = g.G4RunManagerFactory.CreateRunManager(g.G4RunManagerType.Serial)
det, pl, act = Det(), PL(), Act()
for x in (det, pl, act): rm.SetUserInitialization(x)
g.G4UImanager.GetUIpointer().ApplyCommand("/process/em/verbose 0")
rm.Initialize()
if a.powers: E = 2.0**rng.choice([int(k) for k in a.powers.split(",")], a.n)
else: E = np.exp(rng.uniform(np.log(a.emin), np.log(a.emax), a.n))
lid = np.array([t[2] for t in STACK]); fac = np.array([t[3] for t in STACK])
out = np.zeros((a.n, nv), np.float32); t0 = time.time(); raw = np.zeros(a.n); done = 0
for i in range(a.n):
    HITS.clear(); act.g.E = float(E[i]); rm.BeamOn(1); done = i+1
    if HITS:
        h = np.array(HITS); c = h[:, 0].astype(int); e = h[:, 1]*fac[c]; raw[i] = h[:, 1].sum()
        r = np.hypot(h[:, 2], h[:, 3]); phi = np.mod(np.arctan2(h[:, 3], h[:, 2]), 2*np.pi)
        for L in np.unique(lid[c]):
            if L not in off: continue
            o, ed, na = off[L]; m = lid[c] == L; nr = len(ed)-1
            ir = np.searchsorted(ed, r[m], side="right")-1; ia = np.minimum((phi[m]/(2*np.pi)*na).astype(int), na-1)
            k = ir < nr
            out[i, o:o+nr*na] += np.bincount(ia[k]*nr+ir[k], weights=e[m][k], minlength=nr*na).astype(np.float32)
    if time.time()-t0 > a.max_s: break
dt = time.time()-t0; out = out[:done]; out[out < THR] = 0; E = E[:done]
with h5py.File(a.o, "w") as f:
    f.create_dataset("incident_energies", data=E.reshape(-1, 1).astype(np.float64), compression="gzip")
    f.create_dataset("showers", data=out, compression="gzip", compression_opts=7, chunks=(min(100, done), nv))
    f.attrs.update(dict(generator="Geant4 11.4.1 (geant4-pybind 0.1.3)", geometry=a.geometry, particle=a.particle, seed=a.seed,
                        physics="FTFP_BERT-like, approximate neutron XS" if HADR else "G4EmStandardPhysics", cut_mm=a.cut_mm, cpu_s_per_shower=dt/done))
os.dup2(so, 1)
print(f"{a.o}: {done} showers, {nv} voxels, {dt/done*1e3:.1f} ms/shower ({done/dt:.2f}/s), <E>={E.mean()/1e3:.2f} GeV, {dt/E.sum()*1e6:.2f} ms/GeV, "
      f"<Etot/Einc>={(out.sum(1)/E).mean():.4f}, {os.path.getsize(a.o)/1e6:.2f} MB", flush=True)
os._exit(0)        # the bindings crash in teardown after hadronic runs
