//! What `showerforge train --dry-run` prints.

use std::fmt::Write as _;

use crate::gan::training::Trial;

/// The trial for a person.
pub fn text(trial: &Trial) -> String {
    let mut text = String::new();
    for network in &trial.networks {
        let _ = writeln!(text, "{}: {} parameters", network.name, grouped(network.parameters));
        let width = network.layers.iter().map(|layer| layer.kind.len()).max().unwrap_or(0);
        for layer in &network.layers {
            let shape: Vec<String> = layer.output_shape.iter().map(usize::to_string).collect();
            let parameters = match layer.parameters {
                0 => String::new(),
                parameters => grouped(parameters),
            };
            let line =
                format!("  {:width$}  {:>18}  {parameters:>12}", layer.kind, shape.join(" × "));
            let _ = writeln!(text, "{}", line.trim_end());
        }
        if network.other_parameters > 0 {
            let others = grouped(network.other_parameters);
            let _ =
                writeln!(text, "  {:width$}  {:>18}  {others:>12}", "mixing of voxel noise", "");
        }
    }
    let _ = writeln!(text, "all networks: {} parameters\n", grouped(trial.parameters));
    let mut memory = |name: &str, bytes: u64| {
        let _ = writeln!(text, "  {name:28} {:>10}", size(bytes));
    };
    memory("weights, with the average", trial.parameter_bytes as u64);
    memory("moments of the optimisers", trial.moment_bytes as u64);
    memory("training sample", trial.sample_bytes as u64);
    if let Some(peak) = trial.peak_bytes {
        memory("peak of the trial, in all", peak);
    }
    text.insert_str(text.find("  weights, with").unwrap_or(0), "memory:\n");
    let _ = write!(
        text,
        "\ntime: {} for an iteration (median of {}), {} for all {}, without the choice of the best model\n",
        duration(trial.seconds_per_iteration),
        trial.timed_iterations,
        duration(trial.seconds),
        grouped(trial.iterations as usize)
    );
    text
}

/// 1234567 as 1,234,567.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn size(bytes: u64) -> String {
    match bytes as f64 / 1e6 {
        megabytes if megabytes >= 1000.0 => format!("{:.2} GB", megabytes / 1000.0),
        megabytes if megabytes >= 10.0 => format!("{megabytes:.0} MB"),
        megabytes => format!("{megabytes:.1} MB"),
    }
}

pub(super) fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    match seconds {
        _ if seconds < 1.0 => format!("{:.1} ms", 1e3 * seconds),
        _ if seconds < 90.0 => format!("{seconds:.1} s"),
        _ if minutes < 60 => format!("{minutes} min"),
        _ if minutes < 48 * 60 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(["1", "999", "1,000", "1,234,567"], [1, 999, 1000, 1_234_567].map(grouped)[..]);
        assert_eq!(
            ["0.3 MB", "12 MB", "1.50 GB"],
            [300_000, 12_000_000, 1_500_000_000].map(size)[..]
        );
        let durations = [0.0123, 42.0, 3000.0, 7500.0, 3e5].map(duration);
        assert_eq!(["12.3 ms", "42.0 s", "50 min", "2 h 5 min", "3.5 days"], durations[..]);
    }
}
