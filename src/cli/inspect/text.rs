//! An [`Inspection`] as text for a terminal.

use super::inspection::{Condition, Dataset, Group, Inspection, Moments, Part};

pub(super) fn render(inspection: &Inspection) -> String {
    let mut paragraphs = vec![head(inspection), datasets(&inspection.datasets)];
    if !inspection.attributes.is_empty() {
        let rows = inspection.attributes.iter().map(|(name, value)| [name.clone(), value.clone()]);
        paragraphs.push(format!("Attributes\n{}", table(&["", ""], &[false, false], rows)));
    }
    paragraphs.push(conditions(&inspection.conditions));
    paragraphs.extend(energies(inspection));
    paragraphs.extend(sums(inspection));
    // The one layer of an image is its sum.
    if inspection.parts.len() > 1 {
        paragraphs.push(parts(inspection));
    }
    paragraphs.push(values(inspection));
    paragraphs.push(oddities(inspection));
    paragraphs.join("\n")
}

fn head(inspection: &Inspection) -> String {
    let Inspection { file, events, values, cells, events_looked_at, unit, .. } = inspection;
    let fits = match &inspection.detector {
        None => format!("as many {cells} as no built-in detector has"),
        Some(name) => format!("of detector `{name}`"),
    };
    let unit =
        if unit == "1" { String::new() } else { format!("Values are taken to be in {unit}.\n") };
    let part = if events_looked_at < events {
        format!("The first {events_looked_at} events were looked at; `--full` looks at all.\n")
    } else {
        String::new()
    };
    format!("{file}: {events} events of {values} {cells}, {fits}\n{unit}{part}")
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

fn conditions(conditions: &[Condition]) -> String {
    let cell = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), number);
    let numbers = conditions.iter().filter(|condition| condition.categories.is_empty());
    let rows: Vec<[String; 5]> = numbers
        .map(|condition| {
            let moments = condition.moments.as_ref();
            [
                condition.name.clone(),
                condition.unit.clone(),
                cell(moments.map(|m| m.minimum)),
                cell(moments.map(|m| m.mean)),
                cell(moments.map(|m| m.maximum)),
            ]
        })
        .collect();
    let mut text = "Conditions\n".to_owned();
    if !rows.is_empty() {
        let titles = ["name", "unit", "smallest", "mean", "largest"];
        text += &table(&titles, &[false, false, true, true, true], rows);
    }
    for condition in conditions.iter().filter(|condition| !condition.categories.is_empty()) {
        let counts: Vec<String> =
            condition.categories.iter().map(|(name, events)| format!("{name} {events}")).collect();
        text += &format!("  {} (events): {}\n", condition.name, counts.join(", "));
    }
    text
}

fn energies(inspection: &Inspection) -> Option<String> {
    let energies = inspection.incident_energies_mev.as_ref()?;
    let title = if energies.groups.is_empty() {
        return Some("Incident energies: none that is a positive number\n".to_owned());
    } else if energies.discrete {
        let count = energies.groups.len();
        let plural = if count == 1 { "value" } else { "values" };
        format!("Response E_tot/E_inc at {count} {plural} of the incident energy")
    } else {
        "Response E_tot/E_inc by octaves of the incident energy".to_owned()
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
    let events = energies.groups.iter().map(|group| group.events).sum();
    let all = inspection.response.as_ref().map(|all| row("all".to_owned(), events, all));
    let rows = energies
        .groups
        .iter()
        .map(|group| row(label(group), group.events, &group.response))
        .chain(all);
    let titles = ["E_inc/MeV", "events", "mean", "spread", "smallest", "largest"];
    Some(format!("{title}\n{}", table(&titles, &[true; 6], rows)))
}

/// Where there is no response: the sum of an event's values.
fn sums(inspection: &Inspection) -> Option<String> {
    let sum = inspection.sum.as_ref().filter(|_| inspection.incident_energies_mev.is_none())?;
    Some(format!(
        "Sum of an event: mean {}, spread {}, {} to {} {}\n",
        number(sum.mean),
        number(sum.spread),
        number(sum.minimum),
        number(sum.maximum),
        inspection.unit
    ))
}

fn parts(inspection: &Inspection) -> String {
    let cell = |part: &Part, of: fn(&Moments) -> f64| {
        part.moments.as_ref().map_or_else(|| "none".to_owned(), |moments| number(of(moments)))
    };
    let unit = &inspection.unit;
    if inspection.parts[0].id.is_none() {
        let rows = inspection.parts.iter().map(|part| {
            [
                part.name.clone(),
                cell(part, |m| m.minimum),
                cell(part, |m| m.mean),
                cell(part, |m| m.spread),
                cell(part, |m| m.maximum),
            ]
        });
        let titles = ["column", "smallest", "mean", "spread", "largest"];
        return format!("Columns\n{}", table(&titles, &[false, true, true, true, true], rows));
    }
    let rows = inspection.parts.iter().map(|part| {
        [
            part.id.map_or_else(String::new, |id| id.to_string()),
            part.name.clone(),
            cell(part, |m| m.mean),
            cell(part, |m| m.spread),
            percent(part.share),
        ]
    });
    let (mean, spread) = (format!("mean/{unit}"), format!("spread/{unit}"));
    let titles = ["layer", "name", mean.as_str(), spread.as_str(), "share"];
    format!("Sums of the layers\n{}", table(&titles, &[true, false, true, true, true], rows))
}

fn values(inspection: &Inspection) -> String {
    let Inspection { cells, unit, smallest_value, largest_value, weights, .. } = inspection;
    let mut name = cells.clone();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let unit = if unit == "1" { "" } else { unit.as_str() };
    let zero = percent(inspection.zero_fraction);
    let mut text = match (smallest_value, largest_value) {
        (Some(smallest), Some(largest)) => format!(
            "{name}: {zero} are zero, the others are {} to {} {unit}",
            number(*smallest),
            number(*largest)
        )
        .trim_end()
        .to_owned(),
        _ => format!("{name}: {zero} are zero, and none is not"),
    };
    if let Some(weights) = weights {
        text += &format!(
            "\nWeights: sum {}, {} negative; as precise as {} events of weight 1",
            number(weights.sum),
            weights.negative,
            number(weights.effective_events.round())
        );
    }
    text + "\n"
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
