use clap::ValueEnum;
use detectors::{Condition, Detector, LayerShape};

use super::graph::{GraphBuilder, Value};
use super::message::{Element, Graph, ValueInfo};
use super::{events, normal};
use crate::export::ExportError;
use crate::gan::{GeneratorProgram, Noise};
use crate::generate::{ConditionList, ConditionValues, listed};
use crate::model::SurrogateModel;

/// What goes into an exported graph and comes out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Signature {
    /// noise [n, noise], conditions [n, conditions] -> values [n, values] in the detector's units
    #[default]
    Showerforge,
    /// Geant4's example Par04: one input [n, noise + 4] -> fractions of the energy [n, R x phi x Z]
    Par04,
    /// DDML's RegularGridGANModel: z [n, noise, 1, 1, 1], E in GeV -> energies [n, nz x nx x ny]
    Ddml,
}

/// How a model is exported.
#[derive(Debug, Clone, Default)]
pub struct OnnxSettings {
    pub signature: Signature,
    /// Conditions that the signature has no input for, with one value each.
    pub fixed: Vec<ConditionList>,
    /// The energy in MeV that Par04 divides by; the largest that the model is for where left out.
    pub maximum_energy_mev: Option<f64>,
}

impl Signature {
    /// As users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Showerforge => "showerforge",
            Self::Par04 => "par04",
            Self::Ddml => "ddml",
        }
    }

    fn refuses(self, problem: impl Into<String>) -> ExportError {
        ExportError::Signature { signature: self.name(), problem: problem.into() }
    }
}

/// What the values of a detector are called among the outputs.
pub(in crate::export) fn output_name(detector: &Detector) -> &str {
    match detector.quantity() {
        _ if detector.layers().is_empty() => "values",
        "energy" => "energies",
        quantity => quantity,
    }
}

/// # Errors
/// As [`super::write`].
pub(super) fn graph(model: &SurrogateModel, settings: &OnnxSettings) -> Result<Graph, ExportError> {
    match settings.signature {
        Signature::Showerforge => own(model, settings),
        Signature::Par04 => par04(model, settings),
        Signature::Ddml => ddml(model, settings),
    }
}

fn own(model: &SurrogateModel, settings: &OnnxSettings) -> Result<Graph, ExportError> {
    if !settings.fixed.is_empty() {
        let problem = "is not used with the signature `showerforge`, whose input `conditions` has \
                       them all"
            .to_owned();
        return Err(ExportError::Option { option: "--condition", problem });
    }
    let mut graph = GraphBuilder::default();
    let detector = &model.detector;
    let noise = GraphBuilder::input("noise");
    let physical = graph.cast(&GraphBuilder::input("conditions"), Element::Double);
    let values = events(&mut graph, model, &noise, &physical)?;
    let inputs = vec![
        ValueInfo::floats("noise", &[model.generator.noise_width()], "see `noise` in the metadata"),
        ValueInfo::floats(
            "conditions",
            &[detector.condition_width()],
            "see `conditions` in the metadata",
        ),
    ];
    let output =
        ValueInfo::floats(output_name(detector), &[detector.value_count()], detector.unit());
    Ok(graph.finish("generator", inputs, &values, output))
}

/// One input: z of N(0, 1), E / E_max, θ / 90°, and a one-hot of two geometries, which is not looked
/// at. Par04 multiplies the output by E; its cells run fastest over z, then φ, then r.
fn par04(model: &SurrogateModel, settings: &OnnxSettings) -> Result<Graph, ExportError> {
    let detector = &model.detector;
    let order = par04_order(detector)?;
    let maximum = par04_maximum_energy_mev(model, settings)?;
    let program = model.generator.program();
    let width = program.noise_width();
    let mut graph = GraphBuilder::default();
    let input = GraphBuilder::input("input");
    let z = graph.columns(&input, 0, width);
    let noise = noise_of_normals(&mut graph, &program, z);
    let told = graph.columns(&input, width, 2);
    let told = graph.cast(&told, Element::Double);
    let share = graph.columns(&told, 0, 1);
    let energy = scaled(&mut graph, &share, maximum);
    let right_angles = graph.columns(&told, 1, 1);
    let theta = scaled(&mut graph, &right_angles, std::f64::consts::FRAC_PI_2);
    let physical = physical(&mut graph, model, settings, &energy, Some(&theta))?;
    let values = events(&mut graph, model, &noise, &physical)?;
    let values = graph.gather(&values, order);
    let values = graph.cast(&values, Element::Double);
    let fractions = graph.node("Div", &[&values, &energy]);
    let fractions = graph.cast(&fractions, Element::Float);
    let inputs =
        vec![ValueInfo::floats("input", &[width + 4], "noise, E/E_max, theta/90 deg, geometry")];
    let output = ValueInfo::floats("fractions", &[detector.value_count()], "fractions of E");
    Ok(graph.finish("generator", inputs, &fractions, output))
}

/// z of U(−1, 1) and the energy in GeV; cells run fastest over y, then x, then the layers. The two
/// inputs have five axes, as DDML makes its tensors.
fn ddml(model: &SurrogateModel, settings: &OnnxSettings) -> Result<Graph, ExportError> {
    let refuses = |problem: String| Signature::Ddml.refuses(problem);
    let detector = &model.detector;
    let [nx, ny, nz] =
        detector.grid().filter(|_| detector.quantity() == "energy").ok_or_else(|| {
            refuses(format!("detector `{}` is no regular grid of energies", detector.name()))
        })?;
    let order = (0..nz)
        .flat_map(|z| (0..nx).flat_map(move |x| (0..ny).map(move |y| (z * ny + y) * nx + x)));
    let program = model.generator.program();
    let width = program.noise_width();
    let mut graph = GraphBuilder::default();
    let z = graph.reshape(&GraphBuilder::input("z"), &[width]);
    let noise = noise_of_uniforms(&mut graph, &program, z);
    let gev = graph.reshape(&GraphBuilder::input("energy"), &[1]);
    let gev = graph.cast(&gev, Element::Double);
    let energy = scaled(&mut graph, &gev, 1000.0);
    let physical = physical(&mut graph, model, settings, &energy, None)?;
    let values = events(&mut graph, model, &noise, &physical)?;
    let values = graph.gather(&values, order);
    let inputs = vec![
        ValueInfo::floats("z", &[width, 1, 1, 1], "uniform in -1 to 1"),
        ValueInfo::floats("energy", &[1, 1, 1, 1], "GeV"),
    ];
    let output = ValueInfo::floats("energies", &[detector.value_count()], "MeV");
    Ok(graph.finish("generator", inputs, &values, output))
}

/// The energy in MeV that Par04 divides by.
///
/// # Errors
/// A number that is not one, or a model without an incident energy.
pub(super) fn par04_maximum_energy_mev(
    model: &SurrogateModel,
    settings: &OnnxSettings,
) -> Result<f64, ExportError> {
    let labels = model.header.codec.labels();
    let of_model = labels.number("incident_energy").map(|number| number.maximum);
    let of_model = of_model
        .ok_or_else(|| Signature::Par04.refuses("it has no condition `incident_energy`"))?;
    match settings.maximum_energy_mev {
        None => Ok(of_model),
        Some(energy) if energy > 0.0 && energy.is_finite() => Ok(energy),
        Some(energy) => Err(ExportError::Option {
            option: "--maximum-energy",
            problem: format!("is {energy}, expected a positive number in MeV"),
        }),
    }
}

/// For each cell of Par04's mesh, which of ours it is.
fn par04_order(detector: &Detector) -> Result<Vec<usize>, ExportError> {
    let refuses = |problem: &str| {
        let name = detector.name();
        Err(Signature::Par04.refuses(format!("detector `{name}` {problem}")))
    };
    if detector.quantity() != "energy"
        || detector.normalising_column() != detector.incident_energy_column()
        || detector.incident_energy_column().is_none()
    {
        return refuses("does not give energies that are fractions of the incident energy");
    }
    let layers = detector.layers();
    let Some(LayerShape::Rings { radial_edges_mm, angular_bins }) =
        layers.first().map(|layer| layer.shape())
    else {
        return refuses("has no rings, expected equal rings in all layers");
    };
    if layers.iter().any(|layer| layer.shape() != layers[0].shape()) {
        return refuses("has layers with different cells, expected equal rings in all layers");
    }
    let width = radial_edges_mm[1] - radial_edges_mm[0];
    let even = |(i, edge): (usize, &f64)| (edge - i as f64 * width).abs() < 1e-6 * width;
    if !radial_edges_mm.iter().enumerate().all(even) {
        return refuses("has rings of different widths, expected equal ones from the axis on");
    }
    let (depth, rings, sectors) = (layers.len(), radial_edges_mm.len() - 1, *angular_bins);
    Ok((0..rings)
        .flat_map(|r| {
            (0..sectors)
                .flat_map(move |phi| (0..depth).map(move |z| (z * sectors + phi) * rings + r))
        })
        .collect())
}

/// All conditions of the detector, `[events, condition_width]`, of those that a signature has inputs
/// for and fixed ones.
fn physical(
    graph: &mut GraphBuilder,
    model: &SurrogateModel,
    settings: &OnnxSettings,
    energy_mev: &Value,
    theta_rad: Option<&Value>,
) -> Result<Value, ExportError> {
    let detector = &model.detector;
    if detector.incident_energy_column().is_none() {
        return Err(settings.signature.refuses("it has no condition `incident_energy`"));
    }
    let mut parts = Vec::new();
    let fixed = listed(detector, None, &settings.fixed)?;
    for (condition, fixed) in detector.conditions().iter().zip(fixed) {
        let given = if detector.incident_energy_column() == Some(condition.first_column) {
            Some(energy_mev)
        } else {
            theta_rad.filter(|_| condition.name == "theta" && condition.unit == "rad")
        };
        let fixed = match &fixed {
            None => None,
            Some(ConditionValues::List(values)) => Some(&values[..]),
            Some(ConditionValues::Range(range)) => {
                let problem =
                    format!("has the range {range} for `{}`, expected one value", condition.name);
                return Err(ExportError::Option { option: "--condition", problem });
            }
        };
        parts.push(match (given, fixed) {
            (Some(given), None) => given.clone(),
            (None, Some([value])) => {
                // As many events as there are energies.
                let nothing = scaled(graph, energy_mev, 0.0);
                let value = graph.double(*value);
                graph.node("Add", &[&nothing, &value])
            }
            (given, fixed) => return Err(not_one_value(condition, given.is_some(), fixed)),
        });
    }
    Ok(graph.beside(&parts))
}

fn not_one_value(condition: &Condition, is_input: bool, fixed: Option<&[f64]>) -> ExportError {
    let name = &condition.name;
    let problem = match fixed {
        Some(_) if is_input => format!("fixes `{name}`, which is an input of the signature"),
        Some(values) => format!("has {} values for `{name}`, expected one", values.len()),
        None => format!("must fix `{name}`, for which the signature has no input: `{name}=VALUE`"),
    };
    ExportError::Option { option: "--condition", problem }
}

fn scaled(graph: &mut GraphBuilder, x: &Value, factor: f64) -> Value {
    let factor = graph.double(factor);
    graph.node("Mul", &[x, &factor])
}

/// The model's noise, `[events, noise_width]`, of standard normal numbers.
fn noise_of_normals(graph: &mut GraphBuilder, program: &GeneratorProgram, z: Value) -> Value {
    match program.noise {
        Noise::Normal { mean: 0.0, deviation: 1.0 } => z,
        Noise::Normal { mean, deviation } => {
            with_latent(graph, program, &z, |graph, z| moved(graph, z, deviation, mean))
        }
        Noise::Uniform { minimum, maximum } => with_latent(graph, program, &z, |graph, z| {
            let z = graph.cast(z, Element::Double);
            let p = normal::cumulative(graph, &z);
            let p = graph.cast(&p, Element::Float);
            moved(graph, &p, maximum - minimum, minimum)
        }),
    }
}

/// The model's noise, `[events, noise_width]`, of numbers uniform in −1 to 1.
fn noise_of_uniforms(graph: &mut GraphBuilder, program: &GeneratorProgram, u: Value) -> Value {
    let normals = |graph: &mut GraphBuilder, u: &Value| {
        let u = graph.cast(u, Element::Double);
        let (one, half) = (graph.double(1.0), graph.double(0.5));
        let sum = graph.node("Add", &[&u, &one]);
        let p = graph.node("Mul", &[&sum, &half]);
        // Between the 32-bit numbers next to −1 and 1.
        let (low, high) = (graph.double(SMALLEST_SHARE), graph.double(1.0 - SMALLEST_SHARE));
        let p = graph.node("Clip", &[&p, &low, &high]);
        let z = normal::quantile(graph, &p);
        graph.cast(&z, Element::Float)
    };
    let rest = program.noise_width() - program.latent;
    let mut parts = Vec::new();
    let latent = graph.columns(&u, 0, program.latent);
    parts.push(match program.noise {
        Noise::Normal { mean, deviation } => {
            let z = normals(graph, &latent);
            moved(graph, &z, deviation, mean)
        }
        Noise::Uniform { minimum, maximum } => {
            moved(graph, &latent, 0.5 * (maximum - minimum), 0.5 * (minimum + maximum))
        }
    });
    if rest > 0 {
        let voxels = graph.columns(&u, program.latent, rest);
        parts.push(normals(graph, &voxels));
    }
    graph.beside(&parts)
}

/// Half of the distance of the last 32-bit number from 1.
const SMALLEST_SHARE: f64 = 1.0 / 67_108_864.0;

/// Changes the numbers of the network's input and leaves those of the voxels.
fn with_latent(
    graph: &mut GraphBuilder,
    program: &GeneratorProgram,
    z: &Value,
    change: impl Fn(&mut GraphBuilder, &Value) -> Value,
) -> Value {
    let latent = graph.columns(z, 0, program.latent);
    let mut parts = vec![change(graph, &latent)];
    let rest = program.noise_width() - program.latent;
    if rest > 0 {
        parts.push(graph.columns(z, program.latent, rest));
    }
    graph.beside(&parts)
}

/// factor · x + offset, in 32 bits.
fn moved(graph: &mut GraphBuilder, x: &Value, factor: f64, offset: f64) -> Value {
    let (factor, offset) = (graph.float(factor as f32), graph.float(offset as f32));
    let scaled = graph.node("Mul", &[x, &factor]);
    graph.node("Add", &[&scaled, &offset])
}
