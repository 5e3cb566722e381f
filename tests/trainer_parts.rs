//! Every named part of a configuration in a training of two iterations on a tiny weighted sample,
//! a quarter of whose weights is negative: losses are finite, the generator learns, and what goes
//! on from a checkpoint after one iteration is bit for bit what has not been interrupted.

mod tiny;

use std::path::Path;

use showerforge::compute::{cpu, to_host};
use showerforge::gan::training::{CheckpointHeader, LogLine, Trainer, TrainingSample};
use showerforge::nn::{Module, Parameter};
use showerforge::random::{Purpose, Streams};

/// What differs from a plain training.
#[derive(Clone, Copy)]
struct Parts {
    generator: &'static str,
    critics: &'static str,
    training: &'static str,
}

const PLAIN: Parts = Parts {
    generator: "",
    critics: r#"
        [[critic]]
        name = "shower"
        sees = "shower"
        network = { hidden = [12], activation = "leaky-relu" }
        objective = { kind = "wasserstein" }
        penalty = [{ kind = "gradient-penalty", weight = 10.0 }]
        optimiser = { kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }
    "#,
    training: "",
};

impl Parts {
    /// One critic that sees all of an event, with `what` in its table.
    fn critic(what: &str) -> String {
        format!(
            r#"
            [[critic]]
            name = "shower"
            sees = "shower"
            network = {{ hidden = [12, 8], activation = "silu" }}
            optimiser = {{ kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }}
            {what}
            "#
        )
    }

    fn text(self) -> String {
        let Self { generator, critics, training } = self;
        format!(
            r#"
            format_version = 2
            detector = "tiny"
            codec = {{ voxel_scale = "square-root" }}

            [generator]
            latent = 4
            network = {{ hidden = [8, 8], activation = "silu", residual = true }}
            optimiser = {{ kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }}
            {generator}

            {critics}

            [training]
            iterations = 4
            batch_size = 8
            critic_steps = 2
            average_decay = 0.9
            {training}
            "#
        )
    }
}

fn parameters(module: &impl Module) -> Vec<f32> {
    let mut all = Vec::new();
    let mut visit = |_: &str, parameter: &mut Parameter| all.extend(parameter.to_host());
    module.clone().for_each_parameter(&mut visit);
    all
}

fn start(text: &str, folder: &Path) -> (Trainer, TrainingSample) {
    tiny::training(tiny::settings(text), folder)
}

fn iterate(trainer: &mut Trainer, sample: &mut TrainingSample) -> LogLine {
    let terms = trainer.iterate(sample).expect("in memory");
    trainer.log_line(&terms)
}

fn assert_finite(line: &LogLine) {
    for critic in &line.critics {
        let penalties = critic.penalties.iter().map(|penalty| penalty.value);
        let values =
            [critic.loss, critic.objective, critic.score_difference, critic.generator_loss];
        let optional = [critic.auxiliary, critic.equilibrium, critic.convergence];
        let mut all = values.into_iter().chain(penalties).chain(optional.into_iter().flatten());
        assert!(all.all(f64::is_finite), "{line:?}");
    }
    assert!(line.matching.is_none_or(f64::is_finite), "{line:?}");
}

/// Two iterations, at once and with a checkpoint between them; the lines of the log.
fn two_iterations(text: &str) -> [LogLine; 2] {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let (mut trainer, mut sample) = start(text, folder.path());
    let untrained = parameters(trainer.generator());
    let first = iterate(&mut trainer, &mut sample);
    trainer.write_checkpoint(&file("first"), "", None, 0).expect("there is room");
    let second = iterate(&mut trainer, &mut sample);
    trainer.write_checkpoint(&file("once"), "", None, 0).expect("there is room");
    [&first, &second].into_iter().for_each(assert_finite);
    let trained = parameters(trainer.generator());
    assert!(trained.iter().all(|w| w.is_finite()));
    assert!(trained != untrained, "the generator has not learned");

    let (mut resumed, mut sample) = start(text, folder.path());
    let (header, tensors) = CheckpointHeader::read(&file("first")).expect("just written");
    resumed.restore(&file("first"), &header, tensors).expect("the same settings");
    assert_eq!(resumed.iteration(), 1);
    let again = iterate(&mut resumed, &mut sample);
    assert_eq!(format!("{again:?}"), format!("{second:?}"));
    resumed.write_checkpoint(&file("resumed"), "", None, 0).expect("there is room");
    let read = |name: &str| std::fs::read(file(name)).expect("just written");
    assert!(read("once") == read("resumed"), "the checkpoints differ");
    [first, second]
}

#[test]
fn the_sample_has_negative_weights_of_mean_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, sample) = start(&PLAIN.text(), folder.path());
    let streams = Streams::new(1, Purpose::CriticBatch);
    let batch = sample.batch(&streams, 0, 4000, &cpu());
    let weights = to_host(batch.weights.expect("the file has weights"));
    assert!(weights.iter().any(|w| *w < 0.0));
    let mean = weights.iter().map(|w| f64::from(*w)).sum::<f64>() / 4000.0;
    assert!((mean - 1.0).abs() < 0.05, "{mean}");
}

fn with_critic(what: &str) -> [LogLine; 2] {
    let critics = Parts::critic(what);
    two_iterations(&Parts { critics: critics.leak(), ..PLAIN }.text())
}

#[test]
fn objectives_of_one_score() {
    for objective in [
        r#"{ kind = "saturating" }"#,
        r#"{ kind = "non-saturating" }"#,
        r#"{ kind = "least-squares" }"#,
        r#"{ kind = "least-squares", fake = -1.0, real = 1.0, generator = 0.0 }"#,
        r#"{ kind = "hinge" }"#,
        r#"{ kind = "wasserstein" }"#,
        r#"{ kind = "relativistic-paired" }"#,
    ] {
        with_critic(&format!("objective = {objective}"));
    }
}

#[test]
fn f_divergences() {
    for divergence in [
        "kullback-leibler",
        "reverse-kullback-leibler",
        "pearson",
        "neyman",
        "squared-hellinger",
        "jeffrey",
        "jensen-shannon",
        "gan",
        "total-variation",
    ] {
        let alternative = divergence.len().is_multiple_of(2);
        with_critic(&format!(
            r#"objective = {{ kind = "f-divergence", divergence = "{divergence}", alternative = {alternative} }}"#
        ));
    }
}

#[test]
fn cramer_with_a_penalty_that_rises() {
    for generator in ["energy-distance", "surrogate"] {
        let [first, second] = with_critic(&format!(
            r#"
            objective = {{ kind = "cramer", dimension = 6, generator = "{generator}" }}
            penalty = [{{ kind = "gradient-penalty", weight = {{ kind = "arctangent", end = 20.0, scale = 100.0 }}, one_sided = true }}]
            "#
        ));
        let weight = |line: &LogLine| line.critics[0].penalties[0].weight;
        assert_eq!(weight(&first), 0.0);
        approx::assert_relative_eq!(
            weight(&second),
            20.0 * 0.01_f64.atan() / std::f64::consts::FRAC_PI_2
        );
    }
}

/// k is a part of the checkpoint.
#[test]
fn began_moves_its_equilibrium() {
    let [first, second] = with_critic(
        r#"objective = { kind = "began", diversity = 5.0, proportional_gain = 0.01, exponent = 2 }"#,
    );
    let k = |line: &LogLine| line.critics[0].equilibrium.expect("BEGAN's critic has it");
    assert!(k(&first) > 0.0);
    assert!(k(&second) > k(&first), "{} and {}", k(&first), k(&second));
}

#[test]
fn packs_of_two_and_three_events() {
    let critics = Parts::critic(
        r#"
        packing = 2
        objective = { kind = "relativistic-paired" }
        penalty = [{ kind = "r1", weight = 0.1 }, { kind = "r2", weight = 0.1 }]
        "#,
    );
    let second = Parts::critic("packing = 3\nobjective = { kind = \"cramer\", dimension = 4 }")
        .replace("name = \"shower\"", "name = \"packs\"");
    let text = Parts { critics: (critics + &second).leak(), ..PLAIN }.text();
    two_iterations(&text.replace("batch_size = 8", "batch_size = 12"));
}

#[test]
fn instance_noise_and_flipped_labels() {
    let [first, second] = with_critic(
        r#"
        objective = { kind = "hinge" }
        label_flip = 0.3
        instance_noise = { kind = "linear", start = 0.5, end = 0.1 }
        penalty = [{ kind = "drift", weight = 1e-3 }]
        "#,
    );
    let [quiet, _] = with_critic("objective = { kind = \"hinge\" }");
    let loss = |line: &LogLine| line.critics[0].objective;
    assert!(loss(&first) != loss(&quiet), "neither noise nor flips have changed anything");
    assert!(loss(&first) != loss(&second));
    // The critic stands still; what the generator minimises is seen through the noise, too.
    let generator_loss = |noise: &str| {
        let critics = Parts::critic(&format!("objective = {{ kind = \"hinge\" }}\n{noise}"))
            .replace("learning_rate = 1e-3", "learning_rate = 0.0");
        let folder = tempfile::tempdir().expect("a folder");
        let text = Parts { critics: critics.leak(), ..PLAIN }.text();
        let (mut trainer, mut sample) = start(&text, folder.path());
        iterate(&mut trainer, &mut sample).critics[0].generator_loss
    };
    let (noisy, quiet) = (generator_loss("instance_noise = 0.5"), generator_loss(""));
    assert!((noisy - quiet).abs() > 1e-4, "{noisy} and {quiet}");
}

#[test]
fn heads_for_conditions_and_matched_observables() {
    let critics = Parts::critic(
        r#"
        objective = { kind = "non-saturating" }
        penalty = [{ kind = "r1", weight = 0.1 }]
        auxiliary = [
            { condition = "incident_energy", loss = "absolute-percentage", weight = 0.1 },
            { condition = "angle", loss = "absolute", weight = 0.5 },
        ]
        "#,
    );
    let generator = r#"
        matching = [
            { observable = "total-energy", loss = "squared", weight = 0.5 },
            { observable = "slope-x", loss = "absolute", weight = 0.1 },
        ]
    "#;
    let [first, _] = two_iterations(&Parts { generator, critics: critics.leak(), ..PLAIN }.text());
    assert!(first.matching.is_some_and(|loss| loss > 0.0));
    assert!(first.critics[0].auxiliary.is_some_and(|loss| loss > 0.0));
}

/// Guards against pairs of different conditions: beside Cramér's critic, which takes independent
/// batches, all others must still see generated events at the conditions of the real ones.
#[test]
fn critics_of_pairs_are_the_same_beside_a_cramer_critic() {
    let paired = Parts::critic(
        r#"
        objective = { kind = "relativistic-paired" }
        auxiliary = [{ condition = "angle", loss = "absolute", weight = 0.5 }]
        "#,
    );
    let cramer = Parts::critic(r#"objective = { kind = "cramer", dimension = 4 }"#)
        .replace("name = \"shower\"", "name = \"cramer\"");
    let generator =
        r#"matching = [{ observable = "total-energy", loss = "squared", weight = 1.0 }]"#;
    let first = |critics: String| {
        let folder = tempfile::tempdir().expect("a folder");
        let text = Parts { generator, critics: critics.leak(), ..PLAIN }.text();
        // The last of the critic's losses is seen, so one step; with no steps of the generator
        // before it.
        let (mut trainer, mut sample) =
            start(&text.replace("critic_steps = 2", "critic_steps = 1"), folder.path());
        iterate(&mut trainer, &mut sample)
    };
    let (alone, beside) = (first(paired.clone()), first(paired + &cramer));
    assert_eq!(format!("{:?}", alone.critics[0]), format!("{:?}", beside.critics[0]));
    assert_eq!(alone.matching, beside.matching);
}

/// The second critic has three updates an iteration, the first one, the constrainer two.
const THREE_CRITICS: &str = r#"
    [[critic]]
    name = "shower"
    sees = "shower"
    steps = 1
    network = { hidden = [12], activation = "leaky-relu" }
    objective = { kind = "wasserstein" }
    penalty = [{ kind = "gradient-penalty", weight = 10.0, of = "data-and-condition" }]
    gradient_clip = 1.0
    optimiser = { kind = "adam", learning_rate = 1e-3 }

    [[critic]]
    name = "observables"
    sees = "observables"
    observables = ["total-energy", "layer-energies", "depth", "lateral-width"]
    steps = 3
    weight = 0.3
    weight_clip = 0.1
    network = { hidden = [6], activation = "relu" }
    objective = { kind = "wasserstein" }
    optimiser = { kind = "rmsprop", learning_rate = 1e-3 }

    [[critic]]
    name = "energy"
    sees = "layer-energies"
    weight = 0.1
    network = { hidden = [6], activation = "silu" }
    objective = { kind = "constrainer", condition = "incident_energy" }
    optimiser = { kind = "sgd", learning_rate = 1e-3, momentum = 0.9 }
"#;

#[test]
fn several_critics_with_steps_of_their_own_and_steps_of_the_generator() {
    let parts = Parts {
        generator: "gradient_clip = 2.0",
        critics: THREE_CRITICS,
        training: "generator_steps = 2\naccumulation = 2",
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut trainer, mut sample) = start(&parts.text(), folder.path());
    iterate(&mut trainer, &mut sample);
    let path = folder.path().join("checkpoint");
    trainer.write_checkpoint(&path, "", None, 0).expect("there is room");
    let (header, _) = CheckpointHeader::read(&path).expect("just written");
    assert_eq!(header.optimiser_steps, [2, 1, 3, 2]);
    two_iterations(&parts.text());
}

#[test]
fn heads_and_noises_of_the_generator() {
    for generator in [
        r#"head = "rectified"
        voxel_noise = "none"
        noise = { kind = "uniform", minimum = -1.0, maximum = 1.0 }"#,
        r#"head = "softmax-shares"
        noise = { kind = "normal", mean = 0.5, deviation = 0.5 }"#,
        r#"head = "softmax-shares"
        voxel_noise = "none""#,
        r#"head = "energy-shares"
        voxel_noise = "independent""#,
    ] {
        two_iterations(&Parts { generator, ..PLAIN }.text());
    }
}
