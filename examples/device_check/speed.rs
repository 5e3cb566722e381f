//! Iterations per second by the clock.

use std::time::{Duration, Instant};

use showerforge::compute::{Device, device_name, synchronise};

use crate::configurations::Configuration;
use crate::simulated::SimulatedEvents;
use crate::take_panics;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of a configuration that is compiled in, or path of one
    #[arg(long, value_name = "NAME|FILE", num_args = 1.., default_values = ["photons", "photons-relativistic", "fastcalogan"])]
    config: Vec<Configuration>,
    /// Batch sizes
    #[arg(long, num_args = 1.., default_values_t = [256, 1024, 4096])]
    batch: Vec<usize>,
    /// Iterations before the clock starts, in which kernels are compiled
    #[arg(long, default_value_t = 10)]
    warm_up: u64,
    /// Seconds to measure for, one iteration at least
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Only the rows of the table
    #[arg(long)]
    no_head: bool,
}

impl Args {
    /// True if nothing has failed.
    pub fn run(&self, device: &Device) -> bool {
        if !self.no_head {
            println!(
                "| configuration | program | batch | iterations | ms per iteration | iterations/s |"
            );
            println!("|---|---|---|---|---|---|");
        }
        let mut good = true;
        for configuration in &self.config {
            let events = SimulatedEvents::new(&configuration.text);
            for &batch in &self.batch {
                let label =
                    format!("{} | showerforge, {}", configuration.name, device_name(device));
                match self.measure(&events, batch, device) {
                    Ok((iterations, seconds)) => {
                        let each = seconds / iterations as f64;
                        println!(
                            "| {label} | {batch} | {iterations} | {:.3} | {:.2} |",
                            each * 1e3,
                            1.0 / each
                        );
                    }
                    Err(problem) => {
                        good = false;
                        println!("| {label} | {batch} | **failed**: {problem} | | |");
                    }
                }
            }
        }
        good
    }

    /// Iterations and the seconds they took. The device works behind the program's back, so the
    /// clock is read after it was waited for.
    fn measure(
        &self,
        events: &SimulatedEvents,
        batch: usize,
        device: &Device,
    ) -> Result<(u64, f64), String> {
        let (mut trainer, mut sample) = events.training(batch, device.clone());
        let mut run = |iterations: u64| {
            let begin = Instant::now();
            for _ in 0..iterations {
                trainer.iterate(&mut sample).map_err(|error| error.to_string())?;
            }
            synchronise(device).map_err(|error| error.to_string())?;
            match take_panics().first() {
                None => Ok(begin.elapsed()),
                Some(panic) => Err(panic.trim().replace('\n', " ")),
            }
        };
        run(self.warm_up)?;
        let (mut iterations, mut elapsed) = (1, run(1)?);
        let wanted = Duration::from_secs_f64(self.seconds);
        if elapsed < wanted {
            let fitting = wanted.as_secs_f64() / elapsed.as_secs_f64();
            iterations = (fitting as u64).clamp(1, 100_000);
            elapsed = run(iterations)?;
        }
        Ok((iterations, elapsed.as_secs_f64()))
    }
}
