use burn::Dispatch;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::backend::Backend;
use rand_chacha::ChaCha8Rng;

use super::layers::{BasicBlock, BatchNorm, Convolution, Role, Start, max_pool};
use crate::classifier::training::LogitNetwork;
use crate::random::uniform;

/// Channels of the four stages, each of two blocks.
const STAGES: [usize; 4] = [32, 64, 64, 128];

/// What a [`ResNet`] takes: so many conditions, then the channels of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Input {
    pub conditions: usize,
    pub channels: usize,
    /// Depth, rows and columns.
    pub volume: [usize; 3],
}

/// CaloChallenge's ResNet-18 in three dimensions (arXiv:2410.21611; He et al., arXiv:1512.03385):
/// a 7 × 7 × 7 convolution at a distance of 2 and a pooling of the greatest of 3 × 3 × 3, four
/// stages of two blocks, of which the last three begin at a distance of 2, and the mean over all
/// places, which enters the last linear layer with the conditions after batch normalisation.
#[derive(Module, Debug)]
pub(super) struct ResNet<B: Backend> {
    stem: Convolution<B>,
    stem_norm: BatchNorm<B>,
    blocks: Vec<BasicBlock<B>>,
    condition_norm: Option<BatchNorm<B>>,
    last: Linear<B>,
    conditions: usize,
    channels: usize,
    depth: usize,
    rows: usize,
    columns: usize,
}

impl<B: Backend> ResNet<B> {
    /// Draws the parameters in the order in which the layers stand here, blocks with their way
    /// past at their end, the running statistics of a normalisation after its scale and shift.
    pub(super) fn new(input: Input, start: &mut Start<'_, B>) -> Self {
        let Input { conditions, channels, volume: [depth, rows, columns] } = input;
        let stem = Convolution::new(channels, STAGES[0], 7, 2, start);
        let stem_norm = BatchNorm::new(STAGES[0], start);
        let mut blocks = Vec::with_capacity(2 * STAGES.len());
        let mut inputs = STAGES[0];
        for (stage, &outputs) in STAGES.iter().enumerate() {
            let stride = if stage == 0 { 1 } else { 2 };
            blocks.push(BasicBlock::new(inputs, outputs, stride, start));
            blocks.push(BasicBlock::new(outputs, outputs, 1, start));
            inputs = outputs;
        }
        let condition_norm = (conditions > 0).then(|| BatchNorm::new(conditions, start));
        let inputs = inputs + conditions;
        let role = Role::Linear { inputs };
        let last = Linear {
            weight: Param::from_tensor(start.tensor(role, [inputs, 1])),
            bias: Some(Param::from_tensor(start.tensor(role, [1]))),
        };
        Self {
            stem,
            stem_norm,
            blocks,
            condition_norm,
            last,
            conditions,
            channels,
            depth,
            rows,
            columns,
        }
    }

    /// # Shapes
    /// `inputs`: `[events, conditions + channels · depth · rows · columns]`; the logits are
    /// `[events, 1]`.
    pub(super) fn forward(&self, inputs: Tensor<B, 2>, training: bool) -> Tensor<B, 2> {
        let [events, width] = inputs.dims();
        let volume = inputs.clone().narrow(1, self.conditions, width - self.conditions);
        let x = volume.reshape([events, self.channels, self.depth, self.rows, self.columns]);
        let x = relu(self.stem_norm.volumes(self.stem.forward(x), training));
        let mut x = max_pool(x);
        for block in &self.blocks {
            x = block.forward(x, training);
        }
        let [_, channels, depth, rows, columns] = x.dims();
        // [events, channels]
        let mut x = x
            .reshape([events, channels, depth * rows * columns])
            .mean_dim(2)
            .reshape([events, channels]);
        if let Some(norm) = &self.condition_norm {
            let conditions = norm.flat(inputs.narrow(1, 0, self.conditions), training);
            x = Tensor::cat(vec![x, conditions], 1);
        }
        self.last.forward(x)
    }
}

impl LogitNetwork for ResNet<Dispatch> {
    const SCORED_TOGETHER: usize = 64;

    fn training_logits(
        &self,
        inputs: Tensor<Dispatch, 2>,
        _random: &mut ChaCha8Rng,
    ) -> Tensor<Dispatch, 2> {
        self.forward(inputs, true)
    }

    fn logits(&self, inputs: Tensor<Dispatch, 2>) -> Tensor<Dispatch, 2> {
        self.forward(inputs, false)
    }
}

/// Kernels normal with variance 2 / fan out (He et al., arXiv:1502.01852), normalisations that do
/// nothing yet, the linear layer uniform in ±1/√inputs.
pub(super) fn first_values(role: Role, count: usize, random: &mut ChaCha8Rng) -> Vec<f32> {
    match role {
        Role::Kernel { fan_out } => {
            let deviation = (2.0 / fan_out as f64).sqrt();
            (0..count).map(|_| (deviation * normal(random)) as f32).collect()
        }
        Role::Scale | Role::RunningVariance => vec![1.0; count],
        Role::Shift | Role::RunningMean => vec![0.0; count],
        Role::Linear { inputs } => {
            let bound = 1.0 / (inputs as f64).sqrt();
            (0..count).map(|_| ((2.0 * uniform(random) - 1.0) * bound) as f32).collect()
        }
    }
}

/// Standard normal, by Box and Muller.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (radius, angle) = (1.0 - uniform(random), uniform(random));
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::DispatchDevice;
    use burn::module::AutodiffModule;
    use burn::tensor::TensorData;
    use serde_json::Value;

    /// The generator of `tests/crosscheck/resnet.py`.
    struct Numbers(u64);

    impl Numbers {
        fn uniform(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 40) as f64 / f64::from(1 << 24)
        }
    }

    fn network(input: Input, device: &DispatchDevice) -> ResNet<Dispatch> {
        let mut numbers = Numbers(7);
        let mut draw = |role: Role, count: usize| -> Vec<f32> {
            let (centre, width) = match role {
                Role::Kernel { fan_out } => (0.0, (6.0 / fan_out as f64).sqrt()),
                Role::Scale | Role::RunningVariance => (1.0, 0.3),
                Role::Shift | Role::RunningMean => (0.0, 0.2),
                Role::Linear { .. } => (0.0, 0.5),
            };
            (0..count).map(|_| (centre + width * (2.0 * numbers.uniform() - 1.0)) as f32).collect()
        };
        ResNet::new(input, &mut Start { draw: &mut draw, device })
    }

    fn events(count: usize, input: Input, device: &DispatchDevice) -> Tensor<Dispatch, 2> {
        let width = input.conditions + input.channels * input.volume.iter().product::<usize>();
        let mut numbers = Numbers(11);
        let values: Vec<f32> = (0..count * width).map(|_| numbers.uniform() as f32).collect();
        Tensor::from_data(TensorData::new(values, [count, width]), device)
    }

    fn numbers<const D: usize>(tensor: Tensor<Dispatch, D>) -> Vec<f32> {
        tensor.into_data().to_vec().expect("32-bit numbers")
    }

    /// Within 10⁻⁵ of the greatest value, or within five times what rounding does in PyTorch
    /// with 32 bits: batches of few places have small deviations to be divided by.
    #[track_caller]
    fn close(found: &[f32], case: &Value, name: &str) {
        let expected = case[name].as_array().expect("a list").iter();
        let expected: Vec<f64> = expected.map(|value| value.as_f64().expect("a number")).collect();
        assert_eq!(found.len(), expected.len());
        let greatest = expected.iter().fold(0.0, |greatest: f64, value| greatest.max(value.abs()));
        let rounding = case["rounding"][name].as_f64().expect("a number");
        for (found, expected) in found.iter().zip(&expected) {
            let difference = (f64::from(*found) - expected).abs();
            let within = (5.0 * rounding).max(1e-5) * greatest;
            assert!(difference <= within, "{name}: {found} {expected}");
        }
    }

    /// Guards kernels, strides, padding, pooling and both kinds of batch normalisation, and burn's
    /// derivatives of all of them.
    #[test]
    fn forward_and_backward_are_those_of_pytorch() {
        let golden: Value =
            serde_json::from_str(include_str!("../../../../tests/crosscheck/resnet.json"))
                .expect("the fixture is JSON");
        let device = DispatchDevice::Flex(Default::default());
        let differentiable = DispatchDevice::autodiff(device.clone());
        for case in golden["cases"].as_array().expect("a list") {
            let whole = |of: &Value| of.as_u64().expect("a number") as usize;
            let volume = [0, 1, 2].map(|axis| whole(&case["volume"][axis]));
            let input = Input {
                conditions: whole(&case["conditions"]),
                channels: whole(&case["channels"]),
                volume,
            };
            let network = network(input, &differentiable);
            let evaluated = network.valid().forward(events(6, input, &device), false);
            close(&numbers(evaluated), case, "evaluated");

            let logits = network.forward(events(6, input, &differentiable), true);
            close(&numbers(logits.clone()), case, "trained");
            let gradients = logits.square().mean().backward();
            let spread = |kernel: &Tensor<Dispatch, 5>| -> Vec<f32> {
                let gradient = numbers(kernel.grad(&gradients).expect("is trained"));
                let step = gradient.len() / 20;
                gradient.into_iter().step_by(step).take(20).collect()
            };
            close(&spread(&network.stem.kernel()), case, "stem_gradient");
            close(&spread(&network.blocks[2].kernel()), case, "middle_gradient");
            let last = network.last.weight.grad(&gradients).expect("is trained");
            close(&numbers(last)[..20], case, "last_gradient");

            // What training moved the running statistics to.
            let evaluated = network.valid().forward(events(6, input, &device), false);
            close(&numbers(evaluated), case, "evaluated_after");
        }
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        use crate::random::{Purpose, generator};
        let mut random = generator(3, Purpose::ClassifierWeights);
        let drawn: Vec<f64> = (0..20_000).map(|_| normal(&mut random)).collect();
        let mean = drawn.iter().sum::<f64>() / 2e4;
        let variance = drawn.iter().map(|value| value * value).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }
}
