//! Tiny trainings that hold every named part: objectives, penalties, optimisers, layers, heads.

/// A training of a few iterations on the tiny detector.
pub struct Case {
    pub name: String,
    /// Settings in TOML.
    pub settings: String,
}

/// The change of a weight is then in proportion to its gradient. Adam's is not: where the gradient
/// is almost 0, its sign, which is rounding, decides. So most cases use this one, with a rate at
/// which weights change by percents.
const SGD: &str = r#"{ kind = "sgd", learning_rate = 0.05, momentum = 0.5 }"#;

const SLOW_SGD: &str = r#"{ kind = "sgd", learning_rate = 0.01, momentum = 0.5 }"#;

/// Smooth functions only, so that rounding cannot put an event on the other side of a kink.
const DENSE: &str = r#"{ hidden = [12, 8], activation = "silu" }"#;

/// What differs from a plain training.
#[derive(Clone)]
struct Parts {
    generator: String,
    critic: String,
    generator_network: String,
    critic_network: String,
    sees: &'static str,
    optimiser: &'static str,
    training: &'static str,
    more_critics: String,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            generator: String::new(),
            critic: r#"objective = { kind = "wasserstein" }"#.to_owned(),
            generator_network: format!("network = {DENSE}"),
            critic_network: format!("network = {DENSE}"),
            sees: "shower",
            optimiser: SGD,
            training: "",
            more_critics: String::new(),
        }
    }
}

impl Parts {
    fn named(self, name: &str) -> Case {
        let Self {
            generator,
            critic,
            generator_network,
            critic_network,
            sees,
            optimiser,
            training,
            more_critics,
        } = self;
        let settings = format!(
            r#"
            format_version = 2
            detector = "tiny"
            codec = {{ voxel_scale = "square-root" }}

            [generator]
            latent = 4
            optimiser = {optimiser}
            {generator}
            {generator_network}

            [[critic]]
            name = "shower"
            sees = "{sees}"
            optimiser = {optimiser}
            {critic}
            {critic_network}

            {more_critics}

            [training]
            iterations = 4
            batch_size = 48
            critic_steps = 2
            average_decay = 0.5
            {training}
            "#
        );
        Case { name: name.to_owned(), settings }
    }
}

/// All of them.
pub fn all() -> Vec<Case> {
    [objectives(), penalties(), optimisers(), layers(), convolutions(), heads(), the_rest()]
        .into_iter()
        .flatten()
        .collect()
}

fn with_critic(name: &str, critic: &str) -> Case {
    Parts { critic: critic.to_owned(), ..Parts::default() }.named(name)
}

fn objectives() -> Vec<Case> {
    let plain = [
        ("saturating", r#"{ kind = "saturating" }"#),
        ("non-saturating", r#"{ kind = "non-saturating" }"#),
        ("least squares", r#"{ kind = "least-squares" }"#),
        ("hinge", r#"{ kind = "hinge" }"#),
        ("Wasserstein", r#"{ kind = "wasserstein" }"#),
        ("Cramér", r#"{ kind = "cramer", dimension = 6, generator = "energy-distance" }"#),
        ("Cramér, surrogate", r#"{ kind = "cramer", dimension = 6, generator = "surrogate" }"#),
        ("BEGAN", r#"{ kind = "began", diversity = 5.0, proportional_gain = 0.01, exponent = 2 }"#),
        ("relativistic pairs", r#"{ kind = "relativistic-paired" }"#),
        ("constrainer", r#"{ kind = "constrainer", condition = "incident_energy" }"#),
    ];
    let plain =
        plain.map(|(name, objective)| with_critic(name, &format!("objective = {objective}")));
    let divergences = [
        "kullback-leibler",
        "reverse-kullback-leibler",
        "pearson",
        "neyman",
        "squared-hellinger",
        "jeffrey",
        "jensen-shannon",
        "gan",
        "total-variation",
    ];
    let divergences = divergences.iter().flat_map(|divergence| {
        [false, true].map(|alternative| {
            let losses = if alternative { ", alternative loss" } else { "" };
            let critic = format!(
                r#"objective = {{ kind = "f-divergence", divergence = "{divergence}", alternative = {alternative} }}"#
            );
            // Some grow exponentially with the score.
            Parts { critic, optimiser: SLOW_SGD, ..Parts::default() }
                .named(&format!("f-divergence {divergence}{losses}"))
        })
    });
    plain.into_iter().chain(divergences).collect()
}

fn penalties() -> Vec<Case> {
    let of = |name: &str, penalty: &str| {
        let critic = format!("objective = {{ kind = \"wasserstein\" }}\npenalty = [{penalty}]");
        with_critic(name, &critic)
    };
    let cramer = r#"
        objective = { kind = "cramer", dimension = 6 }
        penalty = [{ kind = "gradient-penalty", weight = 1.0, one_sided = true, of = "data-and-condition" }]
    "#;
    vec![
        of("gradient penalty", r#"{ kind = "gradient-penalty", weight = 1.0 }"#),
        of(
            "gradient penalty, one-sided",
            r#"{ kind = "gradient-penalty", weight = 1.0, one_sided = true }"#,
        ),
        of(
            "gradient penalty, with the condition",
            r#"{ kind = "gradient-penalty", weight = 1.0, of = "data-and-condition" }"#,
        ),
        of("R1", r#"{ kind = "r1", weight = 1.0 }"#),
        of("R2", r#"{ kind = "r2", weight = 1.0 }"#),
        of("drift", r#"{ kind = "drift", weight = 0.1 }"#),
        with_critic("Cramér with a penalty", cramer),
    ]
}

/// With a large ε, so that the sign of a gradient that is almost 0 does not decide.
fn optimisers() -> Vec<Case> {
    let of = |name: &str, optimiser: &'static str| {
        Parts { optimiser, ..Parts::default() }.named(&format!("optimiser {name}"))
    };
    vec![
        of(
            "Adam",
            r#"{ kind = "adam", learning_rate = 0.05, beta1 = 0.5, beta2 = 0.9, epsilon = 0.1 }"#,
        ),
        of("RMSProp", r#"{ kind = "rmsprop", learning_rate = 0.02, epsilon = 0.1 }"#),
        of("SGD without momentum", r#"{ kind = "sgd", learning_rate = 0.05 }"#),
    ]
}

/// Gradients go through `layers` in the generator, and gradients of gradients in a critic with
/// R1. Both see 18 cells.
fn network_case(name: &str, generator: &str, critic: &str) -> Case {
    let layers = |layers: &str| {
        if layers.is_empty() {
            format!("network = {DENSE}")
        } else {
            format!("network = {{ layer = [{layers}] }}")
        }
    };
    Parts {
        generator: "head = \"rectified\"\nvoxel_noise = \"none\"".to_owned(),
        critic: r#"
            objective = { kind = "wasserstein" }
            penalty = [{ kind = "r1", weight = 1.0 }]
        "#
        .to_owned(),
        generator_network: layers(generator),
        critic_network: layers(critic),
        sees: "cells",
        ..Parts::default()
    }
    .named(name)
}

fn layers() -> Vec<Case> {
    let between = |layer: &str, first: usize| {
        (
            format!(
                r#"{{ kind = "dense", outputs = {first} }}, {layer}, {{ kind = "dense", outputs = 18 }}"#
            ),
            format!(
                r#"{{ kind = "dense", outputs = {first} }}, {layer}, {{ kind = "concatenate" }}, {{ kind = "dense", outputs = 1 }}"#
            ),
        )
    };
    let plain = [
        ("ReLU", r#"{ kind = "relu" }"#),
        ("leaky ReLU", r#"{ kind = "leaky-relu" }"#),
        ("GELU", r#"{ kind = "gelu" }"#),
        ("SiLU", r#"{ kind = "silu" }"#),
        ("swish", r#"{ kind = "swish", per_channel = true }"#),
        ("tanh", r#"{ kind = "tanh" }"#),
        ("sigmoid", r#"{ kind = "sigmoid" }"#),
        ("softmax", r#"{ kind = "softmax" }"#),
        ("gated", r#"{ kind = "gated", tanh = true }"#),
        ("maxout", r#"{ kind = "maxout", pieces = 3 }"#),
        ("layer norm", r#"{ kind = "layer-norm" }, { kind = "tanh" }"#),
        (
            "batch norm and dropout",
            r#"{ kind = "batch-norm" }, { kind = "tanh" }, { kind = "dropout", rate = 0.3 }"#,
        ),
        ("minibatch deviation", r#"{ kind = "minibatch-deviation" }, { kind = "tanh" }"#),
        (
            "residual",
            r#"{ kind = "residual", layer = [{ kind = "dense", outputs = 12 }, { kind = "tanh" }] }"#,
        ),
        (
            "branches",
            r#"{ kind = "branches", branch = [{ layer = [{ kind = "dense", outputs = 5 }, { kind = "tanh" }] }, { layer = [{ kind = "sigmoid" }] }] }"#,
        ),
        ("embedded condition", r#"{ kind = "concatenate", embedding = 3 }, { kind = "tanh" }"#),
        (
            "spectral norm",
            r#"{ kind = "tanh" }, { kind = "dense", outputs = 9, spectral_norm = true }, { kind = "tanh" }"#,
        ),
    ];
    let mut cases: Vec<Case> = plain
        .iter()
        .map(|(name, layer)| {
            let (generator, critic) = between(layer, 12);
            network_case(name, &generator, &critic)
        })
        .collect();
    cases.push(network_case(
        "projection",
        "",
        r#"{ kind = "dense", outputs = 8 }, { kind = "tanh" }, { kind = "projection", spectral_norm = true }"#,
    ));
    cases
}

fn convolutions() -> Vec<Case> {
    let score =
        r#"{ kind = "reshape" }, { kind = "concatenate" }, { kind = "dense", outputs = 1 }"#;
    vec![
        network_case(
            "2-D convolutions",
            r#"{ kind = "dense", outputs = 18 }, { kind = "reshape", shape = [2, 3, 3] },
            { kind = "convolution-2d", outputs = 4, kernel = [3, 3], padding = [1, 1] }, { kind = "batch-norm" }, { kind = "tanh" },
            { kind = "convolution-2d", outputs = 2, kernel = [3, 3], padding = [1, 1] }"#,
            &format!(
                r#"{{ kind = "reshape", shape = [2, 3, 3] }},
                {{ kind = "convolution-2d", outputs = 4, kernel = [3, 3], stride = [2, 2], padding = [1, 1] }}, {{ kind = "tanh" }}, {score}"#
            ),
        ),
        network_case(
            "2-D transposed convolutions",
            r#"{ kind = "dense", outputs = 16 }, { kind = "reshape", shape = [4, 2, 2] }, { kind = "pixel-norm" },
            { kind = "transposed-convolution-2d", outputs = 2, kernel = [3, 3], stride = [2, 2], padding = [1, 1] }"#,
            &format!(
                r#"{{ kind = "reshape", shape = [2, 3, 3] }},
                {{ kind = "transposed-convolution-2d", outputs = 3, kernel = [2, 2], stride = [2, 2], spectral_norm = true }}, {{ kind = "tanh" }}, {score}"#
            ),
        ),
        network_case(
            "3-D convolutions",
            r#"{ kind = "dense", outputs = 18 }, { kind = "reshape", shape = [1, 2, 3, 3] },
            { kind = "convolution-3d", outputs = 4, kernel = [3, 3, 3], padding = [1, 1, 1] }, { kind = "batch-norm" }, { kind = "tanh" },
            { kind = "convolution-3d", outputs = 1, kernel = [3, 3, 3], padding = [1, 1, 1] }"#,
            &format!(
                r#"{{ kind = "reshape", shape = [1, 2, 3, 3] }},
                {{ kind = "convolution-3d", outputs = 4, kernel = [2, 3, 3], stride = [1, 2, 2], padding = [0, 1, 1], spectral_norm = true }}, {{ kind = "tanh" }}, {score}"#
            ),
        ),
        network_case(
            "3-D transposed convolutions",
            r#"{ kind = "dense", outputs = 16 }, { kind = "reshape", shape = [4, 1, 2, 2] },
            { kind = "transposed-convolution-3d", outputs = 1, kernel = [2, 3, 3], stride = [1, 2, 2], padding = [0, 1, 1] }"#,
            &format!(
                r#"{{ kind = "reshape", shape = [1, 2, 3, 3] }},
                {{ kind = "transposed-convolution-3d", outputs = 2, kernel = [3, 3, 3], stride = [2, 2, 2], padding = [1, 1, 1] }}, {{ kind = "tanh" }}, {score}"#
            ),
        ),
        network_case(
            "upsampling, padding, pooling",
            r#"{ kind = "dense", outputs = 8 }, { kind = "reshape", shape = [2, 2, 2] },
            { kind = "upsample", factors = [2, 2] }, { kind = "crop", low = [0, 0], high = [1, 1] }, { kind = "tanh" },
            { kind = "convolution-2d", outputs = 2, kernel = [1, 1] }"#,
            &format!(
                r#"{{ kind = "reshape", shape = [2, 3, 3] }}, {{ kind = "pad", low = [1, 0], high = [0, 1] }},
                {{ kind = "convolution-2d", outputs = 4, kernel = [1, 1] }}, {{ kind = "tanh" }}, {{ kind = "average-pool", kernel = [2, 2] }}, {score}"#
            ),
        ),
    ]
}

fn heads() -> Vec<Case> {
    [
        ("head: rectified", "head = \"rectified\"\nvoxel_noise = \"none\""),
        ("head: softmax shares", "head = \"softmax-shares\"\nvoxel_noise = \"none\""),
        ("head: energy shares", "head = \"energy-shares\"\nvoxel_noise = \"independent\""),
    ]
    .map(|(name, generator)| {
        let noise = "noise = { kind = \"uniform\", minimum = -1.0, maximum = 1.0 }";
        Parts { generator: format!("{generator}\n{noise}"), ..Parts::default() }.named(name)
    })
    .into()
}

fn the_rest() -> Vec<Case> {
    let energy_critics = format!(
        r#"
        [[critic]]
        name = "observables"
        sees = "observables"
        observables = ["total-energy", "layer-energies", "depth", "lateral-width"]
        steps = 3
        weight = 0.3
        weight_clip = 0.3
        network = {{ hidden = [6], activation = "tanh" }}
        objective = {{ kind = "wasserstein" }}
        optimiser = {SGD}

        [[critic]]
        name = "layers"
        sees = "layer-energies"
        network = {{ hidden = [6], activation = "silu" }}
        objective = {{ kind = "relativistic-paired" }}
        penalty = [{{ kind = "r1", weight = 0.1 }}, {{ kind = "r2", weight = 0.1 }}]
        optimiser = {SGD}
        "#
    );
    vec![
        Parts { more_critics: energy_critics, ..Parts::default() }.named("three critics"),
        Parts {
            generator: "gradient_clip = 0.1".to_owned(),
            critic: "gradient_clip = 0.1\nobjective = { kind = \"wasserstein\" }".to_owned(),
            training: "generator_steps = 2\naccumulation = 2",
            ..Parts::default()
        }
        .named("clipped gradients, accumulation"),
        with_critic(
            "packs of two",
            r#"
            packing = 2
            objective = { kind = "relativistic-paired" }
            penalty = [{ kind = "r1", weight = 0.1 }, { kind = "r2", weight = 0.1 }]
            "#,
        ),
        with_critic(
            "instance noise, flipped labels",
            "objective = { kind = \"non-saturating\" }\nlabel_flip = 0.3\ninstance_noise = 0.5",
        ),
        Parts {
            generator: r#"matching = [
                { observable = "total-energy", loss = "squared", weight = 0.5 },
                { observable = "slope-x", loss = "absolute", weight = 0.1 },
            ]"#
            .to_owned(),
            critic: r#"
                objective = { kind = "non-saturating" }
                auxiliary = [
                    { condition = "incident_energy", loss = "absolute-percentage", weight = 0.1 },
                    { condition = "angle", loss = "squared", weight = 0.5 },
                ]
            "#
            .to_owned(),
            ..Parts::default()
        }
        .named("heads for conditions, matching"),
    ]
}
