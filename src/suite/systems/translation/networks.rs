//! The networks of image translation as they stand in the papers, at the size of the images.

use super::stack::PartSettings;
use crate::nn::{
    ConvolutionSettings, DropoutSettings, Initialisation, LayerSettings,
    TransposedConvolutionSettings,
};

/// The U-Net of pix2pix (arXiv:1611.07004, section 3.2.1 and appendix 6.1): `channels` are those
/// behind each convolution with stride 2, and every level hands its channels over to the other
/// side. Convolutions are 4 × 4; the encoder has leaky ReLUs, the decoder ReLUs and, on up to three
/// inner levels, dropout. There are as many levels as halve both sides of the image without a rest.
///
/// # Shapes
/// `input`: `[channels, rows, columns]`; the output has `outputs` channels in −1 to 1.
pub(in crate::suite::systems) fn u_net(
    input: &[usize],
    outputs: usize,
    channels: &[usize],
    dropout: f64,
    initialisation: Initialisation,
) -> Vec<PartSettings> {
    let mut sides = [input[1], input[2]];
    let mut depth = 0;
    while depth < channels.len() && sides.iter().all(|side| side % 2 == 0) {
        sides = sides.map(|side| side / 2);
        depth += 1;
    }
    let mut parts = level(&channels[..depth], 0, sides, outputs, dropout, initialisation);
    parts.push(PartSettings::Layers(vec![LayerSettings::Tanh]));
    parts
}

/// The parts from the image of level `at` to that of the same size on the way back.
fn level(
    channels: &[usize],
    at: usize,
    innermost: [usize; 2],
    outputs: usize,
    dropout: f64,
    initialisation: Initialisation,
) -> Vec<PartSettings> {
    const LEVELS_WITH_DROPOUT: usize = 3;
    let mut down = Vec::new();
    if at > 0 {
        down.push(LayerSettings::LeakyRelu { slope: 0.2 });
    }
    down.push(halving(channels[at], initialisation));
    let mut parts = vec![PartSettings::Layers(down)];
    let is_last = at + 1 == channels.len();
    // A channel of one place has no variance.
    let has_places = !is_last || innermost.iter().product::<usize>() > 1;
    if at > 0 && has_places {
        parts.push(PartSettings::InstanceNorm);
    }
    if !is_last {
        let inner = level(channels, at + 1, innermost, channels[at], dropout, initialisation);
        parts.push(PartSettings::Skip(inner));
    }
    let up = doubling(outputs, initialisation);
    parts.push(PartSettings::Layers(vec![LayerSettings::Relu, up]));
    if at > 0 {
        parts.push(PartSettings::InstanceNorm);
        if dropout > 0.0 && at + LEVELS_WITH_DROPOUT >= channels.len() {
            let dropout = LayerSettings::Dropout(DropoutSettings { rate: dropout });
            parts.push(PartSettings::Layers(vec![dropout]));
        }
    }
    parts
}

/// The critic of patches (arXiv:1611.07004, section 3.2.2): convolutions 4 × 4 with stride 2 as
/// long as `channels` go, then one of 3 × 3 to a map of scores, each of which sees a patch.
pub(in crate::suite::systems) fn patch_critic(
    channels: &[usize],
    initialisation: Initialisation,
) -> Vec<PartSettings> {
    let mut parts = Vec::new();
    for (i, &outputs) in channels.iter().enumerate() {
        parts.push(PartSettings::Layers(vec![halving(outputs, initialisation)]));
        if i > 0 {
            parts.push(PartSettings::InstanceNorm);
        }
        parts.push(PartSettings::Layers(vec![LayerSettings::LeakyRelu { slope: 0.2 }]));
    }
    parts.push(PartSettings::Layers(vec![convolution(1, 3, 1, 1, initialisation)]));
    parts
}

/// The generator of CycleGAN (arXiv:1703.10593, appendix 7.2): a convolution, 7 × 7 there, one of
/// 3 × 3 with stride 2 for each further number of `channels`, residual blocks of two convolutions,
/// and the same way back, all with instance normalisation.
pub(in crate::suite::systems) fn residual_generator(
    outputs: usize,
    channels: &[usize],
    kernel: usize,
    blocks: usize,
    initialisation: Initialisation,
) -> Vec<PartSettings> {
    let normalised = |layer: LayerSettings| {
        [
            PartSettings::Layers(vec![layer]),
            PartSettings::InstanceNorm,
            PartSettings::Layers(vec![LayerSettings::Relu]),
        ]
    };
    let mut parts = Vec::new();
    parts.extend(normalised(convolution(channels[0], kernel, 1, kernel / 2, initialisation)));
    for &outputs in &channels[1..] {
        parts.extend(normalised(convolution(outputs, 3, 2, 1, initialisation)));
    }
    let inner = *channels.last().expect("checked settings have channels");
    for _ in 0..blocks {
        let mut block = Vec::from(normalised(convolution(inner, 3, 1, 1, initialisation)));
        block.push(PartSettings::Layers(vec![convolution(inner, 3, 1, 1, initialisation)]));
        block.push(PartSettings::InstanceNorm);
        parts.push(PartSettings::Residual(block));
    }
    for &outputs in channels[..channels.len() - 1].iter().rev() {
        parts.extend(normalised(doubling(outputs, initialisation)));
    }
    let last = convolution(outputs, kernel, 1, kernel / 2, initialisation);
    parts.push(PartSettings::Layers(vec![last, LayerSettings::Tanh]));
    parts
}

fn convolution(
    outputs: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    initialisation: Initialisation,
) -> LayerSettings {
    LayerSettings::Convolution2d(ConvolutionSettings {
        outputs,
        kernel: vec![kernel; 2],
        stride: vec![stride; 2],
        padding: vec![padding; 2],
        initialisation,
        bias: true,
        spectral_norm: false,
    })
}

/// 4 × 4 with stride 2: half of an even side.
fn halving(outputs: usize, initialisation: Initialisation) -> LayerSettings {
    convolution(outputs, 4, 2, 1, initialisation)
}

/// Transposed, 4 × 4 with stride 2: twice the side.
fn doubling(outputs: usize, initialisation: Initialisation) -> LayerSettings {
    LayerSettings::TransposedConvolution2d(TransposedConvolutionSettings {
        outputs,
        kernel: vec![4; 2],
        stride: vec![2; 2],
        padding: vec![1; 2],
        output_padding: Vec::new(),
        initialisation,
        bias: true,
        spectral_norm: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::stack::Stack;
    use super::*;
    use crate::compute::{cpu, matrix, to_host};
    use crate::nn::{Module, Pass, Site};
    use crate::random::{Purpose, Streams};

    fn build(parts: &[PartSettings], input: &[usize]) -> Stack {
        let mut normals = Streams::new(5, Purpose::Initialisation).normals(0);
        let device = cpu();
        let mut site = Site { labels: 0, normals: &mut normals, device: &device };
        Stack::build(parts, input, &mut site).expect("the parts fit")
    }

    #[test]
    fn networks_give_images_of_the_size_they_got() {
        for [rows, columns] in [[8, 8], [16, 16], [28, 28], [8, 20]] {
            let input = [3, rows, columns];
            let net = build(&u_net(&input, 1, &[4, 6, 8], 0.5, Initialisation::He), &input);
            assert_eq!(net.output_shape(), [1, rows, columns]);
            let residual = residual_generator(2, &[4, 6], 7, 2, Initialisation::He);
            assert_eq!(build(&residual, &input).output_shape(), [2, rows, columns]);
        }
        let critic = build(&patch_critic(&[4, 8], Initialisation::He), &[2, 16, 16]);
        assert_eq!(critic.output_shape(), [1, 4, 4]);
    }

    /// By hand, with 4 × 4 kernels and biases: 1→4 68, 4→6 390, back 6→4 388, 8→1 129.
    #[test]
    fn a_u_net_hands_its_channels_over() {
        let net = build(&u_net(&[1, 8, 8], 1, &[4, 6], 0.0, Initialisation::He), &[1, 8, 8]);
        assert_eq!(net.parameter_count(), 68 + 390 + 388 + 129);
    }

    #[test]
    fn dropout_is_the_noise_of_a_u_net() {
        let net = build(&u_net(&[1, 8, 8], 1, &[4, 6], 0.5, Initialisation::He), &[1, 8, 8]);
        let x = || matrix((0..64).map(|i| (i as f32 * 0.7).sin()).collect(), 1, 64, &cpu());
        let drawn = |stream| {
            let uniforms = Streams::new(2, Purpose::Generation).uniforms(stream);
            to_host(net.forward(x(), &mut Pass::training(None, uniforms)))
        };
        assert_eq!(drawn(0), drawn(0));
        assert_ne!(drawn(0), drawn(1));
    }

    #[test]
    fn a_score_of_the_map_sees_its_patch_only() {
        let critic = build(&patch_critic(&[4], Initialisation::He), &[1, 16, 16]);
        let score = |x: Vec<f32>| {
            to_host(critic.forward(matrix(x, 1, 256, &cpu()), &mut Pass::evaluation(None)))
        };
        let dark = score(vec![0.0; 256]);
        let mut image = vec![0.0; 256];
        image[0] = 1.0;
        let changed = score(image);
        // Kernels of 4 (stride 2) and 3: the pixel in the corner reaches scores 0 and 1 of each axis.
        for (i, (a, b)) in dark.iter().zip(&changed).enumerate() {
            assert_eq!(a != b, i / 8 < 2 && i % 8 < 2, "score {i}");
        }
    }
}
