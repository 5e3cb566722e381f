use toml::Table;

use super::adversarial::Adversarial;
use super::system_file::SystemFile;
use crate::nn::{
    AveragePoolSettings, ConvolutionSettings, DenseSettings, GatedSettings, Initialisation,
    LayerSettings, NetworkSettings, ReshapeSettings, ResidualSettings,
    TransposedConvolutionSettings, UpsampleSettings,
};
use crate::suite::error::SuiteError;
use crate::suite::problem::{Problem, ProblemData};
use crate::suite::system::{RunOptions, System, Trained, Watch};
use crate::suite::tier::Tier;

/// One cell of the robustness grid of WGAN-GP's paper (arXiv:1704.00028, section 5.1): four losses
/// on seven architectures, with one set of hyper-parameters for each loss.
///
/// The architectures are of our size, for square grey or colour images of 8 to 64 pixels. With the
/// gradient penalty, batch norms of the critic are layer norms.
#[derive(Debug, Clone, Copy)]
pub struct Robustness {
    loss: Loss,
    architecture: Architecture,
    name: &'static str,
    title: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// Non-saturating.
    Gan,
    LeastSquares,
    Clipped,
    GradientPenalty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Architecture {
    /// DCGAN's generator and critic.
    Baseline,
    /// A generator without batch norm and with as many filters everywhere.
    ConstantFilters,
    /// A generator of four dense layers.
    Dense,
    NoNormalisation,
    /// Gated multiplicative units in both.
    Gated,
    /// tanh in both.
    Tanh,
    /// 101 layers with weights in both.
    Residual101,
}

macro_rules! cells {
    ($($loss:ident $short:literal, $text:literal;)*) => {
        /// All 28 cells, loss by loss.
        pub(super) const ALL: &[Robustness] = &[$(
            cell(Loss::$loss, Architecture::Baseline, concat!("robustness/", $short, "/baseline"),
                concat!($text, ", DCGAN")),
            cell(Loss::$loss, Architecture::ConstantFilters,
                concat!("robustness/", $short, "/constant-filters"),
                concat!($text, ", generator without batch norm, constant filters")),
            cell(Loss::$loss, Architecture::Dense, concat!("robustness/", $short, "/dense"),
                concat!($text, ", generator of four dense layers")),
            cell(Loss::$loss, Architecture::NoNormalisation,
                concat!("robustness/", $short, "/no-normalisation"),
                concat!($text, ", no normalisation")),
            cell(Loss::$loss, Architecture::Gated, concat!("robustness/", $short, "/gated"),
                concat!($text, ", gated multiplicative units")),
            cell(Loss::$loss, Architecture::Tanh, concat!("robustness/", $short, "/tanh"),
                concat!($text, ", tanh everywhere")),
            cell(Loss::$loss, Architecture::Residual101,
                concat!("robustness/", $short, "/resnet-101"),
                concat!($text, ", ResNet of 101 layers")),
        )*];
    };
}

cells! {
    Gan "gan", "GAN";
    LeastSquares "lsgan", "least squares GAN";
    Clipped "wgan", "WGAN with clipped weights";
    GradientPenalty "wgan-gp", "WGAN with gradient penalty";
}

const fn cell(
    loss: Loss,
    architecture: Architecture,
    name: &'static str,
    title: &'static str,
) -> Robustness {
    Robustness { loss, architecture, name, title }
}

/// Filters where images are smallest, halved with each doubling of their size.
const FILTERS: usize = 64;
/// Pixels along each side where a generator begins and a critic ends: of residual networks, and of
/// all others but for images that would have no size between.
const SMALLEST: usize = 4;
/// Width of dense generators.
const DENSE: usize = 512;
/// Filters of residual networks, whose layers are many.
const RESIDUAL_FILTERS: usize = 16;
/// Layers with weights of a residual network.
const RESIDUAL_LAYERS: usize = 101;

impl Robustness {
    /// The system for images of a shape.
    fn adversarial(&self, shape: &[usize]) -> Result<Adversarial, SuiteError> {
        let wrong = |problem: String| SuiteError::Settings { name: self.name.to_owned(), problem };
        let &[channels, rows, columns] = shape else {
            return Err(wrong(format!("events have the shape {shape:?}, expected images")));
        };
        if rows != columns || !rows.is_power_of_two() || !(8..=64).contains(&rows) {
            let expected = "expected square images of 8, 16, 32 or 64 pixels a side";
            return Err(wrong(format!("images have {rows} x {columns} pixels, {expected}")));
        }
        let image = Image { channels, size: rows };
        let networks = [
            ("generator", self.generator(image), None),
            ("critic", self.critic(image), Some(self.loss.critic())),
        ];
        let mut settings = Table::new();
        for (name, layers, more) in networks {
            let network = NetworkSettings {
                layer: layers,
                conditions: crate::nn::ConditionUse::None,
                ..NetworkSettings::default()
            };
            let network = Table::try_from(network).expect("layers are plain values");
            let mut part = Table::from_iter([("network".to_owned(), network.into())]);
            part.insert("optimiser".to_owned(), self.loss.optimiser().into());
            part.extend(more.into_iter().flatten());
            settings.insert(name.to_owned(), part.into());
        }
        let steps = i64::from(self.loss.critic_steps());
        settings.insert(
            "training".to_owned(),
            Table::from_iter([("critic_steps".to_owned(), steps.into())]).into(),
        );
        Ok(Adversarial::new(SystemFile::plain(self.name, self.title, settings)))
    }

    /// From noise to an image.
    fn generator(&self, image: Image) -> Vec<LayerSettings> {
        let mut layers = Vec::new();
        match self.architecture {
            Architecture::Dense => {
                for _ in 0..4 {
                    layers.extend([dense(DENSE), LayerSettings::Relu]);
                }
                layers.push(dense(image.channels * image.size * image.size));
                layers.push(LayerSettings::Tanh);
                return layers;
            }
            Architecture::Residual101 => return residual_generator(image),
            _ => {}
        }
        let constant = self.architecture == Architecture::ConstantFilters;
        let gated = self.architecture == Architecture::Gated;
        let normed = matches!(self.architecture, Architecture::Baseline);
        let hidden = |layers: &mut Vec<LayerSettings>| {
            if normed {
                layers.push(plain_layer("batch-norm"));
            }
            layers.push(match self.architecture {
                Architecture::Gated => LayerSettings::Gated(GatedSettings { tanh: false }),
                Architecture::Tanh => LayerSettings::Tanh,
                _ => LayerSettings::Relu,
            });
        };
        let wide = |filters: usize| if gated { 2 * filters } else { filters };
        let smallest = image.smallest();
        layers.push(dense(wide(FILTERS) * smallest * smallest));
        layers.push(reshape([wide(FILTERS), smallest, smallest]));
        hidden(&mut layers);
        let (mut size, mut filters) = (smallest, FILTERS);
        while 2 * size < image.size {
            filters = if constant { FILTERS } else { filters / 2 };
            layers.push(up(wide(filters)));
            hidden(&mut layers);
            size *= 2;
        }
        layers.extend([up(image.channels), LayerSettings::Tanh]);
        layers
    }

    /// From an image to a score.
    fn critic(&self, image: Image) -> Vec<LayerSettings> {
        if self.architecture == Architecture::Residual101 {
            return residual_critic(image);
        }
        let gated = self.architecture == Architecture::Gated;
        let normed = matches!(
            self.architecture,
            Architecture::Baseline | Architecture::ConstantFilters | Architecture::Dense
        );
        let wide = |filters: usize| if gated { 2 * filters } else { filters };
        let mut layers = vec![reshape([image.channels, image.size, image.size])];
        let mut size = image.size;
        let smallest = image.smallest();
        let mut filters = 2 * FILTERS * smallest / image.size;
        while size > smallest {
            layers.push(down(wide(filters)));
            if normed && size < image.size {
                layers.push(match self.loss {
                    Loss::GradientPenalty => plain_layer("layer-norm"),
                    _ => plain_layer("batch-norm"),
                });
            }
            layers.push(match self.architecture {
                Architecture::Gated => LayerSettings::Gated(GatedSettings { tanh: false }),
                Architecture::Tanh => LayerSettings::Tanh,
                _ => LayerSettings::LeakyRelu { slope: 0.2 },
            });
            size /= 2;
            filters = (2 * filters).min(FILTERS);
        }
        layers.extend([LayerSettings::Reshape(ReshapeSettings { shape: Vec::new() }), dense(1)]);
        layers
    }
}

#[derive(Debug, Clone, Copy)]
struct Image {
    channels: usize,
    size: usize,
}

impl Image {
    fn smallest(self) -> usize {
        SMALLEST.min(self.size / 4)
    }
}

impl Loss {
    fn critic(self) -> Table {
        toml::from_str(match self {
            Self::Gan => "objective = { kind = 'non-saturating' }",
            Self::LeastSquares => "objective = { kind = 'least-squares' }",
            Self::Clipped => "objective = { kind = 'wasserstein' }\nweight_clip = 0.01",
            Self::GradientPenalty => {
                "objective = { kind = 'wasserstein' }\n\
                 penalty = [{ kind = 'gradient-penalty', weight = 10.0 }]"
            }
        })
        .expect("written here")
    }

    fn optimiser(self) -> Table {
        toml::from_str(match self {
            Self::Gan | Self::LeastSquares => {
                "kind = 'adam'\nlearning_rate = 2e-4\nbeta1 = 0.5\nbeta2 = 0.999"
            }
            Self::Clipped => "kind = 'rmsprop'\nlearning_rate = 5e-5",
            Self::GradientPenalty => {
                "kind = 'adam'\nlearning_rate = 2e-4\nbeta1 = 0.5\nbeta2 = 0.9"
            }
        })
        .expect("written here")
    }

    fn critic_steps(self) -> u32 {
        match self {
            Self::Gan | Self::LeastSquares => 1,
            Self::Clipped | Self::GradientPenalty => 5,
        }
    }
}

fn dense(outputs: usize) -> LayerSettings {
    LayerSettings::Dense(DenseSettings {
        outputs,
        initialisation: Initialisation::He,
        bias: true,
        spectral_norm: false,
    })
}

/// A layer without settings of its own.
fn plain_layer(kind: &str) -> LayerSettings {
    let table = Table::from_iter([("kind".to_owned(), kind.into())]);
    table.try_into().expect("all its settings have defaults")
}

fn reshape(shape: [usize; 3]) -> LayerSettings {
    LayerSettings::Reshape(ReshapeSettings { shape: shape.to_vec() })
}

/// To twice the size.
fn up(outputs: usize) -> LayerSettings {
    LayerSettings::TransposedConvolution2d(TransposedConvolutionSettings {
        outputs,
        kernel: vec![4, 4],
        stride: vec![2, 2],
        padding: vec![1, 1],
        output_padding: Vec::new(),
        initialisation: Initialisation::He,
        bias: true,
        spectral_norm: false,
    })
}

/// To half the size.
fn down(outputs: usize) -> LayerSettings {
    convolution(outputs, 4, 2, Initialisation::He)
}

fn convolution(
    outputs: usize,
    kernel: usize,
    stride: usize,
    initialisation: Initialisation,
) -> LayerSettings {
    LayerSettings::Convolution2d(ConvolutionSettings {
        outputs,
        kernel: vec![kernel, kernel],
        stride: vec![stride, stride],
        padding: vec![1, 1],
        initialisation,
        bias: true,
        spectral_norm: false,
    })
}

/// Two convolutions around which the input is added. The second begins small, so that the sum of
/// many blocks begins as their input.
fn block() -> LayerSettings {
    let small = Initialisation::Normal { deviation: 0.01 };
    LayerSettings::Residual(ResidualSettings {
        layer: vec![
            LayerSettings::Relu,
            convolution(RESIDUAL_FILTERS, 3, 1, Initialisation::He),
            LayerSettings::Relu,
            convolution(RESIDUAL_FILTERS, 3, 1, small),
        ],
        shortcut: Vec::new(),
    })
}

/// Blocks at each size but the smallest; all others are there.
const BLOCKS_ABOVE: usize = 1;

/// Blocks at the smallest size, so that there are [`RESIDUAL_LAYERS`] layers beside `others`.
fn blocks_below(others: usize, sizes: usize) -> usize {
    (RESIDUAL_LAYERS - others) / 2 - BLOCKS_ABOVE * sizes
}

/// A dense layer, blocks, and a convolution to the image; between sizes, neighbours are repeated.
fn residual_generator(image: Image) -> Vec<LayerSettings> {
    let doublings = (image.size / SMALLEST).ilog2() as usize;
    let mut layers = vec![
        dense(RESIDUAL_FILTERS * SMALLEST * SMALLEST),
        reshape([RESIDUAL_FILTERS, SMALLEST, SMALLEST]),
        // With this one the layers are odd in number, as their sum is.
        convolution(RESIDUAL_FILTERS, 3, 1, Initialisation::He),
    ];
    layers.extend((0..blocks_below(3, doublings)).map(|_| block()));
    for _ in 0..doublings {
        layers.push(LayerSettings::Upsample(UpsampleSettings { factors: vec![2, 2] }));
        layers.extend((0..BLOCKS_ABOVE).map(|_| block()));
    }
    layers.push(LayerSettings::Relu);
    layers.push(convolution(image.channels, 3, 1, Initialisation::Glorot));
    layers.push(LayerSettings::Tanh);
    layers
}

/// A convolution, blocks with averages between sizes, a convolution and a dense layer.
fn residual_critic(image: Image) -> Vec<LayerSettings> {
    let halvings = (image.size / SMALLEST).ilog2() as usize;
    let mut layers = vec![
        reshape([image.channels, image.size, image.size]),
        convolution(RESIDUAL_FILTERS, 3, 1, Initialisation::He),
    ];
    for _ in 0..halvings {
        layers.extend((0..BLOCKS_ABOVE).map(|_| block()));
        layers.push(LayerSettings::AveragePool(AveragePoolSettings { kernel: vec![2, 2] }));
    }
    layers.extend((0..blocks_below(3, halvings)).map(|_| block()));
    layers.extend([
        LayerSettings::Relu,
        convolution(RESIDUAL_FILTERS, 3, 1, Initialisation::He),
        LayerSettings::Relu,
        LayerSettings::Reshape(ReshapeSettings { shape: Vec::new() }),
        dense(1),
    ]);
    layers
}

impl System for Robustness {
    fn name(&self) -> &str {
        self.name
    }

    fn title(&self) -> &str {
        self.title
    }

    fn source(&self) -> &str {
        "arXiv:1704.00028, section 5.1"
    }

    fn formula(&self) -> &str {
        match self.loss {
            Loss::Gan => "as gan",
            Loss::LeastSquares => "as lsgan",
            Loss::Clipped => "as wgan",
            Loss::GradientPenalty => "as wgan-gp",
        }
    }

    fn takes(&self, problem: &dyn Problem) -> Result<(), String> {
        if problem.tier() != Tier::Images || problem.template().is_none() {
            return Err("the grid is one of image networks".to_owned());
        }
        Ok(())
    }

    fn settings(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<(String, u64), SuiteError> {
        self.adversarial(&data.shape)?.settings(problem, data, options)
    }

    fn train(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
        watch: &mut dyn Watch,
    ) -> Result<Box<dyn Trained>, SuiteError> {
        self.adversarial(&data.shape)?.train(problem, data, options, watch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::output_shape;

    fn weighted(layers: &[LayerSettings]) -> usize {
        let count = |layer: &LayerSettings| match layer {
            LayerSettings::Residual(residual) => weighted(&residual.layer),
            LayerSettings::Dense(_)
            | LayerSettings::Convolution2d(_)
            | LayerSettings::TransposedConvolution2d(_) => 1,
            _ => 0,
        };
        layers.iter().map(count).sum()
    }

    #[test]
    fn all_cells_have_networks_that_fit_images_of_every_size() {
        assert_eq!(ALL.len(), 28);
        for cell in ALL {
            for size in [8, 16, 32] {
                let image = Image { channels: 3, size };
                let made = output_shape(&cell.generator(image), &[64], 0).expect(cell.name);
                assert_eq!(made.iter().product::<usize>(), 3 * size * size, "{}", cell.name);
                let score = output_shape(&cell.critic(image), &[3 * size * size], 0);
                assert_eq!(score.expect(cell.name), [1]);
                cell.adversarial(&[3, size, size]).expect(cell.name);
            }
        }
    }

    #[test]
    fn no_two_cells_of_a_loss_are_the_same() {
        for size in [8, 16, 32] {
            let image = Image { channels: 1, size };
            for cells in ALL.chunks(7) {
                let networks: Vec<_> =
                    cells.iter().map(|cell| (cell.generator(image), cell.critic(image))).collect();
                for (i, one) in networks.iter().enumerate() {
                    assert!(!networks[..i].contains(one), "{}", cells[i].name);
                }
            }
        }
    }

    #[test]
    fn residual_networks_have_101_layers() {
        for size in [8, 16, 32] {
            let image = Image { channels: 1, size };
            assert_eq!(weighted(&residual_generator(image)), RESIDUAL_LAYERS);
            assert_eq!(weighted(&residual_critic(image)), RESIDUAL_LAYERS);
        }
    }
}
