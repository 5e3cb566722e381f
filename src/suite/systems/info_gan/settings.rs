use serde::{Deserialize, Serialize};
use toml::Table;

use crate::gan::OptimiserSettings;
use crate::gan::objectives::Objective;
use crate::nn::{LayerSettings, NetworkSettings, check_layer_count, feature_count, output_shape};
use crate::suite::error::SuiteError;
use crate::suite::problem::Problem;
use crate::suite::system::{Protocol, RunOptions};
use crate::suite::systems::changes::with_batch_norm;
use crate::suite::systems::loop_settings::read_for;

/// Settings of InfoGAN. Those that come with the program are in `configs/suite/infogan.toml`, with
/// changes for single problems under `problem`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfoGanSettings {
    pub format_version: u32,
    pub short_iterations: u64,
    pub paper_iterations: u64,
    pub batch_size: usize,
    /// β of the averaged generator.
    pub average_decay: f64,
    /// Noise numbers beside the code, standard normal.
    pub noise: usize,
    /// Classes of the discrete part of the code, equally probable.
    pub classes: usize,
    /// Numbers of the continuous part, uniform from −1 to 1.
    pub numbers: usize,
    /// λ of the discrete part.
    pub class_weight: f64,
    /// λ of the continuous part.
    pub number_weight: f64,
    /// Width of the hidden layer of the head that reads the code.
    pub code_hidden: usize,
    /// Batch norm behind that layer.
    #[serde(default)]
    pub code_batch_norm: bool,
    /// Batch norm behind all convolutions of the critic but the first, as in arXiv:1511.06434; the
    /// critic's network in a run's settings has it already.
    #[serde(default)]
    pub critic_batch_norm: bool,
    /// Of the critic's score: one that takes one score an event.
    pub objective: Objective,
    pub generator: PartSettings,
    pub critic: PartSettings,
}

/// One of the two networks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSettings {
    /// The problem's if left out. The last layer of a critic gives its score; the code is read
    /// from what stands in front of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkSettings>,
    pub optimiser: OptimiserSettings,
}

/// Settings that can be trained by.
#[derive(Debug, Clone)]
pub(in crate::suite::systems) struct Checked {
    pub settings: InfoGanSettings,
    pub iterations: u64,
    /// From noise and code to an event.
    pub generator: Vec<LayerSettings>,
    /// From an event to what score and code are read from.
    pub trunk: Vec<LayerSettings>,
    pub score: Vec<LayerSettings>,
}

const FORMAT_VERSION: u32 = 1;
pub(super) const DEFAULTS: &str = include_str!("../../../../configs/suite/infogan.toml");
pub(super) const NAME: &str = "infogan";

impl InfoGanSettings {
    /// Numbers at the generator's input.
    pub fn input_width(&self) -> usize {
        self.noise + self.classes + self.numbers
    }

    /// Outputs of the head that reads the code: logits, then means and ln σ of the numbers.
    pub fn code_outputs(&self) -> usize {
        self.classes + 2 * self.numbers
    }
}

impl Checked {
    /// The settings on a problem whose events have so many values.
    ///
    /// # Errors
    /// The key that is wrong.
    pub fn new(
        problem: &dyn Problem,
        values: usize,
        options: &RunOptions,
    ) -> Result<Self, SuiteError> {
        let wrong = |problem: String| SuiteError::Settings { name: NAME.to_owned(), problem };
        let mut settings: InfoGanSettings = read_for(NAME, DEFAULTS, problem.name(), options)?;
        if settings.generator.network.is_none() || settings.critic.network.is_none() {
            let [generator, critic] = proposed(problem).map_err(wrong)?;
            settings.generator.network.get_or_insert(generator);
            settings.critic.network.get_or_insert(critic);
        }
        settings.check_numbers().map_err(wrong)?;
        settings.resolved(values, options).map_err(wrong)
    }

    pub fn to_toml(&self) -> String {
        toml::to_string(&self.settings).expect("settings have only plain values")
    }
}

/// The generator and the critic of the problem's template.
fn proposed(problem: &dyn Problem) -> Result<[NetworkSettings; 2], String> {
    let template = problem.template().ok_or("the problem proposes no networks")?;
    let template: Table = toml::from_str(template).map_err(|error| error.to_string())?;
    let critic = match template.get("critic") {
        Some(toml::Value::Array(critics)) => critics.first(),
        other => other,
    };
    let network = |part: Option<&toml::Value>, name: &str| -> Result<NetworkSettings, String> {
        let found = part.and_then(|part| part.get("network")).cloned();
        let found = found.ok_or_else(|| format!("the problem proposes no {name}"))?;
        found.try_into().map_err(|error: toml::de::Error| error.to_string())
    };
    Ok([network(template.get("generator"), "generator")?, network(critic, "critic")?])
}

impl InfoGanSettings {
    fn check_numbers(&self) -> Result<(), String> {
        let expect = |key: &str, found: String, holds: bool, expected: &str| {
            if holds { Ok(()) } else { Err(format!("`{key}` is {found}, expected {expected}")) }
        };
        let version = self.format_version;
        expect("format_version", version.to_string(), version == FORMAT_VERSION, "1")?;
        for (key, iterations) in [
            ("short_iterations", self.short_iterations),
            ("paper_iterations", self.paper_iterations),
        ] {
            expect(key, iterations.to_string(), iterations > 0, "1 at least")?;
        }
        for (key, number, least) in [
            ("batch_size", self.batch_size, 2),
            ("noise", self.noise, 1),
            ("classes", self.classes, 2),
            ("numbers", self.numbers, 0),
            ("code_hidden", self.code_hidden, 1),
        ] {
            let holds = (least..=65_536).contains(&number);
            expect(key, number.to_string(), holds, &format!("{least} to 65536"))?;
        }
        for (key, weight) in
            [("class_weight", self.class_weight), ("number_weight", self.number_weight)]
        {
            expect(key, weight.to_string(), (0.0..=1e6).contains(&weight), "0 to 1000000")?;
        }
        let decay = self.average_decay;
        expect("average_decay", decay.to_string(), (0.0..1.0).contains(&decay), "0 to below 1")?;
        let fits = self.objective.has_score()
            && !self.objective.needs_other_fake()
            && self.objective.output_width(1) == 1;
        expect("objective", "of another kind".to_owned(), fits, "one of one score an event")?;
        for (key, part) in [("generator", &self.generator), ("critic", &self.critic)] {
            part.optimiser.check().map_err(|problem| format!("{key}.optimiser: {problem}"))?;
        }
        Ok(())
    }

    fn resolved(mut self, values: usize, options: &RunOptions) -> Result<Checked, String> {
        let layers = |part: &PartSettings, outputs: usize, key: &str| {
            let network =
                part.network.as_ref().ok_or_else(|| format!("{key}.network is missing"))?;
            let network =
                NetworkSettings { conditions: crate::nn::ConditionUse::None, ..network.clone() };
            let layers = network.layers(outputs).map_err(|e| format!("{key}.network: {e}"))?;
            match layers.iter().find(|layer| layer.uses_conditions()) {
                Some(layer) => Err(format!(
                    "{key}.network has a layer `{}`, expected none: classes are not told",
                    layer.kind()
                )),
                None => Ok(layers),
            }
        };
        let generator = layers(&self.generator, values, "generator")?;
        let mut critic = layers(&self.critic, 1, "critic")?;
        if self.critic_batch_norm {
            critic = with_batch_norm(critic);
            self.critic_batch_norm = false;
        }
        check_ends(&generator, self.input_width(), values, "generator.network")?;
        check_ends(&critic, values, 1, "critic.network")?;
        let written = |layer: &[LayerSettings]| {
            Some(NetworkSettings { layer: layer.to_vec(), ..NetworkSettings::default() })
        };
        self.generator.network = written(&generator);
        self.critic.network = written(&critic);
        let score = critic.pop().into_iter().collect();
        if critic.is_empty() {
            return Err("critic.network has one layer, expected two at least".to_owned());
        }
        let by_protocol = match options.protocol {
            Protocol::Short => self.short_iterations,
            Protocol::Paper => self.paper_iterations,
        };
        let iterations = options.iterations.unwrap_or(by_protocol);
        Ok(Checked { settings: self, iterations, generator, trunk: critic, score })
    }
}

fn check_ends(
    layers: &[LayerSettings],
    inputs: usize,
    outputs: usize,
    key: &str,
) -> Result<(), String> {
    check_layer_count(layers).map_err(|problem| format!("{key}: {problem}"))?;
    let shape = output_shape(layers, &[inputs], 0).map_err(|e| format!("{key}: layer {e}"))?;
    let found = feature_count(&shape);
    if found != outputs {
        return Err(format!("{key}: the last layer has {found} outputs, expected {outputs}"));
    }
    Ok(())
}
