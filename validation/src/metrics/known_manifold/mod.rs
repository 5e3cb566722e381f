//! Precision and recall where the distance to the manifold of the data is known.

mod convex_polygon;
mod manifold;
mod precision_recall;

pub use convex_polygon::ConvexPolygon;
pub use manifold::KnownManifold;
pub use precision_recall::{
    ManifoldScores, f_beta_score, manifold_precision, manifold_recall, manifold_scores,
};
