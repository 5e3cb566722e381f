use super::moments::Moments;
use super::profile::{ProfileComparison, ProfilePoint};
use crate::Sample;
use crate::observables::{Meter, length_unit};

/// Mean energy in rings about the axis, or about each event's barycentre where cells are
/// rectangles, over all layers: F(r₂) − F(r₁) with F as in
/// [`crate::observables::Quantity::Radius50`]. With its error, and with the spread from event to
/// event.
///
/// Rings are those of the detector, cut at the edges of all layers; of rectangles as wide as the
/// finest cells' √(Δx Δy), out to the corners. Events whose values are kept are taken
/// ([`Sample::kept_events`]). Empty for tables and for detectors of one layer.
pub fn lateral_profile(sample: &Sample) -> Vec<ProfilePoint> {
    let detector = sample.detector();
    let meter = Meter::of(detector);
    let Some(edges) = meter.ring_edges() else { return Vec::new() };
    let energies = meter.ring_energies(sample.kept_values());
    let weights = sample.weights();
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[sample.kept_events()[row]]);
    let point = |ring: usize| {
        let column = energies.column(ring);
        let values = column.iter().enumerate().map(|(row, &energy)| (energy, weight(row)));
        Some(ProfilePoint::new(edges[ring], edges[ring + 1], &Moments::of(values)?))
    };
    (0..edges.len() - 1).filter_map(point).collect()
}

/// Both samples' lateral profiles; `None` where there is none.
pub fn compare_lateral(reference: &Sample, generated: &Sample) -> Option<ProfileComparison> {
    let detector = reference.detector();
    let (found, other) = (lateral_profile(reference), lateral_profile(generated));
    if found.is_empty() || other.is_empty() {
        return None;
    }
    let rings = detector.layers().iter().all(|layer| layer.radial_edges_mm().is_some());
    let centre = if rings { "axis" } else { "barycentre" };
    Some(ProfileComparison {
        name: "lateral_profile".to_owned(),
        x_label: format!("Distance from the {centre} ({})", length_unit(detector)),
        y_label: format!("Mean energy of a ring ({})", detector.unit()),
        logarithmic_x: false,
        reference: found,
        generated: other,
    })
}
