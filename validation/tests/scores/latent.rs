use super::*;
use ndarray::{Array1, Array2, aview1};
use validation::metrics::FeatureMatrix;
use validation::metrics::known_manifold::{ConvexPolygon, KnownManifold, manifold_precision};
use validation::metrics::latent::{
    GeneratorFunction, InterpolationPath, InversionSettings, interpolation_length, invert,
    jacobian_spectrum, principal_directions, reconstruction_errors,
};

fn matrix() -> Array2<f64> {
    2.0 * uniform(30, (12, 4)) - 1.0
}

/// tanh(A z) + z₀ z₁ / 5.
fn curved() -> GeneratorFunction<impl Fn(&[f64], &mut [f64]) + Sync> {
    let matrix = matrix();
    GeneratorFunction::new(4, 12, move |z: &[f64], x: &mut [f64]| {
        for (x, sum) in x.iter_mut().zip(matrix.dot(&aview1(z))) {
            *x = sum.tanh() + z[0] * z[1] / 5.0;
        }
    })
}

#[test]
fn a_linear_generator_is_inverted_as_by_least_squares() {
    let section = section("inversions");
    let tool = text(&section["tool"]);
    let (matrix, offset): (_, Array1<f64>) = (matrix(), uniform(31, 12));
    let linear = GeneratorFunction::new(4, 12, move |z: &[f64], x: &mut [f64]| {
        let sum = matrix.dot(&aview1(z)) + &offset;
        x.copy_from_slice(sum.as_slice().expect("in one piece"));
    });
    let events = 4.0 * uniform(32, (5, 12)) - 2.0;
    let (mut errors, mut latents) = ([vec![], vec![]], [vec![], vec![]]);
    for (event, theirs) in events.outer_iter().zip(list(&section["linear"])) {
        let found = invert(&linear, &event.to_vec(), &InversionSettings::default());
        let found = found.expect("finite");
        errors[0].push(found.squared_error);
        errors[1].push(number(&theirs["error"]));
        latents[0].extend(found.latent);
        latents[1].extend(numbers(&theirs["latent"]));
    }
    compare_lists("Reconstruction error, linear", &errors[0], &errors[1], tool, 1e-9);
    compare_lists("Latent points, linear", &latents[0], &latents[1], tool, 1e-9);
}

#[test]
fn a_curved_generator_is_inverted_as_by_scipy() {
    let section = section("inversions");
    let events = 0.6 * (4.0 * uniform(32, (5, 12)) - 2.0);
    let events = FeatureMatrix::new("events", events.view()).expect("valid");
    let settings = InversionSettings { starts: 40, ..InversionSettings::default() };
    let found = reconstruction_errors(&curved(), &events, &settings).expect("finite");
    compare_lists(
        "Reconstruction error, curved",
        &found.squared_errors,
        &numbers(&section["curved"]),
        text(&section["curved_tool"]),
        1e-9,
    );
}

#[test]
fn internals_agree_with_numpy_scipy_and_scikit_learn() {
    let section = section("internals");
    let tool = text(&section["tool"]);
    let points: Array2<f64> = 2.0 * uniform(33, (2, 4)) - 1.0;
    let (from, to) = (points.row(0).to_vec(), points.row(1).to_vec());
    let spectrum = jacobian_spectrum(&curved(), &from).expect("finite");
    let theirs = numbers(&section["singular_values"]);
    compare_lists("Singular values of a Jacobian", &spectrum.singular_values, &theirs, tool, 1e-9);
    let condition = spectrum.condition_number.expect("full rank");
    compare("Condition number", condition, number(&section["condition"]), tool, 1e-8);
    // The chords of 20,000 steps fall short of the curve by about 10⁻⁹ of its length.
    let path = interpolation_length(&curved(), &from, &to, 20_000, InterpolationPath::Linear);
    let (tool, theirs) = (text(&section["length_tool"]), number(&section["length"]));
    compare("Interpolation length", path.expect("finite").length, theirs, tool, 1e-8);

    let u: Array2<f64> = uniform(34, (200, 5));
    let values = Array2::from_shape_fn(u.dim(), |(event, feature)| {
        (feature + 1) as f64 * u[(event, feature)] + u[(event, (feature + 1) % 5)]
    });
    let values = FeatureMatrix::new("points", values.view()).expect("valid");
    let found = principal_directions(&values).expect("converges");
    let tool = text(&section["axes_tool"]);
    let theirs = numbers(&section["variances"]);
    compare_lists("Variances of principal directions", &found.variances, &theirs, tool, 1e-12);
    let theirs: Vec<f64> = list(&section["axes"]).iter().flat_map(numbers).collect();
    let ours: Vec<f64> = found.directions.iter().copied().collect();
    compare_lists("Principal directions", &ours, &theirs, tool, 1e-11);
}

#[test]
fn distances_to_a_polygon_agree_with_shapely() {
    let section = section("polygons");
    let tool = text(&section["tool"]);
    let corners: Vec<[f64; 2]> = list(&section["corners"])
        .iter()
        .map(|corner| numbers(corner).try_into().expect("two numbers"))
        .collect();
    let polygon = ConvexPolygon::new(&corners).expect("convex");
    let points = 4.0 * uniform(section["seed"].as_u64().expect("a seed"), (300, 2)) - 2.0;
    let points = FeatureMatrix::new("points", points.view()).expect("valid");
    let theirs = numbers(&section["distances"]);
    let ours: Vec<f64> =
        (0..theirs.len()).map(|point| polygon.distance(points.event(point))).collect();
    compare_lists("Distances to a polygon", &ours, &theirs, tool, 1e-13);
    compare("Area of a polygon", polygon.area(), number(&section["area"]), tool, 1e-13);
    let precision = manifold_precision(&points, &polygon, 0.25).expect("valid");
    compare("Precision on a polygon", precision, number(&section["precision"]), tool, 1e-13);
}
