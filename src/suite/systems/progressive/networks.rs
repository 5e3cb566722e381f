//! Generator and critic that grow (arXiv:1710.10196, figure 2 and table 2), for images of any
//! number of channels.

use super::stage::{SMALLEST_SIDE, Stage};
use crate::compute::Tensor;
use crate::nn::{
    AveragePoolSettings, ConvolutionSettings, DenseSettings, Initialisation, LabelCotangent,
    LayerSettings, MinibatchDeviationSettings, Module, Network, Parameter, Pass, PixelNormSettings,
    ReshapeSettings, Site, Trace, UpsampleSettings, feature_count, for_each_in,
};

/// From noise to images.
#[derive(Debug, Clone)]
pub(super) struct GrowingGenerator {
    /// From noise to features of 4 × 4.
    stem: Network,
    /// Level l makes features of twice the side from those of level l − 1.
    blocks: Vec<Network>,
    /// From the features of each level to its images.
    to_image: Vec<Network>,
    /// From images of each level to those of the next.
    doubling: Vec<Network>,
}

/// From images to scores.
#[derive(Debug, Clone)]
pub(super) struct GrowingCritic {
    from_image: Vec<Network>,
    /// Level l makes features of level l − 1.
    blocks: Vec<Network>,
    /// From features of 4 × 4 to the score, with the deviation over the batch beside them.
    tail: Network,
    /// From images of each level but the first to those of the one before.
    halving: Vec<Network>,
}

/// What [`GrowingCritic::vjp`] needs.
#[derive(Debug)]
pub(super) struct CriticTrace {
    stage: Stage,
    /// From the image to features: of the newest level, and of the one before while it fades.
    new: Vec<Trace>,
    old: Option<[Trace; 2]>,
    /// Of the blocks after that, then the tail.
    rest: Vec<Trace>,
}

fn leaky() -> LayerSettings {
    LayerSettings::LeakyRelu { slope: 0.2 }
}

fn pixel_norm() -> LayerSettings {
    LayerSettings::PixelNorm(PixelNormSettings {})
}

/// With the variance 1, as equalised layers have it.
fn convolution(outputs: usize, kernel: usize) -> LayerSettings {
    LayerSettings::Convolution2d(ConvolutionSettings {
        outputs,
        kernel: vec![kernel; 2],
        stride: Vec::new(),
        padding: vec![kernel / 2; 2],
        initialisation: Initialisation::Normal { deviation: 1.0 },
        bias: true,
        spectral_norm: false,
    })
}

fn dense(outputs: usize) -> LayerSettings {
    LayerSettings::Dense(DenseSettings {
        outputs,
        initialisation: Initialisation::Normal { deviation: 1.0 },
        bias: true,
        spectral_norm: false,
    })
}

fn upsample() -> LayerSettings {
    LayerSettings::Upsample(UpsampleSettings { factors: vec![2; 2] })
}

fn average_pool() -> LayerSettings {
    LayerSettings::AveragePool(AveragePoolSettings { kernel: vec![2; 2] })
}

/// `[channels, side, side]` at a level.
fn grid(channels: usize, level: usize) -> [usize; 3] {
    let side = SMALLEST_SIDE << level;
    [channels, side, side]
}

/// Both images, the new one with the share α; just one where the other has no share.
fn blend(old: Tensor<2>, new: Tensor<2>, alpha: f64) -> Tensor<2> {
    if alpha == 0.0 { old } else { old * (1.0 - alpha) + new * alpha }
}

fn visit_all(networks: &mut [Network], name: &str, visit: &mut dyn FnMut(&str, &mut Parameter)) {
    for (i, network) in networks.iter_mut().enumerate() {
        for_each_in(network, &format!("{name}.{i}"), visit);
    }
}

impl GrowingGenerator {
    /// `channels` are those of the features of each level, from 4 × 4 on.
    pub fn new(latent: usize, channels: &[usize], image: usize, site: &mut Site<'_>) -> Self {
        let first = grid(channels[0], 0);
        let stem = [
            pixel_norm(),
            dense(feature_count(&first)),
            LayerSettings::Reshape(ReshapeSettings { shape: first.to_vec() }),
            leaky(),
            pixel_norm(),
            convolution(channels[0], 3),
            leaky(),
            pixel_norm(),
        ];
        let mut build =
            |layers: &[LayerSettings], input: &[usize]| Network::build(layers, input, site);
        let stem = build(&stem, &[latent]);
        let mut blocks = Vec::new();
        for (level, &outputs) in channels.iter().enumerate().skip(1) {
            let convolved = || [convolution(outputs, 3), leaky(), pixel_norm()];
            let layers = [vec![upsample()], convolved().into(), convolved().into()].concat();
            blocks.push(build(&layers, &grid(channels[level - 1], level - 1)));
        }
        let to_image = (0..channels.len())
            .map(|level| build(&[convolution(image, 1)], &grid(channels[level], level)))
            .collect();
        let doubling = (0..channels.len() - 1)
            .map(|level| build(&[upsample()], &grid(image, level)))
            .collect();
        Self { stem, blocks, to_image, doubling }
    }

    /// Images of the stage's side; with α = 0 those of the level before, each pixel as a block of
    /// four.
    ///
    /// # Shapes
    /// `noise`: `[events, latent]`; `[events, channels × side²]`.
    pub fn forward(&self, noise: Tensor<2>, stage: Stage) -> Tensor<2> {
        let pass = &mut Pass::evaluation(None);
        let mut features = self.stem.forward(noise, pass);
        let Some(before) = stage.level.checked_sub(1) else {
            return self.to_image[0].forward(features, pass);
        };
        for block in &self.blocks[..before] {
            features = block.forward(features, pass);
        }
        let old = (stage.alpha < 1.0).then(|| {
            let image = self.to_image[before].forward(features.clone(), pass);
            self.doubling[before].forward(image, pass)
        });
        let features = self.blocks[before].forward(features, pass);
        let new = self.to_image[stage.level].forward(features, pass);
        match old {
            Some(old) => blend(old, new, stage.alpha),
            None => new,
        }
    }

    /// Images of level `from` as larger ones of level `to`.
    pub fn enlarge(&self, mut images: Tensor<2>, from: usize, to: usize) -> Tensor<2> {
        for doubling in &self.doubling[from..to] {
            images = doubling.forward(images, &mut Pass::evaluation(None));
        }
        images
    }
}

impl Module for GrowingGenerator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.stem, "stem", visit);
        visit_all(&mut self.blocks, "blocks", visit);
        visit_all(&mut self.to_image, "to-image", visit);
    }
}

impl GrowingCritic {
    /// `channels` are those of the features of each level, from 4 × 4 on.
    pub fn new(channels: &[usize], image: usize, site: &mut Site<'_>) -> Self {
        let mut build =
            |layers: &[LayerSettings], input: &[usize]| Network::build(layers, input, site);
        let from_image = (0..channels.len())
            .map(|level| build(&[convolution(channels[level], 1), leaky()], &grid(image, level)))
            .collect();
        let mut blocks = Vec::new();
        for (level, &inputs) in channels.iter().enumerate().skip(1) {
            let layers = [
                convolution(inputs, 3),
                leaky(),
                convolution(channels[level - 1], 3),
                leaky(),
                average_pool(),
            ];
            blocks.push(build(&layers, &grid(inputs, level)));
        }
        let tail = [
            LayerSettings::MinibatchDeviation(MinibatchDeviationSettings {}),
            convolution(channels[0], 3),
            leaky(),
            dense(channels[0]),
            leaky(),
            dense(1),
        ];
        let tail = build(&tail, &grid(channels[0], 0));
        let halving = (1..channels.len())
            .map(|level| build(&[average_pool()], &grid(image, level)))
            .collect();
        Self { from_image, blocks, tail, halving }
    }

    /// # Shapes
    /// `[events, channels × side²]` to `[events, 1]`.
    pub fn forward(&self, images: Tensor<2>, stage: Stage) -> Tensor<2> {
        self.forward_with_trace(images, stage).0
    }

    /// The scores, and what [`Self::vjp`] needs.
    pub fn forward_with_trace(&self, images: Tensor<2>, stage: Stage) -> (Tensor<2>, CriticTrace) {
        let pass = &mut Pass::evaluation(None);
        let mut trace = CriticTrace { stage, new: Vec::new(), old: None, rest: Vec::new() };
        let (mut features, part) =
            self.from_image[stage.level].forward_with_trace(images.clone(), pass);
        trace.new.push(part);
        if let Some(before) = stage.level.checked_sub(1) {
            let (new, part) = self.blocks[before].forward_with_trace(features, pass);
            trace.new.push(part);
            features = new;
            if stage.alpha < 1.0 {
                let (halved, first) = self.halving[before].forward_with_trace(images, pass);
                let (old, second) = self.from_image[before].forward_with_trace(halved, pass);
                trace.old = Some([first, second]);
                features = blend(old, features, stage.alpha);
            }
            for block in self.blocks[..before].iter().rev() {
                let (behind, part) = block.forward_with_trace(features, pass);
                trace.rest.push(part);
                features = behind;
            }
        }
        let (score, part) = self.tail.forward_with_trace(features, pass);
        trace.rest.push(part);
        (score, trace)
    }

    /// ∇ₓ Σ score, as a graph that is differentiated once more with respect to the weights.
    ///
    /// # Shapes
    /// `[events, 1]` to `[events, channels × side²]`.
    pub fn vjp(&self, trace: &CriticTrace, cotangent: Tensor<2>) -> Tensor<2> {
        let Stage { level, alpha } = trace.stage;
        let label = &mut LabelCotangent::default();
        let (last, inner) = trace.rest.split_last().expect("the tail is always there");
        let mut g = self.tail.vjp(last, cotangent, label);
        for (block, part) in self.blocks.iter().zip(inner.iter().rev()) {
            g = block.vjp(part, g, label);
        }
        let Some(before) = level.checked_sub(1) else {
            return self.from_image[0].vjp(&trace.new[0], g, label);
        };
        let new = self.blocks[before].vjp(&trace.new[1], g.clone(), label);
        let new = self.from_image[level].vjp(&trace.new[0], new, label);
        match &trace.old {
            Some([first, second]) => {
                let old = self.from_image[before].vjp(second, g, label);
                let old = self.halving[before].vjp(first, old, label);
                blend(old, new, alpha)
            }
            None => new,
        }
    }

    /// Images of level `from` as smaller ones of level `to`.
    pub fn reduce(&self, mut images: Tensor<2>, from: usize, to: usize) -> Tensor<2> {
        for halving in self.halving[to..from].iter().rev() {
            images = halving.forward(images, &mut Pass::evaluation(None));
        }
        images
    }
}

impl Module for GrowingCritic {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        visit_all(&mut self.from_image, "from-image", visit);
        visit_all(&mut self.blocks, "blocks", visit);
        for_each_in(&mut self.tail, "tail", visit);
    }
}

#[cfg(test)]
mod tests {
    use super::super::equalised::equalised;
    use super::*;
    use crate::compute::{cpu, matrix, to_host};
    use crate::nn::tracked;
    use crate::random::{Normals, Purpose, Streams};

    const CHANNELS: [usize; 3] = [5, 4, 3];

    fn normals() -> Normals {
        Streams::new(6, Purpose::Initialisation).normals(0)
    }

    fn generator() -> GrowingGenerator {
        let device = cpu();
        let mut site = Site { labels: 0, normals: &mut normals(), device: &device };
        equalised(&GrowingGenerator::new(7, &CHANNELS, 2, &mut site))
    }

    fn critic() -> GrowingCritic {
        let device = cpu();
        let mut site = Site { labels: 0, normals: &mut normals(), device: &device };
        equalised(&GrowingCritic::new(&CHANNELS, 2, &mut site))
    }

    fn draw(events: usize, columns: usize) -> Tensor<2> {
        let mut values = vec![0.0; events * columns];
        Streams::new(8, Purpose::GeneratorNoise).normals(1).fill(&mut values);
        matrix(values, events, columns, &cpu())
    }

    #[test]
    fn a_level_begins_as_the_one_before_enlarged() {
        let generator = generator();
        for level in 1..3 {
            let before = Stage { level: level - 1, alpha: 1.0 };
            let small = generator.forward(draw(3, 7), before);
            let expected = to_host(generator.enlarge(small, level - 1, level));
            let at = |alpha| to_host(generator.forward(draw(3, 7), Stage { level, alpha }));
            assert_eq!(at(0.0), expected);
            assert_eq!(expected.len(), 3 * 2 * (4 << level) * (4 << level));
            // Little changes at first, and it is the new image in the end.
            let new = at(1.0);
            let half = at(0.5);
            for ((old, new), half) in expected.iter().zip(&new).zip(&half) {
                approx::assert_abs_diff_eq!((old + new) / 2.0, *half, epsilon = 1e-5);
            }
        }
    }

    #[test]
    fn a_critic_at_alpha_0_sees_halved_images() {
        let critic = critic();
        let images = draw(4, 2 * 64);
        let halved = critic.reduce(images.clone(), 1, 0);
        let expected = to_host(critic.forward(halved, Stage { level: 0, alpha: 1.0 }));
        let found = to_host(critic.forward(images, Stage { level: 1, alpha: 0.0 }));
        approx::assert_abs_diff_eq!(found.as_slice(), expected.as_slice(), epsilon = 1e-5);
    }

    #[test]
    fn the_vjp_is_burns_own_gradient() {
        let critic = critic();
        for (level, alpha) in [(0, 1.0), (1, 0.3), (1, 1.0), (2, 0.0), (2, 0.6), (2, 1.0)] {
            let stage = Stage { level, alpha };
            let images = Tensor::from_inner(draw(4, 2 * stage.side().pow(2))).require_grad();
            let (score, trace) = tracked(&critic).forward_with_trace(images.clone(), stage);
            let ours = tracked(&critic).vjp(&trace, score.ones_like().detach());
            let gradients = score.sum().backward();
            approx::assert_abs_diff_eq!(
                to_host(ours.inner()).as_slice(),
                to_host(images.grad(&gradients).expect("a leaf")).as_slice(),
                epsilon = 1e-5
            );
        }
    }
}
