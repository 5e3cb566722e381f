//! CaloChallenge's binning files: `<Bins><Bin pid name …><Layer id r_edges n_bin_alpha/>…`.

use std::ops::RangeInclusive;

use crate::description::{
    ConditionDescription, DetectorDescription, Family, LayerDescription, ResponseDescription, Scale,
};
use crate::simulation::description::{
    ElectromagneticPrimary, ElectromagneticShowerDescription, HadronicDescription,
    HadronicShowerDescription, MediumDescription, SimulationDescription, SlabDescription,
};
use crate::{Detector, DetectorError};

/// Reads the layers of a CaloChallenge binning file. A layer with a single edge has no voxels and
/// is left out; its number is not reused.
///
/// The file has no threshold and no energy range: both are given by the caller, in MeV. It has no
/// depths either, so that the parametric simulation takes every layer to be equally thick: one
/// radiation length of tungsten and silicon for electrons and photons, one interaction length of
/// steel and scintillator for hadrons.
///
/// # Errors
/// [`DetectorError::Xml`] if it is not XML, [`DetectorError::XmlContent`] if an element or number
/// is missing, [`DetectorError::Invalid`] if the bins make no sense.
pub fn from_xml(
    text: &str,
    name: &str,
    readout_threshold_mev: f64,
    incident_energy_range_mev: RangeInclusive<f64>,
) -> Result<Detector, DetectorError> {
    let document = roxmltree::Document::parse(text)?;
    let bin = document
        .descendants()
        .find(|node| node.has_tag_name("Bin"))
        .ok_or_else(|| content("has no `<Bin>` element".to_owned()))?;
    let layers = bin
        .children()
        .filter(|node| node.has_tag_name("Layer"))
        .map(|node| layer(&node))
        .collect::<Result<Vec<_>, _>>()?;
    let layers: Vec<_> =
        layers.into_iter().filter(|layer| layer.radial_edges_mm.len() > 1).collect();
    let pdg_id = number(&bin, "pid")?;
    let particle = bin.attribute("name").unwrap_or("unknown").to_owned();
    let simulation = simulation(pdg_id, layers.len());
    DetectorDescription {
        format_version: crate::detector::FORMAT_VERSION,
        name: name.to_owned(),
        title: format!("{name} ({particle})"),
        family: Family::Calorimeter,
        pdg_id: Some(pdg_id),
        particle: Some(particle),
        response: ResponseDescription {
            dataset: "showers".to_owned(),
            quantity: "energy".to_owned(),
            unit: "MeV".to_owned(),
            readout_threshold: readout_threshold_mev,
            normalised_by: Some("incident_energy".to_owned()),
            typical_sum: None,
            sampling_fraction: None,
            whole_numbers: false,
            azimuthally_symmetric: true,
            layer: layers,
            grid: None,
            column: Vec::new(),
        },
        condition: vec![ConditionDescription {
            name: "incident_energy".to_owned(),
            dataset: "incident_energies".to_owned(),
            column: None,
            unit: "MeV".to_owned(),
            minimum: Some(*incident_energy_range_mev.start()),
            maximum: Some(*incident_energy_range_mev.end()),
            scale: Some(Scale::Logarithmic),
            categories: Vec::new(),
            image: None,
        }],
        weights_dataset: None,
        simulation: Some(simulation),
    }
    .check()
}

/// Equal layers; the numbers are those of the built-in detectors.
fn simulation(pdg_id: i32, layers: usize) -> SimulationDescription {
    let slab = |thickness_mm, thickness_x0, thickness_interaction_lengths| SlabDescription {
        name: "layer".to_owned(),
        repeat: layers,
        read_out: true,
        thickness_mm,
        thickness_x0,
        thickness_interaction_lengths,
        moliere_radius_mm: None,
        sampling_term_sqrt_gev: None,
        spot_energy_mev: None,
        response: 1.0,
    };
    let primary = match pdg_id {
        11 | -11 => ElectromagneticPrimary::Electron,
        22 => ElectromagneticPrimary::Photon,
        _ => {
            return SimulationDescription::HadronicShower(HadronicShowerDescription {
                incident_energy_range_mev: None,
                incident_energies_mev: Vec::new(),
                hadronic: HadronicDescription::default(),
                medium: MediumDescription {
                    effective_atomic_number: 25.0,
                    critical_energy_mev: 21.0,
                    moliere_radius_mm: 21.0,
                    absorber_atomic_number: 26.0,
                    sensor_atomic_number: 6.0,
                    sampling_layer_x0: 0.8,
                    sampling_term_sqrt_gev: 0.3,
                    spot_energy_mev: None,
                    most_spots: 50_000,
                    core_radius_scale: 1.0,
                    tail_radius_scale: 1.0,
                    maximum_shift_x0: 0.0,
                    profile_shape_scale: 1.0,
                    greatest_profile_spread: 0.25,
                    slab: vec![slab(195.0, 9.3, 1.0)],
                },
                incidence: None,
            });
        }
    };
    SimulationDescription::ElectromagneticShower(ElectromagneticShowerDescription {
        primary,
        incident_energy_range_mev: None,
        incident_energies_mev: Vec::new(),
        medium: MediumDescription {
            effective_atomic_number: 72.5,
            critical_energy_mev: 8.23,
            moliere_radius_mm: 10.9,
            absorber_atomic_number: 74.0,
            sensor_atomic_number: 14.0,
            sampling_layer_x0: 0.403,
            sampling_term_sqrt_gev: 0.13,
            spot_energy_mev: Some(9.5),
            most_spots: 50_000,
            core_radius_scale: 1.22,
            tail_radius_scale: 1.27,
            maximum_shift_x0: 0.0,
            profile_shape_scale: 0.91,
            greatest_profile_spread: 0.2,
            slab: vec![slab(4.2, 1.0, 0.04)],
        },
        incidence: None,
        window: None,
    })
}

fn layer(node: &roxmltree::Node<'_, '_>) -> Result<LayerDescription, DetectorError> {
    let id: usize = number(node, "id")?;
    let radial_edges_mm = attribute(node, "r_edges")?
        .split(',')
        .map(|edge| {
            edge.trim()
                .parse()
                .map_err(|_| content(format!("layer {id}: `{edge}` in `r_edges` is not a number")))
        })
        .collect::<Result<_, _>>()?;
    Ok(LayerDescription {
        id,
        name: format!("layer {id}"),
        repeat: 1,
        radial_edges_mm,
        angular_bins: Some(number(node, "n_bin_alpha")?),
        x_edges_mm: Vec::new(),
        y_edges_mm: Vec::new(),
        y_fastest: false,
    })
}

fn attribute<'a>(
    node: &roxmltree::Node<'a, '_>,
    name: &'static str,
) -> Result<&'a str, DetectorError> {
    node.attribute(name)
        .ok_or_else(|| content(format!("has a `<{}>` without `{name}`", node.tag_name().name())))
}

fn number<T: std::str::FromStr>(
    node: &roxmltree::Node<'_, '_>,
    name: &'static str,
) -> Result<T, DetectorError> {
    let text = attribute(node, name)?;
    text.trim().parse().map_err(|_| {
        content(format!(
            "has `{name}` = `{text}` in a `<{}>`, expected a whole number",
            node.tag_name().name()
        ))
    })
}

fn content(problem: String) -> DetectorError {
    DetectorError::XmlContent { problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Simulation;

    const TWO_LAYERS: &str = r#"<Bins><Bin pid="22" name="photon">
        <Layer id="0" r_edges="0,5,10" n_bin_alpha="1" />
        <Layer id="1" r_edges="0" n_bin_alpha="1" />
        <Layer id="2" r_edges="0, 2.5" n_bin_alpha="4" /></Bin></Bins>"#;

    fn read(text: &str) -> Result<Detector, DetectorError> {
        from_xml(text, "test", 1.0, 256.0..=8192.0)
    }

    #[test]
    fn a_layer_with_one_edge_has_no_voxels_but_keeps_its_number() {
        let calorimeter = read(TWO_LAYERS).expect("valid");
        let layers: Vec<_> = calorimeter.layers().iter().map(|l| (l.id(), l.cells())).collect();
        assert_eq!(layers, [(0, 0..2), (2, 2..6)]);
        assert_eq!((calorimeter.pdg_id(), calorimeter.particle()), (Some(22), "photon"));
    }

    #[test]
    fn the_simulation_follows_the_particle() {
        for (pid, expected) in [("22", "electromagnetic-shower"), ("211", "hadronic-shower")] {
            let detector =
                read(&TWO_LAYERS.replace("\"22\"", &format!("\"{pid}\""))).expect("valid");
            assert!(detector.to_toml().contains(&format!("kind = \"{expected}\"")), "{pid}");
            let simulation = Simulation::of(&detector).expect("as many slabs as layers");
            let block = simulation.events(1, 0, 50);
            assert!(block.values.iter().sum::<f32>() > 0.0, "{pid}");
        }
    }

    #[test]
    fn broken_files_are_refused_with_the_place() {
        let cases = [
            ("", "not valid XML"),
            ("<Bins></Bins>", "no `<Bin>`"),
            (&TWO_LAYERS.replace("0,5,10", "0,x,10"), "layer 0: `x` in `r_edges`"),
            (&TWO_LAYERS.replace("n_bin_alpha=\"4\"", ""), "`<Layer>` without `n_bin_alpha`"),
        ];
        for (text, expected) in cases {
            let message = read(text).expect_err(expected).to_string();
            assert!(message.contains(expected), "`{message}` should contain `{expected}`");
        }
    }
}
