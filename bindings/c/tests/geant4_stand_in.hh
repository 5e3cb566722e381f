// Declarations of what examples/geant4 uses of Geant4, so that a compiler can read it. Not Geant4.
#pragma once

#include <string>

using G4String = std::string;
using G4bool = bool;
using G4int = int;
using G4double = double;

struct G4ThreeVector {
    G4double x, y, z;
    G4ThreeVector orthogonal() const;
    G4ThreeVector unit() const;
    G4ThreeVector cross(const G4ThreeVector&) const;
};
G4ThreeVector operator+(const G4ThreeVector&, const G4ThreeVector&);
G4ThreeVector operator*(G4double, const G4ThreeVector&);

constexpr G4double mm = 1, MeV = 1;

struct G4Region;
struct G4ParticleDefinition {
    G4int GetPDGEncoding() const;
};
struct G4Track {
    G4double GetKineticEnergy() const;
    G4int GetTrackID() const;
    const G4ThreeVector& GetPosition() const;
    const G4ThreeVector& GetMomentumDirection() const;
};
struct G4FastTrack {
    const G4Track* GetPrimaryTrack() const;
};
struct G4FastStep {
    void KillPrimaryTrack();
    void ProposePrimaryTrackPathLength(G4double);
    void ProposeTotalEnergyDeposited(G4double);
};
struct G4FastHit {
    G4FastHit(const G4ThreeVector&, G4double);
};
struct G4FastSimHitMaker {
    void make(const G4FastHit&, const G4FastTrack&);
};
struct G4Event {
    G4int GetEventID() const;
};
struct G4EventManager {
    static G4EventManager* GetEventManager();
    const G4Event* GetConstCurrentEvent();
};
struct G4Run {
    G4int GetRunID() const;
};
struct G4RunManager {
    static G4RunManager* GetRunManager();
    const G4Run* GetCurrentRun() const;
};

struct G4VFastSimulationModel {
    G4VFastSimulationModel(const G4String&, G4Region*);
    virtual ~G4VFastSimulationModel();
    virtual G4bool IsApplicable(const G4ParticleDefinition&) = 0;
    virtual G4bool ModelTrigger(const G4FastTrack&) = 0;
    virtual void DoIt(const G4FastTrack&, G4FastStep&) = 0;
};
