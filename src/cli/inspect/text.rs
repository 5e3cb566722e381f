//! An [`Inspection`] as text for a terminal.

use super::inspection::{Dataset, Group, Inspection, Layer, Moments};

pub(super) fn render(inspection: &Inspection) -> String {
    let mut paragraphs = vec![head(inspection), datasets(&inspection.datasets)];
    if !inspection.attributes.is_empty() {
        let rows = inspection.attributes.iter().map(|(name, value)| [name.clone(), value.clone()]);
        paragraphs.push(format!("Attributes\n{}", table(&["", ""], &[false, false], rows)));
    }
    paragraphs.push(energies(inspection));
    if !inspection.layers.is_empty() {
        paragraphs.push(layers(&inspection.layers));
    }
    paragraphs.push(voxels(inspection));
    paragraphs.push(oddities(inspection));
    paragraphs.join("\n")
}

fn head(inspection: &Inspection) -> String {
    let fits = match (&inspection.detector, &inspection.fitting_detectors[..]) {
        (_, []) => "as many voxels as no built-in detector has".to_owned(),
        (_, names) => {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("as many voxels as detector {}", names.join(", "))
        }
    };
    format!(
        "{}: {} showers of {} voxels, {fits}\nEnergies are taken to be in MeV.\n",
        inspection.file, inspection.events, inspection.voxels
    )
}

fn datasets(datasets: &[Dataset]) -> String {
    let rows = datasets.iter().map(|dataset| {
        [
            dataset.name.clone(),
            format!("{:?}", dataset.shape),
            dataset.element_type.clone(),
            dataset.compression.clone(),
            dataset.chunk.as_ref().map_or_else(|| "none".to_owned(), |chunk| format!("{chunk:?}")),
            bytes(dataset.stored_bytes),
        ]
    });
    let titles = ["name", "shape", "type", "compression", "chunk", "on disk"];
    format!("Data sets\n{}", table(&titles, &[false, false, false, false, false, true], rows))
}

fn energies(inspection: &Inspection) -> String {
    let energies = &inspection.incident_energies_mev;
    let title = match (energies.minimum, energies.maximum) {
        (Some(low), Some(high)) if energies.discrete => format!(
            "Incident energies: {} values, {} to {} MeV, and the response E_tot/E_inc",
            energies.groups.len(),
            number(low),
            number(high)
        ),
        (Some(low), Some(high)) => format!(
            "Incident energies: continuous, {} to {} MeV, and the response E_tot/E_inc",
            number(low),
            number(high)
        ),
        _ => return "Incident energies: none that is a positive number\n".to_owned(),
    };
    let row = |label: String, events: usize, response: &Moments| {
        [
            label,
            events.to_string(),
            number(response.mean),
            number(response.spread),
            number(response.minimum),
            number(response.maximum),
        ]
    };
    let label = |group: &Group| {
        if energies.discrete {
            number(group.low_mev)
        } else {
            format!("{} to {}", number(group.low_mev), number(group.high_mev))
        }
    };
    let all =
        inspection.response.as_ref().map(|all| row("all".to_owned(), all_events(inspection), all));
    let rows = energies
        .groups
        .iter()
        .map(|group| row(label(group), group.events, &group.response))
        .chain(all);
    let titles = ["E_inc/MeV", "events", "mean", "spread", "smallest", "largest"];
    format!("{title}\n{}", table(&titles, &[true; 6], rows))
}

fn all_events(inspection: &Inspection) -> usize {
    inspection.incident_energies_mev.groups.iter().map(|group| group.events).sum()
}

fn layers(layers: &[Layer]) -> String {
    let rows = layers.iter().map(|layer| {
        [
            layer.id.to_string(),
            layer.name.clone(),
            number(layer.mean_mev),
            number(layer.spread_mev),
            percent(layer.share),
        ]
    });
    let titles = ["layer", "name", "mean/MeV", "spread/MeV", "share"];
    format!("Energy in the layers\n{}", table(&titles, &[true, false, true, true, true], rows))
}

fn voxels(inspection: &Inspection) -> String {
    let zero = percent(inspection.zero_fraction);
    match inspection.smallest_voxel_mev {
        Some(smallest) => format!(
            "Voxels: {zero} are zero, the others are {} to {} MeV\n",
            number(smallest),
            number(inspection.largest_voxel_mev)
        ),
        None => format!("Voxels: {zero} are zero, and none has energy\n"),
    }
}

fn oddities(inspection: &Inspection) -> String {
    let problems = inspection.problems.iter().map(|problem| format!("unusable: {problem}"));
    let lines: Vec<String> = problems
        .chain(inspection.oddities.iter().cloned())
        .map(|line| format!("  {line}\n"))
        .collect();
    if lines.is_empty() {
        "Nothing odd was found.\n".to_owned()
    } else {
        format!("Odd\n{}", lines.concat())
    }
}

/// Columns as wide as their widest cell, indented; a row of empty titles is left out.
fn table<const N: usize>(
    titles: &[&str; N],
    right: &[bool; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut all: Vec<[String; N]> = Vec::new();
    if titles.iter().any(|title| !title.is_empty()) {
        all.push(titles.map(str::to_owned));
    }
    all.extend(rows);
    let width = |column: usize| all.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or(0));
    let mut text = String::new();
    for row in &all {
        let cells: Vec<String> = (0..N)
            .map(|i| {
                if right[i] {
                    format!("{:>1$}", row[i], widths[i])
                } else {
                    format!("{:<1$}", row[i], widths[i])
                }
            })
            .collect();
        text.push_str(format!("  {}", cells.join("  ")).trim_end());
        text.push('\n');
    }
    text
}

/// Four significant digits; whole numbers in full.
fn number(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e9 {
        return format!("{value:.0}");
    }
    // Of the rounded number: 0.99999 is 1.000, and not 1.0000.
    let rounded: f64 = format!("{value:.3e}").parse().expect("a number that was just written");
    let magnitude = rounded.abs().log10().floor();
    if (-5.0..9.0).contains(&magnitude) {
        format!("{value:.*}", (3.0 - magnitude).max(0.0) as usize)
    } else {
        format!("{value:.3e}")
    }
}

fn percent(fraction: f64) -> String {
    format!("{:.1} %", 100.0 * fraction)
}

fn bytes(count: u64) -> String {
    match count as f64 {
        few if few < 1e3 => format!("{count} B"),
        some if some < 1e6 => format!("{:.1} kB", some / 1e3),
        many if many < 1e9 => format!("{:.1} MB", many / 1e6),
        lots => format!("{:.1} GB", lots / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_significant_digits() {
        let cases = [
            (0.0, "0"),
            (256.0, "256"),
            (0.99871, "0.9987"),
            (0.99999, "1.000"),
            (12345.6, "12346"),
            (1e-7, "1.000e-7"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }
}
