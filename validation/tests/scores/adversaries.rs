use super::*;
use ndarray::Array2;
use validation::metrics::adversaries::{
    DuelOutputs, DuelSettings, GlickoGame, GlickoRating, fooled_shares,
    generative_adversarial_metric, rate_period, relative_discriminator_scores,
    tournament_win_rates,
};

fn powers(seed: u64, events: usize, power: f64) -> Vec<f64> {
    uniform(seed, events).mapv(|u: f64| u.powf(power)).to_vec()
}

#[test]
fn duels_tournaments_and_curves_agree_with_numpy() {
    let section = section("adversaries");
    let tool = text(&section["tool"]);
    let outputs = DuelOutputs {
        first_on_test: &powers(10, 500, 0.4),
        second_on_test: &powers(11, 500, 0.42),
        first_on_second: &powers(12, 400, 1.5),
        second_on_first: &powers(13, 450, 2.5),
    };
    let duel = generative_adversarial_metric(outputs, &DuelSettings::default()).expect("valid");
    let (r_test, r_samples) = (duel.r_test.expect("errors"), duel.r_samples.expect("errors"));
    compare("GAM, r_test", r_test, number(&section["r_test"]), tool, 1e-12);
    compare("GAM, r_samples", r_samples, number(&section["r_samples"]), tool, 1e-12);

    let mut outputs = uniform(14, (4, 3, 200));
    for ((discriminator, generator, _), output) in outputs.indexed_iter_mut() {
        *output = output.powf(1.0 + discriminator as f64 / 2.0 + generator as f64);
    }
    let fooled = fooled_shares(outputs.view(), 0.5).expect("valid");
    let rates = tournament_win_rates(fooled.view()).expect("valid");
    let theirs = numbers(&section["generators"]);
    compare_lists("Win rates of generators", &rates.generators, &theirs, tool, 1e-13);
    let theirs = numbers(&section["discriminators"]);
    compare_lists("Win rates of discriminators", &rates.discriminators, &theirs, tool, 1e-13);

    let mut curves: Array2<f64> = uniform(15, (5, 12));
    for (generator, mut curve) in curves.outer_iter_mut().enumerate() {
        let mut sorted = curve.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        for (output, sorted) in curve.iter_mut().zip(sorted) {
            *output = sorted / (1 + generator) as f64;
        }
    }
    let epochs: Vec<f64> = (0..12)
        .scan(0.0, |epoch, k| {
            *epoch += 1.0 + f64::from(k % 3);
            Some(*epoch)
        })
        .collect();
    let scores = relative_discriminator_scores(curves.view(), &epochs).expect("valid");
    compare_lists("NRDS", &scores, &numbers(&section["nrds"]), tool, 1e-13);
}

#[test]
fn ratings_agree_with_glicko2_and_the_published_example() {
    let section = section("glicko");
    let tool = text(&section["tool"]);
    let corrected = format!("{tool}, φ in place of μ in its volatility");
    let player = |numbers: &[f64]| GlickoRating {
        rating: numbers[0],
        deviation: numbers[1],
        volatility: numbers[2],
    };
    let mut ours = [vec![], vec![], vec![]];
    let mut theirs = [vec![], vec![], vec![]];
    for case in list(&section["cases"]) {
        let games: Vec<GlickoGame> = list(&case["games"])
            .iter()
            .map(numbers)
            .map(|game| GlickoGame { opponent: player(&[game[0], game[1], 0.06]), score: game[2] })
            .collect();
        let before = player(&numbers(&case["player"]));
        let found = rate_period(before, &games, number(&section["tau"])).expect("valid");
        let found = [found.rating, found.deviation, found.volatility];
        for (k, theirs) in theirs.iter_mut().enumerate() {
            theirs.push(numbers(&case["corrected"])[k]);
            ours[k].push(found[k]);
        }
        // The package as it is has another volatility, which hardly moves the rating.
        let package = numbers(&case["package"]);
        assert!((found[0] - package[0]).abs() < 0.5, "{} {}", found[0], package[0]);
    }
    for (k, (measure, published, tolerance)) in [
        ("Glicko-2, published example, rating", 1464.06, 0.01),
        ("Glicko-2, published example, deviation", 151.52, 0.005),
        ("Glicko-2, published example, volatility", 0.05999, 1e-5),
    ]
    .into_iter()
    .enumerate()
    {
        compare_absolute(measure, ours[k][0], published, "Glickman 2013", tolerance);
    }
    compare_lists("Glicko-2 ratings", &ours[0], &theirs[0], &corrected, 1e-6);
    compare_lists("Glicko-2 deviations", &ours[1], &theirs[1], &corrected, 1e-6);
    compare_lists("Glicko-2 volatilities", &ours[2], &theirs[2], &corrected, 1e-7);
    let package: Vec<f64> =
        list(&section["cases"]).iter().map(|case| numbers(&case["package"])[2]).collect();
    compare_lists("Glicko-2 volatilities, as it is", &ours[2], &package, tool, 2e-4);
}
