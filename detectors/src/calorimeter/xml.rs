//! CaloChallenge's binning files: `<Bins><Bin pid name …><Layer id r_edges n_bin_alpha/>…`.

use super::Calorimeter;
use super::description::{CalorimeterDescription, EnergyRange, LayerDescription};
use crate::DetectorError;

/// Reads the layers of a CaloChallenge binning file. A layer with a single edge has no voxels and
/// is left out; its number is not reused.
///
/// The file has no threshold and no energy range: both are given by the caller, in MeV.
///
/// # Errors
/// [`DetectorError::Xml`] if it is not XML, [`DetectorError::XmlContent`] if an element or number
/// is missing, [`DetectorError::Invalid`] if the bins make no sense.
pub fn from_xml(
    text: &str,
    name: &str,
    readout_threshold_mev: f64,
    incident_energy_range_mev: std::ops::RangeInclusive<f64>,
) -> Result<Calorimeter, DetectorError> {
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
    let particle = bin.attribute("name").unwrap_or("unknown").to_owned();
    CalorimeterDescription {
        format_version: 1,
        name: name.to_owned(),
        title: format!("{name} ({particle})"),
        pdg_id: number(&bin, "pid")?,
        particle,
        readout_threshold_mev,
        incident_energy_mev: EnergyRange {
            minimum: *incident_energy_range_mev.start(),
            maximum: *incident_energy_range_mev.end(),
        },
        layer: layers.into_iter().filter(|layer| layer.radial_edges_mm.len() > 1).collect(),
    }
    .check()
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
        radial_edges_mm,
        angular_bins: number(node, "n_bin_alpha")?,
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

    const TWO_LAYERS: &str = r#"<Bins><Bin pid="22" name="photon">
        <Layer id="0" r_edges="0,5,10" n_bin_alpha="1" />
        <Layer id="1" r_edges="0" n_bin_alpha="1" />
        <Layer id="2" r_edges="0, 2.5" n_bin_alpha="4" /></Bin></Bins>"#;

    fn read(text: &str) -> Result<Calorimeter, DetectorError> {
        from_xml(text, "test", 1.0, 256.0..=8192.0)
    }

    #[test]
    fn a_layer_with_one_edge_has_no_voxels_but_keeps_its_number() {
        let calorimeter = read(TWO_LAYERS).expect("valid");
        let layers: Vec<_> = calorimeter.layers().iter().map(|l| (l.id(), l.voxels())).collect();
        assert_eq!(layers, [(0, 0..2), (2, 2..6)]);
        assert_eq!((calorimeter.pdg_id(), calorimeter.particle()), (22, "photon"));
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
