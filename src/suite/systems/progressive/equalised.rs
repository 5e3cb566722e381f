use crate::nn::{Module, Parameter};

/// The module with its weights times He's constant √(2 / inputs), in the graph that they are in
/// (equalised learning rate, arXiv:1710.10196, section 4.1): the parameters themselves have the
/// variance 1, so that an optimiser that is blind to the scale of gradients moves all layers alike.
/// Biases are as they are.
pub(super) fn equalised<M: Module>(module: &M) -> M {
    let mut scaled = module.clone();
    scaled.for_each_parameter(&mut |name, parameter| {
        if name.ends_with("weight") {
            let scale = (2.0 / inputs_of(parameter) as f64).sqrt();
            let flat = parameter.take_flat();
            parameter.set_flat(flat * scale);
        }
    });
    scaled
}

/// Inputs of one unit: rows of a dense layer, `[inputs, outputs]`; channels times places of the
/// kernel of a convolution, `[outputs, inputs, rows, columns]`.
fn inputs_of(weight: &Parameter) -> usize {
    match weight.shape() {
        [inputs, _] => *inputs,
        [_, kernel @ ..] => kernel.iter().product(),
        [] => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu;
    use crate::nn::{LayerSettings, Network, Site};
    use crate::random::{Purpose, Streams};

    #[test]
    fn weights_are_scaled_and_biases_are_not() {
        let layers: Vec<LayerSettings> = [
            "kind = 'convolution-2d'\noutputs = 4\nkernel = [3, 3]",
            "kind = 'dense'\noutputs = 5",
        ]
        .iter()
        .map(|text| toml::from_str(text).expect("a layer"))
        .collect();
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let mut site = Site { labels: 0, normals: &mut normals, device: &cpu() };
        let mut network = Network::build(&layers, &[2, 4, 4], &mut site);
        network.for_each_parameter(&mut |_, p| {
            let ones = vec![1.0; p.shape().iter().product()];
            *p = Parameter::new(ones, p.shape(), &cpu());
        });
        let mut found = Vec::new();
        equalised(&network).for_each_parameter(&mut |_, p| found.push(p.to_host()[0]));
        // √(2/18), 1, and 4 channels of 2 × 2 places: √(2/16), 1.
        let expected = [1.0 / 3.0, 1.0, 0.353_553_4, 1.0];
        approx::assert_relative_eq!(found.as_slice(), &expected[..], max_relative = 1e-6);
    }
}
