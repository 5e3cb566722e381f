//! The exact tier: what theory says of adversarial objectives, from closed forms or another
//! program's numbers, against the losses, penalties and measures that trainings and reports use.
//!
//! Each [`ExactCheck`] stands in a file of its own, and gives [`Comparison`]s and a figure.
//! [`run_all`] makes an [`ExactReport`] of them all. Sums over a space of a few points, or over the
//! nodes of a quadrature, stand for expectations: nothing here depends on a random number but the
//! first weights of the few networks that are trained.
//!
//! Jensen–Shannon divergences are given in both conventions that are in use, and named: with
//! halves, ½ KL(p ‖ m) + ½ KL(q ‖ m) ≤ ln 2, and without, twice as much; m = (p + q) / 2.

mod bernoulli;
mod check;
mod cramer_distance;
mod critic_fit;
mod dirac;
mod dirac_gan;
mod disjoint_supports;
mod earth_mover;
mod f_table;
mod figure;
mod game_value;
mod judging;
mod mean_difference;
mod minimiser;
mod mixture_fits;
mod mixture_space;
mod optimal_discriminator;
mod parallel_lines;
mod precision_recall;
mod quadrature;
mod report;
mod saturating_gradient;
mod two_gaussians;
mod vanishing_gradient;

pub use check::{Comparison, ExactCheck, ExactResult};
pub use report::{CheckReport, ExactReport, run, run_all};

/// All checks, in the order of the documentation.
pub fn checks() -> Vec<ExactCheck> {
    vec![
        optimal_discriminator::CHECK,
        game_value::CHECK,
        saturating_gradient::CHECK,
        disjoint_supports::CHECK,
        vanishing_gradient::CHECK,
        two_gaussians::CHECK,
        parallel_lines::CHECK,
        earth_mover::CHECK,
        mean_difference::CHECK,
        cramer_distance::CHECK,
        bernoulli::CHECK,
        dirac::CHECK,
        mixture_fits::CHECK,
        f_table::CHECK,
        precision_recall::CHECK,
    ]
}
