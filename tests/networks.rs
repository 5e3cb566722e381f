//! The networks of docs/networks.md: their settings are read, and they are built, run and
//! differentiated as in training.

use showerforge::compute::{Tensor, cpu, matrix, scalar, to_host};
use showerforge::nn::{
    LabelCotangent, LayerSettings, Module, Network, NetworkSettings, Pass, Site, output_shape,
    tracked,
};
use showerforge::random::{Purpose, Streams};

const DOCUMENT: &str = include_str!("../docs/networks.md");

struct Example {
    input: usize,
    conditions: usize,
    output: usize,
    settings: NetworkSettings,
}

/// The blocks behind comments such as `<!-- network: input 100, conditions 1, output 368 -->`.
fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for part in DOCUMENT.split("<!-- network: ").skip(1) {
        let (sizes, after) = part.split_once(" -->").expect("a comment ends");
        let size = |name: &str| {
            let (_, after) = sizes.split_once(name).expect(name);
            let digits = after.trim_start().split(',').next().expect("a number");
            digits.parse().expect("a number")
        };
        let (_, after) = after.split_once("```toml\n").expect("a block follows");
        let (block, _) = after.split_once("```").expect("the block ends");
        examples.push(Example {
            input: size("input"),
            conditions: size("conditions"),
            output: size("output"),
            settings: toml::from_str(block).expect(block),
        });
    }
    examples
}

impl Example {
    fn layers(&self) -> Vec<LayerSettings> {
        self.settings.layers(self.output).expect("either of the two forms")
    }

    fn network(&self) -> Network {
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let mut site = Site { labels: self.conditions, normals: &mut normals, device: &cpu() };
        Network::build(&self.layers(), &[self.input], &mut site)
    }

    fn normals(columns: usize, stream: u64) -> Tensor<2> {
        let mut values = vec![0.0; 3 * columns];
        Streams::new(2, Purpose::CriticNoise).normals(stream).fill(&mut values);
        matrix(values, 3, columns, &cpu())
    }

    fn pass(&self) -> Pass {
        let label =
            (self.conditions > 0).then(|| Tensor::from_inner(Self::normals(self.conditions, 1)));
        Pass::training(label, Streams::new(1, Purpose::Regularisation).uniforms(0))
    }

    /// ‖∇ₓ Σ y‖² of a training pass, averaged over the events, and the number of parameters that
    /// its gradient does not vanish for.
    fn penalty(&self) -> (f64, usize) {
        let mut network = self.network();
        network.before_step();
        let mut in_graph = tracked(&network);
        let x = Tensor::from_inner(Self::normals(self.input, 0));
        let (y, trace) = in_graph.forward_with_trace(x, &mut self.pass());
        let ones = y.ones_like();
        let gradient = in_graph.vjp(&trace, ones, &mut LabelCotangent::default());
        assert_eq!(gradient.dims(), [3, self.input]);
        let penalty = gradient.square().sum_dim(1).mean();
        let gradients = penalty.clone().backward();
        let mut moved = 0;
        in_graph.for_each_parameter(&mut |name, parameter| {
            let Some(gradient) = parameter.gradient(&gradients) else { return };
            let gradient = to_host(gradient);
            assert!(gradient.iter().all(|g| g.is_finite()), "{name}");
            moved += usize::from(gradient.iter().any(|g| *g != 0.0));
        });
        (scalar(penalty), moved)
    }
}

#[test]
fn the_documented_networks_can_be_trained() {
    let examples = examples();
    assert_eq!(examples.len(), 7);
    for example in &examples {
        let shape = output_shape(&example.layers(), &[example.input], example.conditions)
            .expect("a network of the documentation");
        assert_eq!(shape.iter().product::<usize>(), example.output);
        let (penalty, moved) = example.penalty();
        assert!(penalty.is_finite() && penalty > 0.0, "{penalty}");
        assert!(moved >= 3, "{moved} parameters with a gradient");
    }
}

/// Along its own gradient a penalty changes by step × |gradient|.
#[test]
fn penalty_gradients_through_recurrent_layers_are_finite_differences() {
    let examples = examples();
    let is_recurrent = |layer: &LayerSettings| matches!(layer, LayerSettings::Gru(_));
    let example = examples
        .iter()
        .find(|example| example.settings.layer.iter().any(is_recurrent))
        .expect("a recurrent network");
    let network = example.network();
    let penalty = |network: &Network, x: Tensor<2>, label: Tensor<2>| {
        let mut pass = Pass::evaluation(Some(label));
        let (y, trace) = network.forward_with_trace(x, &mut pass);
        let gradient = network.vjp(&trace, y.ones_like(), &mut LabelCotangent::default());
        gradient.square().sum_dim(1).sqrt().sub_scalar(1.0).square().mean()
    };
    let (x, label) = (Example::normals(example.input, 0), Example::normals(1, 1));
    let mut in_graph = tracked(&network);
    let (tracked_x, tracked_label) =
        (Tensor::from_inner(x.clone()), Tensor::from_inner(label.clone()));
    let gradients = penalty(&in_graph, tracked_x, tracked_label).backward();
    let mut found = Vec::new();
    in_graph.for_each_parameter(&mut |_, parameter| found.push(parameter.gradient(&gradients)));
    let square = |g: &Tensor<1>| scalar(g.clone().square().sum());
    let norm = found.iter().flatten().map(square).sum::<f64>().sqrt();
    let step = 1e-2;
    let moved = |by: f64| {
        let mut moved = network.clone();
        let mut gradients = found.iter();
        moved.for_each_parameter(&mut |_, parameter| {
            if let Some(gradient) = gradients.next().expect("one for each parameter") {
                let values = parameter.take_flat() + gradient.clone() * (by / norm);
                parameter.set_flat(values);
            }
        });
        scalar(penalty(&moved, x.clone(), label.clone()))
    };
    let difference = (moved(step) - moved(-step)) / (2.0 * step);
    approx::assert_relative_eq!(difference, norm, max_relative = 5e-3);
}

#[test]
fn both_forms_of_the_first_network_are_the_same() {
    let examples = examples();
    let mut networks = [examples[0].network(), examples[1].network()];
    let [by_widths, by_layers] = &mut networks;
    assert_eq!(by_widths.describe(), by_layers.describe());
}

#[test]
fn the_deep_residual_network_has_101_layers_with_weights() {
    fn count(layers: &[LayerSettings]) -> usize {
        let of = |layer: &LayerSettings| match layer {
            LayerSettings::Repeat(repeat) => repeat.times * count(&repeat.layer),
            LayerSettings::Residual(residual) => count(&residual.layer),
            LayerSettings::Convolution2d(_) | LayerSettings::Dense(_) => 1,
            _ => 0,
        };
        layers.iter().map(of).sum()
    }
    let examples = examples();
    let deepest = examples.last().expect("there are examples");
    assert_eq!(count(&deepest.layers()), 101);
    // A penalty reaches the weights and biases of all its layers but the last bias, and biases
    // shift kinks only: at least one weight of each of the 101 layers has a gradient.
    let (penalty, moved) = deepest.penalty();
    assert!(penalty.is_finite() && penalty > 0.0, "{penalty}");
    assert!(moved >= 101, "{moved}");
}

/// Batch norms, dropout and spectral norms inside of residual and repeated layers.
const NESTED: &str = r#"
layer = [
    { kind = "reshape", shape = [2, 4, 4] },
    { kind = "batch-norm" },
    { kind = "repeat", times = 2, layer = [
        { kind = "residual", layer = [
            { kind = "convolution-2d", outputs = 5, kernel = [3, 3], padding = [1, 1], spectral_norm = true },
            { kind = "batch-norm" },
            { kind = "silu" },
            { kind = "dropout", rate = 0.3 },
        ], shortcut = [
            { kind = "convolution-2d", outputs = 5, kernel = [1, 1] },
            { kind = "batch-norm" },
        ] },
        { kind = "concatenate", embedding = 2 },
    ] },
    { kind = "minibatch-deviation" },
    { kind = "average-pool", kernel = [2, 2] },
    { kind = "dense", outputs = 6 },
    { kind = "layer-norm" },
    { kind = "projection", spectral_norm = true },
]
"#;

fn nested() -> Example {
    let settings = toml::from_str(NESTED).expect("the nested network");
    Example { input: 32, conditions: 3, output: 1, settings }
}

#[test]
fn the_vjp_of_nested_layers_is_burns_gradient() {
    let example = nested();
    let network = tracked(&example.network());
    let leaf =
        |columns, stream| Tensor::from_inner(Example::normals(columns, stream)).require_grad();
    let (x, label) = (leaf(32, 0), leaf(3, 1));
    let mut pass = example.pass();
    pass.set_label(Some(label.clone()));
    let y = network.forward(x.clone(), &mut pass);
    let ones = y.ones_like();
    let gradients = y.sum().backward();
    // The same random numbers, so the same is dropped.
    let mut pass = example.pass();
    pass.set_label(Some(label.clone()));
    let (_, trace) = network.forward_with_trace(x.clone(), &mut pass);
    let mut of_label = LabelCotangent::wanted();
    let of_x = network.vjp(&trace, ones, &mut of_label);
    let of_label = of_label.into_sum().expect("there are conditions");
    for (ours, leaf) in [(of_x, x), (of_label, label)] {
        let burns = to_host(leaf.grad(&gradients).expect("a leaf"));
        assert!(burns.iter().any(|g| g.abs() > 1e-3));
        approx::assert_abs_diff_eq!(to_host(ours).as_slice(), burns.as_slice(), epsilon = 1e-5);
    }
}

#[test]
fn nested_batch_norms_take_up_their_own_statistics() {
    let example = nested();
    let mut network = example.network();
    let mut pass = example.pass();
    pass.set_label(Some(Example::normals(3, 1)));
    let _ = network.forward(Example::normals(32, 0), &mut pass);
    let mut statistics = pass.take_statistics();
    let channels: Vec<usize> = statistics.iter().map(|[mean, _]| mean.dims()[0]).collect();
    assert_eq!(channels, [2, 5, 5, 5, 5]);
    let expected: Vec<Vec<f32>> =
        statistics.iter().map(|[mean, _]| to_host(mean.clone() * 0.1)).collect();
    network.absorb(&mut statistics);
    assert!(statistics.is_empty());
    let mut running = Vec::new();
    network.for_each_parameter(&mut |name, parameter| {
        if name.ends_with("running_mean") {
            running.push(parameter.to_host());
        }
    });
    assert_eq!(running, expected);
}

#[test]
fn only_layers_that_look_at_the_batch_mix_events() {
    assert!(nested().network().mixes_events());
    let mixing: Vec<bool> =
        examples().iter().map(|example| example.network().mixes_events()).collect();
    assert_eq!(mixing, [false, false, true, false, false, false, false]);
}

/// What serde says it expected, between backticks.
fn expected(settings: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Holder {
        #[expect(dead_code, reason = "only the message of the error is wanted")]
        layer: LayerSettings,
    }
    let message = match toml::from_str::<Holder>(settings) {
        Ok(_) => return Vec::new(),
        Err(error) => error.message().to_owned(),
    };
    let Some((_, names)) = message.split_once("expected") else { return Vec::new() };
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_table_has_every_kind_and_every_key() {
    let kinds = expected("layer = { kind = \"nonsense\" }");
    assert!(kinds.len() > 25, "{kinds:?}");
    for kind in kinds {
        let row = DOCUMENT
            .lines()
            .filter(|line| line.starts_with('|'))
            .find(|line| line.split('|').nth(1).is_some_and(|c| c.contains(&format!("`{kind}`"))))
            .unwrap_or_else(|| panic!("no row of `{kind}`"));
        let keys = row.split('|').nth(2).expect("a second column");
        for key in expected(&format!("layer = {{ kind = \"{kind}\", nonsense = 1 }}")) {
            assert!(keys.contains(&format!("`{key}`")), "no key `{key}` in the row of `{kind}`");
        }
    }
}
