//! Measures by kernels: maximum mean discrepancies, the kernel distances of Inception scores and of
//! physics, and the energy distance.

mod bandwidth;
mod discrepancy;
mod kernel;
mod kernel_distance;
mod permutations;
mod physics_distance;
mod sums;

pub use bandwidth::median_distance;
pub use discrepancy::{Discrepancy, energy_distance, maximum_mean_discrepancy};
pub use kernel::Kernel;
pub use kernel_distance::{KernelDistance, KernelDistanceSettings, kernel_distance};
pub use permutations::{Estimator, PermutationTest, permutation_test};
pub use physics_distance::{
    KernelPhysicsDistance, KernelPhysicsSettings, kernel_physics_distance,
    kernel_physics_distance_of_draws,
};
