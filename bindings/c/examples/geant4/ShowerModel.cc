#include "ShowerModel.hh"

#include "G4Event.hh"
#include "G4EventManager.hh"
#include "G4FastHit.hh"
#include "G4FastSimHitMaker.hh"
#include "G4FastStep.hh"
#include "G4FastTrack.hh"
#include "G4ParticleDefinition.hh"
#include "G4Run.hh"
#include "G4RunManager.hh"
#include "G4Track.hh"

#include <stdexcept>
#include <string>
#include <utility>

ShowerModel::ShowerModel(const G4String& name, G4Region* envelope,
                         std::shared_ptr<const showerforge::Model> surrogate,
                         ShowerModelSettings settings, Sink sink)
    : G4VFastSimulationModel(name, envelope),
      surrogate_(std::move(surrogate)),
      settings_(std::move(settings)),
      sink_(std::move(sink)),
      hitMaker_(std::make_unique<G4FastSimHitMaker>()),
      cells_(surrogate_->cells())
{
    const auto conditions = surrogate_->conditions();
    if (conditions.size() != 1 || std::string(conditions[0].name) != "incident_energy") {
        throw std::invalid_argument(
            "this example fills in the incident energy only; add what else the surrogate needs");
    }
    if (surrogate_->unit() != "MeV") {
        throw std::invalid_argument("the values of the surrogate are in " + surrogate_->unit());
    }
    const auto layers = surrogate_->layers().size();
    if (settings_.layerDepths.size() != layers) {
        throw std::invalid_argument("expected a depth for each of " + std::to_string(layers) +
                                    " layers");
    }
    lowest_ = conditions[0].minimum * MeV;
    highest_ = conditions[0].maximum * MeV;
}

ShowerModel::~ShowerModel() = default;

G4bool ShowerModel::IsApplicable(const G4ParticleDefinition& particle)
{
    return particle.GetPDGEncoding() == settings_.pdg;
}

// Only at energies that the surrogate was trained for; Geant4 goes on in detail with the others.
G4bool ShowerModel::ModelTrigger(const G4FastTrack& track)
{
    const auto energy = track.GetPrimaryTrack()->GetKineticEnergy();
    return energy >= lowest_ && energy <= highest_;
}

void ShowerModel::DoIt(const G4FastTrack& fastTrack, G4FastStep& step)
{
    const G4Track& track = *fastTrack.GetPrimaryTrack();
    const auto* event = G4EventManager::GetEventManager()->GetConstCurrentEvent();
    const auto* run = G4RunManager::GetRunManager()->GetCurrentRun();

    // Both ids are 32-bit numbers of at least 0, so that no two tracks of a run share a shower.
    const auto number = (static_cast<std::uint64_t>(event->GetEventID()) << 32) |
                        static_cast<std::uint64_t>(track.GetTrackID());
    const auto seed = settings_.seed + static_cast<std::uint64_t>(run->GetRunID());
    conditions_.assign(1, track.GetKineticEnergy() / MeV);
    surrogate_->generate(seed, number, conditions_, values_);

    // x and y of the cells lie across the direction of flight; where around it they start from is
    // free for a shower that is symmetric about its axis.
    const G4ThreeVector axis = track.GetMomentumDirection();
    const G4ThreeVector x = axis.orthogonal().unit();
    const G4ThreeVector y = axis.cross(x);
    G4double deposited = 0;
    for (std::size_t voxel = 0; voxel < values_.size(); ++voxel) {
        const G4double energy = static_cast<G4double>(values_[voxel]) * MeV;
        if (energy <= 0) {
            continue;
        }
        const auto& cell = cells_[voxel];
        const G4ThreeVector position = track.GetPosition() + settings_.layerDepths[cell.layer] * axis +
                                       cell.x_mm * mm * x + cell.y_mm * mm * y;
        deposited += energy;
        if (sink_) {
            sink_(position, energy, voxel, fastTrack);
        } else {
            hitMaker_->make(G4FastHit(position, energy), fastTrack);
        }
    }
    step.KillPrimaryTrack();
    step.ProposePrimaryTrackPathLength(0);
    step.ProposeTotalEnergyDeposited(deposited);
}
