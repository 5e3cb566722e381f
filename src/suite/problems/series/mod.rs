//! Time series: sines of the literature, pulses of a detector, and files that users bring.

mod csv_file;
mod judged;
mod measures;
mod pulse_shape;
mod pulses;
mod sines;
mod user_series;

use crate::suite::problem::Problem;

/// All of them, in the order of the documentation.
pub(super) fn all() -> Vec<Box<dyn Problem>> {
    let sines = sines::ALL.iter().map(|sines| Box::new(*sines) as Box<dyn Problem>);
    let others: [Box<dyn Problem>; 2] =
        [Box::new(pulses::Pulses), Box::new(user_series::UserSeries)];
    sines.chain(others).collect()
}
