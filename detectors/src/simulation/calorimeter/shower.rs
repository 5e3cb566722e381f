use super::cells::Cells;
use super::deposits::Deposits;
use super::electromagnetic::Start;
use super::hadronic::Hadronic;
use super::incidence::{Incidence, Line, Window};
use super::medium::Medium;
use crate::Detector;
use crate::condition::ConditionKind;
use crate::simulation::conditions::{self, Draw};
use crate::simulation::description::{
    ElectromagneticPrimary, ElectromagneticShowerDescription, HadronicShowerDescription,
};
use crate::simulation::random::Random;

/// A checked simulation of a calorimeter.
#[derive(Debug, Clone)]
pub(in crate::simulation) struct ShowerModel {
    energy_column: usize,
    value_count: usize,
    cells: Vec<Cells>,
    medium: Medium,
    primary: Primary,
    incidence: Option<Incidence>,
    window: Option<Window>,
}

#[derive(Debug, Clone)]
enum Primary {
    Electron,
    Photon,
    Pion(Hadronic),
}

impl ShowerModel {
    pub fn electromagnetic(
        detector: &Detector,
        description: &ElectromagneticShowerDescription,
        draws: &mut [Draw],
    ) -> Result<Self, String> {
        let medium = Medium::new(detector, &description.medium)?;
        let primary = match description.primary {
            ElectromagneticPrimary::Electron => Primary::Electron,
            ElectromagneticPrimary::Photon => Primary::Photon,
        };
        let range = description.incident_energy_range_mev;
        let energies = &description.incident_energies_mev;
        let mut model = Self::new(detector, medium, primary, range, energies, draws)?;
        let incidence = description.incidence.as_ref();
        model.incidence = incidence.map(|given| Incidence::new(detector, given)).transpose()?;
        let window = description.window.as_ref();
        model.window = window.map(|given| Window::new(detector, given)).transpose()?;
        Ok(model)
    }

    pub fn hadronic(
        detector: &Detector,
        description: &HadronicShowerDescription,
        draws: &mut [Draw],
    ) -> Result<Self, String> {
        let medium = Medium::new(detector, &description.medium)?;
        let primary = Primary::Pion(Hadronic::new(&medium, &description.hadronic)?);
        let range = description.incident_energy_range_mev;
        let energies = &description.incident_energies_mev;
        let mut model = Self::new(detector, medium, primary, range, energies, draws)?;
        let incidence = description.incidence.as_ref();
        model.incidence = incidence.map(|given| Incidence::new(detector, given)).transpose()?;
        Ok(model)
    }

    fn new(
        detector: &Detector,
        medium: Medium,
        primary: Primary,
        range: Option<[f64; 2]>,
        energies: &[f64],
        draws: &mut [Draw],
    ) -> Result<Self, String> {
        let images = |kind: &ConditionKind| matches!(kind, ConditionKind::Image(_));
        if detector.conditions().iter().any(|condition| images(&condition.kind)) {
            return Err("its simulation takes no images as conditions".to_owned());
        }
        let (energy_column, _) = conditions::number(detector, "incident_energy")?;
        let usable = |energy: &f64| energy.is_finite() && *energy > 0.0;
        match (range, energies) {
            (None, []) => {}
            (Some([minimum, maximum]), [])
                if usable(&minimum) && usable(&maximum) && minimum < maximum =>
            {
                draws[energy_column] = Draw::LogUniform { minimum, maximum };
            }
            (None, energies) if energies.iter().all(usable) => {
                draws[energy_column] = Draw::OneOf(energies.to_vec());
            }
            _ => {
                return Err("`[simulation]` needs at most one of `incident_energy_range_mev` = \
                            [minimum, maximum] and `incident_energies_mev`, of positive energies"
                    .to_owned());
            }
        }
        Ok(Self {
            energy_column,
            value_count: detector.value_count(),
            cells: detector.layers().iter().map(Cells::of).collect(),
            medium,
            primary,
            incidence: None,
            window: None,
        })
    }

    /// # Shapes
    /// `[values of an event]`.
    pub fn simulate(&self, conditions: &[f64], random: &mut Random) -> Vec<f32> {
        let mut line =
            self.incidence.as_ref().map_or(Line::NORMAL, |incidence| incidence.line(conditions));
        let mut middles = Vec::new();
        if let Some(window) = &self.window {
            line.start_mm = window.start_mm(conditions);
            middles = window.middles_mm(conditions);
        }
        let mut deposits = Deposits::new(&self.cells, self.value_count, line, middles);
        let energy_mev = conditions[self.energy_column];
        match &self.primary {
            Primary::Electron => {
                self.medium.electron(energy_mev, Start::FRONT, &mut deposits, random);
            }
            Primary::Photon => self.medium.photon(energy_mev, Start::FRONT, &mut deposits, random),
            Primary::Pion(hadronic) => {
                hadronic.pion(&self.medium, energy_mev, &mut deposits, random);
            }
        }
        deposits.into_values()
    }
}
