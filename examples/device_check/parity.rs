//! One iteration on the CPU and on a device, from the same seed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use showerforge::compute::{Device, cpu, device_name};
use showerforge::gan::training::{LogLine, Trainer};
use showerforge::nn::Module;

use crate::precision::Precision;
use crate::{cases, take_panics, tiny};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only the cases with this in their name
    #[arg(long, default_value = "")]
    only: String,
}

/// All that an iteration leaves behind.
struct Outcome {
    parameters: Vec<Values>,
    losses: Vec<(String, f64)>,
}

/// A parameter or buffer before and after.
struct Values {
    network: String,
    name: String,
    before: Vec<f32>,
    after: Vec<f32>,
}

/// The largest difference, and where it is.
struct Largest {
    value: f64,
    name: String,
}

/// The changes of a tensor are looked at down to this part of its largest value, since below that
/// the rounding of the values themselves differs, and to this part of the largest change in its
/// network: some gradients are differences of equal sums, such as that of the last bias in
/// Wasserstein's objective, and nothing but rounding.
const SMALLEST_CHANGE: f64 = 1e-2;
/// Losses are of the order of 1; those near 0 are differences of such.
const SMALLEST_LOSS: f64 = 0.1;
/// On the CPU: the batch of 48 in pieces.
const EVENTS_PER_PASS: usize = 16;

impl Args {
    /// True if every difference is within the limit.
    pub fn run(&self, device: &Device) -> bool {
        let (precision, error) = Precision::measured(device);
        let limit = precision.limit();
        let itself = *device == cpu();
        println!(
            "Products of matrices on {} are those of {precision} (relative error {error:.1e}). \
             Limit of all differences: {limit:.0e}.{}\n",
            device_name(device),
            if itself {
                format!(" The CPU is compared with itself, with {EVENTS_PER_PASS} events per pass.")
            } else {
                String::new()
            }
        );
        println!("| case | parameters | the largest in | losses | the largest in | |");
        println!("|---|---|---|---|---|---|");
        let cases = cases::all();
        let chosen: Vec<_> = cases.iter().filter(|case| case.name.contains(&self.only)).collect();
        let mut bad = 0;
        for case in &chosen {
            let row = catch_unwind(AssertUnwindSafe(|| compare(&case.settings, device, itself)));
            let panics = take_panics();
            let (text, good) = match row {
                Ok([parameters, losses]) => {
                    // A difference that is not a number is above every limit.
                    let good = parameters.value <= limit && losses.value <= limit;
                    (format!("{parameters} | {losses}"), good)
                }
                Err(_) => ("| | |".to_owned(), false),
            };
            let good = good && panics.is_empty();
            bad += usize::from(!good);
            let first = panics.first().map(|text| text.trim().replace('\n', " ").replace('|', "/"));
            let verdict = match first {
                Some(text) => format!("**failed**: {text}"),
                None if good => "ok".to_owned(),
                None => "**above the limit**".to_owned(),
            };
            println!("| {} | {text} | {verdict} |", case.name);
        }
        println!("\n{} of {} cases are within the limit.", chosen.len() - bad, chosen.len());
        bad == 0 && !chosen.is_empty()
    }
}

impl std::fmt::Display for Largest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1e} | {}", self.value, self.name)
    }
}

fn compare(settings: &str, device: &Device, itself: bool) -> [Largest; 2] {
    let other = if itself {
        format!("{settings}\nevents_per_pass = {EVENTS_PER_PASS}\n")
    } else {
        settings.to_owned()
    };
    let expected = iterate(settings, &cpu());
    let found = iterate(&other, device);
    assert_eq!(expected.parameters.len(), found.parameters.len(), "the networks are the same");
    assert_eq!(expected.losses.len(), found.losses.len(), "the losses are the same");
    let largest_change = |network: &str| {
        let inside = expected.parameters.iter().filter(|values| values.network == network);
        largest_of(inside.map(Values::largest_change))
    };
    let parameters = expected.parameters.iter().zip(&found.parameters).map(|(ours, theirs)| {
        let name = format!("{}: {}", ours.network, ours.name);
        (name, ours.difference(theirs, largest_change(&ours.network)))
    });
    let losses = expected.losses.iter().zip(&found.losses).map(|((name, ours), (_, theirs))| {
        (name.clone(), (ours - theirs).abs() / ours.abs().max(SMALLEST_LOSS))
    });
    [worst(parameters), worst(losses)]
}

/// NaN is the largest of all.
fn worst(differences: impl Iterator<Item = (String, f64)>) -> Largest {
    let rank = |value: f64| if value.is_nan() { f64::INFINITY } else { value };
    differences
        .map(|(name, value)| Largest { value, name })
        .max_by(|a, b| rank(a.value).total_cmp(&rank(b.value)))
        .expect("there are parameters and losses")
}

impl Values {
    fn changes(&self) -> impl Iterator<Item = f64> {
        self.before.iter().zip(&self.after).map(|(a, b)| f64::from(*b) - f64::from(*a))
    }

    fn largest_change(&self) -> f64 {
        largest_of(self.changes().map(f64::abs))
    }

    /// The largest difference of the changes, in units of the largest change.
    fn difference(&self, other: &Self, largest_in_network: f64) -> f64 {
        let value = largest_of(self.after.iter().map(|value| f64::from(value.abs())));
        let least = SMALLEST_CHANGE * value.max(largest_in_network);
        let both = self.changes().zip(other.changes());
        let difference = largest_of(both.map(|(ours, theirs)| (ours - theirs).abs()));
        if difference == 0.0 { 0.0 } else { difference / self.largest_change().max(least) }
    }
}

/// The largest of some sizes, NaN if there is one.
fn largest_of(sizes: impl Iterator<Item = f64>) -> f64 {
    sizes.fold(0.0, |most, size| if size.is_nan() || size > most { size } else { most })
}

fn iterate(settings: &str, device: &Device) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut trainer, mut sample) =
        tiny::training_on(tiny::settings(settings), folder.path(), device.clone());
    let before = parameters(&trainer);
    let terms = trainer.iterate(&mut sample).expect("in memory");
    let losses = losses(&trainer.log_line(&terms));
    let parameters = before
        .into_iter()
        .zip(parameters(&trainer))
        .map(|((network, name, before), (_, _, after))| Values { network, name, before, after })
        .collect();
    Outcome { parameters, losses }
}

/// Network, name and values of every parameter and buffer of the generator, its average and the
/// critics.
fn parameters(trainer: &Trainer) -> Vec<(String, String, Vec<f32>)> {
    let mut all = of("generator", trainer.generator());
    all.extend(of("average", trainer.averaged_generator()));
    trainer.critics().for_each(|(name, critic)| all.extend(of(name, critic)));
    all
}

fn of(network: &str, module: &impl Module) -> Vec<(String, String, Vec<f32>)> {
    let mut all = Vec::new();
    module.clone().for_each_parameter(&mut |name, parameter| {
        all.push((network.to_owned(), name.to_owned(), parameter.to_host()));
    });
    all
}

fn losses(line: &LogLine) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    for critic in &line.critics {
        let mut add =
            |what: &str, value: f64| all.push((format!("{}: {what}", critic.name), value));
        add("loss", critic.loss);
        add("objective", critic.objective);
        add("score difference", critic.score_difference);
        add("generator's loss", critic.generator_loss);
        for penalty in &critic.penalties {
            add(&penalty.kind, penalty.value);
        }
        critic.auxiliary.into_iter().for_each(|value| add("heads", value));
        critic.equilibrium.into_iter().for_each(|value| add("k", value));
    }
    all.extend(line.matching.map(|value| ("matching".to_owned(), value)));
    all
}
