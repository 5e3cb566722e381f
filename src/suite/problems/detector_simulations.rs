//! The detectors as problems: events of their parametric simulations, judged by their observables.

use detectors::Detector;
use detectors::simulation::{Block, Simulation};
use ndarray::Array2;
use validation::selection::Figure;
use validation::{Sample, ValidationError};

use crate::events::Events;
use crate::suite::data_context::DataContext;
use crate::suite::error::SuiteError;
use crate::suite::problem::{Headline, Problem, ProblemData};
use crate::suite::system::Measures;
use crate::suite::tier::Tier;

/// A detector with its parametric simulation.
#[derive(Debug, Clone, Copy)]
pub struct DetectorSimulation {
    name: &'static str,
    title: &'static str,
    /// The built-in detector.
    detector: &'static str,
    /// Parts of its description that are replaced, for coarser grids.
    replaced: &'static [(&'static str, &'static str)],
    template: &'static str,
}

const CELLS: &str = include_str!("templates/cells.toml");
const TABLE: &str = include_str!("templates/table.toml");

const GRID_CELLS: &str = "cells = [30, 30, 30]\ncell_size_mm = [5.0, 5.0, 5.0]";
const CLIC_CELLS: &str = "cells = [25, 25, 25]\ncell_size_mm = [5.1, 5.1, 5.05]";

pub(super) const ALL: &[DetectorSimulation] = &[
    plain("calochallenge-photons", "photon showers, 368 voxels in 5 layers", CELLS),
    plain("calochallenge-pions", "pion showers, 533 voxels in 7 layers", CELLS),
    plain("calochallenge-electrons", "electron showers, 6,480 voxels in 45 layers", CELLS),
    plain("atlas-em-barrel", "photon showers in a barrel, 266 cells", CELLS),
    DetectorSimulation {
        replaced: &[
            ("name = \"clic-ecal-25\"", "name = \"clic-ecal-9\""),
            (CLIC_CELLS, "cells = [9, 9, 9]\ncell_size_mm = [14.2, 14.2, 14.0]"),
        ],
        detector: "clic-ecal-25",
        ..plain("clic-ecal-9", "electron showers in 9 x 9 x 9 cells", CELLS)
    },
    DetectorSimulation {
        replaced: &[
            ("name = \"regular-grid\"", "name = \"regular-grid-10\""),
            (GRID_CELLS, "cells = [10, 10, 10]\ncell_size_mm = [15.0, 15.0, 15.0]"),
        ],
        detector: "regular-grid",
        ..plain("regular-grid-10", "photon showers under angles in 10 x 10 x 10 cells", CELLS)
    },
    plain("rich-pid", "likelihood differences of a RICH, 5 numbers", TABLE),
    plain("rich-rings", "rings in 64 x 64 pixels of a RICH", CELLS),
    plain(
        "radio-sky",
        "maps of the radio sky from maps of lower resolution, 32 x 32 pixels",
        CELLS,
    ),
];

const fn plain(
    name: &'static str,
    title: &'static str,
    template: &'static str,
) -> DetectorSimulation {
    DetectorSimulation { name, title, detector: name, replaced: &[], template }
}

/// Values of all training events together, and the most of them.
const VALUES: usize = 8_000_000;
const MOST_TRAIN: usize = 20_000;
/// Events that are judged by.
const TEST: usize = 3_000;
/// Events of the measures that are taken in a training.
const QUICK: usize = 1_000;
/// The data are the same for every seed of a training.
const SEED: u64 = 20_170_401;

impl DetectorSimulation {
    fn detector(&self) -> Result<Detector, SuiteError> {
        let wrong = |error: detectors::DetectorError| SuiteError::NoData {
            problem: self.name.to_owned(),
            reason: error.to_string(),
        };
        if self.replaced.is_empty() {
            return detectors::builtin(self.detector).map_err(wrong);
        }
        let mut text = detectors::builtin_toml(self.detector)
            .expect("it is one of the built-in detectors")
            .to_owned();
        for (from, to) in self.replaced {
            text = text.replace(from, to);
        }
        Detector::from_toml(&text).map_err(wrong)
    }

    fn sample(label: &str, data: &ProblemData, events: &Events) -> Result<Sample, ValidationError> {
        Sample::new(
            label,
            &data.detector,
            events.conditions.clone(),
            events.values.clone(),
            None,
            Vec::new(),
        )
    }
}

fn events_of(detector: &Detector, block: Block, count: usize) -> Events {
    let fills = "each event has its row";
    let mut events = Events {
        conditions: Array2::from_shape_vec((count, detector.condition_width()), block.conditions)
            .expect(fills),
        values: Array2::from_shape_vec((count, detector.value_count()), block.values).expect(fills),
        weights: None,
    };
    events.apply_readout_threshold(detector);
    events
}

impl Problem for DetectorSimulation {
    fn name(&self) -> &str {
        self.name
    }

    fn title(&self) -> &str {
        self.title
    }

    fn tier(&self) -> Tier {
        Tier::Physics
    }

    fn source(&self) -> &str {
        "own parametric simulation, docs/parametric-simulation.md"
    }

    fn load(&self, _context: &DataContext) -> Result<ProblemData, SuiteError> {
        let detector = self.detector()?;
        let simulation = Simulation::of(&detector).map_err(|error| SuiteError::NoData {
            problem: self.name.to_owned(),
            reason: error.to_string(),
        })?;
        let train = (VALUES / detector.value_count()).clamp(1_000, MOST_TRAIN);
        let of = |first: usize, count: usize| {
            events_of(&detector, simulation.events(SEED, first as u64, count), count)
        };
        let (train, test) = (of(0, train), of(train, TEST));
        let shape = vec![detector.value_count()];
        Ok(ProblemData::new(detector, shape, train, test))
    }

    fn template(&self) -> Option<&str> {
        Some(self.template)
    }

    fn has_conditions(&self) -> bool {
        true
    }

    fn samples(&self) -> usize {
        TEST
    }

    fn judge(
        &self,
        data: &ProblemData,
        samples: &Events,
        _seed: u64,
    ) -> Result<Measures, SuiteError> {
        let mut measures = Measures::default();
        let reference = Self::sample("reference", data, &data.test)?;
        let generated = Self::sample("generated", data, samples)?;
        for (name, figure) in [
            ("mean KS", Figure::KolmogorovSmirnov),
            ("mean separation", Figure::Separation),
            ("AUC high level", Figure::AucHighLevel),
        ] {
            if let Some(value) = figure.of_samples(&reference, &generated)? {
                measures.set(name, value);
            }
        }
        Ok(measures)
    }

    fn judge_quickly(&self, data: &ProblemData, samples: &Events) -> Measures {
        let rows: Vec<usize> = (0..QUICK.min(samples.len()).min(data.test.len())).collect();
        let distance = || {
            let reference = Self::sample("reference", data, &data.test.select(&rows))?;
            let generated = Self::sample("generated", data, &samples.select(&rows))?;
            Figure::KolmogorovSmirnov.of_samples(&reference, &generated)
        };
        let mut measures = Measures::default();
        measures.set("mean KS", distance().ok().flatten().unwrap_or(f64::NAN));
        measures
    }

    fn headline(&self) -> &[Headline] {
        const HEADLINE: &[Headline] = &[
            Headline::lower("mean KS"),
            Headline::lower("mean separation"),
            Headline::lower("AUC high level"),
        ];
        HEADLINE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarser_grids_are_coarser() {
        let cells = |name: &str| {
            let problem = ALL.iter().find(|problem| problem.name == name).expect("known");
            let detector = problem.detector().expect("valid");
            assert_eq!(detector.name(), name);
            detector.value_count()
        };
        assert_eq!(cells("clic-ecal-9"), 729);
        assert_eq!(cells("regular-grid-10"), 1_000);
    }
}
