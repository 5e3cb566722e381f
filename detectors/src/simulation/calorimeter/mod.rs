//! Showers: energy in slabs along the axis, in spots across it, in the cells of the detector.
//!
//! What a step along the axis gets is the integral of a longitudinal profile. It fluctuates by the
//! sampling as a gamma number whose variance is a² times its mean, which makes σ/E = a/√E of the
//! sum, and is shared by spots whose distance from the axis follows the radial profile. The number
//! of spots decides how many cells have energy and how they fluctuate.

mod cells;
mod deposits;
mod electromagnetic;
mod hadronic;
mod incidence;
mod longitudinal;
mod medium;
mod radial;
mod shower;

pub(super) use shower::ShowerModel;
