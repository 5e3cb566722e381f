//! All systems on a small problem: series of 6 steps of 2 features, with two classes.

use ndarray::Array2;

use super::{CRnnGan, RecurrentGan, TimeGan};
use crate::compute::cpu;
use crate::events::Events;
use crate::suite::{
    DataContext, Headline, Measures, Problem, ProblemData, Protocol, RunOptions, Silent,
    SuiteError, System, Tier, Watch, general_detector,
};

const STEPS: usize = 6;
const FEATURES: usize = 2;

/// Rising and falling series, with an offset of their own.
#[derive(Debug, Clone, Copy)]
struct Ramps {
    tier: Tier,
    has_classes: bool,
}

const RAMPS: Ramps = Ramps { tier: Tier::Series, has_classes: true };

impl Ramps {
    fn events(self, count: usize) -> Events {
        let values = Array2::from_shape_fn((count, STEPS * FEATURES), |(row, column)| {
            let (step, feature) = (column / FEATURES, column % FEATURES);
            let slope = if row % 2 == 0 { 1.0 } else { -1.0 };
            let offset = (row * 7 % 11) as f32 / 11.0;
            5.0 * feature as f32 + slope * step as f32 + offset
        });
        let classes = if self.has_classes { 1 } else { 0 };
        let conditions = Array2::from_shape_fn((count, classes), |(row, _)| (row % 2) as f64);
        Events { conditions, values, weights: None }
    }

    fn data(self) -> ProblemData {
        self.load(&DataContext::default()).expect("nothing is read")
    }
}

impl Problem for Ramps {
    fn name(&self) -> &str {
        "ramps"
    }

    fn title(&self) -> &str {
        "for tests"
    }

    fn tier(&self) -> Tier {
        self.tier
    }

    fn source(&self) -> &str {
        "made here"
    }

    fn load(&self, _context: &DataContext) -> Result<ProblemData, SuiteError> {
        let classes = self.has_classes.then_some(2);
        let detector = general_detector("ramps", STEPS * FEATURES, classes);
        let shape = vec![STEPS, FEATURES];
        Ok(ProblemData::new(detector, shape, self.events(60), self.events(20)))
    }

    fn template(&self) -> Option<&str> {
        None
    }

    fn has_conditions(&self) -> bool {
        self.has_classes
    }

    fn samples(&self) -> usize {
        20
    }

    fn judge(&self, _: &ProblemData, _: &Events, _: u64) -> Result<Measures, SuiteError> {
        Ok(Measures::default())
    }

    fn headline(&self) -> &[Headline] {
        &[]
    }
}

fn options(iterations: u64, overrides: &str) -> RunOptions {
    RunOptions {
        seed: 1,
        device: cpu(),
        protocol: Protocol::Short,
        iterations: Some(iterations),
        overrides: toml::from_str(overrides).expect(overrides),
    }
}

/// Systems with small networks.
fn small() -> Vec<(Box<dyn System>, &'static str)> {
    vec![
        (Box::new(TimeGan), "hidden = 4\nlayers = 2\nbatch_size = 17\naverage_decay = 0.5"),
        (Box::new(RecurrentGan::PLAIN), "hidden = 5\ndiscriminator_hidden = 5\nselections = 2"),
        (
            Box::new(RecurrentGan::CONDITIONAL),
            "hidden = 5\ndiscriminator_hidden = 5\ncell = \"gru\"",
        ),
        (Box::new(CRnnGan), "hidden = 4\npretraining_share = 1.0"),
        (
            Box::new(CRnnGan),
            "hidden = 4\nlayers = 1\npretraining_share = 0.0\ngenerator_loss = \"saturating\"",
        ),
    ]
}

/// Counts iterations and keeps all losses.
#[derive(Default)]
struct Losses {
    iterations: u64,
    all: Vec<(String, f64)>,
}

impl Watch for Losses {
    fn wants_terms(&self, _iteration: u64) -> bool {
        true
    }

    fn after(
        &mut self,
        iteration: u64,
        of: u64,
        terms: &[(String, f64)],
        _trained: &dyn crate::suite::Trained,
    ) -> Result<(), SuiteError> {
        self.iterations += 1;
        assert_eq!(iteration, self.iterations);
        assert!(iteration <= of && !terms.is_empty());
        self.all.extend_from_slice(terms);
        Ok(())
    }
}

#[test]
fn systems_train_repeat_themselves_and_generate_in_the_units_of_the_data() {
    let data = RAMPS.data();
    for (system, overrides) in small() {
        let name = system.name();
        system.takes(&RAMPS).expect(name);
        let options = options(3, overrides);
        let (_, of) = system.settings(&RAMPS, &data, &options).expect(name);
        let mut watch = Losses::default();
        let trained = system.train(&RAMPS, &data, &options, &mut watch).expect(name);
        assert_eq!(watch.iterations, of, "{name}");
        assert!(watch.all.iter().all(|(_, value)| value.is_finite()), "{name}");
        let conditions = data.conditions(30);
        let events = trained.generate(conditions.view(), 7).expect(name);
        assert_eq!(events.values.dim(), (30, STEPS * FEATURES));
        assert_eq!(events.conditions, conditions);
        // The features of the data are around 0.5 and 5.5, and a network's first outputs in the
        // middle of their ranges.
        let mean = |feature: usize| {
            let values = events.values.iter().skip(feature).step_by(FEATURES);
            values.sum::<f32>() / (30 * STEPS) as f32
        };
        assert!(mean(1) - mean(0) > 1.0, "{name}: {} {}", mean(0), mean(1));
        let again = system.train(&RAMPS, &data, &options, &mut Silent).expect(name);
        assert_eq!(again.generate(conditions.view(), 7).expect(name), events, "{name}");
        assert_ne!(again.generate(conditions.view(), 8).expect(name), events, "{name}");
        assert_eq!(trained.scores(&data.test).expect("a critic").len(), data.test.len());
        assert!(trained.parameters() > 50, "{name}");
    }
}

#[test]
fn only_the_conditional_one_looks_at_conditions() {
    let data = RAMPS.data();
    let conditions = |class: f64| Array2::from_elem((10, 1), class);
    for (system, overrides) in small() {
        let options = options(2, overrides);
        let trained = system.train(&RAMPS, &data, &options, &mut Silent).expect("trains");
        let of = |class| trained.generate(conditions(class).view(), 3).expect("series").values;
        assert_eq!(of(0.0) != of(1.0), system.name() == "rcgan", "{}", system.name());
    }
    let without = Ramps { has_classes: false, ..RAMPS };
    assert!(RecurrentGan::CONDITIONAL.takes(&without).is_err());
    assert!(RecurrentGan::PLAIN.takes(&without).is_ok());
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let image = Ramps { tier: Tier::Images, ..RAMPS };
    let data = RAMPS.data();
    for (system, _) in small() {
        let reason = system.takes(&image).expect_err("images");
        assert_eq!(reason, "it is of tier `images`, expected `series`");
        let refused = |overrides: &str| {
            let options = options(2, overrides);
            let error = system.settings(&RAMPS, &data, &options).expect_err(overrides);
            error.to_string()
        };
        let start = format!("settings of `{}`: ", system.name());
        let message = refused("hidden = 0");
        assert_eq!(message, format!("{start}`hidden` is 0, expected at least 1"));
        let message = refused("hiden = 3");
        assert!(message.starts_with(&format!("{start}unknown field `hiden`")), "{message}");
        let message = refused("optimiser = { kind = \"sgd\", learning_rate = -1.0 }");
        assert!(message.starts_with(&format!("{start}`optimiser`: learning_rate")), "{message}");
    }
}

/// The first and the last value of a loss.
fn first_and_last(system: &dyn System, overrides: &str, iterations: u64, name: &str) -> (f64, f64) {
    let options = options(iterations, overrides);
    let mut watch = Losses::default();
    system.train(&RAMPS, &RAMPS.data(), &options, &mut watch).expect("trains");
    let mut values = watch.all.iter().filter(|(found, _)| found == name).map(|(_, value)| *value);
    let first = values.next().expect(name);
    (first, values.next_back().expect(name))
}

/// Each network alone goes down its loss, while the others are held.
#[test]
fn updates_go_in_the_right_direction() {
    const ADAM: &str = "{ kind = \"adam\", learning_rate = 1e-2 }";
    const HELD: &str = "{ kind = \"sgd\", learning_rate = 0.0 }";
    let small = "hidden = 6\nbatch_size = 60\n";
    let of = |generator: &str, discriminator: &str| {
        format!("optimiser = {generator}\ndiscriminator_optimiser = {discriminator}\n")
    };
    let rcgan =
        format!("{small}discriminator_hidden = 6\ndiscriminator_steps = 1\nselections = 0\n");
    let c_rnn_gan = format!("{small}dropout = 0.0\npretraining_share = 0.0\n");
    let timegan = format!("{small}layers = 2\nsupervision_share = 0.0\nembedding_share = 0.0\n");
    // With the autoencoder as it is, and one term of the generator's loss.
    let alone = "reconstruction_weight = 0.0\nembedding_supervised_weight = 0.0\n\
                 supervised_weight = 0.0\n";
    let adversarial = format!("{timegan}{alone}moment_weight = 0.0\n");
    let cases: [(&dyn System, String, &str); 9] = [
        (&RecurrentGan::CONDITIONAL, rcgan.clone() + &of(HELD, ADAM), "critic loss"),
        (&RecurrentGan::CONDITIONAL, rcgan + &of(ADAM, HELD), "generator loss"),
        (&CRnnGan, c_rnn_gan.clone() + &of(HELD, ADAM), "critic loss"),
        (
            &CRnnGan,
            format!("{c_rnn_gan}generator_loss = \"non-saturating\"\n{}", of(ADAM, HELD)),
            "generator loss",
        ),
        (&CRnnGan, c_rnn_gan.replace("share = 0.0", "share = 1.0") + &of(ADAM, HELD), "prediction"),
        (&TimeGan, timegan.clone() + &of(HELD, ADAM), "critic loss"),
        (&TimeGan, adversarial + &of(ADAM, HELD), "generator loss"),
        (
            &TimeGan,
            timegan.replace("embedding_share = 0.0", "embedding_share = 3.0") + &of(ADAM, HELD),
            "moments",
        ),
        (
            &TimeGan,
            timegan.replace("embedding_share = 0.0", "embedding_share = 1.0") + &of(ADAM, HELD),
            "reconstruction",
        ),
    ];
    for (system, overrides, name) in cases {
        // Moments change with the recovery network, too, which is learned meanwhile.
        let iterations = if name == "moments" { 150 } else { 25 };
        let (first, last) = first_and_last(system, &overrides, iterations, name);
        assert!(last < 0.95 * first, "{} {name}: {first} {last}\n{overrides}", system.name());
    }
}
