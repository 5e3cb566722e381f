//! The systems: what the core's trainer can train by settings alone stands in `configs/suite/`, one
//! file each; systems with a loop of their own have a module here.

mod adversarial;
mod changes;
mod cycle_gan;
mod info_gan;
mod loop_settings;
mod own_loop;
mod pix2pix;
mod progressive;
mod robustness;
mod series;
mod system_file;
#[cfg(test)]
mod test_problem;
mod translation;
mod unrolled;

pub use adversarial::Adversarial;
pub use changes::NetworkChange;
pub use cycle_gan::{CycleGan, CycleGanSettings};
pub use info_gan::{InfoGan, InfoGanSettings};
pub use pix2pix::{Pix2Pix, Pix2PixSettings};
pub use progressive::{ProgressiveGrowing, ProgressiveSettings};
pub use robustness::Robustness;
pub use series::{
    CRnnGan, CRnnGanSettings, Cell, GeneratorLoss, RecurrentGan, RecurrentGanSettings, TimeGan,
    TimeGanSettings,
};
pub use system_file::SystemFile;
pub use unrolled::{GeneratorObjective, Unrolled, UnrolledSettings};

use std::path::Path;

use super::error::SuiteError;
use super::system::System;
use crate::files;

/// Settings that come with the program.
const FILES: &[(&str, &str)] = &[
    ("gan-saturating", include_str!("../../../configs/suite/gan-saturating.toml")),
    ("gan", include_str!("../../../configs/suite/gan.toml")),
    ("cgan", include_str!("../../../configs/suite/cgan.toml")),
    ("wgan", include_str!("../../../configs/suite/wgan.toml")),
    ("wgan-gp", include_str!("../../../configs/suite/wgan-gp.toml")),
    ("wgan-lp", include_str!("../../../configs/suite/wgan-lp.toml")),
    ("wgan-gradient-clip", include_str!("../../../configs/suite/wgan-gradient-clip.toml")),
    ("sn-gan", include_str!("../../../configs/suite/sn-gan.toml")),
    ("hinge", include_str!("../../../configs/suite/hinge.toml")),
    ("lsgan", include_str!("../../../configs/suite/lsgan.toml")),
    ("lsgan-pearson", include_str!("../../../configs/suite/lsgan-pearson.toml")),
    ("f-gan-kl", include_str!("../../../configs/suite/f-gan-kl.toml")),
    ("f-gan-reverse-kl", include_str!("../../../configs/suite/f-gan-reverse-kl.toml")),
    ("f-gan-pearson", include_str!("../../../configs/suite/f-gan-pearson.toml")),
    ("f-gan-neyman", include_str!("../../../configs/suite/f-gan-neyman.toml")),
    (
        "f-gan-squared-hellinger",
        include_str!("../../../configs/suite/f-gan-squared-hellinger.toml"),
    ),
    ("f-gan-jeffrey", include_str!("../../../configs/suite/f-gan-jeffrey.toml")),
    ("f-gan-js", include_str!("../../../configs/suite/f-gan-js.toml")),
    ("f-gan-gan", include_str!("../../../configs/suite/f-gan-gan.toml")),
    ("f-gan-tv", include_str!("../../../configs/suite/f-gan-tv.toml")),
    ("dcgan", include_str!("../../../configs/suite/dcgan.toml")),
    ("cramer-gan", include_str!("../../../configs/suite/cramer-gan.toml")),
    ("r1", include_str!("../../../configs/suite/r1.toml")),
    ("instance-noise", include_str!("../../../configs/suite/instance-noise.toml")),
    ("began", include_str!("../../../configs/suite/began.toml")),
    ("pacgan2", include_str!("../../../configs/suite/pacgan2.toml")),
    ("pacgan3", include_str!("../../../configs/suite/pacgan3.toml")),
    ("pacgan4", include_str!("../../../configs/suite/pacgan4.toml")),
    ("r3gan", include_str!("../../../configs/suite/r3gan.toml")),
    ("pacgan2-r3gan", include_str!("../../../configs/suite/pacgan2-r3gan.toml")),
];

/// All systems, in the order of the documentation.
///
/// # Panics
/// If a file that comes with the program is broken, which a test guards.
pub fn all() -> Vec<Box<dyn System>> {
    let adversarial = FILES.iter().map(|(name, text)| {
        let system = Adversarial::from_toml(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Box::new(system) as Box<dyn System>
    });
    let own_loops: [Box<dyn System>; 10] = [
        Box::new(InfoGan),
        Box::new(Pix2Pix),
        Box::new(CycleGan),
        Box::new(ProgressiveGrowing),
        Box::new(Unrolled::DEFAULT),
        Box::new(Unrolled::WITHOUT),
        Box::new(CRnnGan),
        Box::new(RecurrentGan::PLAIN),
        Box::new(RecurrentGan::CONDITIONAL),
        Box::new(TimeGan),
    ];
    let cells = robustness::ALL.iter().map(|cell| Box::new(*cell) as Box<dyn System>);
    adversarial.chain(own_loops).chain(cells).collect()
}

/// The system of this name, or of a file in TOML: `wgan-gp`, `my-objective.toml`.
///
/// # Errors
/// No such system, or a file that is no system.
pub fn find(name: &str) -> Result<Box<dyn System>, SuiteError> {
    if let Some(system) = all().into_iter().find(|system| system.name() == name) {
        return Ok(system);
    }
    if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
        let system = Adversarial::from_toml(&files::read_to_string(name.as_ref())?)?;
        return Ok(Box::new(system));
    }
    Err(SuiteError::Unknown { what: "system", name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_system_with_a_name_of_its_own() {
        let mut names: Vec<String> = all().iter().map(|s| s.name().to_owned()).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{names:?}");
    }
}
