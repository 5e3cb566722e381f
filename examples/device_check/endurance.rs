//! Iterations on simulated events: every loss and every weight is finite.

use showerforge::compute::{Device, device_name};
use showerforge::gan::training::LogLine;

use crate::configurations::Configuration;
use crate::simulated::SimulatedEvents;
use crate::take_panics;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of a configuration that is compiled in, or path of one
    #[arg(long, value_name = "NAME|FILE", num_args = 1.., default_values = ["photons", "photons-relativistic"])]
    config: Vec<Configuration>,
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    iterations: u64,
    /// Batch size [default: the configuration's]
    #[arg(long)]
    batch: Option<usize>,
}

/// Rows of the table.
const ROWS: u64 = 10;

impl Args {
    /// True if all is finite and nothing has panicked.
    pub fn run(&self, device: &Device) -> bool {
        self.config.iter().all(|configuration| self.train(configuration, device))
    }

    fn train(&self, configuration: &Configuration, device: &Device) -> bool {
        let events = SimulatedEvents::new(&configuration.text);
        let batch = self.batch.unwrap_or_else(|| events.batch_size());
        let (mut trainer, mut sample) = events.training(batch, device.clone());
        println!("`{}`, batch {batch}, on {}\n", configuration.name, device_name(device));
        let every = (self.iterations / ROWS).max(1);
        for iteration in 1..=self.iterations {
            let terms = trainer.iterate(&mut sample).expect("in memory");
            let is_shown = iteration % every == 0 || iteration == self.iterations;
            let mut trouble = trainer.loss_trouble(&terms, true);
            if is_shown || trouble.is_some() {
                trouble = trouble.or_else(|| trainer.weight_trouble());
                let line = trainer.log_line(&terms);
                if iteration <= every {
                    print_head(&line);
                }
                print_row(&line);
            }
            if let Some(panic) = take_panics().first() {
                println!("\n**Failed** at iteration {iteration}: {}\n", panic.trim());
                return false;
            }
            if let Some(trouble) = trouble {
                println!("\n**Failed** at iteration {iteration}: {trouble}\n");
                return false;
            }
        }
        println!("\nAll losses of {} iterations and all weights are finite.\n", self.iterations);
        true
    }
}

fn print_head(line: &LogLine) {
    let names = line.critics.iter().map(|critic| {
        format!(" {0}: loss | {0}: real − generated | {0}: generator's loss |", critic.name)
    });
    println!("| iteration |{}", names.collect::<String>());
    println!("|---|{}", "---|".repeat(3 * line.critics.len()));
}

fn print_row(line: &LogLine) {
    let values = line.critics.iter().map(|critic| {
        format!(
            " {:.4} | {:.4} | {:.4} |",
            critic.loss, critic.score_difference, critic.generator_loss
        )
    });
    println!("| {} |{}", line.iteration, values.collect::<String>());
}
