//! The simplex method of Nelder and Mead (Computer Journal 7 (1965) 308), for three numbers.

const REFLECTIONS: usize = 400;
/// A simplex that is smaller than this has arrived.
const SMALL: f64 = 1e-7;

/// The point at which `loss` has a minimum near `start`; the first simplex has edges of `size`.
pub(super) fn minimum(loss: impl Fn([f64; 3]) -> f64, start: [f64; 3], size: f64) -> [f64; 3] {
    let mut simplex: Vec<([f64; 3], f64)> = (0..4)
        .map(|corner| {
            let mut point = start;
            if corner > 0 {
                point[corner - 1] += size;
            }
            (point, loss(point))
        })
        .collect();
    for _ in 0..REFLECTIONS {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, worst) = (simplex[0], simplex[3]);
        let edges =
            simplex[1..].iter().flat_map(|corner| [0, 1, 2].map(|i| corner.0[i] - best.0[i]));
        if edges.map(f64::abs).fold(0.0, f64::max) < SMALL {
            break;
        }
        let middle =
            std::array::from_fn(|i| simplex[..3].iter().map(|p| p.0[i]).sum::<f64>() / 3.0);
        // The point on the line from the worst through the middle of the others.
        let along = |by: f64| {
            let point = between(middle, worst.0, by);
            (point, loss(point))
        };
        let reflected = along(-1.0);
        let next = if reflected.1 < best.1 {
            let further = along(-2.0);
            if further.1 < reflected.1 { further } else { reflected }
        } else if reflected.1 < simplex[2].1 {
            reflected
        } else if reflected.1 < worst.1 {
            along(-0.5)
        } else {
            along(0.5)
        };
        if next.1 < worst.1 {
            simplex[3] = next;
        } else {
            for corner in &mut simplex[1..] {
                let point = between(best.0, corner.0, 0.5);
                *corner = (point, loss(point));
            }
        }
    }
    simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
    simplex[0].0
}

/// a + (b − a) · share
fn between(a: [f64; 3], b: [f64; 3], share: f64) -> [f64; 3] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_valley_has_its_minimum_at_its_end() {
        let loss = |[x, y, z]: [f64; 3]| {
            (1.0 - x).powi(2) + 10.0 * (y - x * x).powi(2) + (z + 2.0).powi(2)
        };
        let found = minimum(loss, [-1.0, 0.5, 0.0], 0.5);
        for (found, expected) in found.into_iter().zip([1.0, 1.0, -2.0]) {
            approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
        }
    }
}
