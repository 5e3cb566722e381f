//! Every configuration in `configs/` and `benches/configs/` is valid, and the networks of the
//! literature have the numbers of parameters that were published.

use std::path::Path;

use showerforge::nn::{Module, Network, NetworkSettings, Parameter, Site, output_shape};
use showerforge::random::{Purpose, Streams};
use showerforge::settings::CheckedSettings;

fn settings(path: &Path) -> CheckedSettings {
    let text = std::fs::read_to_string(path).expect("a configuration");
    CheckedSettings::from_toml(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn named(name: &str) -> CheckedSettings {
    settings(&Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name))
}

#[test]
fn every_configuration_is_valid() {
    let mut found = 0;
    for folder in ["configs", "benches/configs"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                settings(&path);
                found += 1;
            }
        }
    }
    assert!(found >= 20, "{found}");
}

/// All parameters, and those of batch norms' running statistics, as Keras counts them.
fn parameters(network: &NetworkSettings, inputs: usize, outputs: usize, labels: usize) -> usize {
    let device = showerforge::compute::cpu();
    let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
    let mut site = Site { labels, normals: &mut normals, device: &device };
    let layers = network.layers(outputs).expect("one form");
    output_shape(&layers, &[inputs], labels).expect("fitting layers");
    let mut count = 0;
    let mut visit = |_: &str, parameter: &mut Parameter| {
        count += parameter.shape().iter().product::<usize>();
    };
    Module::for_each_parameter(&mut Network::build(&layers, &[inputs], &mut site), &mut visit);
    count
}

/// The counts that follow from the published files of CaloShowerGAN: 880,541 and 1,715,742 for
/// pions; for photons, 104,740 and 262,640 are the two generators of 367,380 in all, and 408,113 each
/// of the two critics of a sum of 1,183,606.
#[test]
fn caloshowergan_has_its_published_numbers_of_parameters() {
    let pions = named("pions-caloshowergan.toml");
    let generator = parameters(&pions.generator.network, 200, 541, 1);
    assert_eq!(generator, 880_541);
    assert_eq!(generator + parameters(&pions.critic[0].network, 541, 1, 1), 1_715_742);
    let photons = named("photons-caloshowergan.toml");
    let generator = parameters(&photons.generator.network, 50, 368, 1);
    let critic = parameters(&photons.critic[0].network, 368, 1, 1);
    assert_eq!((generator, critic), (104_740, 408_113));
    assert_eq!(1_183_606 - 367_380, 2 * critic);
}

#[test]
fn the_3dgan_of_clic_flattens_to_its_19_152_features() {
    let settings = named("clic-ecal-51-3dgan.toml");
    let critic = &settings.critic[0].network.layer;
    let shape = output_shape(&critic[..critic.len() - 1], &[25 * 51 * 51], 2);
    assert_eq!(shape.map(|shape| shape.iter().product()), Ok(19_152));
    let grid = named("regular-grid-getting-high.toml");
    let features = |critic: usize, kind: &str| {
        let layers = &grid.critic[critic].network.layer;
        let at = layers.iter().position(|layer| layer.kind() == kind).expect(kind);
        let shape = output_shape(&layers[..at], &[27_000], 3).expect("fitting layers");
        shape.iter().product::<usize>()
    };
    assert_eq!((features(0, "concatenate"), features(1, "dense")), (90, 2_000));
}
