//! Ten Gaussians of 700 dimensions in a linear subspace of 1,200 dimensions, after VEEGAN's
//! synthetic data (arXiv:1705.07761, section 4.1).
//!
//! The means are drawn from N(0, 1) in the 700 dimensions, the deviation about them is 0.1, and a
//! fixed random matrix with columns of length 1 embeds them.

use std::sync::OnceLock;

use ndarray::Array2;
use rayon::prelude::*;
use validation::ValidationError;
use validation::metrics::FeatureMatrix;
use validation::metrics::modes::GaussianModes;

use crate::random::{Normals, Purpose, Streams};

pub(super) const DIMENSIONS: usize = 1_200;
const INNER: usize = 700;
const MODES: usize = 10;
/// Of each of the 700 coordinates about a mean.
const DEVIATION: f32 = 0.1;
const SEED: u64 = 1_200;

struct Recipe {
    /// `[MODES, DIMENSIONS]`, embedded.
    centres: Vec<Vec<f32>>,
    /// `[INNER][DIMENSIONS]`
    embedding: Vec<Vec<f32>>,
}

fn recipe() -> &'static Recipe {
    static RECIPE: OnceLock<Recipe> = OnceLock::new();
    RECIPE.get_or_init(|| {
        let streams = Streams::new(SEED, Purpose::Problem);
        let embedding: Vec<Vec<f32>> = (0..INNER as u64)
            .into_par_iter()
            .map(|column| {
                let mut values = vec![0.0; DIMENSIONS];
                streams.normals(column).fill(&mut values);
                let norm = values.iter().map(|value| value * value).sum::<f32>().sqrt();
                values.iter_mut().for_each(|value| *value /= norm);
                values
            })
            .collect();
        let centres = (0..MODES as u64)
            .map(|mode| {
                let mut inner = vec![0.0; INNER];
                streams.normals(INNER as u64 + mode).fill(&mut inner);
                let mut centre = vec![0.0; DIMENSIONS];
                embed(&embedding, &inner, &mut centre);
                centre
            })
            .collect();
        Recipe { centres, embedding }
    })
}

fn embed(embedding: &[Vec<f32>], inner: &[f32], out: &mut [f32]) {
    for (column, amount) in embedding.iter().zip(inner) {
        out.iter_mut().zip(column).for_each(|(value, direction)| *value += amount * direction);
    }
}

pub(super) fn draw(normals: &mut Normals, point: &mut [f32]) -> usize {
    let recipe = recipe();
    let mode = ((normals.uniform() * MODES as f32) as usize).min(MODES - 1);
    let mut inner = vec![0.0; INNER];
    normals.fill(&mut inner);
    inner.iter_mut().for_each(|value| *value *= DEVIATION);
    point.copy_from_slice(&recipe.centres[mode]);
    embed(&recipe.embedding, &inner, point);
    mode
}

/// The modes, with the root mean square deviation of an embedded coordinate, σ √(700 / 1200).
pub(super) fn modes() -> Result<GaussianModes, ValidationError> {
    let centres =
        Array2::from_shape_fn((MODES, DIMENSIONS), |(mode, axis)| recipe().centres[mode][axis]);
    let sigma = f64::from(DEVIATION) * (INNER as f64 / DIMENSIONS as f64).sqrt();
    GaussianModes::new(FeatureMatrix::new("modes", centres.view())?, sigma)
}
