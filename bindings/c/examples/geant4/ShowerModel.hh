// A fast-simulation model: one shower of showerforge in place of a particle in a calorimeter.
#pragma once

#include "showerforge.hpp"

#include "G4SystemOfUnits.hh"
#include "G4ThreeVector.hh"
#include "G4VFastSimulationModel.hh"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

class G4FastSimHitMaker;
class G4ParticleDefinition;

// What the surrogate does not know of the experiment.
struct ShowerModelSettings {
    // PDG number of the particle that the surrogate was trained for.
    G4int pdg = 22;
    // Distance of the middle of each layer from where the shower enters, along its axis; one number
    // for each layer of the model.
    std::vector<G4double> layerDepths;
    // Seed of all showers, for example that of the run.
    std::uint64_t seed = 1;
};

// One object a thread, as Geant4 wants it of fast-simulation models (make it in
// ConstructSDandField); all of them share one surrogate, which is never changed.
//
// A shower is a function of the seed, the run, the event and the track, so that a run gives the same
// showers on any number of threads and whichever thread an event falls to.
class ShowerModel : public G4VFastSimulationModel {
public:
    // Where energy goes: a position in the world's frame, and the number of the voxel.
    using Sink =
        std::function<void(const G4ThreeVector&, G4double energy, std::size_t voxel, const G4FastTrack&)>;

    // Throws std::invalid_argument or showerforge::Error if the surrogate does not fit the settings.
    // Without a sink, hits are made in the sensitive detectors at the positions.
    ShowerModel(const G4String& name, G4Region* envelope,
                std::shared_ptr<const showerforge::Model> surrogate, ShowerModelSettings settings,
                Sink sink = nullptr);
    ~ShowerModel() override;

    G4bool IsApplicable(const G4ParticleDefinition& particle) override;
    G4bool ModelTrigger(const G4FastTrack& track) override;
    void DoIt(const G4FastTrack& track, G4FastStep& step) override;

private:
    std::shared_ptr<const showerforge::Model> surrogate_;
    ShowerModelSettings settings_;
    Sink sink_;
    std::unique_ptr<G4FastSimHitMaker> hitMaker_;
    std::vector<showerforge_cell> cells_;
    G4double lowest_ = 0, highest_ = 0;
    // Kept from shower to shower.
    std::vector<float> values_;
    std::vector<double> conditions_;
};
