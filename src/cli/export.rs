//! `showerforge export`: a model in another framework's format.

use std::path::PathBuf;

use clap::ValueEnum;

use super::detector_args::LayoutArgs;
use super::print;
use crate::Error;
use crate::events::EventSet;
use crate::export::onnx::{self, OnnxSettings, Signature};
use crate::export::{ExportError, Samples, lwtnn, write_samples};
use crate::files::write_atomically;
use crate::generate::{
    ConditionFiles, ConditionList, ConditionSource, EnergyChoice, EnergyList, GenerationError,
    GivenConditions, Surrogate,
};

/// Export a trained model to ONNX or lwtnn
///
/// An ONNX file holds everything between noise and events: the scaling of the conditions, the
/// network, decoding, thresholds and units. `docs/export.md` says what its inputs and outputs are.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge export --model model.safetensors --output model.onnx\n  showerforge export --model model.safetensors --output model.onnx --samples samples.hdf5 --energies 2^8..2^13\n  showerforge export --model grid.safetensors --signature ddml --condition theta=0 --condition phi=0 --output grid.onnx"
)]
pub struct Args {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Onnx)]
    format: Format,
    /// Inputs and outputs of an ONNX file
    #[arg(long, value_enum, default_value_t = Signature::Showerforge)]
    signature: Signature,
    /// The energy that Par04 divides by, in MeV [default: the largest that the model is for]
    #[arg(long, value_name = "MEV")]
    maximum_energy: Option<f64>,
    /// Value of a condition that the signature has no input for, or of the samples: `theta=0`; may
    /// be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    condition: Vec<ConditionList>,
    /// File to write
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// HDF5 file of inputs and the events of `showerforge generate`, to compare with; for the
    /// signature `showerforge`
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    /// Number of samples
    #[arg(long, value_name = "N", default_value_t = 100, requires = "samples")]
    nevents: u64,
    /// Number of the first sample
    #[arg(long, value_name = "K", default_value_t = 0, requires = "samples")]
    first_event: u64,
    /// Seed of the samples
    #[arg(long, default_value_t = 1, requires = "samples")]
    seed: u64,
    /// Incident energies of the samples in MeV, in turn: `1000`, `256,512` or `2^8..2^13`
    #[arg(long, value_name = "MEV", requires = "samples")]
    energies: Option<EnergyList>,
    /// HDF5 files of events, or of conditions alone, for the samples
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "samples", conflicts_with = "energies")]
    conditions: Vec<PathBuf>,
    #[command(flatten)]
    layout: LayoutArgs,
    /// Replace outputs that exist
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Onnx,
    /// JSON of dense networks
    Lwtnn,
}

impl Args {
    /// # Errors
    /// A bad model, one that does not fit the format or signature, or an output that exists or cannot
    /// be written.
    pub fn run(&self) -> Result<(), Error> {
        let is_own = self.format == Format::Onnx && self.signature == Signature::Showerforge;
        if self.samples.is_some() && !is_own {
            let problem = "is for `--format onnx --signature showerforge`".to_owned();
            return Err(ExportError::Option { option: "--samples", problem }.into());
        }
        if self.format == Format::Lwtnn && self.signature != Signature::Showerforge {
            let problem = "is for `--format onnx`".to_owned();
            return Err(ExportError::Option { option: "--signature", problem }.into());
        }
        if self.maximum_energy.is_some() && self.signature != Signature::Par04 {
            let problem = "is for `--signature par04`".to_owned();
            return Err(ExportError::Option { option: "--maximum-energy", problem }.into());
        }
        let surrogate = Surrogate::open(&self.model)?;
        let samples =
            self.samples.as_ref().map(|path| Ok::<_, Error>((path, self.samples(&surrogate)?)));
        let samples = samples.transpose()?;
        let bytes = match self.format {
            Format::Onnx => onnx::write(&surrogate, &self.onnx_settings())?,
            Format::Lwtnn => lwtnn::write(&surrogate)?.into_bytes(),
        };
        write_atomically(&self.output, &bytes, self.force)?;
        print(&format!("{} bytes written to {}\n", bytes.len(), self.output.display()))?;
        if let Some((path, samples)) = samples {
            write_samples(&surrogate, &samples, path, self.force)?;
            print(&format!("{} samples written to {}\n", samples.events, path.display()))?;
        }
        Ok(())
    }

    fn onnx_settings(&self) -> OnnxSettings {
        let of_samples = self.samples.is_some();
        OnnxSettings {
            signature: self.signature,
            fixed: if of_samples { Vec::new() } else { self.condition.clone() },
            maximum_energy_mev: self.maximum_energy,
        }
    }

    fn samples(&self, surrogate: &Surrogate) -> Result<Samples, Error> {
        let detector = &surrogate.model().detector;
        let conditions = if self.conditions.is_empty() {
            let energies = self.energies.clone().map(EnergyChoice::List);
            let given =
                GivenConditions::new(detector, energies.as_ref(), &self.condition, self.seed)
                    .map_err(GenerationError::from)?;
            ConditionSource::Given(given)
        } else {
            let layout = &self.layout.layout;
            let events = EventSet::open_conditions(&self.conditions, detector, layout)?;
            ConditionSource::Files(ConditionFiles::new(events))
        };
        Ok(Samples {
            conditions,
            seed: self.seed,
            first_event: self.first_event,
            events: self.nevents,
        })
    }
}
