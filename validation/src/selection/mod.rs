//! Figures to choose the best checkpoint of a training by.

mod figure;
mod response;

pub use figure::Figure;
pub use response::{PairedValues, layer_chi2_per_ndf, range_chi_square, response_chi2_per_ndf};
pub(crate) use response::{range_chi_square_weighted, summed_per_ndf};
